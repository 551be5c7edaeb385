//! Transfer and for-each rules → plain filters. Pure and total: what could go wrong was found
//! when the spec was checked.
//!
//! Filters come in the order of the rules, and for one rule in the order of the queues' names, so
//! the order of the spec's maps decides nothing.

mod for_each;
mod source;
mod transfer;

pub use source::{Source, sources};

use crate::model::{Filter, Model, QueueRef, Rule, Target, TransferOverride};

/// The model with every rule replaced by the filters it stands for.
pub fn expand(model: &Model<Rule>) -> Model {
    let queues: Vec<&str> = model.queues.keys().map(String::as_str).collect();
    let workflows = model.workflows.iter().map(|(name, workflow)| {
        let filters = workflow.filters.as_ref().map(|rules| filters(rules, &queues));
        (name.clone(), workflow.clone().with_filters(filters))
    });
    Model {
        workspace: model.workspace.clone(),
        activities: model.activities.clone(),
        task_channels: model.task_channels.clone(),
        queues: model.queues.clone(),
        workflows: workflows.collect(),
        workers: model.workers.clone(),
        capacities: model.capacities.clone(),
        roles: model.roles.clone(),
        unmanaged: model.unmanaged.clone(),
        removed: model.removed.clone(),
        protect: model.protect.clone(),
        limits: model.limits.clone(),
        outputs: model.outputs.clone(),
    }
}

/// The filters that a workflow's rules stand for. `queues` are the names of all declared queues.
pub fn filters(rules: &[Rule], queues: &[&str]) -> Vec<Filter> {
    let mut filters = Vec::new();
    for rule in rules {
        match rule {
            Rule::Filter(filter) => filters.push(filter.clone()),
            Rule::ForEachQueue(rule) => for_each::filters(rule, queues, &mut filters),
            Rule::Transfer(rule) => transfer::filters(rule, queues, &mut filters),
        }
    }
    filters
}

/// What an override makes of the filter that was generated for `queue`.
fn override_filter(filter: &mut Filter, queue: &str, with: &TransferOverride) {
    let TransferOverride { filter_name, to, targets: given } = with;
    let Filter { name, targets, .. } = filter;
    if let Some(filter_name) = filter_name {
        name.clone_from(filter_name);
    }
    if let Some(to) = to {
        for target in targets.iter_mut() {
            if matches!(&target.queue, Some(QueueRef::Name(name)) if name == queue) {
                target.queue = Some(QueueRef::Name(to.clone()));
            }
        }
    }
    let Some((first, others)) = given.as_deref().and_then(<[Target]>::split_first) else {
        return;
    };
    match targets.first_mut() {
        Some(generated) => lay_over(generated, first),
        None => targets.push(first.clone()),
    }
    targets.extend_from_slice(others);
}

/// Puts the fields that `over` gives in the place of the target's own.
fn lay_over(target: &mut Target, over: &Target) {
    fn put<T: Clone>(field: &mut Option<T>, over: Option<&T>) {
        if let Some(value) = over {
            *field = Some(value.clone());
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
        extra,
    } = over;
    put(&mut target.queue, queue.as_ref());
    put(&mut target.expression, expression.as_ref());
    put(&mut target.priority, priority.as_ref());
    put(&mut target.timeout, timeout.as_ref());
    put(&mut target.order_by, order_by.as_ref());
    put(&mut target.skip_if, skip_if.as_ref());
    put(&mut target.known_worker_sid, known_worker_sid.as_ref());
    put(&mut target.known_worker_friendly_name, known_worker_friendly_name.as_ref());
    target.extra.extend(extra.clone());
}
