//! How many requests may be sent in a second: a bucket of one token for each class of requests.
//! No clock and no waiting; whoever asks says what time it is. `docs/requests.md` has the figures.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use http::HeaderMap;
use url::Url;

use super::retry::{LONGEST_RETRY_AFTER, Operation, retry_after};
use crate::model::Kind;

/// Requests that share a bucket, since TaskRouter bounds them alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Reads, except for these:
    Reads,
    /// The lists that evaluate an expression (`TargetWorkersExpression`,
    /// `EvaluateWorkerAttributes`, `EvaluateTaskAttributes`).
    Searches,
    /// Writes of task queues and workflows.
    Queues,
    /// All other writes.
    Writes,
}

/// What is assumed of a class, in requests a second, until the API says otherwise.
struct Assumed {
    /// What the API takes.
    limit: f64,
    /// The most that it may turn out to take.
    most: f64,
    /// Whether what serves customers sends such requests too, so that a share is kept free.
    shared: bool,
}

/// No class is ever slower, in requests a second.
const LEAST: f64 = 0.2;
/// What a refusal leaves of a rate.
const DECREASE: f64 = 0.5;
/// What a second of undisturbed sending adds to a rate, as a part of the rate at the start.
const INCREASE: f64 = 0.05;
/// Refusals that come together are one.
const ONE_REFUSAL: Duration = Duration::from_secs(1);
/// How late a request may be, as a part of the time between two, without making the next late.
const SLACK: f64 = 0.1;

impl Class {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Reads, Self::Searches, Self::Queues, Self::Writes];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Searches => "searches",
            Self::Queues => "queues",
            Self::Writes => "writes",
        }
    }

    /// Of the writes of a kind.
    pub fn of_write(kind: Kind) -> Self {
        match kind {
            Kind::Queue | Kind::Workflow => Self::Queues,
            Kind::Workspace
            | Kind::Activity
            | Kind::TaskChannel
            | Kind::Worker
            | Kind::Capacity
            | Kind::Role => Self::Writes,
        }
    }

    /// Of a request.
    pub(super) fn of(operation: Operation, url: &Url) -> Self {
        const SEARCHES: [&str; 3] =
            ["TargetWorkersExpression", "EvaluateWorkerAttributes", "EvaluateTaskAttributes"];
        const QUEUES: [&str; 2] = ["TaskQueues", "Workflows"];
        if operation == Operation::Read {
            let searches = url.query_pairs().any(|(key, _)| SEARCHES.contains(&key.as_ref()));
            return if searches { Self::Searches } else { Self::Reads };
        }
        let mut segments = url.path_segments().into_iter().flatten();
        if segments.any(|segment| QUEUES.contains(&segment)) { Self::Queues } else { Self::Writes }
    }

    fn assumed(self) -> Assumed {
        match self {
            Self::Reads => Assumed { limit: 40.0, most: 100.0, shared: true },
            // Documented, so there is nothing to find out.
            Self::Searches => Assumed { limit: 3.0, most: 3.0, shared: true },
            // Workflows are known to be created at 1/s at most.
            Self::Queues => Assumed { limit: 1.0, most: 10.0, shared: false },
            Self::Writes => Assumed { limit: 10.0, most: 50.0, shared: true },
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A rate that somebody asks for: of one class, or of each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// None for every class.
    pub class: Option<Class>,
    /// Requests a second, more than none.
    pub per_second: f64,
}

/// Why a text is not a rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a rate such as reads=20/s, queues=0.5 or 10/s (reads, searches, queues, writes)"
)]
pub struct RateError(String);

impl FromStr for Rate {
    type Err = RateError;

    /// `reads=20/s`, `20/s`, `queues=0.5`.
    fn from_str(text: &str) -> Result<Self, RateError> {
        let error = || RateError(text.to_owned());
        let (class, rate) = match text.split_once('=') {
            None => (None, text),
            Some((name, rate)) => {
                let class = Class::ALL.into_iter().find(|class| class.name() == name.trim());
                (Some(class.ok_or_else(error)?), rate)
            }
        };
        let rate = rate.trim();
        let per_second = rate.strip_suffix("/s").unwrap_or(rate).trim().parse();
        let fits = |rate: &f64| (0.001..=100_000.0).contains(rate);
        let per_second = per_second.ok().filter(fits).ok_or_else(error)?;
        Ok(Self { class, per_second })
    }
}

/// What an answer says of the API's limits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Heard {
    /// Whether the request was refused because there were too many.
    pub refused: bool,
    /// `Retry-After`.
    pub retry_after: Option<Duration>,
    /// `X-Rate-Limit-Limit`, taken as requests a second.
    pub limit: Option<f64>,
    /// `X-Rate-Limit-Remaining`: how many of these are left now.
    pub remaining: Option<f64>,
}

impl Heard {
    /// What an answer with this status and these headers says.
    pub fn of(status: http::StatusCode, headers: &HeaderMap) -> Self {
        let number = |name: &str| -> Option<f64> {
            let number: f64 = headers.get(name)?.to_str().ok()?.trim().parse().ok()?;
            (number.is_finite() && number >= 0.0).then_some(number)
        };
        Self {
            refused: status == http::StatusCode::TOO_MANY_REQUESTS,
            retry_after: retry_after(headers),
            limit: number("X-Rate-Limit-Limit").filter(|limit| *limit > 0.0),
            remaining: number("X-Rate-Limit-Remaining"),
        }
    }
}

/// How many requests of each class may be sent. Times are since any moment, the same for all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Budget {
    buckets: [Option<Bucket>; 4],
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Bucket {
    /// Requests a second, now.
    rate: f64,
    /// The rate never rises above this.
    most: f64,
    /// What a second of undisturbed sending adds.
    step: f64,
    /// Our part of what the API takes.
    share: f64,
    /// When the next token is there.
    ready: Duration,
    /// When the rate was last cut.
    cut: Option<Duration>,
}

impl Budget {
    /// No bounds.
    pub fn unlimited() -> Self {
        Self::default()
    }

    /// The assumed limits without a share of `reserve` percent (at most 95), which is kept free
    /// for what else the account does. Nothing else writes queues and workflows, so of their
    /// limit nothing is kept free.
    pub fn new(reserve: u8) -> Self {
        let share = f64::from(100 - reserve.min(95)) / 100.0;
        Self {
            buckets: Class::ALL.map(|class| {
                let Assumed { limit, most, shared } = class.assumed();
                let share = if shared { share } else { 1.0 };
                Some(Bucket::new(limit * share, most * share, share))
            }),
        }
    }

    /// The same with a rate that is wanted; it falls when the API refuses, and never rises above.
    #[must_use]
    pub fn with(mut self, wanted: Rate) -> Self {
        let Rate { class, per_second } = wanted;
        for class in Class::ALL.into_iter().filter(|one| class.is_none_or(|class| class == *one)) {
            self.buckets[class as usize] = Some(Bucket::new(per_second, per_second, 1.0));
        }
        self
    }

    /// Requests a second, now; none without a bound.
    pub fn rate(&self, class: Class) -> Option<f64> {
        self.buckets[class as usize].map(|bucket| bucket.rate)
    }

    /// How long until the next request of a class may be sent.
    pub fn wait(&self, class: Class, now: Duration) -> Duration {
        self.buckets[class as usize]
            .map_or(Duration::ZERO, |bucket| bucket.ready.saturating_sub(now))
    }

    /// Takes the token of a request that is sent now.
    pub fn take(&mut self, class: Class, now: Duration) {
        if let Some(bucket) = &mut self.buckets[class as usize] {
            let between = Duration::from_secs_f64(1.0 / bucket.rate);
            let is_late = now.saturating_sub(bucket.ready) > between.mul_f64(SLACK);
            bucket.ready = if is_late { now } else { bucket.ready } + between;
        }
    }

    /// Learns from an answer.
    pub fn hear(&mut self, class: Class, now: Duration, heard: &Heard) {
        if let Some(bucket) = &mut self.buckets[class as usize] {
            bucket.hear(now, heard);
        }
    }
}

impl Bucket {
    fn new(rate: f64, most: f64, share: f64) -> Self {
        let step = rate * INCREASE;
        Self { rate, most, step, share, ready: Duration::ZERO, cut: None }
    }

    fn hear(&mut self, now: Duration, heard: &Heard) {
        let Heard { refused, retry_after, limit, remaining } = *heard;
        if let Some(limit) = limit {
            self.most = self.most.min((limit * self.share).max(LEAST));
        }
        // What is kept free is in use.
        let scarce = limit
            .zip(remaining)
            .is_some_and(|(limit, remaining)| remaining < limit * (1.0 - self.share));
        if refused || scarce {
            if self.cut.is_none_or(|cut| now >= cut + ONE_REFUSAL) {
                self.rate *= DECREASE;
                self.cut = Some(now);
                self.ready =
                    self.ready.max(now + Duration::from_secs_f64(1.0 / self.rate.max(LEAST)));
            }
        } else {
            self.rate += self.step / self.rate;
        }
        self.rate = self.rate.min(self.most).max(LEAST.min(self.most));
        if let Some(pause) = retry_after {
            self.ready = self.ready.max(now + pause.min(LONGEST_RETRY_AFTER));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALM: Heard = Heard { refused: false, retry_after: None, limit: None, remaining: None };
    const REFUSED: Heard = Heard { refused: true, ..CALM };

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    /// When `count` requests are sent that are there from the beginning.
    fn sent(budget: &mut Budget, class: Class, count: usize, heard: &Heard) -> Vec<Duration> {
        let mut now = Duration::ZERO;
        let send = |_| {
            now += budget.wait(class, now);
            budget.take(class, now);
            budget.hear(class, now, heard);
            now
        };
        (0..count).map(send).collect()
    }

    #[test]
    fn no_second_holds_more_requests_than_the_rate() {
        for (text, per_second) in [("10/s", 10), ("reads=3", 3), ("1", 1)] {
            let mut budget = Budget::unlimited().with(rate(text));
            let sent = sent(&mut budget, Class::Reads, 100, &CALM);
            for window in sent.windows(per_second + 1) {
                let second = seconds(1.0) - Duration::from_micros(1);
                assert!(window[per_second] - window[0] >= second, "{text}: {window:?}");
            }
            let ideal = seconds(99.0 / per_second as f64);
            assert!(*sent.last().unwrap() <= ideal + seconds(0.001), "{text}");
        }
    }

    #[test]
    fn a_request_that_is_a_little_late_does_not_make_all_others_late() {
        let mut budget = Budget::unlimited().with(rate("10/s"));
        budget.take(Class::Reads, Duration::ZERO);
        budget.take(Class::Reads, seconds(0.105));
        assert_eq!(budget.wait(Class::Reads, seconds(0.105)), seconds(0.095));
        // A pause is not made up for.
        budget.take(Class::Reads, seconds(60.0));
        assert_eq!(budget.wait(Class::Reads, seconds(60.0)), seconds(0.1));
    }

    #[test]
    fn half_of_each_limit_is_kept_free_except_where_nothing_else_writes() {
        let of = |reserve| Class::ALL.map(|class| Budget::new(reserve).rate(class).unwrap());
        assert_eq!(of(50), [20.0, 1.5, 1.0, 5.0]);
        assert_eq!(of(0), [40.0, 3.0, 1.0, 10.0]);
        assert_eq!(of(100), of(95));
        assert_eq!(Budget::unlimited().rate(Class::Reads), None);
        assert_eq!(Budget::unlimited().wait(Class::Reads, Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn refusals_halve_the_rate_once_and_calm_raises_it_step_by_step_to_a_bound() {
        let mut budget = Budget::new(50);
        for _ in 0..4 {
            budget.hear(Class::Writes, seconds(10.0), &REFUSED);
        }
        assert_eq!(budget.rate(Class::Writes), Some(2.5), "four at once are one");
        assert_eq!(budget.wait(Class::Writes, seconds(10.0)), seconds(0.4));
        budget.hear(Class::Writes, seconds(11.0), &REFUSED);
        assert_eq!(budget.rate(Class::Writes), Some(1.25));
        for second in 12..40 {
            budget.hear(Class::Writes, seconds(f64::from(second)), &REFUSED);
        }
        assert_eq!(budget.rate(Class::Writes), Some(LEAST));

        let mut budget = Budget::new(50);
        let times = sent(&mut budget, Class::Writes, 55, &CALM);
        let (rate, after) = (budget.rate(Class::Writes).unwrap(), times[54].as_secs_f64());
        assert!((rate - (5.0 + after * 0.25)).abs() < 0.1, "{rate} after {after} s");
        sent(&mut budget, Class::Writes, 10_000, &CALM);
        assert_eq!(budget.rate(Class::Writes), Some(25.0));
        sent(&mut budget, Class::Searches, 1000, &CALM);
        assert_eq!(budget.rate(Class::Searches), Some(1.5), "the limit is documented");
    }

    #[test]
    fn a_rate_that_was_asked_for_falls_but_never_rises_above() {
        let mut budget = Budget::new(50).with(rate("queues=4/s"));
        sent(&mut budget, Class::Queues, 100, &CALM);
        assert_eq!(budget.rate(Class::Queues), Some(4.0));
        budget.hear(Class::Queues, seconds(100.0), &REFUSED);
        assert_eq!(budget.rate(Class::Queues), Some(2.0));
        assert_eq!(budget.rate(Class::Reads), Some(20.0), "the others are as they were");
        let slow = Budget::unlimited().with(rate("0.1"));
        let mut refused = slow.clone();
        refused.hear(Class::Reads, Duration::ZERO, &REFUSED);
        assert_eq!(refused.rate(Class::Reads), slow.rate(Class::Reads), "slower than the slowest");
    }

    #[test]
    fn retry_after_holds_the_whole_class_back_and_no_other() {
        let mut budget = Budget::new(50);
        let heard = Heard { retry_after: Some(seconds(7.0)), ..REFUSED };
        budget.hear(Class::Queues, seconds(1.0), &heard);
        assert_eq!(budget.wait(Class::Queues, seconds(1.0)), seconds(7.0));
        assert_eq!(budget.wait(Class::Reads, seconds(1.0)), Duration::ZERO);
        let hour = Heard { retry_after: Some(seconds(3600.0)), ..REFUSED };
        budget.hear(Class::Queues, seconds(1.0), &hour);
        assert_eq!(budget.wait(Class::Queues, seconds(1.0)), LONGEST_RETRY_AFTER);
    }

    #[test]
    fn the_limit_that_the_api_names_bounds_the_rate_and_what_is_kept_free_is_not_touched() {
        let headers = |limit: &str, remaining: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("X-Rate-Limit-Limit", limit.parse().unwrap());
            headers.insert("X-Rate-Limit-Remaining", remaining.parse().unwrap());
            Heard::of(http::StatusCode::OK, &headers)
        };
        let mut budget = Budget::new(50);
        budget.hear(Class::Reads, seconds(1.0), &headers("30", "29"));
        assert_eq!(budget.rate(Class::Reads), Some(15.0));
        budget.hear(Class::Reads, seconds(2.0), &headers("30", "15"));
        assert_eq!(budget.rate(Class::Reads), Some(15.0));
        budget.hear(Class::Reads, seconds(2.0), &headers("30", "14"));
        assert_eq!(budget.rate(Class::Reads), Some(7.5));
        budget.hear(Class::Reads, seconds(3.0), &headers("30", "many"));
        assert!(budget.rate(Class::Reads) > Some(7.5));
        assert_eq!(headers("-1", "nan"), CALM);
        budget.hear(Class::Reads, seconds(4.0), &headers("1e-300", "0"));
        assert_eq!(budget.rate(Class::Reads), Some(LEAST), "no wait is endless");
        budget.take(Class::Reads, seconds(4.0));
    }

    #[test]
    fn requests_are_told_apart_by_what_they_do() {
        let class = |operation, url: &str| {
            let url = Url::parse(&format!("https://taskrouter.twilio.com/v1/{url}")).unwrap();
            Class::of(operation, &url).name()
        };
        assert_eq!(class(Operation::Read, "Workspaces/WS1/TaskQueues?PageSize=1000"), "reads");
        let search = "Workspaces/WS1/Workers?TargetWorkersExpression=1%3D%3D1&PageSize=1000";
        assert_eq!(class(Operation::Read, search), "searches");
        assert_eq!(class(Operation::Update, "Workspaces/WS1/TaskQueues/WQ1"), "queues");
        assert_eq!(class(Operation::Create, "Workspaces/WS1/Workflows"), "queues");
        assert_eq!(class(Operation::Delete, "Workspaces/WS1/Workers/WK1"), "writes");
    }

    #[test]
    fn a_rate_is_read_with_and_without_class_and_unit() {
        assert_eq!(rate("reads=20/s"), Rate { class: Some(Class::Reads), per_second: 20.0 });
        assert_eq!(rate(" 0.5 "), Rate { class: None, per_second: 0.5 });
        for wrong in ["", "reads", "rads=3", "reads=0", "reads=-1/s", "queues=inf", "3/m"] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
    }
}
