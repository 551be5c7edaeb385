//! What becomes of live objects that the spec does not declare, and in which order they go:
//! backwards along the references that are live now.

use std::collections::{BTreeMap, BTreeSet};

use super::context::Context;
use super::draft::{Draft, Findings};
use super::identity::Paired;
use super::{Action, Change, Stage, is_built_in};
use crate::model::{
    Address, Kind, Live, Policy, Queue, QueueRef, Resource, Worker, Workflow, Workspace,
};

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
            if self.is_removed(&address) {
                self.remove(address, live);
                continue;
            }
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

    /// Whether `removed` names it; workers' names are the same in any case.
    fn is_removed(&self, address: &Address) -> bool {
        let removed = &self.cx.desired.removed;
        removed.contains(address)
            || address.kind == Kind::Worker
                && removed.iter().any(|one| {
                    one.kind == Kind::Worker
                        && one.name.to_lowercase() == address.name.to_lowercase()
                })
    }

    fn remove<T>(&mut self, address: Address, live: &Live<T>) {
        if let Some(why) = self.cx.protection(&address) {
            let message = format!("`removed` names {address}, which may not be deleted: {why}");
            let help = match is_built_in(&address) {
                true => format!("take {address} out of `removed`"),
                false => {
                    format!("take {address} out of `removed`, or its pattern out of `protect`")
                }
            };
            self.out.refuse("protected", address, message, help);
        } else {
            let reason = Some("`removed` names it".to_owned());
            self.out.delete(address, Stage::Main, &live.sid, reason, BTreeSet::new());
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
    let mut planned: BTreeMap<&Address, Vec<&Change>> = BTreeMap::new();
    for Draft { change, .. } in &out.drafts {
        planned.entry(&change.address).or_default().push(change);
    }
    // One workflow may use all the queues that are deleted.
    let mut held: BTreeMap<&Address, Held> = BTreeMap::new();
    let mut uses = Vec::new();
    let mut needs: Vec<(usize, BTreeSet<Address>)> = Vec::new();
    for (index, Draft { change, .. }) in out.drafts.iter().enumerate() {
        if change.action != Action::Delete {
            continue;
        }
        let sid = change.sid.as_deref().unwrap_or_default();
        let mine = users.get(sid).map_or(&[][..], Vec::as_slice);
        needs.push((index, mine.iter().map(|user| user.address.clone()).collect()));
        if change.stage == Stage::Main {
            let still = mine.iter().filter(|user| {
                let held = held.entry(&user.address).or_insert_with(|| {
                    let theirs = planned.get(&user.address).map_or(&[][..], Vec::as_slice);
                    user.afterwards(cx, theirs).as_ref().map(Held::by).unwrap_or_default()
                });
                held.holds(cx, &change.address, sid)
            });
            uses.extend(still.map(|user| (change.address.clone(), user.address.clone())));
        }
    }
    for (index, needs) in needs {
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
    Workspace(&'a Workspace),
    Queue(&'a Queue),
    Workflow(&'a Workflow),
    Worker(&'a Worker),
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
        User { address: Address::workspace(), live: UserValue::Workspace(&live.workspace.value) },
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
        users.push((User { address, live: UserValue::Worker(&worker.value) }, uses));
    }
    users
}

impl User<'_> {
    /// What it is after the changes that are planned for it; none when it is deleted.
    fn afterwards(&self, cx: &Context<'_>, changes: &[&Change]) -> Option<Resource> {
        if changes.iter().any(|change| change.action == Action::Delete) {
            return None;
        }
        let mut after = match self.live {
            UserValue::Workspace(live) => Resource::Workspace(cx.names.workspace(live)),
            UserValue::Queue(live) => Resource::Queue(cx.names.queue(live).into_owned()),
            UserValue::Workflow(live) => Resource::Workflow(cx.names.workflow(live).into_owned()),
            UserValue::Worker(live) => {
                let activity = cx.names.worker_activity(live);
                Resource::Worker(Worker { activity, ..Worker::default() })
            }
        };
        for write in changes.iter().filter_map(|change| change.write.as_ref()) {
            lay_over(&mut after, write);
        }
        Some(after)
    }
}

/// Puts the references that a write sends in the place of those that are there.
fn lay_over(after: &mut Resource, write: &Resource) {
    fn put(field: &mut Option<String>, written: &Option<String>) {
        if written.is_some() {
            field.clone_from(written);
        }
    }
    match (after, write) {
        (Resource::Workspace(after), Resource::Workspace(write)) => {
            put(&mut after.default_activity, &write.default_activity);
            put(&mut after.timeout_activity, &write.timeout_activity);
        }
        (Resource::Queue(after), Resource::Queue(write)) => {
            put(&mut after.reservation_activity, &write.reservation_activity);
            put(&mut after.assignment_activity, &write.assignment_activity);
        }
        (Resource::Workflow(after), Resource::Workflow(write)) if write.filters.is_some() => {
            after.clone_from(write);
        }
        (Resource::Worker(after), Resource::Worker(write)) => {
            put(&mut after.activity, &write.activity);
        }
        _ => {}
    }
}

/// What TaskRouter would not let go of because of one object: names, and sids in the place of
/// names. A sid in an expression does not count: TaskRouter does not look for those.
#[derive(Debug, Default)]
struct Held {
    activities: BTreeSet<String>,
    queues: BTreeSet<String>,
}

impl Held {
    fn by(user: &Resource) -> Self {
        let mut held = Self::default();
        let activities = match user {
            Resource::Workspace(user) => vec![&user.default_activity, &user.timeout_activity],
            Resource::Queue(user) => vec![&user.reservation_activity, &user.assignment_activity],
            Resource::Worker(user) => vec![&user.activity],
            Resource::Workflow(user) => {
                let queues = user.targets().filter_map(|target| target.queue.as_ref());
                let names = queues.map(|(QueueRef::Name(text) | QueueRef::Sid(text))| text);
                held.queues.extend(names.cloned());
                Vec::new()
            }
            Resource::Activity(_)
            | Resource::TaskChannel(_)
            | Resource::Capacity(_)
            | Resource::Role(_) => Vec::new(),
        };
        held.activities.extend(activities.into_iter().flatten().cloned());
        held
    }

    /// Whether an undeclared object is among it.
    fn holds(&self, cx: &Context<'_>, address: &Address, sid: &str) -> bool {
        let identity = &cx.identity;
        // A declared object that takes the name has it from then on.
        let (held, taken) = match address.kind {
            Kind::Activity => {
                (&self.activities, identity.activities.declared.contains_key(&address.name))
            }
            Kind::Queue => (&self.queues, identity.queues.declared.contains_key(&address.name)),
            _ => return false,
        };
        held.contains(sid) || (!taken && held.contains(&address.name))
    }
}
