//! Expressions as TaskRouter takes them: refusals in its words, workers as what paths refer to.

use std::borrow::Cow;

use serde_json::Value;

use super::refusal::Refusal;
use super::store::{Contents, Record};
use super::worker::Worker;
use super::worker_channel;
use crate::expr::{self, Expr, LogicOp, Node, Path, Scope, Segment};

/// Reads an expression.
///
/// # Errors
/// 20001 in the manner of the vendor's parser generator.
pub(super) fn read(text: &str) -> Result<Expr, Refusal> {
    let (expr, errors) = expr::parse(text);
    let Some(error) = errors.first() else { return Ok(expr) };
    let offending = text.get(error.range.start..error.range.end).unwrap_or_default().trim();
    let complaint = if offending.is_empty() {
        "mismatched input '<EOF>'".to_owned()
    } else {
        format!("extraneous input '{}'", super::form::brief(offending))
    };
    let expected = if offending.is_empty() { "an operand" } else { "OPERATOR" };
    Err(Refusal::invalid(format!("{complaint} expecting {expected} ({})", error.message)))
}

/// A worker as expressions see it: attributes by bare keys and, where there is no such
/// attribute, the worker's own fields; after `worker.` the fields come first. The same rule as
/// [`expr::AttributeScope`], without building all fields and channels for each of many workers.
struct WorkerScope<'a> {
    worker: &'a Worker,
    contents: &'a Contents,
}

impl WorkerScope<'_> {
    fn attribute(&self, segments: &[Segment]) -> Option<Cow<'_, Value>> {
        let [Segment::Key(first), ..] = segments else { return None };
        self.worker.parsed.get(first)?;
        let path = Path { segments: segments.to_vec() };
        Some(self.worker.parsed.lookup(&path))
    }

    fn field(&self, segments: &[Segment]) -> Option<Cow<'_, Value>> {
        let value = match segments {
            [Segment::Key(field)] => match field.as_str() {
                "sid" => Value::from(self.worker.head().sid.as_str()),
                "friendly_name" => Value::from(self.worker.friendly_name.as_str()),
                "activity_sid" => Value::from(self.worker.activity_sid.as_str()),
                "activity_name" => {
                    let activity = self.contents.activities.get(&self.worker.activity_sid);
                    activity.map_or(Value::Null, |found| Value::from(found.name()))
                }
                _ => return None,
            },
            [Segment::Key(channel), Segment::Key(name), Segment::Key(figure)]
                if channel == "channel" =>
            {
                worker_channel::figure(self.contents, self.worker, name, figure)
            }
            _ => return None,
        };
        Some(Cow::Owned(value))
    }
}

impl Scope for WorkerScope<'_> {
    fn lookup<'a>(&'a self, path: &Path) -> Cow<'a, Value> {
        let found = match path.segments.as_slice() {
            [Segment::Key(first), rest @ ..]
                if first == "worker"
                    && !rest.is_empty()
                    && self.worker.parsed.get(first).is_none() =>
            {
                self.field(rest).or_else(|| self.attribute(rest))
            }
            segments => self.attribute(segments).or_else(|| self.field(segments)),
        };
        found.unwrap_or(Cow::Owned(Value::Null))
    }
}

/// Whether a queue's or a filter's expression selects a worker.
pub(super) fn selects(expr: &Expr, worker: &Worker, contents: &Contents) -> bool {
    if let Node::Logic(LogicOp::And, operands) = &expr.node {
        // Most workers fail at the first; the rest need not be looked at.
        return operands.iter().all(|operand| selects(operand, worker, contents));
    }
    expr::evaluate(expr, &WorkerScope { worker, contents }).holds()
}
