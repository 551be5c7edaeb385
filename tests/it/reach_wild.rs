//! What nothing reaches in real workflows, reviewed by hand: everything that is found is so.

use std::collections::BTreeMap;

use flexctl::model::{Filter, Model, Queue, QueueRef, Target, Workflow};
use flexctl::routing::reach::{Options, reach};
use serde_json::Value;

use crate::support::world;

/// The text under one of these keys.
fn text(object: &Value, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| Some(object[key].as_str()?.to_owned()))
}

fn number(value: &Value) -> Option<u32> {
    match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64().and_then(|number| u32::try_from(number).ok()),
    }
}

fn target(target: &Value) -> Target {
    Target {
        queue: text(target, &["queue"]).map(QueueRef::Name),
        expression: text(target, &["expression"]).map(|text| text.as_str().into()),
        priority: number(&target["priority"]),
        timeout: number(&target["timeout"]),
        skip_if: text(target, &["skip_if"]).map(|text| text.as_str().into()),
        known_worker_sid: text(target, &["known_worker_sid"]),
        ..Target::default()
    }
}

/// The name of a queue in a transfer's filter: `transferQueueName == 'Sales'`.
fn asked(filter: &Value) -> Option<&str> {
    let asked = filter["expression"].as_str()?.strip_prefix("transferQueueName == '")?;
    asked.strip_suffix('\'')
}

fn rename(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|value| rename(value, names)),
        Value::Array(elements) => elements.iter_mut().for_each(|value| rename(value, names)),
        Value::String(text) => {
            if let Some(name) = names.get(text.as_str()) {
                text.clone_from(name);
            }
        }
        _ => {}
    }
}

/// A configuration whose queues are all declared. Their names are those that its transfer filters
/// ask for, else their sids.
fn model(name: &str, document: &Value) -> Model {
    let filters = document["task_routing"]["filters"].as_array().into_iter().flatten();
    let names = filters.filter_map(|filter| {
        Some((filter["targets"][0]["queue"].as_str()?.to_owned(), asked(filter)?.to_owned()))
    });
    let names: BTreeMap<String, String> = names.collect();
    let mut document = document.clone();
    rename(&mut document, &names);
    let routing = &document["task_routing"];
    let filter = |filter: &Value| Filter {
        name: text(filter, &["filter_friendly_name", "friendly_name", "friendlyName"])
            .unwrap_or_default(),
        expression: text(filter, &["expression"]).map(|text| text.as_str().into()),
        targets: filter["targets"].as_array().into_iter().flatten().map(target).collect(),
        ..Filter::default()
    };
    let default_filter = &routing["default_filter"];
    let workflow = Workflow {
        filters: Some(routing["filters"].as_array().into_iter().flatten().map(filter).collect()),
        default_filter: Some(default_filter.is_object().then(|| target(default_filter))),
        ..Workflow::default()
    };
    let mut model = Model::default();
    for target in workflow.targets() {
        if let Some(QueueRef::Name(queue)) = &target.queue {
            model.queues.insert(queue.clone(), Queue::default());
        }
    }
    model.workflows.insert(name.to_owned(), workflow);
    model
}

fn told(model: &Model) -> Vec<String> {
    let findings = reach(model, &Options::default());
    let tell = |finding: &flexctl::routing::reach::Finding| {
        let kind = serde_json::to_value(finding.kind).expect("a kind is a word");
        let certainty = finding.certainty;
        format!("{} {} {certainty}", kind.as_str().expect("a word"), finding.spot)
    };
    findings.iter().map(tell).collect()
}

/// What is found in each of the configurations that others wrote.
fn found() -> Option<BTreeMap<String, Vec<String>>> {
    let Some(folder) = std::env::var_os("FLEXCTL_FIXTURES_DIR") else {
        eprintln!("skipped: FLEXCTL_FIXTURES_DIR is not set");
        return None;
    };
    let folder = std::path::Path::new(&folder).join("workflows");
    let mut found = BTreeMap::new();
    for entry in fs_err::read_dir(folder).expect("the folder of fixtures can be listed") {
        let path = entry.expect("an entry can be read").path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let text = fs_err::read_to_string(&path).expect("a fixture can be read");
            let document = serde_json::from_str(&text).expect("a fixture is JSON");
            let stem = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
            // What stands before the first `_` is where it was found.
            let name = stem.split_once('_').map_or(&*stem, |(_, name)| name).to_owned();
            found.insert(name.clone(), told(&model(&name, &document)));
        }
    }
    Some(found)
}

#[test]
fn real_workflows_have_only_what_a_reader_finds_in_them_too() {
    let Some(found) = found() else { return };
    assert!(found.len() >= 22, "{}", found.len());
    let default = |name: &str| {
        format!("default_filter_unreachable the default filter of workflow.{name} documented")
    };
    for (name, findings) in found {
        let expected: &[String] = match name.as_str() {
            // Their last filter is `1==1` and keeps, or cancels, whatever it takes.
            "flex-did" | "2023_callback" | "tf_callback" | "vent-taskrouter" => &[default(&name)],
            // Nobody ever gets to its queue for the rest.
            "high-priority" => {
                &[default(&name), "queue_without_filter queue.WQdefault documented".to_owned()]
            }
            // A transfer to a queue that is new falls out of the workflow.
            "2023_chat_transfer" | "tf_chat-transfer" => {
                &[format!("no_default_filter workflow.{name} documented")]
            }
            // The queue for transfers to workers has a sid of its own here.
            "conversation-transfer_cbm" => &[
                format!("no_default_filter workflow.{name} documented"),
                format!("transfer_queue_without_filter workflow.{name} documented"),
            ],
            _ => &[],
        };
        assert_eq!(findings, expected, "{name}");
    }
}

/// The specs of this project.
fn own() -> Vec<camino::Utf8PathBuf> {
    let root = camino::Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    let examples = root.join("examples").read_dir_utf8().expect("examples can be listed");
    let examples = examples.map(|entry| entry.expect("an entry can be read").path().to_owned());
    let folders = examples.filter(|path| path.is_dir());
    let mut specs: Vec<_> = folders.map(|folder| folder.join("flex.yaml")).collect();
    specs.push(root.join("flex.yaml"));
    specs
}

#[test]
fn our_own_specs_have_nothing_that_is_not_reached() {
    for path in own() {
        let text = fs_err::read_to_string(&path).expect("a spec can be read");
        assert_eq!(told(&world::desired(&text)), Vec::<String>::new(), "{path}");
    }
}
