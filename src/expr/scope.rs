//! Where attributes come from: workers, tasks, and both.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::{Certainty, Path, Scope, Segment};

static NULL: Value = Value::Null;

/// The attributes of one worker or task, by bare keys, and its own fields such as `sid`.
///
/// A bare key means the attribute first and then the field; after the prefix (`worker.sid`) the
/// field comes first. An attribute named like the prefix hides the prefix.
#[derive(Clone, Debug)]
pub struct AttributeScope<'a> {
    attributes: &'a Map<String, Value>,
    fields: Map<String, Value>,
    prefix: Option<&'static str>,
}

/// What a worker channel counts, for `worker.channel.<name>.…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelLoad {
    /// Tasks at once.
    pub configured_capacity: u32,
    /// Accepted reservations.
    pub assigned_tasks: u32,
    /// Pending, accepted and wrapping reservations.
    pub reservations: u32,
}

impl ChannelLoad {
    /// The free share of the capacity in whole percent, rounded down; 0 without capacity.
    pub fn available_capacity_percentage(self) -> u32 {
        let free = self.configured_capacity.saturating_sub(self.reservations);
        let percentage = u64::from(free) * 100 / u64::from(self.configured_capacity.max(1));
        u32::try_from(percentage).expect("the free part is at most the whole, so at most 100")
    }
}

impl<'a> AttributeScope<'a> {
    /// The attributes by bare keys alone.
    pub fn new(attributes: &'a Map<String, Value>) -> Self {
        Self { attributes, fields: Map::new(), prefix: None }
    }

    /// A worker's attributes, by bare keys and after `worker.`.
    pub fn worker(attributes: &'a Map<String, Value>) -> Self {
        Self { prefix: Some("worker"), ..Self::new(attributes) }
    }

    /// A task's attributes, by bare keys and after `task.`.
    pub fn task(attributes: &'a Map<String, Value>) -> Self {
        Self { prefix: Some("task"), ..Self::new(attributes) }
    }

    /// Adds a field that is no attribute: a worker's `sid`, `friendly_name`, `activity_sid`,
    /// `activity_name`.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// Adds `channel.<unique_name>` with `configured_capacity`, `assigned_tasks` and
    /// `available_capacity_percentage`.
    #[must_use]
    pub fn channel(mut self, unique_name: &str, load: ChannelLoad) -> Self {
        let channels = self.fields.entry("channel").or_insert_with(|| json!({}));
        channels[unique_name] = json!({
            "configured_capacity": load.configured_capacity,
            "assigned_tasks": load.assigned_tasks,
            "available_capacity_percentage": load.available_capacity_percentage(),
        });
        self
    }

    fn find(&self, segments: &[Segment]) -> &Value {
        match self.after_prefix(segments) {
            Some(rest)
                if self.prefix.is_none_or(|prefix| !self.attributes.contains_key(prefix)) =>
            {
                self.find_in([&self.fields, self.attributes], rest)
            }
            _ => self.find_in([self.attributes, &self.fields], segments),
        }
    }

    fn after_prefix<'b>(&self, segments: &'b [Segment]) -> Option<&'b [Segment]> {
        match segments {
            [Segment::Key(first), rest @ ..] if !rest.is_empty() => {
                (self.prefix == Some(first.as_str())).then_some(rest)
            }
            _ => None,
        }
    }

    /// The value in the first of `maps` that has the path's first key.
    fn find_in<'b>(&'b self, maps: [&'b Map<String, Value>; 2], segments: &[Segment]) -> &'b Value {
        let [Segment::Key(first), rest @ ..] = segments else { return &NULL };
        match maps.into_iter().find_map(|map| entry(map, first)) {
            Some(value) => descend(value, rest),
            None => &NULL,
        }
    }
}

/// A few keys are compared faster than one is hashed.
fn entry<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    if map.len() > 8 {
        return map.get(key);
    }
    map.iter().find_map(|(other, value)| (other == key).then_some(value))
}

impl Scope for AttributeScope<'_> {
    fn lookup<'a>(&'a self, path: &Path) -> Cow<'a, Value> {
        Cow::Borrowed(self.find(&path.segments))
    }

    /// Where bare keys are documented, working configurations rely on the prefix; a field by its
    /// bare name is as little documented.
    fn certainty(&self, path: &Path) -> Certainty {
        let field = || match &path.segments[..] {
            [Segment::Key(first), ..] => {
                self.fields.contains_key(first) && !self.attributes.contains_key(first)
            }
            _ => false,
        };
        let undocumented = self.after_prefix(&path.segments).is_some() || field();
        if undocumented { Certainty::Assumed } else { Certainty::Documented }
    }
}

/// A target expression's world: everything begins with `task.` or `worker.`, and nothing else is
/// there.
#[derive(Clone, Debug)]
pub struct TargetScope<'a> {
    /// The task that is routed.
    pub task: AttributeScope<'a>,
    /// The worker who may get it.
    pub worker: AttributeScope<'a>,
}

impl Scope for TargetScope<'_> {
    fn lookup<'a>(&'a self, path: &Path) -> Cow<'a, Value> {
        let [Segment::Key(first), rest @ ..] = &path.segments[..] else {
            return Cow::Borrowed(&NULL);
        };
        let side = match first.as_str() {
            "task" => &self.task,
            "worker" => &self.worker,
            _ => return Cow::Borrowed(&NULL),
        };
        Cow::Borrowed(side.find_in([&side.fields, side.attributes], rest))
    }

    /// All attributes must have a prefix; what TaskRouter makes of others is not said.
    fn certainty(&self, path: &Path) -> Certainty {
        match &path.segments[..] {
            [Segment::Key(first), _, ..] if matches!(first.as_str(), "task" | "worker") => {
                Certainty::Documented
            }
            _ => Certainty::Unspecified,
        }
    }
}

/// A JSON document: the first key of a path is one of its keys. Serves skip conditions
/// (`{"workers": {"available": 2}}`).
impl Scope for Value {
    fn lookup<'a>(&'a self, path: &Path) -> Cow<'a, Value> {
        Cow::Borrowed(descend(self, &path.segments))
    }
}

/// The value at the end of `segments`; null where a step leads nowhere.
fn descend<'a>(value: &'a Value, segments: &[Segment]) -> &'a Value {
    segments
        .iter()
        .try_fold(value, |value, segment| match segment {
            Segment::Key(key) => value.as_object()?.get(key),
            Segment::Index(index) => value.as_array()?.get(usize::try_from(*index).ok()?),
        })
        .unwrap_or(&NULL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{evaluate, parse};

    fn object(value: &Value) -> &Map<String, Value> {
        value.as_object().expect("the test writes an object")
    }

    fn holds(text: &str, scope: &dyn Scope) -> bool {
        let (tree, errors) = parse(text);
        assert_eq!(errors, [], "{text}");
        evaluate(&tree, scope).holds()
    }

    #[test]
    fn a_worker_has_attributes_fields_and_channels_with_and_without_the_prefix() {
        let attributes = json!({"skills": ["es"], "friendly_name": "an attribute"});
        let load = ChannelLoad { configured_capacity: 3, assigned_tasks: 1, reservations: 2 };
        let scope = AttributeScope::worker(object(&attributes))
            .field("sid", "WK01")
            .field("friendly_name", "alice")
            .channel("chat", load)
            .channel("voice", ChannelLoad { reservations: 0, ..load });
        for text in [
            "skills HAS 'es' AND worker.skills HAS 'es'",
            "sid == 'WK01' AND worker.sid == 'WK01'",
            "friendly_name == 'an attribute'",
            "worker.friendly_name == 'alice'",
            "worker.channel.chat.configured_capacity == 3",
            "worker.channel.chat.assigned_tasks <= 1",
            "channel.chat.available_capacity_percentage == 33",
            "worker.channel.voice.available_capacity_percentage == 100",
            "worker.channel.sms.assigned_tasks == null",
            "worker == null AND task.skills == null",
        ] {
            assert!(holds(text, &scope), "{text}");
        }
    }

    #[test]
    fn an_attribute_named_like_the_prefix_hides_it() {
        let attributes = json!({"worker": {"id": 1}, "id": 2});
        let scope = AttributeScope::worker(object(&attributes)).field("sid", "WK01");
        assert!(holds("worker.id == 1 AND worker.sid == null", &scope));
    }

    #[test]
    fn a_target_sees_the_task_and_the_worker_and_no_bare_key() {
        let (task, worker) = (json!({"language": "es", "sid": 1}), json!({"languages": ["es"]}));
        let scope = TargetScope {
            task: AttributeScope::task(object(&task)),
            worker: AttributeScope::worker(object(&worker)).field("sid", "WK01"),
        };
        assert!(holds("task.language IN worker.languages", &scope));
        assert!(holds("worker.sid == 'WK01' AND task.sid == 1", &scope));
        assert!(holds("language == null AND sid == null AND worker == null", &scope));
    }

    #[test]
    fn a_channel_without_capacity_or_with_too_many_tasks_has_nothing_free() {
        let percentage = |configured_capacity, reservations| {
            ChannelLoad { configured_capacity, assigned_tasks: 0, reservations }
                .available_capacity_percentage()
        };
        assert_eq!(percentage(0, 0), 0);
        assert_eq!(percentage(2, 5), 0);
        assert_eq!(percentage(3, 1), 66);
        assert_eq!(percentage(u32::MAX, 0), 100);
    }
}
