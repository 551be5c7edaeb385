//! What became of changes that nobody has seen the outcome of.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Intent, Unfinished};
use crate::live::{LiveError, Reader, Sids, Transport};
use crate::model::{Address, Fingerprint, Kind, Live, Snapshot, aside_name};
use crate::plan::{Action, Stage};

/// What the last run has left behind, held against what is live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct LastRun {
    /// When it began, as in RFC 3339.
    pub started: Option<String>,
    /// How many runs did not come to their end since one did.
    pub runs: usize,
    /// How many changes its plan had.
    pub changes: usize,
    /// How many are known to have been applied, by all of these runs.
    pub applied: usize,
    /// What was under way.
    pub open: Vec<Fate>,
    /// Lines of the journal that cannot be read.
    pub damaged: usize,
}

/// What became of one change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Fate {
    pub address: Address,
    pub action: Action,
    pub stage: Stage,
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// What is live of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Verdict {
    /// All of it. The sid is that of the object, where there is one.
    Done { sid: Option<String> },
    /// Nothing of it.
    Undone { sid: Option<String> },
    /// The object is there, and these fields are not what they were to be.
    Other { sid: String, fields: Vec<String> },
    /// Several objects have the name.
    Several { sids: Vec<String> },
    /// Of a replace: the old object was put aside, and there is no new one.
    Halfway { sid: String, aside: String },
    /// The object that it is about is not there any more.
    Gone,
    /// It could not be looked at.
    Unseen { because: String },
}

/// Looks what became of every open change. Reads only what the snapshot does not hold: workers,
/// capacities and roles that the spec does not ask for any more.
pub async fn verify<T: Transport>(
    unfinished: Unfinished,
    snapshot: &Snapshot,
    reader: &Reader<T>,
) -> LastRun {
    let Unfinished { started, runs, changes, applied, open, damaged } = unfinished;
    let scene = Scene::of(snapshot, reader);
    let mut fates = Vec::new();
    for intent in open {
        let verdict = scene.judge(&intent).await;
        let verdict =
            verdict.unwrap_or_else(|error| Verdict::Unseen { because: error.to_string() });
        let Intent { address, action, stage, .. } = intent;
        fates.push(Fate { address, action, stage, verdict });
    }
    LastRun { started, runs, changes, applied, open: fates, damaged }
}

/// What is live.
struct Scene<'a, T> {
    snapshot: &'a Snapshot,
    reader: &'a Reader<T>,
    /// The sids of each name; workers' names in lower case.
    named: BTreeMap<Address, Vec<&'a str>>,
}

type Sight = (String, Fingerprint);

impl<'a, T: Transport> Scene<'a, T> {
    fn of(snapshot: &'a Snapshot, reader: &'a Reader<T>) -> Self {
        let mut named: BTreeMap<Address, Vec<&'a str>> = BTreeMap::new();
        let mut learn = |address, sid| named.entry(key(address)).or_default().push(sid);
        fn each<'a, V>(kind: Kind, list: &'a [Live<V>], learn: &mut dyn FnMut(Address, &'a str)) {
            list.iter().for_each(|live| learn(Address::new(kind, live.name.clone()), &live.sid));
        }
        each(Kind::Activity, &snapshot.activities, &mut learn);
        each(Kind::TaskChannel, &snapshot.task_channels, &mut learn);
        each(Kind::Queue, &snapshot.queues, &mut learn);
        each(Kind::Workflow, &snapshot.workflows, &mut learn);
        each(Kind::Worker, &snapshot.workers, &mut learn);
        for role in &snapshot.roles {
            let name = format!("{}/{}", role.value.0, role.name);
            learn(Address::new(Kind::Role, name), &role.sid);
        }
        learn(Address::workspace(), &snapshot.workspace.sid);
        Self { snapshot, reader, named }
    }

    async fn judge(&self, intent: &Intent) -> Result<Verdict, LiveError> {
        let Intent { address, action, sid, wanted, before, .. } = intent;
        let compare = |(sid, now): Sight| {
            let unmet = wanted.unmet(&now);
            match unmet.is_empty() {
                true => Verdict::Done { sid: Some(sid) },
                false => Verdict::Other { sid, fields: fields(&unmet) },
            }
        };
        Ok(match (action, sid) {
            (Action::Create, _) if address.kind == Kind::Capacity => {
                match self.sight(address, None).await? {
                    Some(seen) => compare(seen),
                    None => Verdict::Undone { sid: None },
                }
            }
            (Action::Create, _) => one_of(self.by_name(address).await?, compare),
            (Action::Update, sid) => match self.sight(address, sid.as_deref()).await? {
                Some((sid, now)) => {
                    let changed = wanted.unmet(before);
                    let untouched =
                        !changed.is_empty() && changed.iter().all(|f| before.get(f) == now.get(f));
                    match untouched {
                        true => Verdict::Undone { sid: Some(sid) },
                        false => compare((sid, now)),
                    }
                }
                None => Verdict::Gone,
            },
            (Action::Replace, sid) => {
                let mut there = self.by_name(address).await?;
                there.retain(|(new, _)| Some(new) != sid.as_ref());
                if there.is_empty() {
                    self.old(address, sid.as_deref()).await?
                } else {
                    one_of(there, compare)
                }
            }
            (Action::Delete, sid) => match self.sight(address, sid.as_deref()).await? {
                Some((sid, _)) => Verdict::Undone { sid: Some(sid) },
                None => Verdict::Done { sid: None },
            },
        })
    }

    /// Of a replace without a new object.
    async fn old(&self, address: &Address, sid: Option<&str>) -> Result<Verdict, LiveError> {
        let aside = aside_name(&address.name);
        let asides = self.by_name(&Address::new(address.kind, aside.clone())).await?;
        Ok(match (self.sight(address, sid).await?, sid) {
            (Some((sid, _)), _) if asides.iter().any(|(other, _)| *other == sid) => {
                Verdict::Halfway { sid, aside }
            }
            (Some((sid, _)), _) => Verdict::Undone { sid: Some(sid) },
            (None, _) => Verdict::Gone,
        })
    }

    /// The objects of this name.
    async fn by_name(&self, address: &Address) -> Result<Vec<Sight>, LiveError> {
        if let Some(sids) = self.named.get(&key(address.clone())) {
            let seen = |sid: &&str| self.snapshot.seen(sid).unwrap_or_default();
            return Ok(sids.iter().map(|sid| ((*sid).to_owned(), seen(sid))).collect());
        }
        if self.holds_all(address.kind) {
            return Ok(Vec::new());
        }
        self.reader.named(&self.snapshot.workspace.sid, address).await
    }

    /// One object, by its sid; a capacity by its worker and channel.
    async fn sight(
        &self,
        address: &Address,
        sid: Option<&str>,
    ) -> Result<Option<Sight>, LiveError> {
        let mut sids = Sids::default();
        let sid = match address.worker_and_channel() {
            None => sid,
            Some((worker, channel)) => {
                let worker = Address::new(Kind::Worker, worker);
                let Some((worker_sid, _)) = self.by_name(&worker).await?.into_iter().next() else {
                    return Ok(None);
                };
                let channels = self.snapshot.worker_channels.get(&worker_sid);
                sids.insert(worker, worker_sid);
                match channels {
                    None => sid.or(Some(channel)),
                    Some(channels) => {
                        let found = channels.iter().find(|live| live.name == channel);
                        let Some(found) = found else { return Ok(None) };
                        Some(found.sid.as_str())
                    }
                }
            }
        };
        let Some(sid) = sid else { return Ok(None) };
        if let Some(seen) = self.snapshot.seen(sid) {
            return Ok(Some((sid.to_owned(), seen)));
        }
        if self.holds_all(address.kind) {
            return Ok(None);
        }
        match self.reader.look(&self.snapshot.workspace.sid, address, sid, &sids).await {
            Ok(look) => Ok(Some((sid.to_owned(), look.seen))),
            Err(LiveError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the snapshot has all objects of a kind.
    fn holds_all(&self, kind: Kind) -> bool {
        match kind {
            Kind::Worker => !self.snapshot.workers.is_empty(),
            Kind::Role => !self.snapshot.roles.is_empty(),
            Kind::Capacity => false,
            Kind::Workspace | Kind::Activity | Kind::TaskChannel | Kind::Queue | Kind::Workflow => {
                true
            }
        }
    }
}

/// Of what was to be made.
fn one_of(mut there: Vec<Sight>, compare: impl FnOnce(Sight) -> Verdict) -> Verdict {
    match there.len() {
        0 => Verdict::Undone { sid: None },
        1 => compare(there.remove(0)),
        _ => Verdict::Several { sids: there.into_iter().map(|(sid, _)| sid).collect() },
    }
}

fn fields(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Workers' names are the same in any case.
fn key(address: Address) -> Address {
    match address.kind {
        Kind::Worker => Address::new(Kind::Worker, address.name.to_lowercase()),
        _ => address,
    }
}
