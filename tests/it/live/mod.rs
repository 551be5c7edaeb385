//! The client against canned answers and against the emulator: what it sends, what it follows,
//! when it tries again.

mod against_emulator;
mod configurations;
mod events;
mod faults;
mod lints;
mod pace;
mod pages;
mod reading;
mod retries;
mod sockets;
mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use flexctl::live::{
    self, Client, Credentials, Edit, Endpoints, LiveError, Scope, SendError, Sids, Transport,
    Written,
};
use flexctl::model::{
    Activity, Address, CapacityMode, CapacityRule, ChannelCapacity, Expression, Filter, Kind,
    PermissionSet, Queue, QueueOrder, QueueRef, Resource, Role, RoleType, Snapshot, Target,
    TaskChannel, Worker, WorkerChannel, Workflow, Workspace,
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

    fn now(&self) -> Duration {
        self.log.lock().unwrap().waited.iter().sum()
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
    declared_activities: &BTreeMap::new(),
    capacities: &[],
    declared_workers: &BTreeMap::new(),
    channels_of: &[],
    exact: false,
    roles: true,
};

async fn read(canned: &Canned, scope: &Scope<'_>) -> Result<Snapshot, LiveError> {
    live::read(&canned.client().reader(), scope).await
}

/// An answer to every write, and an empty list to every read.
fn made(line: &str, object: Value) -> Result<Response<Bytes>, SendError> {
    let is_read = line.starts_with("GET");
    ok(if is_read { json!({"meta": {"key": "items"}, "items": []}) } else { object })
}

/// An edit of the object `WQ1`.
fn edit(resource: &Resource) -> Edit<'_> {
    Edit { sid: "WQ1", resource, new_name: None, revision: None }
}

fn sales() -> (Address, Resource) {
    (Address::new(Kind::Queue, "Sales"), Resource::Queue(Queue::default()))
}
