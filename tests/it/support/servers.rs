//! Emulators over HTTP on loopback, each an account of its own.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use flexctl::emulator::{Emulator, Options, Seed};
use tokio::runtime::Runtime;

/// So much of a body is read.
const MOST_BYTES: usize = 8 << 20;

/// An account that is served.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) emulator: Emulator,
    /// `http://127.0.0.1:…`
    pub(crate) url: String,
    arrivals: Arc<Mutex<Vec<Instant>>>,
    /// How long an answer is held back.
    held: Arc<Mutex<Duration>>,
}

impl Server {
    /// When each request came in, oldest first.
    pub(crate) fn arrivals(&self) -> Vec<Instant> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Holds each answer back for so long, from now on.
    pub(crate) fn hold(&self, duration: Duration) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = duration;
    }

    /// How many requests were writes that got through.
    pub(crate) fn writes(&self) -> usize {
        let requests = self.emulator.requests();
        requests.iter().filter(|one| one.method != "GET" && one.status < 400).count()
    }
}

/// The servers; they end with this.
#[derive(Debug)]
pub(crate) struct Servers {
    servers: Vec<Server>,
    _runtime: Runtime,
}

impl Servers {
    /// One server for each account, with the token `token of ACCOUNT`.
    pub(crate) fn start(accounts: &[String]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let servers = accounts.iter().map(|account| runtime.block_on(serve(account))).collect();
        Self { servers, _runtime: runtime }
    }

    pub(crate) fn get(&self, number: usize) -> &Server {
        &self.servers[number]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Server> {
        self.servers.iter()
    }
}

/// The token of an account.
pub(crate) fn token(account: &str) -> String {
    format!("token of {account}")
}

async fn serve(account: &str) -> Server {
    let emulator = Emulator::in_memory(Options {
        account_sid: account.to_owned(),
        auth_token: token(account),
        seed: Seed::Demo,
        ..Options::deterministic()
    });
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let server = Server { emulator, url, arrivals: Arc::default(), held: Arc::default() };
    let shared = server.clone();
    let answer = move |request: http::Request<Body>| {
        let server = shared.clone();
        async move {
            server.arrivals.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
            let held = *server.held.lock().unwrap_or_else(PoisonError::into_inner);
            tokio::time::sleep(held).await;
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, MOST_BYTES).await.expect("a whole request");
            server.emulator.handle(http::Request::from_parts(parts, body)).map(Body::from)
        }
    };
    tokio::spawn(async move {
        let router = Router::new().fallback(answer);
        axum::serve(listener, router).await.expect("it serves until the runtime ends");
    });
    server
}
