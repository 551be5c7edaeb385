//! Routing tests: a task, and where it must be.

use serde_json::{Map, Value};

use crate::expr::Clock;

/// A task of a workflow, and where it must be at some moments of its life.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoutingTest {
    /// What is to be true, as a sentence.
    pub name: String,
    /// The workflow, by name, that the task is created in.
    pub workflow: String,
    /// The task's attributes. Each string in them is a [`super::Text`] as it is stored:
    /// `${queue['Sales'].sid}` stands for a sid, `$${` for the characters `${`.
    pub task: Map<String, Value>,
    /// The unique name of the task channel; TaskRouter's own without one.
    pub task_channel: Option<String>,
    /// The priority that the task is created with; TaskRouter's own without one.
    pub priority: Option<u32>,
    /// The task's own timeout in seconds; TaskRouter's own without one.
    pub timeout: Option<u32>,
    /// The workers there are, in order; `None` for those that the model declares.
    pub workers: Option<Vec<TestWorker>>,
    /// When the task is created.
    pub clock: Option<Clock>,
    /// What must hold, and when. At least one.
    pub moments: Vec<Moment>,
}

/// A worker of a test.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestWorker {
    /// Friendly name.
    pub name: String,
    /// By name; one that is available without one.
    pub activity: Option<String>,
    /// As they are: no reference stands in them.
    pub attributes: Map<String, Value>,
    /// By the task channel's unique name, in order.
    pub channels: Vec<(String, TestChannel)>,
    /// Seconds since the worker last had a task.
    pub idle: u32,
}

/// What a worker of a test can take of a task channel. `None` is what the capacity rules say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TestChannel {
    /// Tasks at once.
    pub capacity: Option<u32>,
    /// Tasks that the worker has.
    pub assigned: u32,
    pub available: Option<bool>,
}

/// What must hold at a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moment {
    /// The age of the task in seconds.
    pub at: u32,
    pub expect: Expectation,
}

/// Where a task must be. What is `None` is not looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expectation {
    /// By name; [`Expectation::DEFAULT_FILTER`] for the default filter.
    pub filter: Option<String>,
    /// By name.
    pub queue: Option<String>,
    /// The worker who is offered the task first, by name.
    pub worker: Option<String>,
    /// All who may be offered the task, by name, in any order.
    pub workers: Option<Vec<String>>,
    /// None of these may be offered it.
    pub not_workers: Option<Vec<String>>,
    pub priority: Option<u32>,
    pub outcome: Option<ExpectedOutcome>,
}

/// What has become of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedOutcome {
    /// Offered to a worker.
    Reserved,
    /// In a queue, and nobody can take it.
    Waiting,
    /// Cancelled.
    Canceled,
    /// No filter took it, and there is no default filter.
    Unrouted,
}

impl Expectation {
    /// What stands for the name of a workflow's default filter.
    pub const DEFAULT_FILTER: &str = "default_filter";
}

impl ExpectedOutcome {
    /// The word in a test: `reserved`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Waiting => "waiting",
            Self::Canceled => "canceled",
            Self::Unrouted => "unrouted",
        }
    }
}
