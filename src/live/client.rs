//! Sending: credentials, the bound on concurrency, retries, pages.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value};
use tokio::sync::{OnceCell, Semaphore};
use url::Url;

use super::answer::{self, Page};
use super::request::Call;
use super::retry::{Answer, Operation, Outcome, retry};
use super::{ApiError, Credentials, Endpoints, LowerError, SendError, Transport};
use crate::model::Address;

/// What readers and writers share. Cheap to clone.
pub struct Client<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    transport: T,
    endpoints: Endpoints,
    credentials: Credentials,
    permits: Semaphore,
    roles: OnceCell<Vec<String>>,
}

/// Reads, and cannot write.
#[derive(Clone, Debug)]
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

impl<T> Client<T> {
    /// A client that has at most `concurrency` requests under way (at least one).
    pub fn new(
        transport: T,
        endpoints: Endpoints,
        credentials: Credentials,
        concurrency: usize,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                transport,
                endpoints,
                credentials,
                permits: Semaphore::new(concurrency.max(1)),
                roles: OnceCell::new(),
            }),
        }
    }

    /// The side that reads.
    pub fn reader(&self) -> Reader<T> {
        Reader { client: self.clone() }
    }

    /// The side that writes.
    pub fn writer(&self) -> Writer<T> {
        Writer { client: self.clone() }
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
    /// Sends a request until it succeeds or the retry policy gives up; gives the body. What a
    /// delete does not find is deleted.
    pub(super) async fn call(&self, call: &Call) -> Result<Bytes, LiveError> {
        self.exchange(call).await.map(http::Response::into_body)
    }

    /// The same with the answer's headers.
    pub(super) async fn exchange(&self, call: &Call) -> Result<http::Response<Bytes>, LiveError> {
        let mut attempt = 1;
        loop {
            let result = self.send(call).await;
            match result {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) if gone(call.operation, &response) => {
                    return Ok(http::Response::new(Bytes::new()));
                }
                _ => {}
            }
            let outcome = Outcome { operation: call.operation, answer: Answer::of(&result) };
            match retry(attempt, &outcome) {
                Some(wait) => self.shared.transport.wait(wait).await,
                None => return Err(LiveError::of(call, &result)),
            }
            attempt += 1;
        }
    }

    async fn send(&self, call: &Call) -> Result<http::Response<Bytes>, SendError> {
        let shared = &self.shared;
        let _permit = shared.permits.acquire().await.expect("the semaphore is never closed");
        shared.transport.send(call.build(&shared.credentials)?).await
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

    /// Reads a list to its end. `key` names the items. Further pages are taken from the server of
    /// the first one only, since every request carries the credentials.
    pub(super) async fn list(
        &self,
        first: Url,
        key: &str,
    ) -> Result<Vec<Map<String, Value>>, LiveError> {
        let origin = first.origin();
        let mut seen = BTreeSet::from([first.clone()]);
        let mut call = Call::get(first);
        let mut items = Vec::new();
        loop {
            let body = self.call(&call).await?;
            let page = Page::read(&body, key).map_err(|what| protocol(&call, what))?;
            items.extend(page.items);
            let Some(next) = page.next else { return Ok(items) };
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
            call = Call::get(next);
        }
    }
}

fn gone(operation: Operation, response: &http::Response<Bytes>) -> bool {
    operation == Operation::Delete && response.status() == http::StatusCode::NOT_FOUND
}

pub(super) fn protocol(call: &Call, what: String) -> LiveError {
    LiveError::Protocol { request: call.label(), what }
}

impl<T> Clone for Client<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
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
