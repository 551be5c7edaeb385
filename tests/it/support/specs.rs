//! Random specs, as JSON (which is YAML): valid by construction, small, with names that collide.

use std::collections::BTreeMap;

use flexctl::emulator::Emulator;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

/// Queues that random specs declare, awkward names among them. `Everyone` is always declared.
const QUEUES: &[&str] =
    &["Sales", "Support", "Billing", "VIP's", "Zoë 7", "Ops \"X\"", "Support EMEA", "1st Line"];
const WORKER_EXPRESSIONS: &[&str] = &[
    "1==1",
    "1 == 2",
    "routing.skills HAS 'sales'",
    "routing.skills HAS \"support\"   AND languages HAS 'en'",
    "languages HAS 'de' OR languages HAS 'fr'",
    "level>=2",
    "email != null and not_there = null",
];
const TASK_EXPRESSIONS: &[&str] = &[
    "type == 'lead'",
    "priority > 5",
    "channelType IN ['web','sms']",
    "selected_product==\"support\" OR (type = 'x' AND vip == true)",
    "callBackData.attempts == 1",
];
const TARGET_EXPRESSIONS: &[&str] = &[
    "worker.sid NOT IN task.workerSidsInConversation",
    "worker.contact_uri != task.ignoreWorkerContactUri",
    "1==0",
    "task.language in worker.languages",
];
const SKIPS: &[&str] = &["workers.available == 0", "1==1", "workers.available<2"];

fn optional(strategy: impl Strategy<Value = Value>) -> impl Strategy<Value = Option<Value>> {
    proptest::option::weighted(0.4, strategy)
}

/// An object of the fields that are there.
fn object(fields: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    fields
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect::<Map<_, _>>()
        .into()
}

fn text(from: &'static [&'static str]) -> impl Strategy<Value = Value> {
    select(from).prop_map(Value::from)
}

fn one_of(names: Vec<String>) -> impl Strategy<Value = Value> {
    select(names).prop_map(Value::from)
}

fn queue(activities: Vec<String>) -> impl Strategy<Value = Value> {
    (
        optional(text(WORKER_EXPRESSIONS)),
        optional((1..=50u32).prop_map(Value::from)),
        optional(text(&["FIFO", "LIFO"])),
        optional(one_of(activities)),
    )
        .prop_map(
            |(target_workers, max_reserved_workers, task_order, reservation_activity)| {
                object([
                    ("target_workers", target_workers),
                    ("max_reserved_workers", max_reserved_workers),
                    ("task_order", task_order),
                    ("reservation_activity", reservation_activity),
                ])
            },
        )
}

fn target(queues: Vec<String>, first: bool) -> impl Strategy<Value = Value> {
    let queue = if first {
        one_of(queues).prop_map(Some).boxed()
    } else {
        optional(one_of(queues)).boxed()
    };
    (
        queue,
        optional(text(TARGET_EXPRESSIONS)),
        optional((0..100u32).prop_map(Value::from)),
        optional((1..600u32).prop_map(Value::from)),
        optional(text(SKIPS)),
        optional(text(&["worker.level DESC", "worker.levels.en ASC, worker.x DESC"])),
    )
        .prop_map(|(queue, expression, priority, timeout, skip_if, order_by)| {
            object([
                ("queue", queue),
                ("expression", expression),
                ("priority", priority),
                ("timeout", timeout),
                ("skip_if", skip_if),
                ("order_by", order_by),
            ])
        })
}

fn filter(queues: Vec<String>) -> impl Strategy<Value = Value> {
    let targets = (target(queues.clone(), true), vec(target(queues, false), 0..3))
        .prop_map(|(first, rest)| Value::from([vec![first], rest].concat()));
    (select(vec!["Leads", "VIP", "Web", "Callback", "Leads 2"]), text(TASK_EXPRESSIONS), targets)
        .prop_map(|(name, expression, targets)| {
            json!({ "name": name, "expression": expression, "targets": targets })
        })
}

fn for_each() -> impl Strategy<Value = Value> {
    select(vec!["callToQueue", "park.queue", "transferQueueName"]).prop_map(|key| {
        json!({ "for_each_queue": {
            "queues": { "include": ["*"], "exclude": ["Everyone"] },
            "filters": [{
                "name": format!("{key} ${{queue.name}}"),
                "expression": format!("{key} == \"${{queue.sid}}\""),
                "targets": [{ "queue": "${queue.name}", "timeout": 30 }, {}],
            }],
        } })
    })
}

fn workflow(queues: Vec<String>) -> impl Strategy<Value = Value> {
    let rules =
        vec(prop_oneof![4 => filter(queues.clone()).boxed(), 1 => for_each().boxed()], 0..5)
            .prop_map(Value::from);
    (
        optional((1..=600u32).prop_map(Value::from)),
        optional(rules),
        optional(one_of(queues).prop_map(|queue| json!({ "queue": queue }))),
        optional(text(&["https://example.com/assign", "https://example.com/other"])),
    )
        .prop_map(|(timeout, filters, default_filter, callback)| {
            object([
                ("task_reservation_timeout", timeout),
                ("filters", filters),
                ("default_filter", default_filter),
                ("assignment_callback_url", callback),
            ])
        })
}

fn transfer(queues: Vec<String>) -> impl Strategy<Value = Value> {
    (
        // `Ops "X"` cannot stand in double quotes nor `VIP's` in single ones; each in the other.
        text(&["conversation", "programmable_chat", "queue_sid"]),
        optional((0..200u32).prop_map(|priority| json!({ "priority": priority }))),
        optional(one_of(queues).prop_map(|queue| json!({ "queue": queue }))),
    )
        .prop_map(|(dialect, target, default_filter)| {
            object([
                ("dialect", Some(dialect)),
                ("worker", Some(json!({ "queue": "Everyone" }))),
                ("target", target),
                ("default_filter", default_filter),
            ])
        })
}

fn capacity(channels: Vec<String>) -> impl Strategy<Value = Value> {
    let mode = prop_oneof![
        (0..=50u32).prop_map(Value::from),
        (0..=50u32).prop_map(|capacity| json!({ "capacity": capacity, "mode": "initial" })),
        (0..=20u32, 20..=50u32).prop_map(|(low, high)| json!({ "bounds": [low, high] })),
        any::<bool>().prop_map(|available| json!({ "capacity": 2, "available": available })),
        Just(json!({ "mode": "ignore" })),
    ];
    (text(WORKER_EXPRESSIONS), btree_map(select(channels), mode, 1..3)).prop_map(
        |(workers, channels)| json!({ "name": "rule", "workers": workers, "channels": channels }),
    )
}

fn worker(activities: Vec<String>) -> impl Strategy<Value = Value> {
    let skills = subsequence(vec!["sales", "support", "billing"], 0..3);
    let attributes = (
        optional(skills.prop_map(|skills| json!({ "skills": skills }))),
        optional((0..5u32).prop_map(Value::from)),
        optional(text(&["a@example.com", "b@example.com"])),
        optional(Just(Value::Null)),
    )
        .prop_map(|(routing, level, email, old)| {
            object([("routing", routing), ("level", level), ("email", email), ("old", old)])
        });
    (optional(one_of(activities)), attributes).prop_map(|(activity, attributes)| {
        object([("activity", activity), ("attributes", Some(attributes))])
    })
}

/// What somebody else has put into the workspace, in the ways of the years.
#[derive(Clone, Debug)]
pub(crate) struct Foreign {
    queues: Vec<&'static str>,
    /// Name and configuration; `$Q` stands for the sid of a queue.
    workflows: BTreeMap<&'static str, &'static str>,
    /// Name, attributes, activity, capacity for chat.
    workers: BTreeMap<&'static str, (&'static str, &'static str, u32)>,
    /// Activities in which workers get tasks.
    activities: Vec<&'static str>,
}

const CONFIGURATIONS: &[&str] = &[
    "{}",
    "no JSON",
    "[]",
    r#"{"task_routing": null}"#,
    r#"{"task_routing": {"filters": null, "default_filter": {}}}"#,
    r#"{"task_routing": {"filters": [{"friendlyName": "Leads", "colour": "red",
        "expression": "( type==\"lead\" )", "targets": [{"queue": "$Q", "timeout": "10",
        "weight": [1]}, {}]}], "default_filter": {"queue": "$Q", "priority": "7"},
        "version": 3}, "editor": {"zoom": 1}}"#,
    r#"{"task_routing": {"filters": [
        {"filter_friendly_name": "VIP", "expression": "vip == true", "targets": [{"queue": "$Q"}]},
        {"name": "VIP", "expression": "vip==false", "targets": [{"queue": "$Q", "order_by": null}]},
        {"expression": "1==1", "targets": [{"skip_if": "1==1", "queue": "$Q", "priority": 1.0}]}]}}"#,
];
const ATTRIBUTES: &[&str] = &[
    "{}",
    "",
    "[1, 2]",
    r#"{"level": 3, "level ": null, "routing": {"skills": ["sales", "support"], "levels": {"sales": 5}}}"#,
    r#"{"languages": ["de"], "full_name": "Zoë \"Z\" O'Neil", "nested": {"a": [{"b": null}]}}"#,
    r#"{"level": "2", "old": {"x": 1}, "email": null, "contact_uri": "client:x"}"#,
];

/// Odd objects, some of which have the names that random specs declare.
pub(crate) fn foreign() -> impl Strategy<Value = Foreign> {
    let names = vec!["Theirs", "Main", "Night", "Chat Transfer", "Switchboard"];
    let people = vec!["alice", "BOB@example.com", "carol", "Dieter Vogel"];
    (
        subsequence(vec!["Sales", "Theirs", "VIP's", "Support"], 0..=4),
        btree_map(select(names), select(CONFIGURATIONS), 0..4),
        btree_map(
            select(people),
            (select(ATTRIBUTES), select(vec!["Offline", "Break", "Lunch", "Twin"]), 0..=50u32),
            0..4,
        ),
        subsequence(vec!["Lunch", "Meeting", "Twin", "Away"], 0..=3),
    )
        .prop_map(|(queues, workflows, workers, activities)| Foreign {
            queues,
            workflows,
            workers,
            activities,
        })
}

impl Foreign {
    /// Puts everything into the first workspace.
    pub(crate) fn settle(&self, emulator: &Emulator) {
        emulator.seed(|seeder| {
            let Self { queues, workflows, workers, activities } = self;
            for name in activities {
                seeder.available_activity(name);
                if *name == "Twin" {
                    seeder.unavailable_activity(name);
                }
            }
            let mut sid = seeder.queue("Nobody's", "1==0");
            for name in queues {
                sid = seeder.queue(name, "routing.skills has \"sales\"");
            }
            for (name, configuration) in workflows {
                seeder.workflow(name, &configuration.replace("$Q", &sid));
            }
            for (name, (attributes, activity, capacity)) in workers {
                let worker = seeder.worker(name, attributes);
                seeder.set_activity(&worker, activity);
                if *capacity > 1 {
                    seeder.set_capacity(&worker, "chat", *capacity);
                }
            }
        });
    }
}

/// A valid spec for a fresh Flex workspace, or for what another one has made of it.
pub(crate) fn spec() -> impl Strategy<Value = Value> {
    let queues = subsequence(QUEUES, 0..QUEUES.len()).prop_map(|queues| {
        let queues = queues.into_iter().map(str::to_owned);
        queues.chain(["Everyone".to_owned()]).collect::<Vec<_>>()
    });
    let activities = subsequence(vec!["Lunch", "Training", "Meeting"], 0..=3).prop_map(|extra| {
        let extra = extra.into_iter().map(str::to_owned);
        extra.chain(["Available".to_owned(), "Offline".to_owned()]).collect::<Vec<_>>()
    });
    let channels = subsequence(vec!["pulled_chat", "fax", "social"], 0..=3).prop_map(|extra| {
        let extra = extra.into_iter().map(str::to_owned);
        extra.chain(["chat".to_owned(), "voice".to_owned()]).collect::<Vec<_>>()
    });
    (queues, activities, channels, any::<[bool; 4]>()).prop_flat_map(
        |(queues, activities, channels, [away, pruned, pinned, optimized])| {
            let bodies = vec(queue(activities.clone()), queues.len());
            let workflows = btree_map(
                select(vec!["Assign to Anyone", "Main", "Night"]),
                workflow(queues.clone()),
                0..3,
            );
            let transfers = btree_map(
                select(vec!["Chat Transfer", "Old Transfer"]),
                transfer(queues.clone()),
                0..2,
            );
            let capacities = vec(capacity(channels.clone()), 0..3);
            let workers = btree_map(
                select(vec!["Alice", "bob@example.com", "carol"]),
                worker(activities.clone()),
                0..3,
            );
            (bodies, workflows, transfers, capacities, workers).prop_map(
                move |(bodies, workflows, transfers, capacities, workers)| {
                    let queues: Map<String, Value> = queues.iter().cloned().zip(bodies).collect();
                    let activities: Map<String, Value> = activities
                        .iter()
                        .map(|name| {
                            let available = match name.as_str() {
                                "Available" => true,
                                "Offline" => false,
                                _ => away,
                            };
                            (name.clone(), json!({ "available": available }))
                        })
                        .collect();
                    let channels: Map<String, Value> = channels
                        .iter()
                        .map(|name| {
                            let body = match name.as_str() {
                                "chat" | "voice" => json!({}),
                                _ => json!({
                                    "friendly_name": name,
                                    "channel_optimized_routing": optimized,
                                }),
                            };
                            (name.clone(), body)
                        })
                        .collect();
                    let policy = if pruned { "prune" } else { "report" };
                    let mut workspace = json!({ "friendly_name": "Flex Task Assignment" });
                    if pinned {
                        workspace["default_activity"] = "Offline".into();
                        workspace["timeout_activity"] =
                            if away { "Available" } else { "Offline" }.into();
                        workspace["prioritize_queue_order"] = "LIFO".into();
                    }
                    json!({
                        "version": 1,
                        "workspace": workspace,
                        "activities": activities,
                        "task_channels": channels,
                        "queues": queues,
                        "workflows": workflows,
                        "transfers": transfers,
                        "worker_capacities": capacities,
                        "workers": workers,
                        "conversations": { "roles": [{
                            "type": "service",
                            "friendly_name": "agent",
                            "permissions": { "include": ["createConversation"] },
                        }] },
                        "unmanaged": { "queues": policy, "workflows": policy },
                        "limits": { "updates": "100%", "deletes": "100%" },
                    })
                },
            )
        },
    )
}
