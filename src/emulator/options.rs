//! What an emulator is opened with.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::faults::Faults;

/// The account that the emulator answers for.
pub const ACCOUNT_SID: &str = "ACe0000000000000000000000000000001";
/// The account's token. It guards nothing: the emulator holds toys.
pub const AUTH_TOKEN: &str = "emulator-token";
/// An API key that is accepted too.
pub const API_KEY_SID: &str = "SKe0000000000000000000000000000001";
/// That key's secret.
pub const API_KEY_SECRET: &str = "emulator-secret";

/// One of the vendor's products; each has a host of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Product {
    /// `taskrouter.…`
    TaskRouter,
    /// `conversations.…`
    Conversations,
    /// `flex-api.…`
    Flex,
}

impl Product {
    /// The product that a host name stands for; none for `localhost` and other names.
    pub fn of_host(host: &str) -> Option<Self> {
        match host.split(['.', ':']).next()? {
            "taskrouter" => Some(Self::TaskRouter),
            "conversations" => Some(Self::Conversations),
            "flex-api" => Some(Self::Flex),
            _ => None,
        }
    }
}

/// What a new account holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seed {
    /// A Flex account as it begins, without workers.
    Flex,
    /// The same with six workers, so that plans have somebody to give capacities to.
    Demo,
    /// A Flex account whose workspace holds nothing but the four activities and six channels.
    Bare,
}

/// Whether two activities, workflows or roles may have one name. The vendor does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepeatedNames {
    /// They may.
    Allowed,
    /// The second is refused with 20001.
    Refused,
}

/// Tells the time.
#[derive(Clone)]
pub struct Clock {
    tell: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// What it told last, in milliseconds since 1970.
    last: Arc<AtomicI64>,
    /// How far it was put forward, in milliseconds.
    forward: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's own.
    pub fn system() -> Self {
        Self::new(Timestamp::now)
    }

    /// One that stands still.
    pub fn fixed(at: Timestamp) -> Self {
        Self::new(move || at)
    }

    /// One that begins there and goes on by a second each time it is read.
    pub fn ticking(start: Timestamp) -> Self {
        let seconds = AtomicI64::new(start.as_second());
        Self::new(move || {
            let now = seconds.fetch_add(1, Ordering::Relaxed);
            Timestamp::from_second(now).unwrap_or(Timestamp::MAX)
        })
    }

    /// Whatever `tell` says.
    pub fn new(tell: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { tell: Arc::new(tell), last: Arc::default(), forward: Arc::default() }
    }

    /// Now.
    pub(super) fn now(&self) -> Timestamp {
        let forward = SignedDuration::from_millis(self.forward.load(Ordering::Relaxed));
        let now = (self.tell)().checked_add(forward).unwrap_or(Timestamp::MAX);
        self.last.store(now.as_millisecond(), Ordering::Relaxed);
        now
    }

    /// Puts it forward.
    pub(super) fn pass(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        self.forward.fetch_add(millis, Ordering::Relaxed);
    }

    /// What it told last.
    pub(super) fn last(&self) -> Timestamp {
        let last = self.last.load(Ordering::Relaxed);
        Timestamp::from_millisecond(last).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Now, as the API spells it: `2016-08-01T22:10:40Z`.
    pub(super) fn stamp(&self) -> String {
        let seconds = self.now().as_second();
        Timestamp::from_second(seconds).map_or_else(|_| String::new(), |now| now.to_string())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// What an emulator is opened with. `Options::default()` is what `flexctl emulator` uses.
#[derive(Clone, Debug)]
pub struct Options {
    /// The account.
    pub account_sid: String,
    /// Its token.
    pub auth_token: String,
    /// Pairs of key sid and secret.
    pub api_keys: Vec<(String, String)>,
    /// Tells the dates of resources.
    pub clock: Clock,
    /// The same seed and the same requests give the same sids; `None` takes one from the
    /// system. A file keeps the seed it was made with.
    pub sid_seed: Option<u64>,
    /// What a new account holds. A file that exists keeps what it holds.
    pub seed: Seed,
    /// Which product answers `/v1/Configuration` when the host does not say.
    pub configuration: Product,
    /// Whether [`super::Emulator::requests`] remembers.
    pub record_requests: bool,
    /// Whether activities, workflows and roles may share a name.
    pub repeated_names: RepeatedNames,
    /// What goes wrong on purpose; [`super::Emulator::handle`] knows nothing of it.
    pub faults: Faults,
    /// How long every answer takes, where it is met and not handled.
    pub latency: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            account_sid: ACCOUNT_SID.to_owned(),
            auth_token: AUTH_TOKEN.to_owned(),
            api_keys: vec![(API_KEY_SID.to_owned(), API_KEY_SECRET.to_owned())],
            clock: Clock::system(),
            sid_seed: None,
            seed: Seed::Flex,
            configuration: Product::Flex,
            record_requests: false,
            repeated_names: RepeatedNames::Allowed,
            faults: Faults::none(),
            latency: Duration::ZERO,
        }
    }
}

impl Options {
    /// The same requests give the same sids and dates in every run, a second for each write;
    /// requests are recorded. For tests.
    pub fn deterministic() -> Self {
        Self {
            clock: Clock::ticking(Timestamp::UNIX_EPOCH),
            sid_seed: Some(1),
            record_requests: true,
            ..Self::default()
        }
    }

    pub(super) fn sid_seed(&self) -> u64 {
        self.sid_seed.unwrap_or_else(|| RandomState::new().hash_one("sid"))
    }
}
