//! The filters of a transfer workflow, in the task attributes of three chat-transfer plugins.

use super::for_each::plain;
use super::override_filter;
use crate::model::{
    Address, Dialect, Expression, Filter, Kind, Origin, Part, QueueRef, Target, Text, Transfer,
    TransferTarget, WorkerRoute,
};

/// Adds the filter for a worker, then one for each chosen queue.
///
/// The filter for a worker stands first: in some dialects the queue's name is set for a transfer
/// to a worker too.
pub(super) fn filters(rule: &Transfer, queues: &[&str], out: &mut Vec<Filter>) {
    let Transfer { dialect, filter_name, worker, target, queues: choice, overrides } = rule;
    out.extend(worker.as_ref().map(|route| worker_filter(*dialect, route)));
    for queue in choice.of(queues.iter().copied()) {
        let mut filter = queue_filter(*dialect, queue, target);
        if let Some(name) = filter_name {
            filter.name = plain(name, queue);
        }
        if let Some(with) = overrides.get(queue) {
            override_filter(&mut filter, queue, with);
        }
        out.push(filter);
    }
}

fn worker_filter(dialect: Dialect, route: &WorkerRoute) -> Filter {
    let WorkerRoute { queue, filter_name, target } = route;
    let known_worker_sid = match dialect {
        Dialect::Conversation | Dialect::ProgrammableChat => "task.transferTargetSid",
        Dialect::QueueSid => "task.targetSid",
    };
    let generated = Target {
        queue: Some(QueueRef::Name(queue.clone())),
        known_worker_sid: Some(known_worker_sid.to_owned()),
        ..Target::default()
    };
    Filter {
        name: filter_name.clone().unwrap_or_else(|| "Transfer to worker".to_owned()),
        expression: Some("transferTargetType == 'worker'".into()),
        targets: vec![with_fields(generated, target)],
        origin: Some(origin(None)),
        ..Filter::default()
    }
}

fn queue_filter(dialect: Dialect, queue: &str, fields: &TransferTarget) -> Filter {
    let (expression, workers) = match dialect {
        Dialect::Conversation => {
            (by_name(queue), "worker.sid NOT IN task.workerSidsInConversation")
        }
        Dialect::ProgrammableChat => {
            (by_name(queue), "worker.contact_uri != task.ignoreWorkerContactUri")
        }
        Dialect::QueueSid => (by_sid(queue), "worker.sid != task.ignoreAgent"),
    };
    let generated = Target {
        queue: Some(QueueRef::Name(queue.to_owned())),
        expression: Some(workers.into()),
        ..Target::default()
    };
    Filter {
        name: format!("Transfer to queue - {queue}"),
        expression: Some(expression),
        targets: vec![with_fields(generated, fields)],
        origin: Some(origin(Some(queue))),
        ..Filter::default()
    }
}

/// Expressions have no escapes, so the quotes are the ones that the name does not hold.
fn by_name(queue: &str) -> Expression {
    let quote = if queue.contains('\'') { '"' } else { '\'' };
    Expression::new(format!("transferQueueName == {quote}{queue}{quote}"))
}

fn by_sid(queue: &str) -> Expression {
    Expression::new(Text::from_iter([
        Part::Str("transferTargetType == 'queue' AND targetSid == '".to_owned()),
        Part::Sid(Address::new(Kind::Queue, queue)),
        Part::Str("'".to_owned()),
    ]))
}

fn with_fields(target: Target, fields: &TransferTarget) -> Target {
    let TransferTarget { expression, priority, timeout, order_by, skip_if } = fields;
    Target {
        expression: expression.clone().or(target.expression),
        priority: priority.or(target.priority),
        timeout: timeout.or(target.timeout),
        order_by: order_by.clone().or(target.order_by),
        skip_if: skip_if.clone().or(target.skip_if),
        ..target
    }
}

fn origin(queue: Option<&str>) -> Origin {
    Origin { rule: "transfer".to_owned(), queue: queue.map(str::to_owned) }
}
