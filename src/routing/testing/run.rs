//! One test, run.

use serde::Serialize;
use serde_json::{Value, json};

use crate::expr::Clock;
use crate::model::{Expectation, Model, Moment, RoutingTest};
use crate::routing::{
    Crew, Outcome, Router, Spot, State, Task, Trace, UnknownWorkflow, Worker, Workers,
    given_worker, with_sids,
};

/// When the task of a test is created that gives no clock: 2025-01-01, a Wednesday, at noon in UTC.
pub const DEFAULT_CLOCK: Clock = Clock::from_unix(1_735_732_800);

/// A model, its router and its workers, ready for many tests.
#[derive(Debug)]
pub struct Tester<'m> {
    model: &'m Model,
    router: &'m Router<'m>,
    /// The workers that the model declares.
    declared: Crew<'m>,
}

/// How a way is told.
#[derive(Clone, Copy, Debug)]
enum Told {
    InShort,
    WithReasons,
}

/// What became of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestRun {
    /// The way of the task, in short.
    pub trace: Trace,
    /// In the test's order.
    pub moments: Vec<MomentRun>,
}

/// What was found at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct MomentRun {
    /// The age of the task in seconds.
    pub at: u32,
    /// One for each key of the expectation.
    pub checks: Vec<Check>,
}

/// One key of an expectation.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Check {
    /// As in the test: `queue`.
    pub key: &'static str,
    pub holds: bool,
    /// As in the test; workers in order of their names.
    pub expected: Value,
    /// What is there instead or just so: a name, a number or a list of workers, null for none. For
    /// `not_workers` all who may be offered the task.
    pub got: Value,
}

impl TestRun {
    /// Whether every expectation holds.
    pub fn passed(&self) -> bool {
        self.moments.iter().all(MomentRun::holds)
    }

    /// The filters that took the task, and the targets that it came to, up to the last moment that
    /// the test looks at.
    pub fn spots(&self) -> Vec<Spot> {
        let last = self.moments.iter().map(|moment| moment.at).max().unwrap_or_default();
        let workflow = || self.trace.workflow.clone();
        let mut spots = Vec::new();
        for (filter, target) in self.trace.targets().filter(|(_, target)| target.age <= last) {
            match filter {
                None => spots.push(Spot::DefaultFilter { workflow: workflow() }),
                Some((filter, _)) => {
                    spots.push(Spot::Filter { workflow: workflow(), filter });
                    let target = target.target;
                    spots.push(Spot::Target { workflow: workflow(), filter, target });
                }
            }
        }
        spots
    }
}

impl MomentRun {
    /// Whether everything is as expected.
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.holds)
    }
}

impl<'m> Tester<'m> {
    /// `declared` are the workers for tests that have none of their own.
    pub fn new(model: &'m Model, router: &'m Router<'m>, declared: &'m [Worker]) -> Self {
        Self { model, router, declared: router.crew(Workers::Known(declared)) }
    }

    /// Follows the test's task and looks at it.
    ///
    /// # Errors
    /// The test's workflow is not in the model.
    pub fn run(&self, test: &RoutingTest) -> Result<TestRun, UnknownWorkflow> {
        let trace = self.follow(test, Told::InShort)?;
        let look = |Moment { at, expect }: &Moment| MomentRun {
            at: *at,
            checks: checks(expect, &trace.at(*at)),
        };
        let moments = test.moments.iter().map(look).collect();
        Ok(TestRun { trace, moments })
    }

    /// The way of the test's task with all reasons.
    ///
    /// # Errors
    /// The test's workflow is not in the model.
    pub fn explain(&self, test: &RoutingTest) -> Result<Trace, UnknownWorkflow> {
        self.follow(test, Told::WithReasons)
    }

    fn follow(&self, test: &RoutingTest, told: Told) -> Result<Trace, UnknownWorkflow> {
        let RoutingTest { task, task_channel, priority, timeout, workers, clock, .. } = test;
        let usual = Task::default();
        let task = Task {
            attributes: with_sids(task, self.router),
            task_channel: task_channel.clone().unwrap_or(usual.task_channel),
            priority: priority.unwrap_or(usual.priority),
            timeout: timeout.unwrap_or(usual.timeout),
        };
        let clock = clock.unwrap_or(DEFAULT_CLOCK);
        let way = |crew: &Crew<'_>| match told {
            Told::InShort => crew.way(&test.workflow, &task, clock),
            Told::WithReasons => crew.route(&test.workflow, &task, clock),
        };
        let Some(workers) = workers else { return way(&self.declared) };
        let own: Vec<Worker> =
            workers.iter().map(|worker| given_worker(worker, self.model, self.router)).collect();
        way(&self.router.crew(Workers::Known(&own)))
    }
}

/// Holds what is given against where the task is.
fn checks(expect: &Expectation, state: &State<'_>) -> Vec<Check> {
    let Expectation { filter, queue, worker, workers, not_workers, priority, outcome } = expect;
    let mut checks = Vec::new();
    let mut check = |key, expected: Value, got: Value, holds| {
        checks.push(Check { key, holds, expected, got });
    };
    if let Some(filter) = filter {
        let got = match state.filter {
            Some((_, name)) => Some(name),
            None => state.default_filter.then_some(Expectation::DEFAULT_FILTER),
        };
        check("filter", json!(filter), json!(got), Some(filter.as_str()) == got);
    }
    if let Some(queue) = queue {
        check("queue", json!(queue), json!(state.queue), Some(queue.as_str()) == state.queue);
    }
    if let Some(priority) = priority {
        check("priority", json!(priority), json!(state.priority), *priority == state.priority);
    }
    if let Some(outcome) = outcome {
        let (word, got) = (outcome.word(), word(state.outcome));
        check("outcome", json!(word), json!(got), word == got);
    }
    let offered = || sorted(state.workers.iter().copied());
    if let Some(worker) = worker {
        let first = state.workers.first().copied();
        check("worker", json!(worker), json!(first), Some(worker.as_str()) == first);
    }
    if let Some(workers) = workers {
        let expected = sorted(workers.iter().map(String::as_str));
        let holds = expected == offered();
        check("workers", json!(expected), json!(offered()), holds);
    }
    if let Some(excluded) = not_workers {
        let expected = sorted(excluded.iter().map(String::as_str));
        let holds = !expected.iter().any(|worker| state.workers.contains(worker));
        check("not_workers", json!(expected), json!(offered()), holds);
    }
    checks
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names
}

/// The word of a test for it.
fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Reserved => "reserved",
        Outcome::Waiting => "waiting",
        Outcome::Canceled(_) => "canceled",
        Outcome::Unrouted => "unrouted",
        Outcome::Unknown => "unknown",
    }
}
