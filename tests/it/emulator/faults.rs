//! What goes wrong on purpose.

use std::time::Duration;

use flexctl::emulator::{ACCOUNT_SID, AUTH_TOKEN, Edit, Emulator, Fault, Faults, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Api, basic};

/// An account whose requests meet these faults; creating a queue is the first.
fn api(faults: Faults) -> Api {
    Api::with(Options { faults, ..Options::deterministic() })
}

/// The status of an answer, or none when the connection broke.
fn create(api: &Api, name: &str) -> Option<u16> {
    let form = [("FriendlyName", name), ("TargetWorkers", "1==1")];
    let request = Api::request("POST", &api.at("TaskQueues"), &form);
    api.emulator.meet(request).response.map(|response| response.status().as_u16())
}

fn queues(api: &Api) -> Vec<String> {
    api.get(&api.at("TaskQueues")).column("friendly_name")
}

#[test]
fn a_refused_request_was_not_carried_out() {
    for (fault, status) in [
        (Fault::TooMany { retry_after: None }, Some(429)),
        (Fault::Unavailable, Some(503)),
        (Fault::CutBefore, None),
    ] {
        let api = api(Faults::none().at(0, fault));
        assert_eq!(create(&api, "Sales"), status);
        assert_eq!(queues(&api), ["Everyone"]);
        assert_eq!(create(&api, "Sales"), Some(201));
    }
}

#[test]
fn an_answer_can_be_lost_after_the_request_was_carried_out() {
    for (fault, status) in [(Fault::ErrorAfter, Some(500)), (Fault::CutAfter, None)] {
        let api = api(Faults::none().at(0, fault));
        assert_eq!(create(&api, "Sales"), status);
        assert_eq!(queues(&api), ["Everyone", "Sales"]);
    }
}

#[test]
fn retry_after_is_a_header_in_seconds() {
    let api = api(Faults::none().at(0, Fault::TooMany { retry_after: Some(2) }));
    let request = Api::request("GET", &api.at("TaskQueues"), &[]);
    let response = api.emulator.meet(request).response.unwrap();
    assert_eq!(response.headers()["retry-after"], "2");
}

#[test]
fn a_stale_list_is_as_it_was_before_the_last_write() {
    let api = api(Faults::none().at(2, Fault::Stale));
    assert_eq!(create(&api, "Sales"), Some(201));
    assert_eq!(create(&api, "Support"), Some(201));
    let read = || {
        let request = Api::request("GET", &api.at("TaskQueues"), &[]);
        let body = api.emulator.meet(request).response.unwrap().into_body();
        String::from_utf8(body.to_vec()).unwrap()
    };
    let stale = read();
    assert!(stale.contains("Sales") && !stale.contains("Support"), "{stale}");
    assert!(read().contains("Support"));
}

#[test]
fn somebody_elses_write_comes_right_before_the_request() {
    let make = Edit {
        method: "POST".to_owned(),
        path: String::new(),
        form: "FriendlyName=Sales&TargetWorkers=1==0".to_owned(),
    };
    // The path holds the workspace's sid, which the same seed gives to every account.
    let edit = Edit { path: Api::new().at("TaskQueues"), ..make };
    let api = api(Faults::none().at(0, Fault::Foreign(edit)));
    assert_eq!(create(&api, "Sales"), Some(400), "the name is taken by now");
    let requests = api.emulator.requests();
    assert_eq!(requests.len(), 1, "others' requests are not ours: {requests:?}");
}

#[test]
fn somebody_always_finds_something_to_change() {
    let mut faults = Faults::none();
    for request in 0..40 {
        faults = faults.at(request, Fault::SomeForeign);
    }
    let api = api(faults);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..40 {
        let request = Api::request("GET", &api.at("TaskQueues"), &[]);
        let body = api.emulator.meet(request).response.unwrap().into_body();
        seen.insert(body);
    }
    assert!(seen.len() > 10, "{}", seen.len());
}

#[test]
fn latency_is_added_to_what_is_slow() {
    let faults = Faults::none().at(0, Fault::Slow(Duration::from_millis(30)));
    let latency = Duration::from_millis(50);
    let api = Api::with(Options { faults, latency, ..Options::deterministic() });
    let met = || api.emulator.meet(Api::request("GET", &api.at("TaskQueues"), &[])).after;
    assert_eq!(met(), Duration::from_millis(80));
    assert_eq!(met(), latency);
}

#[tokio::test]
async fn a_cut_connection_ends_in_the_middle_of_the_answer() {
    let faults = Faults::none().at(0, Fault::CutAfter);
    let emulator = Emulator::in_memory(Options { faults, ..Options::deterministic() });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(emulator.serve(listener, std::future::pending()));
    let credentials = basic(ACCOUNT_SID, AUTH_TOKEN);
    let request =
        format!("GET /v1/Workspaces HTTP/1.1\r\nHost: x\r\nAuthorization: {credentials}\r\n\r\n");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // Whether the end comes as a reset or not is up to the system.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(!answer.contains("friendly_name"), "{answer}");
    assert!(!answer.ends_with("0\r\n\r\n"), "the answer must not look whole: {answer}");
}
