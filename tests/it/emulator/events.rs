//! What is noted down of writes, and who made them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use flexctl::emulator::{
    API_KEY_SECRET, API_KEY_SID, Clock, Edit, Emulator, Fault, Faults, Options, SOMEBODY_SID,
};
use jiff::Timestamp;

use super::{Api, basic, straight_to};

fn types(api: &Api, query: &str) -> Vec<String> {
    api.get(&api.at(&format!("Events?{query}"))).column("event_type")
}

#[test]
fn each_write_has_its_event_with_the_date_of_the_write() {
    let api = Api::new();
    assert!(types(&api, "").is_empty());
    let queue = api.queue("Sales");
    let one = api.at(&format!("TaskQueues/{}", queue.sid()));
    let changed = api.post(&one, &[("TargetWorkers", "1==0")]);
    // There is no event for anything else of a queue.
    api.post(&one, &[("FriendlyName", "Sales EMEA"), ("TaskOrder", "LIFO")]);
    api.delete(&one);
    let events = api.get(&api.at(&format!("Events?TaskQueueSid={}", queue.sid())));
    assert_eq!(
        events.column("event_type"),
        ["task-queue.created", "task-queue.expression.updated", "task-queue.deleted"]
    );
    assert_eq!(events.column("resource_sid"), [queue.sid(), queue.sid(), queue.sid()]);
    assert_eq!(events.column("event_date")[0], queue.text("date_created"));
    assert_eq!(events.column("event_date")[1], changed.text("date_updated"));
    let first = &events.body["events"][0];
    assert_eq!(first["event_data"]["task_queue_name"], "Sales");
    assert_eq!(first["actor_type"], "account");
    let own = api.get(&api.at(&format!("Events/{}", first["sid"].as_str().unwrap())));
    assert_eq!(own.body, *first);
    assert_eq!(api.get(&api.at(&format!("Events?Sid={}", own.sid()))).column("sid"), [own.sid()]);
}

#[test]
fn a_refused_write_has_no_event() {
    let api = Api::new();
    api.queue("Sales");
    assert_eq!(api.post(&api.at("TaskQueues"), &[("FriendlyName", "Sales")]).status, 400);
    assert_eq!(types(&api, ""), ["task-queue.created"]);
}

#[test]
fn every_kind_tells_its_own() {
    let api = Api::new();
    let queue = api.queue("Sales").sid();
    let form = [("FriendlyName", "Main"), ("Configuration", &straight_to(&queue))];
    let workflow = api.post(&api.at("Workflows"), &form).sid();
    api.post(&api.at(&format!("Workflows/{workflow}")), &[("TaskReservationTimeout", "9")]);
    api.delete(&api.at(&format!("Workflows/{workflow}")));
    assert_eq!(
        types(&api, &format!("WorkflowSid={workflow}")),
        ["workflow.created", "workflow.updated", "workflow.deleted"]
    );
    let worker = api.worker("ana", "{}").sid();
    let one = api.at(&format!("Workers/{worker}"));
    let available = api.activity("Available");
    api.post(&one, &[("ActivitySid", &available), ("Attributes", r#"{"a":1}"#)]);
    api.post(&one, &[("FriendlyName", "bea")]);
    api.post(&format!("{one}/Channels/chat"), &[("Capacity", "3")]);
    api.post(&format!("{one}/Channels/chat"), &[("Available", "false")]);
    assert_eq!(
        types(&api, &format!("WorkerSid={worker}")),
        [
            "worker.created",
            "worker.activity.update",
            "worker.attributes.update",
            "worker.capacity.update",
            "worker.channel.availability.update"
        ]
    );
    assert_eq!(types(&api, "TaskChannel=chat").len(), 2);
    api.post(api.at("").trim_end_matches('/'), &[("FriendlyName", "W")]);
    let activity = api.post(&api.at("Activities"), &[("FriendlyName", "Lunch")]).sid();
    api.delete(&api.at(&format!("Activities/{activity}")));
    api.post(&api.at("TaskChannels"), &[("FriendlyName", "F"), ("UniqueName", "fax")]);
    for event_type in
        ["workspace.updated", "activity.created", "activity.deleted", "task-channel.created"]
    {
        assert_eq!(types(&api, &format!("EventType={event_type}")), [event_type]);
    }
}

#[test]
fn an_event_names_whoever_did_it() {
    let api = Api::new();
    let form = [("FriendlyName", "Sales")];
    let mut request = Api::request("POST", &api.at("TaskQueues"), &form);
    let key = basic(API_KEY_SID, API_KEY_SECRET);
    request.headers_mut().insert("authorization", key.parse().unwrap());
    api.raw(request);
    let edit = Edit {
        method: "POST".to_owned(),
        path: api.at("TaskQueues"),
        form: "FriendlyName=Service".to_owned(),
    };
    api.emulator.let_fail(Faults::none().at(0, Fault::Foreign(edit)));
    api.emulator.meet(Api::request("GET", &api.at("TaskQueues"), &[]));
    let events = api.get(&api.at("Events"));
    assert_eq!(events.column("actor_sid"), [API_KEY_SID, SOMEBODY_SID]);
    assert_eq!(events.column("actor_type"), ["api_key", "user"]);
    assert_eq!(events.column("source"), ["api", "console"]);
}

/// An account whose clock stands where it is put, in seconds.
fn clocked() -> (Api, Arc<AtomicI64>) {
    let now = Arc::new(AtomicI64::new(1_000_000_000));
    let hand = Arc::clone(&now);
    let clock =
        Clock::new(move || Timestamp::from_second(hand.load(Ordering::Relaxed)).expect("a date"));
    (Api::with(Options { clock, ..Options::deterministic() }), now)
}

#[test]
fn a_list_looks_back_15_minutes_unless_it_says_how_far() {
    let (api, now) = clocked();
    api.queue("Sales");
    now.fetch_add(16 * 60, Ordering::Relaxed);
    api.queue("Service");
    assert_eq!(types(&api, "").len(), 1);
    assert_eq!(types(&api, "Minutes=16").len(), 2);
    assert_eq!(types(&api, "StartDate=2001-09-09T01:46:40Z").len(), 2);
    assert_eq!(types(&api, "StartDate=2001-09-09T01:46:41Z").len(), 1);
    assert_eq!(types(&api, "StartDate=2001-09-09").len(), 2);
    assert_eq!(types(&api, "EndDate=2001-09-09T01:46:40Z").len(), 1);
    assert_eq!(api.get(&api.at("Events?StartDate=soon")).refusal(), (400, 20001));
}

#[test]
fn events_are_kept_for_30_days() {
    let (api, now) = clocked();
    api.queue("Sales");
    now.fetch_add(30 * 24 * 3600 + 1, Ordering::Relaxed);
    assert!(types(&api, "Minutes=100000").is_empty());
    api.queue("Service");
    assert_eq!(types(&api, "Minutes=100000").len(), 1);
    let first = api.get(&api.at("Events?Minutes=100000")).body["events"][0].clone();
    assert_eq!(first["event_data"]["task_queue_name"], "Service");
}

#[test]
fn events_are_in_the_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emulator.redb");
    let open = || Api::around(Emulator::open(&path, Options::default()).unwrap());
    let api = open();
    api.queue("Sales");
    let before = api.get(&api.at("Events")).body;
    drop(api);
    let api = open();
    assert_eq!(api.get(&api.at("Events")).body["events"], before["events"]);
    api.queue("Service");
    assert_eq!(types(&api, "").len(), 2);
}
