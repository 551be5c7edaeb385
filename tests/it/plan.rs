//! What is wanted against what is live: identity, ownership, quiet comparison, order.

use flexctl::model::{Address, Kind, Model, Part, Queue, QueueRef, Resource, Snapshot, Text};
use flexctl::plan::{self, Action, Options, Plan, Stage, render};

use crate::support::snapshot::{
    center, filter, filters_mut, find, live, queue, queue_mut, snapshot_of, target, transfer_to,
    workflow,
};

/// The plan without any option; whatever it is, it can be carried out in its order.
pub(crate) fn diff(desired: &Model, live: &Snapshot) -> Plan {
    diff_with(desired, live, &Options::default())
}

pub(crate) fn diff_with(desired: &Model, live: &Snapshot, options: &Options) -> Plan {
    let plan = plan::diff(desired, live, options);
    for (index, change) in plan.changes.iter().enumerate() {
        assert!(change.after.iter().all(|&before| before < index), "{change:#?}");
        assert_eq!(change.write.is_none(), change.action == Action::Delete);
    }
    plan
}

pub(crate) fn text(plan: &Plan) -> String {
    render::text(plan, &render::Options::default())
}

/// The codes of refusals and notes, with their addresses.
pub(crate) fn codes(plan: &Plan) -> Vec<String> {
    let refusals = plan.refusals.iter().map(|refusal| (&refusal.code, &refusal.address));
    let notes = plan.notes.iter().map(|note| (&note.code, &note.address));
    refusals.chain(notes).map(|(code, address)| format!("{code} {address}")).collect()
}

#[test]
fn what_is_live_already_needs_no_changes() {
    let model = center();
    let plan = diff(&model, &snapshot_of(&model));
    assert!(plan.is_empty(), "{:#?}", plan.changes);
    insta::assert_snapshot!(text(&plan), @"
    No changes.
    9 unchanged
    ");
}

#[test]
fn a_field_that_is_not_owned_is_left_alone() {
    let model = center();
    let mut now = snapshot_of(&model);
    find(&mut now.queues, "Sales").value.max_reserved_workers = Some(7);
    now.workspace.value.event_callback_url = Some("https://example.com/events".to_owned());
    assert!(diff(&model, &now).is_empty());
}

#[test]
fn an_owned_field_that_differs_is_sent_alone() {
    let mut model = center();
    let sales = queue_mut(&mut model, "Sales");
    sales.target_workers = Some("routing.skills HAS 'sales' AND languages HAS 'en'".into());
    sales.max_reserved_workers = Some(1);
    let plan = diff(&model, &snapshot_of(&center()));
    insta::assert_snapshot!(text(&plan), @"
    ~ queue.Sales
        target_workers
          - routing.skills HAS 'sales'
          + routing.skills HAS 'sales' AND languages HAS 'en'

    0 to create, 1 to update, 0 to replace, 0 to delete; 8 unchanged
    1 request
    ");
    let Some(Resource::Queue(write)) = &plan.changes[0].write else { panic!("a queue is sent") };
    assert_eq!(write.max_reserved_workers, None);
}

#[test]
fn what_is_created_comes_before_what_refers_to_it() {
    let mut model = center();
    let now = snapshot_of(&model);
    let mut billing = queue("routing.skills HAS 'billing'");
    billing.reservation_activity = Some("Meeting".to_owned());
    model.queues.insert("Billing".to_owned(), billing);
    model.activities.insert("Meeting".to_owned(), model.activities["Lunch"].clone());
    filters_mut(&mut model, "Chat Transfer").push(transfer_to("Billing"));
    let plan = diff(&model, &now);
    let order: Vec<(String, &[usize])> = plan
        .changes
        .iter()
        .map(|change| (change.address.to_string(), change.after.as_slice()))
        .collect();
    assert_eq!(
        order,
        [
            ("activity.Meeting".to_owned(), &[][..]),
            ("queue.Billing".to_owned(), &[0][..]),
            ("workflow.\"Chat Transfer\"".to_owned(), &[1][..]),
        ]
    );
    insta::assert_snapshot!(text(&plan));
}

#[test]
fn a_new_workspace_is_shown_with_everything_that_is_created() {
    let mut model = center();
    let now = snapshot_of(&Model::default());
    let chat_transfer = model.workflows.get_mut("Chat Transfer").expect("declared");
    chat_transfer.task_reservation_timeout = Some(60);
    insta::assert_snapshot!(text(&diff(&model, &now)));
}

#[test]
fn spelling_makes_no_difference() {
    let mut model = center();
    model.workspace.events_filter =
        Some(vec!["task.created".to_owned(), "task.canceled".to_owned()]);
    model.workspace.event_callback_url = Some(String::new());
    queue_mut(&mut model, "Sales").assignment_activity = Some(String::new());
    let filters = filters_mut(&mut model, "Chat Transfer");
    filters[1].targets[0].order_by = Some("worker.level DESC, worker.seniority ASC".to_owned());
    filters[1].targets[0].known_worker_sid = Some(String::new());
    let mut now = snapshot_of(&model);
    now.workspace.value.events_filter =
        Some(vec!["task.canceled".to_owned(), "task.created".to_owned()]);
    now.workspace.value.event_callback_url = None;
    let sales = &mut find(&mut now.queues, "Sales").value;
    sales.target_workers = Some(" routing.skills  has \"sales\" ".into());
    sales.assignment_activity = None;
    let live = now.workflows[0].value.filters.as_mut().expect("read");
    live[1].expression = Some("(transferQueueName=='Sales')".into());
    live[1].targets[0].order_by = Some("worker.level  desc ,worker.seniority ASC".to_owned());
    live[1].targets[0].known_worker_sid = None;
    let plan = diff(&model, &now);
    assert!(plan.is_empty(), "{}", text(&plan));
}

#[test]
fn a_renamed_queue_keeps_its_sid_and_the_tasks_that_lose_their_filter_are_named() {
    let before = center();
    let mut model = center();
    let mut support = model.queues.remove("Support").expect("declared");
    support.renamed_from = Some("Support".to_owned());
    model.queues.insert("Support EMEA".to_owned(), support);
    filters_mut(&mut model, "Chat Transfer")[2] = transfer_to("Support EMEA");
    let now = snapshot_of(&before);
    let plan = diff(&model, &now);
    insta::assert_snapshot!(text(&plan));
    assert_eq!(codes(&plan), ["tasks-affected queue.\"Support EMEA\""]);
    let change = plan.of(Kind::Queue).next().expect("the queue is renamed");
    assert_eq!(change.sid.as_deref(), Some(now.queues[2].sid.as_str()));
    assert_eq!(change.renamed_from.as_deref(), Some("Support"));
    let sid = plan.sids.get(&Address::new(Kind::Queue, "Support EMEA"));
    assert_eq!(sid, Some(&now.queues[2].sid));
}

#[test]
fn a_rename_alone_does_not_touch_a_workflow_that_refers_to_the_queue() {
    let mut before = center();
    let by_sid = |queue: &str| {
        let sid = Part::Sid(Address::new(Kind::Queue, queue));
        let text = [Part::Str("targetSid == '".to_owned()), sid, Part::Str("'".to_owned())];
        Some(flexctl::model::Expression::new(Text::from_iter(text)))
    };
    let mut rule = filter("Support", "1==1", "Support");
    rule.expression = by_sid("Support");
    before.workflows.insert("Transfer".to_owned(), workflow(vec![rule.clone()]));
    let mut model = before.clone();
    let mut support = model.queues.remove("Support").expect("declared");
    support.renamed_from = Some("Support".to_owned());
    model.queues.insert("Support EMEA".to_owned(), support);
    model.workflows.remove("Chat Transfer");
    let filters = filters_mut(&mut model, "Transfer");
    filters[0].expression = by_sid("Support EMEA");
    filters[0].targets[0].queue = Some(QueueRef::Name("Support EMEA".to_owned()));
    let plan = diff(&model, &snapshot_of(&before));
    assert_eq!(crate::support::snapshot::addresses(&plan, Kind::Workflow), [""; 0]);
    assert_eq!(plan.counts.update, 1);
}

#[test]
fn a_live_sid_in_an_expression_means_what_it_names() {
    let mut model = center();
    let by_hand = |sid: &str| format!("workers.{sid} > 2");
    let now = snapshot_of(&model);
    let sid = now.activities[1].sid.clone();
    filters_mut(&mut model, "Chat Transfer")[0].targets[0].skip_if =
        Some(by_hand(&sid).as_str().into());
    let plan = diff(&model, &now);
    let Some(Resource::Workflow(write)) = &plan.changes[0].write else { panic!("it is sent") };
    let mut applied = now.clone();
    applied.workflows[0].value.filters.clone_from(&write.filters);
    let skip = write.filters.iter().flatten().next().and_then(|f| f.targets[0].skip_if.as_ref());
    assert_eq!(
        skip.map(ToString::to_string).as_deref(),
        Some("workers.${activity['Lunch'].sid} > 2")
    );
    assert!(diff(&model, &applied).is_empty());
    let unknown = by_hand("WA0000000000000000000000000000beef");
    filters_mut(&mut model, "Chat Transfer")[0].targets[0].skip_if = Some(unknown.as_str().into());
    assert_eq!(diff(&model, &applied).counts.update, 1);
}

#[test]
fn filters_that_hold_a_new_name_wait_until_the_queue_has_it() {
    let mut model = center();
    let mut support = model.queues.remove("Support").expect("declared");
    support.renamed_from = Some("Support".to_owned());
    model.queues.insert("Support EMEA".to_owned(), support);
    *filters_mut(&mut model, "Chat Transfer") = vec![transfer_to("Support EMEA")];
    let plan = diff(&model, &snapshot_of(&center()));
    let workflow = plan.of(Kind::Workflow).next().expect("the filters change");
    let [queue] = workflow.after[..] else { panic!("{:?}", workflow.after) };
    assert_eq!(plan.changes[queue].address.to_string(), "queue.\"Support EMEA\"");
}

#[test]
fn a_name_is_taken_after_its_owner_has_let_go_of_it() {
    let before = center();
    let now = snapshot_of(&before);
    let mut model = before.clone();
    // Sales goes by another name, Support takes that one, and a new queue takes Support's.
    let sid = |name: &str| now.queues.iter().find(|q| q.name == name).map(|q| q.sid.clone());
    model.queues.insert("Z".to_owned(), Queue { sid: sid("Sales"), ..queue("1==0") });
    model.queues.insert("Sales".to_owned(), Queue { sid: sid("Support"), ..queue("1==0") });
    model.queues.insert("Support".to_owned(), queue("1==0"));
    let plan = diff(&model, &now);
    let queues: Vec<_> = plan.of(Kind::Queue).map(|change| change.address.name.clone()).collect();
    assert_eq!(queues, ["Z", "Sales", "Support"]);
    let at = |name: &str| plan.changes.iter().position(|c| c.address.name == name).expect(name);
    assert_eq!(plan.changes[at("Sales")].after, [at("Z")]);
    assert_eq!(plan.changes[at("Support")].after, [at("Sales")]);
}

#[test]
fn a_rename_that_is_done_is_an_ordinary_name() {
    let mut model = center();
    queue_mut(&mut model, "Support").renamed_from = Some("Help".to_owned());
    let mut now = snapshot_of(&model);
    assert!(diff(&model, &now).is_empty());
    assert_eq!(codes(&diff(&model, &now)), [""; 0]);
    now.queues.push(live("WQ99".to_owned(), "Help", queue("1==1")));
    let plan = diff(&model, &now);
    assert!(plan.is_empty());
    assert_eq!(codes(&plan), ["rename-done queue.Support"]);
    now.queues.retain(|queue| queue.name == "Sales" || queue.name == "Everyone");
    assert_eq!(diff(&model, &now).counts.create, 1);
}

#[test]
fn two_live_queues_with_a_declared_name_are_refused_until_one_is_pinned() {
    let mut model = center();
    let mut now = snapshot_of(&model);
    let twin = "WQ000000000000000000000000000000aa";
    now.queues.push(live(twin.to_owned(), "Sales", now.queues[1].value.clone()));
    // References to either are sids now, as two objects have the name.
    let live = now.workflows[0].value.filters.as_mut().expect("read");
    live[1].targets[0].queue = Some(QueueRef::Sid(twin.to_owned()));
    let plan = diff(&model, &now);
    assert_eq!(codes(&plan), ["duplicate-name queue.Sales"]);
    let message = &plan.refusals[0].message;
    assert!(message.contains(&now.queues[1].sid) && message.contains(twin), "{message}");

    queue_mut(&mut model, "Sales").sid = Some(twin.to_owned());
    let plan = diff(&model, &now);
    assert!(plan.refusals.is_empty() && plan.is_empty(), "{plan:#?}");
    assert_eq!(codes(&plan), ["duplicate-name queue.Sales"]);
    assert_eq!(plan.unmanaged, [Address::new(Kind::Queue, "Sales")]);
}

#[test]
fn a_pin_renames_and_one_that_is_not_live_is_refused() {
    let mut model = center();
    let now = snapshot_of(&model);
    queue_mut(&mut model, "Sales").sid = Some(now.queues[1].sid.clone());
    let sales = model.queues.remove("Sales").expect("declared");
    model.queues.insert("Sales NA".to_owned(), sales);
    filters_mut(&mut model, "Chat Transfer")[1].targets[0] = {
        let mut target = target("Sales NA");
        target.expression = Some("worker.sid NOT IN task.workerSidsInConversation".into());
        target
    };
    let plan = diff(&model, &now);
    assert_eq!(plan.changes.len(), 1, "{:#?}", plan.changes);
    assert_eq!(plan.changes[0].renamed_from.as_deref(), Some("Sales"));

    queue_mut(&mut model, "Support").sid = Some("WQ404".to_owned());
    assert_eq!(diff(&model, &now).refusals[0].code, "pin");
}

#[test]
fn an_undeclared_object_that_looks_the_same_is_proposed_for_a_rename() {
    let mut model = center();
    let now = snapshot_of(&model);
    let support = model.queues.remove("Support").expect("declared");
    model.queues.insert("Support EMEA".to_owned(), support);
    filters_mut(&mut model, "Chat Transfer").pop();
    let plan = diff(&model, &now);
    assert_eq!(codes(&plan), ["rename-proposed queue.\"Support EMEA\""]);
    assert!(plan.notes[0].message.contains("`renamed_from: Support`"), "{}", plan.notes[0].message);
}

#[test]
fn fields_of_the_workspace_that_name_activities_come_after_the_activities() {
    let mut model = center();
    let now = snapshot_of(&model);
    model.activities.insert("Away".to_owned(), model.activities["Lunch"].clone());
    model.workspace.timeout_activity = Some("Away".to_owned());
    model.workspace.event_callback_url = Some("https://example.com/e".to_owned());
    let plan = diff(&model, &now);
    insta::assert_snapshot!(text(&plan));
    let stages: Vec<(String, Stage)> =
        plan.changes.iter().map(|change| (change.address.to_string(), change.stage)).collect();
    assert_eq!(
        stages,
        [
            ("workspace".to_owned(), Stage::Main),
            ("activity.Away".to_owned(), Stage::Main),
            ("workspace".to_owned(), Stage::References),
        ]
    );
    assert!(plan.changes[2].after.contains(&1));
}

#[test]
fn multitasking_is_not_switched_off() {
    let mut model = center();
    let now = snapshot_of(&model);
    model.workspace.multi_task_enabled = Some(false);
    assert_eq!(diff(&model, &now).refusals[0].code, "one-way");
}

#[test]
fn the_unique_name_of_a_channel_is_not_changed() {
    let mut model = center();
    let now = snapshot_of(&model);
    let mut chat = model.task_channels.remove("chat").expect("declared");
    chat.sid = Some(now.task_channels[0].sid.clone());
    model.task_channels.insert("messages".to_owned(), chat);
    assert_eq!(diff(&model, &now).refusals[0].code, "replace-not-allowed");
}
