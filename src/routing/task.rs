//! A task, as it enters a workflow.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A task, as it enters a workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Task {
    /// Its attributes.
    pub attributes: Map<String, Value>,
    /// The unique name of its task channel.
    pub task_channel: String,
    /// Before any target sets another.
    pub priority: u32,
    /// Seconds after which TaskRouter cancels it, wherever it is.
    pub timeout: u32,
}

/// What TaskRouter gives a task that is created with attributes alone.
impl Default for Task {
    fn default() -> Self {
        Self {
            attributes: Map::new(),
            task_channel: "default".to_owned(),
            priority: 0,
            timeout: 86_400,
        }
    }
}
