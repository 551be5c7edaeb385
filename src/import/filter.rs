//! Filters and their steps as they are written.

use super::draft::Draft;
use super::fold::describe;
use super::unit::Unit;
use super::yaml::{Node, Part, directive};
use crate::expr::{self, Segment};
use crate::model::{Address, Expression, Filter, FilterTemplate, QueueRef, Target, TargetTemplate};

/// What is wrong with a step although TaskRouter holds it, with the code that allows it, by field.
pub(super) fn faults(target: &Target, first: bool) -> Vec<(&'static str, &'static str)> {
    let mut faults = Vec::new();
    if first && target.queue.is_none() {
        faults.push(("", "target-without-queue"));
    }
    let unreadable = |e: &Option<Expression>| e.as_ref().is_some_and(|e| !e.parse().1.is_empty());
    if unreadable(&target.expression) {
        faults.push(("expression", "expression-syntax"));
    }
    if target.order_by.as_deref().is_some_and(|text| !expr::parse_order_by(text).1.is_empty()) {
        faults.push(("order_by", "order-by-syntax"));
    }
    if unreadable(&target.skip_if) {
        faults.push(("skip_if", "expression-syntax"));
    }
    let is_path = |text: &str| {
        let path = expr::parse_path(text);
        path.is_ok_and(
            |path| matches!(&path.segments[..], [Segment::Key(first), _, ..] if first == "task"),
        )
    };
    let paths = [
        ("known_worker_sid", &target.known_worker_sid),
        ("known_worker_friendly_name", &target.known_worker_friendly_name),
    ];
    for (key, path) in paths {
        if path.as_deref().is_some_and(|path| !is_path(path)) {
            faults.push((key, "known-worker-path"));
        }
    }
    if paths.iter().all(|(_, path)| path.is_some()) {
        faults.push(("known_worker_friendly_name", "known-worker-twice"));
    }
    faults
}

/// Whether everything in it can be read.
pub(super) fn is_sound(filter: &Filter) -> bool {
    filter.expression.as_ref().is_some_and(|expression| expression.parse().1.is_empty())
        && filter.targets.iter().enumerate().all(|(at, t)| faults(t, at == 0).is_empty())
}

/// A filter as an item of a list.
pub(super) fn filter(draft: &mut Draft<'_>, of: &Address, index: usize, filter: &Filter) -> Part {
    let Filter { name, expression, targets, extra: _, origin: _ } = filter;
    let mut entries = Vec::new();
    if !name.is_empty() {
        entries.push(Part::entry("name", Node::text(name)));
    }
    entries.push(match expression {
        Some(expression) => draft.expression(of, "expression", expression),
        None => Part::entry("expression", Node::Text(String::new())).under([
            "It has no expression.".to_owned(),
            directive("flexctl: allow(expression-syntax)"),
        ]),
    });
    let targets = targets.iter().enumerate();
    let targets = targets.map(|(at, target)| step(draft, of, target, at == 0)).collect();
    entries.push(Part::entry("targets", Node::List(targets)));
    Part::item(Node::Map(entries)).about(Unit::filter(of, index))
}

/// A step as an item of a list.
fn step(draft: &mut Draft<'_>, of: &Address, target: &Target, first: bool) -> Part {
    let faults = faults(target, first);
    let part = Part::item(Node::Inline(step_entries(draft, of, target, &faults)));
    if faults.iter().any(|(key, _)| key.is_empty()) {
        draft.kept(of, "a first target has no queue");
        return part.under([directive("flexctl: allow(target-without-queue)")]);
    }
    part
}

/// The entries of a step; expressions, and what else cannot be read, are allowed as they are.
pub(super) fn step_entries(
    draft: &mut Draft<'_>,
    of: &Address,
    target: &Target,
    faults: &[(&'static str, &'static str)],
) -> Vec<Part> {
    let Target {
        queue,
        expression,
        priority,
        timeout,
        order_by,
        skip_if,
        known_worker_sid,
        known_worker_friendly_name,
        extra: _,
    } = target;
    let mut entries = Vec::new();
    if let Some(QueueRef::Name(name)) = queue {
        entries.push(Part::entry("queue", Node::text(name)));
    }
    entries.extend(expression.as_ref().map(|e| draft.expression(of, "expression", e)));
    entries.extend(priority.map(|n| Part::entry("priority", Node::number(n))));
    entries.extend(timeout.map(|n| Part::entry("timeout", Node::number(n))));
    let mut allowed = |key: &str, text: &str| {
        let codes: Vec<&str> =
            faults.iter().filter(|(of, _)| *of == key).map(|(_, code)| *code).collect();
        let part = Part::entry(key, Node::text(text));
        if codes.is_empty() {
            return part;
        }
        draft.kept(of, format!("`{key}` is kept as it is: {}", codes.join(", ")));
        part.under([directive(&format!("flexctl: allow({})", codes.join(", ")))])
    };
    entries.extend(order_by.as_deref().map(|text| allowed("order_by", text)));
    let skip_if = skip_if.as_ref();
    let known = [
        ("known_worker_sid", known_worker_sid),
        ("known_worker_friendly_name", known_worker_friendly_name),
    ];
    let known = known.map(|(key, path)| path.as_deref().map(|path| allowed(key, path)));
    entries.extend(skip_if.map(|e| draft.expression(of, "skip_if", e)));
    entries.extend(known.into_iter().flatten());
    entries
}

/// A filter of a for-each.
pub(super) fn filter_template(template: &FilterTemplate) -> Part {
    let FilterTemplate { name, expression, targets } = template;
    let mut entries = Vec::new();
    if !name.holes.is_empty() {
        entries.push(Part::entry("name", Node::Text(describe(name))));
    }
    let expression = expression.as_ref().map(describe).unwrap_or_default();
    entries.push(Part::entry("expression", Node::Expression(expression)));
    let targets = targets.iter().map(|target| Part::item(step_template(target))).collect();
    entries.push(Part::entry("targets", Node::List(targets)));
    Part::item(Node::Map(entries))
}

fn step_template(target: &TargetTemplate) -> Node {
    let TargetTemplate {
        queue,
        expression,
        priority,
        timeout,
        order_by,
        skip_if,
        known_worker_sid,
        known_worker_friendly_name,
    } = target;
    let text = |key: &str, template: &Option<_>| {
        template.as_ref().map(|template| Part::entry(key, Node::Text(describe(template))))
    };
    let asked = |key: &str, template: &Option<_>| {
        template.as_ref().map(|template| Part::entry(key, Node::Expression(describe(template))))
    };
    let number = |key: &str, n: &Option<u32>| n.map(|n| Part::entry(key, Node::number(n)));
    let entries = [
        text("queue", queue),
        asked("expression", expression),
        number("priority", priority),
        number("timeout", timeout),
        text("order_by", order_by),
        asked("skip_if", skip_if),
        text("known_worker_sid", known_worker_sid),
        text("known_worker_friendly_name", known_worker_friendly_name),
    ];
    Node::Inline(entries.into_iter().flatten().collect())
}
