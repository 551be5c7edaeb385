//! Renames: the live object keeps its sid, and what is made from its name follows.

use serde_json::Value;

use crate::support::world::{World, codes, string, text};

const CENTER: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
activities:
  Lunch: { available: false }
queues:
  Everyone: { target_workers: 1==1 }
  Sales: { target_workers: routing.skills HAS 'sales', reservation_activity: Lunch }
  Support: { target_workers: routing.skills HAS 'support' }
workflows:
  Inbound:
    filters:
      - name: Support
        expression: type == 'support'
        targets: [{ queue: Support, skip_if: \"workers.${activity['Lunch'].sid} > 3\" }]
    default_filter: { queue: Everyone }
transfers:
  By Name: { dialect: conversation, worker: { queue: Everyone }, default_filter: { queue: Everyone } }
  By Old Name: { dialect: programmable_chat, worker: { queue: Everyone }, default_filter: { queue: Everyone } }
  By Sid: { dialect: queue_sid, worker: { queue: Everyone }, default_filter: { queue: Everyone } }
";

fn renamed(spec: &str, from: &str, to: &str, more: &str) -> String {
    let line = format!("  {from}: {{");
    assert!(spec.contains(&line), "{line}");
    spec.replace(&line, &format!("  {to}: {{ renamed_from: {from},{more}"))
}

fn support_emea() -> String {
    let spec = renamed(CENTER, "Support", "Support EMEA", "");
    spec.replace("{ queue: Support,", "{ queue: Support EMEA,")
}

fn expressions(configuration: &Value) -> Vec<String> {
    let filters = configuration["task_routing"]["filters"].as_array().expect("filters");
    filters.iter().map(|filter| string(&filter["expression"])).collect()
}

#[test]
fn a_queue_keeps_its_sid_and_the_filters_that_hold_its_name_are_made_anew() {
    let world = World::of(CENTER);
    let sid = world.sid("TaskQueues", "Support");
    let plan = world.plan(&support_emea());
    insta::assert_snapshot!(text(&plan));
    // Only two dialects put the name into a task attribute; the third one keeps its tasks.
    let affected: Vec<&str> = plan.notes.iter().map(|note| note.message.as_str()).collect();
    assert_eq!(codes(&plan), [r#"tasks-affected queue."Support EMEA""#; 2]);
    for (message, workflow) in affected.iter().zip(["By Name", "By Old Name"]) {
        assert!(message.contains("transferQueueName is Support"), "{message}");
        assert!(message.contains(&format!("{workflow:?}")), "{message}");
    }

    world.converge(&support_emea());
    assert_eq!(world.sid("TaskQueues", "Support EMEA"), sid);
    assert_eq!(world.find("TaskQueues", "Support"), None);
    for workflow in ["By Name", "By Old Name"] {
        let all = expressions(&world.configuration(workflow)).join("\n");
        assert!(all.contains("'Support EMEA'") && !all.contains("'Support'"), "{all}");
    }
    let by_sid = expressions(&world.configuration("By Sid")).join("\n");
    assert!(by_sid.contains(&sid), "{by_sid}");
    let inbound = world.configuration("Inbound");
    assert_eq!(inbound["task_routing"]["filters"][0]["targets"][0]["queue"], *sid);
}

#[test]
fn a_rename_and_another_field_are_one_request() {
    let world = World::of(CENTER);
    let spec = support_emea()
        .replace("routing.skills HAS 'support'", "routing.skills HAS 'support' AND emea == true");
    let sid = world.sid("TaskQueues", "Support");
    world.apply(&spec);
    let writes = world.writes();
    let queue: Vec<_> = writes.iter().filter(|sent| sent.path.ends_with(&sid)).collect();
    assert_eq!(queue.len(), 1);
    assert_eq!(queue[0].keys(), ["FriendlyName", "TargetWorkers"]);
}

#[test]
fn a_renamed_activity_keeps_its_sid_and_nothing_that_refers_to_it_is_touched() {
    let world = World::of(CENTER);
    let spec = renamed(CENTER, "Lunch", "Lunch Break", "")
        .replace("activity: Lunch", "activity: Lunch Break")
        .replace("['Lunch']", "['Lunch Break']");
    let sid = world.sid("Activities", "Lunch");
    insta::assert_snapshot!(text(&world.plan(&spec)), @r#"
    ~ activity."Lunch Break"  was Lunch, keeps WA…4169

    0 to create, 1 to update, 0 to replace, 0 to delete; 7 unchanged
    2 requests
    "#);
    world.apply(&spec);
    let writes = world.writes();
    assert_eq!(writes.len(), 1, "{writes:#?}");
    assert_eq!(world.sid("Activities", "Lunch Break"), sid);
    assert!(world.converge(&spec).is_empty());
}

#[test]
fn a_renamed_workflow_keeps_its_sid() {
    let world = World::of(CENTER);
    let spec = renamed(CENTER, "By Sid", "Transfer", "")
        .replace("  Inbound:\n", "  Incoming:\n    renamed_from: Inbound\n");
    let sids = ["By Sid", "Inbound"].map(|name| world.sid("Workflows", name));
    insta::assert_snapshot!(text(&world.plan(&spec)), @"
    ~ workflow.Incoming  was Inbound, keeps WW…1bf8
    ~ workflow.Transfer  was By Sid, keeps WW…c0a8

    0 to create, 2 to update, 0 to replace, 0 to delete; 6 unchanged
    4 requests
    ");
    world.apply(&spec);
    let writes = world.writes();
    assert_eq!(writes.iter().map(|sent| sent.keys()).collect::<Vec<_>>(), [["FriendlyName"]; 2]);
    assert_eq!(["Transfer", "Incoming"].map(|name| world.sid("Workflows", name)), sids);
    assert!(world.converge(&spec).is_empty());
}

#[test]
fn a_rename_that_was_done_leaves_nothing_to_do() {
    let world = World::of(CENTER);
    world.converge(&support_emea());
    let plan = world.plan(&support_emea());
    assert!(plan.is_empty() && plan.notes.is_empty(), "{}", text(&plan));
    // Without the old name in the spec it is the same.
    let spec = support_emea().replace(" renamed_from: Support,", "");
    assert!(world.plan(&spec).is_empty());
}

#[test]
fn a_live_object_with_the_old_name_beside_the_new_one_is_left_alone() {
    let world = World::of(CENTER);
    world.converge(&support_emea());
    world.post("TaskQueues", &[("FriendlyName", "Support"), ("TargetWorkers", "1==2")]);
    let plan = world.plan(&support_emea());
    assert!(plan.is_empty(), "{}", text(&plan));
    assert_eq!(codes(&plan), [r#"rename-done queue."Support EMEA""#]);
    assert_eq!(plan.unmanaged.len(), 1);
}

#[test]
fn two_queues_change_names_in_two_steps() {
    // Their names are taken as long as both have them, so one steps aside first.
    let world = World::of(CENTER);
    let [sales, support] = ["Sales", "Support"].map(|name| world.sid("TaskQueues", name));
    let aside = renamed(CENTER, "Sales", "Old Sales", "");
    world.converge(&aside);
    let second = renamed(&aside.replace(" renamed_from: Sales,", ""), "Support", "Sales", "");
    let second = second.replace("{ queue: Support,", "{ queue: Sales,");
    world.converge(&second);
    let third = second.replace(" renamed_from: Support,", "");
    let third = renamed(&third, "Old Sales", "Support", "");
    world.converge(&third);
    assert_eq!(world.sid("TaskQueues", "Support"), sales);
    assert_eq!(world.sid("TaskQueues", "Sales"), support);
}

#[test]
fn a_new_name_that_was_probably_meant_as_a_rename_is_proposed() {
    let world = World::of(CENTER);
    let spec = support_emea().replace(" renamed_from: Support,", "");
    let plan = world.plan(&spec);
    assert_eq!(plan.counts.create, 1);
    assert!(codes(&plan).contains(&r#"rename-proposed queue."Support EMEA""#.to_owned()));
}
