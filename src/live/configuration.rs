//! A workflow's configuration: TaskRouter's JSON on one side, filters and targets on the other.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::names::Names;
use super::{LowerError, Sids, fields, lower};
use crate::model::{Address, Expression, Filter, Kind, QueueRef, Target, Workflow};

/// The spellings of a filter's name in the wild; the first one that is there is taken, and the
/// very first is what is written.
const FILTER_NAMES: [&str; 5] =
    ["filter_friendly_name", "friendly_name", "friendlyName", "filterFriendlyName", "name"];

/// The document, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Configuration {
    pub filters: Vec<Filter>,
    pub default_filter: Option<Target>,
    /// Unknown keys of `task_routing`; those beside it have a `/` in front.
    pub extra: BTreeMap<String, Value>,
}

/// Reads a configuration. None when it is not one: no JSON, or lists and objects are not where
/// they should be. Missing, null and empty mean the same; so do `10` and `"10"`.
pub(super) fn lift(text: &str, names: &Names) -> Option<Configuration> {
    let mut document: Map<String, Value> = serde_json::from_str(text).ok()?;
    let mut routing = match document.shift_remove("task_routing") {
        None | Some(Value::Null) => Map::new(),
        Some(routing) => into_object(routing)?,
    };
    let filters = take_list(&mut routing, "filters")?
        .into_iter()
        .map(|filter| lift_filter(into_object(filter)?, names))
        .collect::<Option<_>>()?;
    let default_filter = match routing.shift_remove("default_filter") {
        None | Some(Value::Null) => None,
        Some(target) => {
            Some(lift_target(into_object(target)?, names)).filter(|t| *t != Target::default())
        }
    };
    let mut extra: BTreeMap<String, Value> = routing.into_iter().collect();
    extra.extend(document.into_iter().map(|(key, value)| (format!("/{key}"), value)));
    Some(Configuration { filters, default_filter, extra })
}

fn lift_filter(mut filter: Map<String, Value>, names: &Names) -> Option<Filter> {
    let mut name = String::new();
    for key in FILTER_NAMES {
        let spelled = fields::text(&filter, key);
        if name.is_empty() {
            name = take_text(&mut filter, key).unwrap_or_default();
        } else if spelled.is_none_or(|spelled| spelled == name) {
            filter.shift_remove(key);
        }
    }
    let expression = take_expression(&mut filter, "expression", names);
    let targets = take_list(&mut filter, "targets")?
        .into_iter()
        .map(|target| Some(lift_target(into_object(target)?, names)))
        .collect::<Option<_>>()?;
    Some(Filter { name, expression, targets, extra: filter.into_iter().collect(), origin: None })
}

fn lift_target(mut target: Map<String, Value>, names: &Names) -> Target {
    Target {
        queue: take_text(&mut target, "queue").map(|sid| names.queue(&sid)),
        expression: take_expression(&mut target, "expression", names),
        priority: take_number(&mut target, "priority"),
        timeout: take_number(&mut target, "timeout"),
        order_by: take_text(&mut target, "order_by"),
        skip_if: take_expression(&mut target, "skip_if", names),
        known_worker_sid: take_text(&mut target, "known_worker_sid"),
        known_worker_friendly_name: take_text(&mut target, "known_worker_friendly_name"),
        extra: target.into_iter().collect(),
    }
}

fn into_object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

fn take_list(object: &mut Map<String, Value>, key: &str) -> Option<Vec<Value>> {
    match object.shift_remove(key) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(list)) => Some(list),
        Some(_) => None,
    }
}

/// A string that is not empty. What is not a string stays where it is, and so becomes an unknown
/// key that is kept.
fn take_text(object: &mut Map<String, Value>, key: &str) -> Option<String> {
    let (Value::Null | Value::String(_)) = object.get(key)? else { return None };
    match object.shift_remove(key)? {
        Value::String(text) => Some(text).filter(|text| !text.is_empty()),
        _ => None,
    }
}

fn take_expression(
    object: &mut Map<String, Value>,
    key: &str,
    names: &Names,
) -> Option<Expression> {
    take_text(object, key).map(|text| Expression::new(names.text(&text)))
}

fn take_number(object: &mut Map<String, Value>, key: &str) -> Option<u32> {
    let number = fields::number(object, key);
    let empty = matches!(object.get(key), Some(Value::Null))
        || fields::text(object, key).is_some_and(|text| text.trim().is_empty());
    if number.is_some() || empty {
        object.shift_remove(key);
    }
    number
}

/// TaskRouter's document for a workflow: its configuration, as it is sent.
///
/// # Errors
/// When the sid of something it refers to is not among `sids`.
pub fn document(address: &Address, workflow: &Workflow, sids: &Sids) -> Result<Value, LowerError> {
    let filters = workflow.filters.as_deref().unwrap_or_default();
    let default_filter = workflow.default_filter.as_ref().and_then(Option::as_ref);
    let text = lower(filters, default_filter, &workflow.extra, address, sids)?;
    Ok(serde_json::from_str(&text).expect("what was just written is JSON"))
}

/// Writes a configuration in canonical order. `of` is the workflow, for the error.
pub(super) fn lower(
    filters: &[Filter],
    default_filter: Option<&Target>,
    extra: &BTreeMap<String, Value>,
    of: &Address,
    sids: &Sids,
) -> Result<String, LowerError> {
    let mut routing = Map::new();
    let filters = filters.iter().map(|filter| lower_filter(filter, of, sids));
    routing.insert("filters".to_owned(), Value::Array(filters.collect::<Result<_, _>>()?));
    if let Some(target) = default_filter {
        routing.insert("default_filter".to_owned(), lower_target(target, of, sids)?);
    }
    let (beside, within): (Vec<_>, Vec<_>) =
        extra.iter().partition(|(key, _)| key.starts_with('/'));
    keep(&mut routing, within);
    let mut document = Map::new();
    document.insert("task_routing".to_owned(), Value::Object(routing));
    keep(&mut document, beside.into_iter().map(|(key, value)| (&key[1..], value)));
    Ok(Value::Object(document).to_string())
}

fn lower_filter(filter: &Filter, of: &Address, sids: &Sids) -> Result<Value, LowerError> {
    let Filter { name, expression, targets, extra, origin: _ } = filter;
    let mut out = Map::new();
    put(&mut out, FILTER_NAMES[0], Some(name.clone()));
    put(&mut out, "expression", expression_text(expression.as_ref(), of, sids)?);
    let targets = targets.iter().map(|target| lower_target(target, of, sids));
    out.insert("targets".to_owned(), Value::Array(targets.collect::<Result<_, _>>()?));
    keep(&mut out, extra);
    Ok(Value::Object(out))
}

fn lower_target(target: &Target, of: &Address, sids: &Sids) -> Result<Value, LowerError> {
    let Target {
        queue,
        expression,
        priority,
        timeout,
        order_by,
        skip_if,
        known_worker_sid,
        known_worker_friendly_name,
        extra,
    } = target;
    let queue = match queue {
        Some(QueueRef::Name(name)) => {
            Some(lower::sid(&Address::new(Kind::Queue, name.clone()), of, sids)?.to_owned())
        }
        Some(QueueRef::Sid(sid)) => Some(sid.clone()),
        None => None,
    };
    let mut out = Map::new();
    put(&mut out, "queue", queue);
    put(&mut out, "expression", expression_text(expression.as_ref(), of, sids)?);
    for (key, number) in [("priority", priority), ("timeout", timeout)] {
        if let Some(number) = number {
            out.insert(key.to_owned(), Value::from(*number));
        }
    }
    put(&mut out, "order_by", order_by.clone());
    put(&mut out, "skip_if", expression_text(skip_if.as_ref(), of, sids)?);
    put(&mut out, "known_worker_sid", known_worker_sid.clone());
    put(&mut out, "known_worker_friendly_name", known_worker_friendly_name.clone());
    keep(&mut out, extra);
    Ok(Value::Object(out))
}

fn expression_text(
    expression: Option<&Expression>,
    of: &Address,
    sids: &Sids,
) -> Result<Option<String>, LowerError> {
    expression.map(|expression| lower::text(&expression.text, of, sids)).transpose()
}

/// Sets a key to a text that is there and not empty.
fn put(object: &mut Map<String, Value>, key: &str, text: Option<String>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        object.insert(key.to_owned(), Value::String(text));
    }
}

/// Adds unknown keys; a known one that is set wins.
fn keep<'a, K: AsRef<str> + 'a>(
    object: &mut Map<String, Value>,
    extra: impl IntoIterator<Item = (K, &'a Value)>,
) {
    for (key, value) in extra {
        object.entry(key.as_ref()).or_insert_with(|| value.clone());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sales() -> (Names, Sids, String) {
        let sid = format!("WQ{:032x}", 1);
        let address = Address::new(Kind::Queue, "Sales");
        let mut sids = Sids::default();
        sids.insert(address.clone(), sid.clone());
        (Names::new([(address, sid.clone())]), sids, sid)
    }

    fn read(document: &Value) -> Option<Configuration> {
        lift(&document.to_string(), &sales().0)
    }

    #[test]
    fn numbers_in_strings_and_every_spelling_of_a_name_are_read() {
        let sid = sales().2;
        for key in FILTER_NAMES {
            let live = read(&json!({"task_routing": {"filters": [
                {key: "A", "targets": [{"timeout": "10", "queue": sid, "priority": "5"}, {}]}
            ]}}));
            let expected = read(&json!({"task_routing": {"default_filter": {}, "filters": [{
                "filter_friendly_name": "A",
                "expression": null,
                "targets": [{"queue": sid, "priority": 5, "timeout": 10.0, "skip_if": ""}, {"queue": ""}]
            }]}}));
            assert_eq!(live, expected, "{key}");
            let filter = &live.unwrap().filters[0];
            assert_eq!(filter.name, "A");
            assert_eq!(filter.targets[0].queue, Some(QueueRef::Name("Sales".into())));
            assert_eq!(filter.targets[1], Target::default());
        }
    }

    #[test]
    fn missing_null_and_empty_are_the_same() {
        let nothing = Some(Configuration::default());
        for document in [
            json!({}),
            json!({"task_routing": null}),
            json!({"task_routing": {}}),
            json!({"task_routing": {"filters": null, "default_filter": null}}),
            json!({"task_routing": {"filters": [], "default_filter": {}}}),
            json!({"task_routing": {"default_filter": {"queue": null}}}),
        ] {
            assert_eq!(read(&document), nothing, "{document}");
        }
    }

    #[test]
    fn what_is_not_a_configuration_is_not_read() {
        let names = Names::default();
        for text in ["", "null", "[]", "{", r#"{"task_routing": []}"#] {
            assert_eq!(lift(text, &names), None, "{text}");
        }
        for document in [
            json!({"task_routing": {"filters": {}}}),
            json!({"task_routing": {"filters": [1]}}),
            json!({"task_routing": {"filters": [{"targets": [[]]}]}}),
            json!({"task_routing": {"default_filter": "WQ"}}),
        ] {
            assert_eq!(read(&document), None, "{document}");
        }
    }

    #[test]
    fn unknown_keys_and_values_survive_a_write() {
        let (names, sids, sid) = sales();
        let document = json!({
            "task_routing": {
                "filters": [{
                    "filter_friendly_name": "A",
                    "expression": "1==1",
                    "targets": [{"queue": sid, "priority": "high", "note": [1]}],
                    "colour": "red",
                    "friendly_name": "B"
                }],
                "default_filter": {"queue": sid, "x": null},
                "filters_version": 2
            },
            "editor": {"zoom": 1}
        });
        let live = lift(&document.to_string(), &names).unwrap();
        assert_eq!(live.filters[0].targets[0].priority, None);
        let of = Address::new(Kind::Workflow, "W");
        let written =
            lower(&live.filters, live.default_filter.as_ref(), &live.extra, &of, &sids).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), document);
    }

    #[test]
    fn the_order_of_keys_is_always_the_same() {
        let (names, sids, sid) = sales();
        let text = format!(
            r#"{{"task_routing":{{"default_filter":{{"queue":"{sid}"}},"filters":[{{"targets":[{{"skip_if":"1==1","timeout":"1","queue":"{sid}"}}],"friendlyName":"A","expression":"b == '{sid}'"}}]}}}}"#
        );
        let live = lift(&text, &names).unwrap();
        let of = Address::new(Kind::Workflow, "W");
        assert_eq!(
            lower(&live.filters, live.default_filter.as_ref(), &live.extra, &of, &sids).unwrap(),
            format!(
                r#"{{"task_routing":{{"filters":[{{"filter_friendly_name":"A","expression":"b == '{sid}'","targets":[{{"queue":"{sid}","timeout":1,"skip_if":"1==1"}}]}}],"default_filter":{{"queue":"{sid}"}}}}}}"#
            )
        );
    }

    #[test]
    fn a_queue_without_a_sid_is_named_in_the_error() {
        let target = Target { queue: Some(QueueRef::Name("Gone".into())), ..Target::default() };
        let of = Address::new(Kind::Workflow, "Chat Transfer");
        let error = lower(&[], Some(&target), &BTreeMap::new(), &of, &Sids::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "workflow.\"Chat Transfer\" refers to queue.Gone, whose sid is not known"
        );
    }
}
