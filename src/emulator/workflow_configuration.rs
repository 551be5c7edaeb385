//! What TaskRouter demands of a workflow's configuration. It is kept as it was sent.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::expression;
use super::form::brief;
use super::refusal::Refusal;

/// The vendor's limit, in bytes.
const MOST_BYTES: usize = 1_038_576;

/// Whether a configuration is one: JSON, expressions that can be read, queues that exist. Keys
/// that are not known are tolerated.
///
/// # Errors
/// 20001 with the place.
pub(super) fn check(text: &str, is_queue: impl Fn(&str) -> bool) -> Result<(), Refusal> {
    if text.len() > MOST_BYTES {
        return Err(invalid(format!("exceeds {MOST_BYTES} bytes")));
    }
    let document: Value = serde_json::from_str(text)
        .map_err(|error| invalid(format!("is not valid JSON: {error}")))?;
    let Some(routing) = document.get("task_routing").and_then(Value::as_object) else {
        return Err(invalid("must have the object task_routing".to_owned()));
    };
    match routing.get("filters") {
        None | Some(Value::Null) => {}
        Some(Value::Array(filters)) => {
            for (place, filter) in filters.iter().enumerate() {
                check_filter(filter, &format!("filters[{place}]"), &is_queue)?;
            }
        }
        Some(_) => return Err(invalid("filters must be a list".to_owned())),
    }
    match routing.get("default_filter") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Object(target)) => {
            if !target.contains_key("queue") {
                return Err(invalid("default_filter must have a queue".to_owned()));
            }
            check_target(target, "default_filter", &is_queue)
        }
        Some(_) => Err(invalid("default_filter must be an object".to_owned())),
    }
}

/// The sids of the queues that a configuration names; none when it is not one.
pub(super) fn queues(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let Ok(document) = serde_json::from_str::<Value>(text) else { return found };
    let routing = &document["task_routing"];
    let filters = routing["filters"].as_array().map_or(&[][..], Vec::as_slice);
    let targets = filters.iter().filter_map(|filter| filter["targets"].as_array()).flatten();
    for target in targets.chain([&routing["default_filter"]]) {
        if let Some(queue) = target["queue"].as_str() {
            found.insert(queue.to_owned());
        }
    }
    found
}

fn check_filter(
    filter: &Value,
    place: &str,
    is_queue: &impl Fn(&str) -> bool,
) -> Result<(), Refusal> {
    let Some(expression) = filter.get("expression").and_then(Value::as_str) else {
        return Err(invalid(format!("{place} must have an expression")));
    };
    read(expression, &format!("{place}.expression"))?;
    let targets = filter.get("targets").and_then(Value::as_array);
    let Some(targets) = targets.filter(|targets| !targets.is_empty()) else {
        return Err(invalid(format!("{place} must have targets")));
    };
    for (index, target) in targets.iter().enumerate() {
        let place = format!("{place}.targets[{index}]");
        let Some(target) = target.as_object() else {
            return Err(invalid(format!("{place} must be an object")));
        };
        let has_queue = target.get("queue").is_some_and(|queue| !queue.is_null());
        if index == 0 && !has_queue {
            return Err(invalid(format!("{place} must have a queue")));
        }
        check_target(target, &place, is_queue)?;
    }
    Ok(())
}

fn check_target(
    target: &Map<String, Value>,
    place: &str,
    is_queue: &impl Fn(&str) -> bool,
) -> Result<(), Refusal> {
    match target.get("queue") {
        None | Some(Value::Null) => {}
        Some(Value::String(sid)) if is_queue(sid) => {}
        Some(other) => {
            let other = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
            let other = brief(&other);
            return Err(invalid(format!("{place}.queue: TaskQueue '{other}' does not exist")));
        }
    }
    for key in ["expression", "skip_if"] {
        match target.get(key) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => read(text, &format!("{place}.{key}"))?,
            Some(_) => return Err(invalid(format!("{place}.{key} must be a string"))),
        }
    }
    for (key, least) in [("timeout", 1), ("priority", 0)] {
        let number = match target.get(key) {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) => text.trim().parse::<i64>().ok(),
            Some(other) => other.as_i64(),
        };
        let range = least..=i64::from(i32::MAX);
        if !number.is_some_and(|number| range.contains(&number)) {
            return Err(invalid(format!("{place}.{key} must be an integer from {least} up")));
        }
    }
    for key in ["order_by", "known_worker_sid", "known_worker_friendly_name"] {
        if target.get(key).is_some_and(|value| !value.is_string() && !value.is_null()) {
            return Err(invalid(format!("{place}.{key} must be a string")));
        }
    }
    let known = |key| target.get(key).is_some_and(Value::is_string);
    if known("known_worker_sid") && known("known_worker_friendly_name") {
        let message = format!("{place} has both known_worker_sid and known_worker_friendly_name");
        return Err(invalid(message));
    }
    Ok(())
}

fn read(expression: &str, place: &str) -> Result<(), Refusal> {
    match expression::read(expression) {
        Ok(_) => Ok(()),
        Err(refusal) => Err(invalid(format!("{place}: {}", refusal.message))),
    }
}

fn invalid(message: String) -> Refusal {
    Refusal::invalid(format!("Workflow Configuration: {message}"))
}
