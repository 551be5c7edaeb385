//! What becomes of live objects that the spec does not declare, and in which order they go:
//! backwards along the references that are live now.

use std::collections::{BTreeMap, BTreeSet};

use super::context::Context;
use super::draft::Draft;
use super::draft::Findings;
use super::identity::Paired;
use super::{Action, Stage, is_built_in};
use crate::model::{Address, Kind, Live, Policy, Queue, QueueRef, Resource, Workflow};

/// Plans the deletions and gives the addresses that are reported and left alone.
pub(super) fn prune(cx: &Context<'_>, out: &mut Findings) -> Vec<Address> {
    let identity = &cx.identity;
    let mut reported = Vec::new();
    let mut pruner = Pruner { cx, out, reported: &mut reported };
    pruner.kind(Kind::Activity, &identity.activities);
    pruner.kind(Kind::TaskChannel, &identity.task_channels);
    pruner.kind(Kind::Queue, &identity.queues);
    pruner.kind(Kind::Workflow, &identity.workflows);
    pruner.kind(Kind::Worker, &identity.workers);
    if out.drafts.iter().any(|draft| draft.change.action == Action::Delete) {
        order_deletions(cx, out);
    }
    // One that is sent again because it refers to something replaced is not left alone.
    let touched: BTreeSet<&Address> =
        out.drafts.iter().map(|draft| &draft.change.address).collect();
    reported.retain(|address| !touched.contains(address));
    reported.sort();
    reported
}

struct Pruner<'p, 'a> {
    cx: &'p Context<'a>,
    out: &'p mut Findings,
    reported: &'p mut Vec<Address>,
}

impl Pruner<'_, '_> {
    fn kind<T>(&mut self, kind: Kind, paired: &Paired<'_, T>) {
        let policy = self.cx.desired.unmanaged.policy(kind);
        let everything = self.cx.options.prune && kind != Kind::Worker && *policy == Policy::Report;
        for live in &paired.undeclared {
            let address = Address::new(kind, live.name.clone());
            if is_built_in(&address) {
                continue;
            }
            if everything || policy.prunes(&live.name) {
                self.delete(address, live);
            } else if *policy != Policy::Ignore {
                self.reported.push(address);
            }
        }
    }

    fn delete<T>(&mut self, address: Address, live: &Live<T>) {
        if let Some(why) = self.cx.protection(&address) {
            self.out.note("protected", address.clone(), format!("{address} is left alone: {why}"));
            self.reported.push(address);
        } else {
            let reason = Some("the spec does not declare it".to_owned());
            self.out.delete(address, Stage::Main, &live.sid, reason, BTreeSet::new());
        }
    }
}

/// Lets each deletion wait for whatever happens to the live objects that refer to its object, and
/// says who will still refer to it.
fn order_deletions(cx: &Context<'_>, out: &mut Findings) {
    let mut users: BTreeMap<String, Vec<User<'_>>> = BTreeMap::new();
    for (user, sids) in all_users(cx) {
        for sid in sids {
            users.entry(sid).or_default().push(user.clone());
        }
    }
    let mut uses = Vec::new();
    for index in 0..out.drafts.len() {
        let Draft { change, .. } = &out.drafts[index];
        if change.action != Action::Delete {
            continue;
        }
        let sid = change.sid.as_deref().unwrap_or_default();
        let mine = users.get(sid).map_or(&[][..], Vec::as_slice);
        let needs: BTreeSet<Address> = mine.iter().map(|user| user.address.clone()).collect();
        if change.stage == Stage::Main {
            let still = mine.iter().filter(|user| {
                let theirs = out.drafts.iter().filter(|draft| draft.change.address == user.address);
                user.still_uses(cx, theirs, &change.address, sid)
            });
            uses.extend(still.map(|user| (change.address.clone(), user.address.clone())));
        }
        out.drafts[index].needs.extend(needs);
    }
    for (address, user) in uses {
        let message = format!("{user} still uses {address}; TaskRouter will refuse to delete it");
        out.note("still-used", address, message);
    }
}

/// A live object that refers to others.
#[derive(Clone, Debug)]
struct User<'a> {
    address: Address,
    live: UserValue<'a>,
}

#[derive(Clone, Copy, Debug)]
enum UserValue<'a> {
    Workspace,
    Queue(&'a Queue),
    Workflow(&'a Workflow),
    Worker,
}

/// Every live object that refers to others, and the sids of those.
fn all_users<'a>(cx: &Context<'a>) -> Vec<(User<'a>, BTreeSet<String>)> {
    let live = cx.live;
    let mut sids: BTreeMap<Address, &str> = BTreeMap::new();
    let mut learn = |kind, name: &str, sid: &'a str| {
        sids.insert(Address::new(kind, name), sid);
    };
    live.activities.iter().for_each(|live| learn(Kind::Activity, &live.name, &live.sid));
    live.task_channels.iter().for_each(|live| learn(Kind::TaskChannel, &live.name, &live.sid));
    live.queues.iter().for_each(|live| learn(Kind::Queue, &live.name, &live.sid));
    live.workflows.iter().for_each(|live| learn(Kind::Workflow, &live.name, &live.sid));
    let resolve = |addresses: BTreeSet<Address>| -> BTreeSet<String> {
        let sid = |address: Address| match sids.get(&address) {
            Some(sid) => (*sid).to_owned(),
            // Where two share a name the sid itself stands in the place of the name.
            None => address.name,
        };
        addresses.into_iter().map(sid).collect()
    };

    let mut users = Vec::new();
    let workspace = Resource::Workspace(live.workspace.value.clone()).references();
    users.push((
        User { address: Address::workspace(), live: UserValue::Workspace },
        resolve(workspace),
    ));
    for (queue, address) in cx.identity.queues.addressed(Kind::Queue) {
        let uses = resolve(Resource::Queue(queue.value.clone()).references());
        users.push((User { address, live: UserValue::Queue(&queue.value) }, uses));
    }
    for (workflow, address) in cx.identity.workflows.addressed(Kind::Workflow) {
        let mut uses = resolve(Resource::Workflow(workflow.value.clone()).references());
        uses.extend(workflow.value.targets().filter_map(|target| match &target.queue {
            Some(QueueRef::Sid(sid)) => Some(sid.clone()),
            Some(QueueRef::Name(_)) | None => None,
        }));
        users.push((User { address, live: UserValue::Workflow(&workflow.value) }, uses));
    }
    for (worker, address) in cx.identity.workers.addressed(Kind::Worker) {
        let uses = resolve(Resource::Worker(worker.value.clone()).references());
        users.push((User { address, live: UserValue::Worker }, uses));
    }
    users
}

impl User<'_> {
    /// Whether it refers to `address` (with the live `sid`) after the changes that are planned
    /// for it.
    fn still_uses<'d>(
        &self,
        cx: &Context<'_>,
        drafts: impl Iterator<Item = &'d Draft>,
        address: &Address,
        sid: &str,
    ) -> bool {
        let mut queue: Option<Queue> = None;
        let mut workflow: Option<Workflow> = None;
        let mut activities_sent = false;
        match self.live {
            UserValue::Queue(live) => queue = Some(cx.names.queue(live).into_owned()),
            UserValue::Workflow(live) => workflow = Some(cx.names.workflow(live).into_owned()),
            UserValue::Workspace | UserValue::Worker => {}
        }
        for draft in drafts {
            if draft.change.action == Action::Delete {
                return false;
            }
            match &draft.change.write {
                Some(Resource::Queue(write)) => {
                    if let Some(queue) = &mut queue {
                        lay_over_queue(queue, write);
                    }
                }
                Some(Resource::Workflow(write)) if write.filters.is_some() => {
                    workflow = Some(write.clone());
                }
                Some(Resource::Workspace(write)) => {
                    activities_sent |= write.default_activity.is_some();
                    activities_sent |= write.timeout_activity.is_some();
                }
                Some(Resource::Worker(write)) => activities_sent |= write.activity.is_some(),
                _ => {}
            }
        }
        match (queue, workflow) {
            (Some(queue), _) => Resource::Queue(queue).references().contains(address),
            (None, Some(workflow)) => {
                let by_sid = QueueRef::Sid(sid.to_owned());
                workflow.targets().any(|target| target.queue.as_ref() == Some(&by_sid))
                    || Resource::Workflow(workflow).references().contains(address)
            }
            (None, None) => !activities_sent,
        }
    }
}

fn lay_over_queue(queue: &mut Queue, write: &Queue) {
    let Queue { target_workers, reservation_activity, assignment_activity, .. } = write;
    if target_workers.is_some() {
        queue.target_workers.clone_from(target_workers);
    }
    if reservation_activity.is_some() {
        queue.reservation_activity.clone_from(reservation_activity);
    }
    if assignment_activity.is_some() {
        queue.assignment_activity.clone_from(assignment_activity);
    }
}
