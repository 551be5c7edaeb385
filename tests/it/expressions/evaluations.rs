//! Rows that say what an expression is worth, in the table and in the documentation.

use flexctl::expr::{
    self, AttributeScope, ChannelLoad, Clock, Evaluation, Expr, Scope, TargetScope, Timed,
};
use serde_json::{Map, Value, json};

/// What is wrong with the row `attributes | expression | result | certainty`, a line for people.
pub(crate) fn mistake(scope: &str, row: &[&str]) -> Option<String> {
    let [attributes, text, holds, certainty] = row else { panic!("four columns: {row:?}") };
    let attributes: Map<String, Value> = serde_json::from_str(attributes).expect("JSON");
    let (tree, errors) = expr::parse(text);
    assert_eq!(errors, [], "{text}");
    let Evaluation { value, certainty: found } = evaluate(scope, &attributes, &tree);
    let found = format!("{value} | {found}");
    let expected = format!("{holds} | {certainty}");
    (found != expected).then(|| format!("{} | {text} | {found}\n", json!(attributes)))
}

fn evaluate(scope: &str, attributes: &Map<String, Value>, tree: &Expr) -> Evaluation {
    let (kind, moment) = scope.split_once(' ').unwrap_or((scope, ""));
    let timed = |scope: &dyn Scope| {
        let clock: Clock = moment.parse().expect("a moment");
        expr::evaluate(tree, &Timed { clock, scope })
    };
    match kind {
        "queue" => expr::evaluate(tree, &AttributeScope::worker(attributes)),
        "filter" => timed(&AttributeScope::task(attributes)),
        "target" => {
            let object = |key: &str| attributes[key].as_object().expect("an object");
            let task = AttributeScope::task(object("task"));
            timed(&TargetScope { task, worker: worker(attributes, object("worker")) })
        }
        "skip_if" => expr::evaluate(tree, &json!({"workers": attributes})),
        _ => panic!("no scope is called {scope:?}"),
    }
}

/// The worker of a target's row, with its fields, and with its channels as
/// `[configured_capacity, assigned_tasks, reservations]`.
fn worker<'a>(
    row: &'a Map<String, Value>,
    attributes: &'a Map<String, Value>,
) -> AttributeScope<'a> {
    let mut worker = AttributeScope::worker(attributes);
    for (name, value) in row.get("fields").and_then(Value::as_object).into_iter().flatten() {
        worker = worker.field(name, value.clone());
    }
    for (name, load) in row.get("channels").and_then(Value::as_object).into_iter().flatten() {
        let [configured_capacity, assigned_tasks, reservations] =
            serde_json::from_value(load.clone()).expect("three numbers");
        let load = ChannelLoad { configured_capacity, assigned_tasks, reservations };
        worker = worker.channel(name, load);
    }
    worker
}
