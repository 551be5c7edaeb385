//! What is made up: a task's attributes, or a worker.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::MAX_MOMENTS;
use crate::expr::{AttributeScope, Clock, Expr, Literal, Node, Path, Scope, Segment, Timed};
use crate::routing::Worker;

/// The scope of a task's filters, but for the time.
pub(in crate::routing) fn task_scope(attributes: &Map<String, Value>) -> AttributeScope<'_> {
    AttributeScope::task(attributes)
}

/// The scope of a queue's expression.
pub(in crate::routing) fn worker_scope(worker: &Worker) -> AttributeScope<'_> {
    let mut scope = AttributeScope::worker(&worker.attributes)
        .field("sid", worker.sid.as_str())
        .field("friendly_name", worker.name.as_str())
        .field("activity_name", worker.activity.as_str());
    for (name, channel) in &worker.channels {
        scope = scope.channel(name, channel.load);
    }
    scope
}

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    /// An attribute that can be given any value.
    Attribute(Vec<Step>),
    /// A field of a worker, which can be given any text.
    Field(&'static str),
    /// What stands fixed.
    Fixed,
}

/// A [`Segment`] in an order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Key(String),
    Index(u32),
}

/// Something that can be made up.
pub(super) trait Side {
    type Shape: Clone + PartialEq;

    fn named(&self, path: &Path) -> Named;
    /// The value of a fixed path.
    fn fixed(&self, path: &Path) -> Value;
    /// None when the values do not go together.
    fn build(&self, values: &BTreeMap<Named, Value>) -> Option<Self::Shape>;
    fn holds(&self, expr: &Expr, shape: &Self::Shape) -> bool;
}

/// A task at a moment.
pub(super) struct TaskSide {
    pub(super) clock: Clock,
}

impl Side for TaskSide {
    type Shape = Map<String, Value>;

    fn named(&self, path: &Path) -> Named {
        match &path.segments[..] {
            [Segment::Key(first), _, ..] if first == "taskrouter" => Named::Fixed,
            [Segment::Key(first), rest @ ..] if first == "task" && !rest.is_empty() => steps(rest),
            segments => steps(segments),
        }
    }

    fn fixed(&self, path: &Path) -> Value {
        let nothing = Map::new();
        let scope = task_scope(&nothing);
        Timed { clock: self.clock, scope: &scope }.lookup(path).into_owned()
    }

    fn build(&self, values: &BTreeMap<Named, Value>) -> Option<Self::Shape> {
        attributes(values)
    }

    fn holds(&self, expr: &Expr, shape: &Self::Shape) -> bool {
        let scope = task_scope(shape);
        crate::expr::evaluate(expr, &Timed { clock: self.clock, scope: &scope }).holds()
    }
}

/// A worker.
pub(super) struct WorkerSide;

const FIELDS: [&str; 3] = ["sid", "friendly_name", "activity_name"];

impl Side for WorkerSide {
    type Shape = Worker;

    fn named(&self, path: &Path) -> Named {
        let bare = match &path.segments[..] {
            [Segment::Key(first), rest @ ..] if first == "worker" && !rest.is_empty() => rest,
            segments => segments,
        };
        match bare {
            [Segment::Key(key)] if FIELDS.contains(&key.as_str()) => {
                let field = FIELDS.into_iter().find(|field| field == key);
                field.map_or(Named::Fixed, Named::Field)
            }
            // Counts, and a sid that nobody can make up.
            [Segment::Key(key), ..] if matches!(key.as_str(), "channel" | "activity_sid") => {
                Named::Fixed
            }
            segments => steps(segments),
        }
    }

    fn fixed(&self, path: &Path) -> Value {
        worker_scope(&nobody()).lookup(path).into_owned()
    }

    fn build(&self, values: &BTreeMap<Named, Value>) -> Option<Worker> {
        let mut worker = Worker { attributes: attributes(values)?, ..nobody() };
        for (named, value) in values {
            let Named::Field(field) = named else { continue };
            let text = value.as_str()?.to_owned();
            match *field {
                "sid" => worker.sid = text,
                "friendly_name" => worker.name = text,
                _ => worker.activity = text,
            }
        }
        Some(worker)
    }

    fn holds(&self, expr: &Expr, worker: &Worker) -> bool {
        crate::expr::evaluate(expr, &worker_scope(worker)).holds()
    }
}

/// A worker of whom nothing is known.
fn nobody() -> Worker {
    Worker {
        sid: String::new(),
        name: String::new(),
        activity: String::new(),
        available: true,
        attributes: Map::new(),
        channels: BTreeMap::new(),
        idle: None,
    }
}

fn steps(segments: &[Segment]) -> Named {
    let step = |segment: &Segment| match segment {
        Segment::Key(key) => Step::Key(key.clone()),
        Segment::Index(index) => Step::Index(*index),
    };
    Named::Attribute(segments.iter().map(step).collect())
}

/// The longest array that is made up to put a value at an index.
const MAX_INDEX: u32 = 64;

/// A prefix comes before what is below it, in the order of the map.
fn attributes(values: &BTreeMap<Named, Value>) -> Option<Map<String, Value>> {
    let mut root = Value::Object(Map::new());
    for (named, value) in values {
        let Named::Attribute(steps) = named else { continue };
        if !value.is_null() {
            *place(&mut root, steps)? = value.clone();
        }
    }
    match root {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

fn place<'v>(mut value: &'v mut Value, steps: &[Step]) -> Option<&'v mut Value> {
    for step in steps {
        value = match step {
            Step::Key(key) => {
                if value.is_null() {
                    *value = Value::Object(Map::new());
                }
                value.as_object_mut()?.entry(key.clone()).or_insert(Value::Null)
            }
            Step::Index(index) => {
                if *index > MAX_INDEX {
                    return None;
                }
                if value.is_null() {
                    *value = Value::Array(Vec::new());
                }
                let array = value.as_array_mut()?;
                let at = usize::try_from(*index).ok()?;
                if array.len() <= at {
                    array.resize(at + 1, Value::Null);
                }
                &mut array[at]
            }
        };
    }
    Some(value)
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// 2024-01-01, a Monday.
const MONDAY: i64 = 1_704_067_200;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

pub(super) fn moments<'e>(expressions: impl IntoIterator<Item = &'e Expr>) -> Vec<Clock> {
    let mut days = BTreeSet::from([0]);
    let mut times = BTreeSet::from([10 * HOUR]);
    for expr in expressions {
        expr.walk(&mut |part| {
            let Node::Compare(_, left, right) = &part.node else { return };
            let (variable, constant) = match (variable(left), variable(right)) {
                (Some(variable), _) => (variable, right),
                (None, Some(variable)) => (variable, left),
                (None, None) => return,
            };
            for literal in literals(constant) {
                match literal {
                    Literal::String(text) if variable == "dayOfWeek" => {
                        let found = DAYS.into_iter().position(|day| day == text.as_str());
                        days.extend(found.and_then(|at| i64::try_from(at).ok()));
                    }
                    Literal::Number(number) => times.extend(around(variable, *number)),
                    _ => {}
                }
            }
        });
    }
    if days.len() > 1
        && let Some(other) = (0..7).find(|day| !days.contains(day))
    {
        days.insert(other);
    }
    let all = days.iter().flat_map(|day| times.iter().map(move |time| MONDAY + day * DAY + time));
    all.take(MAX_MOMENTS).map(Clock::from_unix).collect()
}

/// The name of a time variable.
fn variable(expr: &Expr) -> Option<&str> {
    match &expr.node {
        Node::Path(Path { segments }) => match &segments[..] {
            [Segment::Key(first), Segment::Key(name)] if first == "taskrouter" => Some(name),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn literals(expr: &Expr) -> impl Iterator<Item = &Literal> {
    let elements = match &expr.node {
        Node::List(elements) => elements.as_slice(),
        _ => std::slice::from_ref(expr),
    };
    elements.iter().filter_map(|element| match &element.node {
        Node::Literal(literal) => Some(literal),
        _ => None,
    })
}

/// Seconds of the day before, at and after a value of a variable.
fn around(variable: &str, number: f64) -> Vec<i64> {
    if number.fract() != 0.0 || !(0.0..=2400.0).contains(&number) {
        return Vec::new();
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole number from 0 to 2400")]
    let number = number as i64;
    let (middle, step) = match variable {
        "currentTime" => (number / 100 * HOUR + number % 100 * MINUTE, MINUTE),
        "currentHour" => (number * HOUR, HOUR),
        "currentMin" => (10 * HOUR + number * MINUTE, MINUTE),
        _ => return Vec::new(),
    };
    [middle - step, middle, middle + step]
        .into_iter()
        .filter(|seconds| (0..DAY).contains(seconds))
        .collect()
}

/// An attribute that has this value by itself; used by tests of single comparisons.
pub(super) struct Assigned<'a, S> {
    pub(super) side: &'a S,
    pub(super) values: &'a BTreeMap<Named, Value>,
}

impl<S: Side> Scope for Assigned<'_, S> {
    fn lookup<'a>(&'a self, path: &Path) -> Cow<'a, Value> {
        let named = self.side.named(path);
        match self.values.get(&named) {
            Some(value) => Cow::Borrowed(value),
            None if named == Named::Fixed => Cow::Owned(self.side.fixed(path)),
            None => Cow::Owned(Value::Null),
        }
    }
}
