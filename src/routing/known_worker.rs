//! The worker that a target asks for.

use serde_json::{Map, Value};

use super::Worker;
use super::crew::Members;
use super::router::TargetPlan;
use super::sids::Sids;
use super::trace::{KnownWorker, KnownWorkerBy, KnownWorkerFound};
use crate::expr::{Path, Segment};

/// The worker that a target asks for, as the task's attributes name it.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    attribute: String,
    by: KnownWorkerBy,
    /// None when it is missing.
    value: Option<Value>,
    /// Whether the target gives no path of a task attribute.
    pub(super) no_path: bool,
}

/// The worker that the target asks for; none when it asks for no one in particular.
pub(super) fn wanted(plan: &TargetPlan, task: &Map<String, Value>) -> Option<Wanted> {
    let (by, path) = match (&plan.known_worker_sid, &plan.known_worker_friendly_name) {
        (Some(path), _) => (KnownWorkerBy::Sid, path),
        (None, Some(path)) => (KnownWorkerBy::FriendlyName, path),
        (None, None) => return None,
    };
    let segments = path.path.as_ref().and_then(after_task);
    let value = segments.and_then(|segments| find(segments, task)).cloned();
    Some(Wanted { attribute: path.text.clone(), by, value, no_path: segments.is_none() })
}

/// The path behind `task.`.
fn after_task(path: &Path) -> Option<&[Segment]> {
    match &path.segments[..] {
        [Segment::Key(first), rest @ ..] if first == "task" && !rest.is_empty() => Some(rest),
        _ => None,
    }
}

/// The value at a path, apart from null.
fn find<'a>(segments: &[Segment], attributes: &'a Map<String, Value>) -> Option<&'a Value> {
    let [Segment::Key(first), rest @ ..] = segments else { return None };
    rest.iter().try_fold(attributes.get(first)?, |value, segment| match segment {
        Segment::Key(key) => value.as_object()?.get(key),
        Segment::Index(index) => value.as_array()?.get(usize::try_from(*index).ok()?),
    })
}

impl Wanted {
    /// Whether this is the worker. TaskRouter does not tell names by their case.
    pub(super) fn is(&self, worker: &Worker) -> bool {
        let Some(Value::String(value)) = &self.value else { return false };
        match self.by {
            KnownWorkerBy::Sid => *value == worker.sid,
            KnownWorkerBy::FriendlyName => value.to_lowercase() == worker.name.to_lowercase(),
        }
    }

    /// Whether this is the worker but for the case of the name.
    pub(super) fn by_case(&self, worker: &Worker) -> bool {
        let same = matches!(&self.value, Some(Value::String(value)) if *value == worker.name);
        self.by == KnownWorkerBy::FriendlyName && !same && self.is(worker)
    }

    /// Whom the attribute names among these workers, when they and those in the queue are known.
    pub(super) fn among(&self, people: Option<(&[Worker], &Members)>, sids: &Sids) -> KnownWorker {
        let found = match (&self.value, people) {
            (Some(Value::Null), _) => KnownWorkerFound::Null,
            (Some(Value::String(_)), Some((workers, members))) => {
                match workers.iter().position(|worker| self.is(worker)) {
                    Some(at) if members.holds(at) => KnownWorkerFound::InQueue,
                    Some(_) => KnownWorkerFound::NotInQueue,
                    None => KnownWorkerFound::Invalid,
                }
            }
            (Some(Value::String(_)), None) => KnownWorkerFound::Unknown,
            _ => KnownWorkerFound::Invalid,
        };
        let value = sids.named_value(self.value.clone().unwrap_or_default());
        KnownWorker { attribute: self.attribute.clone(), by: self.by, value, found }
    }
}
