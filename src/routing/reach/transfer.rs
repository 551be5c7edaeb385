//! Mistakes of transfer workflows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Finding, FindingKind, queues};
use crate::expr::{AttributeScope, CompareOp, Expr, Path, Segment, evaluate};
use crate::model::{Address, Filter, Kind, Model, Policy, QueueRef, Target, Workflow};
use crate::routing::Spot;
use crate::routing::sids::Sids;

/// What scripts look for in a workflow's name to find the one for chat transfers.
const CHAT_TRANSFER: &str = "Chat Transfer";

/// The task attributes that hold the name or the sid of the queue to which a task is transferred,
/// in the chat-transfer plugins.
const QUEUE_NAME: &str = "transferQueueName";
const QUEUE_SIDS: [&str; 2] = ["targetSid", "transferTargetSid"];
const TARGET_TYPE: &str = "transferTargetType";

/// Which filters of a workflow are for transfers, and for which queues.
#[derive(Debug, Default)]
pub(super) struct Transfers {
    filters: Vec<Requests>,
}

/// What a filter asks for.
#[derive(Debug, Default)]
struct Requests {
    /// The queues, by name or by what stands for one.
    queues: BTreeSet<Request>,
    /// Whether it asks for anything that a transfer plugin sets.
    transfer: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Request {
    queue: String,
    /// Whether the attribute is one of a transfer plugin, and not merely named after queues.
    transfer: bool,
}

impl Transfers {
    /// Reads the filters of a workflow, of which `trees` are the expressions. `pinned` are the
    /// queues whose sids are given in the model.
    pub(super) fn new(
        workflow: &Workflow,
        trees: &[Option<Expr>],
        sids: &Sids,
        pinned: &BTreeMap<&str, &str>,
    ) -> Self {
        let filters = workflow.filters.iter().flatten().zip(trees);
        let requests =
            filters.map(|(filter, tree)| requests(filter, tree.as_ref(), sids, pinned)).collect();
        Self { filters: requests }
    }

    /// Whether a filter is for transfers, to a queue or to a worker.
    pub(super) fn is_transfer(&self, filter: usize) -> bool {
        self.filters.get(filter).is_some_and(|requests| requests.transfer)
    }

    fn queues(&self) -> impl Iterator<Item = &str> {
        let all = self.filters.iter().flat_map(|requests| &requests.queues);
        all.filter(|request| request.transfer).map(|request| request.queue.as_str())
    }
}

fn requests(
    filter: &Filter,
    tree: Option<&Expr>,
    sids: &Sids,
    pinned: &BTreeMap<&str, &str>,
) -> Requests {
    let (Some(tree), Some(expression)) = (tree, &filter.expression) else {
        return Requests::default();
    };
    let queues = expression.text.addresses().filter(|address| address.kind == Kind::Queue);
    let named: BTreeMap<String, &str> =
        queues.map(|address| (sids.of(address), address.name.as_str())).collect();
    let mut requests = Requests::default();
    for comparison in tree.comparisons() {
        if !matches!(comparison.op, CompareOp::Equal | CompareOp::In) {
            continue;
        }
        let key = last_key(comparison.path).unwrap_or_default();
        let sid = named.get(comparison.literal).or_else(|| pinned.get(comparison.literal));
        let by_name = key == QUEUE_NAME;
        let by_sid = QUEUE_SIDS.contains(&key);
        requests.transfer |= by_name || by_sid || key == TARGET_TYPE;
        let (queue, transfer) = match sid {
            Some(queue) => ((*queue).to_owned(), by_sid),
            None if by_name => (comparison.literal.to_owned(), true),
            None if key.to_ascii_lowercase().contains("queue") => {
                (comparison.literal.to_owned(), false)
            }
            None => continue,
        };
        requests.queues.insert(Request { queue, transfer });
    }
    requests
}

fn last_key(path: &Path) -> Option<&str> {
    path.segments.iter().rev().find_map(|segment| match segment {
        Segment::Key(key) => Some(key.as_str()),
        Segment::Index(_) => None,
    })
}

/// Finds what is wrong with the transfer filters of a workflow.
pub(super) fn mistakes(
    name: &str,
    workflow: &Workflow,
    trees: &[Option<Expr>],
    transfers: &Transfers,
    model: &Model,
    sids: &Sids,
    findings: &mut Vec<Finding>,
) {
    let filters = workflow.filters.as_deref().unwrap_or_default();
    for (index, (filter, requests)) in filters.iter().zip(&transfers.filters).enumerate() {
        let spot = Spot::Filter { workflow: name.to_owned(), filter: index };
        findings.extend(mismatch(filter, requests, model, spot));
    }
    let is_transfer = transfers.filters.iter().any(|requests| requests.transfer);
    let default_filter = workflow.default_filter.as_ref().and_then(Option::as_ref);
    let takes_all = |tree: &Option<Expr>| tree.as_ref().is_some_and(Expr::is_always_true);
    let whole = default_filter.is_some() || trees.iter().any(takes_all);
    let spot = Spot::Workflow(name.to_owned());
    if is_transfer && !whole {
        findings.push(Finding::new(FindingKind::NoDefaultFilter, spot.clone()));
    }
    let generated = |filter: &Filter| filter.origin.is_some();
    if !filters.iter().any(generated) {
        findings.extend(missing(trees, transfers, model, sids, default_filter).map(
            |(queue, lost)| {
                let kind = FindingKind::TransferQueueWithoutFilter;
                let finding = Finding::new(kind, spot.clone());
                Finding { queue: Some(queue.to_owned()), unreachable: lost && !whole, ..finding }
            },
        ));
    }
}

/// A filter that is for one queue, by its expression or its name, and routes to another.
fn mismatch(filter: &Filter, requests: &Requests, model: &Model, spot: Spot) -> Option<Finding> {
    let mut asked = requests.queues.iter();
    let (Some(request), None, None) = (asked.next(), asked.next(), &filter.origin) else {
        return None;
    };
    let mut routed = Vec::new();
    for target in &filter.targets {
        match &target.queue {
            Some(QueueRef::Name(queue)) => routed.push(queue.as_str()),
            Some(QueueRef::Sid(_)) => return None,
            None => {}
        }
    }
    let first = *routed.first()?;
    let found = |kind, asked: &str| {
        let (queue, name) = (Some(first.to_owned()), Some(asked.to_owned()));
        Some(Finding { queue, name, ..Finding::new(kind, spot) })
    };
    let asked = request.queue.as_str();
    if !model.queues.contains_key(asked) {
        let others = *model.unmanaged.policy(Kind::Queue) == Policy::Ignore;
        let known = request.transfer && model.queues.contains_key(first) && !others;
        return found(FindingKind::TransferToUnknownQueue, asked).filter(|_| known);
    }
    if !routed.contains(&asked) {
        // Who names both queues in the filter's name means it so.
        let told = filter.name.contains(asked) && filter.name.contains(first) && asked != first;
        return found(FindingKind::FilterNameMismatch, asked).filter(|_| !told);
    }
    let named = named_for(&filter.name, model)?;
    if routed.contains(&named) {
        return None;
    }
    found(FindingKind::FilterNameMismatch, named)
}

/// The queue at the end of a filter's name, as in "Transfer to queue - Sales" and "Sales".
fn named_for<'m>(name: &str, model: &'m Model) -> Option<&'m str> {
    let starts = name.char_indices().filter(|(at, _)| {
        let before = name[..*at].trim_end();
        before.is_empty()
            || before.ends_with(['-', ':', '>', '/', '–', '—'])
            || before.to_ascii_lowercase().ends_with(" queue") && before.len() < *at
    });
    let known = |(at, _)| model.queues.get_key_value(&name[at..]).map(|(queue, _)| queue.as_str());
    starts.filter_map(known).next()
}

/// The declared queues that have no filter where others have one, and whether a transfer to them
/// is taken by no filter at all.
fn missing<'m>(
    trees: &[Option<Expr>],
    transfers: &Transfers,
    model: &'m Model,
    sids: &Sids,
    default_filter: Option<&Target>,
) -> impl Iterator<Item = (&'m str, bool)> {
    let asked: BTreeSet<&str> = transfers.queues().collect();
    let by_default = default_filter.and_then(|target| target.queue.as_ref());
    let is_default =
        |queue: &str| matches!(by_default, Some(QueueRef::Name(name)) if name == queue);
    let lacking = model.queues.iter().filter(|(name, queue)| {
        !asked.is_empty()
            && !asked.contains(name.as_str())
            && !is_default(name)
            && !queues::is_for_nobody(queue)
    });
    // A filter that asks for one queue does not take the transfers to another.
    let others = trees.iter().zip(&transfers.filters);
    let others = others.filter(|(_, requests)| !requests.queues.iter().any(|queue| queue.transfer));
    let others: Vec<&Expr> = others.filter_map(|(tree, _)| tree.as_ref()).collect();
    let found: Vec<(&str, bool)> =
        lacking.map(|(name, _)| (name.as_str(), is_lost(name, &others, sids))).collect();
    found.into_iter()
}

/// Whether a transfer to a queue, in the attributes of every plugin, is taken by none of these.
fn is_lost(queue: &str, filters: &[&Expr], sids: &Sids) -> bool {
    let sid = sids.of(&Address::new(Kind::Queue, queue));
    let task: Value = json!({
        TARGET_TYPE: "queue",
        QUEUE_NAME: queue,
        QUEUE_SIDS[0]: sid,
        QUEUE_SIDS[1]: sid,
    });
    let attributes = task.as_object().expect("it is written as an object");
    let scope = AttributeScope::task(attributes);
    !filters.iter().any(|tree| evaluate(tree, &scope).holds())
}

/// Finds the workflows that a script which looks for the chat transfer may take for each other.
pub(super) fn ambiguous_names(model: &Model, findings: &mut Vec<Finding>) {
    let mut named = model.workflows.keys().filter(|name| name.contains(CHAT_TRANSFER));
    let Some(first) = named.next() else { return };
    let others: Vec<Spot> = named.map(|name| Spot::Workflow(name.clone())).collect();
    if !others.is_empty() {
        findings.push(Finding {
            related: others,
            name: Some(CHAT_TRANSFER.to_owned()),
            ..Finding::new(FindingKind::AmbiguousWorkflowName, Spot::Workflow(first.clone()))
        });
    }
}
