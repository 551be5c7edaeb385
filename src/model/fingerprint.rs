//! What an object looked like when it was read.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Resource;

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

    /// The digest of one field.
    pub fn get(&self, field: &str) -> Option<u64> {
        self.digests.iter().find(|(name, _)| name == field).map(|(_, digest)| *digest)
    }

    /// Those of these fields that are something else now, or not known; whatever other fields are.
    pub fn unmet<'a>(&'a self, now: &Self) -> Vec<&'a str> {
        let fields = self.digests.iter().filter(|(name, digest)| now.get(name) != Some(*digest));
        fields.map(|(name, _)| &**name).collect()
    }

    /// The fields that are different now.
    pub fn moved<'a>(&'a self, now: &'a Self) -> BTreeSet<&'a str> {
        let then: BTreeSet<_> = self.digests.iter().collect();
        let now: BTreeSet<_> = now.digests.iter().collect();
        then.symmetric_difference(&now).map(|(field, _)| &**field).collect()
    }

    /// The same of some of its fields.
    #[must_use]
    pub fn only(&self, mut wanted: impl FnMut(&str) -> bool) -> Self {
        let digests = self.digests.iter().filter(|(field, _)| wanted(field));
        Self { digests: digests.cloned().collect() }
    }

    /// The fields, in order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.digests.iter().map(|(field, _)| &**field)
    }
}

/// The fields, as the API names them when it answers, that a write of `resource` sets.
pub fn fields_of(resource: &Resource) -> Vec<&'static str> {
    let mut fields = Vec::new();
    let mut given = |field, is: bool| fields.extend(is.then_some(field));
    match resource {
        Resource::Workspace(workspace) => {
            given("default_activity_sid", workspace.default_activity.is_some());
            given("event_callback_url", workspace.event_callback_url.is_some());
            given("events_filter", workspace.events_filter.is_some());
            given("friendly_name", workspace.friendly_name.is_some());
            given("multi_task_enabled", workspace.multi_task_enabled.is_some());
            given("prioritize_queue_order", workspace.prioritize_queue_order.is_some());
            given("timeout_activity_sid", workspace.timeout_activity.is_some());
        }
        Resource::Activity(activity) => given("available", activity.available.is_some()),
        Resource::TaskChannel(channel) => {
            given("channel_optimized_routing", channel.channel_optimized_routing.is_some());
            given("friendly_name", channel.friendly_name.is_some());
        }
        Resource::Queue(queue) => {
            given("assignment_activity_sid", queue.assignment_activity.is_some());
            given("max_reserved_workers", queue.max_reserved_workers.is_some());
            given("reservation_activity_sid", queue.reservation_activity.is_some());
            given("target_workers", queue.target_workers.is_some());
            given("task_order", queue.task_order.is_some());
        }
        Resource::Workflow(workflow) => {
            given("assignment_callback_url", workflow.assignment_callback_url.is_some());
            let configured = workflow.filters.is_some() || workflow.default_filter.is_some();
            given("configuration", configured);
            let fallback = workflow.fallback_assignment_callback_url.is_some();
            given("fallback_assignment_callback_url", fallback);
            given("task_reservation_timeout", workflow.task_reservation_timeout.is_some());
        }
        Resource::Worker(worker) => {
            given("activity_sid", worker.activity.is_some());
            given("attributes", !worker.attributes.is_empty());
        }
        Resource::Capacity(channel) => {
            given("available", channel.available.is_some());
            given("configured_capacity", channel.capacity.is_some());
        }
        Resource::Role(_) => given("permissions", true),
    }
    fields
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
        assert_eq!(then.unmet(&now), ["gone", "target_workers"]);
    }

    #[test]
    fn a_fingerprint_reads_back_from_json() {
        let seen = of(&[("friendly_name", u64::MAX), ("target_workers", 0)]);
        let json = serde_json::to_string(&seen).unwrap();
        assert_eq!(serde_json::from_str::<Fingerprint>(&json).unwrap(), seen, "{json}");
    }
}
