//! What the years leave behind in an account.

use flexctl::import::{Options, import};
use flexctl::live::Export;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::{import_of, of_json, said, shown};

fn sid(prefix: &str, n: u32) -> String {
    format!("{prefix}{n:032x}")
}

fn queue(n: u32, name: &str, workers: &str) -> Value {
    json!({
        "sid": sid("WQ", n), "friendly_name": name, "target_workers": workers,
        "max_reserved_workers": "1", "task_order": "FIFO",
    })
}

fn workflow(n: u32, name: &str, configuration: &Value) -> Value {
    let text = match configuration {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    json!({
        "sid": sid("WW", n), "friendly_name": name, "configuration": text,
        "task_reservation_timeout": "120", "assignment_callback_url": null,
    })
}

/// An account with everything that can be odd in it.
fn odd_account() -> Value {
    let filters = json!([
        { "filter_friendly_name": "String numbers", "expression": "kind == 'a'",
          "targets": [{ "queue": sid("WQ", 1), "priority": "10", "timeout": "300" }, {}] },
        { "friendlyName": "Camel", "expression": "kind == 'b'", "targets": [{ "queue": sid("WQ", 1) }] },
        { "friendly_name": "Snake", "expression": "kind == 'c'", "targets": [{ "queue": sid("WQ", 1) }] },
        { "filterFriendlyName": "Long camel", "expression": "kind == 'd'",
          "targets": [{ "queue": sid("WQ", 1) }] },
        { "expression": "kind == 'no name'", "targets": [{ "queue": sid("WQ", 1) }] },
        { "name": "Unknown keys", "expression": "kind == 'e'", "colour": "red",
          "targets": [{ "queue": sid("WQ", 1), "weight": [1], "priority": "high" }] },
        { "filter_friendly_name": "Invalid", "expression": "kind == 'f' AND",
          "targets": [{ "queue": sid("WQ", 1), "expression": "worker.x HAS", "order_by": "worker.x UP",
                        "known_worker_sid": "agentSid", "skip_if": "1=" }] },
        { "filter_friendly_name": "No expression", "targets": [{ "queue": sid("WQ", 1) }] },
        { "filter_friendly_name": "No queue", "expression": "kind == 'g'", "targets": [{ "timeout": 5 }] },
        { "filter_friendly_name": "Gone", "expression": "kind == 'h'",
          "targets": [{ "queue": sid("WQ", 99) }] },
        { "filter_friendly_name": "Asks for what is gone",
          "expression": format!("targetSid == '{}'", sid("WQ", 98)),
          "targets": [{ "queue": sid("WQ", 1) }] },
        { "filter_friendly_name": "Twin", "expression": "kind == 'i'",
          "targets": [{ "queue": sid("WQ", 3) }] },
        { "filter_friendly_name": "Other twin", "expression": "kind == 'j'",
          "targets": [{ "queue": sid("WQ", 4) }] },
        { "filter_friendly_name": "Dollars ${not.a.reference}", "expression": "price == '${x}'",
          "targets": [{ "queue": sid("WQ", 1) }] },
        { "filter_friendly_name": "No time", "expression": "kind == 'k'",
          "targets": [{ "queue": sid("WQ", 1), "timeout": 0 }] },
        { "filter_friendly_name": "No targets", "expression": "kind == 'l'", "targets": [] },
    ]);
    let routing = json!({ "filters": filters, "default_filter": {}, "filters_version": 2 });
    json!({
        "workspace": {
            "sid": sid("WS", 1), "account_sid": sid("AC", 1), "friendly_name": "Flex Task Assignment",
            "default_activity_sid": sid("WA", 77), "timeout_activity_sid": sid("WA", 2),
            "multi_task_enabled": "true", "prioritize_queue_order": "LIFO",
            "events_filter": "task.created,,task.canceled",
        },
        "activities": [
            { "sid": sid("WA", 1), "friendly_name": "Available", "available": "true" },
            { "sid": sid("WA", 2), "friendly_name": "Offline", "available": false },
            { "sid": sid("WA", 3), "friendly_name": "Break", "available": true },
            { "sid": sid("WA", 4), "friendly_name": "on: call #1", "available": true },
            { "sid": sid("WA", 5), "friendly_name": "on: call #1", "available": true },
        ],
        "task_channels": [
            { "sid": sid("TC", 1), "unique_name": "chat", "friendly_name": "Programmable Chat" },
            { "sid": sid("TC", 2), "unique_name": "1st", "friendly_name": "First" },
        ],
        "task_queues": [
            queue(1, "Sales", "routing.skills HAS 'sales'"),
            queue(2, "", ""),
            queue(3, "Twin", "1==1"),
            queue(4, "Twin", "1==0"),
            queue(5, "Broken", "routing.skills HAS"),
            queue(6, "no", &format!("activity_sid == '{}'", sid("WA", 3))),
            queue(7, &"x".repeat(70), "1==1"),
        ],
        "workflows": [
            workflow(1, "Everything", &json!({ "task_routing": routing, "editor": { "zoom": 1 } })),
            workflow(2, "Same", &json!({ "task_routing": { "default_filter": { "queue": sid("WQ", 1) } } })),
            workflow(3, "Same", &json!({ "task_routing": {} })),
            workflow(4, "Unreadable", &json!("not: [json")),
            workflow(5, "Bare", &json!({})),
            workflow(6, "Timed default", &json!({ "task_routing": { "default_filter":
                { "queue": sid("WQ", 1), "timeout": 30 } } })),
            workflow(7, "Gone default", &json!({ "task_routing": { "filters": null, "default_filter":
                { "queue": sid("WQ", 55) } } })),
            workflow(8, "Nameless and gone", &json!({ "task_routing": { "filters": [
                { "expression": "a == 1", "targets": [{ "queue": sid("WQ", 55) }] },
                { "expression": "a == 2", "targets": [{ "queue": sid("WQ", 1) }] }] } })),
        ],
        "roles": [
            { "sid": sid("RL", 1), "friendly_name": "admin", "type": "service",
              "permissions": ["createConversation", "joinConversation"] },
            { "sid": sid("RL", 2), "friendly_name": "visitor", "type": "conversation",
              "permissions": ["sendMessage"] },
        ],
    })
}

#[test]
fn an_account_with_everything_odd_is_imported_and_says_what_is_not_in_the_spec() {
    let (_, import) = of_json(&odd_account());
    insta::assert_snapshot!(shown(&import));
    insta::assert_snapshot!("what_is_said_of_an_odd_account", said(&import).join("\n"));
    assert!(!import.is_whole());
}

#[test]
fn two_workflows_of_one_name_are_told_apart_by_a_sid() {
    let account = json!({ "workflows": [
        workflow(2, "Same", &json!({})), workflow(1, "Same", &json!({})),
    ] });
    let (_, import) = of_json(&account);
    let spec = shown(&import);
    assert!(spec.contains(&format!("  Same:\n    sid: {}\n", sid("WW", 1))), "{spec}");
    assert_eq!(
        said(&import),
        [format!(
            "left out: workflow.Same: {} is named so too; a spec declares one of a name, here {}",
            sid("WW", 2),
            sid("WW", 1)
        )]
    );
}

const TEXTS: &[&str] = &[
    "",
    "a",
    "kind == 'a'",
    "kind == 'a' AND",
    "no",
    "1e3",
    "${x}",
    "$${",
    "it's \"so\"",
    "a: b #c",
    "\n",
    "\u{2028}é\u{0}",
    "*",
    "?x*",
    "transferTargetType == 'worker'",
    "transferQueueName == 'Q1'",
    "transferQueueName == 'Q2'",
    "WQ00000000000000000000000000000001",
    "task.agentSid",
    "1==1",
    "targetSid == 'WQ00000000000000000000000000000001'",
    "worker.level DESC",
    "# flexctl: allow(x)",
];

fn some_text() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => select(TEXTS).prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(json!(7)),
        1 => Just(json!(["x"])),
    ]
}

fn some_number() -> impl Strategy<Value = Value> {
    select(vec![
        json!(0),
        json!(1),
        json!("10"),
        json!(-1),
        json!(1.5),
        json!(4_294_967_295_u64),
        json!("x"),
    ])
}

fn some_queue() -> impl Strategy<Value = Value> {
    (0..5u32).prop_map(|n| sid("WQ", n).into())
}

fn object(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let fields = fields.into_iter().map(|(key, value)| {
        proptest::option::weighted(0.6, value).prop_map(move |value| (key, value))
    });
    fields
        .collect::<Vec<_>>()
        .prop_map(|fields| {
            let given =
                fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
            Value::Object(given.collect())
        })
        .boxed()
}

fn some_target() -> BoxedStrategy<Value> {
    object(vec![
        ("queue", some_queue().boxed()),
        ("expression", some_text().boxed()),
        ("priority", some_number().boxed()),
        ("timeout", some_number().boxed()),
        ("order_by", some_text().boxed()),
        ("skip_if", some_text().boxed()),
        ("known_worker_sid", some_text().boxed()),
        ("known_worker_friendly_name", some_text().boxed()),
        ("weight", some_number().boxed()),
    ])
}

fn some_filter() -> BoxedStrategy<Value> {
    let plain = (0..4u32, any::<bool>()).prop_map(|(n, odd)| {
        let workers = if odd { "1==1" } else { "worker.sid != task.ignoreAgent" };
        json!({
            "filter_friendly_name": format!("To Q{n}"),
            "expression": format!("transferQueueName == 'Q{n}'"),
            "targets": [{ "queue": sid("WQ", n), "expression": workers }],
        })
    });
    let odd = object(vec![
        ("filter_friendly_name", some_text().boxed()),
        ("friendlyName", some_text().boxed()),
        ("expression", some_text().boxed()),
        ("targets", proptest::collection::vec(some_target(), 0..3).prop_map(Value::from).boxed()),
        ("colour", some_text().boxed()),
    ]);
    prop_oneof![3 => plain.boxed(), 2 => odd].boxed()
}

fn some_workflow(n: u32) -> BoxedStrategy<Value> {
    let filters = proptest::collection::vec(some_filter(), 0..9).prop_map(Value::from);
    let routing = object(vec![("filters", filters.boxed()), ("default_filter", some_target())]);
    (select(vec!["W", "W", "no", "a: b", "${x}"]), routing)
        .prop_map(move |(name, routing)| workflow(n, name, &json!({ "task_routing": routing })))
        .boxed()
}

fn some_account() -> impl Strategy<Value = Value> {
    let queues = proptest::collection::vec(
        (select(vec!["Q0", "Q1", "Q2", "Q3", "Q3", "no", ""]), some_text(), some_number()),
        0..5,
    );
    (queues, [some_workflow(0), some_workflow(1), some_workflow(2)]).prop_map(
        |(queues, workflows)| {
            let queues: Vec<Value> = queues
                .into_iter()
                .enumerate()
                .map(|(n, (name, workers, limit))| {
                    let n = u32::try_from(n).expect("few queues");
                    json!({ "sid": sid("WQ", n), "friendly_name": name, "target_workers": workers,
                            "max_reserved_workers": limit })
                })
                .collect();
            json!({ "task_queues": queues, "workflows": workflows })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_live_the_spec_plans_empty(account in some_account()) {
        let snapshot = Export::read(&account.to_string()).expect("an export").snapshot();
        import_of(&snapshot, &Options::default());
    }

    #[test]
    fn the_same_account_gives_the_same_bytes(account in some_account()) {
        let files = || {
            let snapshot = Export::read(&account.to_string()).expect("an export").snapshot();
            import(&snapshot, &Options::default()).files
        };
        prop_assert_eq!(files(), files());
    }
}

#[test]
fn the_sid_of_a_worker_in_an_expression_stays_as_it_is() {
    let worker = sid("WK", 1);
    let asked = format!("worker.sid == '{worker}'");
    let account = json!({
        "task_queues": [queue(1, "Sales", &format!("sid == '{worker}'"))],
        "workers": [{ "sid": worker, "friendly_name": "alice", "attributes": "{}" }],
        "workflows": [workflow(1, "W", &json!({ "task_routing": { "filters": [
            { "expression": "a == 1", "targets": [{ "queue": sid("WQ", 1), "expression": asked }] },
        ] } }))],
    });
    let (_, import) = of_json(&account);
    assert_eq!(said(&import), Vec::<String>::new());
    assert_eq!(shown(&import).matches(&worker).count(), 2, "{}", shown(&import));
}
