//! The way of one task, with the reasons.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Task;
use crate::expr::Certainty;

/// The way of one task through a workflow, from its creation to its end.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Trace {
    /// The workflow, by name.
    pub workflow: String,
    pub task: Task,
    /// In order of time; ages never go back.
    pub steps: Vec<Step>,
    pub end: End,
    /// The least certain of all verdicts that the way depends on.
    pub certainty: Certainty,
}

/// One filter, or the default filter.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A filter that was tried.
    Filter(FilterStep),
    /// The workflow's default filter, where the task arrived.
    DefaultFilter(TargetStep),
}

/// A filter that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct FilterStep {
    /// Its place in the workflow, from 0.
    pub filter: usize,
    /// Empty when it has none.
    pub name: String,
    /// The age of the task, in seconds.
    pub age: u32,
    /// Whether it took the task.
    pub verdict: Verdict,
    /// The targets that the task came to; empty when the filter did not take it.
    pub targets: Vec<TargetStep>,
}

/// What an expression came to, and which comparisons decided it.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Verdict {
    /// The expression in its canonical form, with names for sids; empty for none.
    pub expression: String,
    pub holds: bool,
    pub certainty: Certainty,
    /// Those that decided it.
    pub because: Vec<Comparison>,
}

/// A comparison that decided an expression.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Comparison {
    /// In its canonical form.
    pub text: String,
    pub holds: bool,
    pub certainty: Certainty,
    /// The value of each attribute in it; null for one that is missing.
    pub values: BTreeMap<String, Value>,
}

/// A target that the task came to.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct TargetStep {
    /// Its place in the filter, from 0.
    pub target: usize,
    /// The queue, by name.
    pub queue: String,
    /// Whether the queue is the previous target's.
    pub inherited: bool,
    /// The age of the task on entering, in seconds.
    pub age: u32,
    /// Set when the target gives one.
    pub priority: Option<PriorityChange>,
    /// The workers of the queue: first those who may be offered the task, in the order in which
    /// they are, then the others.
    pub workers: Vec<WorkerStep>,
    /// How many of the workers that were given are not in the queue.
    pub elsewhere: usize,
    /// The keys that the workers are ordered by, in canonical form; empty for longest idle first.
    pub order_by: String,
    /// None when the target has none, or when it was not asked because a worker was found.
    pub skip_if: Option<SkipIf>,
    /// None when the target has no timeout.
    pub deadline: Option<Deadline>,
    pub exit: TargetExit,
}

/// What a target makes of the task's priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct PriorityChange {
    pub before: u32,
    pub after: u32,
}

/// A target's timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Deadline {
    /// Seconds, as the target has it.
    pub timeout: u32,
    /// The age of the task at which the target is left, in seconds.
    pub age: u32,
}

/// A skip condition that was asked.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct SkipIf {
    pub verdict: Verdict,
}

/// How a target was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetExit {
    /// A worker is offered the task.
    Reserved,
    /// Its skip condition held.
    Skipped,
    /// Its timeout passed.
    TimedOut,
    /// It is not left: the task waits until its own timeout.
    Stays,
}

/// A worker of the target's queue.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct WorkerStep {
    /// Friendly name.
    pub name: String,
    /// Why the worker is not offered the task; empty for one who is.
    pub obstacles: Vec<Obstacle>,
}

/// Why a worker of the queue is not offered the task.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// The activity is not available.
    Activity { activity: String },
    /// The worker channel is not available.
    Channel { task_channel: String },
    /// The worker channel is full.
    Capacity { task_channel: String, configured_capacity: u32, reservations: u32 },
    /// The target's expression does not hold.
    Expression(Verdict),
    /// The target asks for another worker: the attribute and its value, null when missing.
    KnownWorker { attribute: String, value: Value },
}

/// What becomes of the task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Offered to workers: as many at once as the queue's `max_reserved_workers`, in this order.
    Reserved { age: u32, queue: String, workers: Vec<String> },
    /// Waits in a queue until TaskRouter cancels it at its own timeout.
    Waiting { since: u32, queue: String, until: u32 },
    /// Cancelled.
    Canceled { age: u32, cause: Cause },
    /// No filter took it, and there is no default filter.
    Unrouted,
}

/// Why a task is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The last target's timeout passed and no further filter took the task.
    WorkflowTimeout,
    /// Every target was skipped, and there was nowhere else to go.
    Skipped,
    /// The task's own timeout passed.
    TaskTimeout,
}
