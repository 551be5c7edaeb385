//! Whether two filters mean the same, as a plan compares them: unknown keys are not looked at.

use crate::model::{Expression, Filter, Target};

pub(super) fn same_filters(a: &[Filter], b: &[Filter]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_filter(a, b))
}

fn same_filter(a: &Filter, b: &Filter) -> bool {
    a.name == b.name
        && same_expression(a.expression.as_ref(), b.expression.as_ref())
        && same_targets(&a.targets, &b.targets)
}

pub(super) fn same_targets(a: &[Target], b: &[Target]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_target(a, b))
}

pub(super) fn same_target(a: &Target, b: &Target) -> bool {
    let Target {
        queue,
        expression,
        priority,
        timeout,
        order_by: _,
        skip_if,
        known_worker_sid,
        known_worker_friendly_name,
        extra: _,
    } = a;
    *queue == b.queue
        && same_expression(expression.as_ref(), b.expression.as_ref())
        && *priority == b.priority
        && *timeout == b.timeout
        && a.canonical_order() == b.canonical_order()
        && same_expression(skip_if.as_ref(), b.skip_if.as_ref())
        && *known_worker_sid == b.known_worker_sid
        && *known_worker_friendly_name == b.known_worker_friendly_name
}

pub(super) fn same_expression(a: Option<&Expression>, b: Option<&Expression>) -> bool {
    a == b
}
