//! What the client makes of requests that go wrong, in process and over HTTP.

use flexctl::cli::InProcess;
use flexctl::emulator::{self, Emulator, Fault, Faults, Options};
use flexctl::live::{Edit, HttpTransport, Patience, Writer};
use tokio::net::TcpListener;

use super::*;

const FLEX: Scope<'static> = Scope { workspace_name: Some("Flex Task Assignment"), ..SCOPE };

/// Every fault of which a client may recover without knowing what the request was.
fn faults() -> [Fault; 7] {
    [
        Fault::TooMany { retry_after: None },
        Fault::TooMany { retry_after: Some(1) },
        Fault::Unavailable,
        Fault::ErrorAfter,
        Fault::CutBefore,
        Fault::CutAfter,
        Fault::Slow(Duration::from_secs(20)),
    ]
}

fn emulator(faults: Faults) -> Emulator {
    Emulator::in_memory(Options { faults, ..Options::deterministic() })
}

fn client<T: Transport>(transport: T, url: &str) -> Client<T> {
    let endpoints = Endpoints::at(url).unwrap();
    let credentials = Credentials::new(emulator::ACCOUNT_SID, emulator::AUTH_TOKEN);
    Client::new(transport, endpoints, credentials, 4)
}

fn in_process(emulator: &Emulator) -> Client<InProcess> {
    client(InProcess::new(emulator.clone()), InProcess::BASE_URL)
}

/// Somebody else's request, which meets no fault.
fn queues(emulator: &Emulator) -> Vec<Value> {
    let path = format!("/v1/Workspaces/{}/TaskQueues", emulator.workspace_sid());
    let request = crate::emulator::Api::request("GET", &path, &[]);
    let body: Value = serde_json::from_slice(emulator.handle(request).body()).unwrap();
    body["task_queues"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_reading_goes_on_after_any_fault_at_any_request() {
    let calm = emulator(Faults::none());
    let expected = live::read(&in_process(&calm).reader(), &FLEX).await.unwrap();
    let requests = u64::try_from(calm.requests().len()).unwrap();
    assert!(requests >= 7, "{requests}");
    for fault in faults() {
        for at in 0..requests {
            let emulator = emulator(Faults::none().at(at, fault.clone()));
            let read = live::read(&in_process(&emulator).reader(), &FLEX).await;
            assert_eq!(read.as_ref().ok(), Some(&expected), "{fault:?} at {at}: {read:?}");
        }
    }
}

/// Creates, updates and deletes a queue; a fault meets the request with this number.
async fn life<T: Transport>(writer: &Writer<T>, workspace: &str) -> Result<String, LiveError> {
    let (address, _) = sales();
    let queue = |max| {
        let max_reserved_workers = Some(max);
        Resource::Queue(Queue { max_reserved_workers, ..Queue::default() })
    };
    let sids = Sids::default();
    let made = writer.create(workspace, &address, &queue(2), &sids).await?;
    let resource = &queue(3);
    let edit = Edit { sid: &made.sid, resource, new_name: None, revision: None };
    writer.update(workspace, &address, edit, &sids).await?;
    writer.delete(workspace, &address, &made.sid, None).await?;
    Ok(made.sid)
}

#[tokio::test]
async fn a_write_is_carried_out_once_whatever_becomes_of_its_request() {
    for fault in faults() {
        for at in 0..3 {
            let emulator = emulator(Faults::none().at(at, fault.clone()));
            let workspace = emulator.workspace_sid();
            let done = life(&in_process(&emulator).writer(), &workspace).await;
            let sid = done.unwrap_or_else(|error| panic!("{fault:?} at {at}: {error}"));
            let kept = queues(&emulator);
            assert_eq!(kept.len(), 1, "{fault:?} at {at}: {kept:?}");
            let created = emulator.requests().into_iter().filter(|request| request.status == 201);
            assert_eq!(created.count(), 1, "{fault:?} at {at}, {sid}");
        }
    }
}

#[tokio::test]
async fn over_http_the_same_faults_have_the_same_end() {
    let runs =
        faults().into_iter().filter(|fault| !matches!(fault, Fault::Slow(_))).flat_map(|fault| {
            (0..3_u64).map(move |at| {
                let fault = fault.clone();
                async move {
                    let emulator = emulator(Faults::none().at(at, fault.clone()));
                    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                    let url = format!("http://{}", listener.local_addr().unwrap());
                    let server =
                        tokio::spawn(emulator.clone().serve(listener, std::future::pending()));
                    let transport = HttpTransport::new(&Endpoints::at(&url).unwrap(), 2).unwrap();
                    let workspace = emulator.workspace_sid();
                    let done = life(&client(transport, &url).writer(), &workspace).await;
                    done.unwrap_or_else(|error| panic!("{fault:?} at {at}: {error}"));
                    assert_eq!(queues(&emulator).len(), 1, "{fault:?} at {at}");
                    server.abort();
                }
            })
        });
    futures_util::future::join_all(runs).await;
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_in_doubt_and_a_missing_server_is_not() {
    let latency = Duration::from_secs(3600);
    let slow = Emulator::in_memory(Options { latency, ..Options::deterministic() });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(slow.serve(listener, std::future::pending()));
    let ask = |url: String, patience| async move {
        let endpoints = Endpoints::at(&url).unwrap();
        let transport = HttpTransport::patient(&endpoints, 2, patience).unwrap();
        let request = Request::post(format!("{url}/v1/Workspaces")).body(Bytes::new()).unwrap();
        transport.send(request).await.unwrap_err()
    };
    let patience = Patience { answer: Duration::from_millis(200), ..Patience::default() };
    let late = ask(url, patience).await;
    assert!(matches!(late, SendError::Broken { .. }), "{late}");
    assert!(late.to_string().ends_with("timed out after 0.2 s"), "{late}");

    let missing = ask("http://127.0.0.1:1".to_owned(), Patience::default()).await;
    assert!(matches!(missing, SendError::Connect { .. }), "{missing}");
}

#[tokio::test]
async fn what_was_just_created_is_looked_for_again_when_it_is_not_found() {
    let canned = |misses: usize| {
        Canned::new(move |line, before| match line {
            "POST /v1/Workspaces/WS1/TaskQueues" => ok(json!({"sid": "WQ1"})),
            _ if before < misses => refused(404, 20404, "not found"),
            _ => ok(json!({"sid": "WQ1"})),
        })
    };
    let sids = Sids::default();
    let (address, queue) = sales();
    let resource = &Resource::Queue(Queue { max_reserved_workers: Some(2), ..Queue::default() });
    let edit = Edit { sid: "WQ1", resource, new_name: None, revision: None };
    for (misses, found) in [(2, true), (9, false)] {
        let server = canned(misses);
        let writer = server.client().writer();
        writer.create("WS1", &address, &queue, &sids).await.unwrap();
        let result = writer.update("WS1", &address, edit, &sids).await;
        assert_eq!(result.is_ok(), found, "{result:?}");
        // Not found after all: a delete is done, though not at once.
        writer.delete("WS1", &address, "WQ1", None).await.unwrap();
    }
    let server = canned(1);
    let result = server.client().writer().update("WS1", &address, edit, &sids).await;
    assert!(matches!(result, Err(LiveError::NotFound(_))), "what another run made is gone");
    assert_eq!(server.waited(), []);
}
