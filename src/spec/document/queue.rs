//! The `queues` section.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Given;
use crate::model::QueueOrder;

/// A task queue.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Queue {
    /// Pins the live queue. Needed only when two have one name.
    #[schemars(extend("x-sid" = "WQ"))]
    pub sid: Option<String>,

    /// The name that the live queue still has. It is renamed in place and keeps its sid, and the
    /// filters made from its name are made again.
    #[schemars(length(min = 1, max = 64), extend("examples" = ["Support"]))]
    pub renamed_from: Option<String>,

    /// Which workers serve the queue: an expression over the attributes of a worker, without a
    /// prefix. An empty text matches nobody.
    #[schemars(extend(
        "default" = "1==1",
        "examples" = ["routing.skills HAS 'sales'", "routing.skills HAS 'support' AND region IN ['de', 'at']"]
    ))]
    pub target_workers: Given<String>,

    /// How many workers are offered one task at the same time; the first who accepts has it. 1 to 50.
    #[schemars(range(min = 1, max = 50), extend("default" = 1, "examples" = [1]))]
    pub max_reserved_workers: Given<u32>,

    /// Which task comes first: `FIFO` the one with the highest priority, then the oldest; `LIFO`
    /// the newest, whatever the priorities.
    #[schemars(extend("default" = "FIFO"))]
    pub task_order: Given<QueueOrder>,

    /// The activity of a worker with a reservation, by name; `null` for none. Only workspaces where
    /// a worker holds one task at a time look at it; those of Flex do not.
    #[schemars(extend("default" = null, "deprecated" = true))]
    pub reservation_activity: Given<String>,

    /// The activity of a worker with an assigned task, by name; `null` for none. Only workspaces
    /// where a worker holds one task at a time look at it; those of Flex do not.
    #[schemars(extend("default" = null, "deprecated" = true))]
    pub assignment_activity: Given<String>,
}
