//! Workers as their pages are read: there may be 15,000, and little of each answer is needed.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::lift;
use super::lift::Raw;
use super::names::Names;
use super::page::Whole;
use crate::model::{Answer, Live, Worker};

/// One worker.
#[derive(Clone, Debug)]
pub(super) struct WorkerRead {
    /// The worker; its activity still by the sid. Attributes that are no JSON object are none.
    pub live: Live<Worker>,
    /// Attributes that are no JSON object.
    unreadable: Option<String>,
    /// Whether the list has left out the attributes.
    pub is_partial: bool,
}

impl WorkerRead {
    /// The same of an object that has been read as it is.
    pub(super) fn of(raw: Raw) -> Self {
        serde_json::from_value(Value::Object(raw)).expect("any object is read as a worker")
    }
}

/// The workers with the names of their activities, and what was answered of them.
pub(super) fn named(
    workers: Vec<WorkerRead>,
    names: &Names,
) -> (Vec<Live<Worker>>, Vec<(String, Answer)>) {
    let workers = workers.into_iter().enumerate();
    let named = workers.map(|(at, WorkerRead { mut live, unreadable, is_partial: _ })| {
        let activity_sid = live.value.activity.take().unwrap_or_default();
        let known = !activity_sid.is_empty();
        let activity = if known { names.activity(&activity_sid) } else { String::new() };
        live.value.activity = Some(activity);
        let answer = Answer::Worker { at, activity_sid, attributes: unreadable };
        let sid = live.sid.clone();
        (live, (sid, answer))
    });
    named.unzip()
}

/// What the API answers of a worker.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answered<'a> {
    #[serde(borrow)]
    sid: Word<'a>,
    #[serde(borrow)]
    friendly_name: Word<'a>,
    #[serde(borrow)]
    activity_sid: Word<'a>,
    #[serde(borrow)]
    attributes: Word<'a>,
    #[serde(borrow)]
    date_created: Word<'a>,
    #[serde(borrow)]
    date_updated: Word<'a>,
}

impl<'de> Deserialize<'de> for WorkerRead {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Answered { sid, friendly_name, activity_sid, attributes, date_created, date_updated } =
            Answered::deserialize(deserializer)?;
        let read = serde_json::from_str(attributes.text()).map(|Whole(read)| read).ok();
        let unreadable = read.is_none().then(|| attributes.text().to_owned());
        let live = Live {
            sid: sid.text().to_owned(),
            name: friendly_name.text().to_owned(),
            value: Worker {
                sid: None,
                activity: Some(activity_sid.text().to_owned()),
                attributes: read.unwrap_or_default(),
            },
            untouched: lift::is_one_moment(date_created.0.as_deref(), date_updated.0.as_deref()),
        };
        Ok(Self { live, unreadable, is_partial: attributes.0.is_none() })
    }
}

/// A string, a number in its own digits, or nothing.
#[derive(Default)]
struct Word<'a>(Option<Cow<'a, str>>);

impl Word<'_> {
    fn text(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyWord)
    }
}

struct AnyWord;

impl<'de> Visitor<'de> for AnyWord {
    type Value = Word<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Word(Some(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Word(Some(Cow::Owned(text.to_owned()))))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Word(Some(Cow::Owned(number.to_string()))))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Word(Some(Cow::Owned(number.to_string()))))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Word(Some(Cow::Owned(Value::from(number).to_string()))))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Word(None))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Word(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Word(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Word(None))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Answers, Fingerprint, Kind, Snapshot, Workspace};

    fn worker(value: &Value) -> WorkerRead {
        serde_json::from_str(&value.to_string()).unwrap()
    }

    fn looks(worker: WorkerRead) -> Fingerprint {
        let (workers, answers) = named(vec![worker], &Names::default());
        let value = Workspace::default();
        let name = String::new();
        let workspace = Live { sid: name.clone(), name, value, untouched: true };
        let answers = Answers::from_iter(answers);
        Snapshot { workers, answers, ..Snapshot::of(workspace) }.seen("WK1").expect("it is there")
    }

    #[test]
    fn a_worker_is_read_however_its_fields_are_spelled() {
        let plain = worker(&json!({
            "sid": "WK1",
            "friendly_name": "7",
            "activity_sid": "WA1",
            "attributes": r#"{"b": [1, {"d": 1.50, "c": "é"}], "a": null}"#,
            "date_created": "2026-01-01T00:00:00Z",
            "date_updated": "Thu, 01 Jan 2026 00:00:00 +0000",
            "links": { "channels": "x" },
        }));
        assert!(plain.live.untouched && !plain.is_partial);
        assert_eq!(plain.live.value.attributes["b"][0], 1);
        let other = worker(&json!({
            "friendly_name": 7,
            "sid": "WK1",
            "activity_sid": "WA1",
            "available": true,
            "attributes": r#"{"a":null,"b":[1,{"c":"\u00e9","d":1.5}]}"#,
        }));
        assert_eq!(other.live.name, plain.live.name);
        assert!(!other.live.untouched);
        assert_eq!(looks(other), looks(plain));
        let bare = worker(&json!({ "sid": "WK1", "attributes": null, "activity_sid": [{}] }));
        assert!(bare.is_partial && bare.live.value.attributes.is_empty());
    }

    #[test]
    fn a_worker_looks_the_same_in_a_list_and_alone() {
        let texts = [r#"{"z": 1, "a": {"c": 1e3, "b": []}}"#, "[2, 1]", "no JSON", ""];
        for attributes in texts.map(Value::from).into_iter().chain([Value::Null]) {
            let raw = json!({
                "sid": "WK1",
                "friendly_name": "alice",
                "activity_sid": "WA1",
                "attributes": attributes,
            });
            let alone = Fingerprint::of(Kind::Worker, raw.as_object().unwrap());
            assert_eq!(looks(worker(&raw)), alone, "{raw}");
        }
    }
}
