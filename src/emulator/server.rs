//! The emulator over HTTP.

use std::future::Future;
use std::io::{self, ErrorKind};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::serve::ListenerExt;
use bytes::Bytes;
use futures_util::stream;
use http::header::{CONNECTION, HeaderValue};
use tokio::net::TcpListener;

use super::door::{Emulator, MOST_BYTES};

impl Emulator {
    /// Answers connections until `shutdown` ends.
    ///
    /// # Errors
    /// The listener is no good.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let answer = move |request: http::Request<Body>| {
            let emulator = self.clone();
            async move { answer(&emulator, request).await }
        };
        let router = Router::new().fallback(answer);
        let listener = listener.tap_io(|stream| {
            // Small answers must not wait for each other; without it they still arrive.
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, router).with_graceful_shutdown(shutdown).await
    }
}

async fn answer(emulator: &Emulator, request: http::Request<Body>) -> http::Response<Body> {
    let (parts, body) = request.into_parts();
    // Some clients use a socket again unless the answer says that it closes.
    let closes = parts.headers.get_all(CONNECTION).iter().any(|value| {
        let words = value.to_str().unwrap_or_default();
        words.split(',').any(|word| word.trim().eq_ignore_ascii_case("close"))
    });
    // One byte more than is allowed, so that `handle` sees that there is too much.
    let body = to_bytes(body, MOST_BYTES + 1).await.unwrap_or_else(|_| too_much());
    let conduct = emulator.meet(http::Request::from_parts(parts, body));
    if !conduct.after.is_zero() {
        tokio::time::sleep(conduct.after).await;
    }
    // A body that fails makes the server close the connection in the middle of the answer.
    let broken =
        || stream::once(async { Err::<Bytes, _>(io::Error::from(ErrorKind::ConnectionReset)) });
    let mut response = match conduct.response {
        Some(response) => response.map(Body::from),
        None => http::Response::new(Body::from_stream(broken())),
    };
    if closes {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn too_much() -> Bytes {
    Bytes::from(vec![b' '; MOST_BYTES + 1])
}
