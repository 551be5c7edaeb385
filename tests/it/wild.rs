//! Transfer workflows as they are found in the wild, from a spec of a few lines.

use std::collections::BTreeMap;

use flexctl::live::{self, Sids};
use flexctl::model::{Address, Kind};
use serde_json::Value;

use crate::support::world;

/// A workflow that others wrote; none without the folder of them.
fn found(file: &str) -> Option<Value> {
    let Some(folder) = std::env::var_os("FLEXCTL_FIXTURES_DIR") else {
        eprintln!("skipped: FLEXCTL_FIXTURES_DIR is not set");
        return None;
    };
    let path = std::path::Path::new(&folder).join("workflows").join(file);
    let text = std::fs::read_to_string(path).expect("the fixture is there");
    Some(serde_json::from_str(&text).expect("the fixture is JSON"))
}

/// The document without the labels of filters, with sids numbered by their first mention, and
/// with the filters for queues, which exclude each other, in the order of their expressions.
fn normal(mut document: Value) -> Value {
    let routing = &mut document["task_routing"];
    let filters = routing["filters"].as_array_mut().expect("filters");
    for filter in filters.iter_mut() {
        filter.as_object_mut().expect("a filter").remove("filter_friendly_name");
    }
    filters[1..].sort_by_key(|filter| filter["expression"].to_string());
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut number = |target: &mut Value| {
        if let Some(sid) = target["queue"].as_str() {
            let next = numbers.len();
            target["queue"] = (*numbers.entry(sid.to_owned()).or_insert(next)).into();
        }
    };
    for filter in filters[1..].iter_mut() {
        filter["targets"].as_array_mut().expect("targets").iter_mut().for_each(&mut number);
    }
    // The queue that holds every worker is named by these two; it may be written with another sid.
    filters[0]["targets"][0]["queue"] = "everyone".into();
    if let Some(target) = routing.get_mut("default_filter") {
        target["queue"] = "everyone".into();
    }
    document
}

/// TaskRouter's document for the only workflow of a spec.
fn made(spec: &str) -> Value {
    let desired = world::desired(spec);
    let sids = desired.queues.keys().fold(Sids::default(), |mut sids, name| {
        sids.insert(Address::new(Kind::Queue, name.clone()), format!("WQ of {name}"));
        sids
    });
    let (name, workflow) = desired.workflows.first_key_value().expect("one workflow");
    live::configuration(&Address::new(Kind::Workflow, name.clone()), workflow, &sids)
        .expect("every queue has a sid")
}

#[test]
fn programmable_chat_is_the_workflow_of_the_chat_transfer_plugin() {
    let Some(found) = found("fpt_chat-transfer_programmable-chat.json") else { return };
    let spec = "
version: 1
queues: { Everyone: { target_workers: 1==1 }, Outbound Communications: {}, Parked Calls: {} }
transfers:
  Chat Transfer:
    dialect: programmable_chat
    worker: { queue: Everyone }
    default_filter: { queue: Everyone }
";
    assert_eq!(normal(made(spec)), normal(found));
}

#[test]
fn conversation_is_the_workflow_of_the_conversation_transfer_plugin() {
    let Some(found) = found("fpt_conversation-transfer_cbm.json") else { return };
    let spec = "
version: 1
queues: { Everyone: { target_workers: 1==1 }, Outbound: {}, Parked Calls: {} }
transfers:
  Chat Transfer: { dialect: conversation, worker: { queue: Everyone } }
";
    assert_eq!(normal(made(spec)), normal(found));
}

#[test]
fn queue_sid_makes_the_same_routing_from_the_attributes_of_its_own_plugin() {
    let Some(found) = found("fpt_conversation-transfer_cbm.json") else { return };
    let spec = "
version: 1
queues: { Everyone: { target_workers: 1==1 }, Outbound: {}, Parked Calls: {} }
transfers:
  Chat Transfer: { dialect: queue_sid, worker: { queue: Everyone } }
";
    let mut text = made(spec).to_string();
    for (theirs, ours) in [
        ("transferTargetType == 'queue' AND targetSid == 'WQ of ", "transferQueueName == '"),
        ("task.targetSid", "task.transferTargetSid"),
        ("worker.sid != task.ignoreAgent", "worker.sid NOT IN task.workerSidsInConversation"),
    ] {
        assert!(text.contains(theirs), "{theirs} is not in {text}");
        text = text.replace(theirs, ours);
    }
    assert_eq!(normal(text.parse().expect("still JSON")), normal(found));
}
