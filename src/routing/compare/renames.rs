//! What goes by other names afterwards, so that a new name alone is no difference.

use std::collections::BTreeMap;

use crate::model::{
    Address, Expression, Kind, Live, Model, Queue, QueueRef, Snapshot, Text, Workflow, keys,
};

/// The name that each resource has afterwards. One that is not here keeps its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renames {
    after: BTreeMap<Address, Address>,
    before: BTreeMap<Address, Address>,
}

impl Renames {
    /// What a plan renames: the same sid goes by other names in the two snapshots.
    pub fn between(before: &Snapshot, after: &Snapshot) -> Self {
        let mut renames = Self::default();
        renames.learn(Kind::Activity, &before.activities, &after.activities);
        renames.learn(Kind::Queue, &before.queues, &after.queues);
        renames.learn(Kind::Workflow, &before.workflows, &after.workflows);
        renames
    }

    pub(super) fn learn<T>(&mut self, kind: Kind, before: &[Live<T>], after: &[Live<T>]) {
        let now = keys(after);
        for (sid, name) in keys(before) {
            if let Some(other) = now.get(sid).filter(|other| **other != name) {
                self.add(Address::new(kind, name), Address::new(kind, *other));
            }
        }
        // A name that something else takes over is given up.
        for name in keys(before).into_values() {
            let address = Address::new(kind, name);
            if self.before.contains_key(&address) && !self.after.contains_key(&address) {
                self.add(address, Address::new(kind, format!("{name} (as it was)")));
            }
        }
    }

    /// What a spec says was renamed, as far as the other spec has the old names and not the new
    /// ones.
    pub fn declared(before: &Model, after: &Model) -> Self {
        fn learn<'m, T: 'm>(
            renames: &mut Renames,
            kind: Kind,
            before: &'m BTreeMap<String, T>,
            after: impl Iterator<Item = (&'m String, &'m Option<String>)>,
        ) {
            for (name, old) in after {
                if let Some(old) = old
                    && before.contains_key(old)
                    && !before.contains_key(name)
                {
                    renames.add(Address::new(kind, old), Address::new(kind, name));
                }
            }
        }
        let mut renames = Self::default();
        let all = after.activities.iter().map(|(name, one)| (name, &one.renamed_from));
        learn(&mut renames, Kind::Activity, &before.activities, all);
        let all = after.queues.iter().map(|(name, one)| (name, &one.renamed_from));
        learn(&mut renames, Kind::Queue, &before.queues, all);
        let all = after.workflows.iter().map(|(name, one)| (name, &one.renamed_from));
        learn(&mut renames, Kind::Workflow, &before.workflows, all);
        renames
    }

    fn add(&mut self, before: Address, after: Address) {
        self.before.insert(after.clone(), before.clone());
        self.after.insert(before, after);
    }

    /// Whether everything keeps its name.
    pub fn is_empty(&self) -> bool {
        self.after.is_empty()
    }

    /// The name that a resource has afterwards.
    pub fn later<'n>(&'n self, kind: Kind, name: &'n str) -> &'n str {
        self.after.get(&Address::new(kind, name)).map_or(name, |address| &address.name)
    }

    /// The name that it had before.
    pub fn earlier<'n>(&'n self, kind: Kind, name: &'n str) -> &'n str {
        self.before.get(&Address::new(kind, name)).map_or(name, |address| &address.name)
    }

    /// The queues, workflows and workers of a model under the names that they have afterwards, and
    /// without what routing does not look at.
    pub(super) fn apply(&self, model: &Model) -> Model {
        let key = |kind, name: &String| self.later(kind, name).to_owned();
        let queues = model.queues.iter();
        let workflows = model.workflows.iter();
        let activities = model.activities.iter();
        Model {
            activities: activities.map(|(n, a)| (key(Kind::Activity, n), a.clone())).collect(),
            queues: queues.map(|(n, q)| (key(Kind::Queue, n), self.queue(q))).collect(),
            workflows: workflows.map(|(n, w)| (key(Kind::Workflow, n), self.workflow(w))).collect(),
            task_channels: model.task_channels.clone(),
            ..Model::default()
        }
    }

    fn queue(&self, queue: &Queue) -> Queue {
        Queue {
            sid: None,
            renamed_from: None,
            target_workers: queue.target_workers.as_ref().map(|e| self.expression(e)),
            ..queue.clone()
        }
    }

    fn workflow(&self, workflow: &Workflow) -> Workflow {
        let mut out =
            Workflow { sid: None, renamed_from: None, extra: BTreeMap::new(), ..workflow.clone() };
        let mut targets = Vec::new();
        for filter in out.filters.iter_mut().flatten() {
            filter.origin = None;
            filter.extra.clear();
            filter.expression = filter.expression.as_ref().map(|e| self.expression(e));
            targets.extend(&mut filter.targets);
        }
        targets.extend(out.default_filter.iter_mut().flatten());
        for target in targets {
            target.extra.clear();
            target.queue = target.queue.as_ref().map(|queue| self.queue_ref(queue));
            target.expression = target.expression.as_ref().map(|e| self.expression(e));
            target.skip_if = target.skip_if.as_ref().map(|e| self.expression(e));
            target.order_by = target.canonical_order();
        }
        out
    }

    fn queue_ref(&self, queue: &QueueRef) -> QueueRef {
        let (QueueRef::Name(name) | QueueRef::Sid(name)) = queue;
        match self.after.get(&Address::new(Kind::Queue, name.clone())) {
            Some(later) => QueueRef::Name(later.name.clone()),
            None => queue.clone(),
        }
    }

    fn expression(&self, expression: &Expression) -> Expression {
        if self.after.is_empty() {
            return expression.clone();
        }
        let later = |address: &Address| {
            let later = self.after.get(address)?.clone();
            Some(Text::from_iter([crate::model::Part::Sid(later)]))
        };
        // One of two objects with one name stands there as its sid.
        let by_sid = |sid: &str| {
            let later = |kind| self.after.get(&Address::new(kind, sid)).cloned();
            [Kind::Activity, Kind::Queue, Kind::Workflow].into_iter().find_map(later)
        };
        let text = expression.text.with_sids_named(&by_sid).map_addresses(later);
        Expression::new(text)
    }
}
