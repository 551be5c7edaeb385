//! Whether an object is what a form asked for.

use serde_json::{Number, Value};

use super::lift::Raw;
use super::request::Form;

/// Parameters that no object shows.
const NEVER_SHOWN: [&str; 1] = ["ReEvaluateTasks"];

/// Whether the object has every value that the form sets.
pub(super) fn is_in(form: &Form, raw: &Raw) -> bool {
    form.iter().all(|(key, _)| {
        let wanted: Vec<&str> = form
            .iter()
            .filter(|(other, _)| other == key)
            .map(|(_, value)| value.as_str())
            .collect();
        NEVER_SHOWN.contains(key) || shows(raw.get(&shown_as(key)), &wanted)
    })
}

/// The key under which a parameter's value comes back: `TargetWorkers` as `target_workers`.
pub(super) fn shown_as(parameter: &str) -> String {
    match parameter {
        "Capacity" => return "configured_capacity".to_owned(),
        "Permission" => return "permissions".to_owned(),
        _ => {}
    }
    let mut key = String::new();
    for (at, c) in parameter.char_indices() {
        if c.is_ascii_uppercase() && at > 0 {
            key.push('_');
        }
        key.push(c.to_ascii_lowercase());
    }
    key
}

fn shows(found: Option<&Value>, wanted: &[&str]) -> bool {
    match (found, wanted) {
        (None | Some(Value::Null), wanted) => wanted.iter().all(|value| value.is_empty()),
        (Some(Value::Array(items)), wanted) => {
            items.len() == wanted.len()
                && items.iter().all(|item| item.as_str().is_some_and(|item| wanted.contains(&item)))
        }
        (Some(Value::String(text)), [wanted]) => text == wanted || same_json(text, wanted),
        (Some(Value::Number(number)), [wanted]) => {
            wanted.parse().is_ok_and(|wanted: Number| wanted == *number)
        }
        (Some(Value::Bool(flag)), [wanted]) => wanted.parse() == Ok(*flag),
        (Some(_), _) => false,
    }
}

fn same_json(a: &str, b: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
    read(a).is_some_and(|a| Some(a) == read(b))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_in(form: &[(&'static str, &str)], raw: &Value) -> bool {
        let form: Form = form.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        super::is_in(&form, raw.as_object().expect("the test writes an object"))
    }

    #[test]
    fn an_object_is_what_was_asked_for_in_every_spelling_of_the_api() {
        let queue = json!({
            "friendly_name": "Sales", "max_reserved_workers": 1, "task_order": "FIFO",
            "reservation_activity_sid": null,
        });
        let asked = [("FriendlyName", "Sales"), ("MaxReservedWorkers", "1")];
        assert!(is_in(&asked, &queue));
        assert!(is_in(&[("ReservationActivitySid", "")], &queue));
        assert!(!is_in(&[("FriendlyName", "Sales"), ("TaskOrder", "LIFO")], &queue));
        assert!(!is_in(&[("TargetWorkers", "1==1")], &queue));
    }

    #[test]
    fn json_and_sets_are_compared_by_meaning() {
        let workflow = json!({"configuration": "{\"task_routing\": {\"filters\": []}}"});
        assert!(is_in(&[("Configuration", r#"{"task_routing":{"filters":[]}}"#)], &workflow));
        assert!(!is_in(&[("Configuration", r#"{"task_routing":{}}"#)], &workflow));
        assert!(is_in(&[("ReEvaluateTasks", "true")], &workflow));
        let role = json!({"permissions": ["b", "a"]});
        assert!(is_in(&[("Permission", "a"), ("Permission", "b")], &role));
        assert!(!is_in(&[("Permission", "a")], &role));
    }
}
