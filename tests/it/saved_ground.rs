//! What a saved plan rests on: an edit of exactly that makes it stale, and no other edit does.

use std::collections::BTreeSet;

use flexctl::model::{Kind, Model};
use flexctl::plan::saved::{Ground, Meaning, Moved, SavedPlan, What};
use flexctl::plan::{self, Options};
use serde_json::{Value, json};

use crate::emulator::Api;
use crate::support::world::{World, desired, string};

const BEFORE: &str = "
version: 1
workspace:
  friendly_name: Flex Task Assignment
  event_callback_url: https://a.example/events
  events_filter: [task.created]
  prioritize_queue_order: FIFO
  default_activity: Offline
  timeout_activity: Offline
activities:
  Offline: {}
  Break: {}
  Unavailable: {}
  Lunch: { available: false }
  Pause: { available: false }
  Nap: { available: false }
task_channels:
  chat: {}
  fax: { friendly_name: Fax, channel_optimized_routing: false }
  telex: {}
queues:
  Everyone: {}
  Sales:
    target_workers: team == 'red'
    task_order: FIFO
    max_reserved_workers: 1
    reservation_activity: Break
    assignment_activity: Break
  Support: { target_workers: team == 'blue' }
  Old: {}
  Spare: { target_workers: team == 'spare' }
workflows:
  Inbound:
    assignment_callback_url: https://a.example/a
    fallback_assignment_callback_url: https://a.example/b
    task_reservation_timeout: 30
    filters:
      - { name: Sales, expression: topic == 'sales', targets: [{ queue: Sales }] }
    default_filter: { queue: Everyone }
  Legacy: { default_filter: { queue: Old } }
  Aside: { default_filter: { queue: Spare } }
workers:
  alice: { activity: Offline, attributes: { team: red } }
  bob: { attributes: { team: blue, note: private } }
  carol: { attributes: { team: none } }
  dave: { attributes: { team: none } }
worker_capacities:
  - { name: blues, workers: team == 'blue', channels: { chat: { capacity: 2, available: true } } }
conversations:
  roles:
    - { type: service, friendly_name: helper, permissions: [createConversation, sendMessage] }
    - { type: service, friendly_name: other, permissions: [sendMessage] }
";

/// Every field of every kind is changed somewhere; one of each kind that can be is made, renamed
/// and deleted.
const AFTER: &str = "
version: 1
workspace:
  friendly_name: Flex Task Assignment
  event_callback_url: https://b.example/events
  events_filter: [task.updated]
  prioritize_queue_order: LIFO
  default_activity: Break
  timeout_activity: Break
activities:
  Offline: {}
  Break: {}
  Unavailable: {}
  Siesta: { available: false, renamed_from: Lunch }
  Nap: { available: true }
task_channels:
  chat: {}
  fax: { friendly_name: Telefax, channel_optimized_routing: true }
  letter: {}
queues:
  Everyone: {}
  Sales:
    target_workers: team == 'crimson'
    task_order: LIFO
    max_reserved_workers: 2
    reservation_activity: Unavailable
    assignment_activity: Unavailable
  Help: { renamed_from: Support }
  Night: {}
workflows:
  Inbound:
    assignment_callback_url: https://b.example/a
    fallback_assignment_callback_url: https://b.example/b
    task_reservation_timeout: 60
    filters:
      - { name: Sales, expression: topic == 'selling', targets: [{ queue: Sales }] }
    default_filter: { queue: Everyone }
  Late: { default_filter: { queue: Night } }
workers:
  alice: { activity: Unavailable, attributes: { team: crimson } }
  erin: {}
worker_capacities:
  - { name: blues, workers: team == 'blue', channels: { chat: { capacity: 3, available: false } } }
conversations:
  roles:
    - { type: service, friendly_name: helper, permissions: [createConversation, editOwnMessage] }
    - { type: service, friendly_name: new, permissions: [sendMessage] }
removed: [queue.Old, workflow.Legacy, activity.Pause, task_channel.telex, worker.carol]
";

/// A world with a plan on paper.
struct Scene {
    world: World,
    desired: Model,
    saved: SavedPlan,
    options: Options,
}

/// An object as the API has it.
struct Object {
    kind: Kind,
    /// Below the workspace, or whole for a role.
    path: String,
    value: Value,
}

impl Scene {
    fn new() -> Self {
        let world = World::of(BEFORE);
        let options =
            Options { allow_replace: vec!["*".parse().expect("a pattern")], ..Options::default() };
        let desired = desired(AFTER);
        let live = world.read(&desired);
        let plan = plan::diff(&desired, &live, &options);
        assert_eq!(plan.refusals, []);
        let ground = Ground::of(&plan, &live);
        let saved = SavedPlan::new(plan, ground, Meaning::of(&desired, "salt"));
        // As it comes out of its file.
        let saved = SavedPlan::read(&saved.seal()).expect("it reads back");
        Self { world, desired, saved, options }
    }

    fn moved(&self) -> Vec<Moved> {
        let standing = self.world.standing(&self.saved, &self.desired, &self.options);
        standing.moved
    }

    /// What has moved: a line for each object, with the fields.
    fn lines(&self) -> Vec<String> {
        self.moved().iter().map(line).collect()
    }

    fn roles(&self) -> String {
        let ask = |path: &str| {
            let response = self.world.emulator.handle(Api::request("GET", path, &[]));
            serde_json::from_slice::<Value>(response.body()).expect("JSON")
        };
        let service = string(&ask("flex:/v1/Configuration")["chat_service_instance_sid"]);
        format!("/v1/Services/{service}/Roles")
    }

    /// Every object that flexctl knows of.
    fn objects(&self) -> Vec<Object> {
        let (_, workspace) = self.world.ask("GET", "", &[]);
        let mut all = vec![Object { kind: Kind::Workspace, path: String::new(), value: workspace }];
        for (kind, collection) in [
            (Kind::Activity, "Activities"),
            (Kind::TaskChannel, "TaskChannels"),
            (Kind::Queue, "TaskQueues"),
            (Kind::Workflow, "Workflows"),
            (Kind::Worker, "Workers"),
        ] {
            for value in self.world.list(collection) {
                let path = format!("{collection}/{}", string(&value["sid"]));
                if kind == Kind::Worker {
                    for value in self.world.list(&format!("{path}/Channels")) {
                        let path = format!("{path}/Channels/{}", string(&value["sid"]));
                        all.push(Object { kind: Kind::Capacity, path, value });
                    }
                }
                all.push(Object { kind, path, value });
            }
        }
        let roles = self.roles();
        let response = self.world.emulator.handle(Api::request("GET", &roles, &[]));
        let list: Value = serde_json::from_slice(response.body()).expect("JSON");
        for value in list["roles"].as_array().into_iter().flatten() {
            let path = format!("{roles}/{}", string(&value["sid"]));
            all.push(Object { kind: Kind::Role, path, value: value.clone() });
        }
        all
    }

    /// Somebody else writes.
    fn post(&self, object: &Object, form: &[(&str, &str)]) {
        if object.kind == Kind::Role {
            let response = self.world.emulator.handle(Api::request("POST", &object.path, form));
            assert_eq!(response.status(), 200, "{:?}", response.body());
        } else {
            self.world.post(&object.path, form);
        }
    }
}

fn line(moved: &Moved) -> String {
    let address = &moved.address;
    match &moved.what {
        What::Gone => format!("{address} gone"),
        What::Replaced { .. } => format!("{address} replaced"),
        What::Appeared => format!("{address} appeared"),
        What::Changed { fields, filters, reasons } => {
            let mut words: Vec<String> = fields.iter().map(|field| field.field.clone()).collect();
            words.extend(filters.iter().map(|_| "filter".to_owned()));
            words.extend(reasons.clone());
            format!("{address} {}", words.join(" "))
        }
    }
}

/// The fields of a kind that somebody can write: as the API answers them and as it takes them, and
/// what flexctl calls them.
fn fields(kind: Kind) -> &'static [(&'static str, &'static str, &'static str)] {
    match kind {
        Kind::Workspace => &[
            ("default_activity_sid", "DefaultActivitySid", "default_activity"),
            ("event_callback_url", "EventCallbackUrl", "event_callback_url"),
            ("events_filter", "EventsFilter", "events_filter"),
            ("friendly_name", "FriendlyName", "friendly_name"),
            ("prioritize_queue_order", "PrioritizeQueueOrder", "prioritize_queue_order"),
            ("timeout_activity_sid", "TimeoutActivitySid", "timeout_activity"),
        ],
        // `available` is fixed at creation.
        Kind::Activity => &[("friendly_name", "FriendlyName", "friendly_name")],
        Kind::TaskChannel => &[
            ("channel_optimized_routing", "ChannelOptimizedRouting", "channel_optimized_routing"),
            ("friendly_name", "FriendlyName", "friendly_name"),
        ],
        Kind::Queue => &[
            ("assignment_activity_sid", "AssignmentActivitySid", "assignment_activity"),
            ("friendly_name", "FriendlyName", "friendly_name"),
            ("max_reserved_workers", "MaxReservedWorkers", "max_reserved_workers"),
            ("reservation_activity_sid", "ReservationActivitySid", "reservation_activity"),
            ("target_workers", "TargetWorkers", "target_workers"),
            ("task_order", "TaskOrder", "task_order"),
        ],
        Kind::Workflow => &[
            ("assignment_callback_url", "AssignmentCallbackUrl", "assignment_callback_url"),
            ("configuration", "Configuration", "default_filter.priority"),
            (
                "fallback_assignment_callback_url",
                "FallbackAssignmentCallbackUrl",
                "fallback_assignment_callback_url",
            ),
            ("friendly_name", "FriendlyName", "friendly_name"),
            ("task_reservation_timeout", "TaskReservationTimeout", "task_reservation_timeout"),
        ],
        Kind::Worker => &[
            ("activity_sid", "ActivitySid", "activity"),
            ("attributes", "Attributes", "attributes"),
            ("friendly_name", "FriendlyName", "friendly_name"),
        ],
        Kind::Capacity => &[
            ("available", "Available", "available"),
            ("configured_capacity", "Capacity", "capacity"),
        ],
        Kind::Role => &[("permissions", "Permission", "permissions")],
    }
}

/// Another value than the one that is there.
fn other(scene: &Scene, field: &str, now: &Value) -> String {
    let text = now.as_str().unwrap_or_default();
    match field {
        "friendly_name" => format!("{text} Foreign"),
        "prioritize_queue_order" | "task_order" => {
            (if text == "LIFO" { "FIFO" } else { "LIFO" }).to_owned()
        }
        "channel_optimized_routing" | "available" => (now != true).to_string(),
        "max_reserved_workers" => "7".to_owned(),
        "configured_capacity" => "9".to_owned(),
        "task_reservation_timeout" => "77".to_owned(),
        "target_workers" => "team == 'foreign'".to_owned(),
        "events_filter" => "worker.created".to_owned(),
        "configuration" => {
            let mut value: Value = serde_json::from_str(text).expect("JSON");
            value["task_routing"]["default_filter"]["priority"] = json!(5);
            value.to_string()
        }
        "attributes" => {
            let mut value: Value = serde_json::from_str(text).expect("JSON");
            value["foreign"] = json!(1);
            value.to_string()
        }
        field if field.ends_with("_url") => "https://foreign.example/".to_owned(),
        field if field.ends_with("activity_sid") => {
            let other = ["Unavailable", "Offline"].map(|name| scene.world.sid("Activities", name));
            other.into_iter().find(|sid| sid != text).expect("one of two is another")
        }
        field => panic!("no other value for {field}"),
    }
}

/// The value as a parameter, to put it back.
fn parameter(value: &Value) -> String {
    value.as_str().map_or_else(
        || if value.is_null() { String::new() } else { value.to_string() },
        str::to_owned,
    )
}

#[test]
fn an_edit_of_a_field_moves_exactly_that_field_of_that_object_or_nothing() {
    let scene = Scene::new();
    assert_eq!(scene.lines(), [""; 0], "nobody has edited anything");
    let ground = &scene.saved.ground;
    let mut covered: BTreeSet<(String, String)> = BTreeSet::new();
    for object in scene.objects() {
        let sid = string(&object.value["sid"]);
        let known = ground.objects.get(&sid);
        for &(field, name, own) in fields(object.kind) {
            let counts = known.is_some_and(|known| known.seen.fields().any(|seen| seen == field));
            let back: Vec<(&str, String)> = match object.value[field].as_array() {
                Some(values) => values.iter().map(|value| (name, parameter(value))).collect(),
                None => vec![(name, parameter(&object.value[field]))],
            };
            let edit = match field {
                "permissions" => vec![(name, "addParticipant".to_owned())],
                _ => vec![(name, other(&scene, field, &object.value[field]))],
            };
            let send = |values: Vec<(&str, String)>| {
                let form: Vec<(&str, &str)> =
                    values.iter().map(|(k, v)| (*k, v.as_str())).collect();
                scene.post(&object, &form);
            };
            send(edit);
            let lines = scene.lines();
            let what = format!("{} {field} of {}", object.kind, object.value["friendly_name"]);
            match (counts, known) {
                (true, Some(known)) => {
                    let [line] = &lines[..] else { panic!("{what}: {lines:?}") };
                    let own = if own == "attributes" && !line.ends_with("attributes") {
                        "attributes.foreign"
                    } else {
                        own
                    };
                    assert_eq!(*line, format!("{} {own}", known.address), "{what}");
                    covered.insert((sid.clone(), field.to_owned()));
                }
                _ => assert_eq!(lines, [""; 0], "{what}"),
            }
            send(back);
            if counts {
                assert_eq!(scene.lines(), [""; 0], "{what}: it is as it was");
            }
        }
    }
    // Nothing that the plan rests on was left out, but for what nobody can edit.
    for (sid, known) in &ground.objects {
        for field in known.seen.fields() {
            let fixed = known.address.kind == Kind::Activity && field == "available";
            let told = covered.contains(&(sid.clone(), field.to_owned()));
            assert!(told || fixed || field == "multi_task_enabled", "{field} of {}", known.address);
        }
    }
    let kinds: BTreeSet<Kind> = ground.objects.values().map(|known| known.address.kind).collect();
    assert_eq!(kinds.len(), 8, "every kind is there");
}

#[test]
fn an_edit_beside_the_plan_stays_and_the_plan_is_carried_out() {
    let scene = Scene::new();
    let spare = format!("TaskQueues/{}", scene.world.sid("TaskQueues", "Spare"));
    scene.world.post(&spare, &[("TargetWorkers", "team == 'theirs'")]);
    let dave = format!("Workers/{}", scene.world.sid("Workers", "dave"));
    scene.world.post(&dave, &[("Attributes", "{\"team\":\"theirs\"}")]);
    scene.world.post("TaskQueues", &[("FriendlyName", "Theirs")]);
    let standing = scene.world.standing(&scene.saved, &scene.desired, &scene.options);
    assert_eq!(standing.moved, []);
    let report = scene.world.carry_out(&scene.saved.plan, &standing.now);
    assert!(report.is_complete(), "{:#?}", report.results);
    assert_eq!(scene.world.object("TaskQueues", "Spare")["target_workers"], "team == 'theirs'");
    assert!(scene.world.find("TaskQueues", "Theirs").is_some());
    let again = scene.world.standing(&scene.saved, &scene.desired, &scene.options);
    assert_eq!(again.left, [], "it was applied already");
}

#[test]
fn deletions_and_new_objects_under_old_names_are_told_apart() {
    for (collection, name, address, create) in [
        ("Activities", "Lunch", "activity.Siesta", vec![("Available", "false")]),
        ("TaskChannels", "fax", "task_channel.fax", vec![("UniqueName", "fax")]),
        ("TaskQueues", "Old", "queue.Old", vec![]),
        (
            "Workflows",
            "Inbound",
            "workflow.Inbound",
            vec![("Configuration", "{\"task_routing\":{\"filters\":[]}}")],
        ),
        ("Workers", "alice", "worker.alice", vec![]),
        ("Workers", "bob", "worker.bob", vec![]),
    ] {
        let scene = Scene::new();
        // Nothing refers to it, so that it can go.
        if name == "Old" {
            let legacy = format!("Workflows/{}", scene.world.sid("Workflows", "Legacy"));
            let (status, _) = scene.world.ask("DELETE", &legacy, &[]);
            assert_eq!(status, 204);
        }
        let path = format!("{collection}/{}", scene.world.sid(collection, name));
        let (status, body) = scene.world.ask("DELETE", &path, &[]);
        assert_eq!(status, 204, "{name}: {body}");
        let gone = |word: &str| {
            let mut lines = vec![format!("{address} {word}")];
            lines.extend((name == "Old").then(|| "workflow.Legacy gone".to_owned()));
            lines
        };
        assert_eq!(scene.lines(), gone("gone"));
        let form: Vec<(&str, &str)> = [("FriendlyName", name)].into_iter().chain(create).collect();
        scene.world.post(collection, &form);
        assert_eq!(scene.lines(), gone("replaced"));
    }
}

#[test]
fn a_name_that_the_plan_takes_for_free_is_told_when_somebody_has_it() {
    for (collection, form, line) in [
        ("TaskQueues", vec![("FriendlyName", "Night")], "queue.Night appeared"),
        ("TaskQueues", vec![("FriendlyName", "Help")], "queue.Help appeared"),
        ("Activities", vec![("FriendlyName", "Siesta")], "activity.Siesta appeared"),
        (
            "Activities",
            vec![("FriendlyName", "Nap (replaced by flexctl)")],
            "activity.\"Nap (replaced by flexctl)\" appeared",
        ),
        (
            "TaskChannels",
            vec![("FriendlyName", "Letter"), ("UniqueName", "letter")],
            "task_channel.letter appeared",
        ),
        (
            "Workflows",
            vec![
                ("FriendlyName", "Late"),
                ("Configuration", "{\"task_routing\":{\"filters\":[]}}"),
            ],
            "workflow.Late appeared",
        ),
        ("Workers", vec![("FriendlyName", "ERIN")], "worker.erin appeared"),
    ] {
        let scene = Scene::new();
        scene.world.post(collection, &form);
        assert_eq!(scene.lines(), [line]);
    }
    let scene = Scene::new();
    let spare = format!("TaskQueues/{}", scene.world.sid("TaskQueues", "Spare"));
    scene.world.post(&spare, &[("FriendlyName", "Night")]);
    assert_eq!(scene.lines(), ["queue.Night appeared"], "a rename takes a name too");
}

#[test]
fn a_worker_of_a_capacity_moves_only_when_the_rules_decide_otherwise() {
    let scene = Scene::new();
    let bob = format!("Workers/{}", scene.world.sid("Workers", "bob"));
    scene.world.post(&bob, &[("Attributes", "{\"team\":\"blue\",\"note\":\"other\"}")]);
    assert_eq!(scene.lines(), [""; 0], "the rule is about the team");
    let break_ = scene.world.sid("Activities", "Break");
    scene.world.post(&bob, &[("ActivitySid", &break_)]);
    assert_eq!(scene.lines(), [""; 0], "and not about the activity");
    scene.world.post(&bob, &[("Attributes", "{\"team\":\"green\"}")]);
    assert_eq!(
        scene.lines(),
        ["worker.bob activity attributes capacity rule blues no longer decides for chat"]
    );
}

#[test]
fn several_edits_at_once_are_all_told_and_the_values_stand_beside_them() {
    let scene = Scene::new();
    let edit = |collection: &str, name: &str, form: &[(&str, &str)]| {
        let path = format!("{collection}/{}", scene.world.sid(collection, name));
        scene.world.post(&path, form);
    };
    edit("TaskQueues", "Sales", &[("TargetWorkers", "1==1"), ("TaskOrder", "LIFO")]);
    edit("TaskQueues", "Spare", &[("TargetWorkers", "1==1")]);
    edit("Workers", "alice", &[("Attributes", "{\"team\":\"green\"}")]);
    edit("TaskQueues", "Support", &[("FriendlyName", "Aid")]);
    let text = plan::saved::moved_text(&scene.moved(), &plan::render::Options::default());
    let text: String = text
        .lines()
        .map(|line| {
            let sid = line.find("…").map_or(line.len(), |at| at + '…'.len_utf8());
            format!("{}\n", &line[..sid])
        })
        .collect();
    insta::assert_snapshot!(text, @r"
    ~ queue.Help  WQ…
        friendly_name  Support → Aid
    ~ queue.Sales  WQ…
        target_workers  team == 'red' → 1==1
        task_order      FIFO → LIFO
    ~ worker.alice  WK…
        attributes.team  red → green
    ");
}

#[test]
fn attributes_of_workers_that_the_plan_does_not_write_are_not_in_the_file() {
    let text = Scene::new().saved.seal();
    assert!(
        text.contains("\"crimson\"") && text.contains("\"red\""),
        "alice's are shown by the plan"
    );
    assert!(!text.contains("private"), "bob's are not");
    assert!(!text.contains(flexctl::emulator::AUTH_TOKEN));
}

#[test]
fn a_queue_that_somebody_uses_by_now_is_not_deleted() {
    let scene = Scene::new();
    let old = scene.world.sid("TaskQueues", "Old");
    let aside = format!("Workflows/{}", scene.world.sid("Workflows", "Aside"));
    let configuration = json!({"task_routing": {"filters": [], "default_filter": {"queue": old}}});
    scene.world.post(&aside, &[("Configuration", &configuration.to_string())]);
    assert_eq!(
        scene.lines(),
        ["queue.Old workflow.Aside still uses queue.Old; TaskRouter will refuse to delete it"]
    );
}

#[test]
fn a_plan_that_is_too_much_for_what_is_left_is_refused() {
    let head = "version: 1\nworkspace: { friendly_name: Flex Task Assignment }\n";
    let queues = |from: usize, word: &str| -> String {
        (from..20).map(|n| format!("  Q{n}: {{ target_workers: \"n {word} {n}\" }}\n")).collect()
    };
    let world = World::of(&format!("{head}queues:\n{}", queues(0, "==")));
    let options = Options::default();
    let desired = desired(&format!("{head}queues:\n{}", queues(15, ">")));
    let live = world.read(&desired);
    let plan = plan::diff(&desired, &live, &options);
    assert_eq!(plan.refusals, [], "5 of 21");
    let ground = Ground::of(&plan, &live);
    let saved = SavedPlan::new(plan, ground, Meaning::of(&desired, "salt"));
    for n in 0..10 {
        let path = format!("TaskQueues/{}", world.sid("TaskQueues", &format!("Q{n}")));
        assert_eq!(world.ask("DELETE", &path, &[]).0, 204);
    }
    let standing = world.standing(&saved, &desired, &options);
    assert_eq!(standing.moved, [], "it touches none of those that are gone");
    let told: Vec<&str> = standing.refusals.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(told, ["the plan would update 5 of 11 live queues (46%); the limit is 30%"]);
}
