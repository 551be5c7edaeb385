//! What an object looked like when it was read.

use std::borrow::Cow;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::lift::Raw;
use crate::model::{Fingerprint, Kind};

/// The fields of a kind that can be written, as the API names them when it answers.
fn written(kind: Kind) -> &'static [&'static str] {
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

/// The fingerprint of an object as the API answered it.
pub(super) fn of(kind: Kind, raw: &Raw) -> Fingerprint {
    let digests = written(kind).iter().map(|field| {
        let text = match raw.get(*field) {
            // Null, empty and missing are the same to the API.
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) if matches!(*field, "configuration" | "attributes") => {
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
        let digest = Sha256::digest(text);
        let (first, _) = digest.split_at(8);
        let first = first.try_into().expect("a digest has 32 bytes");
        (Cow::Borrowed(*field), u64::from_be_bytes(first))
    });
    Fingerprint::new(digests)
}

/// JSON without white space and with its keys in order; other text as it is.
fn canonical(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(mut value) => {
            value.sort_all_objects();
            value.to_string()
        }
        Err(_) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn moved(kind: Kind, then: &Value, now: &Value) -> Vec<String> {
        let raw = |value: &Value| value.as_object().expect("the test writes an object").clone();
        let (then, now) = (of(kind, &raw(then)), of(kind, &raw(now)));
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
