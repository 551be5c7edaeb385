//! Comparing routing steps field by field.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields::{Fields, Quiet, same, shown};
use crate::model::Target;

/// Whether two steps mean the same.
pub(super) fn same_target(a: &Target, b: &Target) -> bool {
    let mut fields = Fields::of_live();
    compare_target("", a, b, &mut fields);
    fields.is_empty()
}

/// Notes every field in which `wanted` differs from `live`, as `prefix.field`. A step is owned
/// whole: what it leaves out is to be absent.
pub(super) fn compare_target(prefix: &str, wanted: &Target, live: &Target, fields: &mut Fields) {
    fn field<T: Quiet>(
        fields: &mut Fields,
        (prefix, name): (&str, &str),
        wanted: Option<&T>,
        live: Option<&T>,
    ) {
        if !same(wanted, live) {
            fields.push(format!("{prefix}.{name}"), shown(live), shown(wanted));
        }
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
        extra: _, // kept as found
    } = wanted;
    field(fields, (prefix, "queue"), queue.as_ref(), live.queue.as_ref());
    field(fields, (prefix, "expression"), expression.as_ref(), live.expression.as_ref());
    field(fields, (prefix, "priority"), priority.as_ref(), live.priority.as_ref());
    field(fields, (prefix, "timeout"), timeout.as_ref(), live.timeout.as_ref());
    if !same(wanted.canonical_order().as_ref(), live.canonical_order().as_ref()) {
        field(fields, (prefix, "order_by"), order_by.as_ref(), live.order_by.as_ref());
    }
    field(fields, (prefix, "skip_if"), skip_if.as_ref(), live.skip_if.as_ref());
    field(
        fields,
        (prefix, "known_worker_sid"),
        known_worker_sid.as_ref(),
        live.known_worker_sid.as_ref(),
    );
    field(
        fields,
        (prefix, "known_worker_friendly_name"),
        known_worker_friendly_name.as_ref(),
        live.known_worker_friendly_name.as_ref(),
    );
}

/// A step as it stands in a plan.
pub(super) fn target_value(target: &Target) -> Value {
    let Target {
        queue,
        expression,
        priority,
        timeout,
        order_by,
        skip_if,
        known_worker_sid,
        known_worker_friendly_name,
        extra,
    } = target;
    let fields = [
        ("queue", shown(queue.as_ref())),
        ("expression", shown(expression.as_ref())),
        ("priority", shown(priority.as_ref())),
        ("timeout", shown(timeout.as_ref())),
        ("order_by", shown(order_by.as_ref())),
        ("skip_if", shown(skip_if.as_ref())),
        ("known_worker_sid", shown(known_worker_sid.as_ref())),
        ("known_worker_friendly_name", shown(known_worker_friendly_name.as_ref())),
    ];
    let mut out: serde_json::Map<String, Value> = fields
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    out.extend(extra.clone());
    Value::Object(out)
}

/// Compares two lists of steps and gives the list to send. Equal steps at both ends are told
/// apart from what was put in or taken out between them; unknown keys of a live step stay with
/// the step that corresponds to it.
pub(super) fn compare_targets(
    wanted: &[Target],
    live: &[Target],
    fields: &mut Fields,
) -> Vec<Target> {
    let both = wanted.len().min(live.len());
    let head = (0..both).take_while(|&at| same_target(&wanted[at], &live[at])).count();
    let tail = (1..=both - head)
        .take_while(|&at| same_target(&wanted[wanted.len() - at], &live[live.len() - at]))
        .count();
    let middle = (wanted.len() - tail - head).min(live.len() - tail - head);

    let mut list = Vec::with_capacity(wanted.len());
    for (at, target) in wanted.iter().enumerate() {
        let partner = if at < head + middle {
            Some(&live[at])
        } else if at >= wanted.len() - tail {
            Some(&live[at + live.len() - wanted.len()])
        } else {
            None
        };
        match partner {
            Some(partner) => {
                let same = at < head || at >= wanted.len() - tail;
                if !same {
                    compare_target(&format!("targets[{}]", at + 1), target, partner, fields);
                }
                list.push(with_extra(target, &partner.extra));
            }
            None => {
                let field = format!("targets[{}]", at + 1);
                fields.push(field, Value::Null, target_value(target));
                list.push(target.clone());
            }
        }
    }
    for (at, target) in live.iter().enumerate().take(live.len() - tail).skip(head + middle) {
        fields.push(format!("targets[{}]", at + 1), target_value(target), Value::Null);
    }
    list
}

/// The step with the unknown keys that were found live.
pub(super) fn with_extra(target: &Target, live: &BTreeMap<String, Value>) -> Target {
    let mut target = target.clone();
    for (key, value) in live {
        target.extra.entry(key.clone()).or_insert_with(|| value.clone());
    }
    target
}
