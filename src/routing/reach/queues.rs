//! Queues that nothing leads to, and queues that nobody serves.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::atom::Atoms;
use super::cover::never;
use super::cubes::Formula;
use super::{Finding, FindingKind};
use crate::expr::{
    AttributeScope, Certainty, CompareOp, Expr, LogicOp, Node, Path, Scope, evaluate, flat, parse,
};
use crate::model::{Filter, Kind, Model, Policy, Queue, QueueRef, Target, Workflow};
use crate::routing::read::Fields;
use crate::routing::sids::Sids;
use crate::routing::{Spot, Worker};

/// Whether a queue is plainly meant to have no workers, as one for voicemail.
pub(super) fn is_for_nobody(queue: &Queue) -> bool {
    let Some(expression) = &queue.target_workers else { return false };
    let (tree, errors) = expression.parse();
    expression.text.to_string().trim().is_empty() || errors.is_empty() && tree.is_always_false()
}

/// Finds the queues that no reachable target names. `findings` tells which are unreachable.
///
/// Says nothing when some filters are not known: of a workflow that the model leaves alone or that
/// others add filters to, or of workflows that are none of the model's business. A queue whose
/// transfers are sent elsewhere on purpose is not meant to be reached.
pub(super) fn without_filter(model: &Model, findings: &mut Vec<Finding>) {
    let foreign = |workflow: &Workflow| {
        workflow.filters.is_none()
            || !workflow.ignore_filters.is_empty()
            || workflow.unreadable.is_some()
    };
    let others = *model.unmanaged.policy(Kind::Workflow) == Policy::Ignore;
    if others || model.workflows.is_empty() || model.workflows.values().any(foreign) {
        return;
    }
    let filters = model.workflows.values().flat_map(|workflow| workflow.filters.iter().flatten());
    let origins = filters.filter_map(|filter| filter.origin.as_ref()?.queue.as_deref());
    let redirected: BTreeSet<&str> = origins.collect();
    let dead: HashMap<&Spot, Certainty> = findings
        .iter()
        .filter(|finding| finding.unreachable)
        .map(|finding| (&finding.spot, finding.certainty))
        .collect();
    let mut alive: BTreeSet<&str> = BTreeSet::new();
    let mut named: BTreeMap<&str, Vec<(Spot, Certainty)>> = BTreeMap::new();
    for (name, workflow) in &model.workflows {
        for (spot, filter, target) in targets(name, workflow) {
            let Some(QueueRef::Name(queue)) = &target.queue else { continue };
            match dead.get(&spot).or_else(|| dead.get(filter.as_ref()?)) {
                Some(certainty) => named.entry(queue).or_default().push((spot, *certainty)),
                None => _ = alive.insert(queue),
            }
        }
    }
    let idle = model.queues.keys().filter(|name| {
        let meant = redirected.contains(name.as_str()) && !named.contains_key(name.as_str());
        !alive.contains(name.as_str()) && !meant
    });
    let idle: Vec<&String> = idle.collect();
    let found = idle.into_iter().map(|name| {
        let (related, certainty): (Vec<Spot>, Vec<Certainty>) =
            named.remove(name.as_str()).unwrap_or_default().into_iter().unzip();
        let certainty = certainty.into_iter().max().unwrap_or(Certainty::Documented);
        let finding =
            Finding::unreachable(FindingKind::QueueWithoutFilter, Spot::Queue(name.clone()));
        Finding { related, certainty, ..finding }
    });
    let found: Vec<Finding> = found.collect();
    findings.extend(found);
}

/// Every target with its spot, and the spot of its filter if it is in one.
fn targets<'m>(
    name: &'m str,
    workflow: &'m Workflow,
) -> impl Iterator<Item = (Spot, Option<Spot>, &'m Target)> {
    let filters = workflow.filters.iter().flatten().enumerate();
    let within = move |(filter, it): (usize, &'m Filter)| {
        it.targets.iter().enumerate().map(move |(target, it)| {
            let workflow = name.to_owned();
            let place = Spot::Filter { workflow: workflow.clone(), filter };
            (Spot::Target { workflow, filter, target }, Some(place), it)
        })
    };
    let default = workflow.default_filter.iter().flatten();
    filters.flat_map(within).chain(
        default
            .map(move |target| (Spot::DefaultFilter { workflow: name.to_owned() }, None, target)),
    )
}

/// Finds the queues that no worker is in: of the given ones, or at all.
pub(super) fn empty(
    model: &Model,
    workers: Option<&[Worker]>,
    sids: &Sids,
    findings: &mut Vec<Finding>,
) {
    let read: Vec<(&String, Expr)> = model
        .queues
        .iter()
        .filter(|(_, queue)| !is_for_nobody(queue))
        .filter_map(|(name, queue)| {
            let expression = queue.target_workers.as_ref()?;
            let (tree, errors) = parse(&expression.text.render(|address| sids.of(address)));
            errors.is_empty().then_some((name, tree))
        })
        .collect();
    let roster = workers.map(|workers| Roster::new(workers, &read, sids));
    for (name, tree) in &read {
        let spot = Spot::Queue((*name).clone());
        let mut atoms = Atoms::default();
        let formula = Formula::new(tree, String::new(), &mut atoms);
        if let Some((certainty, because)) = never(&formula, &atoms) {
            let finding = Finding::new(FindingKind::NeverTrueQueue, spot);
            findings.push(Finding { certainty, because, ..finding });
        } else if let Some(certainty) = roster.as_ref().and_then(|roster| roster.nobody(tree)) {
            findings.push(Finding { certainty, ..Finding::new(FindingKind::EmptyQueue, spot) });
        }
    }
}

/// Of how many workers it is asked how certain it is that they are not in an empty queue.
const MOST_ASKED: usize = 50;

/// Workers, to be looked up by what expressions ask for.
struct Roster<'a> {
    scopes: Vec<AttributeScope<'a>>,
    /// By a path, and a value that is there or is an element there.
    by_value: HashMap<(&'a Path, String), Vec<usize>>,
}

impl<'a> Roster<'a> {
    fn new(workers: &'a [Worker], queues: &'a [(&String, Expr)], sids: &Sids) -> Self {
        let named: Vec<&Path> =
            queues.iter().flat_map(|(_, tree)| tree.paths()).map(|(path, _)| path).collect();
        let fields = Fields::named(&named);
        let scopes: Vec<AttributeScope<'a>> =
            workers.iter().map(|worker| fields.of(worker, sids)).collect();
        let comparisons = queues.iter().flat_map(|(_, tree)| tree.comparisons());
        let paths: HashSet<&Path> = comparisons.map(|comparison| comparison.path).collect();
        let mut by_value: HashMap<(&Path, String), Vec<usize>> = HashMap::new();
        for path in paths {
            for (worker, scope) in scopes.iter().enumerate() {
                let value = scope.lookup(path);
                let elements = match value.as_ref() {
                    Value::Array(elements) => elements.as_slice(),
                    value => std::slice::from_ref(value),
                };
                for element in elements.iter().filter_map(Value::as_str) {
                    let workers = by_value.entry((path, element.to_owned())).or_default();
                    if workers.last() != Some(&worker) {
                        workers.push(worker);
                    }
                }
            }
        }
        Self { scopes, by_value }
    }

    /// How certain it is that the expression holds for none of them; none when it holds for one.
    fn nobody(&self, tree: &'a Expr) -> Option<Certainty> {
        let holds = |worker: usize| evaluate(tree, &self.scopes[worker]).holds();
        let any = match self.who(tree) {
            Some(workers) => workers.into_iter().any(holds),
            None => (0..self.scopes.len()).any(holds),
        };
        if any {
            return None;
        }
        let some = self.scopes.iter().take(MOST_ASKED);
        let certainty = some.map(|scope| evaluate(tree, scope).certainty).max();
        let all =
            if self.scopes.len() > MOST_ASKED { Certainty::Assumed } else { Certainty::Documented };
        Some(certainty.map_or(all, |certainty| certainty.max(all)))
    }

    /// Among whom those are for whom the expression holds; none when that is not known.
    fn who(&self, tree: &'a Expr) -> Option<Vec<usize>> {
        match &tree.node {
            Node::Logic(LogicOp::And, operands) => flat(LogicOp::And, operands)
                .filter_map(|operand| self.who(operand))
                .min_by_key(Vec::len),
            Node::Logic(LogicOp::Or, operands) => {
                let each = flat(LogicOp::Or, operands).map(|operand| self.who(operand));
                Some(each.collect::<Option<Vec<_>>>()?.concat())
            }
            Node::Compare(CompareOp::Equal | CompareOp::Has | CompareOp::In, left, right) => {
                let comparisons: Vec<_> = tree.comparisons().collect();
                let constants = |expr: &Expr| match &expr.node {
                    Node::List(elements) => elements.len(),
                    _ => 1,
                };
                // Every constant must be a string, or someone may be in for another.
                let all = constants(left).max(constants(right));
                if comparisons.is_empty() || comparisons.len() != all {
                    return None;
                }
                let found = comparisons.iter().flat_map(|comparison| {
                    self.by_value.get(&(comparison.path, comparison.literal.to_owned()))
                });
                Some(found.flatten().copied().collect())
            }
            _ => None,
        }
    }
}
