//! The client against canned answers: what it sends, what it follows, when it tries again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use flexctl::live::{
    self, Client, Credentials, Endpoints, LiveError, Scope, SendError, Sids, Transport,
};
use flexctl::model::{
    Activity, Address, CapacityRule, Expression, Filter, Kind, PermissionSet, Queue, QueueOrder,
    QueueRef, Resource, Role, RoleType, Snapshot, Target, TaskChannel, Worker, WorkerChannel,
    Workflow, Workspace,
};
use http::{Request, Response};
use serde_json::{Value, json};

type Answer = Result<Response<Bytes>, SendError>;

type Server = dyn Fn(&str, usize) -> Answer + Send + Sync;

/// Answers by a function of the request; keeps what was sent and how long was waited.
#[derive(Clone)]
struct Canned {
    answer: Arc<Server>,
    log: Arc<Mutex<Log>>,
}

#[derive(Default)]
struct Log {
    sent: Vec<Request<Bytes>>,
    waited: Vec<Duration>,
}

impl Canned {
    /// `answer` is given `METHOD /path?query` and how often that was asked before.
    fn new(answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), log: Arc::default() }
    }

    fn client(&self) -> Client<Self> {
        let endpoints = Endpoints::twilio(None, None).unwrap();
        Client::new(self.clone(), endpoints, Credentials::new("AC1", "hush"), 4)
    }

    /// What was sent: method, path, query, and form.
    fn sent(&self) -> Vec<String> {
        self.log.lock().unwrap().sent.iter().map(describe).collect()
    }

    fn waited(&self) -> Vec<u128> {
        self.log.lock().unwrap().waited.iter().map(Duration::as_millis).collect()
    }
}

fn line(request: &Request<Bytes>) -> String {
    format!("{} {}", request.method(), request.uri().path_and_query().unwrap())
}

fn describe(request: &Request<Bytes>) -> String {
    let form = form_urlencoded::parse(request.body()).map(|(k, v)| format!("\n  {k}={v}"));
    line(request) + &form.collect::<String>()
}

impl Transport for Canned {
    async fn send(&self, request: Request<Bytes>) -> Answer {
        let line = line(&request);
        let before = {
            let mut log = self.log.lock().unwrap();
            let before = log.sent.iter().filter(|sent| self::line(sent) == line).count();
            log.sent.push(request);
            before
        };
        (self.answer)(&line, before)
    }

    async fn wait(&self, duration: Duration) {
        self.log.lock().unwrap().waited.push(duration);
    }
}

fn ok(body: Value) -> Answer {
    Ok(Response::new(Bytes::from(body.to_string())))
}

fn refused(status: u16, code: u32, message: &str) -> Answer {
    let link = format!("https://www.twilio.com/docs/errors/{code}");
    let body = json!({"code": code, "message": message, "more_info": link, "status": status});
    Ok(Response::builder().status(status).body(Bytes::from(body.to_string())).unwrap())
}

fn broken() -> Answer {
    Err(SendError::Broken { host: "taskrouter.twilio.com".into(), reason: "reset".into() })
}

fn page(key: &str, items: Value) -> Answer {
    ok(json!({"meta": {"key": key, "next_page_url": null}, key: items}))
}

fn sid(prefix: &str, n: u32) -> String {
    format!("{prefix}{n:032x}")
}

const DATES: [&str; 2] = ["2026-01-01T00:00:00Z", "2026-02-02T00:00:00Z"];

/// A small workspace.
fn workspace(line: &str) -> Answer {
    let ws = sid("WS", 1);
    let path = line.strip_prefix("GET /v1/").unwrap();
    let path = path.strip_prefix(&format!("Workspaces/{ws}/")).unwrap_or(path);
    let [created, updated] = DATES;
    match path {
        "Workspaces?PageSize=1000&FriendlyName=Flex" => page(
            "workspaces",
            json!([{
                "account_sid": "AC1", "sid": ws, "friendly_name": "Flex", "events_filter": null,
                "event_callback_url": "", "default_activity_sid": sid("WA", 1),
                "timeout_activity_sid": null, "multi_task_enabled": "true",
                "prioritize_queue_order": "LIFO"
            }]),
        ),
        "Activities?PageSize=1000" => page(
            "activities",
            json!([
                {"sid": sid("WA", 1), "friendly_name": "Offline", "available": false},
                {"sid": sid("WA", 2), "friendly_name": "Break", "available": "false"}
            ]),
        ),
        "TaskChannels?PageSize=1000" => page(
            "channels",
            json!([{"sid": sid("TC", 1), "unique_name": "chat", "friendly_name": "Chat",
                    "channel_optimized_routing": null, "brand_new_key": {}}]),
        ),
        "TaskQueues?PageSize=1000" => page(
            "task_queues",
            json!([
                {"sid": sid("WQ", 1), "friendly_name": "Sales", "target_workers": "1==1",
                 "max_reserved_workers": "3", "task_order": null,
                 "date_created": created, "date_updated": "Thu, 01 Jan 2026 00:00:00 +0000"},
                {"sid": sid("WQ", 2), "friendly_name": "Twin", "target_workers": null,
                 "date_created": created, "date_updated": updated},
                {"sid": sid("WQ", 3), "friendly_name": "Twin", "target_workers": "1==2"}
            ]),
        ),
        "Workflows?PageSize=1000" => page(
            "workflows",
            json!([
                {"sid": sid("WW", 1), "friendly_name": "Assign", "assignment_callback_url": null,
                 "task_reservation_timeout": 120, "configuration": json!({"task_routing": {
                    "filters": [{"friendlyName": "F", "expression": format!("q == '{}'", sid("WQ", 1)),
                                 "targets": [{"queue": sid("WQ", 1), "skip_if": format!("workers.{} > 0", sid("WA", 2))},
                                             {"queue": sid("WQ", 2)}]}],
                    "default_filter": {"queue": sid("WQ", 9)}}}).to_string()},
                {"sid": sid("WW", 2), "friendly_name": "Odd", "configuration": "{oops"}
            ]),
        ),
        "Workers?PageSize=1000" => page(
            "workers",
            json!([
                {"sid": sid("WK", 1), "friendly_name": "Alice", "activity_sid": sid("WA", 2), "attributes": null},
                {"sid": sid("WK", 2), "friendly_name": "Bob", "activity_sid": sid("WA", 1), "attributes": "{\"a\": [1]}"}
            ]),
        ),
        path if path == format!("Workers/{}", sid("WK", 1)) => ok(
            json!({"sid": sid("WK", 1), "friendly_name": "Alice", "activity_sid": sid("WA", 2), "attributes": "{\"b\":2}"}),
        ),
        "Configuration" => ok(json!({"chat_service_instance_sid": sid("IS", 1)})),
        path if path == format!("Services/{}/Roles?PageSize=50", sid("IS", 1)) => page(
            "roles",
            json!([{"sid": sid("RL", 1), "friendly_name": "admin", "type": "service", "permissions": ["b", "a"]},
                   {"sid": sid("RL", 2), "friendly_name": "x", "type": "of the future", "permissions": []}]),
        ),
        _ => refused(404, 20404, &format!("no answer is prepared for {line}")),
    }
}

const SCOPE: Scope<'static> = Scope {
    workspace_sid: None,
    workspace_name: Some("Flex"),
    workers: true,
    capacities: &[],
    declared_workers: &BTreeMap::new(),
    roles: true,
};

async fn read(canned: &Canned, scope: &Scope<'_>) -> Result<Snapshot, LiveError> {
    live::read(&canned.client().reader(), scope).await
}

#[tokio::test]
async fn a_workspace_is_read_with_names_for_sids() {
    let canned = Canned::new(|line, _| workspace(line));
    let live = read(&canned, &SCOPE).await.unwrap();

    assert_eq!((&live.account_sid, &live.workspace.sid), (&"AC1".to_owned(), &sid("WS", 1)));
    assert_eq!(
        live.workspace.value,
        Workspace {
            sid: None,
            friendly_name: Some("Flex".into()),
            event_callback_url: Some(String::new()),
            events_filter: Some(Vec::new()),
            multi_task_enabled: Some(true),
            prioritize_queue_order: Some(QueueOrder::Lifo),
            default_activity: Some("Offline".into()),
            timeout_activity: Some(String::new()),
        }
    );
    assert_eq!(live.activities[1].value.available, Some(false));
    assert_eq!(live.task_channels[0].name, "chat");
    assert_eq!(live.task_channels[0].value.channel_optimized_routing, Some(false));

    let sales = &live.queues[0];
    assert!(sales.untouched && !live.queues[1].untouched && !live.queues[2].untouched);
    assert_eq!(sales.value.max_reserved_workers, Some(3));
    assert_eq!(sales.value.task_order, Some(QueueOrder::Fifo));
    assert_eq!(live.queues[1].value.target_workers, Some(Expression::from("")));

    let assign = &live.workflows[0].value;
    let filter = &assign.filters.as_ref().unwrap()[0];
    assert_eq!(filter.expression.as_ref().unwrap().to_string(), "q == '${queue['Sales'].sid}'");
    assert_eq!(filter.targets[0].queue, Some(QueueRef::Name("Sales".into())));
    assert_eq!(
        filter.targets[0].skip_if.as_ref().unwrap().to_string(),
        "workers.${activity['Break'].sid} > 0"
    );
    assert_eq!(filter.targets[1].queue, Some(QueueRef::Sid(sid("WQ", 2))));
    let default = assign.default_filter.clone().unwrap().unwrap();
    assert_eq!(default.queue, Some(QueueRef::Sid(sid("WQ", 9))));
    let odd = &live.workflows[1].value;
    assert_eq!((odd.unreadable.as_deref(), &odd.filters), (Some("{oops"), &None));

    assert_eq!(live.workers[0].value.activity.as_deref(), Some("Break"));
    assert_eq!(live.workers[0].value.attributes["b"], 2);
    assert_eq!(live.workers[1].value.attributes["a"], json!([1]));

    let permissions = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
    let admin = Role { permissions: PermissionSet::Exactly(permissions) };
    assert_eq!(live.roles.len(), 1);
    assert_eq!(live.roles[0].value, (RoleType::Service, admin));
    assert_eq!(live.requests, canned.sent().len() as u64);

    let duplicates = live.duplicates();
    assert_eq!(duplicates.len(), 1);
    assert_eq!(duplicates[0].sids, [sid("WQ", 2), sid("WQ", 3)]);
    let sids = Sids::of(&live);
    assert_eq!(sids.get(&Address::new(Kind::Queue, "Twin")), Some(sid("WQ", 2).as_str()));
    assert_eq!(sids.get(&Address::new(Kind::Role, "service/admin")), Some(sid("RL", 1).as_str()));
}

#[tokio::test]
async fn only_what_is_asked_for_is_read() {
    let canned = Canned::new(|line, _| workspace(line));
    let scope = Scope { workers: false, roles: false, ..SCOPE };
    let live = read(&canned, &scope).await.unwrap();
    assert!(live.workers.is_empty() && live.roles.is_empty());
    assert_eq!(live.requests, 5);
}

#[tokio::test]
async fn channels_are_read_of_workers_that_a_rule_matches_or_that_are_declared() {
    let channels = |line: &str, _| {
        if line.ends_with("/Channels?PageSize=1000") {
            let channel = json!({"sid": sid("WC", 1), "task_channel_unique_name": "chat",
                                 "configured_capacity": "3", "available": true});
            return page("channels", json!([channel]));
        }
        workspace(line)
    };
    let rule = |workers: &str| CapacityRule {
        name: "r".into(),
        workers: workers.into(),
        channels: BTreeMap::new(),
    };
    let alice = BTreeMap::from([("ALICE".to_owned(), Worker::default())]);
    let nobody = BTreeMap::new();
    for (workers, declared_workers, expected) in [
        ("b == 2", &nobody, vec![sid("WK", 1)]),
        ("activity_name == 'Offline'", &alice, vec![sid("WK", 1), sid("WK", 2)]),
        ("1==0", &nobody, vec![]),
    ] {
        let rules = [rule("c == 9"), rule(workers)];
        let scope = Scope { capacities: &rules, declared_workers, ..SCOPE };
        let live = read(&Canned::new(channels), &scope).await.unwrap();
        assert_eq!(live.worker_channels.keys().cloned().collect::<Vec<_>>(), expected, "{workers}");
        for channel in live.worker_channels.values().flatten() {
            assert_eq!((channel.name.as_str(), channel.value.capacity), ("chat", Some(3)));
        }
    }
    let scope = Scope { declared_workers: &alice, ..SCOPE };
    let live = read(&Canned::new(channels), &scope).await.unwrap();
    assert!(live.worker_channels.is_empty());
}

#[tokio::test]
async fn without_flex_the_roles_are_those_of_the_default_service() {
    let canned = Canned::new(|line, _| match line {
        "GET /v1/Configuration" => refused(404, 20404, "not found"),
        "GET /v1/Roles?PageSize=50" => page("roles", json!([])),
        line => workspace(line),
    });
    read(&canned, &SCOPE).await.unwrap();
    assert!(canned.sent().contains(&"GET /v1/Roles?PageSize=50".to_owned()));
    let sent = canned.log.lock().unwrap();
    let hosts: BTreeSet<_> = sent.sent.iter().filter_map(|sent| sent.uri().host()).collect();
    assert_eq!(
        Vec::from_iter(hosts),
        ["conversations.twilio.com", "flex-api.twilio.com", "taskrouter.twilio.com"]
    );
}

#[tokio::test]
async fn a_workspace_that_is_not_there_is_answered_with_those_that_are() {
    let canned = Canned::new(|line, _| match line {
        "GET /v1/Workspaces?PageSize=1000" => page(
            "workspaces",
            json!([{"sid": "WS1", "friendly_name": "Flex"}, {"sid": "WS2", "friendly_name": "Test"}]),
        ),
        _ => page("workspaces", json!([])),
    });
    let scope = Scope { workspace_name: Some("Felx"), ..SCOPE };
    assert_eq!(
        read(&canned, &scope).await.unwrap_err().to_string(),
        "no workspace is named `Felx`; there are: Flex, Test (did you mean `Flex`?)"
    );
    let any = Scope { workspace_name: None, ..SCOPE };
    assert_eq!(
        read(&canned, &any).await.unwrap_err().to_string(),
        "the account has several workspaces and none is chosen: Flex, Test"
    );
}

#[tokio::test]
async fn two_workspaces_with_the_name_are_answered_with_both_sids() {
    let canned = Canned::new(|_, _| {
        let two = json!([{"sid": "WS1", "friendly_name": "Flex"}, {"sid": "WS2", "friendly_name": "Flex"}]);
        page("workspaces", two)
    });
    assert_eq!(
        read(&canned, &SCOPE).await.unwrap_err().to_string(),
        "2 workspaces are named `Flex`: WS1, WS2; pin one with `sid:`"
    );
}

/// Reads with activities on pages, of which the first names `next`.
async fn read_pages(next: &'static str) -> (Result<Snapshot, LiveError>, Vec<String>) {
    let canned = Canned::new(move |line, _| {
        if line.contains("PageToken=end") {
            return page("activities", json!([{"sid": sid("WA", 2), "friendly_name": "Two"}]));
        }
        if line.contains("/Activities") {
            let next = next.replace("{WS}", &sid("WS", 1));
            return ok(json!({
                "meta": {"key": "activities", "next_page_url": next},
                "activities": [{"sid": sid("WA", 1), "friendly_name": "One"}]
            }));
        }
        workspace(line)
    });
    let result = read(&canned, &Scope { workers: false, roles: false, ..SCOPE }).await;
    (result, canned.sent())
}

#[tokio::test]
async fn further_pages_are_taken_as_the_api_names_them() {
    let (live, sent) = read_pages(
        "https://taskrouter.twilio.com/v1/Workspaces/{WS}/Activities?PageSize=50&Page=1&PageToken=end",
    )
    .await;
    assert_eq!(live.unwrap().activities.len(), 2);
    assert!(sent.iter().any(|sent| sent.ends_with("Activities?PageSize=50&Page=1&PageToken=end")));
}

#[tokio::test]
async fn a_next_page_elsewhere_is_not_followed() {
    for elsewhere in [
        "https://taskrouter.twilio.com.evil.example/v1/x?PageToken=end",
        "http://taskrouter.twilio.com/v1/x?PageToken=end",
        "https://taskrouter.twilio.com:8443/v1/x?PageToken=end",
        "https://conversations.twilio.com/v1/x?PageToken=end",
    ] {
        let (live, sent) = read_pages(elsewhere).await;
        let error = live.unwrap_err();
        assert!(matches!(error, LiveError::Protocol { .. }), "{error}");
        assert!(error.to_string().contains("https://taskrouter.twilio.com only"), "{error}");
        assert!(!sent.iter().any(|sent| sent.contains("PageToken")), "{sent:?}");
    }
    let (live, _) = read_pages("/v1/relative").await;
    assert!(live.unwrap_err().to_string().contains("a next page that is not a URL"));
}

#[tokio::test]
async fn pages_that_go_in_a_circle_are_an_error() {
    let (live, _) =
        read_pages("https://taskrouter.twilio.com/v1/Workspaces/{WS}/Activities?again").await;
    assert!(live.unwrap_err().to_string().ends_with("a next page that was read before"));
}

fn sales() -> (Address, Resource) {
    (Address::new(Kind::Queue, "Sales"), Resource::Queue(Queue::default()))
}

#[tokio::test]
async fn too_many_requests_wait_as_long_as_the_api_says() {
    let canned = Canned::new(|_, before| match before {
        0 => Ok(Response::builder()
            .status(429)
            .header("Retry-After", "2")
            .body(Bytes::new())
            .unwrap()),
        1 => refused(429, 20429, "Too Many Requests"),
        _ => ok(json!({"sid": "WQ1"})),
    });
    let (address, queue) = sales();
    let sid = canned.client().writer().create("WS1", &address, &queue, &Sids::default()).await;
    assert_eq!(sid.unwrap(), "WQ1");
    assert_eq!(canned.waited(), [2000, 1000]);
}

#[tokio::test]
async fn a_lost_create_is_not_repeated() {
    for lost in [|| broken(), || refused(500, 20500, "oops"), || ok(json!({})), || ok(json!([]))] {
        let canned = Canned::new(move |_, _| lost());
        let (address, queue) = sales();
        let result =
            canned.client().writer().create("WS1", &address, &queue, &Sids::default()).await;
        let error = result.unwrap_err();
        assert!(error.is_ambiguous(), "{error}");
        assert_eq!(canned.sent().len(), 1);
    }
}

#[tokio::test]
async fn reads_updates_and_deletes_are_repeated_and_at_last_given_up() {
    let (address, _) = sales();
    let queue = Resource::Queue(Queue { max_reserved_workers: Some(2), ..Queue::default() });

    let canned = Canned::new(|_, before| match before {
        0 => broken(),
        1 => refused(503, 20503, "busy"),
        _ => ok(json!({"sid": "WQ1"})),
    });
    let writer = canned.client().writer();
    writer.update("WS1", &address, "WQ1", &queue, None, &Sids::default()).await.unwrap();
    assert_eq!(canned.waited(), [500, 1000]);

    let canned = Canned::new(|_, _| broken());
    let writer = canned.client().writer();
    let lost = writer.update("WS1", &address, "WQ1", &queue, None, &Sids::default()).await;
    assert!(lost.unwrap_err().is_ambiguous());
    let lost = read(&canned, &SCOPE).await.unwrap_err();
    assert_eq!(
        lost.to_string(),
        "no answer from taskrouter.twilio.com: reset (GET /v1/Workspaces)"
    );
    assert_eq!(canned.sent().len(), 8);
}

#[tokio::test]
async fn what_is_gone_is_deleted() {
    let canned = Canned::new(|_, before| match before {
        0 => broken(),
        _ => refused(404, 20404, "The requested resource was not found"),
    });
    let (address, _) = sales();
    canned.client().writer().delete("WS1", &address, "WQ1").await.unwrap();
    assert_eq!(canned.sent(), ["DELETE /v1/Workspaces/WS1/TaskQueues/WQ1"; 2]);
}

#[tokio::test]
async fn refusals_are_told_apart_and_shown_in_the_apis_words() {
    let refuse = |status, code, message: &'static str| async move {
        let canned = Canned::new(move |_, _| refused(status, code, message));
        read(&canned, &SCOPE).await.unwrap_err()
    };
    let error = refuse(401, 20003, "Authenticate").await;
    assert!(matches!(error, LiveError::Refused(_)));
    assert_eq!(
        error.to_string(),
        "the API refuses our credentials: Authenticate (HTTP 401, code 20003, GET /v1/Workspaces); \
         see https://www.twilio.com/docs/errors/20003"
    );
    assert!(!format!("{error:?}").contains("hush"));
    assert!(matches!(refuse(404, 20404, "x").await, LiveError::NotFound(_)));
    assert!(matches!(refuse(400, 20001, "x").await, LiveError::Api(_)));
    let moved = Canned::new(|_, _| {
        let elsewhere = Response::builder().status(302).header("Location", "https://evil.example/");
        Ok(elsewhere.body(Bytes::new()).unwrap())
    });
    assert!(matches!(read(&moved, &SCOPE).await, Err(LiveError::Api(_))));
    let page = Canned::new(|_, _| Ok(Response::new(Bytes::from_static(b"<html>hello"))));
    assert_eq!(
        read(&page, &SCOPE).await.unwrap_err().to_string(),
        "GET /v1/Workspaces answered something that is not JSON: <html>hello"
    );
}

fn known() -> Sids {
    let mut sids = Sids::default();
    sids.insert(Address::new(Kind::Activity, "Offline"), "WA1");
    sids.insert(Address::new(Kind::Queue, "Sales"), "WQ1");
    sids.insert(Address::new(Kind::Worker, "alice@example.com/x"), "WK1");
    sids
}

/// Everything that a create and an update of each kind can send.
#[tokio::test]
async fn writes_send_the_fields_that_are_given_and_no_others() {
    let canned = Canned::new(|line, _| match line {
        "GET /v1/Configuration" => ok(json!({"chat_service_instance_sid": "IS1"})),
        _ => ok(json!({"sid": "XX1"})),
    });
    let writer = canned.client().writer();
    let resources = [
        (
            Address::workspace(),
            Resource::Workspace(Workspace {
                sid: None,
                friendly_name: Some("Flex".into()),
                event_callback_url: Some(String::new()),
                events_filter: Some(vec!["task.created".into(), "worker.deleted".into()]),
                multi_task_enabled: Some(true),
                prioritize_queue_order: Some(QueueOrder::Lifo),
                default_activity: Some("Offline".into()),
                timeout_activity: Some(String::new()),
            }),
        ),
        (
            Address::new(Kind::Activity, "Lunch"),
            Resource::Activity(Activity { available: Some(false), ..Activity::default() }),
        ),
        (
            Address::new(Kind::TaskChannel, "pulled-chat"),
            Resource::TaskChannel(TaskChannel {
                channel_optimized_routing: Some(true),
                ..TaskChannel::default()
            }),
        ),
        (
            Address::new(Kind::Queue, "Sales & Co"),
            Resource::Queue(Queue {
                target_workers: Some(Expression::from("")),
                task_order: Some(QueueOrder::Fifo),
                max_reserved_workers: Some(2),
                reservation_activity: Some(String::new()),
                assignment_activity: Some("Offline".into()),
                ..Queue::default()
            }),
        ),
        (
            Address::new(Kind::Workflow, "Assign"),
            Resource::Workflow(Workflow {
                task_reservation_timeout: Some(60),
                re_evaluate_tasks: Some(true),
                filters: Some(vec![Filter {
                    name: "F".into(),
                    expression: Some(Expression::from("a == 1")),
                    targets: vec![Target {
                        queue: Some(QueueRef::Name("Sales".into())),
                        priority: Some(5),
                        ..Target::default()
                    }],
                    ..Filter::default()
                }]),
                ..Workflow::default()
            }),
        ),
        (
            Address::new(Kind::Worker, "bob"),
            Resource::Worker(Worker {
                activity: Some("Offline".into()),
                attributes: json!({"a": 1}).as_object().unwrap().clone(),
                ..Worker::default()
            }),
        ),
        (
            Address::capacity("alice@example.com/x", "chat"),
            Resource::Capacity(WorkerChannel { capacity: Some(3), available: Some(false) }),
        ),
        (
            Address::new(Kind::Role, "service/admin"),
            Resource::Role(Role {
                permissions: PermissionSet::Exactly(["b", "a"].map(str::to_owned).into()),
            }),
        ),
    ];
    for (address, resource) in &resources {
        let sid = writer.create("WS1", address, resource, &known()).await.unwrap();
        writer.update("WS1", address, &sid, resource, None, &known()).await.unwrap();
    }
    insta::assert_snapshot!(canned.sent().join("\n"));
}

#[tokio::test]
async fn a_new_name_is_sent_and_an_update_of_nothing_is_not() {
    let canned = Canned::new(|_, _| ok(json!({"sid": "WQ1"})));
    let writer = canned.client().writer();
    let (address, queue) = sales();
    let none = Sids::default();
    writer.update("WS1", &address, "WQ1", &queue, None, &none).await.unwrap();
    writer.update("WS1", &address, "WQ1", &queue, Some("Sales"), &none).await.unwrap();
    assert_eq!(canned.sent(), ["POST /v1/Workspaces/WS1/TaskQueues/WQ1\n  FriendlyName=Sales"]);
    let other = Resource::Worker(Worker::default());
    assert!(writer.update("WS1", &address, "WQ1", &other, None, &none).await.is_err());
    assert!(writer.delete("WS1", &Address::workspace(), "WS1").await.is_err());
    assert_eq!(canned.sent().len(), 1);
}

#[tokio::test]
async fn a_reference_without_a_sid_is_named_and_nothing_is_sent() {
    let canned = Canned::new(|_, _| ok(json!({"sid": "WQ1"})));
    let queue =
        Resource::Queue(Queue { assignment_activity: Some("Gone".into()), ..Queue::default() });
    let (address, _) = sales();
    let error = canned.client().writer().create("WS1", &address, &queue, &known()).await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "queue.Sales refers to activity.Gone, whose sid is not known"
    );
    assert!(canned.sent().is_empty());
}

#[tokio::test]
async fn real_configurations_are_read_and_written_back_alike() {
    let Some(folder) = std::env::var_os("FLEXCTL_FIXTURES_DIR") else {
        eprintln!("skipped: FLEXCTL_FIXTURES_DIR is not set");
        return;
    };
    let folder = std::path::Path::new(&folder).join("workflows");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    assert!(!files.is_empty());
    let mut unknown = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let first = read_configuration(text).await;
        assert_eq!(first.unreadable, None, "{}", file.display());
        let filters = first.filters.iter().flatten().map(|filter| &filter.extra);
        let extras = filters.chain(first.targets().map(|target| &target.extra));
        unknown.extend(extras.chain([&first.extra]).flat_map(|extra| extra.keys().cloned()));

        let canned = Canned::new(|_, _| ok(json!({"sid": "WW1"})));
        let address = Address::new(Kind::Workflow, "W");
        let resource = Resource::Workflow(first.clone());
        canned
            .client()
            .writer()
            .create("WS1", &address, &resource, &Sids::default())
            .await
            .unwrap();
        let sent = canned.log.lock().unwrap().sent[0].body().clone();
        let form = form_urlencoded::parse(&sent);
        let written = form.into_owned().find(|(key, _)| key == "Configuration").unwrap().1;
        assert_eq!(read_configuration(written).await, first, "{}", file.display());
    }
    // One of them gives a filter a timeout, which is a target's field.
    assert_eq!(Vec::from_iter(unknown), ["timeout"]);
}

/// A workflow with this configuration, as it is read.
async fn read_configuration(text: String) -> Workflow {
    let canned = Canned::new(move |line, _| {
        if line.contains("/Workflows?") {
            let workflow = json!({"sid": "WW1", "friendly_name": "W", "configuration": text});
            return page("workflows", json!([workflow]));
        }
        workspace(line)
    });
    let scope = Scope { workers: false, roles: false, ..SCOPE };
    read(&canned, &scope).await.unwrap().workflows.remove(0).value
}

mod sockets {
    //! The transport over the network, against a server of a few lines on this machine.

    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use flexctl::live::HttpTransport;

    use super::*;

    /// Answers one request with `answer` and gives what it was sent.
    fn serve(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(request).unwrap()
        });
        (url, server)
    }

    async fn ask(url: &str) -> Answer {
        let endpoints = Endpoints::at(url).unwrap();
        let transport = HttpTransport::new(&endpoints, 2).unwrap();
        transport
            .send(Request::get(format!("{url}v1/Workspaces")).body(Bytes::new()).unwrap())
            .await
    }

    #[tokio::test]
    async fn a_request_says_who_is_asking_and_its_answer_comes_back_whole() {
        let (url, server) = serve("HTTP/1.1 201 Created\r\nX-A: b\r\nContent-Length: 2\r\n\r\n{}");
        let answer = ask(&url).await.unwrap();
        assert_eq!((answer.status().as_u16(), &answer.body()[..]), (201, &b"{}"[..]));
        assert_eq!(answer.headers()["x-a"], "b");
        let request = server.join().unwrap();
        assert!(request.starts_with("GET /v1/Workspaces HTTP/1.1\r\n"), "{request}");
        let agent = format!("user-agent: flexctl/{}\r\n", env!("CARGO_PKG_VERSION"));
        assert!(request.contains(&agent), "{request}");
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_is_not_followed() {
        let (url, server) = serve(
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        );
        assert_eq!(ask(&url).await.unwrap().status().as_u16(), 302);
        server.join().unwrap();
    }

    #[tokio::test]
    async fn what_was_not_reached_is_told_from_what_broke_off() {
        for half in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"] {
            let (url, server) = serve(half);
            let error = ask(&url).await.unwrap_err();
            assert!(matches!(error, SendError::Broken { .. }), "{error}");
            server.join().unwrap();
        }
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = ask(&format!("http://{free}/")).await.unwrap_err();
        assert!(matches!(error, SendError::Connect { .. }), "{error}");
        assert!(error.to_string().starts_with("cannot connect to 127.0.0.1: "), "{error}");
    }
}
