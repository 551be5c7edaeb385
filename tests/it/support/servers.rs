//! Emulators over HTTP on loopback, each an account of its own, which can be made to keep their
//! clients waiting: what a test does meanwhile is in time on any machine.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use flexctl::emulator::{ACCOUNT_SID, AUTH_TOKEN, Emulator, Options, Seed};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

use super::served::until;

/// So much of a body is read.
const MOST_BYTES: usize = 8 << 20;

/// An account that is served.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) emulator: Emulator,
    /// `http://127.0.0.1:…`
    pub(crate) url: String,
    arrivals: Arc<Mutex<Vec<Instant>>>,
    /// How long each request is kept waiting.
    delay: Arc<Mutex<Duration>>,
    hold: Arc<Mutex<Option<Arc<Hold>>>>,
}

/// When the writes beyond some are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// Before they are carried out.
    Undone,
    /// When they were carried out, before they are answered.
    Done,
}

#[derive(Debug)]
struct Hold {
    held: Held,
    /// Writes that are let through.
    through: Semaphore,
    waiting: AtomicUsize,
}

impl Hold {
    async fn pass(&self) {
        if let Ok(permit) = self.through.try_acquire() {
            return permit.forget();
        }
        self.waiting.fetch_add(1, Ordering::SeqCst);
        // Closed, it lets everybody through.
        if let Ok(permit) = self.through.acquire().await {
            permit.forget();
        }
    }
}

impl Server {
    /// When each request came in, oldest first.
    pub(crate) fn arrivals(&self) -> Vec<Instant> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps each request waiting for so long, from now on.
    pub(crate) fn delay(&self, duration: Duration) {
        *self.delay.lock().unwrap_or_else(PoisonError::into_inner) = duration;
    }

    /// Holds all writes after so many more.
    pub(crate) fn hold_after(&self, writes: usize, held: Held) {
        let through = Semaphore::new(writes);
        self.set(Some(Arc::new(Hold { held, through, waiting: AtomicUsize::default() })));
    }

    /// Waits until so many writes are held.
    pub(crate) fn until_held(&self, writes: usize) {
        let hold = self.held().expect("writes are held");
        let held = until(|| (hold.waiting.load(Ordering::SeqCst) >= writes).then_some(()));
        held.expect("so many writes come");
    }

    /// Lets everything through again, also what was held.
    pub(crate) fn go_on(&self) {
        if let Some(hold) = self.set(None) {
            hold.through.close();
        }
    }

    /// Lets everything through again but what was held: whoever has sent it is gone.
    pub(crate) fn forget(&self) {
        drop(self.set(None));
    }

    /// How many requests were writes that got through.
    pub(crate) fn writes(&self) -> usize {
        let requests = self.emulator.requests();
        requests.iter().filter(|one| one.method != "GET" && one.status < 400).count()
    }

    fn set(&self, hold: Option<Arc<Hold>>) -> Option<Arc<Hold>> {
        std::mem::replace(&mut *self.hold.lock().unwrap_or_else(PoisonError::into_inner), hold)
    }

    fn held(&self) -> Option<Arc<Hold>> {
        self.hold.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn answer(self, request: http::Request<Body>) -> http::Response<Body> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
        let delay = *self.delay.lock().unwrap_or_else(PoisonError::into_inner);
        tokio::time::sleep(delay).await;
        let (parts, body) = request.into_parts();
        let hold = self.held().filter(|_| parts.method != http::Method::GET);
        let body = to_bytes(body, MOST_BYTES).await.expect("a whole request");
        let at = |held| hold.as_ref().filter(|hold| hold.held == held);
        if let Some(hold) = at(Held::Undone) {
            hold.pass().await;
        }
        let answer = self.emulator.handle(http::Request::from_parts(parts, body)).map(Body::from);
        if let Some(hold) = at(Held::Done) {
            hold.pass().await;
        }
        answer
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
        Self::of(accounts.iter().map(|account| (account.clone(), token(account))))
    }

    /// One server of the account that needs no credentials on this machine.
    pub(crate) fn one() -> Self {
        Self::of([(ACCOUNT_SID.to_owned(), AUTH_TOKEN.to_owned())])
    }

    fn of(accounts: impl IntoIterator<Item = (String, String)>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let serve = |(account, token)| runtime.block_on(serve(account, token));
        Self { servers: accounts.into_iter().map(serve).collect(), _runtime: runtime }
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

async fn serve(account_sid: String, auth_token: String) -> Server {
    let emulator = Emulator::in_memory(Options {
        account_sid,
        auth_token,
        seed: Seed::Demo,
        ..Options::deterministic()
    });
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let server = Server {
        emulator,
        url,
        arrivals: Arc::default(),
        delay: Arc::default(),
        hold: Arc::default(),
    };
    let shared = server.clone();
    let router = Router::new().fallback(move |request| shared.clone().answer(request));
    tokio::spawn(async move {
        axum::serve(listener, router).await.expect("it serves until the runtime ends");
    });
    server
}
