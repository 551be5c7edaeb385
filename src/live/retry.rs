//! When a request is sent again, and how long after. No clock, no state.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use jiff::Timestamp;

use super::SendError;

/// The first wait; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// No wait of our own choice is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A server that wants us to wait longer gets its refusal reported instead.
pub(super) const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);
/// Tries of a request that is refused because there were too many.
const TRIES_WHEN_LIMITED: u32 = 8;
/// Tries of a request that failed otherwise.
const TRIES: u32 = 4;

/// What a request does, which decides whether it may be sent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Changes nothing.
    Read,
    /// Makes something new; sent twice it makes two, or fails because there is one.
    Create,
    /// Sets fields to values; sent twice it does the same.
    Update,
    /// Sent twice it finds nothing left to do.
    Delete,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A status, and how long the server wants us to wait.
    Status(u16, Option<Duration>),
    /// The server was not reached.
    Unreached,
    /// The connection broke, or nothing came in time.
    Broken,
}

impl Answer {
    /// The gist of what a transport gave.
    pub fn of<B>(result: &Result<http::Response<B>, SendError>) -> Self {
        match result {
            Ok(answer) => Self::Status(answer.status().as_u16(), retry_after(answer.headers())),
            Err(SendError::Connect { .. }) => Self::Unreached,
            Err(SendError::Broken { .. }) => Self::Broken,
        }
    }
}

/// What was asked and what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub operation: Operation,
    /// What it is about.
    pub object: Object,
    pub answer: Answer,
}

impl Outcome {
    /// Whether this try has certainly changed nothing.
    pub(super) fn is_undone(&self) -> bool {
        match self.answer {
            Answer::Unreached => true,
            Answer::Status(status @ 400..=499, _) => status != 408,
            Answer::Status(..) | Answer::Broken => self.operation == Operation::Read,
        }
    }
}

/// Whether the API may not know yet what it was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// It has been there for a while, if it is there.
    Settled,
    /// It was created in this run: whichever server answers may not have heard of it.
    JustCreated,
}

/// How long to wait before the request is sent again; none when it is not. `attempt` counts from 1.
///
/// Status 429 and a server that was not reached are safe for every request, because nothing was
/// processed. After a server's error or a broken connection nobody knows, so a create is never
/// sent again. What was just created and is not found is looked for again.
pub fn retry(attempt: u32, outcome: &Outcome) -> Option<Duration> {
    let backoff = FIRST_WAIT
        .saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)))
        .min(LONGEST_WAIT);
    let (tries, wait) = match outcome.answer {
        Answer::Status(404, _) if outcome.object == Object::JustCreated => (TRIES, backoff),
        Answer::Status(429, wanted) => (TRIES_WHEN_LIMITED, wanted.unwrap_or(backoff)),
        Answer::Unreached => (TRIES, backoff),
        _ if outcome.operation == Operation::Create => return None,
        Answer::Status(408 | 500.., wanted) => (TRIES, wanted.unwrap_or(backoff)),
        Answer::Broken => (TRIES, backoff),
        Answer::Status(..) => return None,
    };
    (attempt < tries && wait <= LONGEST_RETRY_AFTER).then_some(wait)
}

/// A wait with some chance in it, so that those who were refused together do not come again
/// together. Half of a wait of our own choice is left to chance; what a server asks for (`least`)
/// is never shortened, and up to a tenth is added. The same `seed` and `number` give the same wait.
pub fn jitter(wait: Duration, least: Option<Duration>, seed: u64, number: u64) -> Duration {
    // Between 0 and 1, by the finalizer of SplitMix64.
    let mut z = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let chance = f64::from(((z ^ (z >> 31)) >> 32) as u32) / f64::from(u32::MAX);
    match least {
        Some(least) => wait.max(least).mul_f64(1.0 + chance / 10.0),
        None => wait.mul_f64(0.5 + chance / 2.0),
    }
}

/// `Retry-After`: seconds, or a date, which is taken against the answer's own `Date`.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let wanted = text(RETRY_AFTER)?;
    if let Ok(seconds) = wanted.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date =
        |text| -> Option<Timestamp> { Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp()) };
    Some(date(wanted)?.duration_since(date(text(DATE)?)?).try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Operation; 4] =
        [Operation::Read, Operation::Create, Operation::Update, Operation::Delete];

    fn wait(attempt: u32, operation: Operation, answer: Answer) -> Option<Duration> {
        retry(attempt, &Outcome { operation, object: Object::Settled, answer })
    }

    #[test]
    fn what_was_just_created_is_looked_for_again_when_it_is_not_found() {
        let (object, answer) = (Object::JustCreated, Answer::Status(404, None));
        for operation in [Operation::Read, Operation::Update, Operation::Delete] {
            let outcome = Outcome { operation, object, answer: answer.clone() };
            let waits: Vec<_> = (1..9).map_while(|attempt| retry(attempt, &outcome)).collect();
            let millis: Vec<_> = waits.iter().map(Duration::as_millis).collect();
            assert_eq!(millis, [500, 1000, 2000]);
            assert_eq!(wait(1, operation, answer.clone()), None, "what was there is gone");
        }
    }

    #[test]
    fn too_many_requests_are_always_sent_again_after_as_long_as_the_server_says() {
        let three = Some(Duration::from_secs(3));
        for operation in ALL {
            assert_eq!(wait(1, operation, Answer::Status(429, three)), three);
            assert_eq!(wait(1, operation, Answer::Status(429, None)), Some(FIRST_WAIT));
            assert_eq!(wait(8, operation, Answer::Status(429, three)), None);
        }
        let hour = Some(Duration::from_secs(3600));
        assert_eq!(wait(1, Operation::Read, Answer::Status(429, hour)), None);
    }

    #[test]
    fn a_create_is_sent_again_only_when_it_was_certainly_not_processed() {
        for answer in [Answer::Broken, Answer::Status(500, None), Answer::Status(503, None)] {
            assert_eq!(wait(1, Operation::Create, answer.clone()), None);
            for operation in [Operation::Read, Operation::Update, Operation::Delete] {
                assert_eq!(wait(1, operation, answer.clone()), Some(FIRST_WAIT));
                assert_eq!(wait(4, operation, answer.clone()), None);
            }
        }
        assert_eq!(wait(1, Operation::Create, Answer::Unreached), Some(FIRST_WAIT));
    }

    #[test]
    fn a_refusal_is_final() {
        for status in [301, 400, 401, 403, 404, 409, 412] {
            for operation in ALL {
                assert_eq!(wait(1, operation, Answer::Status(status, None)), None, "{status}");
            }
        }
    }

    #[test]
    fn waits_double_and_stay_bounded() {
        let waits: Vec<_> =
            (1..8).filter_map(|n| wait(n, Operation::Read, Answer::Status(429, None))).collect();
        let millis: Vec<_> = waits.iter().map(Duration::as_millis).collect();
        assert_eq!(millis, [500, 1000, 2000, 4000, 8000, 16_000, 30_000]);
        assert_eq!(wait(u32::MAX, Operation::Read, Answer::Broken), None);
    }

    #[test]
    fn chance_halves_our_own_waits_at_most_and_never_shortens_what_the_server_asks_for() {
        let second = Duration::from_secs(1);
        let own: Vec<_> = (0..100).map(|number| jitter(second, None, 7, number)).collect();
        assert!(own.iter().all(|wait| *wait >= second / 2 && *wait <= second), "{own:?}");
        let asked = (0..100).map(|number| jitter(second, Some(second), 7, number));
        assert!({ asked }.all(|wait| wait >= second && wait <= second.mul_f64(1.1)));
        let different: std::collections::BTreeSet<_> = own.iter().collect();
        assert!(different.len() > 90, "{}", different.len());
        assert_eq!(own[3], jitter(second, None, 7, 3));
        assert_ne!(own[3], jitter(second, None, 8, 3));
    }

    #[test]
    fn retry_after_may_be_a_date() {
        let mut headers = HeaderMap::new();
        headers.insert(DATE, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        headers.insert(RETRY_AFTER, "Sun, 06 Nov 1994 08:49:47 GMT".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(10)));
        headers.insert(RETRY_AFTER, "Sun, 06 Nov 1994 08:00:00 GMT".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(Duration::ZERO));
        headers.insert(RETRY_AFTER, "7".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(7)));
        headers.insert(RETRY_AFTER, "soon".parse().unwrap());
        assert_eq!(retry_after(&headers), None);
    }
}
