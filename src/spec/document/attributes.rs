//! The `attributes` section.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// The attributes that tasks and workers have, with their types. Expressions are held against
/// them: an attribute that is not declared is a warning with the nearest declared name, and so is
/// one that is used as another type.
///
/// A side that is left out is not checked. The fields that TaskRouter gives a worker (`sid`,
/// `friendly_name`, `activity_sid`, `activity_name`, `channel`) need no declaration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Attributes {
    /// The attributes of tasks, by their path from the top (`customer.id`), without `task.`.
    #[schemars(extend("examples" = [{
        "channelType": "string", "customer.id": "number", "workerSidsInConversation": "list"
    }]))]
    pub task: Option<IndexMap<String, AttributeType>>,

    /// The attributes of workers, by their path from the top (`routing.skills`), without `worker.`.
    #[schemars(extend("examples" = [{
        "contact_uri": "string", "routing.skills": "list", "routing.levels": "object"
    }]))]
    pub worker: Option<IndexMap<String, AttributeType>>,
}

/// What an attribute holds. It may be missing all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttributeType {
    /// A text.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list, for `HAS` and `IN`.
    List,
    /// Further attributes. Those that are declared nowhere may be named all the same.
    Object,
}

impl std::fmt::Display for AttributeType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::List => "list",
            Self::Object => "object",
        })
    }
}
