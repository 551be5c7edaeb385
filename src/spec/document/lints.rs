//! The `lints` section.

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::diag::{self, Level, Levels};

/// How loud each lint is, by its code; `warnings` is every lint that is not named.
///
/// `--allow`, `--warn` and `--deny` of the command line go over these levels.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Lints {
    /// By code. The schema has refused what is no lint.
    pub levels: IndexMap<String, Level>,
}

impl Lints {
    /// The same by the codes themselves.
    pub fn to_levels(&self) -> Levels {
        let known =
            self.levels.iter().filter_map(|(lint, level)| Some((lint.parse().ok()?, *level)));
        known.collect()
    }
}

impl JsonSchema for Lints {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Lints".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let level = Level::json_schema(generator);
        let lint = |title: &str| {
            let mut lint = level.clone();
            lint.insert("description".to_owned(), format!("Warns of {title}.").into());
            lint.insert("default".to_owned(), "warn".into());
            Value::from(lint)
        };
        let mut lints: Map<String, Value> =
            diag::lints().map(|entry| (entry.code.to_owned(), lint(entry.title))).collect();
        lints.insert(
            "warnings".to_owned(),
            lint("whatever a lint finds that has no level of its own here"),
        );
        lints.sort_keys();
        schemars::json_schema!({
            "type": "object",
            "additionalProperties": false,
            "properties": lints,
            "examples": [json!({ "warnings": "error", "empty-glob": "allow" })],
        })
    }
}
