//! Somebody else writes while we do.

use std::collections::BTreeMap;

use flexctl::apply::{Outcome, Report};
use flexctl::emulator::{Edit, Emulator, Fault, Faults, Options};
use flexctl::model::Address;
use flexctl::plan::Plan;

use crate::support::world::{World, desired};

const BEFORE: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues:
  Everyone: {}
  Sales: { target_workers: routing.skills HAS 'sales' }
  Support: { target_workers: routing.skills HAS 'support' }
workflows:
  Inbound:
    filters:
      - { name: Sales, expression: type == 'sales', targets: [{ queue: Sales }] }
    default_filter: { queue: Everyone }
workers:
  alice: { attributes: { team: red } }
";

/// Changes a queue, a workflow and a worker, and makes a queue and a workflow.
fn after() -> String {
    BEFORE
        .replace("HAS 'sales'", "HAS 'selling'")
        .replace("type == 'sales'", "type == 'selling'")
        .replace("team: red", "team: blue")
        .replace("workflows:\n", "  Night: { target_workers: 1==0 }\nworkflows:\n  Late: { default_filter: { queue: Night } }\n")
}

/// A world that `BEFORE` was applied to, in which this goes wrong from now on.
fn world(faults: Faults) -> World {
    let world = World::with(Emulator::in_memory(Options::deterministic()));
    world.converge(BEFORE);
    world.emulator.forget_requests();
    world.emulator.let_fail(faults);
    world
}

/// The requests of a run without trouble, each as method and path.
fn calm() -> Vec<String> {
    let world = world(Faults::none());
    let (_, report) = world.apply(&after());
    assert!(report.is_complete(), "{report:#?}");
    let requests = world.emulator.requests();
    requests.iter().map(|request| format!("{} {}", request.method, request.path)).collect()
}

/// A write by somebody else to the object of a collection with this name.
fn edit(collection: &str, name: &str, form: &[(&str, &str)]) -> Edit {
    let calm = world(Faults::none());
    let list = calm.list(collection);
    let object = list.iter().find(|object| object["friendly_name"] == name).expect("it is there");
    let (workspace, sid) = (calm.emulator.workspace_sid(), object["sid"].as_str().expect("a sid"));
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let path = format!("/v1/Workspaces/{workspace}/{collection}/{sid}");
    Edit { method: "POST".to_owned(), path, form }
}

fn field(world: &World, collection: &str, name: &str, field: &str) -> String {
    let list = world.list(collection);
    let object = list.iter().find(|object| object["friendly_name"] == name).expect("it is there");
    object[field].as_str().map_or_else(|| object[field].to_string(), str::to_owned)
}

fn outcomes(report: &Report) -> BTreeMap<String, &Outcome> {
    report.results.iter().map(|result| (result.address.to_string(), &result.outcome)).collect()
}

/// Whether the plan was made when the edit was there already.
fn planned_with(plan: &Plan, address: &str, value: &str) -> bool {
    let changes = plan.changes.iter().filter(|change| change.address.to_string() == address);
    changes.flat_map(|change| &change.fields).any(|field| field.before.to_string().contains(value))
}

#[test]
fn an_edit_of_a_field_that_is_not_owned_survives_at_every_request() {
    let requests = calm();
    let edit = edit("TaskQueues", "Sales", &[("MaxReservedWorkers", "7")]);
    for at in 0..requests.len() as u64 {
        let world = world(Faults::none().at(at, Fault::Foreign(edit.clone())));
        let (_, report) = world.apply(&after());
        assert!(report.is_complete(), "{at}: {report:#?}");
        assert_eq!(field(&world, "TaskQueues", "Sales", "max_reserved_workers"), "7", "{at}");
        assert!(world.plan(&after()).is_empty(), "{at}");
    }
}

/// Tries an edit of an owned field before every request. Gives the requests before which it was
/// overwritten although the plan did not show it.
fn overwritten(
    collection: &str,
    name: &str,
    address: &Address,
    parameter: (&str, &str),
) -> Vec<String> {
    let requests = calm();
    let key = parameter.0.to_lowercase().replace("targetworkers", "target_workers");
    let edit = edit(collection, name, &[parameter]);
    let address = address.to_string();
    let mut lost = Vec::new();
    for (at, request) in requests.iter().enumerate() {
        let world = world(Faults::none().at(at as u64, Fault::Foreign(edit.clone())));
        let (plan, report) = world.apply(&after());
        let survives = field(&world, collection, name, &key) == parameter.1;
        match outcomes(&report).get(&address) {
            Some(Outcome::Failed { error, hints }) => {
                assert!(survives, "{at}: refused and overwritten all the same");
                assert!(error.contains("somebody else has changed"), "{error}");
                assert!(hints.iter().any(|hint| hint.contains("plan again")), "{hints:?}");
            }
            // Theirs came after ours, or the plan said that it would be overwritten.
            Some(Outcome::Applied { .. }) if survives => {}
            _ if planned_with(&plan, &address, "theirs") => {}
            outcome => {
                assert!(matches!(outcome, Some(Outcome::Applied { .. })), "{at}: {outcome:?}");
                lost.push(request.clone());
            }
        }
        // The next run shows what is there and makes it as declared.
        world.converge(&after());
    }
    lost
}

#[test]
fn an_edit_of_an_owned_field_is_refused_or_shown_but_for_the_moment_of_the_write_itself() {
    let queue = "queue.Sales".parse().expect("an address");
    let lost = overwritten("TaskQueues", "Sales", &queue, ("TargetWorkers", "team == 'theirs'"));
    // The API has no revisions of queues: what comes between the look and the write is not seen.
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(lost[0].starts_with("POST") && lost[0].contains("/TaskQueues/"), "{lost:?}");
}

#[test]
fn an_edit_of_a_worker_is_never_overwritten_since_workers_have_revisions() {
    let alice = "worker.alice".parse().expect("an address");
    let theirs = ("Attributes", r#"{"team":"theirs"}"#);
    assert_eq!(overwritten("Workers", "alice", &alice, theirs), [""; 0]);
}

#[test]
fn a_workflow_that_somebody_else_makes_in_between_is_not_made_twice() {
    let requests = calm();
    let configuration = r#"{"task_routing":{"filters":[]}}"#;
    let form = [("FriendlyName", "Late"), ("Configuration", configuration)];
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let path = format!("/v1/Workspaces/{}/Workflows", World::new().emulator.workspace_sid());
    let edit = Edit { method: "POST".to_owned(), path, form };
    let mut refused = 0;
    let create = requests.iter().position(|r| r.starts_with("POST") && r.ends_with("/Workflows"));
    for at in 0..create.expect("a workflow is made") as u64 {
        let world = world(Faults::none().at(at, Fault::Foreign(edit.clone())));
        let (_, report) = world.apply(&after());
        let late = world.list("Workflows").iter().filter(|w| w["friendly_name"] == "Late").count();
        assert_eq!(late, 1, "{at}");
        if let Some(Outcome::Failed { error, .. }) = outcomes(&report).get("workflow.Late") {
            assert!(error.contains("is there already"), "{error}");
            refused += 1;
        }
        world.converge(&after());
    }
    assert!(refused > 3, "{refused}");
}

#[test]
fn what_was_deleted_in_between_is_reported_and_the_rest_is_done() {
    let requests = calm();
    let edit = Edit { method: "DELETE".to_owned(), ..edit("Workers", "alice", &[]) };
    for at in 0..requests.len() as u64 {
        let world = world(Faults::none().at(at, Fault::Foreign(edit.clone())));
        let (_, report) = world.apply(&after());
        for (address, outcome) in outcomes(&report) {
            match outcome {
                Outcome::Applied { .. } => {}
                Outcome::Failed { hints, .. } if address == "worker.alice" => {
                    assert!(hints.iter().any(|hint| hint.contains("was deleted")), "{hints:?}");
                }
                outcome => panic!("{at}: {address} {outcome:?}"),
            }
        }
        world.converge(&after());
    }
}

#[test]
fn a_plan_says_how_many_requests_it_takes() {
    let world = world(Faults::none());
    let desired = desired(&after());
    let snapshot = world.read(&desired);
    let plan = flexctl::plan::diff(&desired, &snapshot, &flexctl::plan::Options::default());
    world.emulator.forget_requests();
    assert!(world.carry_out(&plan, &snapshot).is_complete());
    // A look and a write for each of three updates, a write for the queue, and a look-up and a
    // write for the workflow.
    assert_eq!((plan.requests(), world.emulator.requests().len()), (9, 9));
}

#[test]
fn a_write_whose_answer_is_lost_is_known_again_though_reads_lag_behind() {
    let spec = BEFORE.replace("team: red", "team: blue");
    let calm = world(Faults::none());
    assert!(calm.apply(&spec).1.is_complete());
    let requests = calm.emulator.requests();
    let write = requests.iter().position(|request| request.method == "POST");
    let write = write.expect("the worker is written") as u64;
    // Carried out without an answer, refused when it is sent again, and then a read that lags.
    let faults = Faults::none().at(write, Fault::ErrorAfter).at(write + 2, Fault::Stale);
    let world = world(faults);
    let (_, report) = world.apply(&spec);
    assert!(report.is_complete(), "{report:#?}");
    let statuses: Vec<u16> =
        world.emulator.requests()[write as usize..].iter().map(|request| request.status).collect();
    // What was carried out is recorded before the error that hides it.
    assert_eq!(statuses, [200, 500, 412, 200, 200]);
}
