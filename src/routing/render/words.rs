//! What a trace holds, in words. Fragments begin with a small letter and have no full stop.

use serde_json::Value;

use crate::model::{Part, Text};
use crate::routing::{
    Cause, Comparison, End, KnownWorker, KnownWorkerBy, KnownWorkerFound, Obstacle, Outcome, State,
    Verdict, duration,
};
use crate::text::shorten;

/// More names than this are counted.
const NAMES: usize = 5;
/// Characters of a value.
const VALUE: usize = 60;

/// What becomes of the task: `offered to anna; then ben`.
pub fn end(end: &End) -> String {
    match end {
        End::Reserved { age, queue, workers, offered } => {
            let (first, then) = workers.split_at((*offered).min(workers.len()));
            let mut out = format!("offered to {}", names(first, NAMES));
            if first.len() > 1 {
                out.push_str(" at once");
            }
            out.push_str(&format!(" in {queue}{}", after(*age)));
            if !then.is_empty() {
                out.push_str(&format!("; then {}", names(then, NAMES)));
            }
            out
        }
        End::Waiting { since, queue, until } => {
            let from =
                if *since == 0 { String::new() } else { format!(" from {} on", duration(*since)) };
            format!("waits in {queue}{from} until the task's own timeout ({})", duration(*until))
        }
        End::Canceled { age, cause } => {
            format!("cancelled{}: {}", after(*age), cause_words(*cause))
        }
        End::Unrouted => "unrouted: no filter matched and there is no default filter".to_owned(),
        End::Unknown { age, reason } => {
            format!("nobody can tell what happens{}: {reason}", after(*age))
        }
    }
}

fn after(age: u32) -> String {
    if age == 0 { String::new() } else { format!(" after {}", duration(age)) }
}

fn cause_words(cause: Cause) -> &'static str {
    match cause {
        Cause::WorkflowTimeout => "the last timeout passed and no filter is left",
        Cause::Skipped => "the last target was skipped and no filter is left",
        Cause::TaskTimeout => "the task's own timeout passed",
    }
}

/// Where the task is at a moment: `waits in Sales, priority 100`.
pub fn state(state: &State) -> String {
    let queue = state.queue.unwrap_or_default();
    let mut out = match state.outcome {
        Outcome::Reserved => {
            let (first, _) = state.workers.split_at(state.offered.min(state.workers.len()));
            format!("offered to {} in {queue}", names(first, NAMES))
        }
        Outcome::Waiting if queue.is_empty() => "on its way".to_owned(),
        Outcome::Waiting => format!("waits in {queue}"),
        Outcome::Canceled(cause) => return format!("cancelled: {}", cause_words(cause)),
        Outcome::Unrouted => return "unrouted".to_owned(),
        Outcome::Unknown => return "nobody can tell".to_owned(),
    };
    if state.priority > 0 {
        out.push_str(&format!(", priority {}", state.priority));
    }
    out
}

/// Names, of which at most `limit` are said.
pub(super) fn names<T: AsRef<str>>(names: &[T], limit: usize) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [] => "nobody".to_owned(),
        [one] => (*one).to_owned(),
        [some @ .., last] if names.len() <= limit => format!("{} and {last}", some.join(", ")),
        all => format!("{} and {} more", all[..limit].join(", "), all.len() - limit),
    }
}

/// The comparisons that decided, with their values: `topic == 'sales'  is 'billing'`.
pub fn because(verdict: &Verdict) -> Vec<String> {
    if verdict.because.is_empty() {
        let why = match (verdict.expression.as_str(), verdict.holds) {
            ("", _) => "has no expression".to_owned(),
            (_, true) => "always holds".to_owned(),
            (expression, false) => format!("{expression}  never holds"),
        };
        return vec![why];
    }
    verdict.because.iter().map(comparison).collect()
}

/// One comparison with its values.
pub(super) fn comparison(comparison: &Comparison) -> String {
    let Comparison { text, values, .. } = comparison;
    let values = match values.len() {
        0 => return text.clone(),
        1 => values.values().map(is).collect(),
        _ => values
            .iter()
            // The worker is named beside it.
            .filter(|(path, _)| path.as_str() != "worker.sid")
            .map(|(path, value)| format!("{path} {}", is(value)))
            .collect::<Vec<_>>()
            .join(", "),
    };
    format!("{text}  {values}")
}

/// `is 'Billing'`, `is missing`.
pub(super) fn is(value: &Value) -> String {
    match value {
        Value::Null => "is missing".to_owned(),
        Value::String(text) if sid_of(text).is_some() => {
            format!("is the sid of {}", sid_of(text).unwrap_or_default())
        }
        value => format!("is {}", shorten(&literal(value), VALUE)),
    }
}

/// The address whose sid stands for itself in a text, and nothing else in it.
fn sid_of(text: &str) -> Option<String> {
    let text: Text = text.parse().ok()?;
    match text.parts() {
        [Part::Sid(address)] => Some(address.to_string()),
        _ => None,
    }
}

/// A value as expressions write it.
pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => {
            crate::expr::quote(text).unwrap_or_else(|| Value::String(text.clone()).to_string())
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}: {}", literal(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        value => value.to_string(),
    }
}

/// Why a worker is not offered the task: `in Lunch, not available`.
pub fn obstacle(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::Activity { activity } if activity.is_empty() => "no activity".to_owned(),
        Obstacle::Activity { activity } => format!("in {activity}, not available"),
        Obstacle::Channel { task_channel } => format!("channel {task_channel} not available"),
        Obstacle::Capacity { configured_capacity: 0, task_channel, .. } => {
            format!("no capacity for {task_channel}")
        }
        Obstacle::Capacity { task_channel, configured_capacity, reservations } => {
            format!("full: {reservations} of {configured_capacity} tasks of {task_channel}")
        }
        Obstacle::Expression(verdict) => because(verdict).join("; "),
        Obstacle::KnownWorker { .. } => "not the known worker".to_owned(),
    }
}

/// Whom a target asks for, and whether it is there.
pub(super) fn known_worker(known: &KnownWorker) -> String {
    let KnownWorker { attribute, by, value, found } = known;
    let by = match by {
        KnownWorkerBy::Sid => "",
        KnownWorkerBy::FriendlyName => " by name",
    };
    let found = match found {
        KnownWorkerFound::InQueue => "who is in the queue".to_owned(),
        KnownWorkerFound::NotInQueue => "who is not in the queue (error 40152)".to_owned(),
        KnownWorkerFound::Null => "so it waits for nobody".to_owned(),
        KnownWorkerFound::Invalid => "who is no worker (error 40154)".to_owned(),
        KnownWorkerFound::Unknown => "of whom nothing is known".to_owned(),
    };
    format!("for the known worker{by}: {attribute} {}, {found}", is(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_one_sentence() {
        let reserved = |workers: &[&str], offered| End::Reserved {
            age: 0,
            queue: "Sales".to_owned(),
            workers: workers.iter().map(|name| (*name).to_owned()).collect(),
            offered,
        };
        for (given, said) in [
            (reserved(&["anna"], 1), "offered to anna in Sales"),
            (reserved(&["anna", "ben", "cy"], 1), "offered to anna in Sales; then ben and cy"),
            (reserved(&["anna", "ben"], 5), "offered to anna and ben at once in Sales"),
            (
                End::Waiting { since: 150, queue: "Sales".to_owned(), until: 86_400 },
                "waits in Sales from 2m 30s on until the task's own timeout (24h)",
            ),
            (
                End::Canceled { age: 30, cause: Cause::WorkflowTimeout },
                "cancelled after 30s: the last timeout passed and no filter is left",
            ),
            (End::Unrouted, "unrouted: no filter matched and there is no default filter"),
        ] {
            assert_eq!(end(&given), said);
        }
    }

    #[test]
    fn many_names_are_counted() {
        assert_eq!(names::<&str>(&[], 2), "nobody");
        assert_eq!(names(&["a", "b"], 2), "a and b");
        assert_eq!(names(&["a", "b", "c", "d"], 2), "a, b and 2 more");
    }
}
