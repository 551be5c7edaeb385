//! Rules for how many tasks of a channel a worker may hold.

use std::collections::BTreeMap;

use super::{Address, Expression, Kind, Live, Worker};
use crate::expr::{self, AttributeScope, Certainty, Evaluation, Expr, Segment};

/// For each worker and channel the first rule that matches the worker and names the channel
/// decides.
#[derive(Clone, Debug, PartialEq)]
pub struct CapacityRule {
    /// For people; shown as the reason.
    pub name: String,
    /// Which workers, over their attributes.
    pub workers: Expression,
    /// By the channel's unique name.
    pub channels: BTreeMap<String, ChannelCapacity>,
}

/// What a rule wants of one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelCapacity {
    /// How strictly the capacity is owned.
    pub mode: CapacityMode,
    /// Whether the worker may get tasks of the channel at all; `None` is left alone.
    pub available: Option<bool>,
}

/// How strictly a capacity is owned. People and plugins change capacities while they work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapacityMode {
    /// Always this many; `None` leaves the number alone (a rule that gives `available` only).
    Enforce(Option<u32>),
    /// This many as long as nobody has changed the worker channel since TaskRouter made it
    /// (its update date is its creation date).
    Initial(u32),
    /// At least the first, at most the second; what lies between is left alone.
    Bounds(u32, u32),
    /// Claimed and left alone, so that no later rule applies.
    Ignore,
}

impl CapacityMode {
    /// The capacity to set, when `live` is not as the mode wants it.
    /// `untouched`: nobody has changed the worker channel since TaskRouter made it.
    pub fn wanted(self, live: u32, untouched: bool) -> Option<u32> {
        let wanted = match self {
            Self::Enforce(capacity) => capacity?,
            Self::Initial(capacity) if untouched => capacity,
            Self::Bounds(low, high) => live.clamp(low, high.max(low)),
            Self::Initial(_) | Self::Ignore => live,
        };
        (wanted != live).then_some(wanted)
    }
}

impl CapacityRule {
    /// The rule, ready to be held against many workers.
    pub fn matcher(&self) -> CapacityMatcher<'_> {
        let (workers, errors) = self.workers.parse();
        let is_field = |segment: &Segment| matches!(segment, Segment::Key(key) if FIELDS.contains(&key.as_str()));
        let fields = workers.paths().any(|(path, _)| path.segments.iter().any(is_field));
        CapacityMatcher { rule: self, workers: errors.is_empty().then_some(workers), fields }
    }
}

/// A rule whose expression has been read.
#[derive(Clone, Debug)]
pub struct CapacityMatcher<'a> {
    /// The rule itself.
    pub rule: &'a CapacityRule,
    /// `None` when it has syntax errors.
    workers: Option<Expr>,
    /// Whether it may name what is no attribute.
    fields: bool,
}

/// What [`Live::scope`] knows of a worker beside the attributes.
const FIELDS: [&str; 4] = ["sid", "friendly_name", "activity_name", "activity_sid"];

impl CapacityMatcher<'_> {
    /// Whether the rule is about this worker: over attributes, and over `sid`, `friendly_name`,
    /// `activity_name` and `activity_sid` (of an activity named in the spec). A rule with syntax
    /// errors is about nobody.
    pub fn matches(&self, worker: &Live<Worker>) -> bool {
        self.evaluate(&worker.scope()).is_some_and(|verdict| verdict.holds())
    }

    /// The same with the certainty of it, for a worker whose scope is at hand; none for a rule with
    /// syntax errors.
    pub fn evaluate(&self, worker: &AttributeScope<'_>) -> Option<Evaluation> {
        self.workers.as_ref().map(|workers| expr::evaluate(workers, worker))
    }
}

/// Which of these rules are about a worker, by their places, in order, and how certain that is.
pub fn matching<'a>(
    rules: &'a [CapacityMatcher<'_>],
    worker: &'a Live<Worker>,
) -> impl Iterator<Item = (usize, Certainty)> + 'a {
    let scope = match rules.iter().any(|rule| rule.fields) {
        true => worker.scope(),
        false => AttributeScope::worker(&worker.value.attributes),
    };
    rules.iter().enumerate().filter_map(move |(at, rule)| {
        let verdict = rule.evaluate(&scope).filter(Evaluation::holds)?;
        Some((at, verdict.certainty))
    })
}

impl Live<Worker> {
    /// What an expression about this worker is evaluated over.
    pub fn scope(&self) -> AttributeScope<'_> {
        let Self { sid, name, value, untouched: _ } = self;
        let scope = AttributeScope::worker(&value.attributes)
            .field("sid", sid.as_str())
            .field("friendly_name", name.as_str());
        let Some(activity) = &value.activity else { return scope };
        let address = Address::new(Kind::Activity, activity.clone());
        scope
            .field("activity_name", activity.as_str())
            .field("activity_sid", Expression::stand_in_sid(&address))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Part, Text};

    fn rule(workers: Expression) -> CapacityRule {
        CapacityRule { name: "rule".to_owned(), workers, channels: BTreeMap::new() }
    }

    fn alice() -> Live<Worker> {
        let attributes = json!({"routing": {"skills": ["billing"]}, "roles": ["agent"]});
        Live {
            sid: "WK0123456789abcdef0123456789abcdef".to_owned(),
            name: "alice".to_owned(),
            value: Worker {
                sid: None,
                activity: Some("On Call".to_owned()),
                attributes: attributes.as_object().cloned().unwrap_or_default(),
            },
            untouched: true,
        }
    }

    #[test]
    fn a_rule_matches_by_attributes_and_by_fields_with_or_without_the_prefix() {
        for (text, expected) in [
            ("roles HAS 'agent' AND routing.skills HAS 'billing'", true),
            ("worker.routing.skills HAS 'billing'", true),
            ("friendly_name == 'alice' AND activity_name == 'On Call'", true),
            ("worker.sid == 'WK0123456789abcdef0123456789abcdef'", true),
            ("routing.skills HAS 'sales'", false),
            ("1==0", false),
        ] {
            assert_eq!(rule(text.into()).matcher().matches(&alice()), expected, "{text}");
        }
    }

    #[test]
    fn a_rule_can_name_an_activity_whose_sid_is_not_known_yet() {
        let about = |activity: &str| {
            let sid = Part::Sid(Address::new(Kind::Activity, activity));
            let parts = ["activity_sid == '", "'"].map(|text| Part::Str(text.to_owned()));
            let [before, after] = parts;
            rule(Expression::new(Text::from_iter([before, sid, after])))
        };
        assert!(about("On Call").matcher().matches(&alice()));
        assert!(!about("Break").matcher().matches(&alice()));
    }

    #[test]
    fn a_rule_with_a_syntax_error_matches_nobody() {
        for text in ["", "1==1 OR", "NOT roles HAS 'agent'", "1==1)"] {
            assert!(!rule(text.into()).matcher().matches(&alice()), "{text}");
        }
    }
}
