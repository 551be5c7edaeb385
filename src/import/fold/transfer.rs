//! The filters of a transfer workflow, folded into one rule.

use std::collections::BTreeMap;

use super::Fold;
use super::choice::choice;
use super::differences::difference;
use super::family::{self, Family, most};
use super::same::same_expression;
use super::template::{Mention, describe, steps_key};
use crate::generate;
use crate::model::{
    Dialect, Expression, Filter, QueueRef, Rule, Target, Transfer, TransferOverride,
    TransferTarget, WorkerRoute,
};

const DIALECTS: [Dialect; 3] =
    [Dialect::Conversation, Dialect::ProgrammableChat, Dialect::QueueSid];

/// The transfer that the first filters are made from: one for a worker, if there is one, and then
/// one for each queue.
pub(super) fn fold(filters: &[Filter], known: &[Vec<Mention>], declared: &[&str]) -> Option<Fold> {
    let start = usize::from(DIALECTS.iter().any(|d| worker(*d, filters.first()).is_some()));
    let family = (start < filters.len()).then(|| family::longest(known, start)).flatten()?;
    let fewest = if start == 1 { 1 } else { 3 };
    if family.period != 1 || family.queues.len() < fewest {
        return None;
    }
    let candidates = DIALECTS.iter().rev().filter_map(|dialect| {
        let rule = longest_rule(*dialect, &family, start, filters, declared)?;
        let set = usize::from(rule.target.expression.is_some()) + rule.overrides.len();
        Some((rule.queues.of(declared.iter().copied()).len(), set, rule))
    });
    let (covered, _, rule) =
        candidates.max_by_key(|(covered, set, _)| (*covered, std::cmp::Reverse(*set)))?;
    let steps = rule.overrides.values().filter(|with| with.targets.is_some() || with.to.is_some());
    if covered < fewest || steps.count() > (covered / 3).max(1) {
        return None;
    }
    Some(Fold { start: 0, end: start + covered, rule: Rule::Transfer(rule) })
}

/// The rule for as many queues of the family as it can be for, from the first on.
fn longest_rule(
    dialect: Dialect,
    family: &Family,
    start: usize,
    filters: &[Filter],
    declared: &[&str],
) -> Option<Transfer> {
    match rule(dialect, family, start, filters, declared)? {
        Ok(rule) => Some(rule),
        Err(0) => None,
        Err(odd) => {
            let queues = family.queues[..odd].to_vec();
            rule(dialect, &Family { queues, ..family.clone() }, start, filters, declared)?.ok()
        }
    }
}

/// The rule, or the index of the first queue that it cannot be for.
fn rule(
    dialect: Dialect,
    family: &Family,
    start: usize,
    filters: &[Filter],
    declared: &[&str],
) -> Option<Result<Transfer, usize>> {
    let live = &filters[start..start + family.queues.len()];
    let worker = if start == 1 { Some(worker(dialect, filters.first())?) } else { None };
    let names: Vec<&str> = family.queues.iter().map(String::as_str).collect();
    let plain = Transfer {
        dialect,
        filter_name: None,
        worker: None,
        target: TransferTarget::default(),
        queues: choice(&names, declared),
        overrides: BTreeMap::new(),
    };
    let usual = generate::filters(&[Rule::Transfer(plain.clone())], declared);
    if usual.len() != live.len()
        || !same_expression(usual[0].expression.as_ref(), live[0].expression.as_ref())
    {
        return None;
    }
    let keys = live.iter().zip(&names).map(|(filter, queue)| steps_key(&filter.targets, queue));
    let at = most(keys)?;
    let target = fields(&usual[at].targets[0], &live[at].targets, names[at])?;
    let filter_name = family.usual_name(filters, 0).filter(|name| {
        describe(name) != "Transfer to queue - ${queue.name}" && !name.holes.is_empty()
    });
    let rule = Transfer { filter_name, target, worker: None, ..plain };
    let made = generate::filters(&[Rule::Transfer(rule.clone())], declared);
    let mut overrides = BTreeMap::new();
    for (at, ((made, live), queue)) in made.iter().zip(live).zip(&names).enumerate() {
        let Some(with) = difference(made, live, queue) else { return Some(Err(at)) };
        if with != TransferOverride::default() {
            overrides.insert((*queue).to_owned(), with);
        }
    }
    Some(Ok(Transfer { worker, overrides, ..rule }))
}

/// The fields that make the usual target out of the dialect's.
fn fields(usual: &Target, live: &[Target], queue: &str) -> Option<TransferTarget> {
    let [target] = live else { return None };
    let own = matches!(&target.queue, Some(QueueRef::Name(name)) if name == queue);
    let plain = target.known_worker_sid.is_none() && target.known_worker_friendly_name.is_none();
    let expression = target.expression.as_ref().filter(|_| own && plain)?;
    Some(TransferTarget {
        expression: Some(expression).filter(|e| usual.expression.as_ref() != Some(*e)).cloned(),
        ..other_fields(target)
    })
}

fn other_fields(target: &Target) -> TransferTarget {
    TransferTarget {
        expression: None,
        priority: target.priority,
        timeout: target.timeout,
        order_by: target.order_by.clone(),
        skip_if: target.skip_if.clone(),
    }
}

/// The route to a worker, when this filter is one of the dialect.
fn worker(dialect: Dialect, filter: Option<&Filter>) -> Option<WorkerRoute> {
    let Filter { name, expression, targets, extra: _, origin: _ } = filter?;
    let known_worker_sid = match dialect {
        Dialect::Conversation | Dialect::ProgrammableChat => "task.transferTargetSid",
        Dialect::QueueSid => "task.targetSid",
    };
    let asked = Expression::from("transferTargetType == 'worker'");
    let [target] = &targets[..] else { return None };
    let Some(QueueRef::Name(queue)) = &target.queue else { return None };
    let ours = expression.as_ref() == Some(&asked)
        && target.known_worker_sid.as_deref() == Some(known_worker_sid)
        && target.known_worker_friendly_name.is_none()
        && !name.is_empty();
    ours.then(|| WorkerRoute {
        queue: queue.clone(),
        filter_name: (name != "Transfer to worker").then(|| name.clone()),
        target: TransferTarget { expression: target.expression.clone(), ..other_fields(target) },
    })
}
