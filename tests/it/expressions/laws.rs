//! What must hold of any text, any attributes and any moment. The fuzzer checks the same.

use flexctl::expr::{
    self, AttributeScope, Certainty, Clock, CompareOp, Decision, Expr, Literal, Node, Scope,
    TargetScope, Timed,
};
use flexctl::text::TextRange;
use serde_json::{Map, Value};

/// Panics unless every law holds for `text`, evaluated over `attributes` as a task's, a worker's
/// and both, at the moment `unix`.
pub(crate) fn check(text: &str, attributes: &Map<String, Value>, unix: i64) {
    let tree = check_reading(text);
    check_sort_keys(text, attributes);
    let clock = Clock::from_unix(unix);
    let task = AttributeScope::task(attributes);
    let load = expr::ChannelLoad { configured_capacity: 3, assigned_tasks: 1, reservations: 2 };
    let worker = AttributeScope::worker(attributes).field("sid", "WK01").channel("chat", load);
    let target = TargetScope { task: task.clone(), worker: worker.clone() };
    for scope in [&task as &dyn Scope, &worker, &target, &Timed { clock, scope: &target }] {
        match &tree {
            Ok(tree) => check_worth(text, tree, scope),
            Err(tree) => _ = check_decision(tree, scope),
        }
    }
}

/// The laws of reading and printing. The tree is an error when `text` has mistakes.
fn check_reading(text: &str) -> Result<Expr, Expr> {
    let (tree, errors) = expr::parse(text);
    for error in &errors {
        assert!(text.get(error.range.start..error.range.end).is_some(), "{error:?} in {text:?}");
        assert!(!error.message.is_empty() && !error.message.ends_with('.'), "{error:?}");
    }
    assert!(errors.is_sorted_by_key(|error| error.range), "{errors:?}");
    let once = expr::canonical(text);
    assert_eq!(expr::canonical(&once), once, "{text:?}");
    let _ = (tree.comparisons().count(), tree.paths().count());
    if !errors.is_empty() {
        return Err(tree);
    }
    tree.walk(&mut |part| {
        assert_ne!(part.node, Node::Missing, "{text:?}");
        let range = part.range;
        assert!(text.get(range.start..range.end).is_some_and(|t| !t.is_empty()), "{text:?}");
    });
    let printed = tree.to_string();
    let (again, errors) = expr::parse(&printed);
    assert_eq!((&errors[..], &again), (&[][..], &tree), "{text:?}");
    assert_eq!(again.to_string(), printed, "{text:?}");
    assert_eq!(again.canonical(), once, "{text:?}");
    assert_eq!(expr::parse(&once), (again, Vec::new()), "{text:?}");
    Ok(tree)
}

fn check_sort_keys(text: &str, attributes: &Map<String, Value>) {
    let once = expr::canonical_order_by(text);
    assert_eq!(expr::canonical_order_by(&once), once, "{text:?}");
    let (keys, errors) = expr::parse_order_by(text);
    for error in errors {
        assert!(text.get(error.range.start..error.range.end).is_some(), "{error:?} in {text:?}");
    }
    let present = expr::rank(&keys, &AttributeScope::worker(attributes));
    assert!(present <= expr::rank(&keys, &AttributeScope::worker(&Map::new())), "{text:?}");
    if let Ok(path) = expr::parse_path(text) {
        assert_eq!(expr::parse_path(&path.to_string()), Ok(path), "{text:?}");
    }
}

/// The laws of evaluation, for a tree without mistakes.
fn check_worth(text: &str, tree: &Expr, scope: &dyn Scope) {
    let worth = expr::evaluate(tree, scope);
    let decision = check_decision(tree, scope);

    // What is printed is worth the same, for the same reasons.
    let printed = expr::parse(&tree.to_string()).0;
    assert_eq!(expr::evaluate(&printed, scope), worth, "{text:?}");
    assert_eq!(texts(&check_decision(&printed, scope)), texts(&decision), "{text:?}");

    // Parentheses at the ends of each loose AND settle it.
    let settled = expr::parse(&settle(text, tree));
    assert_eq!((&settled.0, &settled.1[..]), (tree, &[][..]), "{text:?}");
    assert_eq!(settled.0.loose_ands().count(), 0, "{text:?}");
    let settled = check_decision(&settled.0, scope);
    assert_eq!((settled.holds, settled.hangs_on_precedence), (decision.holds, false), "{text:?}");
    assert_eq!(texts(&settled), texts(&decision), "{text:?}");
    assert!(decision.hangs_on_precedence || settled.certainty == decision.certainty, "{text:?}");

    // The canonical spelling may lack the parentheses that settled the precedence.
    let canonical = expr::evaluate(&expr::parse(&tree.canonical()).0, scope);
    assert_eq!(canonical.value, worth.value, "{text:?}");
    let assumed = settled.certainty.max(Certainty::Assumed);
    assert!([settled.certainty, assumed].contains(&canonical.certainty), "{text:?}");

    if tree.is_always_true() || tree.is_always_false() {
        assert_eq!(tree.is_always_true(), worth.holds(), "{text:?}");
    }

    // The comparisons that decided do so whatever the others are worth.
    for other in [|_| true, |_| false, |holds: bool| !holds] {
        let changed = replace_others(tree, &decision, scope, other);
        assert_eq!(expr::evaluate(&changed, scope).holds(), decision.holds, "{text:?}");
    }
    for reason in &decision.reasons {
        assert!(text.get(reason.range.start..reason.range.end).is_some(), "{text:?}");
        let (comparison, errors) = expr::parse(&reason.text);
        assert_eq!(errors, [], "{text:?}");
        let worth = expr::evaluate(&comparison, scope);
        assert_eq!((worth.holds(), worth.certainty), (reason.holds, reason.certainty), "{text:?}");
    }
    // The result is as certain as the least certain of them, and as the precedence.
    let least = decision.reasons.iter().map(|reason| reason.certainty).max();
    let precedence =
        if decision.hangs_on_precedence { Certainty::Assumed } else { Certainty::Documented };
    assert_eq!(least.map(|least| least.max(precedence)), Some(decision.certainty), "{text:?}");
    assert!(decision.reasons.is_sorted_by_key(|reason| reason.range), "{text:?}");
}

/// The decision, which agrees with the evaluation.
fn check_decision(tree: &Expr, scope: &dyn Scope) -> Decision {
    let worth = expr::evaluate(tree, scope);
    let decision = expr::decide(tree, scope);
    assert_eq!((decision.holds, decision.certainty), (worth.holds(), worth.certainty), "{tree}");
    decision
}

fn texts(decision: &Decision) -> Vec<&str> {
    decision.reasons.iter().map(|reason| reason.text.as_str()).collect()
}

/// `text` with a parenthesis at both ends of each loose AND.
fn settle(text: &str, tree: &Expr) -> String {
    let ends = tree.loose_ands().flat_map(|range| [(range.start, '('), (range.end, ')')]);
    let mut ends: Vec<(usize, char)> = ends.collect();
    ends.sort_unstable();
    let mut settled = text.to_owned();
    for (at, parenthesis) in ends.into_iter().rev() {
        settled.insert(at, parenthesis);
    }
    settled
}

/// The tree with constants for the comparisons that did not decide: `other` of what they are worth.
fn replace_others(
    tree: &Expr,
    decision: &Decision,
    scope: &dyn Scope,
    other: fn(bool) -> bool,
) -> Expr {
    let node = match &tree.node {
        Node::Logic(op, operands) => {
            let replace = |operand| replace_others(operand, decision, scope, other);
            Node::Logic(*op, operands.iter().map(replace).collect())
        }
        _ if decision.reasons.binary_search_by_key(&tree.range, |r| r.range).is_ok() => {
            return tree.clone();
        }
        _ => {
            let value = other(expr::evaluate(tree, scope).holds());
            let constant = |value| {
                let node = Node::Literal(Literal::Boolean(value));
                Box::new(Expr::new(node, TextRange::default()))
            };
            Node::Compare(CompareOp::Equal, constant(value), constant(true))
        }
    };
    Expr { node, range: tree.range, grouped: tree.grouped }
}
