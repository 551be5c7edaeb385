//! The `tests` section, of a spec and of a file of its own.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// A file of tests. It sees the names, the variables and the named expressions of the spec.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestFile {
    /// The version of this language. It is `1`.
    #[serde(default)]
    #[schemars(extend("const" = 1))]
    pub version: Option<u32>,

    /// Where tasks must go.
    #[serde(default)]
    pub tests: Vec<RoutingTest>,
}

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
    ///
    /// A sid is written by name: `${queue['Sales'].sid}`, and `${worker['alice@example.com'].sid}`
    /// for a worker of the test or of the spec.
    #[schemars(extend("examples" = [{ "transferTargetType": "queue", "transferQueueName": "Sales" }]))]
    pub task: IndexMap<String, Value>,

    /// The unique name of the task's channel.
    #[serde(default)]
    #[schemars(length(min = 1), extend("default" = "default", "examples" = ["chat"]))]
    pub task_channel: Option<String>,

    /// The priority that the task is created with.
    #[serde(default)]
    #[schemars(range(min = 0, max = 2_147_483_647), extend("default" = 0, "examples" = [10]))]
    pub priority: Option<u32>,

    /// Seconds after which TaskRouter cancels the task, wherever it is.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1_209_600), extend("default" = 86_400, "examples" = [3600]))]
    pub timeout: Option<u32>,

    /// The workers there are, by friendly name. Those of the spec's `workers` when left out, nobody
    /// when empty.
    #[serde(default)]
    pub workers: Option<IndexMap<String, TestWorker>>,

    /// The moment at which the task is created, as in RFC 3339: what `taskrouter.currentTime`,
    /// `taskrouter.dayOfWeek` and the like go by. When left out it is noon of a Wednesday in UTC, so
    /// that no test depends on the day it is run on.
    #[serde(default)]
    #[schemars(length(min = 1), extend("default" = "2025-01-01T12:00:00Z", "examples" = ["2025-12-24T17:30:00+01:00"]))]
    pub clock: Option<String>,

    /// The age of the task, in seconds, at which to look. 0 to 1,209,600.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_209_600), extend("default" = 0, "examples" = [90]))]
    pub at: Option<u32>,

    /// What must hold then. Keys that are left out are not looked at.
    #[schemars(extend("minProperties" = 1))]
    pub expect: Expectation,

    /// What must hold of the same task at other ages.
    #[serde(default)]
    #[schemars(extend("examples" = [[{ "at": 120, "expect": { "queue": "Everyone" } }]]))]
    pub later: Vec<Later>,
}

/// What must hold of a test's task at one more age.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Later {
    /// The age of the task in seconds.
    #[schemars(range(min = 0, max = 1_209_600), extend("examples" = [120]))]
    pub at: u32,

    /// What must hold then.
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

    /// What the worker can take of each task channel, by unique name. One that is left out is as
    /// `worker_capacities` would have it for a worker of these attributes.
    #[schemars(extend("examples" = [{ "chat": { "capacity": 3, "assigned": 2 } }]))]
    pub channels: IndexMap<String, TestChannel>,

    /// Seconds since the worker last had a task: who waits longest comes first. Workers who wait
    /// equally long come in the order in which they stand here.
    #[schemars(range(min = 0), extend("default" = 0, "examples" = [300]))]
    pub idle: Option<u32>,
}

/// A task channel of a test's worker. What is left out is as `worker_capacities` would have it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TestChannel {
    /// How many tasks the worker can have at once.
    #[schemars(range(min = 0, max = 50), extend("examples" = [3]))]
    pub capacity: Option<u32>,

    /// How many of them the worker has.
    #[schemars(range(min = 0, max = 50), extend("default" = 0, "examples" = [1]))]
    pub assigned: Option<u32>,

    /// Whether the worker gets tasks of this channel at all.
    pub available: Option<bool>,
}

/// Where the task of a test must be.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Expectation {
    /// The name of the filter that the task is in, or `default_filter` for the workflow's default
    /// filter.
    #[schemars(extend("examples" = ["Transfer to queue - Sales", "default_filter"]))]
    pub filter: Option<String>,

    /// The queue, by name, that the task is in.
    #[schemars(extend("examples" = ["Sales"]))]
    pub queue: Option<String>,

    /// The worker, by name, who is offered the task first.
    #[schemars(extend("examples" = ["alice@example.com"]))]
    pub worker: Option<String>,

    /// All workers, by name, who may be offered the task, in any order.
    #[schemars(extend("examples" = [["alice@example.com", "bob@example.com"]]))]
    pub workers: Option<Vec<String>>,

    /// Workers, by name, none of whom may be offered the task: the agent who transfers it.
    #[schemars(extend("examples" = [["alice@example.com"]]))]
    pub not_workers: Option<Vec<String>>,

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
