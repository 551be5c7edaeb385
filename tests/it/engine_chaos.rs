//! Whatever goes wrong, the report is true and the next run finishes the work.

use std::collections::{BTreeMap, BTreeSet};

use flexctl::apply::{self, Outcome};
use flexctl::emulator::{Faults, Others};
use flexctl::model::{Address, Kind};
use flexctl::plan::{self, Options};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::Value;

use crate::support::specs;
use crate::support::world::{World, desired, text};

const COLLECTIONS: [&str; 5] = ["Activities", "TaskQueues", "Workflows", "TaskChannels", "Workers"];

/// Of each kind, those that no spec here declares and no plan touches.
fn strangers(world: &World, touched: &BTreeSet<String>) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for collection in COLLECTIONS {
        for object in world.list(collection) {
            let sid = object["sid"].as_str().expect("a sid").to_owned();
            if !touched.contains(&sid) {
                all.insert(sid, object);
            }
        }
    }
    all
}

/// How many objects of a collection have each name.
fn names(world: &World) -> BTreeMap<(&'static str, String), usize> {
    let mut count = BTreeMap::new();
    for collection in COLLECTIONS {
        for object in world.list(collection) {
            let name = object["unique_name"].as_str().or(object["friendly_name"].as_str());
            *count.entry((collection, name.unwrap_or_default().to_owned())).or_default() += 1;
        }
    }
    count
}

/// Two of a name are there only where there were two before.
fn assert_no_doubles(world: &World, before: &BTreeMap<(&'static str, String), usize>) {
    for (name, count) in names(world) {
        let had = before.get(&name).copied().unwrap_or(0);
        assert!(count <= had.max(1), "{count} objects: {name:?}");
    }
}

/// A task for each workflow, that soon ends. Who is offered one and does not answer in time is
/// taken off the queues, which is a change that nobody has asked for.
fn give_work(world: &World) {
    for workflow in world.list("Workflows") {
        let sid = workflow["sid"].as_str().expect("a sid");
        world.post("Tasks", &[("WorkflowSid", sid), ("Timeout", "25")]);
    }
}

/// One run under faults, and a calm one after it.
fn storm(foreign: &specs::Foreign, before: &Value, wanted: &Value, seed: u64, others: Others) {
    let options =
        Options { allow_replace: vec!["*".parse().expect("a pattern")], ..Options::default() };
    let world = World::new();
    foreign.settle(&world.emulator);
    world.apply_model(&desired(&before.to_string()), &options);
    let busy = seed.is_multiple_of(2);
    if busy {
        give_work(&world);
    }
    let names = names(&world);
    let model = desired(&wanted.to_string());

    let snapshot = world.read(&model);
    let plan = plan::diff(&model, &snapshot, &options);
    let touched: BTreeSet<String> =
        plan.changes.iter().filter_map(|change| change.sid.clone()).collect();
    let theirs = strangers(&world, &touched);
    world.emulator.let_fail(Faults::none().random(seed, 25, others));
    let report = world.carry_out(&plan, &snapshot);
    world.emulator.let_fail(Faults::none());

    let next = plan::diff(&model, &world.read(&model), &options);
    let left: BTreeSet<&Address> = next.changes.iter().map(|change| &change.address).collect();
    if others == Others::Rest {
        let mut by_address: BTreeMap<&Address, Vec<&Outcome>> = BTreeMap::new();
        let workers = |result: &&apply::Result| busy && result.address.kind == Kind::Worker;
        for result in report.results.iter().filter(|result| !workers(result)) {
            by_address.entry(&result.address).or_default().push(&result.outcome);
        }
        for (address, outcomes) in by_address {
            let all = |is: fn(&Outcome) -> bool| outcomes.iter().all(|outcome| is(outcome));
            if all(|outcome| matches!(outcome, Outcome::Applied { .. })) {
                assert!(!left.contains(address), "{address} was not applied\n{}", text(&next));
            }
            if all(|outcome| matches!(outcome, Outcome::Failed { .. } | Outcome::Skipped { .. })) {
                assert!(left.contains(address), "{address}: {outcomes:?}\n{}", text(&next));
            }
        }
        let now = strangers(&world, &touched);
        for (sid, object) in theirs.iter().filter(|(sid, _)| !busy || !sid.starts_with("WK")) {
            assert_eq!(now.get(sid), Some(object), "nobody was to touch it");
        }
    }
    assert_no_doubles(&world, &names);

    let (again, report) = world.apply_model(&model, &options);
    assert_eq!(again.refusals, [], "{}", text(&again));
    let last = plan::diff(&model, &world.read(&model), &options);
    let stuck: BTreeSet<&Address> = plan
        .notes
        .iter()
        .chain(&again.notes)
        .filter(|note| note.code == "still-used")
        .map(|note| &note.address)
        .collect();
    for change in &last.changes {
        assert!(stuck.contains(&change.address), "{}\n{report:#?}", text(&last));
    }
    assert_no_doubles(&world, &names);
}

/// Runs so many storms.
fn storms(count: u64, first: u64) {
    let mut runner = TestRunner::deterministic();
    let strategy = (specs::foreign(), specs::spec(), specs::spec());
    for seed in first..first + count {
        let tree = strategy.new_tree(&mut runner).expect("the strategy gives a value");
        let (foreign, before, wanted) = tree.current();
        let others = if seed % 3 == 0 { Others::Write } else { Others::Rest };
        let storm = || storm(&foreign, &before, &wanted, seed, others);
        if let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(storm)) {
            eprintln!("storm {seed}: {foreign:?}\n{before}\n{wanted}");
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn after_any_storm_the_report_is_true_and_the_next_run_finishes_the_work() {
    // In two of three nobody else writes, and then every line of the report is held to the store.
    storms(300, 0);
}

/// `FLEXCTL_STORMS=30000 cargo test --release --test it -- --ignored many_storms`
#[test]
#[ignore = "takes long; the number of storms is FLEXCTL_STORMS"]
fn many_storms() {
    let count = std::env::var("FLEXCTL_STORMS").ok().and_then(|count| count.parse().ok());
    storms(count.unwrap_or(30_000), 1_000);
}
