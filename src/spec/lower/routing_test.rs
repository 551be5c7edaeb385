//! Tests → tests of the model.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::text::{sorted, string, text};
use crate::expr::Clock;
use crate::model;
use crate::spec::document::{self, Document};

/// The tests of a spec, in its order.
pub(in crate::spec) fn tests(document: &Document) -> Vec<model::RoutingTest> {
    document.tests.iter().map(test).collect()
}

/// The moment that a `clock` names.
pub(in crate::spec) fn clock(written: &str) -> Option<Clock> {
    string(written).parse().ok()
}

fn test(test: &document::RoutingTest) -> model::RoutingTest {
    let document::RoutingTest {
        name,
        workflow,
        task,
        task_channel,
        priority,
        timeout,
        workers,
        clock: written,
        at,
        expect,
        later,
    } = test;
    let first = model::Moment { at: at.unwrap_or_default(), expect: expectation(expect) };
    let later = later.iter().map(|document::Later { at, expect }| model::Moment {
        at: *at,
        expect: expectation(expect),
    });
    model::RoutingTest {
        name: string(name),
        workflow: string(workflow),
        task: attributes(task),
        task_channel: task_channel.as_deref().map(string),
        priority: *priority,
        timeout: *timeout,
        workers: workers
            .as_ref()
            .map(|workers| workers.iter().map(|(name, with)| worker(name, with)).collect()),
        clock: written.as_deref().and_then(clock),
        moments: std::iter::once(first).chain(later).collect(),
    }
}

/// A worker of a test.
pub(in crate::spec) fn worker(name: &str, worker: &document::TestWorker) -> model::TestWorker {
    let document::TestWorker { activity, attributes: own, channels, idle } = worker;
    let channels = channels.iter().map(|(name, channel)| {
        let document::TestChannel { capacity, assigned, available } = channel;
        let channel = model::TestChannel {
            capacity: *capacity,
            assigned: assigned.unwrap_or_default(),
            available: *available,
        };
        (name.clone(), channel)
    });
    model::TestWorker {
        name: name.to_owned(),
        activity: activity.as_deref().map(string),
        attributes: sorted(own),
        channels: channels.collect(),
        idle: idle.unwrap_or_default(),
    }
}

fn expectation(expect: &document::Expectation) -> model::Expectation {
    let document::Expectation { filter, queue, worker, workers, not_workers, priority, outcome } =
        expect;
    let one = |name: &Option<String>| name.as_deref().map(string);
    let several = |names: &Option<Vec<String>>| {
        names.as_ref().map(|names| names.iter().map(|name| string(name)).collect())
    };
    model::Expectation {
        filter: one(filter),
        queue: one(queue),
        worker: one(worker),
        workers: several(workers),
        not_workers: several(not_workers),
        priority: *priority,
        outcome: outcome.map(|outcome| match outcome {
            document::Outcome::Reserved => model::ExpectedOutcome::Reserved,
            document::Outcome::Waiting => model::ExpectedOutcome::Waiting,
            document::Outcome::Canceled => model::ExpectedOutcome::Canceled,
            document::Outcome::Unrouted => model::ExpectedOutcome::Unrouted,
        }),
    }
}

fn attributes(written: &IndexMap<String, Value>) -> Map<String, Value> {
    written.iter().map(|(key, value)| (key.clone(), texts(value))).collect()
}

/// The value with each string as a text is stored.
fn texts(value: &Value) -> Value {
    match value {
        Value::String(template) => text(template).to_string().into(),
        Value::Array(items) => items.iter().map(texts).collect(),
        Value::Object(entries) => entries
            .iter()
            .map(|(key, value)| (key.clone(), texts(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}
