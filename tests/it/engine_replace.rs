//! Activities whose `available` changes: a new one takes the place of the old one, and whatever
//! happens in between, the next run finishes it.

use flexctl::apply::Outcome;
use flexctl::plan::Options;

use crate::support::wire::{Fault, Sent};
use crate::support::world::{World, codes, string, text};

const CENTER: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment, timeout_activity: Lunch }
activities:
  Available: { available: true }
  Lunch: { available: false }
queues:
  Everyone: { target_workers: 1==1 }
  Sales: { target_workers: routing.skills HAS 'sales', reservation_activity: Lunch }
  Support: { target_workers: routing.skills HAS 'support' }
workers:
  alice: { activity: Lunch }
workflows:
  Night:
    filters:
      - name: Nobody there
        expression: type == 'night'
        targets: [{ queue: Sales, skip_if: \"workers.${activity['Lunch'].sid} > 3\" }, { queue: Everyone }]
    default_filter: { queue: Everyone }
";

fn wanted() -> String {
    CENTER.replace("Lunch: { available: false }", "Lunch: { available: true }")
}

fn allowed() -> Options {
    let pattern = "activity.Lunch".parse().expect("a pattern");
    Options { allow_replace: vec![pattern], ..Options::default() }
}

/// The center, and a queue, a workflow and a worker of somebody else that refer to Lunch.
fn center() -> World {
    let world = World::of(CENTER);
    let lunch = world.sid("Activities", "Lunch");
    world.post("TaskQueues", &[("FriendlyName", "Theirs"), ("AssignmentActivitySid", &lunch)]);
    let everyone = world.sid("TaskQueues", "Everyone");
    let configuration = serde_json::json!({ "task_routing": { "filters": [{
        "friendlyName": "Theirs", "expression": "1==1", "colour": "red",
        "targets": [{ "queue": everyone, "skip_if": format!("workers.{lunch} > 1") }],
    }] } });
    let configuration = configuration.to_string();
    world.post("Workflows", &[("FriendlyName", "Theirs"), ("Configuration", &configuration)]);
    world.post("Workers", &[("FriendlyName", "bob"), ("ActivitySid", &lunch)]);
    world
}

/// `POST Activities FriendlyName`, the sids left out.
fn step(sent: &Sent) -> String {
    let place: Vec<&str> = sent.path.split('/').skip(4).collect();
    let keys = sent.keys().join(" ");
    format!("{} {} {keys}", sent.method, place.first().unwrap_or(&"Workspace"))
}

/// Everything refers to one Lunch, which is the wanted one.
fn assert_replaced(world: &World) {
    let lunch = world.object("Activities", "Lunch");
    assert_eq!(lunch["available"], true);
    let names: Vec<String> =
        world.list("Activities").iter().map(|a| string(&a["friendly_name"])).collect();
    assert_eq!(names.iter().filter(|name| name.contains("Lunch")).count(), 1, "{names:?}");
    let sid = string(&lunch["sid"]);
    let (_, workspace) = world.ask("GET", "", &[]);
    assert_eq!(workspace["timeout_activity_sid"], *sid);
    assert_eq!(world.object("TaskQueues", "Sales")["reservation_activity_sid"], *sid);
    assert_eq!(world.object("TaskQueues", "Theirs")["assignment_activity_sid"], *sid);
    for worker in ["alice", "bob"] {
        assert_eq!(world.object("Workers", worker)["activity_sid"], *sid, "{worker}");
    }
    for workflow in ["Night", "Theirs"] {
        let configuration = world.configuration(workflow).to_string();
        assert!(configuration.contains(&format!("workers.{sid} > ")), "{configuration}");
    }
    let theirs = world.configuration("Theirs");
    assert_eq!(theirs["task_routing"]["filters"][0]["colour"], "red");
}

#[test]
fn another_availability_is_refused_with_an_explanation() {
    let world = center();
    let plan = world.plan(&wanted());
    assert_eq!(codes(&plan), ["replace-not-allowed activity.Lunch"]);
    insta::assert_snapshot!(text(&plan));
}

#[test]
fn everything_that_refers_to_it_is_sent_again_before_the_old_one_is_deleted() {
    let world = center();
    let old = world.sid("Activities", "Lunch");
    let (plan, report) = world.apply_with(&wanted(), &allowed());
    assert!(plan.refusals.is_empty() && report.is_complete(), "{report:#?}");
    insta::assert_snapshot!(text(&plan));
    let writes = world.writes();
    let mut steps: Vec<String> = writes.iter().map(step).collect();
    assert_eq!(
        [&steps[0], &steps[1], &steps[steps.len() - 1]],
        [
            "POST Activities FriendlyName",
            "POST Activities FriendlyName Available",
            "DELETE Activities "
        ]
    );
    assert_eq!(writes[0].param("FriendlyName"), Some("Lunch (replaced by flexctl)"));
    assert!(writes[writes.len() - 1].path.ends_with(&old));
    let new = world.sid("Activities", "Lunch");
    for sent in &writes[2..writes.len() - 1] {
        let values: Vec<&str> = sent.form.iter().map(|(_, value)| value.as_str()).collect();
        let values = values.join("\n");
        assert!(values.contains(&new) && !values.contains(&old), "{sent:#?}");
    }
    steps.sort();
    assert_eq!(
        steps,
        [
            "DELETE Activities ",
            "POST Activities FriendlyName",
            "POST Activities FriendlyName Available",
            "POST TaskQueues AssignmentActivitySid",
            "POST TaskQueues ReservationActivitySid",
            "POST Workers ActivitySid",
            "POST Workers ActivitySid",
            "POST Workflows Configuration",
            "POST Workflows Configuration",
            "POST Workspace TimeoutActivitySid",
        ]
    );
    assert_replaced(&world);
    assert!(world.plan(&wanted()).is_empty());
}

#[test]
fn a_run_that_breaks_anywhere_is_finished_by_the_next_one() {
    let whole = center();
    whole.apply_with(&wanted(), &allowed());
    let writes = whole.writes().len();
    for at in 0..writes {
        for fault in [Fault::DeadAfter(at), Fault::LastAnswerLost(at), Fault::AnswerLost(at)] {
            let world = center();
            world.wire.fail(Some(fault));
            let (_, report) = world.apply_with(&wanted(), &allowed());
            world.wire.fail(None);
            // A create whose answer is lost is found by its name.
            if report.is_complete() {
                assert!(world.plan(&wanted()).is_empty(), "{fault:?}");
            }
            // By now the replace may be behind us; what is left needs no permission.
            world.converge_with(&wanted(), &allowed());
            assert_replaced(&world);
        }
    }
}

#[test]
fn a_new_activity_whose_answer_was_lost_is_found_and_not_made_twice() {
    let world = center();
    // The first write puts the old one aside, the second one creates.
    world.wire.fail(Some(Fault::AnswerLost(1)));
    let (_, report) = world.apply_with(&wanted(), &allowed());
    assert!(report.is_complete(), "{report:#?}");
    world.wire.fail(None);
    assert_replaced(&world);
    assert!(world.plan(&wanted()).is_empty());
}

#[test]
fn workers_leave_a_replaced_activity_though_the_spec_speaks_of_no_worker() {
    let quiet = |spec: &str| spec.replace("workers:\n  alice: { activity: Lunch }\n", "");
    let world = center();
    world.wire.fail(Some(Fault::DeadAfter(2)));
    world.apply_with(&quiet(&wanted()), &allowed());
    world.wire.fail(None);
    // What is left of the broken run needs no permission.
    world.converge(&quiet(&wanted()));
    assert_replaced(&world);
}

#[test]
fn a_name_that_does_not_go_back_is_told() {
    let world = center();
    world.wire.fail(Some(Fault::DeadAfter(1)));
    let (_, report) = world.apply_with(&wanted(), &allowed());
    let Outcome::Failed { error, .. } = &report.results[0].outcome else { panic!("{report:#?}") };
    assert!(error.contains("; the old one is named Lunch (replaced by flexctl) now: "), "{error}");
}

#[test]
fn a_queue_that_is_pruned_in_the_same_plan_holds_nothing_up() {
    let world = center();
    let spec = wanted() + "unmanaged: { queues: prune }\n";
    world.converge_with(&spec, &allowed());
    assert_eq!(world.find("TaskQueues", "Theirs"), None);
}

#[test]
fn an_activity_is_renamed_and_replaced_at_once_whatever_breaks() {
    let spec = wanted()
        .replace("  Lunch: {", "  Lunch Break: { renamed_from: Lunch,")
        .replace("activity: Lunch", "activity: Lunch Break")
        .replace("['Lunch']", "['Lunch Break']");
    let pattern = "activity.Lunch*".parse().expect("a pattern");
    let options = Options { allow_replace: vec![pattern], ..Options::default() };
    let whole = center();
    let plan = whole.plan_with(&spec, &options);
    let shown = text(&plan);
    assert!(shown.starts_with("± activity.\"Lunch Break\"  was Lunch,"), "{shown}");
    whole.apply_with(&spec, &options);
    let writes = whole.writes().len();
    for at in 0..=writes {
        let world = center();
        world.wire.fail(Some(Fault::DeadAfter(at)));
        world.apply_with(&spec, &options);
        world.wire.fail(None);
        world.converge_with(&spec, &options);
        let activities = world.list("Activities");
        let lunches = activities.iter().filter(|a| string(&a["friendly_name"]).contains("Lunch"));
        let lunches: Vec<_> = lunches.map(|a| (&a["friendly_name"], &a["available"])).collect();
        assert_eq!(lunches, [(&"Lunch Break".into(), &true.into())], "{at}");
    }
}

#[test]
fn a_queue_that_cannot_be_pruned_in_the_same_plan_holds_nothing_up() {
    let world = center();
    let theirs = world.sid("TaskQueues", "Theirs");
    let configuration =
        format!(r#"{{"task_routing":{{"default_filter":{{"queue":"{theirs}"}}}}}}"#);
    world.post("Workflows", &[("FriendlyName", "Other"), ("Configuration", &configuration)]);
    let (plan, report) =
        world.apply_with(&(wanted() + "unmanaged: { queues: prune }\n"), &allowed());
    assert_eq!(codes(&plan), ["still-used queue.Theirs"]);
    let not_applied: Vec<_> =
        report.results.iter().filter(|r| !matches!(r.outcome, Outcome::Applied { .. })).collect();
    assert_eq!(not_applied.len(), 1, "{not_applied:#?}");
    assert_replaced(&world);
}
