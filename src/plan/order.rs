//! The order of the changes: each can be carried out when those before it have been.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::{Action, Change, Stage};
use crate::model::{Address, Kind, Resource};

/// Puts the changes in order and tells each what it waits for.
pub(super) fn arrange(drafts: Vec<Draft>) -> Vec<Change> {
    let mut drafts: Vec<(usize, Draft)> = turns(&drafts).into_iter().zip(drafts).collect();
    drafts.sort_by(|(a_turn, a), (b_turn, b)| {
        place(&a.change, *a_turn).cmp(&place(&b.change, *b_turn))
    });
    let drafts: Vec<Draft> = drafts.into_iter().map(|(_, draft)| draft).collect();
    let mut at: BTreeMap<&Address, Vec<usize>> = BTreeMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        at.entry(&draft.change.address).or_default().push(index);
    }
    let freed: BTreeMap<Address, usize> = drafts
        .iter()
        .enumerate()
        .filter_map(|(index, draft)| Some((freed(&draft.change)?, index)))
        .collect();
    let afters: Vec<Vec<usize>> = drafts
        .iter()
        .enumerate()
        .map(|(index, draft)| {
            let mut after: BTreeSet<usize> = BTreeSet::new();
            for address in draft.change.write.iter().flat_map(Resource::references) {
                let made = at.get(&address).into_iter().flatten().copied();
                after.extend(made.filter(|&other| gets_its_name(&drafts[other].change)));
            }
            for address in draft.needs.iter().chain([&draft.change.address]) {
                let theirs = at.get(address).map_or(&[][..], Vec::as_slice);
                let sent = |at: &&usize| drafts[**at].change.action != Action::Delete;
                if draft.change.stage == Stage::Cleanup && theirs.iter().any(|at| sent(&at)) {
                    // What was sent again has let go, whether it can be deleted then or not.
                    after.extend(theirs.iter().filter(sent));
                } else {
                    after.extend(theirs);
                }
            }
            if gets_its_name(&draft.change) {
                after.extend(freed.get(&draft.change.address));
            }
            // What has its place later cannot be waited for.
            after.into_iter().filter(|other| *other < index).collect()
        })
        .collect();
    drafts.into_iter().zip(afters).map(|(draft, after)| Change { after, ..draft.change }).collect()
}

/// Whether a live object has the address's name only once this is done. A filter that holds the
/// new name of a queue is of no use before.
fn gets_its_name(change: &Change) -> bool {
    matches!(change.action, Action::Create | Action::Replace) || change.renamed_from.is_some()
}

/// The name that nobody has once this is done.
fn freed(change: &Change) -> Option<Address> {
    Some(Address::new(change.address.kind, change.renamed_from.clone()?))
}

/// For each change how many others must have let go of a name before it can take its own. Where
/// names go round in a circle nobody can begin, and TaskRouter says so.
fn turns(drafts: &[Draft]) -> Vec<usize> {
    let freed: BTreeMap<Address, &Change> =
        drafts.iter().filter_map(|draft| Some((freed(&draft.change)?, &draft.change))).collect();
    let before = |change: &Change| {
        gets_its_name(change).then(|| freed.get(&change.address).copied()).flatten()
    };
    let chain = |draft: &Draft| {
        std::iter::successors(before(&draft.change), |change| before(change)).take(freed.len())
    };
    drafts.iter().map(|draft| chain(draft).count()).collect()
}

/// Creates and updates along the references, then deletions against them.
fn place(change: &Change, turn: usize) -> (u8, usize, &Address, &Option<String>) {
    let Change { address, action, stage, sid, .. } = change;
    let rank = match (action, stage, address.kind) {
        (Action::Create | Action::Update | Action::Replace, stage, kind) => match (kind, stage) {
            (Kind::Workspace, Stage::Main) => 0,
            (Kind::Activity, _) => 1,
            (Kind::Workspace, _) => 2,
            (Kind::TaskChannel, _) => 3,
            (Kind::Queue, _) => 4,
            (Kind::Workflow, _) => 5,
            (Kind::Worker, _) => 6,
            (Kind::Capacity, _) => 7,
            (Kind::Role, _) => 8,
        },
        (Action::Delete, _, kind) => match kind {
            Kind::Workflow => 9,
            Kind::Queue => 10,
            Kind::TaskChannel => 11,
            Kind::Worker => 12,
            Kind::Capacity | Kind::Role | Kind::Workspace => 13,
            Kind::Activity => 14,
        },
    };
    (rank, turn, address, sid)
}
