//! Activities that are replaced, and everything that refers to them.

use flexctl::model::{
    Activity, Address, AddressPattern, Expression, Kind, Model, Part, Resource, Snapshot, Text,
    Worker, aside_name,
};
use flexctl::plan::{Action, Options, Plan, Stage};

use crate::plan::{codes, diff, diff_with, text};
use crate::support::snapshot::{center, filter, find, live, snapshot_of, workflow};

/// A center in which much refers to Lunch, and the same with another kind of Lunch.
fn lunch() -> (Model, Snapshot) {
    let mut model = center();
    model.workspace.timeout_activity = Some("Lunch".to_owned());
    let sales = model.queues.get_mut("Sales").expect("declared");
    sales.reservation_activity = Some("Lunch".to_owned());
    let mut rule = filter("Nobody there", "1==1", "Sales");
    rule.targets[0].skip_if = Some(Expression::new(Text::from_iter([
        Part::Str("workers.".to_owned()),
        Part::Sid(Address::new(Kind::Activity, "Lunch")),
        Part::Str(" > 3".to_owned()),
    ])));
    model.workflows.insert("Night".to_owned(), workflow(vec![rule]));
    let worker = Worker { activity: Some("Lunch".to_owned()), ..Worker::default() };
    model.workers.insert("alice".to_owned(), worker);
    let mut now = snapshot_of(&model);
    let mut foreign = now.queues[0].value.clone();
    foreign.assignment_activity = Some("Lunch".to_owned());
    now.queues.push(live("WQ77".to_owned(), "Foreign", foreign));
    model.activities.get_mut("Lunch").expect("declared").available = Some(true);
    (model, now)
}

fn allowed() -> Options {
    let pattern: AddressPattern = "activity.Lunch".parse().expect("a pattern");
    Options { allow_replace: vec![pattern], ..Options::default() }
}

fn steps(plan: &Plan) -> Vec<String> {
    let step = |change: &flexctl::plan::Change| match change.stage {
        Stage::Main => format!("{:?} {}", change.action, change.address),
        stage => format!("{:?} {} {stage:?}", change.action, change.address),
    };
    plan.changes.iter().map(step).collect()
}

#[test]
fn another_availability_is_a_replace_and_is_refused_with_the_way_out() {
    let (model, now) = lunch();
    let plan = diff(&model, &now);
    assert_eq!(codes(&plan), ["replace-not-allowed activity.Lunch"]);
    assert!(plan.refusals[0].help.contains("--allow-replace activity.Lunch"));
    assert_eq!(plan.counts.replace, 1);
    insta::assert_snapshot!(text(&plan));
}

#[test]
fn all_that_refers_to_a_replaced_activity_is_sent_again_before_the_old_one_is_deleted() {
    let (model, now) = lunch();
    let plan = diff_with(&model, &now, &allowed());
    assert_eq!(codes(&plan), [""; 0]);
    assert_eq!(
        steps(&plan),
        [
            "Replace activity.Lunch",
            "Update workspace References",
            "Update queue.Foreign",
            "Update queue.Sales",
            "Update workflow.Night",
            "Update worker.alice",
            "Delete activity.Lunch Cleanup",
        ]
    );
    let cleanup = &plan.changes[6];
    assert_eq!(cleanup.after, [0, 1, 2, 3, 4, 5]);
    assert_eq!(cleanup.sid, plan.changes[0].sid);
    for change in &plan.changes[1..6] {
        assert_eq!(change.reasons, ["activity.Lunch is replaced"]);
        assert!(change.fields.is_empty() && change.filters.is_empty());
        assert!(change.after.contains(&0));
        let write = change.write.as_ref().expect("something is sent");
        assert!(write.references().contains(&Address::new(Kind::Activity, "Lunch")));
    }
    let Some(Resource::Queue(sales)) = &plan.changes[3].write else { panic!("a queue is sent") };
    assert_eq!(sales.target_workers, None, "only what refers to the activity is sent");
    assert_eq!((plan.counts.replace, plan.counts.delete), (1, 0));
    assert_eq!(plan.requests(), 9, "and the name of the new activity is looked up");
}

#[test]
fn the_next_plan_finishes_a_run_that_broke_after_the_replace() {
    let (model, mut now) = lunch();
    // The new one is there and Sales was told; the rest of the run was lost.
    let old = find(&mut now.activities, "Lunch");
    old.name = aside_name("Lunch");
    let new = Activity { available: Some(true), ..Activity::default() };
    now.activities.push(live("WA99".to_owned(), "Lunch", new));
    let aside = Some(aside_name("Lunch"));
    now.workspace.value.timeout_activity.clone_from(&aside);
    find(&mut now.queues, "Foreign").value.assignment_activity.clone_from(&aside);
    find(&mut now.workers, "alice").value.activity = aside;
    let plan = diff(&model, &now);
    assert_eq!(
        steps(&plan),
        [
            "Update workspace References",
            "Update queue.Foreign",
            "Update worker.alice",
            "Delete activity.\"Lunch (replaced by flexctl)\" Cleanup",
        ]
    );
    assert_eq!(plan.changes[3].after, [0, 1, 2]);
    assert_eq!(plan.counts.delete, 1);
    assert_eq!(plan.unmanaged, [], "Foreign is not left alone");
}

#[test]
fn the_next_plan_finishes_a_run_that_broke_before_the_new_one_was_made() {
    let (model, mut now) = lunch();
    let aside = aside_name("Lunch");
    find(&mut now.activities, "Lunch").name.clone_from(&aside);
    now.workspace.value.timeout_activity = Some(aside);
    let plan = diff(&model, &now);
    assert_eq!(plan.changes[0].action, Action::Create);
    assert_eq!(plan.changes[1].after, [0]);
    assert_eq!(plan.changes.last().map(|change| change.stage), Some(Stage::Cleanup));
}

#[test]
fn built_in_and_protected_activities_are_not_replaced_even_when_allowed() {
    let (mut model, mut now) = lunch();
    model.protect.patterns = vec!["activity.Lu*".parse().expect("a pattern")];
    assert_eq!(codes(&diff_with(&model, &now, &allowed())), ["protected activity.Lunch"]);

    model.activities.get_mut("Lunch").expect("declared").available = Some(false);
    find(&mut now.activities, "Offline").value.available = Some(true);
    let everything =
        Options { allow_replace: vec!["*".parse().expect("a pattern")], ..Options::default() };
    assert_eq!(codes(&diff_with(&model, &now, &everything)), ["protected activity.Offline"]);
}

#[test]
fn a_name_is_cut_to_make_room_for_what_says_that_it_is_replaced() {
    let long = "x".repeat(64);
    assert_eq!(aside_name(&long).chars().count(), 64);
    assert_eq!(aside_name("Lunch"), "Lunch (replaced by flexctl)");
}
