//! Conversations roles and services, and Flex's configuration.

use bytes::Bytes;
use serde_json::json;

use super::{Api, Reply};

fn role_named(api: &Api, name: &str) -> serde_json::Value {
    let list = api.get("/v1/Roles");
    let roles = list.body["roles"].as_array().unwrap();
    roles.iter().find(|role| role["friendly_name"] == name).unwrap().clone()
}

fn flex(api: &Api, body: &str) -> Reply {
    let mut request = Api::request("POST", "flex:/v1/Configuration", &[]);
    let json = http::HeaderValue::from_static("application/json");
    request.headers_mut().insert("content-type", json);
    *request.body_mut() = Bytes::from(body.to_owned());
    api.raw(request)
}

#[test]
fn the_chat_service_of_flex_has_roles() {
    let api = Api::new();
    let service = api.get("/v1/Configuration").text("default_chat_service_sid");
    let flex = api.get("flex:/v1/Configuration");
    assert_eq!(flex.text("chat_service_instance_sid"), service);
    let names = api.get("/v1/Roles").column("friendly_name");
    for name in ["service admin", "service user", "channel admin", "channel user", "admin"] {
        assert!(names.iter().any(|found| found == name), "{name} in {names:?}");
    }
    let permissions = role_named(&api, "admin")["permissions"].as_array().unwrap().clone();
    assert!(!permissions.contains(&json!("createConversation")), "left to be granted");
}

#[test]
fn an_update_replaces_the_whole_set_of_permissions() {
    let api = Api::new();
    let role = role_named(&api, "admin");
    let path = format!("/v1/Roles/{}", role["sid"].as_str().unwrap());
    let form =
        [("Permission", "createConversation"), ("Permission", "joinConversation"), ("Type", "x")];
    let reply = api.post(&path, &form);
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.body["permissions"], json!(["createConversation", "joinConversation"]));
    assert_eq!(reply.body["type"], role["type"]);
    assert_eq!(api.post(&path, &[]).refusal(), (400, 20001));
    assert_eq!(api.post(&path, &[("Permission", "fly")]).refusal(), (400, 20001));
    assert_eq!(api.get(&path).body["permissions"], reply.body["permissions"]);
}

#[test]
fn a_role_is_the_same_under_its_service() {
    let api = Api::new();
    let form = [("FriendlyName", "guest"), ("Type", "conversation"), ("Permission", "sendMessage")];
    let made = api.post("/v1/Roles", &form);
    assert_eq!(made.status, 201, "{}", made.body);
    let service = made.text("chat_service_sid");
    let path = format!("/v1/Services/{service}/Roles/{}", made.sid());
    let same = api.get(&path);
    assert_eq!(same.body["permissions"], made.body["permissions"]);
    assert!(same.text("url").ends_with(&path));
    assert!(made.text("url").ends_with(&format!("/v1/Roles/{}", made.sid())));
    assert_eq!(api.delete(&path).status, 204);
    assert_eq!(api.get(&format!("/v1/Roles/{}", made.sid())).refusal(), (404, 20404));
    let wrong = [("FriendlyName", "x"), ("Type", "channel"), ("Permission", "sendMessage")];
    assert_eq!(api.post("/v1/Roles", &wrong).refusal(), (400, 20001));
}

#[test]
fn a_service_comes_and_goes_with_its_roles() {
    let api = Api::new();
    let made = api.post("/v1/Services", &[("FriendlyName", "Other")]);
    assert_eq!(made.status, 201);
    let path = format!("/v1/Services/{}", made.sid());
    assert_eq!(api.get(&format!("{path}/Roles")).column("sid").len(), 4);
    assert_eq!(api.get("/v1/Services").column("sid").len(), 2);
    assert_eq!(api.delete(&path).status, 204);
    assert_eq!(api.get(&format!("{path}/Roles")).refusal(), (404, 20404));
    let default = api.get("/v1/Configuration").text("default_chat_service_sid");
    assert_eq!(api.delete(&format!("/v1/Services/{default}")).refusal(), (400, 20001));
}

#[test]
fn the_default_service_can_be_another() {
    let api = Api::new();
    let other = api.post("/v1/Services", &[("FriendlyName", "Other")]).sid();
    let reply = api.post(
        "/v1/Configuration",
        &[("DefaultChatServiceSid", &other), ("DefaultInactiveTimer", "PT1M")],
    );
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.body["default_inactive_timer"], "PT1M");
    assert_eq!(api.get("/v1/Roles").column("chat_service_sid"), vec![other; 4]);
    let unknown = "IS00000000000000000000000000000000";
    let reply = api.post("/v1/Configuration", &[("DefaultChatServiceSid", unknown)]);
    assert_eq!(reply.refusal(), (400, 20001));
}

#[test]
fn flexs_settings_are_replaced_key_by_key() {
    let api = Api::new();
    let before = api.get("flex:/v1/Configuration").body;
    let skills =
        json!([{ "name": "sales", "multivalue": false, "minimum": null, "maximum": null }]);
    let body = json!({
        "account_sid": "AC00000000000000000000000000000000",
        "taskrouter_skills": skills,
        "ui_attributes": { "theme": "dark" },
        "surprise": 1,
    });
    let after = flex(&api, &body.to_string());
    assert_eq!(after.status, 200, "{}", after.body);
    assert_eq!(after.body["taskrouter_skills"], skills);
    assert_eq!(after.body["account_sid"], before["account_sid"]);
    assert_eq!(after.body["taskrouter_workspace_sid"], before["taskrouter_workspace_sid"]);
    assert!(after.body.get("surprise").is_none());
    let replaced = flex(&api, r#"{"ui_attributes":{"logo":1}}"#);
    assert_eq!(replaced.body["ui_attributes"], json!({ "logo": 1 }), "not merged deeper");
    assert_eq!(flex(&api, r#"{"taskrouter_skills":"sales"}"#).refusal(), (400, 20001));
    assert_eq!(flex(&api, "a=b").refusal(), (400, 20001));
}
