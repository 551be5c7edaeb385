//! What the spec does not declare, what is protected, and plans that are implausible.

use flexctl::model::{
    Address, Expression, Kind, Limit, Model, Part, Policy, Share, Snapshot, Text,
};
use flexctl::plan::saved::{Ground, Meaning, SavedPlan};
use flexctl::plan::{self, Action, Options, Plan};
use serde_json::Value;

use crate::plan::{codes, diff, diff_with, text};
use crate::support::desk::{Desk, code, err, out};
use crate::support::snapshot::{
    center, filter, filters_mut, live, queue, snapshot_of, transfer_to, workflow,
};
use crate::support::world::{World, desired, string};

fn pruning(kinds: &[Kind]) -> Model {
    let mut model = center();
    model.unmanaged.kinds = kinds.iter().map(|kind| (*kind, Policy::Prune)).collect();
    model
}

fn deleted(plan: &Plan) -> Vec<String> {
    let deletes = plan.changes.iter().filter(|change| change.action == Action::Delete);
    deletes.map(|change| change.address.to_string()).collect()
}

/// A center with more than the spec declares, each thing referring to the next.
fn crowded() -> Snapshot {
    let mut model = center();
    let mut old = queue("1==1");
    old.assignment_activity = Some("Nap".to_owned());
    model.queues.insert("Old".to_owned(), old);
    model.activities.insert("Nap".to_owned(), model.activities["Lunch"].clone());
    let rule = filter("Old", "1==1", "Old");
    model.workflows.insert("Old flow".to_owned(), workflow(vec![rule]));
    filters_mut(&mut model, "Chat Transfer").push(transfer_to("Old"));
    snapshot_of(&model)
}

#[test]
fn what_is_not_declared_is_reported_or_not_a_word_is_said() {
    let mut model = center();
    let plan = diff(&model, &crowded());
    let left: Vec<String> = plan.unmanaged.iter().map(ToString::to_string).collect();
    assert_eq!(left, ["activity.Nap", "queue.Old", "workflow.\"Old flow\""]);
    assert_eq!(plan.counts.unmanaged, 3);
    model.unmanaged.kinds.insert(Kind::Queue, Policy::Ignore);
    assert_eq!(diff(&model, &crowded()).unmanaged.len(), 2);
}

#[test]
fn deletions_run_backwards_along_the_live_references() {
    let model = pruning(&[Kind::Activity, Kind::Queue, Kind::Workflow]);
    let plan = diff(&model, &crowded());
    assert_eq!(deleted(&plan), ["workflow.\"Old flow\"", "queue.Old", "activity.Nap"]);
    let order: Vec<(String, &[usize])> = plan
        .changes
        .iter()
        .map(|change| (format!("{:?} {}", change.action, change.address), change.after.as_slice()))
        .collect();
    assert_eq!(
        order,
        [
            ("Update workflow.\"Chat Transfer\"".to_owned(), &[][..]),
            ("Delete workflow.\"Old flow\"".to_owned(), &[][..]),
            ("Delete queue.Old".to_owned(), &[0, 1][..]),
            ("Delete activity.Nap".to_owned(), &[2][..]),
        ]
    );
    assert_eq!(codes(&plan), [""; 0]);
    insta::assert_snapshot!(text(&plan));
}

#[test]
fn a_queue_that_a_foreign_workflow_still_uses_is_planned_with_a_note() {
    let plan = diff(&pruning(&[Kind::Queue]), &crowded());
    assert_eq!(codes(&plan), ["still-used queue.Old"]);
    assert_eq!(
        plan.notes[0].message,
        "workflow.\"Old flow\" still uses queue.Old; TaskRouter will refuse to delete it"
    );
}

#[test]
fn a_queue_that_a_declared_workflow_keeps_is_still_used() {
    let mut model = pruning(&[Kind::Queue, Kind::Workflow]);
    model.workflows.get_mut("Chat Transfer").expect("declared").filters = None;
    let plan = diff(&model, &crowded());
    assert_eq!(codes(&plan), ["still-used queue.Old"]);
}

#[test]
fn an_activity_that_the_workspace_still_uses_is_noted() {
    let mut now = crowded();
    now.workspace.value.timeout_activity = Some("Nap".to_owned());
    let model = pruning(&[Kind::Activity, Kind::Queue, Kind::Workflow]);
    assert_eq!(codes(&diff(&model, &now)), ["still-used activity.Nap"]);
}

#[test]
fn one_of_two_fields_that_goes_elsewhere_leaves_the_other() {
    let mut now = crowded();
    now.workspace.value.timeout_activity = Some("Nap".to_owned());
    now.workspace.value.default_activity = Some("Nap".to_owned());
    let mut model = pruning(&[Kind::Activity, Kind::Queue, Kind::Workflow]);
    model.workspace.default_activity = Some("Offline".to_owned());
    assert_eq!(codes(&diff(&model, &now)), ["still-used activity.Nap"]);
    model.workspace.timeout_activity = Some("Offline".to_owned());
    assert_eq!(codes(&diff(&model, &now)), [""; 0]);
}

#[test]
fn a_sid_in_an_expression_holds_nothing() {
    let mut before = center();
    before.queues.insert("Old".to_owned(), queue("1==1"));
    let mut by_sid = filter("By sid", "1==1", "Sales");
    by_sid.expression = Some(Expression::new(Text::from_iter([
        Part::Str("targetSid == '".to_owned()),
        Part::Sid(Address::new(Kind::Queue, "Old")),
        Part::Str("'".to_owned()),
    ])));
    before.workflows.insert("Night".to_owned(), workflow(vec![by_sid]));
    let plan = diff(&pruning(&[Kind::Queue]), &snapshot_of(&before));
    assert_eq!(deleted(&plan), ["queue.Old"]);
    assert_eq!(codes(&plan), [""; 0]);
}

#[test]
fn one_of_two_queues_with_a_name_is_deleted_by_its_sid() {
    let mut now = crowded();
    let twin = "WQ000000000000000000000000000000aa";
    now.queues.push(live(twin.to_owned(), "Old", queue("1==1")));
    let model = pruning(&[Kind::Queue, Kind::Workflow]);
    let plan = diff(&model, &now);
    assert_eq!(deleted(&plan), ["workflow.\"Old flow\"", "queue.Old", "queue.Old"]);
    assert!(plan.changes.iter().any(|change| change.sid.as_deref() == Some(twin)));
}

#[test]
fn protected_and_built_in_objects_are_never_pruned() {
    let mut model = pruning(&[Kind::Queue, Kind::Activity, Kind::TaskChannel, Kind::Workflow]);
    model.protect.patterns = vec!["queue.O*".parse().expect("a pattern")];
    model.queues.remove("Everyone");
    model.activities.remove("Available");
    model.task_channels.remove("voice");
    model.workflows.clear();
    let mut now = crowded();
    now.workflows[0].name = "Assign to Anyone".to_owned();
    let plan = diff(&model, &now);
    assert_eq!(deleted(&plan), ["workflow.\"Old flow\"", "activity.Nap"]);
    assert!(codes(&plan).contains(&"protected queue.Old".to_owned()));
}

#[test]
fn the_option_prunes_what_would_be_reported_but_no_workers() {
    let mut model = center();
    model.workers.insert("alice".to_owned(), flexctl::model::Worker::default());
    let mut now = crowded();
    now.workers = snapshot_of(&model).workers;
    now.workers.push(live("WK9".to_owned(), "bob", flexctl::model::Worker::default()));
    model.unmanaged.kinds.insert(Kind::Activity, Policy::Ignore);
    let options = Options { prune: true, ..Options::default() };
    let plan = diff_with(&model, &now, &options);
    assert_eq!(deleted(&plan), ["workflow.\"Old flow\"", "queue.Old"]);
    assert_eq!(plan.unmanaged, [], "workers are ignored unless the spec speaks of them");
    model.unmanaged.kinds.insert(Kind::Worker, Policy::Report);
    assert_eq!(diff_with(&model, &now, &options).unmanaged, [Address::new(Kind::Worker, "bob")]);
    model.unmanaged.kinds.insert(Kind::Worker, Policy::Prune);
    assert_eq!(deleted(&diff(&model, &now)), ["worker.bob"]);
}

#[test]
fn globs_choose_what_is_pruned() {
    let mut model = center();
    let globs = Policy::PruneMatching(vec!["Old*".to_owned()]);
    model.unmanaged.kinds.insert(Kind::Queue, globs);
    let mut now = crowded();
    now.queues.push(live("WQ99".to_owned(), "Young", queue("1==1")));
    let plan = diff(&model, &now);
    assert_eq!(deleted(&plan), ["queue.Old"]);
    assert!(plan.unmanaged.contains(&Address::new(Kind::Queue, "Young")));
}

fn many(count: usize) -> Model {
    let mut model = center();
    model.queues.extend((3..count).map(|n| (format!("Queue {n}"), queue("1==1"))));
    model
}

#[test]
fn a_plan_that_updates_or_deletes_too_much_of_a_kind_is_refused() {
    let now = snapshot_of(&many(10));
    let mut model = many(10);
    for queue in model.queues.values_mut().take(3) {
        queue.max_reserved_workers = Some(2);
    }
    assert_eq!(codes(&diff(&model, &now)), [""; 0]);
    for queue in model.queues.values_mut().take(4) {
        queue.max_reserved_workers = Some(2);
    }
    let plan = diff(&model, &now);
    assert_eq!(codes(&plan), ["limit queue.\"*\""]);
    assert_eq!(
        plan.refusals[0].message,
        "the plan would update 4 of 10 live queues (40%); the limit is 30%"
    );
    assert_eq!(
        plan.refusals[0].help,
        "if that is meant, write `limits: { queues: { updates: 40% } }` in the spec"
    );
    model
        .limits
        .kinds
        .insert(Kind::Queue, Limit { updates: Share::Percent(40), ..Limit::default() });
    assert_eq!(codes(&diff(&model, &now)), [""; 0]);
}

#[test]
fn a_small_kind_is_not_guarded_and_a_number_is_a_limit_too() {
    let now = snapshot_of(&many(9));
    let mut model = pruning(&[Kind::Queue]);
    assert_eq!(codes(&diff(&model, &now)), [""; 0]);
    assert_eq!(diff(&model, &now).counts.delete, 6);
    model.limits.all = Limit { deletes: Share::Count(5), from: 1, ..Limit::default() };
    let plan = diff(&model, &now);
    assert_eq!(codes(&plan), ["limit queue.\"*\""]);
    assert!(plan.refusals[0].help.contains("{ queues: { deletes: 6 } }"));
}

/// A line for each of twelve.
fn twelve(line: impl Fn(usize) -> String) -> String {
    (0..12).map(|at| line(at) + "\n").collect()
}

/// Twelve of each kind; with `after` each of them is another, but for its name or its sid.
fn crowd(after: bool) -> String {
    let word = |before: &'static str, then: &'static str| if after { then } else { before };
    let activities = twelve(|at| match after {
        false => format!("  A{at}: {{}}"),
        true => format!("  B{at}: {{ renamed_from: A{at} }}"),
    });
    let (name, number) = (word("one", "two"), word("1", "2"));
    let permission = word("editOwnMessage", "addParticipant");
    let role = |at| {
        format!("    - {{ type: service, friendly_name: r{at}, permissions: [{permission}] }}")
    };
    [
        HEAD.to_owned(),
        "activities:\n".to_owned(),
        activities,
        "task_channels:\n  chat: {}\n".to_owned(),
        // With Flex's own there are fifteen, and there may be no more.
        (0..9).map(|at| format!("  c{at}: {{ friendly_name: {name} {at} }}\n")).collect(),
        "queues:\n  Everyone: {}\n".to_owned(),
        twelve(|at| format!("  Q{at}: {{ target_workers: name == '{name}' }}")),
        "workflows:\n".to_owned(),
        twelve(|at| format!("  W{at}: {{ task_reservation_timeout: 3{number}, default_filter: {{ queue: Everyone }} }}")),
        "workers:\n".to_owned(),
        twelve(|at| format!("  w{at}: {{ attributes: {{ name: {name} }} }}")),
        format!("worker_capacities:\n  - {{ name: all, workers: 1==1, channels: {{ chat: {{ capacity: 1{number} }} }} }}\n"),
        "conversations:\n  roles:\n".to_owned(),
        twelve(role),
    ]
    .concat()
}

const HEAD: &str = "version: 1\nworkspace: { friendly_name: Flex Task Assignment }\n";

/// Each refusal with its way out, and what the spec needs for all of them.
fn ways_out(plan: &Plan) -> (String, String) {
    let told = plan.refusals.iter().map(|one| format!("{}\n  {}\n", one.message, one.help));
    let ways = plan.refusals.iter().map(|refusal| {
        let way = refusal.help.split('`').nth(1).expect("the way out is in quotes");
        let inner = way.strip_prefix("limits: { ").and_then(|way| way.strip_suffix(" }"));
        format!("  {}\n", inner.expect("a line of limits"))
    });
    (told.collect(), format!("limits:\n{}", ways.collect::<String>()))
}

#[test]
fn every_limit_of_updates_is_named_with_its_figures_and_a_way_out_that_is_one() {
    let world = World::of(&crowd(false));
    let spec = crowd(true);
    let (told, limits) = ways_out(&world.plan(&spec));
    insta::assert_snapshot!(told);
    assert_eq!(world.plan(&(spec + &limits)).refusals, []);
}

#[test]
fn every_limit_of_deletions_is_named_with_its_figures_and_a_way_out_that_is_one() {
    let world = World::of(&crowd(false));
    let names = |kind: &str, letter: char| -> String {
        (0..if letter == 'c' { 9 } else { 12 }).map(|at| format!("{kind}.{letter}{at}, ")).collect()
    };
    let removed = [
        ("activity", 'A'),
        ("task_channel", 'c'),
        ("queue", 'Q'),
        ("workflow", 'W'),
        ("worker", 'w'),
    ];
    let removed: String = removed.iter().map(|(kind, letter)| names(kind, *letter)).collect();
    let spec = format!("{HEAD}removed: [{removed}]\n");
    let (told, limits) = ways_out(&world.plan(&spec));
    insta::assert_snapshot!(told);
    assert_eq!(world.plan(&(spec + &limits)).refusals, []);
}

#[test]
fn plan_and_apply_refuse_in_the_same_words_in_every_form() {
    let spec = crowd(false);
    let desk = Desk::new(&spec);
    let done = desk.emulated(&["apply", "-y"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    let changed = spec
        .replace("name == 'one'", "name == 'two'")
        .replace("queues:", "protect: [\"activity.*\"]\nqueues:");
    desk.write(
        "flex.yaml",
        &(changed
            .replace("A1: {}", "A1: { available: true }")
            .replace("A2: {}", "Offline: { available: true }")
            + "removed: [queue.Old, activity.A2]\n"),
    );
    let (plan, apply) = (desk.emulated(&["plan"]), desk.emulated(&["apply", "-y"]));
    assert_eq!((code(&plan), code(&apply)), (5, 5), "{}", out(&plan));
    assert_eq!(out(&plan), out(&apply));
    let refused = out(&plan);
    let refused = &refused[refused.find("refused:").expect("a refusal")..];
    insta::assert_snapshot!(refused.split("\n\n").next().expect("a part"));
    let json = |args: &[&str]| -> Value {
        serde_json::from_str(&out(&desk.emulated(args))).expect("JSON")
    };
    let (plan, apply) =
        (json(&["plan", "--format", "json"]), json(&["apply", "-y", "--format", "json"]));
    assert_eq!(plan["refusals"], apply["plan"]["refusals"]);
    assert_eq!(apply["report"], Value::Null);
    let codes: Vec<&str> = plan["refusals"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["code"].as_str())
        .collect();
    assert_eq!(codes, ["protected", "protected", "protected", "limit"]);
    for refusal in plan["refusals"].as_array().expect("a list") {
        assert!(refused.split_whitespace().collect::<String>().contains(
            &refusal["help"].as_str().expect("a text").split_whitespace().collect::<String>()
        ));
    }
}

#[test]
fn a_saved_plan_of_capacities_is_held_to_the_limits_of_those_who_are_left() {
    const WORKERS: usize = 20;
    const CHANGED: usize = 5;
    let world = World::new();
    let sids: Vec<String> = (0..WORKERS)
        .map(|n| {
            let attributes = format!("{{\"n\": {n}}}");
            let form = [("FriendlyName", &*format!("agent {n}")), ("Attributes", &attributes)];
            string(&world.post("Workers", &form)["sid"])
        })
        .collect();
    // So much that the change is just allowed.
    let channels = world.list("TaskChannels").len();
    let percent = (CHANGED * 100).div_ceil(WORKERS * channels);
    let spec = format!(
        "version: 1\nworkspace: {{ friendly_name: Flex Task Assignment }}\nworker_capacities:\n  \
         - {{ name: few, workers: n < {CHANGED}, channels: {{ chat: {{ capacity: 3 }} }} }}\n  \
         - {{ name: all, workers: 1==1, channels: {{ chat: {{ mode: ignore }} }} }}\n\
         limits: {{ worker_capacities: {{ updates: {percent}% }} }}\n"
    );
    let (desired, options) = (desired(&spec), Options::default());
    let live = world.read(&desired);
    let plan = plan::diff(&desired, &live, &options);
    assert_eq!((plan.changes.len(), &plan.refusals), (CHANGED, &Vec::new()));
    let saved =
        SavedPlan::new(plan.clone(), Ground::of(&plan, &live), Meaning::of(&desired, "salt"));
    assert_eq!(world.standing(&saved, &desired, &options).refusals, []);
    for sid in &sids[WORKERS / 2..] {
        assert_eq!(world.ask("DELETE", &format!("Workers/{sid}"), &[]).0, 204);
    }
    let standing = world.standing(&saved, &desired, &options);
    assert_eq!(standing.moved, [], "it touches none of those that are gone");
    let told: Vec<&str> = standing.refusals.iter().map(|one| one.message.as_str()).collect();
    let left = WORKERS / 2 * channels;
    let part = (CHANGED * 100).div_ceil(left);
    assert_eq!(
        told,
        [format!(
            "the plan would update {CHANGED} of {left} live worker channels ({part}%); the limit is \
             {percent}%"
        )]
    );
}
