//! Workers and their channels.

use super::{Api, Reply};

fn if_match(api: &Api, method: &str, path: &str, tag: &str) -> Reply {
    let mut request = Api::request(method, path, &[("Attributes", "{}")]);
    request.headers_mut().insert("if-match", http::HeaderValue::try_from(tag).unwrap());
    api.raw(request)
}

#[test]
fn a_worker_begins_in_the_default_activity_without_attributes() {
    let api = Api::new();
    let reply = api.post(&api.at("Workers"), &[("FriendlyName", "ana")]);
    assert_eq!(reply.status, 201);
    assert_eq!(reply.body["attributes"], "{}");
    assert_eq!(reply.body["activity_name"], "Offline");
    assert_eq!(reply.body["available"], false);
}

#[test]
fn attributes_come_back_as_they_were_sent() {
    let api = Api::new();
    let odd = "{ \"b\" : 1.0,\n\"a\":[ ],\"a\":\"\\u00e9\" }";
    let worker = api.worker("ana", odd);
    assert_eq!(worker.body["attributes"], odd);
    assert_eq!(api.get(&api.at("Workers")).column("attributes"), [odd]);
    let path = api.at(&format!("Workers/{}", worker.sid()));
    for wrong in ["", "[]", "null", "{", "agent"] {
        assert_eq!(api.post(&path, &[("Attributes", wrong)]).refusal(), (400, 20001), "{wrong}");
    }
    let filler = |length: usize| format!("{{\"a\":\"{}\"}}", "é".repeat(length - 8));
    assert_eq!(api.post(&path, &[("Attributes", &filler(4096))]).status, 200);
    assert_eq!(api.post(&path, &[("Attributes", &filler(4097))]).refusal(), (400, 20001));
}

#[test]
fn worker_names_are_unique_in_any_case() {
    let api = Api::new();
    let ana = api.worker("Ana", "{}");
    let again = api.post(&api.at("Workers"), &[("FriendlyName", "aNA")]);
    assert_eq!(again.refusal(), (400, 20001));
    assert_eq!(again.message(), "Worker with the same friendly name already exists");
    let path = api.at(&format!("Workers/{}", ana.sid()));
    assert_eq!(api.post(&path, &[("FriendlyName", "ANA")]).body["friendly_name"], "ANA");
    assert_eq!(api.get(&api.at("Workers?FriendlyName=ana")).column("friendly_name"), ["ANA"]);
}

#[test]
fn a_worker_changes_activity_and_the_time_of_it_is_kept() {
    let api = Api::new();
    let worker = api.worker("ana", "{}").sid();
    let path = api.at(&format!("Workers/{worker}"));
    let reply = api.post(&path, &[("ActivitySid", &api.activity("Available"))]);
    assert_eq!(reply.body["activity_name"], "Available");
    assert_eq!(reply.body["available"], true);
    assert_eq!(api.post(&path, &[("ActivitySid", "")]).refusal(), (400, 20001));
    let unknown = "WA00000000000000000000000000000000";
    assert_eq!(api.post(&path, &[("ActivitySid", unknown)]).refusal(), (400, 20001));
}

#[test]
fn an_available_worker_is_not_deleted() {
    let api = Api::new();
    let path = api.at(&format!("Workers/{}", api.worker("ana", "{}").sid()));
    api.post(&path, &[("ActivitySid", &api.activity("Available"))]);
    assert_eq!(api.delete(&path).refusal(), (400, 20001));
    api.post(&path, &[("ActivitySid", &api.activity("Break"))]);
    assert_eq!(api.delete(&path).status, 204);
    assert_eq!(api.get(&path).refusal(), (404, 20404));
}

#[test]
fn a_stale_revision_is_refused() {
    let api = Api::new();
    let made = api.worker("ana", "{}");
    let path = api.at(&format!("Workers/{}", made.sid()));
    let first = made.headers["etag"].to_str().unwrap().to_owned();
    let second = if_match(&api, "POST", &path, &first);
    assert_eq!(second.status, 200);
    let current = second.headers["etag"].to_str().unwrap().to_owned();
    assert_ne!(first, current);
    assert_eq!(if_match(&api, "POST", &path, &first).refusal(), (412, 20412));
    assert_eq!(if_match(&api, "DELETE", &path, &first).refusal(), (412, 20412));
    assert_eq!(api.get(&path).headers["etag"], current.as_str());
    assert_eq!(api.post(&path, &[]).status, 200, "without the header the last write wins");
    assert_eq!(if_match(&api, "POST", &path, "*").status, 200);
    let unquoted = api.get(&path).headers["etag"].to_str().unwrap().replace('"', "");
    assert_eq!(if_match(&api, "DELETE", &path, &unquoted).status, 204);
}

#[test]
fn only_workers_have_revisions() {
    let api = Api::new();
    assert!(!api.queue("A").headers.contains_key("etag"));
}

#[test]
fn workers_are_found_by_activity_expression_and_queue() {
    let api = Api::new();
    let available = api.activity("Available");
    for (name, attributes) in [
        ("ana", r#"{"routing":{"skills":["sales"],"levels":{"sales":4}}}"#),
        ("bil", r#"{"routing":{"skills":["support"]}}"#),
        ("cem", r#"{"routing":{"skills":["sales"],"levels":{"sales":1}}}"#),
    ] {
        let worker = api.worker(name, attributes);
        if name != "bil" {
            let path = api.at(&format!("Workers/{}", worker.sid()));
            api.post(&path, &[("ActivitySid", &available)]);
        }
    }
    let form = [("FriendlyName", "Sales"), ("TargetWorkers", "routing.skills HAS 'sales'")];
    let queue = api.post(&api.at("TaskQueues"), &form).sid();
    let find = |pairs: &[(&str, &str)]| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs);
        let reply = api.get(&api.at(&format!("Workers?{}", query.finish())));
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.column("friendly_name").join(" ")
    };
    assert_eq!(find(&[("ActivityName", "Available")]), "ana cem");
    assert_eq!(find(&[("ActivitySid", &available)]), "ana cem");
    assert_eq!(find(&[("Available", "true")]), "ana cem");
    assert_eq!(find(&[("Available", "0")]), "bil");
    assert_eq!(find(&[("TaskQueueSid", &queue)]), "ana cem");
    assert_eq!(find(&[("TaskQueueName", "Sales"), ("FriendlyName", "CEM")]), "cem");
    assert_eq!(find(&[("TaskQueueName", "Nobody")]), "");
    let expression = |text: &str| find(&[("TargetWorkersExpression", text)]);
    assert_eq!(expression("routing.levels.sales > 2"), "ana");
    assert_eq!(expression("friendly_name IN ['bil', 'cem']"), "bil cem");
    assert_eq!(expression("activity_name == 'Offline'"), "bil");
    assert_eq!(expression("worker.channel.voice.configured_capacity == 1"), "ana bil cem");
    assert_eq!(expression("missing != true"), "ana bil cem");
    let reply = api.get(&api.at("Workers?TargetWorkersExpression=routing.skills+HAS"));
    assert_eq!(reply.refusal(), (400, 20001));
    assert_eq!(api.get(&api.at("Workers?TaskQueueSid=Sales")).refusal(), (400, 20001));
}

#[test]
fn a_worker_has_a_channel_for_each_task_channel_also_later_ones() {
    let api = Api::new();
    let worker = api.worker("ana", "{}").sid();
    let path = api.at(&format!("Workers/{worker}/Channels"));
    let before = api.get(&path);
    assert_eq!(before.column("task_channel_unique_name").len(), 6);
    let form = [("FriendlyName", "Pulled"), ("UniqueName", "pulled")];
    api.post(&api.at("TaskChannels"), &form);
    let after = api.get(&path);
    assert_eq!(after.column("sid")[..6], before.column("sid"));
    let fresh = &after.body["channels"][6];
    assert_eq!(fresh["task_channel_unique_name"], "pulled");
    assert_eq!(fresh["configured_capacity"], 1);
    assert_eq!(fresh["available"], true);
    assert_eq!(fresh["available_capacity_percentage"], 100);
    assert_eq!(fresh["assigned_tasks"], 0);
    api.delete(&api.at("TaskChannels/pulled"));
    assert_eq!(api.get(&path).body, before.body);
    let paged = api.get(&format!("{path}?PageSize=4"));
    let rest = api.get(paged.body["meta"]["next_page_url"].as_str().unwrap());
    assert_eq!(rest.column("sid"), before.column("sid")[4..]);
}

#[test]
fn a_workers_channel_is_addressed_in_three_ways_and_takes_nought_to_fifty() {
    let api = Api::new();
    let worker = api.worker("ana", "{}").sid();
    let at = |key: &str| api.at(&format!("Workers/{worker}/Channels/{key}"));
    let voice = api.get(&at("voice"));
    assert_eq!(api.get(&at(&voice.sid())).body, voice.body);
    assert_eq!(api.get(&at(&voice.text("task_channel_sid"))).body, voice.body);
    let changed = api.post(&at("voice"), &[("Capacity", "3")]);
    assert_eq!(changed.body["configured_capacity"], 3);
    assert_eq!(changed.body["available"], true);
    let none = api.post(&at("voice"), &[("Capacity", "0"), ("Available", "false")]);
    assert_eq!(none.body["available_capacity_percentage"], 0);
    assert_eq!(none.body["available"], false);
    assert_eq!(api.get(&at(&voice.sid())).body, none.body);
    for capacity in ["-1", "51", "two", ""] {
        let reply = api.post(&at("voice"), &[("Capacity", capacity)]);
        assert_eq!(reply.refusal(), (400, 20001), "{capacity}");
    }
    assert_eq!(api.get(&at("fax")).refusal(), (404, 20404));
    assert_eq!(api.delete(&at("voice")).refusal(), (405, 20004));
}
