//! Tasks and workers made up so that expressions come to what is asked of them.
//!
//! What is given has been evaluated: it never is no witness. That nothing is given proves nothing;
//! the search is bounded.

mod candidates;
mod search;
mod shape;

pub(super) use shape::worker_scope;

use serde_json::{Map, Value};

use super::Worker;
use crate::expr::{Clock, Expr};

/// What an expression is to come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal<'e> {
    pub expr: &'e Expr,
    /// Whether it is to hold.
    pub holds: bool,
}

impl<'e> Goal<'e> {
    /// It is to hold.
    pub fn met(expr: &'e Expr) -> Self {
        Self { expr, holds: true }
    }

    /// It is not to hold.
    pub fn missed(expr: &'e Expr) -> Self {
        Self { expr, holds: false }
    }
}

/// Attributes of a task that meet all goals at a moment, with as few keys as the way that was
/// found takes.
pub fn task_witness(goals: &[Goal<'_>], clock: Clock) -> Option<Map<String, Value>> {
    task_witnesses(goals, clock, 1).pop()
}

/// Up to `limit` such tasks, all different: one for each way through the ORs and lists.
pub fn task_witnesses(goals: &[Goal<'_>], clock: Clock, limit: usize) -> Vec<Map<String, Value>> {
    search::search(goals, &shape::TaskSide { clock }, limit)
}

/// A worker that meets all goals, without a name unless an expression asks for one, available,
/// with nothing to do.
pub fn worker_witness(goals: &[Goal<'_>]) -> Option<Worker> {
    worker_witnesses(goals, 1).pop()
}

/// Up to `limit` such workers, all different: one for each way through the ORs and lists.
pub fn worker_witnesses(goals: &[Goal<'_>], limit: usize) -> Vec<Worker> {
    search::search(goals, &shape::WorkerSide, limit)
}

/// Moments at which the time variables of the expressions come to different values: around each
/// constant that they are compared with, on each day that is named and on one that is not. One
/// moment (a Monday, 10:00) when no expression asks for the time. At most [`MAX_MOMENTS`].
pub fn moments<'e>(expressions: impl IntoIterator<Item = &'e Expr>) -> Vec<Clock> {
    shape::moments(expressions)
}

/// As many moments as [`moments`] gives at most.
pub const MAX_MOMENTS: usize = 48;

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use serde_json::json;

    use super::shape::{task_scope, worker_scope};
    use super::*;
    use crate::expr::{evaluate, parse};

    const NOON: Clock = Clock::from_unix(12 * 3600);

    fn tree(text: &str) -> Expr {
        let (tree, errors) = parse(text);
        assert_eq!(errors, [], "{text}");
        tree
    }

    fn task(text: &str) -> Option<Value> {
        task_witness(&[Goal::met(&tree(text))], NOON).map(Value::Object)
    }

    #[test]
    fn a_task_is_found_with_no_more_than_it_takes() {
        for (text, expected) in [
            ("1==1", json!({})),
            ("topic == 'sales'", json!({"topic": "sales"})),
            ("task.topic == 'sales'", json!({"topic": "sales"})),
            ("topic == 'a' AND (x == 1 OR x == 2)", json!({"topic": "a", "x": 1})),
            ("channel IN ['web', 'sms']", json!({"channel": "web"})),
            ("skills HAS 'a' AND skills HAS 'b'", json!({"skills": ["a", "b"]})),
            ("'a' IN skills", json!({"skills": ["a"]})),
            ("name CONTAINS 'ab' AND name CONTAINS 'cd'", json!({"name": "ab cd"})),
            ("level > 5", json!({"level": 6})),
            ("level > 5 AND level < 6", json!({"level": 5.5})),
            ("level >= 2 AND level <= 2", json!({"level": 2})),
            ("topic != 'sales'", json!({"topic": "other"})),
            ("topic == null", json!({})),
            ("topic != null", json!({"topic": "other"})),
            ("topic != null AND topic NOT IN ['other', 'x']", json!({"topic": "other 2"})),
            ("vip == true", json!({"vip": true})),
            ("vip != true AND vip != null", json!({"vip": false})),
            ("call.from == 'x' AND call != null", json!({"call": {"from": "x"}})),
            ("a[1] == 'x'", json!({"a": [null, "x"]})),
            ("a == b AND a != null", json!({"a": "other", "b": "other"})),
            ("a IN b", json!({"a": "other", "b": ["other"]})),
            ("taskrouter.currentHour == 12 AND x == 1", json!({"x": 1})),
        ] {
            assert_eq!(task(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_hold_has_no_witness() {
        for text in [
            "1==0",
            "a == 1 AND a == 2",
            "a IN []",
            "a HAS 'x' AND a == 'x'",
            "taskrouter.currentHour == 13",
            "a == 'x' AND (a == 'y' OR a == null)",
        ] {
            assert_eq!(task(text), None, "{text}");
        }
    }

    #[test]
    fn each_way_through_an_or_or_a_list_has_its_witness() {
        let expr = tree("a == 1 OR b IN ['x', 'y'] AND c != null");
        let found = task_witnesses(&[Goal::met(&expr)], NOON, 10);
        let expected =
            [json!({"a": 1}), json!({"b": "x", "c": "other"}), json!({"b": "y", "c": "other"})];
        assert_eq!(found.into_iter().map(Value::Object).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_goal_may_be_to_miss() {
        let (met, missed) = (tree("a == 'x'"), tree("a == 'x' AND b HAS 'y'"));
        let found = task_witness(&[Goal::met(&met), Goal::missed(&missed)], NOON);
        let found = found.expect("b can be without y");
        assert!(evaluate(&met, &task_scope(&found)).holds());
        assert!(!evaluate(&missed, &task_scope(&found)).holds());
    }

    #[test]
    fn a_worker_is_found_by_attributes_and_by_its_own_fields() {
        let text = "routing.skills HAS 'sales' AND worker.friendly_name == 'alice' \
                    AND activity_name != 'Break' AND sid != 'WK1'";
        let found = worker_witness(&[Goal::met(&tree(text))]).expect("such a worker can be");
        assert_eq!(Value::Object(found.attributes), json!({"routing": {"skills": ["sales"]}}));
        assert_eq!(found.name, "alice");
    }

    #[test]
    fn moments_lie_around_what_the_time_is_compared_with() {
        let plain = moments([&tree("a == 1")]);
        assert_eq!(plain.len(), 1);
        let expr = tree("taskrouter.currentTime >= 0800 AND taskrouter.dayOfWeek != 'Sun'");
        let found = moments([&expr]);
        let holds = |clock: &&Clock| task_witness(&[Goal::met(&expr)], **clock).is_some();
        assert!(found.iter().any(|clock| holds(&clock)), "{found:?}");
        assert!(!found.iter().all(|clock| holds(&clock)), "{found:?}");
        assert!(found.len() <= MAX_MOMENTS);
    }

    /// Comparisons whose attributes and constants meet often.
    fn comparison() -> impl Strategy<Value = String> {
        let path = || select(vec!["a", "b", "c.d", "task.e"]);
        let constant = || select(vec!["'x'", "'y'", "1", "2", "true", "null"]);
        let scalar = select(vec!["==", "!=", "<", ">=", ">"]);
        prop_oneof![
            (path(), scalar, constant()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            (path(), select(vec!["IN", "NOT IN"]), constant(), constant())
                .prop_map(|(a, op, b, c)| format!("{a} {op} [{b}, {c}]")),
            (path(), constant()).prop_map(|(a, b)| format!("{a} HAS {b}")),
            (path(), select(vec!["'x'", "'xy'"])).prop_map(|(a, b)| format!("{a} CONTAINS {b}")),
            (path(), path()).prop_map(|(a, b)| format!("{a} == {b}")),
        ]
    }

    fn expression() -> impl Strategy<Value = String> {
        comparison().prop_recursive(3, 8, 3, |inner| {
            (vec(inner, 2..4), select(vec![" AND ", " OR "]))
                .prop_map(|(parts, word)| format!("({})", parts.join(word)))
        })
    }

    fn attributes() -> impl Strategy<Value = Map<String, Value>> {
        let values = vec![
            Value::Null,
            json!("x"),
            json!("y"),
            json!("xy"),
            json!(1),
            json!(2),
            json!(true),
            json!(["x"]),
            json!(["x", 1]),
            json!([]),
        ];
        vec(select(values), 4).prop_map(|values| {
            let [a, b, d, e] = <[Value; 4]>::try_from(values).expect("four were asked for");
            let value = json!({"a": a, "b": b, "c": {"d": d}, "e": e});
            value.as_object().cloned().unwrap_or_default()
        })
    }

    proptest! {
        #[test]
        fn a_witness_does_what_it_is_made_for(text in expression(), holds: bool) {
            let expr = tree(&text);
            for found in task_witnesses(&[Goal { expr: &expr, holds }], NOON, 8) {
                prop_assert_eq!(evaluate(&expr, &task_scope(&found)).holds(), holds, "{:?}", found);
            }
            for found in worker_witnesses(&[Goal { expr: &expr, holds }], 8) {
                prop_assert_eq!(evaluate(&expr, &worker_scope(&found)).holds(), holds);
            }
        }

        #[test]
        fn where_some_task_does_it_a_witness_is_found(text in expression(), task in attributes()) {
            let expr = tree(&text);
            let holds = evaluate(&expr, &task_scope(&task)).holds();
            prop_assert!(task_witness(&[Goal { expr: &expr, holds }], NOON).is_some(), "{}", task_json(&task));
        }
    }

    fn task_json(task: &Map<String, Value>) -> String {
        Value::Object(task.clone()).to_string()
    }
}
