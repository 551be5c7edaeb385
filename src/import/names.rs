//! What each live object is called in the spec.
//!
//! A name that two live objects have can be declared once: it is pinned to the one that more
//! refers to, and the others are left out.

use std::collections::BTreeMap;

use super::finding::{Finding, Grade};
use crate::model::{
    Activity, Address, Expression, Kind, Live, Queue, QueueRef, Snapshot, TaskChannel, Text,
    Worker, Workflow,
};

/// A live object that can be declared.
#[derive(Debug)]
pub(super) struct Named<'a, T> {
    pub(super) live: &'a Live<T>,
    /// Whether its sid has to be said, since others have the name too.
    pub(super) pinned: bool,
}

impl<T> Clone for Named<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Named<'_, T> {}

/// All of them, by name.
#[derive(Debug)]
pub(super) struct Names<'a> {
    pub(super) activities: BTreeMap<&'a str, Named<'a, Activity>>,
    pub(super) task_channels: BTreeMap<&'a str, Named<'a, TaskChannel>>,
    pub(super) queues: BTreeMap<&'a str, Named<'a, Queue>>,
    pub(super) workflows: BTreeMap<&'a str, Named<'a, Workflow>>,
    pub(super) workers: BTreeMap<&'a str, Named<'a, Worker>>,
    /// Where references are live sids: the address of the object that is pinned.
    pinned: BTreeMap<&'a str, Address>,
}

impl<'a> Names<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, findings: &mut Vec<Finding>) -> Self {
        let uses = uses(snapshot);
        let mut pinned = BTreeMap::new();
        let mut naming = Naming { uses: &uses, pinned: &mut pinned, findings };
        let activities = naming.names(Kind::Activity, &snapshot.activities);
        let task_channels = naming.names(Kind::TaskChannel, &snapshot.task_channels);
        let queues = naming.names(Kind::Queue, &snapshot.queues);
        let workflows = naming.names(Kind::Workflow, &snapshot.workflows);
        let workers = naming.names(Kind::Worker, &snapshot.workers);
        Self { activities, task_channels, queues, workflows, workers, pinned }
    }

    /// An activity that a field names; the sid of one that cannot be named.
    pub(super) fn activity<'f>(&'f self, field: &'f str) -> Result<&'f str, &'f str> {
        match self.pinned.get(field) {
            Some(address) => Ok(&address.name),
            None if self.activities.contains_key(field) => Ok(field),
            None => Err(field),
        }
    }

    /// A queue that a target names; a sid stays where no queue can be named.
    pub(super) fn queue(&self, queue: &QueueRef) -> QueueRef {
        match queue {
            QueueRef::Sid(sid) => match self.pinned.get(sid.as_str()) {
                Some(address) => QueueRef::Name(address.name.clone()),
                None => queue.clone(),
            },
            QueueRef::Name(_) => queue.clone(),
        }
    }

    /// An expression with names in the places of the sids of pinned objects.
    pub(super) fn expression(&self, expression: &Expression) -> Expression {
        Expression::new(self.text(&expression.text))
    }

    fn text(&self, text: &Text) -> Text {
        if self.pinned.is_empty() {
            return text.clone();
        }
        text.with_sids_named(&|sid| self.pinned.get(sid).cloned())
    }
}

struct Naming<'n, 'a> {
    uses: &'n BTreeMap<&'a str, usize>,
    pinned: &'n mut BTreeMap<&'a str, Address>,
    findings: &'n mut Vec<Finding>,
}

impl<'a> Naming<'_, 'a> {
    fn names<T>(&mut self, kind: Kind, list: &'a [Live<T>]) -> BTreeMap<&'a str, Named<'a, T>> {
        let mut holders: BTreeMap<&str, Vec<&'a Live<T>>> = BTreeMap::new();
        for live in list {
            holders.entry(&live.name).or_default().push(live);
        }
        let mut names = BTreeMap::new();
        for (name, mut all) in holders {
            all.sort_by_key(|live| {
                let uses = self.uses.get(live.sid.as_str()).copied().unwrap_or_default();
                (std::cmp::Reverse(uses), live.sid.as_str())
            });
            let pinned = all.len() > 1;
            let address = Address::new(kind, name);
            if pinned {
                self.pinned.insert(&all[0].sid, address.clone());
                let others: Vec<&str> = all[1..].iter().map(|live| live.sid.as_str()).collect();
                self.findings.push(Finding {
                    grade: Grade::LeftOut,
                    message: format!(
                        "{} is named so too; a spec declares one of a name, here {}",
                        others.join(", "),
                        all[0].sid
                    ),
                    address,
                });
            }
            names.insert(name, Named { live: all[0], pinned });
        }
        names
    }
}

/// How often each queue is led to by its sid, since its name is not unique.
fn uses(snapshot: &Snapshot) -> BTreeMap<&str, usize> {
    let mut uses = BTreeMap::new();
    for target in snapshot.workflows.iter().flat_map(|workflow| workflow.value.targets()) {
        if let Some(QueueRef::Sid(sid)) = &target.queue {
            *uses.entry(sid.as_str()).or_default() += 1;
        }
    }
    uses
}
