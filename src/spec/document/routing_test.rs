//! The `tests` section.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// A task, and where it must go.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutingTest {
    /// What is to be true, as a sentence. No two tests have one name.
    #[schemars(length(min = 1), extend("examples" = ["a transfer to Sales reaches Sales"]))]
    pub name: String,

    /// The workflow, by name, that the task is created in.
    #[schemars(length(min = 1), extend("examples" = ["Chat Transfer"]))]
    pub workflow: String,

    /// The attributes of the task.
    #[schemars(extend("examples" = [{ "transferTargetType": "queue", "transferQueueName": "Sales" }]))]
    pub task: IndexMap<String, Value>,

    /// The unique name of the task's channel.
    #[serde(default)]
    #[schemars(length(min = 1), extend("default" = "default", "examples" = ["chat"]))]
    pub task_channel: Option<String>,

    /// The workers there are, by friendly name. Those of the spec's `workers` when left out.
    #[serde(default)]
    pub workers: Option<IndexMap<String, TestWorker>>,

    /// The age of the task, in seconds, at which to look. 0 to 1,209,600.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_209_600), extend("default" = 0, "examples" = [90]))]
    pub at: Option<u32>,

    /// What must hold then. Keys that are left out are not looked at.
    #[schemars(extend("minProperties" = 1))]
    pub expect: Expectation,
}

/// A worker of a test.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TestWorker {
    /// The activity, by name. One that is available when left out.
    #[schemars(extend("examples" = ["Available"]))]
    pub activity: Option<String>,

    /// The attributes.
    #[schemars(extend("examples" = [{ "routing": { "skills": ["sales"] } }]))]
    pub attributes: IndexMap<String, Value>,
}

/// Where the task of a test must be.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Expectation {
    /// The name of the filter that took the task.
    #[schemars(extend("examples" = ["Transfer to queue - Sales"]))]
    pub filter: Option<String>,

    /// The queue, by name, that the task is in.
    #[schemars(extend("examples" = ["Sales"]))]
    pub queue: Option<String>,

    /// The worker, by name, who is offered the task.
    #[schemars(extend("examples" = ["alice@example.com"]))]
    pub worker: Option<String>,

    /// All workers, by name, who may be offered the task, in any order.
    #[schemars(extend("examples" = [["alice@example.com", "bob@example.com"]]))]
    pub workers: Option<Vec<String>>,

    /// The task's priority.
    #[schemars(range(min = 0, max = 2_147_483_647), extend("examples" = [10]))]
    pub priority: Option<u32>,

    /// What has become of the task.
    pub outcome: Option<Outcome>,
}

/// What has become of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Outcome {
    /// A worker is offered the task.
    Reserved,
    /// The task is in a queue, and nobody can take it now.
    Waiting,
    /// The task ran out of routing steps.
    Canceled,
    /// No filter took the task, and there is no default filter.
    Unrouted,
}
