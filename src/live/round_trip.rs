//! Properties: what is lowered is lifted again, however the API spells it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::names::Names;
use super::{Sids, configuration, lift, lower};
use crate::model::{
    Address, Expression, Filter, Kind, Part, Queue, QueueOrder, QueueRef, Resource, Target,
    Workflow,
};

const QUEUES: [&str; 4] = ["Sales", "Support EMEA", "Everyone", "it's"];
const ACTIVITIES: [&str; 2] = ["Offline", "Break"];

fn known() -> Vec<(Address, String)> {
    let queues = QUEUES.iter().map(|name| Address::new(Kind::Queue, *name));
    let activities = ACTIVITIES.iter().map(|name| Address::new(Kind::Activity, *name));
    let all = queues.chain(activities).enumerate();
    all.map(|(n, address)| {
        let prefix = if address.kind == Kind::Queue { "WQ" } else { "WA" };
        (address, format!("{prefix}{n:032x}"))
    })
    .collect()
}

fn sids() -> Sids {
    let mut sids = Sids::default();
    for (address, sid) in known() {
        sids.insert(address, sid);
    }
    sids
}

fn names() -> Names {
    Names::new(known())
}

fn queue_ref() -> impl Strategy<Value = QueueRef> {
    prop_oneof![
        4 => prop::sample::select(&QUEUES[..]).prop_map(|name| QueueRef::Name(name.to_owned())),
        1 => (90_u32..99).prop_map(|n| QueueRef::Sid(format!("WQ{n:032x}"))),
    ]
}

/// Any text that is not empty, with sids in it.
fn expression() -> impl Strategy<Value = Expression> {
    let part = prop_oneof![
        3 => "[ -~é]{1,8}".prop_map(Part::Str),
        1 => prop::sample::select(known())
            .prop_map(|(address, _)| Part::Sid(address)),
    ];
    prop::collection::vec(part, 1..4).prop_map(|parts| {
        // A sid next to a letter would be part of a longer word, and no sid.
        let quoted = parts.into_iter().flat_map(|part| match part {
            Part::Str(text) => vec![Part::Str(text)],
            sid @ Part::Sid(_) => vec![Part::Str("'".into()), sid, Part::Str("'".into())],
        });
        Expression::new(quoted.collect::<crate::model::Text>())
    })
}

fn extra() -> impl Strategy<Value = BTreeMap<String, Value>> {
    let value = prop_oneof![Just(json!(null)), Just(json!({"a": [1, "2"]})), Just(json!("x"))];
    prop::collection::btree_map("x[a-z]{1,3}", value, 0..2)
}

prop_compose! {
    fn target()(
        queue in prop::option::of(queue_ref()),
        expression in prop::option::of(expression()),
        priority in prop::option::of(any::<u32>()),
        timeout in prop::option::of(any::<u32>()),
        order_by in prop::option::of("worker\\.[a-z]{1,4} DESC"),
        skip_if in prop::option::of(expression()),
        known_worker_sid in prop::option::of("task\\.[a-z]{1,4}"),
        known_worker_friendly_name in prop::option::of("task\\.[a-z]{1,4}"),
        extra in extra(),
    ) -> Target {
        Target {
            queue, expression, priority, timeout, order_by, skip_if,
            known_worker_sid, known_worker_friendly_name, extra,
        }
    }
}

prop_compose! {
    fn filter()(
        name in "[ -~]{0,12}",
        expression in prop::option::of(expression()),
        targets in prop::collection::vec(target(), 0..4),
        extra in extra(),
    ) -> Filter {
        Filter { name, expression, targets, extra, origin: None }
    }
}

prop_compose! {
    fn workflow()(
        assignment_callback_url in prop::option::of("(https://x.example/[a-z]{0,4})?"),
        fallback_assignment_callback_url in prop::option::of("(https://x.example/[a-z]{0,4})?"),
        task_reservation_timeout in prop::option::of(1_u32..86_400),
        filters in prop::collection::vec(filter(), 0..4),
        default_filter in prop::option::of(target().prop_filter("empty is none", |target| *target != Target::default())),
        extra in extra(),
    ) -> Workflow {
        Workflow {
            assignment_callback_url, fallback_assignment_callback_url, task_reservation_timeout,
            filters: Some(filters), default_filter: Some(default_filter), extra,
            ..Workflow::default()
        }
    }
}

prop_compose! {
    fn queue()(
        target_workers in expression(),
        max_reserved_workers in 1_u32..=50,
        lifo in any::<bool>(),
        reservation in prop::sample::select(vec!["", "Offline", "Break"]),
        assignment in prop::sample::select(vec!["", "Offline", "Break"]),
    ) -> Queue {
        Queue {
            sid: None,
            renamed_from: None,
            target_workers: Some(target_workers),
            max_reserved_workers: Some(max_reserved_workers),
            task_order: Some(if lifo { QueueOrder::Lifo } else { QueueOrder::Fifo }),
            reservation_activity: Some(reservation.to_owned()),
            assignment_activity: Some(assignment.to_owned()),
        }
    }
}

/// A server that answers what it was sent, all values as strings.
fn answered(form: Vec<(&'static str, String)>) -> Map<String, Value> {
    let snake = |key: &str| {
        let words = key.char_indices().map(|(at, c)| match (at, c.is_ascii_uppercase()) {
            (0, true) => c.to_ascii_lowercase().to_string(),
            (_, true) => format!("_{}", c.to_ascii_lowercase()),
            (_, false) => c.to_string(),
        });
        words.collect::<String>()
    };
    form.into_iter().map(|(key, value)| (snake(key), Value::String(value))).collect()
}

/// The same document as another client might have written it: keys in another order, numbers in
/// strings, nulls for what is missing, another spelling of a filter's name.
fn mangle(value: &Value, turn: &mut dyn FnMut() -> bool, key: &str) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object
                .iter()
                .map(|(key, value)| {
                    let spelled =
                        if key == "filter_friendly_name" && turn() { "name" } else { key };
                    (spelled.to_owned(), mangle(value, turn, key))
                })
                .collect();
            if turn() {
                entries.reverse();
            }
            if key == "targets" && turn() {
                for absent in ["order_by", "skip_if", "timeout"] {
                    if !object.contains_key(absent) {
                        entries.push((absent.to_owned(), Value::Null));
                    }
                }
            }
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(list) => Value::Array(list.iter().map(|v| mangle(v, turn, key)).collect()),
        Value::Number(number) if matches!(key, "priority" | "timeout") && turn() => {
            Value::String(number.to_string())
        }
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn a_queue_that_is_written_is_read_back(queue in queue()) {
        let address = Address::new(Kind::Queue, "Q");
        let form = lower::create(&address, &Resource::Queue(queue.clone()), &sids()).unwrap();
        let live = lift::queue(&answered(form), &names());
        prop_assert_eq!((live.name.as_str(), live.value), ("Q", queue));
    }

    #[test]
    fn a_workflow_that_is_written_is_read_back(workflow in workflow()) {
        let address = Address::new(Kind::Workflow, "W");
        let resource = Resource::Workflow(workflow.clone());
        let form = lower::update(&address, &resource, Some("W"), &sids()).unwrap();
        let live = lift::workflow(&answered(form), &names());
        let mut expected = workflow;
        // What is not owned is read as the API has it: nothing.
        expected.assignment_callback_url.get_or_insert_default();
        expected.fallback_assignment_callback_url.get_or_insert_default();
        prop_assert_eq!((live.name.as_str(), live.value), ("W", expected));
    }

    #[test]
    fn another_spelling_of_a_configuration_reads_the_same(
        filters in prop::collection::vec(filter(), 0..4),
        default_filter in prop::option::of(target()),
        extra in extra(),
        turns in prop::collection::vec(any::<bool>(), 64),
        indented in any::<bool>(),
    ) {
        let of = Address::new(Kind::Workflow, "W");
        let text = configuration::lower(&filters, default_filter.as_ref(), &extra, &of, &sids()).unwrap();
        let mut turns = turns.into_iter().cycle();
        let document: Value = serde_json::from_str(&text).unwrap();
        let mangled = mangle(&document, &mut || turns.next() == Some(true), "");
        let mangled = if indented { format!("{mangled:#}") } else { mangled.to_string() };
        prop_assert_eq!(
            configuration::lift(&mangled, &names()),
            configuration::lift(&text, &names())
        );
    }
}
