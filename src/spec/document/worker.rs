//! The `workers` section.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// A worker.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Worker {
    /// Pins the live worker.
    #[schemars(extend("x-sid" = "WK"))]
    pub sid: Option<String>,

    /// The activity the worker is in, by name. Leave it out for people who choose theirs.
    #[schemars(extend("examples" = ["Offline"]))]
    pub activity: Option<String>,

    /// Attributes, by key. The keys given here are owned, the worker's other ones are left alone,
    /// and a key that is `null` is removed. All of them together are at most 4,096 characters of
    /// JSON.
    #[schemars(extend("examples" = [{ "routing": { "skills": ["sales"] } }]))]
    pub attributes: IndexMap<String, Value>,
}
