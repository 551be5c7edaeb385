//! What has moved since a plan was made.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ground::{holders, name_field, named, objects};
use super::{Ground, Known};
use crate::model::{
    Address, Fingerprint, Kind, Live, Model, Resource, RoleType, Snapshot, Worker, WorkerChannel,
    Workspace,
};
use crate::plan::fields::Fields;
use crate::plan::{Action, Change, FilterChange, Note, Options, Plan, Stage, diff};

/// An object that is not as the plan saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Moved {
    /// What the plan calls it.
    pub address: Address,
    /// The object that the plan saw; of one that has appeared, its own.
    pub sid: String,
    #[serde(flatten)]
    pub what: What,
    /// By whom and when, if TaskRouter's events tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Who>,
}

/// What has happened to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "moved")]
pub enum What {
    /// Fields that the plan rests on have other values.
    Changed {
        fields: Vec<MovedField>,
        /// Of a workflow.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        filters: Vec<FilterChange>,
        /// What the plan has concluded from them and no longer holds.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reasons: Vec<String>,
    },
    /// Nobody has its sid.
    Gone,
    /// Nobody has its sid, and another object has its name.
    Replaced { by_sid: String },
    /// A name that the plan takes for free, or for another object's alone.
    Appeared,
}

/// A field with another value. A value that is left out is not told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MovedField {
    /// TaskRouter's name for it, snake case.
    pub field: String,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "told")]
    #[schemars(with = "Value")]
    pub before: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "told")]
    #[schemars(with = "Value")]
    pub after: Option<Value>,
}

/// A null that is there is a value.
mod told {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value;

    pub(super) fn serialize<S: Serializer>(
        value: &Option<Value>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Value>, D::Error> {
        Value::deserialize(from).map(Some)
    }
}

/// Who has moved it, in TaskRouter's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Who {
    /// As in RFC 3339.
    pub at: String,
    /// The type of the event.
    pub event: String,
    /// A sid of an account, an API key, a user…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_type: Option<String>,
    /// Such as `api` or `console`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The IP address that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl Moved {
    /// The sid that events about it bear; `worker` is that of a capacity's worker.
    pub fn of_event<'a>(&'a self, worker: Option<&'a str>) -> &'a str {
        match &self.what {
            What::Replaced { by_sid } => by_sid,
            _ if self.address.kind == Kind::Capacity => worker.unwrap_or_default(),
            _ => &self.sid,
        }
    }

    /// Whether an event of this type is about what has happened.
    pub fn is_told_by(&self, event: &str) -> bool {
        let fields = match &self.what {
            What::Gone => return event.ends_with(".deleted"),
            What::Replaced { .. } | What::Appeared => return event.ends_with(".created"),
            What::Changed { fields, .. } => fields,
        };
        let has = |start: &str| fields.iter().any(|field| field.field.starts_with(start));
        match event {
            "task-queue.expression.updated" => has("target_workers"),
            "worker.attributes.update" => has("attributes"),
            "worker.activity.update" => has("activity"),
            "worker.capacity.update" => has("capacity"),
            "worker.channel.availability.update" => has("available"),
            event => event.ends_with(".updated"),
        }
    }
}

/// What of the ground under `plan` is not as it was. `now` holds all objects that the ground
/// speaks of, as far as there are any, and the channels of its workers; `fresh` is the plan that
/// the same spec and the same choices give with it.
pub fn moved(ground: &Ground, plan: &Plan, now: &Snapshot, fresh: &Plan) -> Vec<Moved> {
    let found = objects(now, &|sid| ground.objects.contains_key(sid));
    let have = holders(now, &|address| ground.names.contains_key(address));
    let between = between(ground, &found, now);
    let rulings = Rulings::of(plan, fresh);
    let mut moved = Vec::new();
    let mut successors: BTreeSet<&str> = BTreeSet::new();
    let mut gone: BTreeSet<&Address> = BTreeSet::new();
    for (sid, known) in &ground.objects {
        let Known { address, name, .. } = known;
        let what = match found.get(sid.as_str()) {
            Some((now_name, _)) => {
                let seen = now.seen(sid).unwrap_or_default();
                let changed = changed(known, now_name, &seen, between.get(address));
                // What somebody has set by hand is told where it was set.
                let is_untouched = |change: &Change| {
                    let sid = change.sid.as_ref();
                    let same =
                        sid.and_then(|sid| Some(ground.objects.get(sid)?.seen == now.seen(sid)?));
                    same.unwrap_or_default()
                };
                decided(changed, known, &seen, &rulings, is_untouched)
            }
            None => {
                let named = named(address.kind, name);
                let before = &ground.names.get(&named);
                let new = have.get(&named).into_iter().flatten();
                let new = new.filter(|sid| before.is_none_or(|sids| !sids.contains(*sid)));
                gone.insert(address);
                Some(match new.min() {
                    Some(by) => {
                        successors.insert(by);
                        What::Replaced { by_sid: by.clone() }
                    }
                    None => What::Gone,
                })
            }
        };
        let (address, sid) = (address.clone(), sid.clone());
        moved.extend(what.map(|what| Moved { address, sid, what, by: None }));
    }
    for (address, sids) in &have {
        let before = &ground.names[address];
        for sid in sids.difference(before).filter(|sid| !successors.contains(sid.as_str())) {
            let (address, sid) = (address.clone(), sid.clone());
            moved.push(Moved { address, sid, what: What::Appeared, by: None });
        }
    }
    still_used(ground, plan, fresh, &found, &mut moved);
    // The channels of a worker go with the worker.
    let gone: BTreeSet<Address> = gone.into_iter().cloned().collect();
    moved.retain(|moved| {
        let worker = moved.address.worker_and_channel();
        worker.is_none_or(|(worker, _)| !gone.contains(&Address::new(Kind::Worker, worker)))
    });
    moved.sort_by(|a, b| (&a.address, &a.sid).cmp(&(&b.address, &b.sid)));
    moved
}

/// Adds what is to be deleted and is used by somebody else by now.
fn still_used(
    ground: &Ground,
    plan: &Plan,
    fresh: &Plan,
    found: &BTreeMap<&str, (String, Resource)>,
    moved: &mut Vec<Moved>,
) {
    let own: BTreeSet<String> = ground
        .objects
        .iter()
        .flat_map(|(sid, known)| {
            let now = found.get(sid.as_str()).map(|(name, _)| name.clone());
            let now = now.map(|name| Address::new(known.address.kind, name));
            now.into_iter().chain([known.address.clone()])
        })
        .map(|address| format!("{address} still uses "))
        .collect();
    let theirs = |note: &&Note| {
        let fresh = note.code == "still-used" && !plan.notes.contains(note);
        // What has moved is told as what it is.
        fresh && !own.iter().any(|start| note.message.starts_with(start))
    };
    let deleted = |address: &Address| {
        let deletes = plan.changes.iter().filter(|change| change.action == Action::Delete);
        let mut theirs = deletes.filter(|change| change.address == *address);
        theirs.find_map(|change| change.sid.clone())
    };
    for note in fresh.notes.iter().filter(theirs) {
        let Some(sid) = deleted(&note.address) else { continue };
        let reason = note.message.clone();
        match moved.iter_mut().find(|moved| moved.sid == sid) {
            Some(Moved { what: What::Changed { reasons, .. }, .. }) => reasons.push(reason),
            Some(_) => {}
            None => {
                let (fields, filters, reasons) = (Vec::new(), Vec::new(), vec![reason]);
                let what = What::Changed { fields, filters, reasons };
                moved.push(Moved { address: note.address.clone(), sid, what, by: None });
            }
        }
    }
}

/// The fields that must be as they were and are not.
fn changed(
    known: &Known,
    name: &str,
    seen: &Fingerprint,
    between: Option<&Change>,
) -> Option<What> {
    let kind = known.address.kind;
    let counted: BTreeSet<&str> = known.seen.fields().collect();
    let seen = seen.only(|field| counted.contains(field));
    let api = known.seen.moved(&seen);
    if api.is_empty() {
        return None;
    }
    let mut fields = Vec::new();
    let mut filters = Vec::new();
    for field in api {
        if field == name_field(kind) {
            let (before, after) = (Some(json!(known.name)), Some(json!(name)));
            fields.push(MovedField { field: field.to_owned(), before, after });
            continue;
        }
        let told = fields.len();
        if let Some(change) = between {
            let its = change.fields.iter().filter(|change| api_field(kind, &change.field) == field);
            fields.extend(its.map(|change| MovedField {
                field: change.field.clone(),
                before: Some(change.before.clone()),
                after: Some(change.after.clone()),
            }));
            if field == "configuration" {
                filters.clone_from(&change.filters);
            }
        }
        if fields.len() == told && (field != "configuration" || filters.is_empty()) {
            fields.push(MovedField {
                field: own_field(field).to_owned(),
                before: None,
                after: None,
            });
        }
    }
    Some(What::Changed { fields, filters, reasons: Vec::new() })
}

/// What capacity rules have decided, and what they decide now. There may be as many as workers.
struct Rulings<'p> {
    /// By worker.
    then: BTreeMap<&'p str, Vec<&'p Change>>,
    now: BTreeMap<&'p Address, &'p Change>,
}

impl<'p> Rulings<'p> {
    fn of(plan: &'p Plan, fresh: &'p Plan) -> Self {
        let mut then: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
        for change in plan.of(Kind::Capacity) {
            if let Some((worker, _)) = change.address.worker_and_channel() {
                then.entry(worker).or_default().push(change);
            }
        }
        let now = fresh.of(Kind::Capacity).map(|change| (&change.address, change)).collect();
        Self { then, now }
    }
}

/// Adds what the capacity rules no longer decide as they did.
fn decided(
    changed: Option<What>,
    known: &Known,
    seen: &Fingerprint,
    rulings: &Rulings<'_>,
    is_untouched: impl Fn(&Change) -> bool,
) -> Option<What> {
    let Some(rules) = &known.rules else { return changed };
    let looked: BTreeSet<&str> = rules.fields().collect();
    let now = seen.only(|field| looked.contains(field));
    let others = rules.moved(&now);
    if others.is_empty() {
        return changed;
    }
    let same = |change: &Change| {
        let theirs = rulings.now.get(&change.address);
        theirs.is_some_and(|theirs| theirs.reasons == change.reasons)
    };
    let then = rulings.then.get(known.address.name.as_str()).into_iter().flatten();
    let then = then.filter(|change| is_untouched(change) && !same(change));
    let lost = then.filter_map(|change| {
        let (_, channel) = change.address.worker_and_channel()?;
        Some(format!("{} no longer decides for {channel}", change.reasons.first()?))
    });
    let lost: Vec<String> = lost.collect();
    if lost.is_empty() {
        return changed;
    }
    let (mut fields, filters) = match changed {
        Some(What::Changed { fields, filters, .. }) => (fields, filters),
        _ => (Vec::new(), Vec::new()),
    };
    let untold =
        |field: &str| MovedField { field: own_field(field).to_owned(), before: None, after: None };
    fields.extend(others.into_iter().map(untold));
    Some(What::Changed { fields, filters, reasons: lost })
}

/// The field of a plan → the field of an answer.
fn api_field(kind: Kind, field: &str) -> &str {
    match (kind, field) {
        (Kind::Workflow, field) if field.starts_with("default_filter") => "configuration",
        (_, "capacity") => "configured_capacity",
        (_, "activity") => "activity_sid",
        (_, "default_activity") => "default_activity_sid",
        (_, "timeout_activity") => "timeout_activity_sid",
        (_, "reservation_activity") => "reservation_activity_sid",
        (_, "assignment_activity") => "assignment_activity_sid",
        (Kind::Worker, field) if field.starts_with("attributes") => "attributes",
        (_, field) => field,
    }
}

/// The field of an answer → the field of a plan.
fn own_field(field: &str) -> &str {
    match field {
        "configured_capacity" => "capacity",
        field => field.strip_suffix("_sid").unwrap_or(field),
    }
}

/// The differences between then and now: a plan that would bring about by hand what others have
/// done since.
fn between(
    ground: &Ground,
    found: &BTreeMap<&str, (String, Resource)>,
    now: &Snapshot,
) -> BTreeMap<Address, Change> {
    let mut desired = Model::default();
    let mut then = Snapshot::of(Live {
        sid: now.workspace.sid.clone(),
        name: String::new(),
        value: Workspace::default(),
        untouched: false,
    });
    let mut changes = BTreeMap::new();
    for (sid, Known { address, before, .. }) in &ground.objects {
        let (Some(before), Some((_, now))) = (before, found.get(sid.as_str())) else { continue };
        let name = &address.name;
        fn live<T: Clone>(sid: &str, name: &str, value: &T) -> Live<T> {
            Live {
                sid: sid.to_owned(),
                name: name.to_owned(),
                value: value.clone(),
                untouched: false,
            }
        }
        match (before, now) {
            (Resource::Workspace(before), Resource::Workspace(now)) => {
                desired.workspace = now.clone();
                then.workspace.value = before.clone();
            }
            (Resource::Activity(before), Resource::Activity(now)) => {
                desired.activities.insert(name.clone(), now.clone());
                then.activities.push(live(sid, name, before));
            }
            (Resource::TaskChannel(before), Resource::TaskChannel(now)) => {
                desired.task_channels.insert(name.clone(), now.clone());
                then.task_channels.push(live(sid, name, before));
            }
            (Resource::Queue(before), Resource::Queue(now)) => {
                desired.queues.insert(name.clone(), now.clone());
                then.queues.push(live(sid, name, before));
            }
            (Resource::Workflow(before), Resource::Workflow(now)) => {
                desired.workflows.insert(name.clone(), now.clone());
                then.workflows.push(live(sid, name, before));
            }
            (Resource::Worker(before), Resource::Worker(now))
                if !before.attributes.is_empty() || before.activity.is_some() =>
            {
                let mut now = now.clone();
                if before.attributes.is_empty() {
                    now.attributes.clear();
                }
                // A key that is gone is null.
                for key in before.attributes.keys() {
                    now.attributes.entry(key.clone()).or_insert(Value::Null);
                }
                desired.workers.insert(name.clone(), now);
                then.workers.push(live::<Worker>(sid, name, before));
            }
            (Resource::Role(before), Resource::Role(now)) => {
                let Some((word, name)) = name.split_once('/') else { continue };
                let role_type = match word {
                    "service" => RoleType::Service,
                    _ => RoleType::Conversation,
                };
                desired.roles.insert((role_type, name.to_owned()), now.clone());
                then.roles.push(live(sid, name, &(role_type, before.clone())));
            }
            (Resource::Capacity(before), Resource::Capacity(now)) => {
                changes.insert(address.clone(), capacity(address, before, now));
            }
            _ => {}
        }
    }
    let plan = diff(&desired, &then, &Options::default());
    for change in plan.changes {
        let Change { fields, filters, .. } = &change;
        if fields.is_empty() && filters.is_empty() {
            continue;
        }
        match changes.get_mut(&change.address) {
            // The workspace has two.
            Some(first) => first.fields.extend(change.fields),
            None => {
                changes.insert(change.address.clone(), change);
            }
        }
    }
    changes
}

fn capacity(address: &Address, before: &WorkerChannel, now: &WorkerChannel) -> Change {
    let mut fields = Fields::of_live();
    fields.owned("capacity", now.capacity.as_ref(), before.capacity.as_ref());
    fields.owned("available", now.available.as_ref(), before.available.as_ref());
    Change {
        address: address.clone(),
        action: Action::Update,
        stage: Stage::Main,
        sid: None,
        renamed_from: None,
        fields: fields.changes,
        filters: Vec::new(),
        reasons: Vec::new(),
        write: None,
        after: Vec::new(),
    }
}
