//! Live names → the names that the spec has for the same objects, so that a rename or a pin does
//! not look like a change of everything that refers to the object.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::identity::{Identity, Pair, Paired};
use crate::model::{
    Address, Expression, Filter, Kind, Live, Part, Queue, QueueRef, Target, Text, Worker, Workflow,
    Workspace,
};

/// What a live name or sid is called in the plan. Only what differs is here.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_name: BTreeMap<Address, Named>,
    /// Pinned objects whose live name another object has too: references to them are live sids.
    by_sid: BTreeMap<String, Address>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    As(String),
    /// The spec means another object by this name.
    Sid(String),
}

impl Names {
    pub(super) fn of(identity: &Identity<'_>) -> Self {
        let Identity { activities, task_channels, queues, workflows, workers, roles: _ } = identity;
        let mut names = Self::default();
        names.learn(Kind::Activity, activities);
        names.learn(Kind::TaskChannel, task_channels);
        names.learn(Kind::Queue, queues);
        names.learn(Kind::Workflow, workflows);
        names.learn(Kind::Worker, workers);
        names
    }

    fn learn<T>(&mut self, kind: Kind, paired: &Paired<'_, T>) {
        if paired.declared.is_empty() {
            return;
        }
        let mut holders: BTreeMap<&str, usize> = BTreeMap::new();
        let paired_live = || paired.declared.values().filter_map(Pair::live);
        for live in paired_live().chain(paired.undeclared.iter().copied()) {
            *holders.entry(live.name.as_str()).or_default() += 1;
        }
        let unique = |live: &Live<T>| holders.get(live.name.as_str()) == Some(&1);
        for (name, live) in
            paired.declared.iter().filter_map(|(name, pair)| Some((name, pair.live()?)))
        {
            if !unique(live) {
                self.by_sid.insert(live.sid.clone(), Address::new(kind, name));
            } else if live.name != *name {
                self.by_name.insert(Address::new(kind, live.name.clone()), Named::As(name.clone()));
            }
        }
        for live in paired.undeclared.iter().filter(|live| unique(live)) {
            if paired.declared.contains_key(&live.name) {
                self.by_name
                    .insert(Address::new(kind, live.name.clone()), Named::Sid(live.sid.clone()));
            }
        }
    }

    /// Says that references to the live name `from` mean `to`.
    pub(super) fn alias(&mut self, kind: Kind, from: &str, to: &str) {
        self.by_name.insert(Address::new(kind, from), Named::As(to.to_owned()));
    }

    /// Whether every name means the same on both sides.
    pub(super) fn is_identity(&self) -> bool {
        self.by_name.is_empty() && self.by_sid.is_empty()
    }

    /// A field that names an object of `kind`, or holds its sid.
    pub(super) fn field(&self, kind: Kind, name: &str) -> String {
        match self.by_name.get(&Address::new(kind, name)) {
            Some(Named::As(name) | Named::Sid(name)) => name.clone(),
            None => self.by_sid.get(name).map_or_else(|| name.to_owned(), |a| a.name.clone()),
        }
    }

    pub(super) fn queue_ref(&self, queue: &QueueRef) -> QueueRef {
        match queue {
            QueueRef::Name(name) => match self.by_name.get(&Address::new(Kind::Queue, name)) {
                Some(Named::As(name)) => QueueRef::Name(name.clone()),
                Some(Named::Sid(sid)) => QueueRef::Sid(sid.clone()),
                None => queue.clone(),
            },
            QueueRef::Sid(sid) => match self.by_sid.get(sid) {
                Some(address) => QueueRef::Name(address.name.clone()),
                None => queue.clone(),
            },
        }
    }

    pub(super) fn text(&self, text: &Text) -> Text {
        let mut out = Text::default();
        for part in text.parts() {
            match part {
                Part::Str(plain) => self.plain(plain, &mut out),
                Part::Sid(address) => out.push(match self.by_name.get(address) {
                    Some(Named::As(name)) => Part::Sid(Address::new(address.kind, name.clone())),
                    Some(Named::Sid(sid)) => Part::Str(sid.clone()),
                    None => part.clone(),
                }),
            }
        }
        out
    }

    /// Plain text in which the sids of pinned objects may stand.
    fn plain(&self, mut rest: &str, out: &mut Text) {
        while let Some((at, sid, address)) = self
            .by_sid
            .iter()
            .filter_map(|(sid, address)| rest.find(sid.as_str()).map(|at| (at, sid, address)))
            .min_by_key(|(at, ..)| *at)
        {
            out.push(Part::Str(rest[..at].to_owned()));
            out.push(Part::Sid(address.clone()));
            rest = &rest[at + sid.len()..];
        }
        out.push(Part::Str(rest.to_owned()));
    }

    fn expression(&self, expression: &Expression) -> Expression {
        Expression::new(self.text(&expression.text))
    }

    pub(super) fn workspace(&self, workspace: &Workspace) -> Workspace {
        let activity = |name: &Option<String>| name.as_ref().map(|n| self.field(Kind::Activity, n));
        Workspace {
            default_activity: activity(&workspace.default_activity),
            timeout_activity: activity(&workspace.timeout_activity),
            ..workspace.clone()
        }
    }

    pub(super) fn queue<'q>(&self, queue: &'q Queue) -> Cow<'q, Queue> {
        if self.is_identity() {
            return Cow::Borrowed(queue);
        }
        let activity = |name: &Option<String>| name.as_ref().map(|n| self.field(Kind::Activity, n));
        Cow::Owned(Queue {
            target_workers: queue.target_workers.as_ref().map(|e| self.expression(e)),
            reservation_activity: activity(&queue.reservation_activity),
            assignment_activity: activity(&queue.assignment_activity),
            ..queue.clone()
        })
    }

    pub(super) fn worker_activity(&self, worker: &Worker) -> Option<String> {
        worker.activity.as_ref().map(|name| self.field(Kind::Activity, name))
    }

    pub(super) fn workflow<'w>(&self, workflow: &'w Workflow) -> Cow<'w, Workflow> {
        if self.is_identity() {
            return Cow::Borrowed(workflow);
        }
        let filters = workflow
            .filters
            .as_ref()
            .map(|filters| filters.iter().map(|filter| self.filter(filter)).collect());
        let default_filter = workflow
            .default_filter
            .as_ref()
            .map(|target| target.as_ref().map(|target| self.target(target)));
        Cow::Owned(Workflow { filters, default_filter, ..workflow.clone() })
    }

    fn filter(&self, filter: &Filter) -> Filter {
        Filter {
            name: filter.name.clone(),
            expression: filter.expression.as_ref().map(|e| self.expression(e)),
            targets: filter.targets.iter().map(|target| self.target(target)).collect(),
            extra: filter.extra.clone(),
            origin: filter.origin.clone(),
        }
    }

    fn target(&self, target: &Target) -> Target {
        Target {
            queue: target.queue.as_ref().map(|queue| self.queue_ref(queue)),
            expression: target.expression.as_ref().map(|e| self.expression(e)),
            skip_if: target.skip_if.as_ref().map(|e| self.expression(e)),
            ..target.clone()
        }
    }
}
