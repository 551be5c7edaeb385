//! The embedded TaskRouter through its one door.

mod conversations;
mod disk;
mod events;
mod faults;
mod http_manners;
mod paging;
mod resources;
mod server;
mod tasks;
mod workers;
mod workflows;

use std::cell::RefCell;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use flexctl::emulator::{ACCOUNT_SID, AUTH_TOKEN, Emulator, Options};
use serde_json::Value;

/// An emulator, and helpers to ask it things.
pub(crate) struct Api {
    pub(crate) emulator: Emulator,
    /// Every answer, with method and path, for the contract test.
    pub(crate) record: RefCell<Vec<(String, String, Reply)>>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: http::HeaderMap,
}

impl Reply {
    /// The code of a refusal, beside the status.
    pub(crate) fn refusal(&self) -> (u16, u64) {
        (self.status, self.body["code"].as_u64().unwrap_or(0))
    }

    pub(crate) fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }

    pub(crate) fn sid(&self) -> String {
        self.text("sid")
    }

    pub(crate) fn text(&self, field: &str) -> String {
        let value = self.body[field].as_str();
        value.unwrap_or_else(|| panic!("no {field} in {}", self.body)).to_owned()
    }

    /// One field of each item of a list.
    pub(crate) fn column(&self, field: &str) -> Vec<String> {
        let key = self.body["meta"]["key"].as_str().unwrap_or_else(|| panic!("{}", self.body));
        let items = self.body[key].as_array().unwrap();
        items.iter().map(|item| item[field].as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl Api {
    pub(crate) fn new() -> Self {
        Self::with(Options::deterministic())
    }

    pub(crate) fn with(options: Options) -> Self {
        Self::around(Emulator::in_memory(options))
    }

    pub(crate) fn around(emulator: Emulator) -> Self {
        Self { emulator, record: RefCell::default() }
    }

    /// The host follows from the path, which for Flex begins with `flex:`.
    pub(crate) fn request(method: &str, path: &str, form: &[(&str, &str)]) -> http::Request<Bytes> {
        let (host, path) = match path.split_once(':') {
            Some(("flex", path)) => ("flex-api", path),
            _ if path.starts_with("/v1/Workspaces") => ("taskrouter", path),
            _ => ("conversations", path),
        };
        let uri = if path.starts_with("https:") {
            path.to_owned()
        } else {
            format!("https://{host}.twilio.com{path}")
        };
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        http::Request::builder()
            .method(method)
            .uri(uri)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", basic(ACCOUNT_SID, AUTH_TOKEN))
            .body(Bytes::from(body.finish()))
            .unwrap()
    }

    pub(crate) fn raw(&self, request: http::Request<Bytes>) -> Reply {
        let (method, path) = (request.method().to_string(), request.uri().to_string());
        let response = self.emulator.handle(request);
        let body = if response.body().is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(response.body()).unwrap()
        };
        let status = response.status().as_u16();
        let reply = Reply { status, body, headers: response.headers().clone() };
        self.record.borrow_mut().push((method, path, reply.clone()));
        reply
    }

    pub(crate) fn send(&self, method: &str, path: &str, form: &[(&str, &str)]) -> Reply {
        self.raw(Self::request(method, path, form))
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[])
    }

    pub(crate) fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        self.send("POST", path, form)
    }

    pub(crate) fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, &[])
    }

    /// `/v1/Workspaces/WS…/{rest}` of the Flex workspace.
    pub(crate) fn at(&self, rest: &str) -> String {
        format!("/v1/Workspaces/{}/{rest}", self.emulator.workspace_sid())
    }

    /// The sid of the resource in the list `kind` whose `field` is `value`.
    pub(crate) fn sid_of(&self, kind: &str, field: &str, value: &str) -> String {
        let list = self.get(&self.at(kind));
        let place = list.column(field).iter().position(|found| found == value);
        list.column("sid")[place.unwrap_or_else(|| panic!("no {value} in {}", list.body))].clone()
    }

    pub(crate) fn activity(&self, name: &str) -> String {
        self.sid_of("Activities", "friendly_name", name)
    }

    pub(crate) fn queue(&self, name: &str) -> Reply {
        let reply = self.post(&self.at("TaskQueues"), &[("FriendlyName", name)]);
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply
    }

    pub(crate) fn worker(&self, name: &str, attributes: &str) -> Reply {
        let form = [("FriendlyName", name), ("Attributes", attributes)];
        let reply = self.post(&self.at("Workers"), &form);
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply
    }
}

pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// A configuration whose only step is the queue.
pub(crate) fn straight_to(queue_sid: &str) -> String {
    format!(r#"{{"task_routing":{{"filters":[],"default_filter":{{"queue":"{queue_sid}"}}}}}}"#)
}
