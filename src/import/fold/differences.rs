//! What is different for one queue of a rule.

use super::same::{same_expression, same_target, same_targets};
use crate::model::{Filter, QueueRef, Target, TransferOverride};

/// What makes the live filter out of the generated one; none when no override can.
pub(super) fn difference(made: &Filter, live: &Filter, queue: &str) -> Option<TransferOverride> {
    if !same_expression(made.expression.as_ref(), live.expression.as_ref()) {
        return None;
    }
    let filter_name = (made.name != live.name).then(|| live.name.clone());
    if filter_name.as_ref().is_some_and(String::is_empty) {
        return None;
    }
    if same_targets(&made.targets, &live.targets) {
        return Some(TransferOverride { filter_name, ..TransferOverride::default() });
    }
    if let Some(to) = other_queue(&made.targets, &live.targets, queue) {
        return Some(TransferOverride { filter_name, to: Some(to), targets: None });
    }
    let targets = Some(steps(&made.targets, &live.targets)?);
    Some(TransferOverride { filter_name, to: None, targets })
}

/// The queue that the live steps lead to in the place of this one, when nothing else differs.
fn other_queue(made: &[Target], live: &[Target], queue: &str) -> Option<String> {
    let own = QueueRef::Name(queue.to_owned());
    let at = made.iter().position(|target| target.queue.as_ref() == Some(&own))?;
    let Some(QueueRef::Name(to)) = &live.get(at)?.queue else { return None };
    let moved: Vec<Target> = made
        .iter()
        .map(|target| match &target.queue {
            Some(queue) if *queue == own => {
                Target { queue: Some(QueueRef::Name(to.clone())), ..target.clone() }
            }
            _ => target.clone(),
        })
        .collect();
    same_targets(&moved, live).then(|| to.clone())
}

/// The fields that go over the first step, and the steps that follow the generated ones.
fn steps(made: &[Target], live: &[Target]) -> Option<Vec<Target>> {
    let (first_made, others_made) = made.split_first()?;
    let (first_live, others_live) = live.split_first()?;
    let more = others_live.get(others_made.len()..)?;
    if !same_targets(others_made, &others_live[..others_made.len()]) {
        return None;
    }
    fn over<T: Clone + PartialEq>(made: Option<&T>, live: Option<&T>) -> Option<T> {
        live.filter(|live| made != Some(*live)).cloned()
    }
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
    } = first_live;
    let first = Target {
        queue: over(first_made.queue.as_ref(), queue.as_ref()),
        expression: over(first_made.expression.as_ref(), expression.as_ref()),
        priority: over(first_made.priority.as_ref(), priority.as_ref()),
        timeout: over(first_made.timeout.as_ref(), timeout.as_ref()),
        order_by: over(first_made.order_by.as_ref(), order_by.as_ref()),
        skip_if: over(first_made.skip_if.as_ref(), skip_if.as_ref()),
        known_worker_sid: over(first_made.known_worker_sid.as_ref(), known_worker_sid.as_ref()),
        known_worker_friendly_name: over(
            first_made.known_worker_friendly_name.as_ref(),
            known_worker_friendly_name.as_ref(),
        ),
        extra: std::collections::BTreeMap::new(),
    };
    // An override cannot take a field away.
    let kept = Target {
        queue: queue.clone().or(first_made.queue.clone()),
        expression: expression.clone().or(first_made.expression.clone()),
        priority: priority.or(first_made.priority),
        timeout: timeout.or(first_made.timeout),
        order_by: order_by.clone().or(first_made.order_by.clone()),
        skip_if: skip_if.clone().or(first_made.skip_if.clone()),
        known_worker_sid: known_worker_sid.clone().or(first_made.known_worker_sid.clone()),
        known_worker_friendly_name: known_worker_friendly_name
            .clone()
            .or(first_made.known_worker_friendly_name.clone()),
        extra: std::collections::BTreeMap::new(),
    };
    if !same_target(&kept, first_live) {
        return None;
    }
    let without_extra =
        |target: &Target| Target { extra: std::collections::BTreeMap::new(), ..target.clone() };
    Some(std::iter::once(first).chain(more.iter().map(without_extra)).collect())
}
