//! Workers made up for tests.

use serde_json::{Map, Value};

use crate::expr::{AttributeScope, Expr, Literal, Node, Path, Scope, Segment, parse_path};
use crate::model::{Address, Expression, Kind, Model, Part, QueueRef, Target, TestWorker, Text};
use crate::routing::{Goal, worker_witness};
use crate::text::TextRange;

/// The name of a made-up worker for whom no expression asks for another.
pub(super) const AGENT: &str = "ada";

/// A worker of the target's queue for whom the target's expression holds with this task, as far as
/// one could be made up.
pub(super) fn eligible(
    model: &Model,
    target: &Target,
    task: &Map<String, Value>,
) -> Option<TestWorker> {
    let Some(QueueRef::Name(queue)) = &target.queue else { return None };
    let everybody = Expression::from("1==1");
    let queue = model.queues.get(queue)?.target_workers.as_ref().unwrap_or(&everybody);
    let wanted = target.expression.as_ref().map(|expression| {
        let (tree, _) = expression.parse();
        seen_by_worker(tree, &AttributeScope::task(&with_stand_ins(task)))
    });
    let (tree, _) = queue.parse();
    let goals: Vec<Goal<'_>> =
        [Some(&tree), wanted.as_ref()].into_iter().flatten().map(Goal::met).collect();
    let found = worker_witness(&goals)?;
    let name = if found.name.is_empty() { AGENT.to_owned() } else { found.name };
    let activity = (!found.activity.is_empty()).then_some(found.activity);
    Some(TestWorker { name, activity, attributes: found.attributes, ..TestWorker::default() })
}

/// A target's expression with the values of the task's attributes in it.
fn seen_by_worker(mut expr: Expr, task: &AttributeScope<'_>) -> Expr {
    expr.node = match expr.node {
        Node::Path(path) => match value(&path, task) {
            Some(value) => constant(&value),
            None => Node::Path(path),
        },
        Node::Logic(op, operands) => {
            Node::Logic(op, operands.into_iter().map(|e| seen_by_worker(e, task)).collect())
        }
        Node::Compare(op, left, right) => {
            let side = |side: Box<Expr>| Box::new(seen_by_worker(*side, task));
            Node::Compare(op, side(left), side(right))
        }
        Node::List(items) => {
            Node::List(items.into_iter().map(|e| seen_by_worker(e, task)).collect())
        }
        node => node,
    };
    expr
}

/// What a path is worth that names an attribute of the task.
fn value(path: &Path, task: &AttributeScope<'_>) -> Option<Value> {
    match path.segments.first()? {
        Segment::Key(first) if first == "task" => Some(task.lookup(path).into_owned()),
        Segment::Key(_) | Segment::Index(_) => None,
    }
}

fn constant(value: &Value) -> Node {
    match value {
        Value::Null | Value::Object(_) => Node::Literal(Literal::Null),
        Value::Bool(flag) => Node::Literal(Literal::Boolean(*flag)),
        Value::Number(number) => {
            Node::Literal(number.as_f64().map_or(Literal::Null, Literal::Number))
        }
        Value::String(text) => Node::Literal(Literal::String(text.clone())),
        Value::Array(items) => {
            let item =
                |item| Expr { node: constant(item), range: TextRange::default(), grouped: false };
            Node::List(items.iter().map(item).collect())
        }
    }
}

/// The attributes of a test with made-up sids for those that are written by name.
fn with_stand_ins(task: &Map<String, Value>) -> Map<String, Value> {
    fn value(stored: &Value) -> Value {
        match stored {
            Value::String(stored) => match stored.parse::<Text>() {
                Ok(text) => text.render(Expression::stand_in_sid).into(),
                Err(_) => stored.clone().into(),
            },
            Value::Array(items) => items.iter().map(value).collect(),
            Value::Object(entries) => with_stand_ins(entries).into(),
            other => other.clone(),
        }
    }
    task.iter().map(|(key, stored)| (key.clone(), value(stored))).collect()
}

/// A worker's sid as a test writes it.
pub(super) fn sid(worker: &str) -> String {
    Text::from_iter([Part::Sid(Address::new(Kind::Worker, worker))]).to_string()
}

/// Puts a text at the path of a task attribute, as in `task.customer.agent`. None when it cannot
/// stand there.
pub(super) fn put(task: &mut Map<String, Value>, path: &str, text: String) -> Option<()> {
    let path = parse_path(path).ok()?;
    let mut keys = path.segments.iter().map(|segment| match segment {
        Segment::Key(key) => Some(key.as_str()),
        Segment::Index(_) => None,
    });
    if keys.next()?? != "task" {
        return None;
    }
    let keys: Vec<&str> = keys.collect::<Option<_>>()?;
    let (last, parents) = keys.split_last()?;
    let mut at = task;
    for key in parents {
        let inner = at.entry((*key).to_owned()).or_insert_with(|| Map::new().into());
        at = inner.as_object_mut()?;
    }
    at.insert((*last).to_owned(), text.into());
    Some(())
}
