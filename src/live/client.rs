//! Sending: credentials, the bound on concurrency, retries, pages.

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};
use url::Url;

use super::answer;
use super::gate::Gate;
use super::lift::Raw;
use super::page::{self, Item, Page};
use super::request::Call;
use super::retry::{Answer, Object, Operation, Outcome, jitter, retry};
use super::{
    ApiError, Budget, Class, Credentials, Endpoints, Heard, LowerError, SendError, Stop, Transport,
};
use crate::model::Address;

/// What readers and writers share. Cheap to clone.
pub struct Client<T> {
    shared: Arc<Shared<T>>,
    heed: Heed,
}

/// Whether a wish to stop is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heed {
    Stop,
    /// What was begun is finished.
    Nothing,
}

struct Shared<T> {
    transport: T,
    endpoints: Endpoints,
    credentials: Credentials,
    gate: Gate,
    jitter: Option<u64>,
    retries: AtomicU64,
    requests: AtomicU64,
    deadline: Option<Deadline>,
    stop: Stop,
    /// The sids that were created.
    created: Mutex<BTreeSet<String>>,
    roles: OnceCell<Vec<String>>,
}

/// In the transport's time.
#[derive(Clone, Copy, Debug)]
struct Deadline {
    at: Duration,
    after: Duration,
}

/// How fast a client goes, and for how long.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    /// How many requests a second.
    pub budget: Budget,
    /// The seed of the chance in the waits before a request is sent again; none for no chance.
    pub jitter: Option<u64>,
    /// How long after the client was made nothing is sent any more. What was sent is waited for.
    pub deadline: Option<Duration>,
    /// Once wished, nothing is sent any more that was not begun. What was sent is waited for.
    pub stop: Stop,
}

/// What the clients of one run have in common.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// As in [`Pace`].
    pub jitter: Option<u64>,
    /// At this moment of the transport's own time nothing is sent any more.
    pub deadline: Option<Duration>,
    /// As in [`Pace`].
    pub stop: Stop,
}

/// Reads, and cannot write. Cheap to clone.
#[derive(Debug)]
pub struct Reader<T> {
    pub(super) client: Client<T>,
}

/// Writes single resources.
#[derive(Clone, Debug)]
pub struct Writer<T> {
    pub(super) client: Client<T>,
}

/// Why something could not be read or written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LiveError {
    /// The server was not reached, or did not answer what changes nothing.
    #[error("{source} ({request})")]
    Unreachable { request: String, source: SendError },
    /// The API does not know us, or does not let us (401, 403).
    #[error("the API refuses our credentials: {0}")]
    Refused(Box<ApiError>),
    /// There is nothing at the address.
    #[error("not found: {0}")]
    NotFound(Box<ApiError>),
    /// The object has another revision by now (412).
    #[error("somebody else has changed it: {0}")]
    Moved(Box<ApiError>),
    /// Any other refusal.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// An answer that cannot be understood or must not be followed.
    #[error("{request} answered {what}")]
    Protocol { request: String, what: String },
    /// Nobody knows whether it was done.
    #[error("it is not known whether {request} was carried out: {what}")]
    Ambiguous { request: String, what: String },
    /// Somebody else has made an object of the name that ours was to get.
    #[error("{address} is there already, as {sid}, and the plan did not know it")]
    Appeared { address: Address, sid: String },
    /// The time that was given to the whole run is over; this request was not sent.
    #[error("the run's deadline of {} passed before {request} was sent", duration(.deadline))]
    Deadline { request: String, deadline: Duration },
    /// The run is to stop; this request has changed nothing.
    #[error("the run was interrupted before {request} was carried out")]
    Stopped { request: String },
    /// No workspace has the name.
    #[error("no workspace is named `{name}`; there are: {}", list(.known))]
    NoWorkspace { name: String, known: Vec<String> },
    /// Nothing says which of several workspaces is meant.
    #[error("the account has several workspaces and none is chosen: {}", list(.known))]
    WhichWorkspace { known: Vec<String> },
    /// Two workspaces have the name.
    #[error("{} workspaces are named `{name}`: {}; pin one with `sid:`", sids.len(), list(.sids))]
    SeveralWorkspaces { name: String, sids: Vec<String> },
    /// The resource cannot be put into a request.
    #[error(transparent)]
    Lower(#[from] LowerError),
}

fn duration(duration: &Duration) -> String {
    jiff::SignedDuration::try_from(*duration).map_or_else(|_| String::new(), |d| format!("{d:#}"))
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

impl LiveError {
    /// What the API said, when it said something.
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Refused(error)
            | Self::NotFound(error)
            | Self::Moved(error)
            | Self::Api(error) => Some(error),
            _ => None,
        }
    }

    /// Whether nobody knows if a write was carried out.
    pub fn is_ambiguous(&self) -> bool {
        matches!(self, Self::Ambiguous { .. })
    }

    fn of(call: &Call, result: &Result<http::Response<Bytes>, SendError>) -> Self {
        let writes = call.operation != Operation::Read;
        match result {
            Err(source @ SendError::Broken { .. }) if writes => {
                Self::Ambiguous { request: call.label(), what: source.to_string() }
            }
            Err(source) => Self::Unreachable { request: call.label(), source: source.clone() },
            Ok(response) => {
                let error = Box::new(ApiError::read(call, response));
                if error.is_refusal() {
                    Self::Refused(error)
                } else if error.is_not_found() {
                    Self::NotFound(error)
                } else if response.status() == http::StatusCode::PRECONDITION_FAILED {
                    Self::Moved(error)
                } else if writes && response.status().is_server_error() {
                    Self::Ambiguous { request: call.label(), what: error.to_string() }
                } else {
                    Self::Api(error)
                }
            }
        }
    }
}

impl<T> Reader<T> {
    /// How many requests were sent so far, by the writer of the same client too.
    pub fn requests(&self) -> u64 {
        self.client.shared.requests.load(Ordering::Relaxed)
    }

    /// How many requests of a class are sent in a second, now; none without a bound.
    pub fn rate(&self, class: Class) -> Option<f64> {
        self.client.rate(class)
    }
}

impl<T> Client<T> {
    /// Whether nothing new is to be begun.
    pub(super) fn is_stopped(&self) -> bool {
        self.heed == Heed::Stop && self.shared.stop.is_wished()
    }

    /// One that finishes what was begun, whoever wishes it to stop.
    pub(super) fn to_the_end(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), heed: Heed::Nothing }
    }

    /// The side that reads.
    pub fn reader(&self) -> Reader<T> {
        Reader { client: self.clone() }
    }

    /// The side that writes.
    pub fn writer(&self) -> Writer<T> {
        Writer { client: self.clone() }
    }

    pub(super) fn rate(&self, class: Class) -> Option<f64> {
        self.budget().rate(class)
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.shared.gate.budget()
    }

    pub(super) fn endpoints(&self) -> &Endpoints {
        &self.shared.endpoints
    }

    /// The path of the Conversations roles, once it was found out.
    pub(super) fn roles(&self) -> &OnceCell<Vec<String>> {
        &self.shared.roles
    }
}

impl<T: Transport> Client<T> {
    /// A client that has at most `concurrency` requests under way (at least one), as fast as it
    /// can.
    pub fn new(
        transport: T,
        endpoints: Endpoints,
        credentials: Credentials,
        concurrency: usize,
    ) -> Self {
        Self::paced(transport, endpoints, credentials, concurrency, Pace::default())
    }

    /// The same within a budget and a deadline. Requests overlap up to both bounds.
    pub fn paced(
        transport: T,
        endpoints: Endpoints,
        credentials: Credentials,
        concurrency: usize,
        pace: Pace,
    ) -> Self {
        let Pace { budget, jitter, deadline, stop } = pace;
        let now = transport.now();
        let deadline = deadline.map(|after| Deadline { at: now.saturating_add(after), after });
        let gate = Gate::new(concurrency, budget);
        Self::build(gate, transport, endpoints, credentials, jitter, deadline, stop)
    }

    /// The same behind a gate that other clients of the account pass too, as one of a run.
    pub fn behind(
        gate: Gate,
        transport: T,
        endpoints: Endpoints,
        credentials: Credentials,
        run: Run,
    ) -> Self {
        let Run { jitter, deadline, stop } = run;
        let deadline = deadline.map(|at| Deadline { at, after: at });
        Self::build(gate, transport, endpoints, credentials, jitter, deadline, stop)
    }

    fn build(
        gate: Gate,
        transport: T,
        endpoints: Endpoints,
        credentials: Credentials,
        jitter: Option<u64>,
        deadline: Option<Deadline>,
        stop: Stop,
    ) -> Self {
        let shared = Shared {
            transport,
            endpoints,
            credentials,
            gate,
            jitter,
            retries: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            deadline,
            stop,
            created: Mutex::default(),
            roles: OnceCell::new(),
        };
        Self { shared: Arc::new(shared), heed: Heed::Stop }
    }

    /// Sends a request until it succeeds or the retry policy gives up; gives the body. What a
    /// delete does not find is deleted.
    pub(super) async fn call(&self, call: &Call) -> Result<Bytes, LiveError> {
        self.exchange(call).await.map(http::Response::into_body)
    }

    /// The same with the answer's headers.
    pub(super) async fn exchange(&self, call: &Call) -> Result<http::Response<Bytes>, LiveError> {
        let mut permit = self.turn(call).await?;
        let object = self.object(call);
        let mut attempt = 1;
        // An earlier try of which nobody knows what it has done.
        let mut lost = None;
        loop {
            let result = self.send(call, permit).await;
            let result = match result {
                Ok(response) if response.status().is_success() => return Ok(response),
                other => other,
            };
            let outcome =
                Outcome { operation: call.operation, object, answer: Answer::of(&result) };
            // Whoever gives up is told what happened last, or that nobody knows.
            let error = LiveError::of(call, &result);
            if error.is_ambiguous() {
                lost = Some(error.clone());
            }
            let error = match (&lost, &outcome.answer) {
                (Some(lost), Answer::Unreached | Answer::Status(429, _)) => lost.clone(),
                _ => error,
            };
            let wait = match retry(attempt, &outcome) {
                Some(wait) => wait,
                None if is_gone(&outcome) => return Ok(http::Response::new(Bytes::new())),
                None => return Err(error),
            };
            let wait = self.spread(wait, &outcome.answer);
            if self.is_late(wait) {
                return Err(error);
            }
            self.pause(wait).await;
            permit = match self.turn(call).await {
                Ok(permit) => permit,
                Err(stopped @ LiveError::Stopped { .. }) if outcome.is_undone() => {
                    return Err(lost.unwrap_or(stopped));
                }
                Err(_) => return Err(error),
            };
            attempt += 1;
        }
    }

    /// Remembers what was created.
    pub(super) fn created(&self, sid: &str) {
        let mut created = self.shared.created.lock().unwrap_or_else(PoisonError::into_inner);
        created.insert(sid.to_owned());
    }

    /// Whether a request is about something that was created in this run, or below it.
    fn object(&self, call: &Call) -> Object {
        let created = self.shared.created.lock().unwrap_or_else(PoisonError::into_inner);
        let mut segments = call.url.path_segments().into_iter().flatten();
        if segments.any(|segment| created.contains(segment)) {
            Object::JustCreated
        } else {
            Object::Settled
        }
    }

    /// Waits until the budget and the bound on concurrency let a request go.
    async fn turn(&self, call: &Call) -> Result<SemaphorePermit<'_>, LiveError> {
        let shared = &self.shared;
        let _turn = shared.gate.turn(call.class).await;
        loop {
            if self.is_stopped() {
                return Err(LiveError::Stopped { request: call.label() });
            }
            let wait = self.budget().wait(call.class, shared.transport.now());
            if self.is_late(wait) {
                let deadline = shared.deadline.map(|deadline| deadline.after).unwrap_or_default();
                return Err(LiveError::Deadline { request: call.label(), deadline });
            }
            if !wait.is_zero() {
                self.pause(wait).await;
                continue;
            }
            // Without a permit the time would be right and nobody sent; with one and no token
            // others would be held up.
            let permit = shared.gate.permit().await;
            let now = shared.transport.now();
            let mut budget = self.budget();
            let is_time = budget.wait(call.class, now).is_zero() && !self.is_late(Duration::ZERO);
            if is_time && !self.is_stopped() {
                budget.take(call.class, now);
                return Ok(permit);
            }
        }
    }

    /// Whether what is done after a wait is done after the deadline.
    pub(super) fn is_late(&self, wait: Duration) -> bool {
        let Some(deadline) = self.shared.deadline else { return false };
        self.shared.transport.now().saturating_add(wait) > deadline.at
    }

    fn spread(&self, wait: Duration, answer: &Answer) -> Duration {
        let Some(seed) = self.shared.jitter else { return wait };
        let number = self.shared.retries.fetch_add(1, Ordering::Relaxed);
        let least = match answer {
            Answer::Status(_, wanted) => *wanted,
            Answer::Unreached | Answer::Broken => None,
        };
        jitter(wait, least, seed, number)
    }

    async fn send(
        &self,
        call: &Call,
        _permit: SemaphorePermit<'_>,
    ) -> Result<http::Response<Bytes>, SendError> {
        let shared = &self.shared;
        let request = call.build(&shared.credentials)?;
        shared.requests.fetch_add(1, Ordering::Relaxed);
        let answer = shared.transport.send(request).await?;
        let heard = Heard::of(answer.status(), answer.headers());
        self.budget().hear(call.class, shared.transport.now(), &heard);
        Ok(answer)
    }

    /// Waits, not longer than until the run is to stop.
    pub(super) async fn pause(&self, duration: Duration) {
        let shared = &self.shared;
        if self.heed == Heed::Nothing {
            return shared.transport.wait(duration).await;
        }
        tokio::select! {
            () = shared.transport.wait(duration) => {}
            () = shared.stop.wished() => {}
        }
    }

    /// The time of the transport.
    pub(super) fn now(&self) -> Duration {
        self.shared.transport.now()
    }

    /// Waits, in the transport's own time.
    pub(super) async fn wait(&self, duration: Duration) {
        self.shared.transport.wait(duration).await;
    }

    /// Reads one object.
    pub(super) async fn fetch(&self, call: &Call) -> Result<Map<String, Value>, LiveError> {
        let body = self.call(call).await?;
        answer::object(&body).map_err(|what| protocol(call, what))
    }

    /// Reads a list to its end. `key` names the items.
    pub(super) async fn list(&self, first: Url, key: &str) -> Result<Vec<Raw>, LiveError> {
        let items = self.list_as::<Item>(first, key).await?;
        Ok(items.into_iter().map(|Item(item)| item).collect())
    }

    /// The same of any items that are read from objects. Further pages are taken from the server of
    /// the first one only, since every request carries the credentials.
    pub(super) async fn list_as<I: DeserializeOwned + Send + 'static>(
        &self,
        first: Url,
        key: &str,
    ) -> Result<Vec<I>, LiveError> {
        let origin = first.origin();
        let mut seen = BTreeSet::from([first.clone()]);
        let mut call = Call::get(first);
        let mut pages = Vec::new();
        loop {
            let body = self.call(&call).await?;
            let next = if let Some(next) = page::glance(&body) {
                pages.push(Items::beside(body, key, next.clone()));
                next
            } else {
                let page = Page::of(&body, key).map_err(|what| protocol(&call, what))?;
                pages.push(Items::Read(page.items));
                page.next
            };
            let Some(next) = next else { break };
            let Ok(next) = Url::parse(&next) else {
                return Err(protocol(&call, "a next page that is not a URL".to_owned()));
            };
            if next.origin() != origin {
                let (theirs, ours) =
                    (next.origin().ascii_serialization(), origin.ascii_serialization());
                let what =
                    format!("a next page on {theirs}, and credentials are sent to {ours} only");
                return Err(protocol(&call, what));
            }
            if !seen.insert(next.clone()) {
                return Err(protocol(&call, "a next page that was read before".to_owned()));
            }
            // The class stays, whatever the URL shows.
            call.url = next;
        }
        let mut read = Vec::with_capacity(pages.len());
        for page in pages {
            read.push(page.read().await.map_err(|what| protocol(&call, what))?);
        }
        let mut items = Vec::with_capacity(read.iter().map(Vec::len).sum());
        items.extend(read.into_iter().flatten());
        Ok(items)
    }
}

/// How many large pages are read at once: a processor is left to the requests.
static READERS: LazyLock<Semaphore> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    Semaphore::new(processors.saturating_sub(1).max(1))
});

/// The items of a page.
enum Items<I> {
    Read(Vec<I>),
    Reading(tokio::task::JoinHandle<Result<Vec<I>, String>>),
}

impl<I: DeserializeOwned + Send + 'static> Items<I> {
    /// Reads a large page on a thread that does not hold up the requests.
    fn beside(body: Bytes, key: &str, next: Option<String>) -> Self {
        let key = key.to_owned();
        let is_last = next.is_none();
        let read = move || {
            let page = Page::of(&body, &key)?;
            if page.next != next {
                return Err("a next page where there should be none".to_owned());
            }
            Ok(page.items)
        };
        Self::Reading(tokio::spawn(async move {
            // After the last page there is nothing to leave a processor to.
            let _turn = match is_last {
                true => None,
                false => Some(READERS.acquire().await.expect("nobody closes it")),
            };
            tokio::task::spawn_blocking(read).await.expect("reading JSON does not panic")
        }))
    }

    async fn read(self) -> Result<Vec<I>, String> {
        match self {
            Self::Read(items) => Ok(items),
            Self::Reading(items) => items.await.expect("reading a page does not panic"),
        }
    }
}

/// Whether a delete found nothing left to do.
fn is_gone(outcome: &Outcome) -> bool {
    outcome.operation == Operation::Delete && matches!(outcome.answer, Answer::Status(404, _))
}

pub(super) fn protocol(call: &Call, what: String) -> LiveError {
    LiveError::Protocol { request: call.label(), what }
}

impl<T> Clone for Client<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), heed: self.heed }
    }
}

impl<T> Clone for Reader<T> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone() }
    }
}

impl<T> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoints", &self.shared.endpoints)
            .field("credentials", &self.shared.credentials)
            .finish_non_exhaustive()
    }
}
