//! What an object looked like when it was read, as its fingerprint.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{Fingerprint, Kind, Live, Worker};

/// What the API answered of an object, as far as it can be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The object as it came.
    Object(Kind, Map<String, Value>),
    /// A worker. There may be 15,000: the rest of it is with the snapshot's workers.
    Worker {
        /// Its place among them.
        at: usize,
        activity_sid: String,
        /// What is no JSON object.
        attributes: Option<String>,
    },
}

/// Answers by sid. A fingerprint is worked out when somebody asks, since most are never asked for.
#[derive(Clone, Debug, Default)]
pub struct Answers(Arc<Kept>);

#[derive(Debug, Default)]
struct Kept {
    answers: Vec<(String, Answer)>,
    /// Their places by sid, once somebody has asked.
    places: OnceLock<HashMap<String, usize>>,
}

impl FromIterator<(String, Answer)> for Answers {
    fn from_iter<I: IntoIterator<Item = (String, Answer)>>(answers: I) -> Self {
        let answers = answers.into_iter().collect();
        Self(Arc::new(Kept { answers, places: OnceLock::new() }))
    }
}

impl PartialEq for Answers {
    fn eq(&self, other: &Self) -> bool {
        self.0.answers == other.0.answers
    }
}

impl Answers {
    /// What the object with this sid looked like.
    pub(super) fn fingerprint(&self, sid: &str, workers: &[Live<Worker>]) -> Option<Fingerprint> {
        let Kept { answers, places } = &*self.0;
        let place = || answers.iter().enumerate().map(|(at, (sid, _))| (sid.clone(), at)).collect();
        let (_, answer) = &answers[*places.get_or_init(place).get(sid)?];
        Some(match answer {
            Answer::Object(kind, answer) => Fingerprint::of(*kind, answer),
            Answer::Worker { at, activity_sid, attributes } => {
                let worker = workers.get(*at).filter(|worker| worker.sid == sid)?;
                of_worker(worker, activity_sid, attributes.as_deref())
            }
        })
    }
}

/// The fields of a kind that can be written, as the API names them when it answers.
pub fn written_fields(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Workspace => &[
            "default_activity_sid",
            "event_callback_url",
            "events_filter",
            "friendly_name",
            "multi_task_enabled",
            "prioritize_queue_order",
            "timeout_activity_sid",
        ],
        Kind::Activity => &["available", "friendly_name"],
        Kind::TaskChannel => &["channel_optimized_routing", "friendly_name"],
        Kind::Queue => &[
            "assignment_activity_sid",
            "friendly_name",
            "max_reserved_workers",
            "reservation_activity_sid",
            "target_workers",
            "task_order",
        ],
        Kind::Workflow => &[
            "assignment_callback_url",
            "configuration",
            "fallback_assignment_callback_url",
            "friendly_name",
            "task_reservation_timeout",
        ],
        Kind::Worker => &["activity_sid", "attributes", "friendly_name"],
        Kind::Capacity => &["available", "configured_capacity"],
        Kind::Role => &["permissions"],
    }
}

impl Fingerprint {
    /// Of an object as the API answered it.
    pub fn of(kind: Kind, answer: &Map<String, Value>) -> Self {
        let field = |field: &&'static str| Self::digest(field, answer.get(*field));
        Self::new(written_fields(kind).iter().map(field))
    }

    /// One field with the digest of its value.
    pub fn digest(field: &'static str, value: Option<&Value>) -> (Cow<'static, str>, u64) {
        let text = match value {
            // Null, empty and missing are the same to the API.
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) if matches!(field, "configuration" | "attributes") => {
                canonical(text)
            }
            Some(Value::String(text)) => text.clone(),
            // Permissions are a set.
            Some(Value::Array(items)) => {
                let mut items: Vec<String> = items.iter().map(Value::to_string).collect();
                items.sort_unstable();
                items.join(",")
            }
            Some(value) => value.to_string(),
        };
        (Cow::Borrowed(field), hash(&text))
    }
}

/// Of a worker with the attributes that were read, or those that are no object.
fn of_worker(worker: &Live<Worker>, activity_sid: &str, attributes: Option<&str>) -> Fingerprint {
    let attributes = match attributes {
        Some(text) => canonical(text),
        None => {
            let mut text = String::new();
            write_object(&worker.value.attributes, &mut text);
            text
        }
    };
    Fingerprint::new([
        (Cow::Borrowed("activity_sid"), hash(activity_sid)),
        (Cow::Borrowed("attributes"), hash(&attributes)),
        (Cow::Borrowed("friendly_name"), hash(&worker.name)),
    ])
}

fn hash(text: &str) -> u64 {
    let digest = Sha256::digest(text);
    let (first, _) = digest.split_at(8);
    u64::from_be_bytes(first.try_into().expect("a digest has 32 bytes"))
}

/// JSON without white space and with its keys in order; other text as it is.
fn canonical(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => {
            let mut text = String::with_capacity(text.len());
            write_value(&value, &mut text);
            text
        }
        Err(_) => text.to_owned(),
    }
}

fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Object(object) => write_object(object, out),
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                out.push_str(if n == 0 { "" } else { "," });
                write_value(item, out);
            }
            out.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            write!(out, "{value}").expect("writing to a string cannot fail");
        }
    }
}

fn write_object(object: &Map<String, Value>, out: &mut String) {
    let mut entries: Vec<_> = object.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| key.as_str());
    out.push('{');
    for (n, (key, value)) in entries.into_iter().enumerate() {
        let comma = if n == 0 { "" } else { "," };
        write!(out, "{comma}{}:", Value::from(key.as_str()))
            .expect("writing to a string cannot fail");
        write_value(value, out);
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn moved(kind: Kind, then: &Value, now: &Value) -> Vec<String> {
        let raw = |value: &Value| value.as_object().expect("the test writes an object").clone();
        let (then, now) = (Fingerprint::of(kind, &raw(then)), Fingerprint::of(kind, &raw(now)));
        then.moved(&now).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn another_spelling_of_the_same_configuration_has_not_moved() {
        let then = json!({"configuration": r#"{"a": 1, "b": [2]}"#, "friendly_name": "Main"});
        let same = json!({"configuration": r#"{"b":[2],"a":1}"#, "friendly_name": "Main"});
        assert!(moved(Kind::Workflow, &then, &same).is_empty());
        let other = json!({"configuration": r#"{"b":[3],"a":1}"#, "friendly_name": "Main"});
        assert_eq!(moved(Kind::Workflow, &then, &other), ["configuration"]);
    }

    #[test]
    fn dates_and_links_never_move() {
        let then = json!({"friendly_name": "Sales", "date_updated": "1", "task_order": null});
        let now = json!({"friendly_name": "Sales", "date_updated": "2", "task_order": ""});
        assert!(moved(Kind::Queue, &then, &now).is_empty());
    }
}
