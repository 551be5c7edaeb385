//! Filters for each of some queues.

use super::override_filter;
use crate::model::{
    Expression, Filter, FilterTemplate, ForEachQueue, Kind, Origin, Part, QueueRef, Target,
    TargetTemplate, Template, Text,
};

/// Adds the filters for each chosen queue; the filters of one queue stand together.
pub(super) fn filters(rule: &ForEachQueue, queues: &[&str], out: &mut Vec<Filter>) {
    let ForEachQueue { queues: choice, overrides, filters } = rule;
    for queue in choice.of(queues.iter().copied()) {
        for template in filters {
            let mut filter = fill(template, queue);
            if let Some(with) = overrides.get(queue) {
                override_filter(&mut filter, queue, with);
            }
            out.push(filter);
        }
    }
}

fn fill(template: &FilterTemplate, queue: &str) -> Filter {
    let FilterTemplate { name, expression, targets } = template;
    Filter {
        name: plain(name, queue),
        expression: fill_expression(expression.as_ref(), queue),
        targets: targets.iter().map(|target| fill_target(target, queue)).collect(),
        extra: std::collections::BTreeMap::new(),
        origin: Some(Origin { rule: "for_each_queue".to_owned(), queue: Some(queue.to_owned()) }),
    }
}

fn fill_target(template: &TargetTemplate, queue: &str) -> Target {
    let TargetTemplate {
        queue: queue_template,
        expression,
        priority,
        timeout,
        order_by,
        skip_if,
        known_worker_sid,
        known_worker_friendly_name,
    } = template;
    let string = |template: &Option<Template>| template.as_ref().map(|t| plain(t, queue));
    Target {
        queue: queue_template.as_ref().map(|template| queue_ref(&template.fill(queue))),
        expression: fill_expression(expression.as_ref(), queue),
        priority: *priority,
        timeout: *timeout,
        order_by: string(order_by),
        skip_if: fill_expression(skip_if.as_ref(), queue),
        known_worker_sid: string(known_worker_sid),
        known_worker_friendly_name: string(known_worker_friendly_name),
        extra: std::collections::BTreeMap::new(),
    }
}

fn fill_expression(template: Option<&Template>, queue: &str) -> Option<Expression> {
    template.map(|template| Expression::new(template.fill(queue)))
}

/// A queue by its name; `${queue.sid}` in its place means the same queue.
fn queue_ref(text: &Text) -> QueueRef {
    match text.parts() {
        [Part::Sid(address)] if address.kind == Kind::Queue => QueueRef::Name(address.name.clone()),
        _ => QueueRef::Name(in_words(text)),
    }
}

/// A text that holds no sids.
pub(super) fn plain(template: &Template, queue: &str) -> String {
    in_words(&template.fill(queue))
}

/// A sid has no place here and was refused by the checks; its object's name is the nearest thing.
fn in_words(text: &Text) -> String {
    text.render(|address| address.name.clone())
}
