//! The emulator behind the client's door, with no socket and no sleep.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use crate::emulator::Emulator;
use crate::live::{SendError, Transport};

/// Hands requests straight to an emulator. Clones share a time of their own, which stands still
/// while somebody has something to do and jumps to the end of the shortest wait when everybody
/// waits.
#[derive(Clone, Debug)]
pub struct InProcess {
    emulator: Emulator,
    time: Arc<Mutex<Time>>,
}

#[derive(Debug, Default)]
struct Time {
    now: Duration,
    /// When each wait ends, and its number.
    waits: BTreeSet<(Duration, u64)>,
    /// How often something happened: a request, a wait that began or ended.
    events: u64,
}

/// So often whoever waits looks around before time goes on: others may need several turns to
/// get from one wait to the next request.
const LOOKS: u32 = 3;

impl InProcess {
    /// The address that requests are made out to; nothing listens there.
    pub const BASE_URL: &str = "http://localhost";

    /// A transport to this emulator.
    pub fn new(emulator: Emulator) -> Self {
        Self { emulator, time: Arc::default() }
    }

    /// A transport to another emulator, in the time of this one.
    #[must_use]
    pub fn beside(&self, emulator: Emulator) -> Self {
        Self { emulator, time: Arc::clone(&self.time) }
    }

    fn time(&self) -> MutexGuard<'_, Time> {
        self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A wait that has begun; it ends when it is dropped.
struct Wait<'a> {
    transport: &'a InProcess,
    key: (Duration, u64),
}

impl<'a> Wait<'a> {
    fn begin(transport: &'a InProcess, duration: Duration) -> Self {
        let mut time = transport.time();
        time.events += 1;
        let key = (time.now.saturating_add(duration), time.events);
        time.waits.insert(key);
        Self { transport, key }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let mut time = self.transport.time();
        time.waits.remove(&self.key);
        time.events += 1;
    }
}

impl Transport for InProcess {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, SendError> {
        self.time().events += 1;
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let conduct = self.emulator.meet(request);
        if !conduct.after.is_zero() {
            self.wait(conduct.after).await;
        }
        conduct.response.ok_or_else(|| {
            let reason = "the connection was closed".to_owned();
            SendError::Broken { host, reason }
        })
    }

    async fn wait(&self, duration: Duration) {
        let wait = Wait::begin(self, duration);
        let (mut events, mut looks) = (0, 0);
        loop {
            tokio::task::yield_now().await;
            let mut time = self.time();
            if time.now >= wait.key.0 {
                return;
            }
            looks = if time.events == events { looks + 1 } else { 0 };
            events = time.events;
            if looks >= LOOKS && time.waits.first() == Some(&wait.key) {
                // What the emulator does by itself happens meanwhile.
                self.emulator.pass(wait.key.0.saturating_sub(time.now));
                time.now = wait.key.0;
                return;
            }
        }
    }

    fn now(&self) -> Duration {
        self.time().now
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::emulator::Options;

    #[tokio::test]
    async fn waits_overlap_and_end_in_order_without_any_time_passing() {
        let transport = InProcess::new(Emulator::in_memory(Options::deterministic()));
        let start = std::time::Instant::now();
        let order = Mutex::new(Vec::new());
        let waits = [30, 10, 20, 10, 0].map(|seconds| {
            let (transport, order) = (&transport, &order);
            async move {
                transport.wait(Duration::from_secs(seconds)).await;
                order.lock().unwrap().push((seconds, transport.now().as_secs()));
                transport.wait(Duration::from_secs(seconds)).await;
            }
        });
        join_all(waits).await;
        let expected = [(0, 0), (10, 10), (10, 10), (20, 20), (30, 30)];
        assert_eq!(*order.lock().unwrap(), expected);
        assert_eq!(transport.now(), Duration::from_secs(60));
        assert!(start.elapsed() < transport.now(), "nobody slept");
    }

    #[tokio::test]
    async fn a_wait_that_is_given_up_holds_nobody_back() {
        let transport = InProcess::new(Emulator::in_memory(Options::deterministic()));
        let given_up = transport.wait(Duration::from_secs(1));
        drop(Box::pin(given_up));
        let mut begun = Box::pin(transport.wait(Duration::from_secs(1)));
        futures_util::future::poll_immediate(&mut begun).await;
        drop(begun);
        transport.wait(Duration::from_secs(5)).await;
        assert_eq!(transport.now(), Duration::from_secs(5));
    }
}
