//! What will be live once a plan has been carried out, worked out without carrying it out.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Change, Plan, Stage};
use crate::model::{
    Activity, Address, Answers, Expression, Kind, Live, PermissionSet, Queue, QueueOrder, QueueRef,
    Resource, Role, RoleType, Snapshot, TaskChannel, Text, Worker, WorkerChannel, Workflow,
    Workspace,
};

/// The snapshot as it will be read after `plan`, which was made from `live`: what the plan does
/// not write stays as it is, what it renames goes by its new name everywhere. Deletions that the
/// plan says TaskRouter will refuse are left out. New objects have made-up sids and, where the
/// plan is silent, what TaskRouter gives a new object.
pub fn outcome(plan: &Plan, live: &Snapshot) -> Snapshot {
    let mut after = live.clone();
    // What the API will say of each object nobody knows.
    after.answers = Answers::default();
    let names = Sids::of(&after);
    each_reference(&mut after, &|kind, name| names.get(kind, name));
    for change in &plan.changes {
        carry_out(plan, change, &mut after);
    }
    let addresses = addresses(&after);
    each_text(&mut after, &|text| text.with_sids_named(&|sid| addresses.get(sid).cloned()));
    each_name(&mut after, &|_, sid| addresses.get(sid).map(|address| address.name.clone()));
    after
}

/// What a name stands for in a snapshot.
struct Sids {
    by_address: BTreeMap<Address, String>,
}

impl Sids {
    fn of(snapshot: &Snapshot) -> Self {
        let unique = addresses(snapshot).into_iter();
        Self { by_address: unique.map(|(sid, address)| (address, sid)).collect() }
    }

    fn get(&self, kind: Kind, name: &str) -> Option<String> {
        self.by_address.get(&Address::new(kind, name)).cloned()
    }
}

/// The address of each sid whose name no other object has, of all kinds that are referred to.
fn addresses(snapshot: &Snapshot) -> BTreeMap<String, Address> {
    fn learn<T>(found: &mut BTreeMap<String, Address>, kind: Kind, list: &[Live<T>]) {
        let mut holders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for live in list {
            holders.entry(&live.name).or_default().push(&live.sid);
        }
        for (name, sids) in holders {
            if let [sid] = sids[..] {
                found.insert(sid.to_owned(), Address::new(kind, name));
            }
        }
    }
    let mut found = BTreeMap::from([(snapshot.workspace.sid.clone(), Address::workspace())]);
    learn(&mut found, Kind::Activity, &snapshot.activities);
    learn(&mut found, Kind::TaskChannel, &snapshot.task_channels);
    learn(&mut found, Kind::Queue, &snapshot.queues);
    learn(&mut found, Kind::Workflow, &snapshot.workflows);
    found
}

/// Puts sids in the places of names, in every field and text.
fn each_reference(snapshot: &mut Snapshot, sid: &dyn Fn(Kind, &str) -> Option<String>) {
    each_name(snapshot, sid);
    each_text(snapshot, &|text| plain(text, &|address| sid(address.kind, &address.name)));
}

/// The text with sids for the addresses whose sids are known.
fn plain(text: &Text, sid: &dyn Fn(&Address) -> Option<String>) -> Text {
    text.map_addresses(|address| sid(address).map(Text::from))
}

/// Every field that names an activity or a queue.
fn each_name(snapshot: &mut Snapshot, map: &dyn Fn(Kind, &str) -> Option<String>) {
    let activity = |field: &mut Option<String>| rename(field, &|name| map(Kind::Activity, name));
    activity(&mut snapshot.workspace.value.default_activity);
    activity(&mut snapshot.workspace.value.timeout_activity);
    for queue in &mut snapshot.queues {
        activity(&mut queue.value.reservation_activity);
        activity(&mut queue.value.assignment_activity);
    }
    for worker in &mut snapshot.workers {
        activity(&mut worker.value.activity);
    }
    for workflow in &mut snapshot.workflows {
        queue_names(&mut workflow.value, &|name| map(Kind::Queue, name));
    }
}

fn rename(field: &mut Option<String>, map: &dyn Fn(&str) -> Option<String>) {
    if let Some(name) = field
        && let Some(other) = map(name)
    {
        *name = other;
    }
}

/// A sid that gets a name becomes one, and a name that gets a sid becomes that.
fn queue_names(workflow: &mut Workflow, map: &dyn Fn(&str) -> Option<String>) {
    let filters = workflow.filters.iter_mut().flatten();
    let targets = filters.flat_map(|filter| &mut filter.targets);
    for target in targets.chain(workflow.default_filter.iter_mut().flatten()) {
        if let Some(queue) = &mut target.queue {
            let other = match &*queue {
                QueueRef::Name(name) => map(name).map(QueueRef::Sid),
                QueueRef::Sid(sid) => map(sid).map(QueueRef::Name),
            };
            *queue = other.unwrap_or_else(|| queue.clone());
        }
    }
}

fn each_text(snapshot: &mut Snapshot, map: &dyn Fn(&Text) -> Text) {
    let put = |expression: &mut Expression| expression.text = map(&expression.text);
    for queue in &mut snapshot.queues {
        queue.value.target_workers.iter_mut().for_each(put);
    }
    for workflow in &mut snapshot.workflows {
        texts(&mut workflow.value, &put);
    }
}

fn texts(workflow: &mut Workflow, put: &dyn Fn(&mut Expression)) {
    let mut targets = Vec::new();
    for filter in workflow.filters.iter_mut().flatten() {
        filter.expression.iter_mut().for_each(put);
        targets.extend(&mut filter.targets);
    }
    targets.extend(workflow.default_filter.iter_mut().flatten());
    for target in targets {
        target.expression.iter_mut().chain(&mut target.skip_if).for_each(put);
    }
}

fn carry_out(plan: &Plan, change: &Change, after: &mut Snapshot) {
    let Change { address, action, .. } = change;
    match action {
        Action::Delete if is_refused(plan, address) || is_succeeded(plan, change) => {}
        Action::Delete => delete(change, after),
        Action::Create | Action::Update | Action::Replace => {
            if let Some(write) = &change.write {
                put(change, with_sids(plan, write), after);
            }
        }
    }
}

/// Whether TaskRouter will not delete it.
fn is_refused(plan: &Plan, address: &Address) -> bool {
    plan.notes.iter().any(|note| note.code == "still-used" && note.address == *address)
}

/// Whether the deletion is that of what a replace has put aside; here the object stays the same.
fn is_succeeded(plan: &Plan, change: &Change) -> bool {
    let replaces =
        |other: &Change| other.action == Action::Replace && other.address == change.address;
    change.stage == Stage::Cleanup && plan.changes.iter().any(replaces)
}

fn delete(change: &Change, after: &mut Snapshot) {
    fn without<T>(list: &mut Vec<Live<T>>, sid: &str) {
        list.retain(|live| live.sid != sid);
    }
    let Some(sid) = change.sid.as_deref() else { return };
    match change.address.kind {
        Kind::Workspace | Kind::Capacity => {}
        Kind::Activity => without(&mut after.activities, sid),
        Kind::TaskChannel => without(&mut after.task_channels, sid),
        Kind::Queue => without(&mut after.queues, sid),
        Kind::Workflow => without(&mut after.workflows, sid),
        Kind::Worker => {
            without(&mut after.workers, sid);
            after.worker_channels.remove(sid);
        }
        Kind::Role => without(&mut after.roles, sid),
    }
}

/// What is written, with sids in the places of the names that the plan has.
fn with_sids(plan: &Plan, write: &Resource) -> Resource {
    let created: BTreeSet<&Address> = plan
        .changes
        .iter()
        .filter(|change| change.action == Action::Create)
        .map(|change| &change.address)
        .collect();
    let sid = |address: &Address| match plan.sids.get(address) {
        _ if created.contains(address) => Some(Expression::stand_in_sid(address)),
        known => known.cloned(),
    };
    let named = |kind: Kind, name: &str| sid(&Address::new(kind, name));
    let activity = |field: &mut Option<String>| rename(field, &|name| named(Kind::Activity, name));
    let text = |expression: &mut Expression| expression.text = plain(&expression.text, &sid);
    let mut write = write.clone();
    match &mut write {
        Resource::Workspace(workspace) => {
            activity(&mut workspace.default_activity);
            activity(&mut workspace.timeout_activity);
        }
        Resource::Queue(queue) => {
            activity(&mut queue.reservation_activity);
            activity(&mut queue.assignment_activity);
            queue.target_workers.iter_mut().for_each(text);
        }
        Resource::Workflow(workflow) => {
            queue_names(workflow, &|name| named(Kind::Queue, name));
            texts(workflow, &text);
        }
        Resource::Worker(worker) => activity(&mut worker.activity),
        Resource::Activity(_)
        | Resource::TaskChannel(_)
        | Resource::Capacity(_)
        | Resource::Role(_) => {}
    }
    write
}

/// Finds the object of a change, or makes it, gives it its name, and lays over what is written.
fn find<'l, T>(list: &'l mut Vec<Live<T>>, change: &Change, new: T) -> Option<&'l mut T> {
    let name = &change.address.name;
    if change.action == Action::Create {
        let sid = Expression::stand_in_sid(&change.address);
        list.push(Live { sid, name: name.clone(), value: new, untouched: true });
        return list.last_mut().map(|live| &mut live.value);
    }
    let live = list.iter_mut().find(|live| Some(&live.sid) == change.sid.as_ref())?;
    live.untouched = false;
    if change.renamed_from.is_some() {
        live.name.clone_from(name);
    }
    Some(&mut live.value)
}

fn lay<T>(over: &mut Option<T>, written: Option<T>) {
    if written.is_some() {
        *over = written;
    }
}

fn put(change: &Change, write: Resource, after: &mut Snapshot) {
    match write {
        Resource::Workspace(write) => put_workspace(&mut after.workspace, write),
        Resource::Activity(Activity { sid: _, renamed_from: _, available }) => {
            let new = Activity { available: Some(false), ..Activity::default() };
            if let Some(activity) = find(&mut after.activities, change, new) {
                lay(&mut activity.available, available);
            }
        }
        Resource::TaskChannel(write) => {
            let TaskChannel { sid: _, friendly_name, channel_optimized_routing } = write;
            let new = TaskChannel {
                sid: None,
                friendly_name: Some(change.address.name.clone()),
                channel_optimized_routing: Some(false),
            };
            if let Some(channel) = find(&mut after.task_channels, change, new) {
                lay(&mut channel.friendly_name, friendly_name);
                lay(&mut channel.channel_optimized_routing, channel_optimized_routing);
            }
        }
        Resource::Queue(write) => {
            if let Some(queue) = find(&mut after.queues, change, new_queue()) {
                put_queue(queue, write);
            }
        }
        Resource::Workflow(write) => {
            if let Some(workflow) = find(&mut after.workflows, change, new_workflow()) {
                put_workflow(workflow, write);
            }
        }
        Resource::Worker(Worker { sid: _, activity, attributes }) => {
            let first = after.workspace.value.default_activity.clone();
            let new = Worker { activity: first, ..Worker::default() };
            if let Some(worker) = find(&mut after.workers, change, new) {
                lay(&mut worker.activity, activity);
                if !attributes.is_empty() {
                    worker.attributes = attributes;
                }
            }
        }
        Resource::Capacity(write) => put_capacity(change, &write, after),
        Resource::Role(Role { permissions }) => {
            let (word, name) = change.address.name.split_once('/').unwrap_or_default();
            let service = word == RoleType::Service.to_string();
            let role_type = if service { RoleType::Service } else { RoleType::Conversation };
            let none = PermissionSet::Exactly(BTreeSet::new());
            let new = (role_type, Role { permissions: none });
            if let Some((_, role)) = find(&mut after.roles, change, new) {
                role.permissions = permissions;
            }
            // A role's address has its type in it, its name has not.
            if change.action == Action::Create
                && let Some(live) = after.roles.last_mut()
            {
                name.clone_into(&mut live.name);
            }
        }
    }
}

fn put_workspace(live: &mut Live<Workspace>, write: Workspace) {
    let Workspace {
        sid: _,
        friendly_name,
        event_callback_url,
        events_filter,
        multi_task_enabled,
        prioritize_queue_order,
        default_activity,
        timeout_activity,
    } = write;
    if let Some(name) = &friendly_name {
        live.name.clone_from(name);
    }
    lay(&mut live.value.friendly_name, friendly_name);
    lay(&mut live.value.event_callback_url, event_callback_url);
    lay(&mut live.value.events_filter, events_filter);
    lay(&mut live.value.multi_task_enabled, multi_task_enabled);
    lay(&mut live.value.prioritize_queue_order, prioritize_queue_order);
    lay(&mut live.value.default_activity, default_activity);
    lay(&mut live.value.timeout_activity, timeout_activity);
}

fn new_queue() -> Queue {
    Queue {
        sid: None,
        renamed_from: None,
        target_workers: Some("1==1".into()),
        max_reserved_workers: Some(1),
        task_order: Some(QueueOrder::Fifo),
        reservation_activity: Some(String::new()),
        assignment_activity: Some(String::new()),
    }
}

fn put_queue(queue: &mut Queue, write: Queue) {
    let Queue {
        sid: _,
        renamed_from: _,
        target_workers,
        max_reserved_workers,
        task_order,
        reservation_activity,
        assignment_activity,
    } = write;
    lay(&mut queue.target_workers, target_workers);
    lay(&mut queue.max_reserved_workers, max_reserved_workers);
    lay(&mut queue.task_order, task_order);
    lay(&mut queue.reservation_activity, reservation_activity);
    lay(&mut queue.assignment_activity, assignment_activity);
}

fn new_workflow() -> Workflow {
    Workflow {
        assignment_callback_url: Some(String::new()),
        fallback_assignment_callback_url: Some(String::new()),
        task_reservation_timeout: Some(120),
        filters: Some(Vec::new()),
        default_filter: Some(None),
        ..Workflow::default()
    }
}

/// The configuration is written whole or not at all.
fn put_workflow(workflow: &mut Workflow, write: Workflow) {
    let Workflow {
        sid: _,
        renamed_from: _,
        assignment_callback_url,
        fallback_assignment_callback_url,
        task_reservation_timeout,
        re_evaluate_tasks: _,
        ignore_filters: _,
        filters,
        default_filter,
        extra,
        unreadable: _,
    } = write;
    lay(&mut workflow.assignment_callback_url, assignment_callback_url);
    lay(&mut workflow.fallback_assignment_callback_url, fallback_assignment_callback_url);
    lay(&mut workflow.task_reservation_timeout, task_reservation_timeout);
    if filters.is_some() || default_filter.is_some() {
        let mut filters = filters.unwrap_or_default();
        filters.iter_mut().for_each(|filter| filter.origin = None);
        workflow.filters = Some(filters);
        workflow.default_filter = Some(default_filter.flatten());
        workflow.extra = extra;
        workflow.unreadable = None;
    }
}

/// A worker channel that is not there yet appears with its worker or its task channel.
fn put_capacity(change: &Change, write: &WorkerChannel, after: &mut Snapshot) {
    let Some((worker, channel)) = change.address.worker_and_channel() else { return };
    let Some(worker) = after.workers.iter().find(|live| live.name == worker) else { return };
    let channels = after.worker_channels.entry(worker.sid.clone()).or_default();
    if channels.iter().all(|live| live.name != channel) {
        let value = WorkerChannel { capacity: Some(1), available: Some(true) };
        let sid = Expression::stand_in_sid(&change.address);
        channels.push(Live { sid, name: channel.to_owned(), value, untouched: true });
    }
    for live in channels.iter_mut().filter(|live| live.name == channel) {
        let WorkerChannel { capacity, available } = write;
        lay(&mut live.value.capacity, *capacity);
        lay(&mut live.value.available, *available);
        live.untouched = false;
    }
}
