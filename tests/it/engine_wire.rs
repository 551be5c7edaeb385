//! What goes over the wire is what the plan showed, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use flexctl::apply::Outcome;
use flexctl::model::Kind;
use flexctl::plan::{Action, Change, Options, Plan};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::specs;
use crate::support::wire::{Fault, Sent};
use crate::support::world::{World, desired, string, text};

fn options() -> Options {
    Options { allow_replace: vec!["*".parse().expect("a pattern")], ..Options::default() }
}

/// TaskRouter's parameter for a field of a plan.
fn parameter(field: &str) -> String {
    match field {
        field if field.starts_with("default_filter") => "Configuration".to_owned(),
        field if field.starts_with("attributes.") => "Attributes".to_owned(),
        "configuration" => "Configuration".to_owned(),
        "permissions" => "Permission".to_owned(),
        field => {
            let pascal = field.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
            let pascal: String = pascal.collect();
            if field.ends_with("activity") { pascal + "Sid" } else { pascal }
        }
    }
}

/// A request that a change stands for: what it is sent to, what is in it, and what may be too.
struct Expected {
    target: String,
    shown: BTreeSet<String>,
    possible: BTreeSet<String>,
}

fn expected(change: &Change) -> Vec<Expected> {
    let Change { address, action, sid, renamed_from, fields, filters, reasons, .. } = change;
    let set = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<BTreeSet<_>>();
    // A new object has nothing to clear.
    let is_sent = |value: &Value| *action == Action::Update || *value != "" && !value.is_null();
    let fields = fields.iter().filter(|field| is_sent(&field.after));
    let mut shown: BTreeSet<String> = fields.map(|field| parameter(&field.field)).collect();
    if !filters.is_empty() {
        shown.insert("Configuration".to_owned());
    }
    let is_again = reasons.iter().any(|reason| reason.ends_with(" is replaced"));
    let mut possible = shown.clone();
    if is_again {
        possible.extend(set(&[
            "TargetWorkers",
            "ReservationActivitySid",
            "AssignmentActivitySid",
            "Configuration",
            "DefaultActivitySid",
            "TimeoutActivitySid",
            "ActivitySid",
        ]));
    }
    let object = || sid.clone().expect("a live object has its sid");
    match action {
        Action::Delete => {
            let none = BTreeSet::new();
            vec![Expected { target: object(), shown: none.clone(), possible: none }]
        }
        Action::Update => {
            if renamed_from.is_some() {
                shown.insert("FriendlyName".to_owned());
                possible.insert("FriendlyName".to_owned());
            }
            vec![Expected { target: object(), shown, possible }]
        }
        Action::Create | Action::Replace => {
            let name = address.name.rsplit_once('/').map_or(&*address.name, |(_, name)| name);
            let own = match address.kind {
                Kind::TaskChannel => set(&["UniqueName", "FriendlyName"]),
                Kind::Role => set(&["FriendlyName", "Type"]),
                Kind::Workflow => set(&["FriendlyName", "Configuration"]),
                _ => set(&["FriendlyName"]),
            };
            shown.extend(own.clone());
            possible.extend(own);
            let mut requests = vec![Expected { target: format!("+{name}"), shown, possible }];
            if *action == Action::Replace {
                let aside = set(&["FriendlyName"]);
                requests.push(Expected { target: object(), shown: aside.clone(), possible: aside });
            }
            requests
        }
    }
}

/// The sid or unique name at the end of the path; `+name` for what is created.
fn target(sent: &Sent) -> String {
    if sent.status == 201 {
        let name = sent.param("UniqueName").or_else(|| sent.param("FriendlyName"));
        return format!("+{}", name.expect("a new object has a name"));
    }
    sent.path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Holds the requests against the plan.
fn check(plan: &Plan, writes: &[Sent]) -> Result<(), TestCaseError> {
    let mut expected: Vec<Expected> = plan.changes.iter().flat_map(expected).collect();
    let mut sent: Vec<(String, BTreeSet<String>)> = writes
        .iter()
        .map(|sent| (target(sent), sent.keys().into_iter().map(str::to_owned).collect()))
        .collect();
    expected.sort_by(|a, b| {
        (&a.target, &a.shown, &a.possible).cmp(&(&b.target, &b.shown, &b.possible))
    });
    sent.sort();
    let targets: Vec<&String> = expected.iter().map(|expected| &expected.target).collect();
    prop_assert_eq!(sent.iter().map(|(to, _)| to).collect::<Vec<_>>(), targets, "{}", text(plan));
    for (expected, (target, keys)) in expected.iter().zip(&sent) {
        prop_assert!(keys.is_superset(&expected.shown), "{target} {keys:?}\n{}", text(plan));
        prop_assert!(keys.is_subset(&expected.possible), "{target} {keys:?}\n{}", text(plan));
    }
    Ok(())
}

/// Everything in the workspace by sid.
fn everything(world: &World) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for collection in ["Activities", "TaskChannels", "TaskQueues", "Workflows", "Workers"] {
        all.extend(world.list(collection).into_iter().map(|one| (string(&one["sid"]), one)));
    }
    for worker in world.list("Workers") {
        let channels = world.list(&format!("Workers/{}/Channels", string(&worker["sid"])));
        all.extend(channels.into_iter().map(|one| (string(&one["sid"]), one)));
    }
    let (_, workspace) = world.ask("GET", "", &[]);
    all.insert(string(&workspace["sid"]), workspace);
    all
}

/// Whether a change that was shown explains that a key of the API's answer differs.
fn explains(change: &Change, key: &str) -> bool {
    let is_again = change.reasons.iter().any(|reason| reason.ends_with(" is replaced"));
    let fields = change.fields.iter().any(|field| {
        let field = field.field.split('.').next().unwrap_or_default();
        match field {
            "capacity" => key.contains("capacity"),
            "default_filter" => key == "configuration",
            "activity" => key.starts_with("activity") || key.contains("available"),
            field => key.starts_with(field),
        }
    });
    fields
        || key == "configuration" && !change.filters.is_empty()
        || key == "friendly_name"
            && (change.renamed_from.is_some() || change.action == Action::Replace)
        || is_again
            && (key.contains("activity") || key == "configuration" || key == "target_workers")
        || is_again && change.address.kind == Kind::Worker && key == "available"
        || key == "links" // of the activities, which have fields of their own
        || key == "date_updated"
        || key == "date_status_changed"
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 150,
        max_shrink_iters: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_an_apply_does_is_what_its_plan_showed(
        foreign in specs::foreign(),
        before in specs::spec(),
        wanted in specs::spec(),
    ) {
        let world = World::new();
        foreign.settle(&world.emulator);
        world.apply_with(&before.to_string(), &options());
        world.wire.take();
        let wanted = desired(&wanted.to_string());
        let snapshot = world.read(&wanted);
        let plan = flexctl::plan::diff(&wanted, &snapshot, &options());
        prop_assert!(world.wire.take().iter().all(|sent| sent.method == "GET"));

        let then = everything(&world);
        let report = world.carry_out(&plan, &snapshot);
        // What was not tried has sent nothing.
        let tried = report.results.iter().map(|r| !matches!(r.outcome, Outcome::Skipped { .. }));
        let mut tried = tried.into_iter();
        let mut shown = plan.clone();
        shown.changes.retain(|_| tried.next().unwrap_or_default());
        check(&shown, &world.writes())?;

        let now = everything(&world);
        for (sid, before) in &then {
            let mine: Vec<&Change> =
                plan.changes.iter().filter(|change| change.sid.as_ref() == Some(sid)).collect();
            let Some(after) = now.get(sid) else {
                let is_channel = sid.starts_with("WC");
                prop_assert!(is_channel || mine.iter().any(|change| change.action == Action::Delete));
                continue;
            };
            for (key, value) in before.as_object().expect("an object") {
                if after[key] != *value {
                    prop_assert!(
                        mine.iter().any(|change| explains(change, key)),
                        "{sid} {key}: {value} is {} now\n{}", after[key], text(&plan)
                    );
                }
            }
        }
    }
}

const CENTER: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues:
  Everyone: { target_workers: 1==1 }
  Sales: { target_workers: routing.skills HAS 'sales' }
  Support: { target_workers: routing.skills HAS 'support' }
workflows:
  Inbound:
    filters:
      - { name: Sales, expression: type == 'sales', targets: [{ queue: Sales }] }
    default_filter: { queue: Everyone }
  Night:
    default_filter: { queue: Everyone }
";

#[test]
fn a_create_whose_answer_is_lost_is_found_by_its_name_and_not_repeated() {
    let world = World::new();
    // The first write makes Sales (Everyone is there and as it should be).
    world.wire.fail(Some(Fault::AnswerLost(0)));
    let (_, report) = world.apply(CENTER);
    assert!(report.is_complete(), "{report:#?}");
    let creates =
        world.writes().iter().filter(|sent| sent.param("FriendlyName") == Some("Sales")).count();
    assert_eq!(creates, 1, "a create is sent once");

    world.wire.fail(None);
    assert!(world.plan(CENTER).is_empty());
    let named =
        |name: &str| world.list("TaskQueues").iter().filter(|q| q["friendly_name"] == name).count();
    assert_eq!((named("Sales"), named("Support")), (1, 1));
}

#[test]
fn a_run_that_is_cut_anywhere_is_finished_by_the_next_one_without_doubles() {
    let whole = World::new();
    whole.apply(CENTER);
    let count = whole.writes().len();
    for at in 0..count {
        for fault in [Fault::DeadAfter(at), Fault::LastAnswerLost(at), Fault::AnswerLost(at)] {
            let world = World::new();
            world.wire.fail(Some(fault));
            let (_, report) = world.apply(CENTER);
            world.wire.fail(None);
            if report.is_complete() {
                assert!(world.plan(CENTER).is_empty(), "{fault:?}");
            }
            world.converge(CENTER);
            assert_eq!(world.list("TaskQueues").len(), 3, "{fault:?}");
            assert_eq!(world.list("Workflows").len(), 3, "{fault:?}");
        }
    }
}

#[test]
fn an_update_whose_answer_is_lost_is_sent_again() {
    let world = World::of(CENTER);
    let spec = CENTER.replace("HAS 'sales'", "HAS 'selling'");
    world.wire.fail(Some(Fault::LastAnswerLost(0)));
    let (_, report) = world.apply(&spec);
    assert_eq!(report.totals.applied, 0);
    world.wire.fail(None);
    assert!(world.plan(&spec).is_empty(), "it was carried out all the same");
}
