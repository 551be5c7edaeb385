//! Rules over queues as they are written.

use std::collections::BTreeMap;

use super::draft::Draft;
use super::filter::{filter_template, step_entries};
use super::fold::describe;
use super::yaml::{Node, Part};
use crate::model::{
    Address, ChoiceOrder, Dialect, ForEachQueue, QueueChoice, QueueRef, Target, Transfer,
    TransferOverride, TransferTarget, WorkerRoute,
};

pub(super) fn for_each(draft: &mut Draft<'_>, of: &Address, rule: &ForEachQueue) -> Part {
    let ForEachQueue { queues: choice, overrides, filters } = rule;
    let mut entries = Vec::new();
    entries.extend(queues(draft, of, choice, overrides));
    let filters = filters.iter().map(filter_template).collect();
    entries.push(Part::entry("filters", Node::List(filters)));
    let rule = Part::entry("for_each_queue", Node::Map(entries));
    Part::item(Node::Map(vec![rule]))
}

/// What makes a transfer a transfer, in the order of the reference.
pub(super) fn transfer(draft: &mut Draft<'_>, of: &Address, rule: &Transfer) -> Vec<Part> {
    let Transfer { dialect, filter_name, worker, target, queues: choice, overrides } = rule;
    let dialect = match dialect {
        Dialect::Conversation => "conversation",
        Dialect::ProgrammableChat => "programmable_chat",
        Dialect::QueueSid => "queue_sid",
    };
    let mut entries = vec![Part::entry("dialect", Node::text(dialect))];
    if let Some(WorkerRoute { queue, filter_name, target }) = worker {
        let mut route = vec![Part::entry("queue", Node::text(queue))];
        route.extend(filter_name.as_deref().map(|n| Part::entry("filter_name", Node::text(n))));
        route.extend(fields(draft, of, target));
        entries.push(Part::entry("worker", Node::Inline(route)));
    }
    let fields = fields(draft, of, target);
    if !fields.is_empty() {
        entries.push(Part::entry("target", Node::Inline(fields)));
    }
    if let Some(name) = filter_name {
        entries.push(Part::entry("filter_name", Node::Text(describe(name))));
    }
    entries.extend(queues(draft, of, choice, overrides));
    entries
}

fn fields(draft: &mut Draft<'_>, of: &Address, target: &TransferTarget) -> Vec<Part> {
    let TransferTarget { expression, priority, timeout, order_by, skip_if } = target.clone();
    let target = Target { expression, priority, timeout, order_by, skip_if, ..Target::default() };
    step_entries(draft, of, &target, &[])
}

fn queues(
    draft: &mut Draft<'_>,
    of: &Address,
    choice: &QueueChoice,
    overrides: &BTreeMap<String, TransferOverride>,
) -> Option<Part> {
    let QueueChoice { include, exclude, order } = choice;
    let mut entries = Vec::new();
    let all = QueueChoice::default();
    let names =
        |key, names: &[String]| Part::entry(key, Node::texts(names.iter().map(String::as_str)));
    if *include != all.include {
        entries.push(names("include", include));
    }
    if !exclude.is_empty() {
        entries.push(names("exclude", exclude));
    }
    if *order == ChoiceOrder::AsIncluded {
        entries.push(Part::entry("order", Node::text("as_included")));
    }
    if !overrides.is_empty() {
        let overrides = overrides.iter();
        let overrides = overrides.map(|(queue, with)| over(draft, of, queue, with)).collect();
        entries.push(Part::entry("overrides", Node::Map(overrides)));
    }
    (!entries.is_empty()).then(|| Part::entry("queues", Node::Inline(entries)))
}

fn over(draft: &mut Draft<'_>, of: &Address, queue: &str, with: &TransferOverride) -> Part {
    let TransferOverride { filter_name, to, targets } = with;
    let mut entries = Vec::new();
    entries.extend(filter_name.as_deref().map(|n| Part::entry("filter_name", Node::text(n))));
    entries.extend(to.as_deref().map(|to| Part::entry("to", Node::text(to))));
    if let Some(targets) = targets {
        let mut step = |target: &Target| {
            let mut target = target.clone();
            // Only names are folded.
            target.queue = target.queue.filter(|queue| matches!(queue, QueueRef::Name(_)));
            Part::item(Node::Inline(step_entries(draft, of, &target, &[])))
        };
        let targets = targets.iter().map(&mut step).collect();
        entries.push(Part::entry("targets", Node::List(targets)));
    }
    Part::entry(queue, Node::Inline(entries))
}
