//! From what is wanted and what is live to a plan.

use std::collections::{BTreeMap, BTreeSet};

use super::context::Context;
use super::draft::Findings;
use super::identity::{Identity, Paired};
use super::names::Names;
use super::{Action, Change, Choice, Counts, Plan, PlanWorkspace, Stage};
use super::{adopt, advice, choice, guard, kinds, order, prune};
use crate::model::{Address, AddressPattern, Fingerprint, Kind, Model, Part, Resource, Snapshot};

/// What the command line decides.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--allow-replace`.
    pub allow_replace: Vec<AddressPattern>,
    /// `--prune`: delete what is undeclared, of the kinds whose policy is `report` or `prune`;
    /// workers only where the spec says so itself.
    pub prune: bool,
    /// `--only` and `--exclude`.
    pub choice: Choice,
}

/// Compares field by field. Pure.
pub fn diff(desired: &Model, live: &Snapshot, options: &Options) -> Plan {
    let mut found = Findings::default();
    let identity = Identity::of(desired, live, &mut found.refusals, &mut found.notes);
    let names = Names::of(&identity);
    let desired = &*adopt::adopt(desired, live, &names);
    let cx = Context::new(desired, live, options, identity, names);
    kinds::compare(&cx, &mut found);
    let unmanaged = prune::prune(&cx, &mut found);
    advice::advise(&cx, &mut found);

    let Findings { drafts, mut refusals, mut notes, unchanged } = found;
    let changes = order::arrange(drafts);
    let (changes, left_out) = choice::choose(&options.choice, changes, &mut refusals, &mut notes);
    refusals.extend(guard::refusals(&changes, live, &desired.limits));
    Plan {
        version: 1,
        workspace: PlanWorkspace {
            account_sid: live.account_sid.clone(),
            sid: live.workspace.sid.clone(),
            friendly_name: live.workspace.name.clone(),
        },
        counts: count(&changes, unchanged, unmanaged.len()),
        sids: sids(&cx, &changes),
        seen: seen(live, &changes),
        left_out,
        routing: None,
        changes,
        refusals,
        notes,
        unmanaged,
    }
}

/// What the objects under change looked like.
fn seen(live: &Snapshot, changes: &[Change]) -> BTreeMap<String, Fingerprint> {
    let sids = changes.iter().filter_map(|change| change.sid.as_ref());
    sids.filter_map(|sid| Some((sid.clone(), live.seen(sid)?))).collect()
}

fn count(changes: &[Change], unchanged: usize, unmanaged: usize) -> Counts {
    let of = |action| changes.iter().filter(|change| change.action == action).count();
    let replace = of(Action::Replace);
    let cleanups = changes
        .iter()
        .filter(|change| change.stage == Stage::Cleanup)
        .filter(|cleanup| {
            changes
                .iter()
                .any(|change| change.action == Action::Replace && change.address == cleanup.address)
        })
        .count();
    Counts {
        create: of(Action::Create),
        update: of(Action::Update),
        replace,
        delete: of(Action::Delete) - cleanups,
        unchanged,
        unmanaged,
    }
}

/// The live sids that carrying out the changes and writing the outputs takes.
fn sids(cx: &Context<'_>, changes: &[Change]) -> BTreeMap<Address, String> {
    let workers = changes.iter().filter_map(|change| {
        let (worker, _) = change.address.worker_and_channel()?;
        Some(Address::new(Kind::Worker, worker))
    });
    let written = changes.iter().flat_map(|change| &change.write).flat_map(Resource::references);
    let told = cx.desired.outputs.iter().flat_map(|output| &output.values);
    let told = told.flat_map(|(_, text)| text.parts()).filter_map(|part| match part {
        Part::Sid(address) => Some(address.clone()),
        Part::Str(_) => None,
    });
    let wanted: BTreeSet<Address> = workers.chain(written).chain(told).collect();

    let identity = &cx.identity;
    let mut known = BTreeMap::new();
    if wanted.contains(&Address::workspace()) {
        known.insert(Address::workspace(), cx.live.workspace.sid.clone());
    }
    learn(&mut known, &wanted, Kind::Activity, &identity.activities);
    learn(&mut known, &wanted, Kind::TaskChannel, &identity.task_channels);
    learn(&mut known, &wanted, Kind::Queue, &identity.queues);
    learn(&mut known, &wanted, Kind::Workflow, &identity.workflows);
    learn(&mut known, &wanted, Kind::Worker, &identity.workers);
    known
}

/// An undeclared object gives way to a declared one that takes its name.
fn learn<T>(
    known: &mut BTreeMap<Address, String>,
    wanted: &BTreeSet<Address>,
    kind: Kind,
    paired: &Paired<'_, T>,
) {
    if !wanted.iter().any(|address| address.kind == kind) {
        return;
    }
    for (live, address) in paired.addressed(kind).filter(|(_, address)| wanted.contains(address)) {
        known.entry(address).or_insert_with(|| live.sid.clone());
    }
}
