//! What has become of tasks and workers. Its JSON is a contract:
//! `schemas/routing-diff.schema.json`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::expr::Certainty;

/// Tasks that go elsewhere, and workers who come into queues or leave them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RoutingDiff {
    /// The version of this format: 1.
    pub version: u32,
    /// Tasks that go another way, in order of their workflows.
    pub moves: Vec<Move>,
    /// Queues into which workers come, or which they leave, by name.
    pub queues: Vec<QueueShift>,
    /// Workflows in which no task can be created any more.
    pub gone: Vec<String>,
    pub counts: DiffCounts,
    /// Workflows for which more kinds of tasks could have been made up than were tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounded: Vec<String>,
}

/// Sums, of everything that was found: a list may hold less.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct DiffCounts {
    /// Kinds of tasks that were followed on both sides. Where nothing differs none is.
    pub tried: usize,
    /// Those that go another way.
    pub elsewhere: usize,
    /// How many `moves` there are.
    pub moves: usize,
    /// How many `queues` there are.
    pub queues: usize,
    /// Queues for which known workers were not looked at, since there are too many of both.
    #[serde(default)]
    pub unseen: usize,
}

/// Tasks that went one way and go another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Move {
    /// By the name that it has afterwards.
    pub workflow: String,
    /// Kinds of tasks for which that is so, the plainest first.
    pub tasks: Vec<TaskShape>,
    /// How many more there are.
    pub more: usize,
    pub before: Way,
    pub after: Way,
    pub differs: Vec<Aspect>,
    /// The least certain of everything that the two ways depend on.
    pub certainty: Certainty,
}

/// A kind of task: what is left out may be anything that no filter asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TaskShape {
    pub attributes: Map<String, Value>,
    /// The task channel's unique name, when the task has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_channel: Option<String>,
    /// The priority that it is created with, when that is not 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u32>,
    /// When it is created, as in RFC 3339; none when no filter of the workflow asks for the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The test or the file that it was taken from; none for one that was made up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// The way of a task as long as no worker is free.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Way {
    pub stops: Vec<Stop>,
    pub end: WayEnd,
}

/// A target that a task comes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Stop {
    /// The filter's name; empty when it has none. None for the default filter.
    pub filter: Option<String>,
    /// The filter's place in the workflow, from 1. None for the default filter.
    pub position: Option<usize>,
    /// By name; a sid where two queues share the name or there is no such queue.
    pub queue: String,
    /// The age of the task on entering, in seconds.
    pub since: u32,
    /// The age at which it goes on; none when it has no timeout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<u32>,
    /// The task's priority while it is here.
    pub priority: u32,
    /// Which workers of the queue are meant; none for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_if: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_by: Option<String>,
    /// The task attribute that names the worker who is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_worker: Option<String>,
}

/// How a way ends when no worker ever is free.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum WayEnd {
    /// It waits at its last stop.
    #[default]
    Waits,
    /// It is cancelled at an age, in seconds.
    Canceled { age: u32 },
    /// No filter takes it, and there is no default filter.
    Unrouted,
    /// Nobody can tell.
    Unknown,
}

/// What differs between two ways.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Which queues, in which order.
    Queues,
    /// With which priority.
    Priority,
    /// From which age until which.
    Timing,
    /// Which workers of a queue are meant.
    Workers,
    /// In which order workers are asked.
    Order,
    /// When a target is skipped.
    Skip,
    /// How it ends.
    End,
}

/// Workers who come into a queue or leave it, and the tasks that wait there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct QueueShift {
    /// By the name that it has afterwards.
    pub queue: String,
    /// Its expression, in canonical form.
    pub before: String,
    pub after: String,
    /// Workers who are no longer in the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leave: Option<WorkerGroup>,
    /// Workers who are in it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join: Option<WorkerGroup>,
    /// How many workers of those that are known were looked at.
    pub known: usize,
    /// Kinds of tasks that come to the queue after the change.
    pub tasks: Vec<Arrival>,
    /// How many more there are.
    pub more: usize,
    /// How far it can be trusted that TaskRouter sees the workers so.
    pub certainty: Certainty,
}

/// Some workers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct WorkerGroup {
    /// Known workers, by name.
    pub names: Vec<String>,
    /// How many more there are.
    pub more: usize,
    /// Attributes of workers that were made up, for which it is so too.
    pub attributes: Vec<Map<String, Value>>,
}

/// A kind of task that comes to a queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Arrival {
    pub workflow: String,
    pub task: TaskShape,
}

impl RoutingDiff {
    /// Whether nothing goes elsewhere.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.queues.is_empty() && self.gone.is_empty()
    }

    /// The same with at most this many entries in each list; the counts stay.
    #[must_use]
    pub fn shortened(mut self, entries: usize) -> Self {
        self.moves.truncate(entries);
        self.queues.truncate(entries);
        for one in &mut self.moves {
            one.more += one.tasks.len().saturating_sub(entries);
            one.tasks.truncate(entries);
        }
        for one in &mut self.queues {
            one.more += one.tasks.len().saturating_sub(entries);
            one.tasks.truncate(entries);
            for group in one.leave.iter_mut().chain(&mut one.join) {
                group.more += group.names.len().saturating_sub(entries);
                group.names.truncate(entries);
            }
        }
        self
    }
}

impl Way {
    /// In what two ways differ. By which filter a task goes makes no difference.
    pub fn differs(&self, other: &Self) -> Vec<Aspect> {
        let mut found = Vec::new();
        let mut compare = |aspect, same: bool| {
            if !same {
                found.push(aspect);
            }
        };
        fn each<'w, T: PartialEq>(a: &'w Way, b: &'w Way, of: impl Fn(&'w Stop) -> T) -> bool {
            a.stops.iter().map(&of).eq(b.stops.iter().map(&of))
        }
        compare(Aspect::Queues, each(self, other, |stop| &stop.queue));
        compare(Aspect::Priority, each(self, other, |stop| stop.priority));
        compare(Aspect::Timing, each(self, other, |stop| (stop.since, stop.until)));
        compare(Aspect::Workers, each(self, other, |s| (&s.expression, &s.known_worker)));
        compare(Aspect::Order, each(self, other, |stop| &stop.order_by));
        compare(Aspect::Skip, each(self, other, |stop| &stop.skip_if));
        compare(Aspect::End, self.end == other.end);
        // Other queues come with everything else of theirs; the timing is told with the queues.
        found
    }
}
