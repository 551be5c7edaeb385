//! Workflows as they are found in the wild are followed, whatever is in them.

use std::collections::BTreeMap;

use flexctl::model::Model;
use flexctl::routing::{End, Goal};
use flexctl::routing::{Router, Step, Task, Unknown, Worker, Workers, live_sids, task_witness};
use serde_json::Value;

use super::noon;
use crate::support::world::World;

/// The workflows that others wrote, by file name; none without the folder of them.
fn found() -> BTreeMap<String, Value> {
    let Some(folder) = std::env::var_os("FLEXCTL_FIXTURES_DIR") else {
        eprintln!("skipped: FLEXCTL_FIXTURES_DIR is not set");
        return BTreeMap::new();
    };
    let mut found = BTreeMap::new();
    for entry in
        fs_err::read_dir(std::path::Path::new(&folder).join("workflows")).expect("a folder")
    {
        let path = entry.expect("the entry is readable").path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let text = fs_err::read_to_string(&path).expect("the file is readable");
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            found.insert(name, serde_json::from_str(&text).expect("the file is JSON"));
        }
    }
    assert!(found.len() >= 5, "only {} files", found.len());
    found
}

/// Replaces what a document gives as queues.
fn queues(value: &mut Value, with: &mut dyn FnMut(&str) -> String) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| queues(item, with)),
        Value::Object(object) => {
            for (key, value) in object {
                match (key.as_str(), &*value) {
                    ("queue", Value::String(queue)) => *value = with(queue).into(),
                    _ => queues(value, with),
                }
            }
        }
        _ => {}
    }
}

/// The document in an account that has its queues, and two workers.
fn world(mut document: Value) -> World {
    let world = World::new();
    world.emulator.seed(|seeder| {
        let mut sids = BTreeMap::new();
        queues(&mut document, &mut |queue| {
            let name = format!("Queue of {queue}");
            let sid = sids.entry(queue.to_owned()).or_insert_with(|| seeder.queue(&name, "1==1"));
            sid.clone()
        });
        seeder.workflow("Wild", &document.to_string());
        let worker = seeder.worker("ann", r#"{"routing": {"skills": []}}"#);
        seeder.set_activity(&worker, "Available");
        seeder.worker("bea", "{}");
    });
    world
}

#[test]
fn every_real_workflow_is_followed_and_each_filter_takes_what_is_made_for_it() {
    for (file, document) in found() {
        let snapshot = world(document).read_with_workers(&Model::default());
        let (model, workers) = (snapshot.model(), Worker::live(&snapshot));
        let router = Router::knowing(&model, live_sids(&snapshot));
        let crews = [Workers::Unknown, Workers::Known(&workers)].map(|known| router.crew(known));
        let filters = model.workflows["Wild"].filters.as_deref().unwrap_or_default();
        let mut taken = 0;
        for (place, filter) in filters.iter().enumerate() {
            let expression = filter.expression.as_ref().expect("each has one");
            let (tree, errors) = expression.parse();
            assert_eq!(errors, [], "{file}");
            let Some(attributes) = task_witness(&[Goal::met(&tree)], noon()) else { continue };
            let task = Task { attributes, ..Task::default() };
            for crew in &crews {
                let trace = crew.route("Wild", &task, noon()).expect("it was made");
                let takes = trace.steps.iter().find_map(|step| match step {
                    Step::Filter(step) if step.verdict.holds => Some(step.filter),
                    _ => None,
                });
                assert!(takes.is_some_and(|takes| takes <= place), "{file}: {expression}");
                assert!(!matches!(trace.end, End::Unknown { .. }), "{file}: {:?}", trace.end);
                let gaps = trace
                    .unknown
                    .iter()
                    .filter(|what| !matches!(what, Unknown::Workers | Unknown::Idle { .. }));
                assert_eq!(gaps.count(), 0, "{file}: {:?}", trace.unknown);
                taken += 1;
            }
        }
        assert!(taken > 0 || filters.is_empty(), "{file}");
        let nothing = crews[1].route("Wild", &Task::default(), noon()).expect("it was made");
        assert!(nothing.at(u32::MAX).queue.is_some() || nothing.end == End::Unrouted, "{file}");
    }
}
