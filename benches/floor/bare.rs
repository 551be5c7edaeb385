//! The bare client: flexctl's own transport, and nothing that looks into an answer.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use flexctl::emulator;
use flexctl::live::{
    self, Client, Credentials, Endpoints, HttpTransport, Scope, SendError, Transport,
};
use futures_util::stream::{self, StreamExt};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use indexmap::IndexMap;

use crate::center;

/// The path of a request with its query, and the form.
type Line = (String, String);

/// Requests each of which is known by the answer to the one before: the pages of a list.
type Chain = Vec<Line>;

/// Chains that are known once those of the stage before have been answered: the workspace, the lists
/// in it, the questions about its workers.
type Stage = Vec<Chain>;

/// Sends what a file of requests holds, so many chains at once, and prints how many requests there
/// were and how many bytes were answered.
pub(crate) fn send(url: &str, requests: &Path, at_once: usize) {
    let requests = std::fs::read_to_string(requests).expect("the requests can be read");
    let stages: Vec<Stage> = serde_json::from_str(&requests).expect("the requests are JSON");
    let start = Instant::now();
    let endpoints = Endpoints::at(url).expect("a loopback URL");
    let transport = HttpTransport::new(&endpoints, at_once).expect("an HTTP client");
    let transport = &transport;
    let key = base64_of(emulator::ACCOUNT_SID, emulator::AUTH_TOKEN);
    let key = &key;
    let sent: usize = stages.iter().flatten().map(Vec::len).sum();
    let send = async |(path, form): Line| {
        let mut request = http::Request::builder().uri(format!("{url}{path}"));
        request = request.header(AUTHORIZATION, key);
        if !form.is_empty() {
            request = request.method("POST");
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request.body(Bytes::from(form)).expect("a request of ours");
        let answer = transport.send(request).await.expect("the emulator answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.body().len()
    };
    let send = &send;
    let follow = |chain: Chain| async move {
        let mut bytes = 0;
        for line in chain {
            bytes += send(line).await;
        }
        bytes
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime with threads");
    let bytes: usize = runtime.block_on(async {
        let mut sum = 0;
        for chains in stages {
            let answers = stream::iter(chains).map(follow).buffer_unordered(at_once);
            sum += answers.fold(0, async |sum, bytes| sum + bytes).await;
        }
        sum
    });
    println!("[{sent}, {bytes}, {}]", start.elapsed().as_secs_f64());
}

fn base64_of(user: &str, password: &str) -> String {
    use base64::Engine;
    let pair = format!("{user}:{password}");
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

/// Writes down what reading takes.
pub(crate) fn record(url: &str, spec: &Path, file: &Path) {
    let desired = center::desired(&std::fs::read_to_string(spec).expect("the spec can be read"));
    let endpoints = Endpoints::at(url).expect("a loopback URL");
    let inner = HttpTransport::new(&endpoints, 4).expect("an HTTP client");
    let recorder = Recorder { inner, heard: Arc::default() };
    let heard = Arc::clone(&recorder.heard);
    let credentials = Credentials::new(emulator::ACCOUNT_SID, emulator::AUTH_TOKEN);
    let reader = Client::new(recorder, endpoints, credentials, 4).reader();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime with threads");
    let read = runtime.block_on(live::read(&reader, &Scope::of(&desired)));
    read.expect("the emulator answers");
    let mut stages: [IndexMap<String, Chain>; 3] = Default::default();
    for path in heard.lock().expect("nobody panics with it").iter() {
        let (collection, query) = path.split_once('?').unwrap_or((path, ""));
        let pairs = form_urlencoded::parse(query.as_bytes());
        let list: Vec<_> = pairs.filter(|(key, _)| !key.starts_with("Page")).collect();
        let list = format!("{collection} {list:?}");
        let stage = match collection {
            "/v1/Workspaces" => 0,
            _ if query.contains("TargetWorkersExpression") => 2,
            _ => 1,
        };
        stages[stage].entry(list).or_default().push((path.clone(), String::new()));
    }
    let stages = stages.into_iter().map(|chains| chains.into_values().collect());
    write(file, &stages.collect::<Vec<Stage>>());
}

/// Writes down the creates of queues.
pub(crate) fn write_creates(workspace_sid: &str, count: usize, file: &Path) {
    let path = format!("/v1/Workspaces/{workspace_sid}/TaskQueues");
    let form = |n: usize| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("FriendlyName", &center::queue_name(n));
        form.append_pair("TargetWorkers", &center::target_workers(n));
        vec![(path.clone(), form.finish())]
    };
    write(file, &[(0..count).map(form).collect()]);
}

fn write(file: &Path, stages: &[Stage]) {
    let text = serde_json::to_string(stages).expect("text is JSON");
    std::fs::write(file, text).expect("a file can be written");
}

/// A transport that remembers what was read.
struct Recorder {
    inner: HttpTransport,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Transport for Recorder {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, SendError> {
        let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        self.heard.lock().expect("nobody panics with it").push(path);
        self.inner.send(request).await
    }

    async fn wait(&self, duration: Duration) {
        self.inner.wait(duration).await;
    }

    fn now(&self) -> Duration {
        self.inner.now()
    }
}
