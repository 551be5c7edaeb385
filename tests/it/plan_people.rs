//! Workers, their capacities, and the roles of Conversations.

use std::collections::{BTreeMap, BTreeSet};

use flexctl::model::{
    CapacityMode, CapacityRule, ChannelCapacity, Kind, Model, PermissionSet, Resource, Role,
    RoleType, Snapshot, TaskChannel, Worker, WorkerChannel,
};
use flexctl::plan::Plan;
use serde_json::{Value, json};

use crate::plan::{codes, diff, text};
use crate::support::snapshot::{addresses, center, find, live, snapshot_of};

fn worker(attributes: &Value) -> Worker {
    let attributes = attributes.as_object().cloned().expect("attributes are an object");
    Worker { attributes, ..Worker::default() }
}

fn with_workers(names: &[&str]) -> (Model, Snapshot) {
    let mut model = center();
    for name in names {
        let skills = json!({"routing": {"skills": [name]}});
        model.workers.insert((*name).to_owned(), worker(&skills));
    }
    let now = snapshot_of(&model);
    model.workers.clear();
    (model, now)
}

fn rule(name: &str, workers: &str, channels: &[(&str, CapacityMode)]) -> CapacityRule {
    let channel = |(channel, mode): &(&str, CapacityMode)| {
        ((*channel).to_owned(), ChannelCapacity { mode: *mode, available: None })
    };
    CapacityRule {
        name: name.to_owned(),
        workers: workers.into(),
        channels: channels.iter().map(channel).collect::<BTreeMap<_, _>>(),
    }
}

/// Capacity changes as `alice/chat 1 > 3 (rule)`.
fn capacities(plan: &Plan) -> Vec<String> {
    let change = |change: &flexctl::plan::Change| {
        let fields: Vec<String> = change
            .fields
            .iter()
            .map(|field| format!("{} {} > {}", field.field, field.before, field.after))
            .collect();
        format!("{} {} ({})", change.address.name, fields.join(", "), change.reasons.join(", "))
    };
    plan.of(Kind::Capacity).map(change).collect()
}

#[test]
fn only_owned_attributes_are_compared_and_all_are_sent() {
    let mut model = center();
    let owned = json!({"level": 3, "skills": ["a"], "old": null, "name": "Alice"});
    model.workers.insert("alice".to_owned(), worker(&owned));
    let mut now = snapshot_of(&model);
    let attributes = &mut find(&mut now.workers, "alice").value.attributes;
    attributes.insert("level".to_owned(), json!(3.0));
    attributes.insert("email".to_owned(), json!("a@example.com"));
    assert!(diff(&model, &now).is_empty());

    let attributes = &mut find(&mut now.workers, "alice").value.attributes;
    attributes.insert("old".to_owned(), json!(1));
    attributes.insert("skills".to_owned(), json!(["a", "b"]));
    let plan = diff(&model, &now);
    insta::assert_snapshot!(text(&plan), @r#"
    ~ worker.alice
        attributes.skills  -b
        attributes.old     1 → (none)

    0 to create, 1 to update, 0 to replace, 0 to delete; 9 unchanged
    1 request
    "#);
    let Some(Resource::Worker(write)) = &plan.changes[0].write else { panic!("a worker is sent") };
    let sent = json!({"level": 3, "skills": ["a"], "name": "Alice", "email": "a@example.com"});
    assert_eq!(Value::Object(write.attributes.clone()), sent);
}

#[test]
fn a_worker_is_found_whatever_the_case_of_the_name() {
    let mut model = center();
    model.workers.insert("Alice".to_owned(), worker(&json!({})));
    let mut now = snapshot_of(&model);
    now.workers[0].name = "aLICE".to_owned();
    assert!(diff(&model, &now).is_empty());
    now.workers.push(live("WK99".to_owned(), "ALICE", Worker::default()));
    assert_eq!(codes(&diff(&model, &now)), ["duplicate-name worker.Alice"]);
}

#[test]
fn the_first_rule_that_matches_the_worker_and_names_the_channel_decides() {
    let (mut model, now) = with_workers(&["alice", "bob", "carol"]);
    model.capacities = vec![
        rule("bob", "routing.skills HAS 'bob'", &[("chat", CapacityMode::Ignore)]),
        rule("alice", "routing.skills HAS 'alice'", &[("chat", CapacityMode::Enforce(Some(5)))]),
        rule(
            "everyone",
            "1==1",
            &[("chat", CapacityMode::Enforce(Some(3))), ("voice", CapacityMode::Enforce(Some(1)))],
        ),
    ];
    let plan = diff(&model, &now);
    assert_eq!(
        capacities(&plan),
        [
            "alice/chat capacity 1 > 5 (capacity rule alice)",
            "carol/chat capacity 1 > 3 (capacity rule everyone)",
        ]
    );
    let change = &plan.changes[0];
    assert_eq!(
        change.sid.as_deref(),
        Some(now.worker_channels[&now.workers[0].sid][0].sid.as_str())
    );
    let wanted = WorkerChannel { capacity: Some(5), available: None };
    assert_eq!(change.write, Some(Resource::Capacity(wanted)));
    assert_eq!(plan.unmanaged, [], "workers are not spoken of");
}

#[test]
fn each_mode_owns_a_capacity_in_its_way() {
    let (mut model, mut now) = with_workers(&["touched", "fresh"]);
    for worker in &now.workers {
        let channels = now.worker_channels.get_mut(&worker.sid).expect("read");
        if worker.name == "touched" {
            channels[0].untouched = false;
            channels[0].value.capacity = Some(7);
        }
    }
    let mut plan_of = |mode| {
        model.capacities = vec![rule("r", "1==1", &[("chat", mode)])];
        capacities(&diff(&model, &now))
    };
    assert_eq!(
        plan_of(CapacityMode::Enforce(Some(7))),
        ["fresh/chat capacity 1 > 7 (capacity rule r)"]
    );
    assert_eq!(plan_of(CapacityMode::Initial(2)), ["fresh/chat capacity 1 > 2 (capacity rule r)"]);
    assert_eq!(
        plan_of(CapacityMode::Bounds(2, 5)),
        [
            "fresh/chat capacity 1 > 2 (capacity rule r)",
            "touched/chat capacity 7 > 5 (capacity rule r)"
        ]
    );
    assert_eq!(plan_of(CapacityMode::Ignore), [""; 0]);
}

#[test]
fn a_channel_and_a_worker_that_the_plan_creates_get_their_capacities_too() {
    let (mut model, now) = with_workers(&["alice"]);
    model.task_channels.insert("pulled-chat".to_owned(), TaskChannel::default());
    model.workers.insert("bob".to_owned(), worker(&json!({})));
    let mut capacity = rule("r", "1==1", &[("pulled-chat", CapacityMode::Enforce(Some(2)))]);
    capacity.channels.get_mut("pulled-chat").expect("given").available = Some(false);
    model.capacities = vec![capacity];
    let plan = diff(&model, &now);
    let fields = "capacity 1 > 2, available true > false (capacity rule r)";
    assert_eq!(
        capacities(&plan),
        [format!("alice/pulled-chat {fields}"), format!("bob/pulled-chat {fields}")]
    );
    let (channel, bob) = (0, 1);
    assert_eq!(addresses(&plan, Kind::TaskChannel), ["task_channel.pulled-chat"]);
    assert_eq!(plan.changes[2].after, [channel]);
    assert_eq!(plan.changes[3].after, [channel, bob]);
    assert_eq!(plan.changes[3].sid.as_deref(), Some("pulled-chat"));
    insta::assert_snapshot!(text(&plan));
}

#[test]
fn a_rule_sees_the_attributes_that_the_plan_gives_a_worker() {
    let (mut model, now) = with_workers(&["alice"]);
    model.workers.insert("alice".to_owned(), worker(&json!({"team": "night"})));
    model.capacities =
        vec![rule("night", "team == 'night'", &[("chat", CapacityMode::Enforce(Some(2)))])];
    assert_eq!(capacities(&diff(&model, &now)).len(), 1);
}

#[test]
fn a_rule_for_a_channel_that_is_nowhere_is_noted() {
    let (mut model, now) = with_workers(&["alice"]);
    model.capacities = vec![rule("r", "1==1", &[("fax", CapacityMode::Enforce(Some(2)))])];
    assert_eq!(codes(&diff(&model, &now)), ["no-channel task_channel.fax"]);
}

#[test]
fn many_workers_with_the_same_change_are_one_line() {
    let names: Vec<String> = (0..12).map(|n| format!("agent{n:02}")).collect();
    let (mut model, now) = with_workers(&names.iter().map(String::as_str).collect::<Vec<_>>());
    model.capacities = vec![rule("everyone", "1==1", &[("chat", CapacityMode::Enforce(Some(3)))])];
    model.limits.all.updates = flexctl::model::Share::Percent(100);
    insta::assert_snapshot!(text(&diff(&model, &now)), @"
    ~ capacity of 12 workers  chat 1 → 3   (agent00, agent01, and 10 more)
        capacity rule everyone

    0 to create, 12 to update, 0 to replace, 0 to delete; 9 unchanged
    12 requests
    ");
}

fn role(model: &mut Model, permissions: PermissionSet) {
    model.roles.insert((RoleType::Service, "admin".to_owned()), Role { permissions });
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn permissions_are_added_to_a_role_or_replace_all_of_them() {
    let mut model = center();
    role(&mut model, PermissionSet::Exactly(set(&["addParticipant", "sendMessage"])));
    let now = snapshot_of(&model);
    role(&mut model, PermissionSet::Include(set(&["sendMessage"])));
    assert!(diff(&model, &now).is_empty());

    role(&mut model, PermissionSet::Include(set(&["createConversation"])));
    let plan = diff(&model, &now);
    let all = set(&["addParticipant", "createConversation", "sendMessage"]);
    let write = Role { permissions: PermissionSet::Exactly(all) };
    assert_eq!(plan.changes[0].write, Some(Resource::Role(write)));
    insta::assert_snapshot!(text(&plan), @"
    ~ role.service/admin
        permissions  +createConversation

    0 to create, 1 to update, 0 to replace, 0 to delete; 9 unchanged
    1 request
    ");

    role(&mut model, PermissionSet::Exactly(set(&["sendMessage"])));
    let plan = diff(&model, &now);
    assert!(text(&plan).contains("permissions  -addParticipant"), "{}", text(&plan));
}

#[test]
fn a_role_that_is_absent_is_created() {
    let mut model = center();
    let now = snapshot_of(&model);
    role(&mut model, PermissionSet::Include(set(&["createConversation"])));
    let plan = diff(&model, &now);
    assert_eq!(plan.counts.create, 1);
    assert_eq!(addresses(&plan, Kind::Role), ["role.service/admin"]);
}

#[test]
fn a_list_in_another_order_is_shown_whole() {
    let mut model = center();
    model.workers.insert("alice".to_owned(), worker(&json!({"skills": ["a", "b"]})));
    let now = snapshot_of(&model);
    model.workers.insert("alice".to_owned(), worker(&json!({"skills": ["b", "a"]})));
    let plan = text(&diff(&model, &now));
    assert!(plan.contains("attributes.skills  a, b → b, a"), "{plan}");
}
