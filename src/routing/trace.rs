//! The way of one task, with the reasons.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Lean, Task};
use crate::expr::{Certainty, Clock};

/// The way of one task through a workflow, from its creation to its first offer or its end.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Trace {
    /// Of this document's form.
    pub version: u32,
    /// The workflow, by name.
    pub workflow: String,
    pub task: Task,
    /// When the task is created, as in RFC 3339.
    #[serde(serialize_with = "moment")]
    #[schemars(with = "String")]
    pub created: Clock,
    /// In order of time; ages never go back.
    pub steps: Vec<Step>,
    pub end: End,
    /// The least certain of everything that the way depends on.
    pub certainty: Certainty,
    /// Why it is not documented throughout: each choice that the way depends on.
    pub leans_on: Vec<Lean>,
    /// Whether the way depends on the time of day or the day of the week.
    pub depends_on_time: bool,
    /// What was not known and may matter; how each is filled in is told by [`Unknown`].
    pub unknown: BTreeSet<Unknown>,
}

fn moment<S: Serializer>(clock: &Clock, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(clock)
}

/// One filter, or the default filter.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(tag = "step", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one of thousands is a default filter")]
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
    /// Whether a time variable is among what decided it.
    pub depends_on_time: bool,
}

/// A comparison that decided an expression.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Comparison {
    /// In its canonical form, with names for sids.
    pub text: String,
    pub holds: bool,
    pub certainty: Certainty,
    /// The value of each attribute in it, with names for sids; null for one that is missing.
    pub values: BTreeMap<String, Value>,
}

/// A target that the task came to.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct TargetStep {
    /// Its place in the filter, from 0.
    pub target: usize,
    /// The queue, by name; by sid when the model has no name for it.
    pub queue: String,
    /// Whether the queue is the previous target's.
    pub inherited: bool,
    /// The age of the task on entering, in seconds.
    pub age: u32,
    /// Set when the target gives one.
    pub priority: Option<PriorityChange>,
    /// Why nobody can tell who is in the queue. The way goes on as if nobody were free.
    pub unknown: Option<Unknown>,
    /// The worker that the target asks for; none when it asks for no one in particular.
    pub known_worker: Option<KnownWorker>,
    /// The workers of the queue: first those who may be offered the task, in the order in which
    /// they are, then the others.
    pub workers: Vec<WorkerStep>,
    /// How many of the first of them are offered the task at once.
    pub offered: usize,
    /// How many workers of the queue who are not offered the task are left out above.
    pub not_shown: usize,
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
    /// The age of the task at which the target is left, in seconds: the sum of the timeouts of all
    /// targets that the task has come to.
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

/// The worker that a target asks for.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct KnownWorker {
    /// The path of the task attribute: `task.agent_sid`.
    pub attribute: String,
    /// What names the worker in it.
    pub by: KnownWorkerBy,
    /// The attribute's value, with a name for a sid; null when it is missing.
    pub value: Value,
    pub found: KnownWorkerFound,
}

/// What names a known worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KnownWorkerBy {
    Sid,
    FriendlyName,
}

/// Whom a known worker's attribute names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KnownWorkerFound {
    /// A worker of the queue.
    InQueue,
    /// A worker who is not in the queue: TaskRouter logs error 40152.
    NotInQueue,
    /// Nobody, for the attribute is JSON null: TaskRouter logs nothing.
    Null,
    /// Nobody: the attribute is missing, no string, or names no worker. TaskRouter logs error
    /// 40154.
    Invalid,
    /// Nobody can tell: it is not known which workers there are, or who is in the queue.
    Unknown,
}

impl KnownWorkerFound {
    /// The error that TaskRouter logs.
    pub fn error(self) -> Option<u32> {
        match self {
            Self::NotInQueue => Some(40152),
            Self::Invalid => Some(40154),
            Self::InQueue | Self::Null | Self::Unknown => None,
        }
    }
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
#[serde(tag = "obstacle", rename_all = "snake_case")]
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
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum End {
    /// Offered to workers: the first `offered` of `workers` at once, as the queue's
    /// `max_reserved_workers` has it.
    Reserved { age: u32, queue: String, workers: Vec<String>, offered: usize },
    /// Waits in a queue until TaskRouter cancels it at its own timeout, at age `until`.
    Waiting { since: u32, queue: String, until: u32 },
    /// Cancelled.
    Canceled { age: u32, cause: Cause },
    /// No filter took it, and there is no default filter.
    Unrouted,
    /// Nobody can tell.
    Unknown { age: u32, reason: Gap },
}

/// Why a task is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The last target's timeout passed and no further filter took the task.
    WorkflowTimeout,
    /// The last target was skipped, and there was nowhere else to go.
    Skipped,
    /// The task's own timeout passed.
    TaskTimeout,
}

/// What makes it impossible to follow a task further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// The workflow's live configuration is not of the documented form.
    Unreadable,
    /// The filter that took the task has no targets.
    NoTargets,
    /// The first target names no queue.
    NoQueue,
}

/// What is not known and may matter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Unknown {
    /// Which filters the workflow has: the model leaves them alone. Taken as none.
    Filters,
    /// Whether the workflow has a default filter: the model leaves it alone. Taken as none.
    DefaultFilter,
    /// Which workers there are. The way is that of a task for which nobody is free.
    Workers,
    /// Who is in a queue that the model does not declare. Taken as if nobody were free.
    Queue { queue: String },
    /// Who of several comes first: how long they have been idle. They stand as they were given.
    Idle { queue: String },
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Filters => f.write_str(
                "which filters the workflow has is left alone by the spec; taken as none",
            ),
            Self::DefaultFilter => f.write_str(
                "whether the workflow has a default filter is left alone by the spec; taken as none",
            ),
            Self::Workers => f.write_str("which workers there are; taken as if nobody were free"),
            Self::Queue { queue } => {
                write!(f, "who is in the queue `{queue}`, which is not declared; taken as nobody")
            }
            Self::Idle { queue } => write!(
                f,
                "how long the workers of `{queue}` have been idle; who is equal otherwise stands \
                 as given"
            ),
        }
    }
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "the workflow's configuration is not of the documented form",
            Self::NoTargets => "the filter that took the task has no targets",
            Self::NoQueue => "the first target names no queue",
        })
    }
}
