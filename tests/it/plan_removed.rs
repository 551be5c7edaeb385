//! `removed`: names that are deleted where they are live.

use crate::support::spec::expect;
use crate::support::world::{World, codes, text};

const BEFORE: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
activities: { Lunch: { available: false } }
task_channels: { fax: {} }
queues: { Everyone: {}, Old: {}, Other: {} }
workflows:
  Old Flow:
    filters: [{ name: a, expression: a == 1, targets: [{ queue: Old }] }]
    default_filter: { queue: Everyone }
workers: { Alice: {} }
";

const AFTER: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues: { Everyone: {} }
removed: [queue.Old, workflow.\"Old Flow\", activity.Lunch, task_channel.fax, worker.alice, queue.Gone]
";

#[test]
fn names_are_deleted_where_they_are_live_and_nothing_else_is() {
    let world = World::of(BEFORE);
    insta::assert_snapshot!(text(&world.plan(AFTER)));
    let (plan, report) = world.apply(AFTER);
    assert!(report.is_complete(), "{report:#?}");
    assert_eq!(plan.counts.delete, 5);
    assert!(world.find("TaskQueues", "Old").is_none());
    assert!(world.find("TaskQueues", "Other").is_some());
    assert!(world.find("Workers", "Alice").is_none());
    assert!(world.plan(AFTER).is_empty());
}

#[test]
fn what_is_protected_or_flex_s_own_is_refused_with_the_way_out() {
    let world = World::of(BEFORE);
    let spec = AFTER.replace("queue.Gone]", "task_channel.chat]\nprotect: [\"queue.O*\"]");
    let plan = world.plan(&spec);
    assert_eq!(codes(&plan), ["protected task_channel.chat", "protected queue.Old"]);
    let told: Vec<String> =
        plan.refusals.iter().map(|r| format!("{}\n{}", r.message, r.help)).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    `removed` names task_channel.chat, which may not be deleted: it is one of Flex's own
    take task_channel.chat out of `removed`
    `removed` names queue.Old, which may not be deleted: `protect` holds queue.O*
    take queue.Old out of `removed`, or its pattern out of `protect`
    ");
}

#[test]
fn limits_hold_for_what_is_removed() {
    let queues: String = (0..12).map(|n| format!("  Q{n}: {{}}\n")).collect();
    let head = "version: 1\nworkspace: { friendly_name: Flex Task Assignment }\n";
    let world = World::of(&format!("{head}queues:\n{queues}"));
    let names: Vec<String> = (0..6).map(|n| format!("queue.Q{n}")).collect();
    let plan = world.plan(&format!("{head}removed: [{}]\n", names.join(", ")));
    assert_eq!(codes(&plan), ["limit queue.\"*\""]);
    assert_eq!(
        plan.refusals[0].message,
        "the plan would delete 6 of 13 live queues (47%); the limit is 30%"
    );
}

#[test]
fn a_star_in_a_name_is_a_star() {
    let world = World::of(
        "version: 1\nworkspace: { friendly_name: Flex Task Assignment }\nqueues: { 'Old *': {}, Old 2: {} }\n",
    );
    let plan = world.plan("version: 1\nworkspace: { friendly_name: Flex Task Assignment }\nremoved: ['queue.\"Old *\"']\n");
    let addresses: Vec<String> =
        plan.changes.iter().map(|change| change.address.to_string()).collect();
    assert_eq!(addresses, ["queue.\"Old *\""]);
}

#[test]
fn what_cannot_be_removed_is_found_at_its_place() {
    expect(
        "activities: { Lunch: {} }
task_channels: { fax: {} }
queues: { Sales: { renamed_from: Selling } }
workflows: { Inbound: { default_filter: { queue: Sales } } }
transfers: { Chat: { dialect: conversation, default_filter: { queue: Sales } } }
workers: { alice: {} }
removed:
  - queue.Sales
  - queue.Selling
  - activity.Lunch
  - task_channel.fax
  - workflow.Inbound
  - workflow.Chat
  - worker.alice
  - queue.Old
  - queue.Old
  - role.service/admin
  - workspace
  - qeue.Sales
  - queue
",
        &[
            ("removed-and-declared", "queue.Sales"),
            ("removed-and-declared", "queue.Selling"),
            ("removed-and-declared", "activity.Lunch"),
            ("removed-and-declared", "task_channel.fax"),
            ("removed-and-declared", "workflow.Inbound"),
            ("removed-and-declared", "workflow.Chat"),
            ("removed-and-declared", "worker.alice"),
            ("removed-and-declared", "queue.Old"),
            ("bad-value", "role.service/admin"),
            ("bad-value", "workspace"),
            ("unknown-kind", "qeue.Sales"),
            ("address-syntax", "queue"),
        ],
    );
}
