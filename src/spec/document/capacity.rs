//! The `worker_capacities` section.

use std::fmt;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Given;
use crate::model;

/// A rule for the capacities of some workers.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacityRule {
    /// The rule's name, for people. A plan shows it as the reason.
    #[schemars(length(min = 1), extend("examples" = ["everyone"]))]
    pub name: String,

    /// Which workers: an expression over the attributes of a worker, without a prefix.
    #[schemars(extend("examples" = ["1==1", "routing.skills HAS 'senior'"]))]
    pub workers: String,

    /// The capacity of each channel, by the channel's unique name.
    #[schemars(extend("minProperties" = 1, "examples" = [{ "chat": 3, "voice": { "capacity": 1, "mode": "initial" } }]))]
    pub channels: IndexMap<String, ChannelCapacity>,
}

/// How many tasks of a channel a worker may hold. In the spec a number alone is its capacity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChannelCapacity {
    /// Tasks at once, 0 to 50.
    pub capacity: Given<u32>,
    /// Whether the worker gets tasks of the channel at all.
    pub available: Given<bool>,
    /// How strictly the capacity is owned.
    pub mode: Option<Mode>,
    /// In place of a capacity and a mode.
    pub bounds: Option<Bounds>,
}

impl ChannelCapacity {
    /// A new worker channel's capacity.
    const CAPACITY: u32 = 1;

    /// The same in the words of the model.
    pub fn to_model(&self) -> model::ChannelCapacity {
        let capacity = self.capacity.or_default_to(Self::CAPACITY);
        let mode = match (self.bounds, self.mode) {
            (Some(Bounds(low, high)), _) => model::CapacityMode::Bounds(low, high),
            (None, Some(Mode::Ignore)) => model::CapacityMode::Ignore,
            (None, Some(Mode::Initial)) => {
                model::CapacityMode::Initial(capacity.unwrap_or(Self::CAPACITY))
            }
            (None, None | Some(Mode::Enforce)) => model::CapacityMode::Enforce(capacity),
        };
        model::ChannelCapacity { mode, available: self.available.or_default_to(true) }
    }
}

/// How strictly a capacity is owned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Mode {
    /// Always as given.
    Enforce,
    /// As given until somebody changes it: set only while the worker channel is as TaskRouter made
    /// it.
    Initial,
    /// Left alone, and no later rule applies either.
    Ignore,
}

/// The least and the most that a capacity may be; what lies between is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds(pub u32, pub u32);

impl<'de> Deserialize<'de> for Bounds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (low, high) = <(u32, u32)>::deserialize(deserializer)?;
        if low > high {
            return Err(D::Error::custom(format_args!(
                "the lower bound {low} is above the upper bound {high}"
            )));
        }
        Ok(Self(low, high))
    }
}

impl JsonSchema for Bounds {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bounds".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "array",
            "items": { "type": "integer", "minimum": 0, "maximum": 50 },
            "minItems": 2,
            "maxItems": 2,
        })
    }
}

/// The capacity of a channel: a number of tasks, or the number and more.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct Keys {
    /// How many tasks of the channel a worker may hold at once. 0 to 50.
    #[schemars(range(min = 0, max = 50), extend("default" = 1, "examples" = [3]))]
    capacity: Given<u32>,

    /// Whether the worker gets tasks of the channel at all.
    #[schemars(extend("default" = true))]
    available: Given<bool>,

    /// How strictly the capacity is owned.
    #[schemars(extend("default" = "enforce"))]
    mode: Option<Mode>,

    /// The least and the most that the capacity may be, each 0 to 50; what lies between is left
    /// alone. In the place of `capacity` and `mode`.
    #[schemars(extend("examples" = [[1, 3]]))]
    bounds: Option<Bounds>,
}

impl<'de> Deserialize<'de> for ChannelCapacity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;

        impl<'de> Visitor<'de> for Forms {
            type Value = ChannelCapacity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a number of tasks, or a map of `capacity`, `available`, `mode`, `bounds`",
                )
            }

            fn visit_u64<E: Error>(self, capacity: u64) -> Result<ChannelCapacity, E> {
                let capacity = u32::try_from(capacity).map_err(|_| {
                    E::custom(format_args!("{capacity} is above the largest capacity, 50"))
                })?;
                Ok(ChannelCapacity { capacity: Given::Value(capacity), ..Default::default() })
            }

            fn visit_i64<E: Error>(self, capacity: i64) -> Result<ChannelCapacity, E> {
                Err(E::custom(format_args!("{capacity} is below the smallest capacity, 0")))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ChannelCapacity, A::Error> {
                let Keys { capacity, available, mode, bounds } =
                    Keys::deserialize(MapAccessDeserializer::new(map))?;
                let fault = match (&capacity, mode, bounds) {
                    (Given::Absent, None, Some(_)) => None,
                    (_, _, Some(_)) => {
                        Some("`bounds` stands in the place of `capacity` and `mode`")
                    }
                    (Given::Absent, Some(Mode::Initial), None) => {
                        Some("`mode: initial` needs a `capacity`")
                    }
                    (Given::Absent, Some(Mode::Ignore), None) => (!available.is_absent())
                        .then_some(
                            "`mode: ignore` leaves the channel alone and takes no `available`",
                        ),
                    (_, Some(Mode::Ignore), None) => {
                        Some("`mode: ignore` leaves the channel alone and takes no `capacity`")
                    }
                    (Given::Absent, _, None) if available.is_absent() => Some(
                        "give a number of tasks, or one of `capacity`, `available`, `bounds`, `mode: ignore`",
                    ),
                    _ => None,
                };
                match fault {
                    Some(fault) => Err(A::Error::custom(fault)),
                    None => Ok(ChannelCapacity { capacity, available, mode, bounds }),
                }
            }
        }

        deserializer.deserialize_any(Forms)
    }
}

impl JsonSchema for ChannelCapacity {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ChannelCapacity".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Keys::json_schema(generator);
        schema.insert("type".to_owned(), serde_json::json!(["integer", "object"]));
        schema.insert("minimum".to_owned(), 0.into());
        schema.insert("maximum".to_owned(), 50.into());
        schema.insert("minProperties".to_owned(), 1.into());
        schema.insert("examples".to_owned(), serde_json::json!([3]));
        schema
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::CapacityMode;

    fn read(value: Value) -> Result<model::ChannelCapacity, String> {
        ChannelCapacity::deserialize(value)
            .map(|capacity| capacity.to_model())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_number_alone_is_an_enforced_capacity() {
        let enforced =
            model::ChannelCapacity { mode: CapacityMode::Enforce(Some(3)), available: None };
        assert_eq!(read(json!(3)), Ok(enforced.clone()));
        assert_eq!(read(json!({ "capacity": 3, "mode": "enforce" })), Ok(enforced));
    }

    #[test]
    fn a_rule_may_own_availability_alone() {
        let capacity = read(json!({ "available": false })).unwrap();
        assert_eq!(capacity.mode, CapacityMode::Enforce(None));
        assert_eq!(capacity.available, Some(false));
    }

    #[test]
    fn null_is_what_a_new_worker_channel_has() {
        let capacity = read(json!({ "capacity": null, "available": null })).unwrap();
        assert_eq!(capacity.mode, CapacityMode::Enforce(Some(1)));
        assert_eq!(capacity.available, Some(true));
    }

    #[test]
    fn each_mode_says_what_it_lacks_or_cannot_take() {
        let mode = |value| read(value).map(|capacity| capacity.mode);
        assert_eq!(mode(json!({ "bounds": [1, 3] })), Ok(CapacityMode::Bounds(1, 3)));
        assert_eq!(mode(json!({ "mode": "ignore" })), Ok(CapacityMode::Ignore));
        assert_eq!(mode(json!({ "mode": "initial", "capacity": 2 })), Ok(CapacityMode::Initial(2)));
        for (value, fault) in [
            (json!({ "mode": "initial" }), "needs a `capacity`"),
            (json!({ "mode": "ignore", "capacity": 2 }), "takes no `capacity`"),
            (json!({ "mode": "ignore", "available": true }), "takes no `available`"),
            (json!({ "bounds": [1, 3], "capacity": 2 }), "in the place of"),
            (json!({ "bounds": [3, 1] }), "above the upper bound"),
            (json!({}), "give a number of tasks"),
            (json!(-1), "below the smallest capacity"),
            (json!("3"), "a number of tasks, or a map"),
        ] {
            let error = mode(value.clone()).unwrap_err();
            assert!(error.contains(fault), "{value}: {error}");
        }
    }
}
