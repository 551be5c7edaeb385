//! Workflows that others wrote, as somebody's account.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::{furnished, import_of, said, shown, snapshot};
use flexctl::import::Options;

/// Every `WQ…` of a configuration, in order.
fn sids(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            if let Some(Value::String(sid)) = entries.get("queue") {
                found.push(sid.clone());
            }
            entries.values().for_each(|value| sids(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| sids(item, found)),
        _ => {}
    }
}

/// Queues in the places of the sids, named as the filters ask for them, else by number.
fn settled(document: &Value) -> crate::support::world::World {
    furnished(|seeder| {
        let mut found = Vec::new();
        sids(document, &mut found);
        let mut names = BTreeMap::new();
        for filter in document["task_routing"]["filters"].as_array().into_iter().flatten() {
            let asked = filter["expression"].as_str().unwrap_or_default();
            let name = asked.split(['\'', '"']).nth(1).unwrap_or_default();
            let unnamed = matches!(name, "" | "worker");
            if let (Some(sid), false) = (filter["targets"][0]["queue"].as_str(), unnamed) {
                names.entry(sid.to_owned()).or_insert_with(|| name.to_owned());
            }
        }
        let mut text = document.to_string();
        let mut made: BTreeMap<String, String> = BTreeMap::new();
        for (at, sid) in found.iter().enumerate() {
            if !made.contains_key(sid) {
                let name = names.get(sid).cloned().unwrap_or_else(|| format!("Queue {at}"));
                made.insert(sid.clone(), seeder.queue(&name, "1==1"));
            }
        }
        for (theirs, ours) in &made {
            text = text.replace(&format!("\"{theirs}\""), &json!(ours).to_string());
        }
        seeder.workflow("Found", &text);
    })
}

#[test]
fn every_workflow_in_the_wild_imports_and_plans_empty() {
    let Some(folder) = std::env::var_os("FLEXCTL_FIXTURES_DIR") else {
        eprintln!("skipped: FLEXCTL_FIXTURES_DIR is not set");
        return;
    };
    let mut seen = 0;
    let mut told = Vec::new();
    for entry in std::fs::read_dir(Path::new(&folder).join("workflows")).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("the fixture can be read");
        let document: Value = serde_json::from_str(&text).expect("the fixture is JSON");
        let import = import_of(&snapshot(&settled(&document)), &Options::default());
        seen += 1;
        told.extend(said(&import));
        if path.file_name().is_some_and(|name| {
            name.to_string_lossy().contains("chat-transfer")
                || name.to_string_lossy().contains("cbm")
        }) {
            let spec = shown(&import);
            assert!(spec.contains("\ntransfers:"), "{}\n{spec}", path.display());
        }
    }
    assert!(seen > 20, "{seen}");
    // A default filter with a timeout is all that no spec can say.
    assert!(told.iter().all(|said| said.contains("a default filter cannot have")), "{told:#?}");
}
