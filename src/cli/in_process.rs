//! The emulator behind the client's door, with no socket and no sleep.

use std::time::Duration;

use bytes::Bytes;

use crate::emulator::Emulator;
use crate::live::{SendError, Transport};

/// Hands requests straight to an emulator.
#[derive(Clone, Debug)]
pub struct InProcess {
    emulator: Emulator,
}

impl InProcess {
    /// The address that requests are made out to; nothing listens there.
    pub const BASE_URL: &str = "http://localhost";

    /// A transport to this emulator.
    pub fn new(emulator: Emulator) -> Self {
        Self { emulator }
    }
}

impl Transport for InProcess {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, SendError> {
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        self.emulator.meet(request).response.ok_or_else(|| {
            let reason = "the connection was closed".to_owned();
            SendError::Broken { host, reason }
        })
    }

    /// Lets others go on; no time passes.
    async fn wait(&self, _duration: Duration) {
        tokio::task::yield_now().await;
    }
}
