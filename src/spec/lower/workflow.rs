//! Workflows and transfers → workflows with rules.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::text::{expression, string, template};
use crate::model::{self, QueueChoice, QueueRef, Rule};
use crate::spec::document::{self, Document, Given};

/// TaskRouter's own: how long a worker has to answer, in seconds.
const TASK_RESERVATION_TIMEOUT: u32 = 120;

/// The workflows of `workflows` and of `transfers`.
pub(super) fn workflows(document: &Document) -> BTreeMap<String, model::Workflow<Rule>> {
    let plain =
        document.workflows.iter().map(|(name, value)| (name.clone(), workflow(value, None)));
    let transfers = document
        .transfers
        .iter()
        .map(|(name, value)| (name.clone(), workflow(&value.to_workflow(), Some(transfer(value)))));
    plain.chain(transfers).collect()
}

/// A workflow; `first` stands before its own filters.
fn workflow(workflow: &document::Workflow, first: Option<Rule>) -> model::Workflow<Rule> {
    let document::Workflow {
        sid,
        renamed_from,
        assignment_callback_url,
        fallback_assignment_callback_url,
        task_reservation_timeout,
        re_evaluate_tasks,
        ignore_filters,
        filters,
        default_filter,
    } = workflow;
    let url = |url: &Given<String>| url.as_ref().map(|url| string(url)).or_default_to("");
    let own = filters
        .as_ref()
        .map(|rules| rules.iter().map(rule).collect::<Vec<_>>())
        .or_default_to(Vec::new());
    let filters = match first {
        Some(first) => Some(std::iter::once(first).chain(own.into_iter().flatten()).collect()),
        None => own,
    };
    model::Workflow {
        sid: sid.clone(),
        renamed_from: renamed_from.as_deref().map(string),
        assignment_callback_url: url(assignment_callback_url),
        fallback_assignment_callback_url: url(fallback_assignment_callback_url),
        task_reservation_timeout: task_reservation_timeout.or_default_to(TASK_RESERVATION_TIMEOUT),
        re_evaluate_tasks: *re_evaluate_tasks,
        ignore_filters: strings(ignore_filters),
        filters,
        default_filter: default_filter
            .as_ref()
            .map(|default| Some(target(&default.to_target())))
            .or_default_to(None::<model::Target>),
        ..model::Workflow::default()
    }
}

fn rule(rule: &document::Rule) -> Rule {
    match rule {
        document::Rule::Filter(document::Filter { name, expression: text, targets }) => {
            Rule::Filter(model::Filter {
                name: name.as_deref().map(string).unwrap_or_default(),
                expression: Some(expression(text)),
                targets: targets.iter().map(target).collect(),
                ..model::Filter::default()
            })
        }
        document::Rule::ForEachQueue(document::ForEachQueue { queues, filters }) => {
            Rule::ForEachQueue(model::ForEachQueue {
                queues: choice(queues),
                overrides: overrides(&queues.overrides),
                filters: filters.iter().map(filter_template).collect(),
            })
        }
    }
}

fn filter_template(filter: &document::Filter) -> model::FilterTemplate {
    let document::Filter { name, expression, targets } = filter;
    model::FilterTemplate {
        name: name.as_deref().map(template).unwrap_or_default(),
        expression: Some(template(expression)),
        targets: targets.iter().map(target_template).collect(),
    }
}

fn target(target: &document::Target) -> model::Target {
    let document::Target {
        queue,
        expression: workers,
        priority,
        timeout,
        order_by,
        skip_if,
        known_worker_sid,
        known_worker_friendly_name,
    } = target;
    let string = |text: &Option<String>| text.as_deref().map(string);
    model::Target {
        queue: string(queue).map(QueueRef::Name),
        expression: workers.as_deref().map(expression),
        priority: *priority,
        timeout: *timeout,
        order_by: string(order_by),
        skip_if: skip_if.as_deref().map(expression),
        known_worker_sid: string(known_worker_sid),
        known_worker_friendly_name: string(known_worker_friendly_name),
        extra: BTreeMap::new(),
    }
}

fn target_template(target: &document::Target) -> model::TargetTemplate {
    let document::Target {
        queue,
        expression,
        priority,
        timeout,
        order_by,
        skip_if,
        known_worker_sid,
        known_worker_friendly_name,
    } = target;
    let template = |text: &Option<String>| text.as_deref().map(template);
    model::TargetTemplate {
        queue: template(queue),
        expression: template(expression),
        priority: *priority,
        timeout: *timeout,
        order_by: template(order_by),
        skip_if: template(skip_if),
        known_worker_sid: template(known_worker_sid),
        known_worker_friendly_name: template(known_worker_friendly_name),
    }
}

fn transfer(transfer: &document::Transfer) -> Rule {
    let document::Transfer { dialect, worker, target, filter_name, queues, .. } = transfer;
    Rule::Transfer(model::Transfer {
        dialect: (*dialect).into(),
        filter_name: filter_name.as_deref().map(template),
        worker: worker.as_ref().map(|route| model::WorkerRoute {
            queue: string(&route.queue),
            filter_name: route.filter_name.as_deref().map(string),
            target: transfer_target(&route.target()),
        }),
        target: transfer_target(target),
        queues: choice(queues),
        overrides: overrides(&queues.overrides),
    })
}

fn transfer_target(target: &document::TransferTarget) -> model::TransferTarget {
    let document::TransferTarget { expression: workers, priority, timeout, order_by, skip_if } =
        target;
    model::TransferTarget {
        expression: workers.as_deref().map(expression),
        priority: *priority,
        timeout: *timeout,
        order_by: order_by.as_deref().map(string),
        skip_if: skip_if.as_deref().map(expression),
    }
}

/// The globs over queues as the model knows them.
pub(in crate::spec) fn choice(queues: &document::Queues) -> QueueChoice {
    let document::Queues { include, exclude, order, overrides: _ } = queues;
    QueueChoice { include: strings(include), exclude: strings(exclude), order: *order }
}

fn overrides(
    overrides: &IndexMap<String, document::Override>,
) -> BTreeMap<String, model::TransferOverride> {
    let lower = |with: &document::Override| {
        let document::Override { filter_name, to, targets } = with;
        model::TransferOverride {
            filter_name: filter_name.as_deref().map(string),
            to: to.as_deref().map(string),
            targets: targets.as_ref().map(|targets| targets.iter().map(target).collect()),
        }
    };
    overrides.iter().map(|(queue, with)| (queue.clone(), lower(with))).collect()
}

fn strings(templates: &[String]) -> Vec<String> {
    templates.iter().map(|template| string(template)).collect()
}
