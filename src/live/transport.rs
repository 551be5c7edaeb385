//! The one door to the API. It carries bytes, so that tests run the real codec, paging and error
//! decoding with no socket and no sleep.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;

/// Sends one request and gives its response, or waits. No retries, no meaning.
pub trait Transport: Send + Sync {
    /// Sends one request. Redirects are not followed.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> impl Future<Output = Result<http::Response<Bytes>, SendError>> + Send;

    /// Waits, in the transport's own time.
    fn wait(&self, duration: Duration) -> impl Future<Output = ()> + Send;

    /// The transport's own time, since a moment that it chooses.
    fn now(&self) -> Duration;
}

/// Why no response came. Holds no secret and no request headers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The server was not reached; the request was certainly not processed.
    #[error("cannot connect to {host}: {reason}")]
    Connect { host: String, reason: String },
    /// The request may or may not have been processed.
    #[error("no answer from {host}: {reason}")]
    Broken { host: String, reason: String },
}
