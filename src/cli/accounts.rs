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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use bytes::Bytes;
    use futures_util::future::join_all;
    use proptest::prelude::*;

    use super::*;
    use crate::emulator::{self, Options, Seed};
    use crate::live::{self, Client, Credentials, Endpoints, Run, Scope, SendError, Transport};
    use crate::model::Model;

    /// A transport that writes down when each request of an account is sent.
    #[derive(Clone, Debug)]
    struct Timed {
        inner: InProcess,
        sent: Arc<Mutex<Vec<Duration>>>,
    }

    impl Transport for Timed {
        async fn send(
            &self,
            request: http::Request<Bytes>,
        ) -> Result<http::Response<Bytes>, SendError> {
            self.sent.lock().unwrap().push(self.now());
            self.inner.send(request).await
        }

        async fn wait(&self, duration: Duration) {
            self.inner.wait(duration).await;
        }

        fn now(&self) -> Duration {
            self.inner.now()
        }
    }

    /// Some environments of one account.
    #[derive(Clone, Copy, Debug)]
    struct Account {
        environments: usize,
        /// How often each is read.
        readings: usize,
        per_second: u32,
        concurrency: usize,
    }

    /// Reads all environments of all accounts side by side. When each account's requests were
    /// sent, in a time that nobody waits for.
    fn sent(accounts: &[Account]) -> Vec<Vec<Duration>> {
        let shared = Accounts::new();
        let account = |(number, account): (usize, &Account)| {
            let options = Options { seed: Seed::Bare, ..Options::deterministic() };
            let inner = shared.in_process(Emulator::in_memory(options));
            let timed = Timed { inner, sent: Arc::default() };
            let rate = format!("{}/s", account.per_second).parse().expect("a rate");
            let budget = Budget::unlimited().with(rate);
            let read = |_| {
                // One sid on two servers is two accounts.
                let (server, sid) = (["live", "emulator"][number % 2], format!("AC{}", number / 2));
                let gate = shared.gate(server, &sid, account.concurrency, budget.clone());
                let endpoints = Endpoints::at(InProcess::BASE_URL).expect("a loopback URL");
                let login = Credentials::new(emulator::ACCOUNT_SID, emulator::AUTH_TOKEN);
                let client = Client::behind(gate, timed.clone(), endpoints, login, Run::default());
                let readings = account.readings;
                async move {
                    let desired = Model::default();
                    for _ in 0..readings {
                        let read = live::read(&client.reader(), &Scope::of(&desired)).await;
                        read.expect("the emulator answers");
                    }
                }
            };
            let reads: Vec<_> = (0..account.environments).map(read).collect();
            (timed.sent, reads)
        };
        let (times, reads): (Vec<_>, Vec<_>) = accounts.iter().enumerate().map(account).unzip();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(join_all(reads.into_iter().flatten()));
        times.iter().map(|times| times.lock().unwrap().clone()).collect()
    }

    fn account() -> impl Strategy<Value = Account> {
        (1..4_usize, 1..4_usize, 1..30_u32, 1..5_usize).prop_map(
            |(environments, readings, per_second, concurrency)| Account {
                environments,
                readings,
                per_second,
                concurrency,
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

        #[test]
        fn environments_of_an_account_share_its_budget_and_accounts_do_not_wait_for_each_other(
            accounts in prop::collection::vec(account(), 1..5),
        ) {
            let together = sent(&accounts);
            for (account, times) in accounts.iter().zip(&together) {
                prop_assert!(times.len() > account.environments * account.readings);
                // As fast as the budget of one lets all of them go, and never faster.
                for (number, at) in times.iter().enumerate() {
                    let ideal = number as f64 / f64::from(account.per_second);
                    prop_assert!((at.as_secs_f64() - ideal).abs() < 1e-6, "{number}: {times:?}");
                }
                prop_assert_eq!(&sent(&[*account])[0], times, "alone it is as fast");
            }
        }
    }
}
