//! The time variables `taskrouter.…`, with a clock that is passed in.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::{Certainty, Path, Scope, Segment};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A moment, in whole seconds of UTC. Never read from the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clock {
    unix: i64,
}

impl Clock {
    /// `unix` seconds after the beginning of 1970.
    pub const fn from_unix(unix: i64) -> Self {
        Self { unix }
    }

    /// Seconds since the beginning of 1970.
    pub const fn unix(self) -> i64 {
        self.unix
    }

    /// The moment `seconds` later.
    #[must_use]
    pub const fn after(self, seconds: i64) -> Self {
        Self { unix: self.unix.saturating_add(seconds) }
    }

    /// Seconds from `earlier` until this moment.
    pub const fn since(self, earlier: Self) -> i64 {
        self.unix.saturating_sub(earlier.unix)
    }

    /// From 0 to 23.
    pub const fn hour(self) -> i64 {
        self.unix.rem_euclid(DAY) / HOUR
    }

    /// From 0 to 59.
    pub const fn minute(self) -> i64 {
        self.unix.rem_euclid(HOUR) / MINUTE
    }

    /// `Mon`, `Tue`, `Wed`, `Thu`, `Fri`, `Sat` or `Sun`.
    pub const fn day_of_week(self) -> &'static str {
        // 1970 began on a Thursday.
        match self.unix.div_euclid(DAY).rem_euclid(7) {
            0 => "Thu",
            1 => "Fri",
            2 => "Sat",
            3 => "Sun",
            4 => "Mon",
            5 => "Tue",
            _ => "Wed",
        }
    }

    /// The value of `taskrouter.<name>`.
    fn variable(self, name: &str) -> Option<Value> {
        Some(match name {
            "currentTime" => (self.hour() * 100 + self.minute()).into(),
            "currentHour" => self.hour().into(),
            "currentMin" => self.minute().into(),
            "dayOfWeek" => self.day_of_week().into(),
            _ => return None,
        })
    }
}

/// As in RFC 3339, and plain seconds before the year -9999 and after the year 9999.
impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.unix) {
            Ok(timestamp) => timestamp.fmt(f),
            Err(_) => self.unix.fmt(f),
        }
    }
}

/// From RFC 3339, with any offset: `2026-04-14T08:30:00Z`. A fraction of a second is dropped.
impl std::str::FromStr for Clock {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let timestamp: jiff::Timestamp = text.parse()?;
        // `as_second` rounds towards 1970.
        let earlier = i64::from(timestamp.subsec_nanosecond() < 0);
        Ok(Self::from_unix(timestamp.as_second() - earlier))
    }
}

/// What another scope holds, and the time variables. Filters and target expressions have them.
///
/// The four variables come first: an attribute cannot hide them.
#[derive(Clone, Copy)]
pub struct Timed<'a> {
    /// The moment of the evaluation.
    pub clock: Clock,
    /// Everything else.
    pub scope: &'a dyn Scope,
}

impl Timed<'_> {
    fn variable(&self, path: &Path) -> Option<Value> {
        let [Segment::Key(prefix), Segment::Key(name), rest @ ..] = &path.segments[..] else {
            return None;
        };
        let value = (prefix == "taskrouter").then(|| self.clock.variable(name))??;
        // They are scalars: nothing is inside.
        Some(if rest.is_empty() { value } else { Value::Null })
    }
}

impl Scope for Timed<'_> {
    fn lookup<'a>(&'a self, path: &Path) -> Cow<'a, Value> {
        self.variable(path).map_or_else(|| self.scope.lookup(path), Cow::Owned)
    }

    fn certainty(&self, path: &Path) -> Certainty {
        match self.variable(path) {
            Some(_) => Certainty::Documented,
            None => self.scope.certainty(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{AttributeScope, TargetScope, evaluate, parse};
    use serde_json::json;

    fn clock(text: &str) -> Clock {
        text.parse().expect("the test writes a moment")
    }

    #[test]
    fn a_moment_tells_hour_minute_and_day_of_week_before_and_after_1970() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", (0, 0, "Thu")),
            ("1969-12-31T23:59:59Z", (23, 59, "Wed")),
            ("2024-02-29T08:05:59Z", (8, 5, "Thu")),
            ("2026-04-14T18:30:00Z", (18, 30, "Tue")),
            ("2026-04-14T23:30:00-05:00", (4, 30, "Wed")),
            ("2026-04-19T12:00:00Z", (12, 0, "Sun")),
        ] {
            let clock = clock(text);
            assert_eq!((clock.hour(), clock.minute(), clock.day_of_week()), expected, "{text}");
        }
    }

    #[test]
    fn every_moment_agrees_with_the_calendar() {
        for step in -4000..4000 {
            let clock = Clock::from_unix(step * 7_777_777);
            let zoned = jiff::Timestamp::from_second(clock.unix())
                .expect("within the calendar")
                .to_zoned(jiff::tz::TimeZone::UTC);
            let calendar = (
                i64::from(zoned.hour()),
                i64::from(zoned.minute()),
                zoned.strftime("%a").to_string(),
            );
            let found = (clock.hour(), clock.minute(), clock.day_of_week().to_owned());
            assert_eq!(found, calendar, "{clock}");
        }
    }

    #[test]
    fn a_moment_is_written_as_it_is_read_and_moves_on_without_an_overflow() {
        assert_eq!(clock("2026-04-14T08:30:00.9Z").to_string(), "2026-04-14T08:30:00Z");
        assert_eq!(clock("1969-12-31T23:59:58.5Z").unix(), -2);
        let start = clock("2026-04-14T23:59:50Z");
        assert_eq!(start.after(20).to_string(), "2026-04-15T00:00:10Z");
        assert_eq!(start.after(20).since(start), 20);
        let end = Clock::from_unix(i64::MAX);
        assert_eq!((end.after(1), end.since(Clock::from_unix(-1))), (end, i64::MAX));
        assert!((0..24).contains(&end.hour()) && end.to_string() == i64::MAX.to_string());
    }

    #[test]
    fn filters_and_targets_see_the_variables_and_no_attribute_hides_them() {
        let attributes = json!({"taskrouter": {"currentTime": 1, "mine": 2}, "level": 3});
        let attributes = attributes.as_object().expect("an object");
        let task = AttributeScope::task(attributes);
        let target = TargetScope { task: task.clone(), worker: AttributeScope::worker(attributes) };
        let clock = clock("2026-04-14T08:05:00Z");
        let check = |scope: &dyn Scope, text: &str, certainty| {
            let (tree, errors) = parse(text);
            assert_eq!(errors, [], "{text}");
            let evaluation = evaluate(&tree, &Timed { clock, scope });
            assert!(evaluation.holds() && evaluation.certainty == certainty, "{text}");
        };
        for text in [
            "taskrouter.currentTime == 0805 AND taskrouter.currentTime > 0800",
            "taskrouter.currentHour == 8 AND taskrouter.currentMin == 5",
            "taskrouter.dayOfWeek IN ['Mon', 'Tue']",
            "taskrouter.currentTime.x == null",
        ] {
            check(&task, text, Certainty::Documented);
            check(&target, text, Certainty::Documented);
        }
        check(
            &task,
            "taskrouter.mine == 2 AND task.taskrouter.currentTime == 1 AND level == 3",
            Certainty::Assumed,
        );
        check(&target, "task.taskrouter.currentTime == 1", Certainty::Documented);
        check(&target, "taskrouter.mine == null", Certainty::Unspecified);
    }
}
