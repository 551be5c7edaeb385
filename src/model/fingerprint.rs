//! What an object looked like when it was read.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A digest of each field that can be written, by TaskRouter's name of it. Two fingerprints of one
/// object tell which of its fields somebody has changed in between, and nothing of their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// In order of the names.
    digests: Vec<(Cow<'static, str>, u64)>,
}

impl Fingerprint {
    /// The digests by field.
    pub fn new(digests: impl IntoIterator<Item = (Cow<'static, str>, u64)>) -> Self {
        let mut digests: Vec<_> = digests.into_iter().collect();
        digests.sort_unstable();
        Self { digests }
    }

    /// The fields that are different now.
    pub fn moved<'a>(&'a self, now: &'a Self) -> BTreeSet<&'a str> {
        let then: BTreeSet<_> = self.digests.iter().collect();
        let now: BTreeSet<_> = now.digests.iter().collect();
        then.symmetric_difference(&now).map(|(field, _)| &**field).collect()
    }
}

/// Digests as 16 hexadecimal digits, since JSON has no whole numbers of 64 bits.
impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.digests.iter().map(|(field, d)| (field, format!("{d:016x}"))))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digests = BTreeMap::<String, String>::deserialize(deserializer)?;
        let read = digests.into_iter().map(|(field, digest)| {
            let digest = u64::from_str_radix(&digest, 16).map_err(serde::de::Error::custom)?;
            Ok((Cow::Owned(field), digest))
        });
        Ok(Self::new(read.collect::<Result<Vec<_>, D::Error>>()?))
    }
}

impl schemars::JsonSchema for Fingerprint {
    fn schema_name() -> Cow<'static, str> {
        "Fingerprint".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A digest of each field that can be written, by TaskRouter's name of it.",
            "type": "object",
            "additionalProperties": { "type": "string", "pattern": "^[0-9a-f]{16}$" }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[(&'static str, u64)]) -> Fingerprint {
        Fingerprint::new(fields.iter().map(|(field, digest)| (Cow::Borrowed(*field), *digest)))
    }

    #[test]
    fn a_field_has_moved_when_its_digest_differs_or_is_on_one_side_only() {
        let then = of(&[("friendly_name", 1), ("target_workers", 2), ("gone", 3)]);
        let now = of(&[("target_workers", 9), ("new", 4), ("friendly_name", 1)]);
        assert_eq!(then.moved(&now), BTreeSet::from(["gone", "new", "target_workers"]));
        assert!(then.moved(&then).is_empty());
    }

    #[test]
    fn a_fingerprint_reads_back_from_json() {
        let seen = of(&[("friendly_name", u64::MAX), ("target_workers", 0)]);
        let json = serde_json::to_string(&seen).unwrap();
        assert_eq!(serde_json::from_str::<Fingerprint>(&json).unwrap(), seen, "{json}");
    }
}
