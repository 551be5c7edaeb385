//! The execution itself.

use std::cell::RefCell;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::Semaphore;

use super::journal::{Done, Intent, Journal, Unwritten};
use super::removal::{Patience, Teller, remove, whole};
use super::{Held, Outcome, Report, Result};
use crate::live::{ApiError, Class, Edit, LiveError, Sids, Transport, Writer, Written};
use crate::model::{Activity, Address, Fingerprint, Kind, Resource, aside_name, fields_of};
use crate::plan::{Action, Change, Note, Plan, Stage};

/// How to carry a plan out.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Changes under way at once, at least 1.
    pub parallelism: usize,
    /// Where every change is written down before it is made. What cannot be written down is not
    /// made.
    pub journal: Option<&'a dyn Journal>,
    /// How long all deletions together wait for tasks that still need what is to be deleted.
    pub removal_timeout: Duration,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { parallelism: 1, journal: None, removal_timeout: Duration::from_secs(120) }
    }
}

/// What happens while a plan is carried out.
#[derive(Debug)]
pub enum Event<'a> {
    /// A change was begun.
    Started(&'a Change),
    /// A deletion waits for tasks.
    Waiting(&'a Change, &'a Held),
    /// A change has its outcome.
    Finished(&'a Change, &'a Outcome),
}

/// Why something was skipped.
const INTERRUPTED: &str = "the run was interrupted";

/// Carries out `plan`. `sids` are those of the snapshot that the plan was made from; on return
/// they hold what was created and no longer what was deleted. Once the writer is to stop, nothing
/// new is begun.
pub async fn apply<T: Transport>(
    plan: &Plan,
    writer: &Writer<T>,
    sids: &mut Sids,
    options: &Options<'_>,
    observe: &mut dyn FnMut(Event<'_>),
) -> Report {
    // The plan knows which of two objects with one name is meant.
    for (address, sid) in &plan.sids {
        sids.insert(address.clone(), sid);
    }
    for change in &plan.changes {
        // A renamed object has its sid under the live name so far.
        if let (Action::Update, Some(sid)) = (change.action, &change.sid)
            && change.address.kind != Kind::Capacity
        {
            sids.insert(change.address.clone(), sid);
        }
    }
    let mut outcomes: Vec<Option<Outcome>> = vec![None; plan.changes.len()];
    let mut waiting: Vec<usize> = plan.changes.iter().map(|change| change.after.len()).collect();
    let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); plan.changes.len()];
    for (index, change) in plan.changes.iter().enumerate() {
        for &before in &change.after {
            dependents[before].push(index);
        }
    }
    let mut ready: std::collections::BTreeSet<usize> =
        (0..plan.changes.len()).filter(|&index| waiting[index] == 0).collect();
    // What each object looks like after what this run has done to it.
    let mut seen = plan.seen.clone();
    let patience = Patience::new(options.removal_timeout);
    let mut interrupted = false;
    let observe = RefCell::new(observe);
    let parallelism = options.parallelism.max(1);
    let slots = Semaphore::new(parallelism);
    let mut running = FuturesUnordered::new();
    let ahead = options.journal.map_or(0, |_| ahead(plan, writer));

    loop {
        while running.len() < parallelism + ahead {
            let Some(index) = ready.pop_first() else { break };
            let change = &plan.changes[index];
            let skip = if writer.is_stopped() {
                interrupted = true;
                Some(INTERRUPTED.to_owned())
            } else {
                broken_dependency(plan, change, &outcomes)
            };
            if let Some(because) = skip {
                let outcome = Outcome::Skipped { because };
                observe.borrow_mut()(Event::Finished(change, &outcome));
                outcomes[index] = Some(outcome);
                release(index, &dependents, &mut waiting, &mut ready);
            } else {
                let site = Site {
                    writer,
                    workspace: &plan.workspace.sid,
                    sids: needed(change, sids),
                    seen: change.sid.as_ref().and_then(|sid| seen.get(sid)).cloned(),
                    is_still_used: still_used(plan, change).next().is_some(),
                };
                let (slots, observe, patience) = (&slots, &observe, &patience);
                running.push(async move {
                    if let Some(journal) = options.journal {
                        let intent = Intent::of(index, change, site.seen.as_ref(), &site.sids);
                        if let Err(unwritten) = journal.intend(intent).await {
                            return (index, Err(unwritten.into()));
                        }
                    }
                    let _slot = slots.acquire().await;
                    if writer.is_stopped() {
                        return (index, Err(Stopped::Interrupted.into()));
                    }
                    observe.borrow_mut()(Event::Started(change));
                    let teller = Teller { observe, patience };
                    (index, carry_out(&site, change, &teller).await)
                });
            }
        }
        let Some((index, done)) = running.next().await else { break };
        let change = &plan.changes[index];
        let outcome = match done {
            Ok(done) => {
                let sid = done.as_ref().map(|written| written.sid.clone());
                if let Some(Written { sid, seen: Some(now) }) = done {
                    seen.insert(sid, now);
                }
                match &sid {
                    Some(_) if change.address.kind == Kind::Capacity => {}
                    Some(sid) => sids.insert(change.address.clone(), sid),
                    // What was replaced has left its address to its successor.
                    None if sids.get(&change.address) == change.sid.as_deref() => {
                        sids.remove(&change.address);
                    }
                    None => {}
                }
                Outcome::Applied { sid }
            }
            Err(trouble) => {
                interrupted |= trouble.error.is_interruption()
                    || matches!(trouble.error, Stopped::Held { .. }) && writer.is_stopped();
                failed(plan, change, trouble)
            }
        };
        if let Some(journal) = options.journal {
            journal.done(Done::of(index, &outcome));
        }
        observe.borrow_mut()(Event::Finished(change, &outcome));
        outcomes[index] = Some(outcome);
        release(index, &dependents, &mut waiting, &mut ready);
    }

    let results = plan.changes.iter().zip(outcomes).map(|(change, outcome)| Result {
        address: change.address.clone(),
        action: change.action,
        stage: change.stage,
        outcome: outcome.expect("every change becomes ready, since `after` points backwards"),
    });
    Report::new(results.collect(), interrupted)
}

/// How many changes are written down before their turn, so that one wait for the disk serves many:
/// as many as can be sent in a tenth of a second.
fn ahead<T>(plan: &Plan, writer: &Writer<T>) -> usize {
    const MOST: f64 = 64.0;
    let kinds = plan.changes.iter().map(|change| change.address.kind);
    let rates = kinds.map(|kind| writer.rate(Class::of_write(kind)).unwrap_or(f64::INFINITY));
    (rates.fold(0.0, f64::max) / 10.0).min(MOST) as usize
}

fn release(
    index: usize,
    dependents: &[Vec<usize>],
    waiting: &mut [usize],
    ready: &mut std::collections::BTreeSet<usize>,
) {
    for &dependent in &dependents[index] {
        waiting[dependent] -= 1;
        if waiting[dependent] == 0 {
            ready.insert(dependent);
        }
    }
}

fn broken_dependency(plan: &Plan, change: &Change, outcomes: &[Option<Outcome>]) -> Option<String> {
    change.after.iter().find_map(|&before| match &outcomes[before] {
        Some(Outcome::Applied { .. }) => None,
        Some(Outcome::Skipped { .. }) => {
            Some(format!("{} was skipped", plan.changes[before].address))
        }
        _ => Some(format!("{} was not applied", plan.changes[before].address)),
    })
}

/// The sids that one change may need: of what it refers to, and of a capacity's worker.
fn needed(change: &Change, sids: &Sids) -> Sids {
    let mut known = Sids::default();
    let mut learn = |address: Address| {
        if let Some(sid) = sids.get(&address) {
            known.insert(address, sid);
        }
    };
    learn(Address::workspace());
    for address in change.write.iter().flat_map(Resource::references) {
        learn(address);
    }
    if let Some((worker, _)) = change.address.worker_and_channel() {
        learn(Address::new(Kind::Worker, worker));
    }
    known
}

/// Why a change was not carried out, and what is left of the attempt.
pub(super) struct Trouble {
    pub(super) error: Stopped,
    left: Option<String>,
}

/// What stopped a change.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stopped {
    #[error(transparent)]
    Live(#[from] LiveError),
    #[error("{INTERRUPTED}")]
    Interrupted,
    #[error(transparent)]
    Unwritten(#[from] Unwritten),
    #[error("somebody else has changed {} since the plan was made", fields.join(", "))]
    Moved { fields: Vec<String> },
    #[error("{held}, after a wait of {}: {refusal}", whole(*.waited))]
    Held { held: Held, waited: Duration, refusal: ApiError },
}

impl Stopped {
    fn is_interruption(&self) -> bool {
        matches!(self, Self::Interrupted | Self::Live(LiveError::Stopped { .. }))
    }
}

impl<E: Into<Stopped>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self { error: error.into(), left: None }
    }
}

/// Where one change is made, and what is known of it.
pub(super) struct Site<'a, T> {
    pub(super) writer: &'a Writer<T>,
    pub(super) workspace: &'a str,
    sids: Sids,
    /// What the object looked like; none for one that this run has made.
    seen: Option<Fingerprint>,
    /// Whether the plan leaves something that refers to it.
    pub(super) is_still_used: bool,
}

async fn carry_out<T: Transport>(
    site: &Site<'_, T>,
    change: &Change,
    teller: &Teller<'_, '_>,
) -> std::result::Result<Option<Written>, Trouble> {
    let Change { address, action, sid, renamed_from, write, .. } = change;
    let Site { writer, workspace, sids, .. } = site;
    let sid = || sid.as_deref().expect("a change of a live object has its sid");
    let write = || write.as_ref().expect("what is not a delete has something to send");
    match action {
        Action::Create => Ok(Some(writer.create(workspace, address, write(), sids).await?)),
        Action::Update => {
            let revision = unmoved(site, change).await?;
            let new_name = renamed_from.as_ref().map(|_| address.name.as_str());
            let revision = revision.as_deref();
            let edit = Edit { sid: sid(), resource: write(), new_name, revision };
            Ok(Some(writer.update(workspace, address, edit, sids).await?))
        }
        Action::Replace => {
            unmoved(site, change).await?;
            // Two live objects must never share the name, not even for a moment.
            let nothing = Resource::Activity(Activity::default());
            let rename = |name| Edit {
                sid: sid(),
                resource: &nothing,
                new_name: Some(name),
                revision: None,
            };
            let aside = aside_name(&address.name);
            writer.update(workspace, address, rename(&aside), sids).await?;
            // Half a replace helps nobody.
            let writer = writer.to_the_end();
            let aside = format!("the old one is named {aside} now");
            match writer.create(workspace, address, write(), sids).await {
                Ok(written) => Ok(Some(written)),
                Err(error) if error.is_ambiguous() => {
                    Err(Trouble { error: error.into(), left: Some(aside) })
                }
                Err(error) => {
                    // If the name does not go back either, the next plan finds the name aside.
                    let back = renamed_from.as_ref().unwrap_or(&address.name);
                    let back = writer.update(workspace, address, rename(back), sids).await;
                    let left = back.err().map(|lost| match lost {
                        LiveError::Deadline { .. } => aside,
                        lost => format!("{aside}: {lost}"),
                    });
                    Err(Trouble { error: error.into(), left })
                }
            }
        }
        Action::Delete => remove(site, change, teller).await.map(|()| None),
    }
}

/// Deletes an object, once.
pub(super) async fn delete<T: Transport>(
    site: &Site<'_, T>,
    change: &Change,
) -> std::result::Result<(), Trouble> {
    let sid = change.sid.as_deref().expect("a change of a live object has its sid");
    match unmoved(site, change).await {
        // Gone already is done.
        Err(Trouble { error: Stopped::Live(LiveError::NotFound(_)), .. }) => Ok(()),
        revision => {
            let (address, revision) = (&change.address, revision?);
            let deleted = site.writer.delete(site.workspace, address, sid, revision.as_deref());
            Ok(deleted.await?)
        }
    }
}

/// What the plan says of references to the object that it leaves alone.
fn still_used<'a>(plan: &'a Plan, change: &'a Change) -> impl Iterator<Item = &'a Note> {
    let of = |note: &&Note| note.code == "still-used" && note.address == change.address;
    plan.notes.iter().filter(of)
}

/// Reads the object once more and makes sure that nobody has changed what is about to be
/// overwritten. Gives its revision, where the API has such a thing.
async fn unmoved<T: Transport>(
    site: &Site<'_, T>,
    change: &Change,
) -> std::result::Result<Option<String>, Trouble> {
    let (Some(seen), Some(sid)) = (&site.seen, &change.sid) else { return Ok(None) };
    let look = site.writer.look(site.workspace, &change.address, sid, &site.sids).await?;
    let mut moved = seen.moved(&look.seen);
    if let Some(write) = &change.write {
        let renames = change.renamed_from.is_some() || change.action == Action::Replace;
        let mine = fields_of(write);
        moved.retain(|field| mine.contains(field) || renames && *field == "friendly_name");
    } else if change.stage == Stage::Cleanup {
        // It was renamed aside, by this run or an earlier one.
        moved.remove("friendly_name");
    }
    if moved.is_empty() {
        return Ok(look.revision);
    }
    let fields = moved.into_iter().map(str::to_owned).collect();
    Err(Trouble { error: Stopped::Moved { fields }, left: None })
}

fn failed(plan: &Plan, change: &Change, Trouble { error, left }: Trouble) -> Outcome {
    let told = match &left {
        Some(left) => format!("{error}; {left}"),
        None => error.to_string(),
    };
    match &error {
        Stopped::Live(LiveError::Ambiguous { .. }) => return Outcome::Unknown { error: told },
        Stopped::Live(LiveError::Deadline { .. }) if left.is_none() => {
            return Outcome::Skipped { because: told };
        }
        Stopped::Unwritten(_) => return Outcome::Skipped { because: told },
        error if error.is_interruption() => {
            return Outcome::Skipped { because: INTERRUPTED.to_owned() };
        }
        _ => {}
    }
    let mut hints: Vec<String> =
        still_used(plan, change).map(|note| note.message.clone()).collect();
    match &error {
        Stopped::Live(LiveError::NotFound(_)) if change.action != Action::Create => {
            let address = &change.address;
            hints.push(format!("{address} was deleted after the plan was made; plan again"));
        }
        Stopped::Moved { .. } | Stopped::Live(LiveError::Moved(_) | LiveError::Appeared { .. }) => {
            hints.push("nothing of theirs was overwritten; plan again to see it".to_owned());
        }
        Stopped::Held { held, .. } => hints.push(held.advice()),
        Stopped::Live(_) | Stopped::Interrupted | Stopped::Unwritten(_) => {}
    }
    Outcome::Failed { error: told, hints }
}
