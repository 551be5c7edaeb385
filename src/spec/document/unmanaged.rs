//! The `unmanaged` section.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::model::{self, Kind, Policy};

/// What becomes of live objects that the spec does not declare, by kind.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Unmanaged {
    /// Activities that the spec does not declare.
    #[serde(deserialize_with = "policy")]
    #[schemars(with = "Policies")]
    pub activities: Option<Policy>,

    /// Task channels that the spec does not declare.
    #[serde(deserialize_with = "policy")]
    #[schemars(with = "Policies")]
    pub task_channels: Option<Policy>,

    /// Queues that the spec does not declare.
    #[serde(deserialize_with = "policy")]
    #[schemars(with = "Policies")]
    pub queues: Option<Policy>,

    /// Workflows that the spec does not declare.
    #[serde(deserialize_with = "policy")]
    #[schemars(with = "Policies")]
    pub workflows: Option<Policy>,

    /// Workers that the spec does not declare: ignored unless said otherwise, since most workers
    /// come from single sign-on. They are read only when this or another section asks for workers.
    #[serde(deserialize_with = "policy")]
    #[schemars(with = "Policies", extend("default" = "ignore"))]
    pub workers: Option<Policy>,
}

impl Unmanaged {
    /// The same in the words of the model.
    pub fn to_model(&self) -> model::Unmanaged {
        let Self { activities, task_channels, queues, workflows, workers } = self.clone();
        let kinds = [
            (Kind::Activity, activities),
            (Kind::TaskChannel, task_channels),
            (Kind::Queue, queues),
            (Kind::Workflow, workflows),
            (Kind::Worker, workers),
        ];
        model::Unmanaged {
            kinds: kinds.into_iter().filter_map(|(kind, policy)| Some((kind, policy?))).collect(),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Prune {
    /// Names or globs (`*`, `?`): undeclared objects whose name matches one are deleted, the
    /// others are reported.
    #[schemars(length(min = 1), extend("examples" = [["Old *"]]))]
    prune: Vec<String>,
}

fn policy<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Policy>, D::Error> {
    struct Forms;

    impl<'de> Visitor<'de> for Forms {
        type Value = Policy;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("`report`, `ignore`, `prune`, or a map with `prune`")
        }

        fn visit_str<E: Error>(self, word: &str) -> Result<Policy, E> {
            match word {
                "report" => Ok(Policy::Report),
                "ignore" => Ok(Policy::Ignore),
                "prune" => Ok(Policy::Prune),
                _ => Err(E::unknown_variant(word, &["report", "ignore", "prune"])),
            }
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Policy, A::Error> {
            let Prune { prune } = Prune::deserialize(MapAccessDeserializer::new(map))?;
            Ok(Policy::PruneMatching(prune))
        }
    }

    deserializer.deserialize_any(Forms).map(Some)
}

/// The schema of a policy.
struct Policies;

impl JsonSchema for Policies {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Policy".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Prune::json_schema(generator);
        schema.insert("type".to_owned(), serde_json::json!(["string", "object"]));
        schema.insert(
            super::schema::WORDS.to_owned(),
            serde_json::json!({
                "report": "Named in the plan, left alone.",
                "ignore": "Left alone without a word.",
                "prune": "Deleted.",
            }),
        );
        schema.insert("default".to_owned(), "report".into());
        schema
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_is_a_word_or_the_names_to_prune() {
        let unmanaged: Unmanaged = serde_json::from_value(json!({
            "queues": "prune", "workflows": { "prune": ["Old *"] }, "task_channels": "ignore"
        }))
        .unwrap();
        let unmanaged = unmanaged.to_model();
        assert_eq!(*unmanaged.policy(Kind::Queue), Policy::Prune);
        assert!(unmanaged.policy(Kind::Workflow).prunes("Old Sales"));
        assert!(!unmanaged.policy(Kind::Workflow).prunes("Sales"));
        assert_eq!(*unmanaged.policy(Kind::TaskChannel), Policy::Ignore);
        assert_eq!(*unmanaged.policy(Kind::Activity), Policy::Report);
    }

    #[test]
    fn an_unknown_policy_is_told_the_known_ones() {
        let error = serde_json::from_value::<Unmanaged>(json!({ "queues": "delete" })).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown variant `delete`, expected one of `report`, `ignore`, `prune`"
        );
    }
}
