//! What a plan rests on: the live objects that it touches or refers to, and the names that it
//! takes to be free.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{
    Activity, Address, Fingerprint, Kind, Live, Queue, Resource, Snapshot, TaskChannel, Worker,
    WorkerChannel, Workflow, Workspace, aside_name, fields_of,
};
use crate::plan::{Action, Change, Plan, Stage};

/// The ground under a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Ground {
    /// By sid.
    pub objects: BTreeMap<String, Known>,
    /// The names that count, and the sids of those who have them; nobody has the name of what is
    /// created.
    pub names: BTreeMap<Address, BTreeSet<String>>,
}

/// A live object as the plan saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Known {
    /// What the plan calls it.
    pub address: Address,
    /// Its name.
    pub name: String,
    /// The fields that must be as they were.
    pub seen: Fingerprint,
    /// The fields that may be others as long as every capacity rule decides as it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Fingerprint>,
    /// The values of the fields that the plan sends or deletes; attributes of workers only where
    /// the plan sends them anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Resource>,
}

impl Ground {
    /// What `plan`, which was made from `live`, rests on.
    pub fn of(plan: &Plan, live: &Snapshot) -> Self {
        let wanted = wanted(plan, live);
        let objects = objects(live, &|sid| wanted.contains_key(sid));
        let mut ground = Self::default();
        for (sid, Want { address, fields, rules }) in wanted {
            let Some((name, resource)) = objects.get(sid) else { continue };
            let all = live.seen(sid).unwrap_or_default();
            let must = |field: &str| fields.hold(field) || field == name_field(address.kind);
            let rules = rules.then(|| all.only(|field| !must(field)));
            let (seen, before) = (all.only(must), kept(resource, &fields));
            ground.names.entry(named(address.kind, name)).or_default();
            let known = Known { address, name: name.clone(), seen, rules, before };
            ground.objects.insert(sid.to_owned(), known);
        }
        for Change { address, action, renamed_from, .. } in &plan.changes {
            if *action == Action::Create || renamed_from.is_some() {
                ground.names.entry(named(address.kind, &address.name)).or_default();
            }
            if *action == Action::Replace {
                let aside = named(address.kind, &aside_name(&address.name));
                ground.names.entry(aside).or_default();
            }
        }
        ground.names.retain(|address, _| address.kind != Kind::Capacity);
        let holders = holders(live, &|address| ground.names.contains_key(address));
        for (address, sids) in holders {
            ground.names.insert(address, sids);
        }
        ground
    }

    /// The workers whose channels have to be read to see whether they have moved.
    pub fn workers(&self) -> impl Iterator<Item = &str> {
        let known = self.objects.iter().filter(|(_, known)| known.rules.is_some());
        known.map(|(sid, _)| sid.as_str())
    }

    /// Whether it speaks of a kind.
    pub fn speaks_of(&self, kind: Kind) -> bool {
        let objects = self.objects.values().map(|known| &known.address);
        objects.chain(self.names.keys()).any(|address| address.kind == kind)
    }
}

/// What counts of an object.
struct Want {
    address: Address,
    fields: Fields,
    /// Whether a capacity rule has decided over it.
    rules: bool,
}

/// Which of an object's fields count.
enum Fields {
    All,
    These(BTreeSet<&'static str>),
}

impl Fields {
    fn hold(&self, field: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(fields) => fields.contains(field),
        }
    }
}

/// The address of a name; workers' names are the same in any case.
pub(super) fn named(kind: Kind, name: &str) -> Address {
    let name = if kind == Kind::Worker { name.to_lowercase() } else { name.to_owned() };
    Address::new(kind, name)
}

/// The field that holds the name; a name that cannot change has none.
pub(super) fn name_field(kind: Kind) -> &'static str {
    match kind {
        Kind::TaskChannel | Kind::Capacity | Kind::Role => "",
        Kind::Workspace | Kind::Activity | Kind::Queue | Kind::Workflow | Kind::Worker => {
            "friendly_name"
        }
    }
}

/// By sid: what is changed, what is referred to, and the workspace.
fn wanted<'a>(plan: &'a Plan, live: &'a Snapshot) -> BTreeMap<&'a str, Want> {
    let mut wanted: BTreeMap<&str, Want> = BTreeMap::new();
    let mut want = |sid: &'a str, address: &Address, fields: Fields| {
        let entry = wanted.entry(sid).or_insert_with(|| Want {
            address: address.clone(),
            fields: Fields::These(BTreeSet::new()),
            rules: false,
        });
        entry.fields = match (std::mem::replace(&mut entry.fields, Fields::All), fields) {
            (Fields::These(mut one), Fields::These(other)) => {
                one.extend(other);
                Fields::These(one)
            }
            _ => Fields::All,
        };
    };
    for change in &plan.changes {
        let Some(sid) = &change.sid else { continue };
        let fields = match (change.action, &change.write) {
            (Action::Update, Some(write)) => Fields::These(fields_of(write).into_iter().collect()),
            _ => Fields::All,
        };
        // What is left of an earlier run goes by the name that it was given.
        let cleanup = change.stage == Stage::Cleanup;
        let known = cleanup
            && plan
                .changes
                .iter()
                .any(|c| c.address == change.address && c.stage != Stage::Cleanup);
        if !known {
            want(sid, &change.address, fields);
        }
    }
    for (address, sid) in &plan.sids {
        want(sid, address, Fields::These(BTreeSet::new()));
    }
    let nothing = Fields::These(BTreeSet::new());
    want(&live.workspace.sid, &Address::workspace(), nothing);
    for change in plan.of(Kind::Capacity) {
        let Some((worker, _)) = change.address.worker_and_channel() else { continue };
        let sid = plan.sids.get(&Address::new(Kind::Worker, worker));
        if let Some(want) = sid.and_then(|sid| wanted.get_mut(sid.as_str())) {
            want.rules = true;
        }
    }
    wanted
}

/// Name and value of each object whose sid is wanted.
pub(super) fn objects<'a>(
    live: &'a Snapshot,
    wanted: &dyn Fn(&str) -> bool,
) -> BTreeMap<&'a str, (String, Resource)> {
    struct Found<'a, 'w> {
        objects: BTreeMap<&'a str, (String, Resource)>,
        wanted: &'w dyn Fn(&str) -> bool,
    }
    impl<'a> Found<'a, '_> {
        fn list<T: Clone>(&mut self, list: &'a [Live<T>], resource: impl Fn(T) -> Resource) {
            for live in list.iter().filter(|live| (self.wanted)(&live.sid)) {
                let found = (live.name.clone(), resource(live.value.clone()));
                self.objects.insert(&live.sid, found);
            }
        }
    }
    let mut found = Found { objects: BTreeMap::new(), wanted };
    found.list(std::slice::from_ref(&live.workspace), Resource::Workspace);
    found.list(&live.activities, Resource::Activity);
    found.list(&live.task_channels, Resource::TaskChannel);
    found.list(&live.queues, Resource::Queue);
    found.list(&live.workflows, Resource::Workflow);
    found.list(&live.workers, Resource::Worker);
    for channels in live.worker_channels.values() {
        found.list(channels, Resource::Capacity);
    }
    for role in live.roles.iter().filter(|role| wanted(&role.sid)) {
        let (role_type, value) = &role.value;
        let name = format!("{role_type}/{}", role.name);
        found.objects.insert(&role.sid, (name, Resource::Role(value.clone())));
    }
    found.objects
}

/// Who has each of the names that are wanted.
pub(super) fn holders(
    live: &Snapshot,
    wanted: &dyn Fn(&Address) -> bool,
) -> BTreeMap<Address, BTreeSet<String>> {
    let mut holders: BTreeMap<Address, BTreeSet<String>> = BTreeMap::new();
    let mut hold = |address: Address, sid: &str| {
        if wanted(&address) {
            holders.entry(address).or_default().insert(sid.to_owned());
        }
    };
    fn each<T>(kind: Kind, list: &[Live<T>], hold: &mut impl FnMut(Address, &str)) {
        for live in list {
            hold(named(kind, &live.name), &live.sid);
        }
    }
    hold(Address::new(Kind::Workspace, live.workspace.name.clone()), &live.workspace.sid);
    each(Kind::Activity, &live.activities, &mut hold);
    each(Kind::TaskChannel, &live.task_channels, &mut hold);
    each(Kind::Queue, &live.queues, &mut hold);
    each(Kind::Workflow, &live.workflows, &mut hold);
    each(Kind::Worker, &live.workers, &mut hold);
    for role in &live.roles {
        let name = format!("{}/{}", role.value.0, role.name);
        hold(Address::new(Kind::Role, name), &role.sid);
    }
    holders
}

/// The values of the fields that count; none where they are nobody's business.
fn kept(resource: &Resource, fields: &Fields) -> Option<Resource> {
    let all = matches!(fields, Fields::All);
    if matches!(fields, Fields::These(fields) if fields.is_empty()) {
        return None;
    }
    fn keep<T: Clone>(counts: bool, value: &Option<T>) -> Option<T> {
        if counts { value.clone() } else { None }
    }
    let is = |field: &str| fields.hold(field);
    Some(match resource {
        Resource::Workspace(w) => Resource::Workspace(Workspace {
            sid: None,
            friendly_name: keep(is("friendly_name"), &w.friendly_name),
            event_callback_url: keep(is("event_callback_url"), &w.event_callback_url),
            events_filter: keep(is("events_filter"), &w.events_filter),
            multi_task_enabled: keep(is("multi_task_enabled"), &w.multi_task_enabled),
            prioritize_queue_order: keep(is("prioritize_queue_order"), &w.prioritize_queue_order),
            default_activity: keep(is("default_activity_sid"), &w.default_activity),
            timeout_activity: keep(is("timeout_activity_sid"), &w.timeout_activity),
        }),
        Resource::Activity(a) => Resource::Activity(Activity {
            available: keep(is("available"), &a.available),
            ..Activity::default()
        }),
        Resource::TaskChannel(c) => Resource::TaskChannel(TaskChannel {
            sid: None,
            friendly_name: keep(is("friendly_name"), &c.friendly_name),
            channel_optimized_routing: keep(
                is("channel_optimized_routing"),
                &c.channel_optimized_routing,
            ),
        }),
        Resource::Queue(q) => Resource::Queue(Queue {
            target_workers: keep(is("target_workers"), &q.target_workers),
            max_reserved_workers: keep(is("max_reserved_workers"), &q.max_reserved_workers),
            task_order: keep(is("task_order"), &q.task_order),
            reservation_activity: keep(is("reservation_activity_sid"), &q.reservation_activity),
            assignment_activity: keep(is("assignment_activity_sid"), &q.assignment_activity),
            ..Queue::default()
        }),
        Resource::Workflow(w) => {
            let mut kept = if is("configuration") { w.clone() } else { Workflow::default() };
            kept.assignment_callback_url =
                keep(is("assignment_callback_url"), &w.assignment_callback_url);
            kept.fallback_assignment_callback_url =
                keep(is("fallback_assignment_callback_url"), &w.fallback_assignment_callback_url);
            kept.task_reservation_timeout =
                keep(is("task_reservation_timeout"), &w.task_reservation_timeout);
            Resource::Workflow(kept)
        }
        // The attributes of people are not written down without need.
        Resource::Worker(w) => Resource::Worker(Worker {
            sid: None,
            activity: keep(is("activity_sid"), &w.activity),
            attributes: if is("attributes") && !all {
                w.attributes.clone()
            } else {
                serde_json::Map::new()
            },
        }),
        Resource::Capacity(c) => Resource::Capacity(WorkerChannel {
            capacity: keep(is("configured_capacity"), &c.capacity),
            available: keep(is("available"), &c.available),
        }),
        Resource::Role(role) => Resource::Role(role.clone()),
    })
}
