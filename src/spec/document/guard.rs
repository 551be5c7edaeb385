//! The `limits` section.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use crate::model::{self, Kind, Share};

/// How much one plan may touch before it is refused as implausible: for every kind, and for single
/// kinds.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How many live objects of a kind may be updated: a share such as `30%`, or a number.
    #[serde(deserialize_with = "share")]
    #[schemars(with = "Shares")]
    pub updates: Option<Share>,

    /// How many live objects of a kind may be deleted: a share such as `30%`, or a number.
    #[serde(deserialize_with = "share")]
    #[schemars(with = "Shares")]
    pub deletes: Option<Share>,

    /// Kinds with fewer live objects than this are not guarded.
    #[schemars(extend("default" = 10))]
    pub from: Option<u32>,

    /// For activities; what is left out is taken from above.
    pub activities: Option<Limit>,

    /// For task channels; what is left out is taken from above.
    pub task_channels: Option<Limit>,

    /// For queues; what is left out is taken from above.
    pub queues: Option<Limit>,

    /// For workflows; what is left out is taken from above.
    pub workflows: Option<Limit>,

    /// For workers; what is left out is taken from above.
    pub workers: Option<Limit>,

    /// For capacities of workers, one for each worker and channel; what is left out is taken from
    /// above.
    pub worker_capacities: Option<Limit>,

    /// For Conversations roles; what is left out is taken from above.
    pub roles: Option<Limit>,
}

/// How much of one kind a plan may touch.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limit {
    /// How many live objects may be updated: a share such as `30%`, or a number.
    #[serde(deserialize_with = "share")]
    #[schemars(with = "Shares")]
    pub updates: Option<Share>,

    /// How many live objects may be deleted: a share such as `30%`, or a number.
    #[serde(deserialize_with = "share")]
    #[schemars(with = "Shares")]
    pub deletes: Option<Share>,

    /// With fewer live objects than this the kind is not guarded.
    #[schemars(extend("default" = 10))]
    pub from: Option<u32>,
}

impl Limits {
    /// The same in the words of the model.
    pub fn to_model(&self) -> model::Limits {
        let or = |limit: &Limit, above: model::Limit| model::Limit {
            updates: limit.updates.unwrap_or(above.updates),
            deletes: limit.deletes.unwrap_or(above.deletes),
            from: limit.from.unwrap_or(above.from),
        };
        let Self { updates, deletes, from, .. } = *self;
        let all = or(&Limit { updates, deletes, from }, model::Limit::default());
        let kinds = [
            (Kind::Activity, &self.activities),
            (Kind::TaskChannel, &self.task_channels),
            (Kind::Queue, &self.queues),
            (Kind::Workflow, &self.workflows),
            (Kind::Worker, &self.workers),
            (Kind::Capacity, &self.worker_capacities),
            (Kind::Role, &self.roles),
        ];
        let kinds =
            kinds.into_iter().filter_map(|(kind, limit)| Some((kind, or(limit.as_ref()?, all))));
        model::Limits { all, kinds: kinds.collect() }
    }
}

fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Share>, D::Error> {
    struct Forms;

    impl Visitor<'_> for Forms {
        type Value = Share;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a share such as `30%`, or a number of objects")
        }

        fn visit_u64<E: Error>(self, count: u64) -> Result<Share, E> {
            u32::try_from(count)
                .map(Share::Count)
                .map_err(|_| E::custom(format_args!("{count} is no plausible number of objects")))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Share, E> {
            let digits = text.strip_suffix('%').filter(|digits| !digits.starts_with('+'));
            let percent = digits.and_then(|digits| digits.parse().ok());
            match percent {
                Some(percent @ 0..=100) => Ok(Share::Percent(percent)),
                _ => Err(E::custom(format_args!("`{text}` is not a share from `0%` to `100%`"))),
            }
        }
    }

    deserializer.deserialize_any(Forms).map(Some)
}

/// The schema of a share.
struct Shares;

impl JsonSchema for Shares {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["integer", "string"],
            "minimum": 0,
            "maximum": u32::MAX,
            "pattern": r"^(100|[1-9]?[0-9])%$|\$\{",
            "patternErrorMessage": "a share from 0% to 100%, or a number of objects",
            "default": "30%",
            "examples": ["30%", 5],
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kind_takes_from_above_what_it_does_not_say() {
        let limits: Limits = serde_json::from_value(json!({
            "updates": "50%", "from": 3, "queues": { "deletes": 0 }
        }))
        .unwrap();
        let limits = limits.to_model();
        assert_eq!(
            limits.of(Kind::Queue),
            model::Limit { updates: Share::Percent(50), deletes: Share::Count(0), from: 3 }
        );
        assert_eq!(
            limits.of(Kind::Worker),
            model::Limit { updates: Share::Percent(50), deletes: Share::Percent(30), from: 3 }
        );
    }

    #[test]
    fn a_share_is_a_percentage_or_a_number() {
        for text in ["30", "130%", "-1%", "30 %", "%", "+5%", ""] {
            let limits = serde_json::from_value::<Limits>(json!({ "updates": text }));
            assert!(limits.is_err(), "{text}");
        }
    }
}
