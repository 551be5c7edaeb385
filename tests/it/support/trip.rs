//! A transport on which something happens at one request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use flexctl::cli::InProcess;
use flexctl::emulator::{self, Emulator};
use flexctl::live::{Budget, Client, Credentials, Endpoints, Pace, SendError, Stop, Transport};

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// Somebody wishes the run to stop right before the request is sent.
    Stop,
    /// The process dies before the request is sent.
    DeathBefore,
    /// The process dies when the request was carried out, before its answer is seen.
    DeathAfter,
}

/// Requests are counted from 0, and something happens at one of them.
#[derive(Clone, Debug)]
pub(crate) struct Trip {
    server: InProcess,
    mishap: Option<(u64, Mishap)>,
    sent: Arc<AtomicU64>,
    pub(crate) stop: Stop,
    /// Wished when the process is dead.
    pub(crate) death: Stop,
}

impl Trip {
    pub(crate) fn new(emulator: &Emulator, mishap: Option<(u64, Mishap)>) -> Self {
        let server = InProcess::new(emulator.clone());
        Self { server, mishap, sent: Arc::default(), stop: Stop::default(), death: Stop::default() }
    }

    /// A client that heeds the wish to stop.
    pub(crate) fn client(&self, budget: Budget) -> Client<Self> {
        self.client_until(budget, None)
    }

    /// The same with a deadline.
    pub(crate) fn client_until(&self, budget: Budget, deadline: Option<Duration>) -> Client<Self> {
        let credentials = Credentials::new(emulator::ACCOUNT_SID, emulator::AUTH_TOKEN);
        let endpoints = Endpoints::at(InProcess::BASE_URL).expect("a loopback URL");
        let pace = Pace { budget, deadline, stop: self.stop.clone(), ..Pace::default() };
        Client::paced(self.clone(), endpoints, credentials, 4, pace)
    }

    /// How many requests there were.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    async fn die<T>(&self) -> T {
        self.death.wish();
        std::future::pending().await
    }
}

impl Transport for Trip {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, SendError> {
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        let mishap = self.mishap.filter(|(at, _)| *at == number).map(|(_, mishap)| mishap);
        match mishap {
            _ if self.death.is_wished() => self.die().await,
            Some(Mishap::DeathBefore) => self.die().await,
            Some(Mishap::Stop) => drop(self.stop.wish()),
            Some(Mishap::DeathAfter) | None => {}
        }
        let answer = self.server.send(request).await;
        if mishap == Some(Mishap::DeathAfter) { self.die().await } else { answer }
    }

    async fn wait(&self, duration: Duration) {
        self.server.wait(duration).await;
    }

    fn now(&self) -> Duration {
        self.server.now()
    }
}
