//! The wire between the client and the emulator: it remembers what went over it, and it can be
//! cut.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use flexctl::cli::InProcess;
use flexctl::live::{SendError, Transport};

/// One request that the server was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) method: String,
    /// Without the query string.
    pub(crate) path: String,
    pub(crate) form: Vec<(String, String)>,
    pub(crate) status: u16,
}

impl Sent {
    /// The value of a parameter; the last one of several.
    pub(crate) fn param(&self, key: &str) -> Option<&str> {
        self.form.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    pub(crate) fn keys(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = self.form.iter().map(|(key, _)| key.as_str()).collect();
        keys.dedup();
        keys
    }
}

/// What goes wrong, by the number of writes that went over the wire before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// After so many writes nothing reaches the server any more.
    DeadAfter(usize),
    /// The server carries this write out (the first is 0) and its answer is lost; nothing
    /// afterwards reaches the server.
    LastAnswerLost(usize),
    /// The server carries this write out and its answer is lost, each time it is sent; all the
    /// others are well.
    AnswerLost(usize),
}

/// A transport to an emulator.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    server: InProcess,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    sent: Vec<Sent>,
    writes: usize,
    fault: Option<Fault>,
    /// The write whose answers are lost.
    lost: Option<(String, Bytes)>,
}

impl Wire {
    pub(crate) fn new(server: InProcess) -> Self {
        Self { server, state: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets this happen from now on, with the count of writes at none; `None` mends the wire.
    pub(crate) fn fail(&self, fault: Option<Fault>) {
        let mut state = self.state();
        state.fault = fault;
        state.writes = 0;
        state.lost = None;
    }

    /// What went over the wire since the last time this was asked.
    pub(crate) fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut self.state().sent)
    }

    /// Whether the request reaches the server, and whether its answer comes back.
    fn fate(&self, request: &http::Request<Bytes>) -> (bool, bool) {
        let mut state = self.state();
        if request.method() == http::Method::GET {
            return (true, true);
        }
        let id = (format!("{} {}", request.method(), request.uri()), request.body().clone());
        if state.lost.as_ref() == Some(&id) {
            return (matches!(state.fault, Some(Fault::AnswerLost(_))), false);
        }
        let at = state.writes;
        let fate = match state.fault {
            Some(Fault::DeadAfter(limit)) => (at < limit, at < limit),
            Some(Fault::LastAnswerLost(last)) => (at <= last, at < last),
            Some(Fault::AnswerLost(one)) => (true, at != one),
            None => (true, true),
        };
        if fate == (true, false) {
            state.lost = Some(id);
        }
        state.writes += 1;
        fate
    }
}

impl Transport for Wire {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, SendError> {
        let host = || request.uri().host().unwrap_or_default().to_owned();
        let (reaches, answers) = self.fate(&request);
        if !reaches {
            return Err(SendError::Connect { host: host(), reason: "the wire is cut".to_owned() });
        }
        let host = host();
        let mut sent = Sent {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            form: form_urlencoded::parse(request.body()).into_owned().collect(),
            status: 0,
        };
        let response = self.server.send(request).await?;
        sent.status = response.status().as_u16();
        self.state().sent.push(sent);
        if answers {
            Ok(response)
        } else {
            Err(SendError::Broken { host, reason: "the connection broke".to_owned() })
        }
    }

    async fn wait(&self, duration: Duration) {
        self.server.wait(duration).await;
    }

    fn now(&self) -> Duration {
        self.server.now()
    }
}
