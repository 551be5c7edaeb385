//! Workspaces, activities, channels, queues.

use flexctl::emulator::{Clock, Options, RepeatedNames, Seed};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::{Api, straight_to};

#[test]
fn a_new_account_holds_a_flex_workspace() {
    let api = Api::new();
    let list = api.get("/v1/Workspaces");
    assert_eq!(list.column("friendly_name"), ["Flex Task Assignment"]);
    let workspace = &list.body["workspaces"][0];
    assert_eq!(workspace["default_activity_name"], "Offline");
    assert_eq!(workspace["timeout_activity_name"], "Offline");
    assert_eq!(workspace["multi_task_enabled"], true);
    assert_eq!(workspace["event_callback_url"], "");
    assert!(workspace["events_filter"].is_null());

    let names = |kind: &str, field: &str| api.get(&api.at(kind)).column(field);
    let activities = ["Available", "Unavailable", "Break", "Offline"];
    assert_eq!(names("Activities", "friendly_name"), activities);
    let channels = ["default", "voice", "chat", "sms", "video", "email"];
    assert_eq!(names("TaskChannels", "unique_name"), channels);
    assert_eq!(names("TaskQueues", "friendly_name"), ["Everyone"]);
    assert_eq!(names("Workflows", "friendly_name"), ["Assign to Anyone"]);
    assert!(names("Workers", "friendly_name").is_empty());
}

#[test]
fn the_demo_has_six_workers_and_the_bare_account_no_queue() {
    let api = Api::with(Options { seed: Seed::Demo, ..Options::deterministic() });
    let workers = api.get(&api.at("Workers"));
    assert_eq!(workers.column("sid").len(), 6);
    for attributes in workers.column("attributes") {
        let attributes: serde_json::Value = serde_json::from_str(&attributes).unwrap();
        assert!(attributes["contact_uri"].as_str().unwrap().starts_with("client:"));
        assert!(attributes["routing"]["skills"].is_array());
        assert!(attributes["routing"]["levels"].is_object());
    }
    let api = Api::with(Options { seed: Seed::Bare, ..Options::deterministic() });
    assert!(api.get(&api.at("TaskQueues")).column("sid").is_empty());
    assert!(api.get(&api.at("Workflows")).column("sid").is_empty());
}

#[test]
fn the_same_seed_gives_the_same_sids_and_no_sid_twice() {
    let sids = |api: &Api| api.get(&api.at("TaskChannels")).column("sid");
    assert_eq!(sids(&Api::new()), sids(&Api::new()));
    let other = Api::with(Options { sid_seed: Some(2), ..Options::deterministic() });
    assert_ne!(sids(&Api::new()), sids(&other));
    let api = Api::new();
    let first = api.queue("A").sid();
    api.delete(&api.at(&format!("TaskQueues/{first}")));
    assert_ne!(api.queue("A").sid(), first);
}

#[test]
fn a_workspace_made_by_template_has_the_templates_contents() {
    let api = Api::new();
    let plain = api.post("/v1/Workspaces", &[("FriendlyName", "Plain")]);
    assert_eq!(plain.status, 201);
    let own = |kind: &str, field: &str| {
        api.get(&format!("/v1/Workspaces/{}/{kind}", plain.sid())).column(field)
    };
    assert_eq!(own("Activities", "friendly_name"), ["Offline", "Available", "Unavailable"]);
    let channels = ["default", "voice", "chat", "sms", "video"];
    assert_eq!(own("TaskChannels", "unique_name"), channels);
    assert!(own("TaskQueues", "sid").is_empty());
    assert_eq!(plain.body["default_activity_name"], "Offline");

    let fifo = api.post("/v1/Workspaces", &[("FriendlyName", "Fifo"), ("Template", "FIFO")]);
    let own = |kind: &str| {
        api.get(&format!("/v1/Workspaces/{}/{kind}", fifo.sid())).column("friendly_name")
    };
    assert_eq!(own("TaskQueues"), ["Sample Queue"]);
    assert_eq!(own("Workflows"), ["Default Fifo Workflow"]);
    let wrong = api.post("/v1/Workspaces", &[("FriendlyName", "X"), ("Template", "LIFO")]);
    assert_eq!(wrong.refusal(), (400, 20001));
}

#[test]
fn what_lived_in_a_deleted_workspace_is_gone() {
    let api = Api::new();
    let sid = api.post("/v1/Workspaces", &[("FriendlyName", "Plain")]).sid();
    let path = format!("/v1/Workspaces/{sid}");
    assert_eq!(api.delete(&path).status, 204);
    assert_eq!(api.get(&path).refusal(), (404, 20404));
    assert_eq!(api.get(&format!("{path}/Activities")).refusal(), (404, 20404));
    let reply = api.post(&format!("{path}/TaskQueues"), &[("FriendlyName", "A")]);
    assert_eq!(reply.refusal(), (404, 20404));
}

#[test]
fn flexs_own_workspace_stays() {
    let api = Api::new();
    let path = api.at("");
    assert_eq!(api.delete(path.trim_end_matches('/')).refusal(), (400, 20001));
}

#[test]
fn an_update_changes_only_what_it_names() {
    let api = Api::new();
    let path = api.at("").trim_end_matches('/').to_owned();
    let before = api.get(&path).body;
    let form = [("EventsFilter", "task.created"), ("PrioritizeQueueOrder", "LIFO")];
    let after = api.post(&path, &form);
    assert_eq!(after.status, 200);
    assert_eq!(after.body["events_filter"], "task.created");
    assert_eq!(after.body["prioritize_queue_order"], "LIFO");
    assert_eq!(after.body["friendly_name"], before["friendly_name"]);
    assert!(api.post(&path, &[("EventsFilter", "")]).body["events_filter"].is_null());
    assert_eq!(api.post(&path, &[("MultiTaskEnabled", "false")]).refusal(), (400, 20001));
    let reply = api.post(&path, &[("PrioritizeQueueOrder", "SOON")]);
    assert_eq!(reply.refusal(), (400, 20001));
}

#[test]
fn the_workspaces_activities_are_its_own() {
    let api = Api::new();
    let path = api.at("").trim_end_matches('/').to_owned();
    let lunch = api.activity("Break");
    let reply = api.post(&path, &[("TimeoutActivitySid", &lunch)]);
    assert_eq!(reply.body["timeout_activity_name"], "Break");
    assert_eq!(reply.body["default_activity_name"], "Offline");
    let unknown = "WA00000000000000000000000000000000";
    assert_eq!(api.post(&path, &[("DefaultActivitySid", unknown)]).refusal(), (400, 20001));
    assert_eq!(api.post(&path, &[("DefaultActivitySid", "Break")]).refusal(), (400, 20001));
}

#[test]
fn available_is_true_by_the_vendors_rule_and_never_changes() {
    let api = Api::new();
    for (value, expected) in
        [("true", true), ("1", true), ("yes", true), ("on", false), ("", false)]
    {
        let form = [("FriendlyName", "A"), ("Available", value)];
        let reply = api.post(&api.at("Activities"), &form);
        assert_eq!(reply.body["available"], expected, "{value:?}");
    }
    let activity = api.post(&api.at("Activities"), &[("FriendlyName", "Lunch")]);
    assert_eq!(activity.body["available"], false);
    let path = api.at(&format!("Activities/{}", activity.sid()));
    let reply = api.post(&path, &[("Available", "true"), ("FriendlyName", "Brunch")]);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body["available"], false);
    assert_eq!(reply.body["friendly_name"], "Brunch");
}

#[test]
fn an_activity_in_use_is_not_deleted() {
    let api = Api::new();
    let delete = |sid: &str| api.delete(&api.at(&format!("Activities/{sid}")));
    let offline = api.activity("Offline");
    assert_eq!(delete(&offline).refusal(), (400, 20001));
    assert!(delete(&offline).message().contains("default Activity"));

    let busy = api.post(&api.at("Activities"), &[("FriendlyName", "Busy")]).sid();
    let queue =
        api.post(&api.at("TaskQueues"), &[("FriendlyName", "A"), ("AssignmentActivitySid", &busy)]);
    assert!(delete(&busy).message().contains(&queue.sid()));
    let path = api.at(&format!("TaskQueues/{}", queue.sid()));
    let cleared = api.post(&path, &[("AssignmentActivitySid", "")]);
    assert!(cleared.body["assignment_activity_sid"].is_null());

    let worker = api.worker("ana", "{}").sid();
    let path = api.at(&format!("Workers/{worker}"));
    api.post(&path, &[("ActivitySid", &busy)]);
    assert!(delete(&busy).message().contains(&worker));
    api.post(&path, &[("ActivitySid", &offline)]);
    assert_eq!(delete(&busy).status, 204);
}

#[test]
fn a_workspace_holds_a_hundred_activities_and_fifteen_channels() {
    let api = Api::new();
    for number in 0..96 {
        let reply = api.post(&api.at("Activities"), &[("FriendlyName", &format!("A{number}"))]);
        assert_eq!(reply.status, 201);
    }
    let reply = api.post(&api.at("Activities"), &[("FriendlyName", "one more")]);
    assert_eq!(reply.refusal(), (400, 20001));
    let channel = |name: &str| {
        api.post(&api.at("TaskChannels"), &[("FriendlyName", name), ("UniqueName", name)])
    };
    for number in 0..9 {
        assert_eq!(channel(&format!("c{number}")).status, 201);
    }
    assert_eq!(channel("one").refusal(), (400, 20001));
}

#[test]
fn names_have_one_to_sixty_four_characters() {
    let api = Api::new();
    let name = |name: &str| api.post(&api.at("TaskQueues"), &[("FriendlyName", name)]);
    assert_eq!(name("").refusal(), (400, 20002));
    assert_eq!(name(&"ü".repeat(64)).status, 201);
    assert_eq!(name(&"ü".repeat(65)).refusal(), (400, 20002));
}

#[test]
fn a_queues_name_is_its_own() {
    let api = Api::new();
    let first = api.queue("Sales");
    let again = api.post(&api.at("TaskQueues"), &[("FriendlyName", "Sales")]);
    assert_eq!(again.refusal(), (400, 20001));
    assert_eq!(again.message(), "TaskQueue with the same friendly name already exists");
    api.queue("sales");
    let path = api.at(&format!("TaskQueues/{}", first.sid()));
    assert_eq!(api.post(&path, &[("FriendlyName", "Sales")]).status, 200, "its own name");
    assert_eq!(api.post(&path, &[("FriendlyName", "Everyone")]).refusal(), (400, 20001));
    assert_eq!(api.post(&path, &[("FriendlyName", "Selling")]).body["sid"], first.body["sid"]);
    api.queue("Sales");
}

#[test]
fn activities_may_share_a_name_unless_that_is_forbidden() {
    let api = Api::new();
    let lunch = |api: &Api| api.post(&api.at("Activities"), &[("FriendlyName", "Lunch")]);
    assert_eq!((lunch(&api).status, lunch(&api).status), (201, 201));
    let repeated_names = RepeatedNames::Refused;
    let api = Api::with(Options { repeated_names, ..Options::deterministic() });
    assert_eq!((lunch(&api).status, lunch(&api).status), (201, 400));
}

#[test]
fn a_channel_is_addressed_by_sid_or_unique_name() {
    let api = Api::new();
    let form = [("FriendlyName", "Pulled Chat"), ("UniqueName", "pulled-chat")];
    let made = api.post(&api.at("TaskChannels"), &form);
    assert_eq!(made.status, 201);
    assert_eq!(made.body["channel_optimized_routing"], false);
    let again = api.post(&api.at("TaskChannels"), &form);
    assert_eq!(again.message(), "TaskChannel with the same unique name already exists");
    let path = api.at("TaskChannels/pulled-chat");
    assert_eq!(api.get(&path).body, made.body);
    let form = [("ChannelOptimizedRouting", "true"), ("UniqueName", "other")];
    let changed = api.post(&path, &form);
    assert_eq!(changed.body["channel_optimized_routing"], true);
    assert_eq!(changed.body["unique_name"], "pulled-chat", "cannot be changed");
    assert_eq!(api.delete(&path).status, 204);
    assert_eq!(api.get(&path).refusal(), (404, 20404));
    for name in ["two words", "2nd", "", "a/b", "café"] {
        let form = [("FriendlyName", "X"), ("UniqueName", name)];
        assert_eq!(api.post(&api.at("TaskChannels"), &form).refusal(), (400, 20001), "{name}");
    }
}

#[test]
fn the_voice_channel_stays() {
    let api = Api::new();
    assert_eq!(api.delete(&api.at("TaskChannels/voice")).refusal(), (400, 20001));
    assert_eq!(api.delete(&api.at("TaskChannels/video")).status, 204);
}

#[test]
fn a_queue_has_the_vendors_defaults_and_ranges() {
    let api = Api::new();
    let queue = api.queue("A");
    assert_eq!(queue.body["target_workers"], "1==1");
    assert_eq!(queue.body["max_reserved_workers"], 1);
    assert_eq!(queue.body["task_order"], "FIFO");
    let path = api.at(&format!("TaskQueues/{}", queue.sid()));
    assert!(api.post(&path, &[("TargetWorkers", "")]).body["target_workers"].is_null());
    for (name, value) in [
        ("MaxReservedWorkers", "0"),
        ("MaxReservedWorkers", "51"),
        ("MaxReservedWorkers", ""),
        ("MaxReservedWorkers", "2.5"),
        ("TaskOrder", "LILO"),
        ("ReservationActivitySid", "WA00000000000000000000000000000000"),
    ] {
        assert_eq!(api.post(&path, &[(name, value)]).refusal(), (400, 20001), "{name} {value}");
    }
    assert_eq!(api.get(&path).body["max_reserved_workers"], 1, "a refusal changes nothing");
    assert_eq!(api.post(&path, &[("MaxReservedWorkers", "50")]).body["max_reserved_workers"], 50);
}

#[test]
fn a_targets_syntax_error_is_told_in_the_parsers_words() {
    let api = Api::new();
    let form = [("FriendlyName", "A"), ("TargetWorkers", "skill-level > 3")];
    let reply = api.post(&api.at("TaskQueues"), &form);
    assert_eq!(reply.refusal(), (400, 20001));
    assert!(reply.message().contains("expecting OPERATOR"), "{}", reply.message());
    let form = [("FriendlyName", "A"), ("TargetWorkers", "level HAS \"support\"")];
    assert_eq!(api.post(&api.at("TaskQueues"), &form).status, 201, "only syntax is checked");
}

#[test]
fn a_queue_that_a_workflow_uses_is_not_deleted() {
    let api = Api::new();
    let queue = api.queue("Sales").sid();
    let form = [("FriendlyName", "Main"), ("Configuration", &straight_to(&queue))];
    let workflow = api.post(&api.at("Workflows"), &form);
    let path = api.at(&format!("TaskQueues/{queue}"));
    let reply = api.delete(&path);
    assert_eq!(reply.refusal(), (400, 20001));
    for part in [&queue, "Sales", &workflow.sid(), "Main"] {
        assert!(reply.message().contains(part), "{}", reply.message());
    }
    let everyone = api.sid_of("TaskQueues", "friendly_name", "Everyone");
    let elsewhere = straight_to(&everyone);
    let workflow = api.at(&format!("Workflows/{}", workflow.sid()));
    assert_eq!(api.post(&workflow, &[("Configuration", &elsewhere)]).status, 200);
    assert_eq!(api.delete(&path).status, 204);
    assert_eq!(api.delete(&path).refusal(), (404, 20404));
}

#[test]
fn queues_are_found_by_name_by_attributes_and_by_worker() {
    let api = Api::new();
    for (name, target) in [("Sales", "team == 'sales'"), ("Support", "team == 'support'")] {
        api.post(&api.at("TaskQueues"), &[("FriendlyName", name), ("TargetWorkers", target)]);
    }
    let worker = api.worker("ana", r#"{"team":"support"}"#).sid();
    let names =
        |query: &str| api.get(&api.at(&format!("TaskQueues?{query}"))).column("friendly_name");
    assert_eq!(names("FriendlyName=Sales"), ["Sales"]);
    assert!(names("FriendlyName=sales").is_empty());
    let attributes = "EvaluateWorkerAttributes=%7B%22team%22%3A%22sales%22%7D";
    assert_eq!(names(attributes), ["Everyone", "Sales"]);
    assert_eq!(names(&format!("WorkerSid={worker}")), ["Everyone", "Support"]);
    let reply = api.get(&api.at("TaskQueues?EvaluateWorkerAttributes=team"));
    assert_eq!(reply.refusal(), (400, 20001));
}

#[test]
fn dates_are_of_the_last_write_and_stay_between_reads() {
    let now = Arc::new(AtomicI64::new(1_600_000_000));
    let told = Arc::clone(&now);
    let clock =
        Clock::new(move || jiff::Timestamp::from_second(told.load(Ordering::Relaxed)).unwrap());
    let api = Api::with(Options { clock, ..Options::deterministic() });
    let queue = api.queue("A");
    assert_eq!(queue.body["date_created"], "2020-09-13T12:26:40Z");
    now.fetch_add(100, Ordering::Relaxed);
    let path = api.at(&format!("TaskQueues/{}", queue.sid()));
    assert_eq!(api.get(&path).body, queue.body);
    let changed = api.post(&path, &[("TaskOrder", "LIFO")]);
    assert_eq!(changed.body["date_created"], "2020-09-13T12:26:40Z");
    assert_eq!(changed.body["date_updated"], "2020-09-13T12:28:20Z");
}
