//! What a workflow's configuration must be.

use super::{Api, straight_to};
use flexctl::emulator::{Options, RepeatedNames};
use serde_json::{Value, json};

fn everyone(api: &Api) -> String {
    api.sid_of("TaskQueues", "friendly_name", "Everyone")
}

#[test]
fn a_configuration_comes_back_as_it_was_sent() {
    let api = Api::new();
    let configuration = straight_to(&everyone(&api)).replace(':', " :  ").replace('{', "{\n");
    let form = [("FriendlyName", "Main"), ("Configuration", &configuration)];
    let made = api.post(&api.at("Workflows"), &form);
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.body["configuration"], configuration);
    assert_eq!(made.body["task_reservation_timeout"], 120);
    assert!(made.body["document_content_type"].is_null());
    let list = api.get(&api.at("Workflows?FriendlyName=Main"));
    assert_eq!(list.column("configuration"), [configuration]);
}

#[test]
fn every_shape_that_is_seen_in_the_wild_is_taken() {
    let api = Api::new();
    let queue = everyone(&api);
    for routing in [
        json!({ "default_filter": { "queue": queue } }),
        json!({ "filters": null }),
        json!({ "filters": [{
            "filter_friendly_name": "A",
            "expression": "a == 'b' OR c IN ['d']",
            "targets": [
                { "queue": queue, "priority": "10", "timeout": "300", "unknown": 1 },
                {},
                {
                    "expression": "worker.sid NOT IN task.workerSidsInConversation",
                    "skip_if": "workers.available == 0",
                    "order_by": "worker.levels.en DESC",
                    "known_worker_sid": "task.agent"
                },
            ],
        }] }),
    ] {
        let configuration = json!({ "task_routing": routing }).to_string();
        let form = [("FriendlyName", "Main"), ("Configuration", &configuration)];
        let reply = api.post(&api.at("Workflows"), &form);
        assert_eq!(reply.status, 201, "{configuration}: {}", reply.body);
    }
}

#[test]
fn a_configuration_that_cannot_work_is_refused_with_the_place() {
    let api = Api::new();
    let queue = everyone(&api);
    let filter = |filter: Value| json!({ "task_routing": { "filters": [filter] } }).to_string();
    let target = |target: Value| filter(json!({ "expression": "1==1", "targets": [target] }));
    let first = "filters[0].targets[0]";
    for (configuration, place) in [
        ("{".to_owned(), "not valid JSON"),
        ("[]".to_owned(), "task_routing"),
        ("{}".to_owned(), "task_routing"),
        (straight_to("WQ00000000000000000000000000000000"), "default_filter.queue"),
        (r#"{"task_routing":{"default_filter":{}}}"#.to_owned(), "default_filter"),
        (filter(json!("x")), "filters[0]"),
        (filter(json!({ "targets": [{ "queue": queue }] })), "filters[0]"),
        (filter(json!({ "expression": "1==1" })), "filters[0]"),
        (filter(json!({ "expression": "1==1", "targets": [] })), "filters[0]"),
        (
            filter(json!({ "expression": "a ==", "targets": [{ "queue": queue }] })),
            "filters[0].expression",
        ),
        (target(json!({})), first),
        (target(json!({ "queue": "Everyone" })), first),
        (target(json!({ "queue": queue, "timeout": 0 })), first),
        (target(json!({ "queue": queue, "timeout": "soon" })), first),
        (target(json!({ "queue": queue, "priority": -1 })), first),
        (target(json!({ "queue": queue, "expression": "&&" })), first),
        (target(json!({ "queue": queue, "order_by": 1 })), first),
        (
            target(json!({
                "queue": queue,
                "known_worker_sid": "task.a",
                "known_worker_friendly_name": "task.b",
            })),
            first,
        ),
    ] {
        let form = [("FriendlyName", "Main"), ("Configuration", configuration.as_str())];
        let reply = api.post(&api.at("Workflows"), &form);
        assert_eq!(reply.refusal(), (400, 20001), "{configuration}");
        assert!(reply.message().contains(place), "{configuration}: {}", reply.message());
    }
    assert_eq!(api.get(&api.at("Workflows")).column("sid").len(), 1);
}

#[test]
fn a_configuration_has_a_largest_size() {
    let api = Api::new();
    let small = straight_to(&everyone(&api));
    let padded = |length: usize| format!("{small}{}", " ".repeat(length - small.len()));
    let post = |configuration: &str| {
        api.post(
            &api.at("Workflows"),
            &[("FriendlyName", "Main"), ("Configuration", configuration)],
        )
    };
    assert_eq!(post(&padded(1_038_576)).status, 201);
    assert_eq!(post(&padded(1_038_577)).refusal(), (400, 20001));
}

#[test]
fn a_workflow_is_updated_in_place() {
    let api = Api::new();
    let sid = api.sid_of("Workflows", "friendly_name", "Assign to Anyone");
    let path = api.at(&format!("Workflows/{sid}"));
    let before = api.get(&path).body;
    let reply = api.post(
        &path,
        &[
            ("AssignmentCallbackUrl", "https://example.com/assign"),
            ("TaskReservationTimeout", "30"),
            ("ReEvaluateTasks", "true"),
        ],
    );
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body["assignment_callback_url"], "https://example.com/assign");
    assert_eq!(reply.body["task_reservation_timeout"], 30);
    assert_eq!(reply.body["configuration"], before["configuration"]);
    let cleared = api.post(&path, &[("AssignmentCallbackUrl", "")]);
    assert!(cleared.body["assignment_callback_url"].is_null());
    for seconds in ["0", "86401"] {
        let reply = api.post(&path, &[("TaskReservationTimeout", seconds)]);
        assert_eq!(reply.refusal(), (400, 20001));
    }
    assert_eq!(api.delete(&path).status, 204);
}

#[test]
fn two_workflows_may_share_a_name_unless_that_is_forbidden() {
    for (repeated_names, status) in [(RepeatedNames::Allowed, 201), (RepeatedNames::Refused, 400)] {
        let api = Api::with(Options { repeated_names, ..Options::deterministic() });
        let configuration = straight_to(&everyone(&api));
        let form = [("FriendlyName", "Assign to Anyone"), ("Configuration", &configuration)];
        assert_eq!(api.post(&api.at("Workflows"), &form).status, status);
    }
}
