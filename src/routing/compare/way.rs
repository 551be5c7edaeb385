//! A task's way, from its trace.

use serde_json::{Map, Value};

use super::value::{Stop, TaskShape, Way, WayEnd};
use crate::expr::{Certainty, Clock};
use crate::model::{Address, Expression, Model, Target, Text};
use crate::routing::{Crew, End, Step, TargetStep, Task, Trace};

/// A kind of task, with the moment at which it is created.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) task: Task,
    pub(super) at: Clock,
    /// As it is told.
    pub(super) told: TaskShape,
}

impl Shape {
    /// The same task with other names in its attributes; none when no name is another.
    pub(super) fn renamed(&self, other: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        fn rename(value: &Value, other: &dyn Fn(&str) -> Option<String>) -> Value {
            match value {
                Value::String(text) => other(text).map_or_else(|| value.clone(), Value::String),
                Value::Array(items) => items.iter().map(|item| rename(item, other)).collect(),
                Value::Object(map) => {
                    map.iter().map(|(key, value)| (key.clone(), rename(value, other))).collect()
                }
                value => value.clone(),
            }
        }
        let attributes = self.task.attributes.iter();
        let attributes: Map<String, Value> =
            attributes.map(|(key, value)| (key.clone(), rename(value, other))).collect();
        let task = Task { attributes, ..self.task.clone() };
        (task != self.task).then(|| Self { task, ..self.clone() })
    }
}

/// Attributes with made-up sids in the places of `${queue['Sales'].sid}`.
pub(super) fn with_sids(
    attributes: &Map<String, Value>,
    name: &dyn Fn(&Address) -> Address,
) -> Map<String, Value> {
    fn put(value: &Value, name: &dyn Fn(&Address) -> Address) -> Value {
        match value {
            Value::String(plain) => match plain.parse::<Text>() {
                Ok(text) => Value::String(text.render(|a| Expression::stand_in_sid(&name(a)))),
                Err(_) => value.clone(),
            },
            Value::Array(items) => items.iter().map(|item| put(item, name)).collect(),
            Value::Object(map) => with_sids(map, name).into(),
            other => other.clone(),
        }
    }
    attributes.iter().map(|(key, value)| (key.clone(), put(value, name))).collect()
}

/// One side of a comparison, ready for many tasks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'s> {
    pub(super) model: &'s Model,
    /// Of workers who are not known.
    pub(super) crew: &'s Crew<'s>,
}

/// A way, and how far it can be trusted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Followed {
    pub(super) way: Way,
    pub(super) certainty: Certainty,
}

impl Side<'_> {
    /// None when there is no such workflow.
    pub(super) fn follow(&self, workflow: &str, shape: &Shape) -> Option<Followed> {
        let trace = self.crew.way(workflow, &shape.task, shape.at).ok()?;
        Some(Followed { way: self.way(&trace), certainty: trace.certainty })
    }

    fn way(&self, trace: &Trace) -> Way {
        let workflow = self.model.workflows.get(&trace.workflow);
        let filters = workflow.and_then(|workflow| workflow.filters.as_deref()).unwrap_or_default();
        let mut priority = trace.task.priority;
        let mut stops = Vec::new();
        for step in &trace.steps {
            match step {
                Step::Filter(step) => {
                    let targets = filters.get(step.filter).map_or(&[][..], |f| &f.targets);
                    for target in &step.targets {
                        stops.push(Stop {
                            filter: Some(step.name.clone()),
                            position: Some(step.filter + 1),
                            ..stop(target, targets.get(target.target), &mut priority)
                        });
                    }
                }
                Step::DefaultFilter(step) => {
                    let default = workflow.and_then(|w| w.default_filter.as_ref()?.as_ref());
                    stops.push(stop(step, default, &mut priority));
                }
            }
        }
        Way { stops, end: end(&trace.end) }
    }
}

fn stop(step: &TargetStep, target: Option<&Target>, priority: &mut u32) -> Stop {
    if let Some(change) = step.priority {
        *priority = change.after;
    }
    let canonical = |expression: Option<&crate::model::Expression>| {
        expression.map(|e| e.canonical().to_string()).filter(|text| !text.is_empty())
    };
    let known_worker = target.and_then(|target| {
        let sid = target.known_worker_sid.as_ref().map(|path| format!("sid {path}"));
        let name = target.known_worker_friendly_name.as_ref().map(|path| format!("name {path}"));
        let both: Vec<String> = sid.into_iter().chain(name).collect();
        (!both.is_empty()).then(|| both.join(", "))
    });
    Stop {
        filter: None,
        position: None,
        queue: step.queue.clone(),
        since: step.age,
        until: step.deadline.map(|deadline| deadline.age),
        priority: *priority,
        expression: canonical(target.and_then(|target| target.expression.as_ref())),
        skip_if: canonical(target.and_then(|target| target.skip_if.as_ref())),
        order_by: target.and_then(|target| target.order_by.clone()).filter(|o| !o.is_empty()),
        known_worker,
    }
}

fn end(end: &End) -> WayEnd {
    match end {
        End::Reserved { .. } | End::Waiting { .. } => WayEnd::Waits,
        End::Canceled { age, .. } => WayEnd::Canceled { age: *age },
        End::Unrouted => WayEnd::Unrouted,
        End::Unknown { .. } => WayEnd::Unknown,
    }
}
