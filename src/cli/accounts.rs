//! The accounts that a run talks to. Environments of one account pass one gate.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use super::in_process::InProcess;
use crate::emulator::Emulator;
use crate::live::{Budget, Gate, Stop};

/// Who was talked to so far, in a time that all share.
#[derive(Debug)]
pub(super) struct Accounts {
    /// By server and account.
    gates: Mutex<BTreeMap<(String, String), Gate>>,
    /// Any embedded emulator.
    first: Mutex<Option<InProcess>>,
    start: Instant,
    stop: Stop,
}

impl Accounts {
    /// Nobody yet; the time begins.
    pub(super) fn new() -> Self {
        Self {
            gates: Mutex::default(),
            first: Mutex::default(),
            start: Instant::now(),
            stop: Stop::default(),
        }
    }

    /// The gate of an account. Whoever comes first decides how fast it is.
    pub(super) fn gate(
        &self,
        server: &str,
        account: &str,
        concurrency: usize,
        budget: Budget,
    ) -> Gate {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (server.to_owned(), account.to_owned());
        gates.entry(key).or_insert_with(|| Gate::new(concurrency, budget)).clone()
    }

    /// The way to an embedded emulator.
    pub(super) fn in_process(&self, emulator: Emulator) -> InProcess {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        match first.as_ref() {
            Some(first) => first.beside(emulator),
            None => first.insert(InProcess::new(emulator)).clone(),
        }
    }

    /// Wished, nothing new is sent to anybody.
    pub(super) fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// When the run began.
    pub(super) fn start(&self) -> Instant {
        self.start
    }
}
