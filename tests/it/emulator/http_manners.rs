//! Credentials, paths, methods, bodies, addresses.

use bytes::Bytes;
use flexctl::emulator::{ACCOUNT_SID, API_KEY_SECRET, API_KEY_SID, Options, Product};
use proptest::prelude::*;

use super::{Api, basic};

fn with_header(api: &Api, path: &str, name: &str, value: &str) -> super::Reply {
    let mut request = Api::request("GET", path, &[]);
    request.headers_mut().insert(
        http::HeaderName::try_from(name).unwrap(),
        http::HeaderValue::try_from(value).unwrap(),
    );
    api.raw(request)
}

#[test]
fn a_request_without_credentials_is_refused() {
    let api = Api::new();
    let mut request = Api::request("GET", "/v1/Workspaces", &[]);
    request.headers_mut().remove("authorization");
    let reply = api.raw(request);
    assert_eq!(reply.refusal(), (401, 20003));
    assert_eq!(reply.message(), "Authentication Error - No credentials provided");
    assert!(reply.headers.contains_key("www-authenticate"));
}

#[test]
fn wrong_credentials_are_refused_with_the_vendors_body() {
    let api = Api::new();
    for header in [
        basic(ACCOUNT_SID, "guess"),
        basic("ACe0000000000000000000000000000002", "emulator-token"),
        "Bearer emulator-token".to_owned(),
        "Basic %%%".to_owned(),
    ] {
        let reply = with_header(&api, "/v1/Workspaces", "authorization", &header);
        assert_eq!(reply.refusal(), (401, 20003), "{header}");
        assert_eq!(reply.message(), "Authenticate");
        assert_eq!(reply.body["more_info"], "https://www.twilio.com/docs/errors/20003");
        assert_eq!(reply.body["status"], 401);
        assert_eq!(reply.body.as_object().unwrap().len(), 4, "the classic shape, nothing more");
    }
}

#[test]
fn an_api_key_is_accepted() {
    let key = basic(API_KEY_SID, API_KEY_SECRET);
    assert_eq!(with_header(&Api::new(), "/v1/Workspaces", "authorization", &key).status, 200);
}

#[test]
fn a_path_that_is_not_there_is_named_without_the_version() {
    let api = Api::new();
    let path = api.at("TaskQueues/WQ00000000000000000000000000000000");
    let reply = api.get(&path);
    assert_eq!(reply.refusal(), (404, 20404));
    let path = path.strip_prefix("/v1").unwrap();
    assert_eq!(reply.message(), format!("The requested resource {path} was not found"));
    assert_eq!(api.get("/v1/Workspaces/").refusal(), (404, 20404));
    assert_eq!(api.get("/v2/Workspaces").refusal(), (404, 20404));
}

#[test]
fn a_wrong_method_is_told_the_right_ones() {
    let api = Api::new();
    let reply = api.send("PUT", "/v1/Workspaces", &[]);
    assert_eq!(reply.refusal(), (405, 20004));
    assert_eq!(reply.headers["allow"], "GET, HEAD, POST");
    let reply = api.delete(&api.at("Workers"));
    assert_eq!(reply.refusal(), (405, 20004));
}

#[test]
fn head_is_get_without_the_body() {
    let api = Api::new();
    let get = api.get("/v1/Workspaces");
    let head = api.send("HEAD", "/v1/Workspaces", &[]);
    assert_eq!(head.status, 200);
    assert!(head.body.is_null());
    assert_eq!(head.headers["content-length"], get.headers["content-length"]);
}

#[test]
fn what_the_emulator_leaves_out_is_not_called_missing() {
    let api = Api::new();
    assert_eq!(api.get(&api.at("Statistics")).refusal(), (501, 20501));
    assert_eq!(api.get(&api.at("TaskQueues/Statistics")).refusal(), (501, 20501));
    assert_eq!(api.get("/v1/Conversations").refusal(), (501, 20501));
}

#[test]
fn a_host_answers_only_for_its_product() {
    let api = Api::new();
    let reply = api.get("https://taskrouter.twilio.com/v1/Roles");
    assert_eq!(reply.refusal(), (404, 20404));
    let reply = api.get("https://conversations.twilio.com/v1/Workspaces");
    assert_eq!(reply.refusal(), (404, 20404));
    assert_eq!(api.get("https://localhost:4000/v1/Roles").status, 200);
    assert_eq!(api.get("https://localhost:4000/v1/Workspaces").status, 200);
}

#[test]
fn the_shared_path_is_told_apart_by_host_or_by_option() {
    let path = "/v1/Configuration";
    let api = Api::new();
    let flex = api.get(&format!("https://flex-api.twilio.com{path}"));
    assert_eq!(flex.body["taskrouter_workspace_sid"], api.emulator.workspace_sid());
    let conversations = api.get(&format!("https://conversations.dublin.ie1.twilio.com{path}"));
    assert!(conversations.text("default_chat_service_sid").starts_with("IS"));

    let without_host = format!("https://127.0.0.1:4000{path}");
    assert_eq!(api.get(&without_host).body["status"], "ok");
    let configuration = Product::Conversations;
    let api = Api::with(Options { configuration, ..Options::deterministic() });
    assert!(api.get(&without_host).text("default_chat_service_sid").starts_with("IS"));
}

#[test]
fn addresses_in_answers_begin_as_the_client_came() {
    let api = Api::new();
    let request = |headers: &[(&str, &str)]| {
        let mut builder = http::Request::get("/v1/Workspaces");
        builder = builder.header("authorization", basic(ACCOUNT_SID, "emulator-token"));
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let reply = api.raw(builder.body(Bytes::new()).unwrap());
        reply.body["meta"]["url"].as_str().unwrap().to_owned()
    };
    let tail = "/v1/Workspaces?PageSize=50&Page=0";
    assert_eq!(request(&[("host", "127.0.0.1:4000")]), format!("http://127.0.0.1:4000{tail}"));
    let front = [
        ("host", "10.0.0.1"),
        ("x-forwarded-proto", "https, http"),
        ("x-forwarded-host", "flex.example, 10.0.0.1"),
    ];
    assert_eq!(request(&front), format!("https://flex.example{tail}"));
    assert_eq!(request(&[("host", "a b\"c")]), format!("http://localhost{tail}"));
}

#[test]
fn a_missing_parameter_is_named() {
    let api = Api::new();
    let reply = api.post(&api.at("Workflows"), &[("FriendlyName", "Main")]);
    assert_eq!(reply.refusal(), (400, 20001));
    let message = "Missing required parameter Configuration in the post body";
    assert_eq!(reply.message(), message);
}

#[test]
fn a_json_body_is_no_form() {
    let api = Api::new();
    let mut request = Api::request("POST", &api.at("TaskQueues"), &[("FriendlyName", "A")]);
    let json = http::HeaderValue::from_static("application/json");
    request.headers_mut().insert("content-type", json);
    assert_eq!(api.raw(request).refusal(), (400, 20001));
}

#[test]
fn a_body_without_end_is_refused() {
    let api = Api::new();
    let mut request = Api::request("POST", &api.at("TaskQueues"), &[]);
    *request.body_mut() = Bytes::from(vec![b'a'; (8 << 20) + 1]);
    assert_eq!(api.raw(request).status, 413);
}

#[test]
fn unknown_parameters_are_ignored() {
    let api = Api::new();
    let form = [("FriendlyName", "A"), ("Colour", "green")];
    assert_eq!(api.post(&api.at("TaskQueues"), &form).status, 201);
}

proptest! {
    #[test]
    fn no_request_is_too_strange(
        method in "GET|POST|DELETE|HEAD|PUT|[A-Z]{1,9}",
        kind in "Activities|TaskChannels|TaskQueues|Workers|Workflows|Tasks|[a-zA-Z0-9%._~-]{0,12}",
        rest in "(/[a-zA-Z0-9%$._~-]{0,36}){0,3}",
        query in "([A-Za-z]{1,12}=[a-zA-Z0-9%+]{0,12}&?){0,4}",
        page in "(&(PageSize|Page|PageToken|Ordering|EvaluateWorkerAttributes|TargetWorkersExpression)=[a-zA-Z0-9%+=:-]{0,40}){0,3}",
        body in proptest::collection::vec(any::<u8>(), 0..200),
        form in "((FriendlyName|Configuration|Attributes|TargetWorkers|Capacity|Available|UniqueName)=[ -~]{0,40}&){0,4}",
    ) {
        let api = Api::new();
        let path = format!("{}{rest}?{query}{page}", api.at(&kind));
        for body in [body, form.into_bytes()] {
            let mut request = Api::request(&method, &path, &[]);
            *request.body_mut() = Bytes::from(body);
            let reply = api.raw(request);
            prop_assert!(reply.status < 600 && reply.status != 500, "{}", reply.status);
        }
    }
}
