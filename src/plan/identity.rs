//! Which live object is meant by which declared name.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Note, Refusal};
use crate::model::{
    Activity, Address, Kind, Live, Model, Queue, Role, RoleType, Snapshot, TaskChannel, Worker,
    Workflow,
};

/// What stands behind a declared name.
#[derive(Debug)]
pub(super) enum Pair<'a, T> {
    /// Nothing live: to be created.
    Absent,
    /// A live object, by whatever name.
    Live(&'a Live<T>),
    /// It cannot be told; a refusal says why.
    Refused,
}

impl<'a, T> Pair<'a, T> {
    pub(super) fn live(&self) -> Option<&'a Live<T>> {
        match self {
            Self::Live(live) => Some(live),
            Self::Absent | Self::Refused => None,
        }
    }
}

/// The declared names of one kind, and the live objects that none of them means.
#[derive(Debug)]
pub(super) struct Paired<'a, T> {
    pub(super) declared: BTreeMap<String, Pair<'a, T>>,
    pub(super) undeclared: Vec<&'a Live<T>>,
}

impl<'a, T> Paired<'a, T> {
    /// Every live object that a name or nothing stands for, with its address in the plan.
    pub(super) fn addressed(&self, kind: Kind) -> impl Iterator<Item = (&'a Live<T>, Address)> {
        let declared = self
            .declared
            .iter()
            .filter_map(move |(name, pair)| Some((pair.live()?, Address::new(kind, name))));
        let undeclared =
            self.undeclared.iter().map(move |live| (*live, Address::new(kind, live.name.clone())));
        declared.chain(undeclared)
    }
}

/// All kinds.
#[derive(Debug)]
pub(super) struct Identity<'a> {
    pub(super) activities: Paired<'a, Activity>,
    pub(super) task_channels: Paired<'a, TaskChannel>,
    pub(super) queues: Paired<'a, Queue>,
    pub(super) workflows: Paired<'a, Workflow>,
    pub(super) workers: Paired<'a, Worker>,
    pub(super) roles: Paired<'a, (RoleType, Role)>,
}

/// The key of a role among roles: `service/admin`.
pub(super) fn role_key(role_type: RoleType, name: &str) -> String {
    format!("{role_type}/{name}")
}

impl<'a> Identity<'a> {
    pub(super) fn of(
        desired: &Model,
        live: &'a Snapshot,
        refusals: &mut Vec<Refusal>,
        notes: &mut Vec<Note>,
    ) -> Self {
        let activities = Pairing::new(Kind::Activity, &live.activities);
        let task_channels = Pairing::new(Kind::TaskChannel, &live.task_channels);
        let queues = Pairing::new(Kind::Queue, &live.queues);
        let workflows = Pairing::new(Kind::Workflow, &live.workflows);
        let workers = Pairing::new(Kind::Worker, &live.workers);
        let mut roles = Pairing::new(Kind::Role, &live.roles);
        roles.key = |live| Cow::Owned(role_key(live.value.0, &live.name));
        Self {
            activities: activities.pair(
                desired.activities.iter().map(|(name, activity)| Declared {
                    name: name.clone(),
                    sid: activity.sid.as_deref(),
                    renamed_from: activity.renamed_from.as_deref(),
                }),
                refusals,
                notes,
            ),
            task_channels: task_channels.pair(
                desired.task_channels.iter().map(|(name, channel)| Declared {
                    name: name.clone(),
                    sid: channel.sid.as_deref(),
                    renamed_from: None,
                }),
                refusals,
                notes,
            ),
            queues: queues.pair(
                desired.queues.iter().map(|(name, queue)| Declared {
                    name: name.clone(),
                    sid: queue.sid.as_deref(),
                    renamed_from: queue.renamed_from.as_deref(),
                }),
                refusals,
                notes,
            ),
            workflows: workflows.pair(
                desired.workflows.iter().map(|(name, workflow)| Declared {
                    name: name.clone(),
                    sid: workflow.sid.as_deref(),
                    renamed_from: workflow.renamed_from.as_deref(),
                }),
                refusals,
                notes,
            ),
            workers: workers.pair(
                desired.workers.iter().map(|(name, worker)| Declared {
                    name: name.clone(),
                    sid: worker.sid.as_deref(),
                    renamed_from: None,
                }),
                refusals,
                notes,
            ),
            roles: roles.pair(
                desired.roles.keys().map(|(role_type, name)| Declared {
                    name: role_key(*role_type, name),
                    sid: None,
                    renamed_from: None,
                }),
                refusals,
                notes,
            ),
        }
    }
}

/// The places of live objects by their names, nearly all of which are names of one object.
struct ByName<'a> {
    first: HashMap<Cow<'a, str>, usize>,
    /// Names of several, with the first.
    shared: BTreeMap<Cow<'a, str>, Vec<usize>>,
}

impl<'a> ByName<'a> {
    fn of<T>(pairing: &Pairing<'a, T>) -> Self {
        let mut first = HashMap::with_capacity(pairing.live.len());
        let mut shared: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, live) in pairing.live.iter().enumerate() {
            match first.entry(pairing.fold((pairing.key)(live))) {
                Entry::Vacant(entry) => {
                    entry.insert(at);
                }
                Entry::Occupied(entry) => {
                    let places = shared.entry(entry.key().clone());
                    places.or_insert_with(|| vec![*entry.get()]).push(at);
                }
            }
        }
        Self { first, shared }
    }

    fn get(&self, name: &str) -> &[usize] {
        let one = || self.first.get(name).map_or(&[][..], std::slice::from_ref);
        self.shared.get(name).map_or_else(one, Vec::as_slice)
    }
}

/// A declared name with what narrows down which live object it means.
struct Declared<'s> {
    name: String,
    sid: Option<&'s str>,
    renamed_from: Option<&'s str>,
}

struct Pairing<'a, T> {
    kind: Kind,
    live: &'a [Live<T>],
    key: fn(&Live<T>) -> Cow<'_, str>,
}

impl<'a, T> Pairing<'a, T> {
    fn new(kind: Kind, live: &'a [Live<T>]) -> Self {
        Self { kind, live, key: |live| Cow::Borrowed(&live.name) }
    }

    /// Worker names are the same in any case.
    fn fold<'n>(&self, name: Cow<'n, str>) -> Cow<'n, str> {
        let folded = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
        if self.kind != Kind::Worker || name.bytes().all(folded) {
            return name;
        }
        Cow::Owned(name.to_lowercase())
    }

    /// First the pins, then equal names, then names that were renamed.
    fn pair<'s>(
        &self,
        declared: impl Iterator<Item = Declared<'s>>,
        refusals: &mut Vec<Refusal>,
        notes: &mut Vec<Note>,
    ) -> Paired<'a, T> {
        let declared: Vec<Declared<'s>> = declared.collect();
        let pins: BTreeSet<&str> = declared.iter().filter_map(|declared| declared.sid).collect();
        let by_sid: BTreeMap<&str, usize> = self
            .live
            .iter()
            .enumerate()
            .map(|(at, live)| (live.sid.as_str(), at))
            .filter(|(sid, _)| pins.contains(sid))
            .collect();
        let by_name = ByName::of(self);
        let mut claimed: BTreeSet<usize> = BTreeSet::new();
        let mut pairs: BTreeMap<String, Pair<'a, T>> = BTreeMap::new();

        for Declared { name, sid, .. } in &declared {
            let Some(sid) = sid else { continue };
            let pair = match by_sid.get(sid) {
                Some(&at) if claimed.insert(at) => Pair::Live(&self.live[at]),
                found => {
                    refusals.push(self.refuse_pin(name, sid, found.is_some()));
                    Pair::Refused
                }
            };
            pairs.insert(name.clone(), pair);
        }
        let unclaimed = |name: &str, claimed: &BTreeSet<usize>| -> Vec<usize> {
            let found = by_name.get(&self.fold(Cow::Borrowed(name)));
            found.iter().copied().filter(|at| !claimed.contains(at)).collect()
        };
        let mut settle = |name: &str, found: Vec<usize>, claimed: &mut BTreeSet<usize>| {
            claimed.extend(&found);
            match found[..] {
                [] => Pair::Absent,
                [at] => Pair::Live(&self.live[at]),
                _ => {
                    refusals.push(self.refuse_duplicate(name, &found));
                    Pair::Refused
                }
            }
        };
        for Declared { name, .. } in &declared {
            if !pairs.contains_key(name) {
                let found = unclaimed(name, &claimed);
                if !found.is_empty() {
                    pairs.insert(name.clone(), settle(name, found, &mut claimed));
                }
            }
        }
        for Declared { name, renamed_from, .. } in &declared {
            let found = renamed_from.map_or_else(Vec::new, |old| unclaimed(old, &claimed));
            if !pairs.contains_key(name) {
                pairs.insert(name.clone(), settle(name, found, &mut claimed));
            } else if let (Some(old), false) = (renamed_from, found.is_empty()) {
                notes.push(self.note_rename_done(name, old));
            }
        }
        self.note_duplicates(&by_name, &claimed, notes);
        let undeclared = self
            .live
            .iter()
            .enumerate()
            .filter(|(at, _)| !claimed.contains(at))
            .map(|(_, live)| live)
            .collect();
        Paired { declared: pairs, undeclared }
    }

    fn refuse_pin(&self, name: &str, sid: &str, taken: bool) -> Refusal {
        let address = Address::new(self.kind, name);
        let why = if taken { "is pinned twice" } else { "is not live" };
        Refusal {
            code: "pin".to_owned(),
            message: format!("{address} is pinned to {sid}, which {why}"),
            help: "correct its `sid`, or leave it out to go by the name".to_owned(),
            address,
        }
    }

    fn refuse_duplicate(&self, name: &str, found: &[usize]) -> Refusal {
        let address = Address::new(self.kind, name);
        let sids: Vec<&str> = found.iter().map(|&at| self.live[at].sid.as_str()).collect();
        Refusal {
            code: "duplicate-name".to_owned(),
            message: format!(
                "{} live {} are named {}: {}",
                found.len(),
                self.kind.plural().replace('_', " "),
                (self.key)(&self.live[found[0]]),
                sids.join(", ")
            ),
            help: format!("say which one {address} is with `sid: {}`", sids[0]),
            address,
        }
    }

    fn note_rename_done(&self, name: &str, old: &str) -> Note {
        let address = Address::new(self.kind, name);
        Note {
            code: "rename-done".to_owned(),
            message: format!(
                "{address} is to be renamed from {old}, but both are live; {old} is taken for \
                 another {} that the spec does not declare",
                self.kind.word().replace('_', " ")
            ),
            address,
        }
    }

    fn note_duplicates(
        &self,
        by_name: &ByName<'_>,
        claimed: &BTreeSet<usize>,
        notes: &mut Vec<Note>,
    ) {
        for found in by_name.shared.values() {
            // Where all are claimed by one name there is a refusal already.
            if found.iter().all(|at| claimed.contains(at)) {
                continue;
            }
            let sids: Vec<&str> = found.iter().map(|&at| self.live[at].sid.as_str()).collect();
            let name = (self.key)(&self.live[found[0]]);
            notes.push(Note {
                code: "duplicate-name".to_owned(),
                address: Address::new(self.kind, &*name),
                message: format!(
                    "{} live {} are named {name}: {}",
                    found.len(),
                    self.kind.plural().replace('_', " "),
                    sids.join(", ")
                ),
            });
        }
    }
}
