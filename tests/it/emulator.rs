//! The embedded TaskRouter through its one door.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use flexctl::emulator::{ACCOUNT_SID, AUTH_TOKEN, Emulator, Options};
use serde_json::Value;

/// An emulator with helpers to ask it things.
struct Api(Emulator);

/// What came back.
#[derive(Debug)]
struct Reply {
    status: u16,
    body: Value,
    headers: http::HeaderMap,
}

impl Api {
    fn new() -> Self {
        Self(Emulator::in_memory(Options::deterministic()))
    }

    fn send(&self, method: &str, path: &str, form: &[(&str, &str)]) -> Reply {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let request = http::Request::builder()
            .method(method)
            .uri(format!("https://taskrouter.twilio.com{path}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", basic(ACCOUNT_SID, AUTH_TOKEN));
        self.raw(request.body(Bytes::from(body.finish())).unwrap())
    }

    fn raw(&self, request: http::Request<Bytes>) -> Reply {
        let response = self.0.handle(request);
        let body = if response.body().is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(response.body()).unwrap()
        };
        Reply { status: response.status().as_u16(), body, headers: response.headers().clone() }
    }

    fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[])
    }

    fn workspace(&self) -> String {
        format!("/v1/Workspaces/{}", self.0.workspace_sid())
    }
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

#[test]
fn a_new_account_holds_a_flex_workspace() {
    let api = Api::new();
    let list = api.get("/v1/Workspaces");
    assert_eq!(list.status, 200, "{list:?}");
    assert_eq!(list.body["workspaces"][0]["friendly_name"], "Flex Task Assignment");
    assert_eq!(list.headers["content-type"], "application/json");
}
