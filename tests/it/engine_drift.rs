//! What others change: shown when the spec owns it, left alone when it does not.

use flexctl::apply::Outcome;
use flexctl::model::Kind;
use flexctl::plan::Plan;
use serde_json::{Value, json};

use crate::support::world::{World, codes, string, text};

const CENTER: &str = "
version: 1
workspace:
  friendly_name: Flex Task Assignment
  event_callback_url: https://example.com/events
  events_filter: [task.created, task.canceled]
  prioritize_queue_order: LIFO
  default_activity: Offline
  timeout_activity: Lunch
activities:
  Lunch: { available: false }
  Offline: {}
task_channels:
  chat: {}
  pulled-chat: { friendly_name: Pulled Chat, channel_optimized_routing: true }
queues:
  Everyone: { target_workers: 1==1 }
  Sales:
    target_workers: routing.skills HAS 'sales'
    max_reserved_workers: 2
    task_order: LIFO
    reservation_activity: Lunch
    assignment_activity: Offline
workers:
  Alice: { activity: Lunch, attributes: { level: 3, routing: { skills: [sales] } } }
worker_capacities:
  - name: everyone
    workers: 1==1
    channels: { chat: { capacity: 3, available: true } }
workflows:
  Inbound:
    assignment_callback_url: https://example.com/assign
    fallback_assignment_callback_url: https://example.com/fall
    task_reservation_timeout: 60
    ignore_filters: [\"Switchboard - *\"]
    filters:
      - name: Sales
        expression: type == 'sales'
        targets: [{ queue: Sales, timeout: 30, priority: 5 }, { queue: Everyone }]
      - name: Others
        expression: type == 'other'
        targets: [{ queue: Everyone }]
    default_filter: { queue: Everyone }
conversations:
  roles:
    - { type: service, friendly_name: agent, permissions: { include: [createConversation] } }
";

/// The fields that a plan shows, as `address field before > after`.
fn shown(plan: &Plan) -> Vec<String> {
    let changes = plan.changes.iter();
    changes
        .flat_map(|change| {
            let of = change.address.to_string();
            let fields = change.fields.iter().map({
                let of = of.clone();
                move |f| format!("{of} {} {} > {}", f.field, f.before, f.after)
            });
            let filters =
                change.filters.iter().map(move |filter| format!("{of} {}", json!(filter)));
            fields.chain(filters)
        })
        .collect()
}

#[test]
fn a_foreign_edit_of_an_owned_field_is_exactly_what_the_plan_shows() {
    for (path, name, form, field) in [
        (
            "",
            "",
            ("EventCallbackUrl", "https://x.example"),
            "workspace event_callback_url \"https://x.example\" > \"https://example.com/events\"",
        ),
        (
            "",
            "",
            ("EventsFilter", "task.created"),
            "workspace events_filter [\"task.created\"] > [\"task.created\",\"task.canceled\"]",
        ),
        (
            "",
            "",
            ("PrioritizeQueueOrder", "FIFO"),
            "workspace prioritize_queue_order \"FIFO\" > \"LIFO\"",
        ),
        (
            "",
            "",
            ("TimeoutActivitySid", "Offline"),
            "workspace timeout_activity \"Offline\" > \"Lunch\"",
        ),
        (
            "TaskChannels",
            "pulled-chat",
            ("FriendlyName", "Pull"),
            "task_channel.pulled-chat friendly_name \"Pull\" > \"Pulled Chat\"",
        ),
        (
            "TaskChannels",
            "pulled-chat",
            ("ChannelOptimizedRouting", "false"),
            "task_channel.pulled-chat channel_optimized_routing false > true",
        ),
        (
            "TaskQueues",
            "Sales",
            ("TargetWorkers", "1==2"),
            "queue.Sales target_workers \"1==2\" > \"routing.skills HAS 'sales'\"",
        ),
        (
            "TaskQueues",
            "Sales",
            ("MaxReservedWorkers", "9"),
            "queue.Sales max_reserved_workers 9 > 2",
        ),
        (
            "TaskQueues",
            "Sales",
            ("TaskOrder", "FIFO"),
            "queue.Sales task_order \"FIFO\" > \"LIFO\"",
        ),
        (
            "TaskQueues",
            "Sales",
            ("ReservationActivitySid", "Offline"),
            "queue.Sales reservation_activity \"Offline\" > \"Lunch\"",
        ),
        (
            "TaskQueues",
            "Sales",
            ("AssignmentActivitySid", ""),
            "queue.Sales assignment_activity null > \"Offline\"",
        ),
        (
            "Workflows",
            "Inbound",
            ("AssignmentCallbackUrl", ""),
            "workflow.Inbound assignment_callback_url null > \"https://example.com/assign\"",
        ),
        (
            "Workflows",
            "Inbound",
            ("FallbackAssignmentCallbackUrl", "https://x.example"),
            "workflow.Inbound fallback_assignment_callback_url \"https://x.example\" > \"https://example.com/fall\"",
        ),
        (
            "Workflows",
            "Inbound",
            ("TaskReservationTimeout", "61"),
            "workflow.Inbound task_reservation_timeout 61 > 60",
        ),
        (
            "Workers",
            "Alice",
            ("ActivitySid", "Break"),
            "worker.Alice activity \"Break\" > \"Lunch\"",
        ),
        (
            "Workers",
            "Alice",
            ("Attributes", r#"{"level":4,"routing":{"skills":["sales"]},"theirs":1}"#),
            "worker.Alice attributes.level 4 > 3",
        ),
    ] {
        let world = World::of(CENTER);
        let path = match path {
            "" => String::new(),
            path => format!("{path}/{}", world.sid(path, name)),
        };
        let value = match form.1 {
            name @ ("Offline" | "Break") => world.sid("Activities", name),
            value => value.to_owned(),
        };
        world.post(&path, &[(form.0, &value)]);
        let plan = world.plan(CENTER);
        assert_eq!(shown(&plan), [field], "{form:?}");
        let sent = world.converge(CENTER);
        assert_eq!(sent.changes.len(), 1);
    }
}

#[test]
fn a_foreign_edit_of_a_capacity_is_shown() {
    let world = World::of(CENTER);
    let channels = format!("Workers/{}/Channels", world.sid("Workers", "Alice"));
    let chat = world.object(&channels, "chat");
    let path = format!("{channels}/{}", string(&chat["sid"]));
    world.post(&path, &[("Capacity", "7"), ("Available", "false")]);
    let edits =
        ["capacity.Alice/chat capacity 7 > 3", "capacity.Alice/chat available false > true"];
    assert_eq!(shown(&world.plan(CENTER)), edits);
    let voice = world.object(&channels, "voice");
    world.post(&format!("{channels}/{}", string(&voice["sid"])), &[("Capacity", "9")]);
    assert_eq!(shown(&world.plan(CENTER)).len(), 2, "voice is not owned");
}

#[test]
fn what_the_spec_does_not_own_is_left_alone() {
    let world = World::of(CENTER);
    let spec = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues: { Sales: { task_order: LIFO } }
task_channels: { pulled-chat: {} }
workflows: { Inbound: { task_reservation_timeout: 60 } }
workers: { alice: { attributes: { level: 3 } } }
";
    world.post("", &[("EventCallbackUrl", ""), ("PrioritizeQueueOrder", "FIFO")]);
    let sales = format!("TaskQueues/{}", world.sid("TaskQueues", "Sales"));
    world.post(&sales, &[("TargetWorkers", "1==2"), ("MaxReservedWorkers", "9")]);
    let inbound = format!("Workflows/{}", world.sid("Workflows", "Inbound"));
    world.post(&inbound, &[("AssignmentCallbackUrl", "https://x.example")]);
    world.set_configuration("Inbound", &json!({ "task_routing": {} }));
    let alice = format!("Workers/{}", world.sid("Workers", "Alice"));
    world.post(&alice, &[("Attributes", r#"{"level":3,"theirs":{"a":[1]}}"#)]);
    let plan = world.plan(spec);
    assert!(plan.is_empty(), "{}", text(&plan));
}

#[test]
fn foreign_filters_keep_their_place_and_unknown_keys_survive_an_edit_around_them() {
    let world = World::of(CENTER);
    let mut live = world.configuration("Inbound");
    live["editor"] = json!({ "zoom": 2 });
    let routing = &mut live["task_routing"];
    routing["version"] = json!(7);
    routing["default_filter"]["note"] = json!("theirs");
    let filters = routing["filters"].as_array_mut().expect("a list");
    filters[0]["colour"] = json!("red");
    filters[0]["targets"][1]["weight"] = json!(0.5);
    let everyone = filters[1]["targets"][0]["queue"].clone();
    let theirs = json!({
        "friendlyName": "Switchboard - closed", "expression": "closed == true", "by": "a function",
        "targets": [{ "queue": everyone, "timeout": "30", "x": null }],
    });
    filters.insert(1, theirs);
    world.set_configuration("Inbound", &live);
    let plan = world.plan(CENTER);
    assert!(plan.is_empty(), "{}", text(&plan));

    let spec = CENTER.replace(
        "      - name: Others\n",
        "      - { name: New, expression: type == 'new', targets: [{ queue: Sales }] }\n      - name: Others\n",
    );
    let spec = spec.replace("timeout: 30, priority: 5", "timeout: 45, priority: 5");
    let plan = world.converge(&spec);
    insta::assert_snapshot!(text(&plan));
    let live = world.configuration("Inbound");
    assert_eq!(live["editor"], json!({ "zoom": 2 }));
    assert_eq!(live["task_routing"]["version"], 7);
    assert_eq!(live["task_routing"]["default_filter"]["note"], "theirs");
    let filters = live["task_routing"]["filters"].as_array().expect("a list");
    let names: Vec<&Value> = filters.iter().map(|f| &f["filter_friendly_name"]).collect();
    assert_eq!(names, ["Sales", "Switchboard - closed", "New", "Others"]);
    assert_eq!(filters[0]["colour"], "red");
    assert_eq!(filters[0]["targets"][0]["timeout"], 45);
    assert_eq!(filters[0]["targets"][1]["weight"], 0.5);
    assert_eq!(filters[1]["by"], "a function");
    assert_eq!(filters[1]["targets"][0]["timeout"], 30, "a number that was written as text");
}

#[test]
fn an_edit_of_one_filter_is_shown_as_that_edit() {
    let world = World::of(CENTER);
    let mut live = world.configuration("Inbound");
    let filters = live["task_routing"]["filters"].as_array_mut().expect("a list");
    filters[0]["targets"][0]["timeout"] = json!("300");
    filters.swap(0, 1);
    world.set_configuration("Inbound", &live);
    insta::assert_snapshot!(text(&world.plan(CENTER)));
    world.converge(CENTER);
}

#[test]
fn what_others_delete_is_made_again_and_referred_to_again() {
    let world = World::of(CENTER);
    let empty = json!({ "task_routing": { "filters": [] } });
    world.set_configuration("Inbound", &empty);
    for path in ["TaskQueues", "Workers"] {
        let name = if path == "Workers" { "Alice" } else { "Sales" };
        let (status, _) = world.ask("DELETE", &format!("{path}/{}", world.sid(path, name)), &[]);
        assert_eq!(status, 204);
    }
    let plan = world.converge(CENTER);
    insta::assert_snapshot!(text(&plan));
}

#[test]
fn two_live_objects_with_one_name_are_refused_until_one_is_pinned() {
    let world = World::of(CENTER);
    let twin = world.post(
        "Workflows",
        &[("FriendlyName", "Inbound"), ("Configuration", r#"{"task_routing":{"filters":[]}}"#)],
    );
    let twin = string(&twin["sid"]);
    let first = world.sid("Workflows", "Inbound");
    let plan = world.plan(CENTER);
    assert_eq!(codes(&plan), ["duplicate-name workflow.Inbound"]);
    let message = &plan.refusals[0].message;
    assert!(message.contains(&first) && message.contains(&twin), "{message}");
    assert!(plan.refusals[0].help.contains("sid: WW"), "{}", plan.refusals[0].help);

    let pin = |sid: &str| CENTER.replace("  Inbound:\n", &format!("  Inbound:\n    sid: {sid}\n"));
    assert!(world.plan(&pin(&first)).is_empty());
    let plan = world.converge(&pin(&twin));
    let change = plan.of(Kind::Workflow).next().expect("the twin is changed");
    assert_eq!((plan.changes.len(), change.sid.as_deref()), (1, Some(twin.as_str())));
}

#[test]
fn a_worker_is_found_whatever_the_case_of_its_name_and_keeps_what_is_not_owned() {
    let world = World::of(CENTER);
    let path = format!("Workers/{}", world.sid("Workers", "Alice"));
    let theirs = r#"{"level":1,"routing":{"skills":["sales"]},"contact_uri":"client:a","deep":{"x":[1,{"y":null}]}}"#;
    world.post(&path, &[("Attributes", theirs), ("FriendlyName", "ALICE")]);
    let plan = world.converge(CENTER);
    assert_eq!(shown(&plan), ["worker.Alice attributes.level 1 > 3"]);
    let attributes = string(&world.object("Workers", "ALICE")["attributes"]);
    let attributes: Value = serde_json::from_str(&attributes).expect("JSON");
    let kept = json!({ "level": 3, "routing": { "skills": ["sales"] }, "contact_uri": "client:a", "deep": { "x": [1, { "y": null }] } });
    assert_eq!(attributes, kept);
}

#[test]
fn permissions_that_others_gave_a_role_are_kept() {
    let world = World::of(CENTER);
    let spec = CENTER.replace("[createConversation]", "[createConversation, deleteConversation]");
    let plan = world.plan(&spec);
    let fields: Vec<_> = plan.of(Kind::Role).flat_map(|change| &change.fields).collect();
    let before = fields[0].before.as_array().expect("a set").clone();
    assert!(before.len() > 1, "the role had some of its own");
    world.apply(&spec);
    let sent = world.writes();
    let sent: Vec<Value> = sent[0].form.iter().map(|(_, value)| json!(value)).collect();
    assert!(before.iter().all(|permission| sent.contains(permission)), "{sent:?}");
    assert_eq!(sent.len(), before.len() + 1);
    assert!(world.converge(&spec).is_empty());
}

#[test]
fn each_mode_owns_a_capacity_in_its_way() {
    let spec = |mode: &str| {
        format!(
            "
version: 1
workspace: {{ friendly_name: Flex Task Assignment }}
worker_capacities:
  - {{ name: trainees, workers: level == 0, channels: {{ chat: {{ mode: ignore }} }} }}
  - {{ name: agents, workers: 1==1, channels: {{ chat: {mode} }} }}
  - {{ name: nobody is left, workers: 1==1, channels: {{ chat: 50 }} }}
"
        )
    };
    let live = |capacity: Option<u32>| {
        let world = World::new();
        world.emulator.seed(|seeder| {
            let alice = seeder.worker("alice", r#"{"level": 2}"#);
            let trainee = seeder.worker("trainee", r#"{"level": 0}"#);
            for (worker, capacity) in [(alice, capacity), (trainee, Some(9))] {
                if let Some(capacity) = capacity {
                    seeder.set_capacity(&worker, "chat", capacity);
                }
            }
        });
        world
    };
    for (mode, capacity, expected) in [
        ("3", None, Some("1 > 3")),
        ("3", Some(7), Some("7 > 3")),
        ("3", Some(3), None),
        ("{ capacity: 3, mode: initial }", None, Some("1 > 3")),
        ("{ capacity: 3, mode: initial }", Some(7), None),
        ("{ bounds: [2, 5] }", None, Some("1 > 2")),
        ("{ bounds: [2, 5] }", Some(4), None),
        ("{ bounds: [2, 5] }", Some(7), Some("7 > 5")),
        ("{ mode: ignore }", Some(7), None),
    ] {
        let world = live(capacity);
        let plan = world.converge(&spec(mode));
        let expected = expected.map(|change| format!("capacity.alice/chat capacity {change}"));
        assert_eq!(shown(&plan), Vec::from_iter(expected), "{mode} {capacity:?}");
    }
}

#[test]
fn the_report_has_the_sid_of_a_worker_channel_that_nobody_knew_before() {
    let world = World::of(CENTER);
    let spec = CENTER
        .replace("task_channels:\n", "task_channels:\n  survey: {}\n")
        .replace("channels: { chat:", "channels: { survey: 2, chat:");
    let (_, report) = world.apply(&spec);
    let sids: Vec<_> = report
        .results
        .iter()
        .filter(|result| result.address.kind == Kind::Capacity)
        .map(|result| match &result.outcome {
            Outcome::Applied { sid: Some(sid) } => sid,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(!sids.is_empty() && sids.iter().all(|sid| sid.starts_with("WC")), "{sids:?}");
}
