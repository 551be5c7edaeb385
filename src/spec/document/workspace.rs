//! The `workspace` section.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Given;
use crate::model::QueueOrder;

/// The workspace that everything lives in, and the fields of it that are owned.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Workspace {
    /// The name of the live workspace. With a `sid` the name is owned too, and changed when it
    /// differs. 1 to 64 characters.
    #[schemars(length(min = 1, max = 64), extend("examples" = ["Flex Task Assignment"]))]
    pub friendly_name: Option<String>,

    /// Pins the live workspace, whatever its name. Needed only when two have one name.
    #[schemars(extend("x-sid" = "WS"))]
    pub sid: Option<String>,

    /// Where TaskRouter posts its events. `null` for nowhere.
    #[schemars(extend("default" = null, "examples" = ["https://events.example.com/taskrouter"]))]
    pub event_callback_url: Given<String>,

    /// The types of events that are posted; their order means nothing. `null` or an empty list for
    /// all of them.
    #[schemars(extend("default" = null, "examples" = [["task.created", "task.canceled"]]))]
    pub events_filter: Given<Vec<String>>,

    /// Whether a worker may hold several tasks at once. A Flex workspace cannot go back to `false`.
    #[schemars(extend("default" = true))]
    pub multi_task_enabled: Given<bool>,

    /// Which queues a worker in several of them is served from first: `FIFO` those with the oldest
    /// task first, `LIFO` those with the newest task first.
    #[schemars(extend("default" = "FIFO"))]
    pub prioritize_queue_order: Given<QueueOrder>,

    /// The activity of a worker who is new, by name.
    #[schemars(extend("default" = "Offline", "examples" = ["Offline"]))]
    pub default_activity: Given<String>,

    /// The activity of a worker who let a reservation time out, by name. One missed offer takes a
    /// worker off every queue when this activity is not available.
    #[schemars(extend("default" = "Offline", "examples" = ["Offline"]))]
    pub timeout_activity: Given<String>,
}
