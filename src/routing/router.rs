//! A model's routing, read once.

use std::collections::BTreeMap;

use super::index::Index;
use super::read::{Fields, Read};
use super::sids::Sids;
use super::{Crew, Task, Trace, Workers};
use crate::expr::{Clock, OrderKey, Path, parse_order_by, parse_path};
use crate::model::{Address, Expression, Filter, Model, Target, Workflow};

/// A model's queues and workflows, read once and ready for many tasks.
#[derive(Clone, Debug)]
pub struct Router<'m> {
    pub(super) sids: Sids<'m>,
    pub(super) queues: BTreeMap<&'m str, QueuePlan>,
    pub(super) workflows: BTreeMap<&'m str, Plan<'m>>,
}

/// The workflow is not in the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no workflow `{0}`")]
pub struct UnknownWorkflow(pub String);

#[derive(Clone, Debug)]
pub(super) struct QueuePlan {
    pub(super) expression: Read,
    /// Whether the model leaves the expression alone.
    pub(super) left_alone: bool,
    pub(super) max_reserved_workers: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Plan<'m> {
    pub(super) workflow: &'m Workflow,
    pub(super) filters: Vec<FilterPlan<'m>>,
    pub(super) index: Index,
    pub(super) default_filter: Option<TargetPlan<'m>>,
}

#[derive(Clone, Debug)]
pub(super) struct FilterPlan<'m> {
    pub(super) filter: &'m Filter,
    pub(super) expression: Read,
    pub(super) targets: Vec<TargetPlan<'m>>,
}

#[derive(Clone, Debug)]
pub(super) struct TargetPlan<'m> {
    pub(super) target: &'m Target,
    /// None when every worker of the queue will do.
    pub(super) expression: Option<Read>,
    pub(super) skip_if: Option<Read>,
    pub(super) order: Order,
    pub(super) known_worker_sid: Option<KnownWorkerPath>,
    pub(super) known_worker_friendly_name: Option<KnownWorkerPath>,
}

/// The keys of an `order_by`.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    pub(super) keys: Vec<OrderKey>,
    pub(super) fields: Fields,
    pub(super) canonical: String,
    /// Whether it has syntax errors.
    pub(super) unreadable: bool,
}

/// The task attribute that names a known worker.
#[derive(Clone, Debug)]
pub(super) struct KnownWorkerPath {
    pub(super) text: String,
    /// None when it is no path.
    pub(super) path: Option<Path>,
}

impl KnownWorkerPath {
    fn new(text: &str) -> Self {
        Self { text: text.trim().to_owned(), path: parse_path(text).ok() }
    }
}

impl Order {
    fn new(target: &Target) -> Self {
        let (keys, errors) = parse_order_by(target.order_by.as_deref().unwrap_or_default());
        let unreadable = !errors.is_empty();
        let keys = if unreadable { Vec::new() } else { keys };
        let fields = Fields::named(&keys.iter().map(|key| &key.path).collect::<Vec<_>>());
        Self { keys, fields, canonical: target.canonical_order().unwrap_or_default(), unreadable }
    }
}

impl<'m> TargetPlan<'m> {
    fn new(target: &'m Target, sids: &Sids) -> Self {
        let read = |expression: &Expression| Read::new(expression, sids);
        let empty = |expression: &&Expression| !expression.to_string().trim().is_empty();
        Self {
            target,
            expression: target.expression.as_ref().filter(empty).map(read),
            skip_if: target.skip_if.as_ref().map(read),
            order: Order::new(target),
            known_worker_sid: target.known_worker_sid.as_deref().map(KnownWorkerPath::new),
            known_worker_friendly_name: target
                .known_worker_friendly_name
                .as_deref()
                .map(KnownWorkerPath::new),
        }
    }
}

impl<'m> Router<'m> {
    /// Reads every expression of the model once. Sids are those that the model pins, and
    /// [`super::stand_in`]s.
    pub fn new(model: &'m Model) -> Self {
        Self::knowing(model, BTreeMap::new())
    }

    /// The same with sids that are known otherwise, so that tasks and workers who carry live sids
    /// meet expressions that name resources.
    pub fn knowing(model: &'m Model, sids: BTreeMap<Address, String>) -> Self {
        let sids = Sids::new(model, sids);
        let everybody = Expression::from("1 == 1");
        let queues = model.queues.iter().map(|(name, queue)| {
            let plan = QueuePlan {
                expression: Read::new(queue.target_workers.as_ref().unwrap_or(&everybody), &sids),
                left_alone: queue.target_workers.is_none(),
                max_reserved_workers: queue
                    .max_reserved_workers
                    .map_or(1, |max| usize::try_from(max).unwrap_or(usize::MAX).max(1)),
            };
            (name.as_str(), plan)
        });
        let workflows = model.workflows.iter().map(|(name, workflow)| {
            let nothing = Expression::default();
            let filter = |filter: &'m Filter| FilterPlan {
                filter,
                expression: Read::new(filter.expression.as_ref().unwrap_or(&nothing), &sids),
                targets: filter.targets.iter().map(|t| TargetPlan::new(t, &sids)).collect(),
            };
            let filters: Vec<_> = workflow.filters.iter().flatten().map(filter).collect();
            let index = Index::new(filters.iter().map(|filter| &filter.expression));
            let default_filter = workflow.default_filter.iter().flatten().next();
            let default_filter = default_filter.map(|target| TargetPlan::new(target, &sids));
            (name.as_str(), Plan { workflow, filters, index, default_filter })
        });
        let (queues, workflows) = (queues.collect(), workflows.collect());
        Self { sids, queues, workflows }
    }

    /// The sid that stands for a resource while tasks are routed: the one that is known, else its
    /// [`super::stand_in`]. A task attribute that holds it equals `${queue['Sales'].sid}`.
    pub fn sid(&self, address: &Address) -> String {
        self.sids.of(address)
    }

    /// The router with workers, for many tasks.
    pub fn crew<'a>(&'a self, workers: Workers<'a>) -> Crew<'a> {
        Crew::new(self, workers)
    }

    /// The way of one task that is created at `created` in a workflow. For many tasks over the
    /// same workers take a [`Crew`].
    ///
    /// # Errors
    /// The workflow is not in the model.
    pub fn route(
        &self,
        workflow: &str,
        task: &Task,
        created: Clock,
        workers: Workers<'_>,
    ) -> Result<Trace, UnknownWorkflow> {
        Crew::new(self, workers).route(workflow, task, created)
    }
}
