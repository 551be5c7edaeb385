//! Deletions: what TaskRouter refuses is told with its reason, and disturbs nothing else.

use flexctl::apply::{Outcome, Report};
use flexctl::model::Address;
use flexctl::plan::Options;
use serde_json::{Value, json};

use crate::support::desk::{Desk, code, out};
use crate::support::world::{World, codes, string, text};

const CENTER: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
activities:
  Lunch: { available: false }
queues:
  Everyone: { target_workers: 1==1 }
  Sales: { target_workers: routing.skills HAS 'sales' }
  Old: { target_workers: routing.skills HAS 'old', reservation_activity: Lunch }
  Older: { target_workers: routing.skills HAS 'older' }
workflows:
  Inbound:
    filters:
      - { name: Old, expression: type == 'old', targets: [{ queue: Old }, { queue: Older }] }
    default_filter: { queue: Everyone }
";

/// Without the old queues, and with something new.
const WANTED: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues:
  Everyone: { target_workers: 1==1 }
  Sales: { target_workers: routing.skills HAS 'sales', max_reserved_workers: 2 }
  Billing: { target_workers: routing.skills HAS 'billing' }
workflows:
  Inbound:
    filters:
      - { name: Billing, expression: type == 'billing', targets: [{ queue: Billing }] }
    default_filter: { queue: Everyone }
unmanaged: { queues: prune, activities: { prune: [Lunch] } }
limits: { deletes: 100% }
";

/// The center, and a workflow of somebody else that uses Old.
fn center() -> World {
    let world = World::of(CENTER);
    let old = world.sid("TaskQueues", "Old");
    let configuration = json!({ "task_routing": { "filters": [
        { "filter_friendly_name": "Night", "expression": "1==1", "targets": [{ "queue": old }] },
    ] } });
    let configuration = configuration.to_string();
    world.post("Workflows", &[("FriendlyName", "Night Desk"), ("Configuration", &configuration)]);
    world
}

fn outcome<'r>(report: &'r Report, address: &str) -> &'r Outcome {
    let address: Address = address.parse().expect("an address");
    let result = report.results.iter().find(|result| result.address == address);
    &result.expect("the change is in the report").outcome
}

#[test]
fn a_queue_that_a_foreign_workflow_uses_fails_with_the_apis_reason_and_its_name() {
    let world = center();
    let theirs = world.object("Workflows", "Night Desk");
    let old = world.object("TaskQueues", "Old");
    let lunch = world.object("Activities", "Lunch");
    let (plan, report) = world.apply(WANTED);
    assert_eq!(codes(&plan), ["still-used queue.Old"]);
    insta::assert_snapshot!(text(&plan));

    let Outcome::Failed { error, hints } = outcome(&report, "queue.Old") else {
        panic!("{report:#?}");
    };
    assert!(error.contains("Cannot delete TaskQueue") && error.contains("Night Desk"), "{error}");
    assert!(error.contains("20001"), "{error}");
    assert!(hints[0].contains("workflow.\"Night Desk\""), "{hints:?}");
    // Only what depends on it is skipped.
    assert_eq!(
        *outcome(&report, "activity.Lunch"),
        Outcome::Skipped { because: "queue.Old was not applied".to_owned() }
    );
    let totals = report.totals;
    assert_eq!((totals.failed, totals.skipped, totals.unknown), (1, 1, 0));
    assert_eq!(totals.applied, report.results.len() - 2);
    assert_eq!(world.find("TaskQueues", "Older"), None);
    // And nothing else is disturbed.
    assert_eq!(world.object("Workflows", "Night Desk"), theirs);
    assert_eq!(world.object("TaskQueues", "Old"), old);
    assert_eq!(world.object("Activities", "Lunch"), lunch);

    // When they let go of it the rest goes through.
    world.set_configuration("Night Desk", &json!({ "task_routing": { "filters": [] } }));
    let plan = world.converge(WANTED);
    let left: Vec<String> = plan.changes.iter().map(|change| change.address.to_string()).collect();
    assert_eq!(left, ["queue.Old", "activity.Lunch"]);
}

#[test]
fn an_own_workflow_lets_go_of_a_queue_before_it_is_deleted() {
    let world = World::of(CENTER);
    world.converge(WANTED);
    for gone in ["Old", "Older"] {
        assert_eq!(world.find("TaskQueues", gone), None);
    }
    assert_eq!(world.find("Activities", "Lunch"), None);
}

#[test]
fn undeclared_objects_are_deleted_backwards_along_their_references() {
    let world = center();
    let spec = WANTED.replace("queues: prune", "queues: prune, workflows: prune");
    world.apply(&spec);
    let deleted: Vec<String> = world
        .writes()
        .into_iter()
        .filter(|sent| sent.method == "DELETE")
        .map(|sent| string(&json!(sent.path.split('/').nth(4))))
        .collect();
    assert_eq!(deleted, ["Workflows", "TaskQueues", "TaskQueues", "Activities"]);
    assert!(world.plan(&spec).is_empty());
}

#[test]
fn what_is_not_pruned_is_reported_and_left_alone() {
    let world = center();
    let before = everything(&world);
    let plan = world.converge("version: 1\nworkspace: { friendly_name: Flex Task Assignment }\n");
    insta::assert_snapshot!(text(&plan), @r#"
    not in the spec, left alone: activity.Lunch, queue.Old, queue.Older,
        queue.Sales, workflow.Inbound, workflow."Night Desk"

    No changes.
    0 unchanged; 1 unmanaged activity, 3 unmanaged queues, 2 unmanaged workflows
        left alone
    "#);
    assert_eq!(everything(&world), before);
}

#[test]
fn built_in_and_protected_objects_are_never_deleted() {
    let world = center();
    let spec = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
protect: [queue.Sales, \"workflow.*Desk\", queue.Old, \"activity.L?nch\"]
limits: { deletes: 100% }
";
    let options = Options { prune: true, ..Options::default() };
    let plan = world.converge_with(spec, &options);
    let deleted: Vec<String> = plan.changes.iter().map(|c| c.address.to_string()).collect();
    assert_eq!(deleted, ["workflow.Inbound", "queue.Older"]);
    for (collection, name) in [
        ("TaskQueues", "Everyone"),
        ("TaskQueues", "Sales"),
        ("TaskQueues", "Old"),
        ("Workflows", "Assign to Anyone"),
        ("Workflows", "Night Desk"),
        ("Activities", "Offline"),
        ("TaskChannels", "default"),
    ] {
        world.object(collection, name);
    }
}

fn everything(world: &World) -> Vec<Value> {
    ["Activities", "TaskChannels", "TaskQueues", "Workflows", "Workers"]
        .into_iter()
        .flat_map(|collection| world.list(collection))
        .collect()
}

#[test]
fn the_exit_code_says_that_something_failed() {
    let desk = Desk::new(CENTER);
    assert_eq!(code(&desk.emulated(&["apply", "--auto-approve"])), 0);
    // Inbound is somebody else's from now on.
    let spec = WANTED.replace("  Inbound:\n", "  Incoming:\n");
    desk.write("flex.yaml", &spec);
    let apply = desk.emulated(&["apply", "--auto-approve"]);
    assert_eq!(code(&apply), 1);
    let said = out(&apply);
    let failed: Vec<&str> = said.lines().filter(|line| line.starts_with("failed")).collect();
    assert_eq!(failed.len(), 2, "{said}");
    for line in failed {
        assert!(line.contains("part of Workflow") && line.contains("(Inbound)"), "{line}");
    }
    assert!(said.contains("skipped  activity.Lunch: queue.Old was not applied"), "{said}");
    assert_eq!(code(&desk.emulated(&["plan", "--detailed-exitcode"])), 2);
}
