//! Tasks: where they go, who is offered them, what becomes of them as time passes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use flexctl::emulator::{Clock, Emulator, Options};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Api, Reply, straight_to};

/// A call center whose clock stands still until it is put forward: the queues Sales (for workers
/// with `skill: sales`) and Rest (for all), and a workflow.
struct Center {
    api: Api,
    sales: String,
    rest: String,
    workflow: String,
}

impl Center {
    /// `filters` are given the sids of Sales and Rest.
    fn new(filters: impl Fn(&str, &str) -> Value) -> Self {
        let start = Timestamp::from_second(1_700_000_000).unwrap();
        let options = Options { clock: Clock::fixed(start), ..Options::deterministic() };
        Self::in_api(Api::with(options), filters)
    }

    fn in_api(api: Api, filters: impl Fn(&str, &str) -> Value) -> Self {
        let queue = |name: &str, target: &str| {
            let form = [("FriendlyName", name), ("TargetWorkers", target)];
            api.post(&api.at("TaskQueues"), &form).sid()
        };
        let sales = queue("Sales", "skill == 'sales'");
        let rest = queue("Rest", "1==1");
        let configuration = json!({ "task_routing": filters(&sales, &rest) }).to_string();
        let form = [("FriendlyName", "Main"), ("Configuration", configuration.as_str())];
        let workflow = api.post(&api.at("Workflows"), &form).sid();
        Self { api, sales, rest, workflow }
    }

    /// Everything goes to Sales, and after a minute to Rest.
    fn simple() -> Self {
        Self::new(|sales, rest| {
            json!({ "filters": [{ "filter_friendly_name": "all", "expression": "1==1", "targets": [
                { "queue": sales, "timeout": 60, "priority": 7 }, { "queue": rest, "timeout": 30 },
            ] }] })
        })
    }

    fn pass(&self, seconds: u64) {
        self.api.emulator.pass(Duration::from_secs(seconds));
    }

    fn task(&self, attributes: &str) -> String {
        self.task_with(&[("Attributes", attributes)])
    }

    fn task_with(&self, form: &[(&str, &str)]) -> String {
        let mut form = form.to_vec();
        form.push(("WorkflowSid", &self.workflow));
        let reply = self.api.post(&self.api.at("Tasks"), &form);
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.sid()
    }

    fn at(&self, task: &str) -> String {
        self.api.at(&format!("Tasks/{task}"))
    }

    fn get(&self, task: &str) -> Reply {
        self.api.get(&self.at(task))
    }

    fn status(&self, task: &str) -> String {
        self.get(task).text("assignment_status")
    }

    /// A worker who is there.
    fn worker(&self, name: &str, attributes: &str) -> String {
        let worker = self.api.worker(name, attributes).sid();
        let available = self.api.activity("Available");
        let path = self.api.at(&format!("Workers/{worker}"));
        self.api.post(&path, &[("ActivitySid", &available)]);
        worker
    }

    /// The sids and statuses of a task's reservations.
    fn offers(&self, task: &str) -> Vec<(String, String)> {
        let list = self.api.get(&format!("{}/Reservations", self.at(task)));
        list.column("sid").into_iter().zip(list.column("reservation_status")).collect()
    }

    fn answer(&self, task: &str, offer: &str, status: &str) -> Reply {
        let path = format!("{}/Reservations/{offer}", self.at(task));
        self.api.post(&path, &[("ReservationStatus", status)])
    }

    fn events_of(&self, task: &str) -> Vec<String> {
        let path = self.api.at(&format!("Events?Minutes=43200&PageSize=1000&TaskSid={task}"));
        self.api.get(&path).column("event_type")
    }

    fn set_configuration(&self, routing: &Value, re_evaluate: &str) -> Reply {
        let configuration = json!({ "task_routing": routing }).to_string();
        let form = [("Configuration", &*configuration), ("ReEvaluateTasks", re_evaluate)];
        self.api.post(&self.api.at(&format!("Workflows/{}", self.workflow)), &form)
    }

    fn delete_queue(&self, sid: &str) -> Reply {
        self.api.delete(&self.api.at(&format!("TaskQueues/{sid}")))
    }
}

const SALES: &str = r#"{"skill":"sales"}"#;

#[test]
fn a_new_task_waits_where_its_workflow_sends_it() {
    let center = Center::simple();
    let task = center.get(&center.task(r#"{ "a" : 1 }"#));
    assert_eq!(task.text("assignment_status"), "pending");
    assert_eq!(task.text("task_queue_sid"), center.sales);
    assert_eq!(task.text("task_queue_friendly_name"), "Sales");
    assert_eq!(task.text("workflow_friendly_name"), "Main");
    assert_eq!(task.text("task_channel_unique_name"), "default");
    assert_eq!(task.text("attributes"), r#"{ "a" : 1 }"#);
    assert_eq!((&task.body["priority"], &task.body["timeout"]), (&json!(7), &json!(86_400)));
    assert_eq!(task.body["virtual_start_time"], task.body["date_created"]);
}

#[test]
fn a_workflow_need_not_be_named_where_there_is_one_only() {
    let api = Api::new();
    assert_eq!(api.post(&api.at("Tasks"), &[]).status, 201);
    let everyone = api.sid_of("TaskQueues", "friendly_name", "Everyone");
    let form = [("FriendlyName", "Other"), ("Configuration", &*straight_to(&everyone))];
    api.post(&api.at("Workflows"), &form);
    let reply = api.post(&api.at("Tasks"), &[]);
    assert_eq!(reply.refusal(), (400, 20001));
    assert_eq!(reply.message(), "WorkflowSid field is required");
}

#[test]
fn what_a_task_cannot_be_is_refused() {
    let center = Center::simple();
    let nobody = "WW00000000000000000000000000000000";
    for wrong in [
        ("Attributes", "[]"),
        ("Attributes", "{"),
        ("Timeout", "0"),
        ("Timeout", "1209601"),
        ("Priority", "-1"),
        ("TaskChannel", "fax"),
        ("WorkflowSid", nobody),
        ("VirtualStartTime", "2100-01-01T00:00:00Z"),
        ("VirtualStartTime", "1899-12-31T00:00:00Z"),
        ("RoutingTarget", "Sales"),
    ] {
        let form = [("WorkflowSid", &*center.workflow), wrong];
        let reply = center.api.post(&center.api.at("Tasks"), &form);
        assert_eq!(reply.refusal(), (400, 20001), "{wrong:?}");
    }
}

#[test]
fn time_moves_a_task_along_and_out_of_its_workflow() {
    let center = Center::simple();
    let task = center.task("{}");
    center.pass(59);
    assert_eq!(center.get(&task).text("task_queue_friendly_name"), "Sales");
    assert_eq!(center.get(&task).body["age"], 59);
    center.pass(1);
    let moved = center.get(&task);
    assert_eq!(moved.text("task_queue_friendly_name"), "Rest");
    assert_eq!(moved.body["priority"], 7);
    // Nobody has asked for a while: what was due has happened when it was due.
    center.pass(300);
    let ended = center.get(&task);
    assert_eq!(ended.text("assignment_status"), "canceled");
    assert_eq!(ended.text("reason"), "Task canceled on Workflow timeout");
    assert_eq!(ended.text("date_updated"), "2023-11-14T22:14:50Z");
    let events = center.events_of(&task);
    assert_eq!(
        events,
        [
            "workflow.entered",
            "task-queue.entered",
            "workflow.target-matched",
            "task.created",
            "task-queue.timeout",
            "task-queue.moved",
            "workflow.target-matched",
            "task-queue.timeout",
            "workflow.timeout",
            "task.canceled",
        ]
    );
    center.pass(31);
    assert_eq!(center.get(&task).status, 404);
}

#[test]
fn a_tasks_own_time_ends_it() {
    let center = Center::new(|_, rest| json!({ "default_filter": { "queue": rest } }));
    let task = center.task_with(&[("Timeout", "40")]);
    center.pass(39);
    assert_eq!(center.status(&task), "pending");
    center.pass(1);
    assert_eq!(center.get(&task).text("reason"), "Task TTL Exceeded");
}

#[test]
fn a_task_that_no_filter_takes_is_canceled() {
    let center = Center::new(
        |sales, _| json!({ "filters": [{ "expression": "a == 1", "targets": [{ "queue": sales }] }] }),
    );
    assert_eq!(center.status(&center.task("{}")), "canceled");
    assert_eq!(center.status(&center.task(r#"{"a":1}"#)), "pending");
}

#[test]
fn a_worker_who_is_free_is_offered_the_task_accepts_and_completes_it() {
    let center = Center::simple();
    let task = center.task("{}");
    center.worker("bea", "{}");
    assert_eq!(center.status(&task), "pending");
    let ana = center.worker("ana", SALES);
    assert_eq!(center.status(&task), "reserved");
    let offers = center.offers(&task);
    assert_eq!(offers.len(), 1);
    let channel = |name: &str| {
        let path = center.api.at(&format!("Workers/{ana}/Channels/{name}"));
        let channel = center.api.get(&path).body;
        (channel["assigned_tasks"].clone(), channel["available_capacity_percentage"].clone())
    };
    assert_eq!(channel("default"), (json!(0), json!(0)));
    let (offer, _) = &offers[0];
    assert_eq!(center.answer(&task, offer, "accepted").text("reservation_status"), "accepted");
    assert_eq!(center.status(&task), "assigned");
    assert_eq!(channel("default"), (json!(1), json!(0)));
    assert_eq!(channel("chat"), (json!(0), json!(100)));
    // She has no room for another one.
    let other = center.task("{}");
    assert_eq!(center.status(&other), "pending");
    assert_eq!(center.answer(&task, offer, "wrapping").status, 200);
    assert_eq!(center.status(&task), "wrapping");
    assert_eq!(center.answer(&task, offer, "completed").status, 200);
    assert_eq!(center.status(&task), "completed");
    assert_eq!(center.status(&other), "reserved");
    assert_eq!(center.answer(&task, offer, "accepted").refusal(), (400, 20001));
    let done = center.events_of(&task);
    assert!(
        done.ends_with(
            &["reservation.wrapup", "task.wrapup", "reservation.completed", "task.completed"]
                .map(str::to_owned)
        ),
        "{done:?}"
    );
    let path = center.api.at(&format!("Workers/{ana}/Reservations?ReservationStatus=pending"));
    assert_eq!(center.api.get(&path).column("task_sid"), [other]);
}

#[test]
fn a_queue_that_asks_several_at_once_takes_the_first_who_accepts() {
    let center = Center::simple();
    let path = center.api.at(&format!("TaskQueues/{}", center.sales));
    center.api.post(&path, &[("MaxReservedWorkers", "2")]);
    for name in ["ana", "bea", "cleo"] {
        center.worker(name, SALES);
    }
    let task = center.task("{}");
    let offers = center.offers(&task);
    assert_eq!(offers.len(), 2);
    center.answer(&task, &offers[1].0, "accepted");
    let states: Vec<String> = center.offers(&task).into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, ["rescinded", "accepted"]);
}

#[test]
fn a_rejected_task_waits_again_and_the_worker_may_go() {
    let center = Center::simple();
    let ana = center.worker("ana", SALES);
    let task = center.task("{}");
    let (offer, _) = center.offers(&task).remove(0);
    let path = format!("{}/Reservations/{offer}", center.at(&task));
    let pause = center.api.activity("Break");
    let form = [("ReservationStatus", "rejected"), ("WorkerActivitySid", &*pause)];
    assert_eq!(center.api.post(&path, &form).text("reservation_status"), "rejected");
    assert_eq!(center.status(&task), "pending");
    let worker = center.api.get(&center.api.at(&format!("Workers/{ana}")));
    assert_eq!(worker.text("activity_name"), "Break");
    // Who comes back is asked again.
    let available = center.api.activity("Available");
    center.api.post(&center.api.at(&format!("Workers/{ana}")), &[("ActivitySid", &available)]);
    assert_eq!(center.status(&task), "reserved");
    let form = [("ActivitySid", &*pause), ("RejectPendingReservations", "true")];
    center.api.post(&center.api.at(&format!("Workers/{ana}")), &form);
    assert_eq!(center.status(&task), "pending");
}

#[test]
fn an_offer_that_nobody_answers_times_out_and_takes_the_worker_off() {
    let center = Center::simple();
    let ana = center.worker("ana", SALES);
    let task = center.task("{}");
    center.pass(119);
    assert_eq!(center.status(&task), "reserved");
    center.pass(1);
    // The target's time is over too, but only now that the offer has ended.
    let waits = center.get(&task);
    assert_eq!(waits.text("assignment_status"), "canceled");
    assert_eq!(center.offers(&task)[0].1, "timeout");
    let worker = center.api.get(&center.api.at(&format!("Workers/{ana}")));
    assert_eq!(worker.text("activity_name"), "Offline");
}

#[test]
fn a_client_ends_tasks_only_as_their_status_allows() {
    let center = Center::simple();
    let task = center.task("{}");
    let path = center.at(&task);
    let cancel = [("AssignmentStatus", "canceled"), ("Reason", "spam")];
    let complete = [("AssignmentStatus", "completed"), ("Reason", "done")];
    assert_eq!(center.api.post(&path, &complete).refusal(), (400, 20001));
    let no_reason = center.api.post(&path, &[("AssignmentStatus", "canceled")]);
    assert_eq!(no_reason.message(), "Missing required parameter Reason in the post body");
    let both = [("AssignmentStatus", "canceled"), ("Reason", "x"), ("Attributes", "{}")];
    assert_eq!(center.api.post(&path, &both).refusal(), (400, 20001));
    assert_eq!(center.api.post(&path, &cancel).text("reason"), "spam");
    let again = center.api.post(&path, &cancel);
    assert_eq!(again.refusal(), (400, 20001));
    assert!(again.message().ends_with("because it is not pending or reserved."));

    center.worker("ana", SALES);
    let task = center.task("{}");
    let (offer, _) = center.offers(&task).remove(0);
    center.answer(&task, &offer, "accepted");
    let path = center.at(&task);
    assert_eq!(center.api.post(&path, &cancel).refusal(), (400, 20001));
    assert_eq!(center.api.post(&path, &complete).text("assignment_status"), "completed");
    assert_eq!(center.offers(&task)[0].1, "completed");
    assert_eq!(center.api.delete(&path).status, 204);
    assert_eq!(center.api.get(&path).status, 404);
}

#[test]
fn an_update_keeps_to_the_revision_that_it_asks_for() {
    let center = Center::simple();
    let task = center.task("{}");
    let path = center.at(&task);
    let tag = center.api.get(&path).headers["etag"].clone();
    let update = |tag: &http::HeaderValue| {
        let mut request = Api::request("POST", &path, &[("Priority", "9")]);
        request.headers_mut().insert("if-match", tag.clone());
        center.api.raw(request)
    };
    assert_eq!(update(&tag).body["priority"], 9);
    assert_eq!(update(&tag).refusal(), (412, 20412));
}

#[test]
fn tasks_are_listed_by_what_is_asked_for() {
    let center = Center::simple();
    let first = center.task(r#"{"topic":"a"}"#);
    let second = center.task(r#"{"topic":"b"}"#);
    center.api.post(&center.at(&second), &[("Priority", "9")]);
    let third = center.task("{}");
    let cancel = [("AssignmentStatus", "canceled"), ("Reason", "x")];
    center.api.post(&center.at(&third), &cancel);
    let list = |query: &str| center.api.get(&center.api.at(&format!("Tasks?{query}")));
    let sids = |query: &str| list(query).column("sid");
    let sales = format!("TaskQueueSid={}&AssignmentStatus=pending", center.sales);
    assert_eq!(sids(&sales), [&*first, &*second]);
    assert_eq!(sids("AssignmentStatus=pending&AssignmentStatus=canceled").len(), 3);
    assert_eq!(sids("TaskQueueName=Rest").len(), 0);
    assert_eq!(sids("WorkflowName=Main&Priority=9"), [&*second]);
    assert_eq!(sids("EvaluateTaskAttributes=topic%20%3D%3D%20'a'"), [&*first]);
    assert_eq!(sids("Ordering=Priority:desc,DateCreated:desc"), [&*second, &*third, &*first]);
    assert_eq!(list("Ordering=Sid:asc").refusal(), (400, 20001));
    let page = list("Ordering=Priority:desc&PageSize=2");
    let next = page.body["meta"]["next_page_url"].as_str().unwrap();
    assert_eq!(center.api.get(next).column("sid"), [&*third]);
}

#[test]
fn a_task_keeps_the_configuration_that_it_entered_with() {
    let center = Center::simple();
    let task = center.task("{}");
    let straight = json!({ "default_filter": { "queue": center.rest } });
    assert_eq!(center.set_configuration(&straight, "false").status, 200);
    assert_eq!(center.get(&task).text("task_queue_friendly_name"), "Sales");
    let other = center.task("{}");
    assert_eq!(center.get(&other).text("task_queue_friendly_name"), "Rest");
    let refused = center.delete_queue(&center.sales);
    assert_eq!(refused.refusal(), (400, 20001));
    assert!(refused.message().contains("1 Tasks are still processing"), "{}", refused.message());
    // As soon as it is evaluated again, nobody needs the queue any more.
    center.pass(10);
    center.set_configuration(&straight, "true");
    assert_eq!(center.get(&task).text("task_queue_friendly_name"), "Rest");
    assert_eq!(center.delete_queue(&center.sales).status, 204);
}

#[test]
fn a_queue_that_only_an_older_configuration_names_stays_until_the_task_is_done_with_it() {
    let center = Center::simple();
    center.task("{}");
    // The task is in Sales, and may still come to Rest.
    center.set_configuration(&json!({ "default_filter": { "queue": center.sales } }), "false");
    assert_eq!(center.delete_queue(&center.rest).refusal(), (400, 20001));
    center.pass(90);
    assert_eq!(center.delete_queue(&center.rest).status, 204);
}

#[test]
fn a_reserved_task_is_not_evaluated_again() {
    let center = Center::simple();
    center.worker("ana", SALES);
    let task = center.task("{}");
    let straight = json!({ "default_filter": { "queue": center.rest } });
    center.set_configuration(&straight, "true");
    assert_eq!(center.get(&task).text("task_queue_friendly_name"), "Sales");
    assert_eq!(center.delete_queue(&center.sales).refusal(), (400, 20001));
    let (offer, _) = center.offers(&task).remove(0);
    center.answer(&task, &offer, "accepted");
    // The workflow has nothing to say about it any more.
    assert_eq!(center.delete_queue(&center.sales).status, 204);
}

#[test]
fn what_tasks_need_is_not_deleted() {
    let center = Center::simple();
    let task = center.task("{}");
    let api = &center.api;
    let workflow = api.at(&format!("Workflows/{}", center.workflow));
    assert_eq!(api.delete(&workflow).refusal(), (400, 20001));
    let form = [("FriendlyName", "Fax"), ("UniqueName", "fax")];
    let fax = api.at(&format!("TaskChannels/{}", api.post(&api.at("TaskChannels"), &form).sid()));
    api.post(&center.at(&task), &[("TaskChannel", "fax")]);
    assert_eq!(api.delete(&fax).refusal(), (400, 20001));
    let ana = center.worker("ana", SALES);
    let path = api.at(&format!("Workers/{ana}"));
    api.post(&path, &[("ActivitySid", &api.activity("Offline"))]);
    assert_eq!(api.delete(&path).refusal(), (400, 20001));
    let cancel = [("AssignmentStatus", "canceled"), ("Reason", "x")];
    api.post(&center.at(&task), &cancel);
    for path in [workflow, fax, path] {
        assert_eq!(api.delete(&path).status, 204, "{path}");
    }
}

#[test]
fn a_task_can_be_created_for_a_queue() {
    let center = Center::simple();
    let target = [("RoutingTarget", &*center.rest)];
    let task = center.get(&center.task_with(&target));
    assert_eq!(task.text("task_queue_friendly_name"), "Rest");
    assert_eq!(task.text("routing_target"), center.rest);
    let form = [("RoutingTarget", "WK00000000000000000000000000000000")];
    let reply = center.api.post(&center.api.at("Tasks"), &form);
    assert_eq!(reply.refusal().0, 400, "the workflow is missing too");
    let form = [form[0], ("WorkflowSid", &*center.workflow)];
    assert_eq!(center.api.post(&center.api.at("Tasks"), &form).refusal(), (501, 20501));
}

#[test]
fn tasks_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emulator.redb");
    let now = Arc::new(AtomicI64::new(1_700_000_000));
    let open = || {
        let hand = Arc::clone(&now);
        let clock = Clock::new(move || {
            Timestamp::from_second(hand.load(Ordering::Relaxed)).expect("a date")
        });
        Api::around(Emulator::open(&path, Options { clock, ..Options::default() }).unwrap())
    };
    let center = Center::in_api(open(), |sales, rest| {
        json!({ "filters": [{ "expression": "1==1", "targets": [
            { "queue": sales, "timeout": 60 }, { "queue": rest },
        ] }] })
    });
    center.worker("ana", "{}");
    let task = center.task("{}");
    let kept = center.get(&task).body;
    drop(center);
    let api = open();
    let one = api.at(&format!("Tasks/{task}"));
    assert_eq!(api.get(&one).body, kept);
    now.fetch_add(60, Ordering::Relaxed);
    assert_eq!(api.get(&one).text("assignment_status"), "reserved");
}
