//! The order of the changes: each can be carried out when those before it have been.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::{Action, Change, Stage};
use crate::model::{Address, Kind, Resource};

/// Puts the changes in order and tells each what it waits for.
pub(super) fn arrange(mut drafts: Vec<Draft>) -> Vec<Change> {
    drafts.sort_by(|a, b| place(&a.change).cmp(&place(&b.change)));
    let mut at: BTreeMap<&Address, Vec<usize>> = BTreeMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        at.entry(&draft.change.address).or_default().push(index);
    }
    let afters: Vec<Vec<usize>> = drafts
        .iter()
        .enumerate()
        .map(|(index, draft)| {
            let mut after: BTreeSet<usize> = BTreeSet::new();
            for address in draft.change.write.iter().flat_map(Resource::references) {
                let made = at.get(&address).into_iter().flatten().copied().filter(|&other| {
                    matches!(drafts[other].change.action, Action::Create | Action::Replace)
                });
                after.extend(made);
            }
            for address in draft.needs.iter().chain([&draft.change.address]) {
                let theirs = at.get(address).map_or(&[][..], Vec::as_slice);
                after.extend(theirs.iter().filter(|&&other| !is_besides(&drafts, draft, other)));
            }
            // What has its place later cannot be waited for.
            after.into_iter().filter(|other| *other < index).collect()
        })
        .collect();
    drafts.into_iter().zip(afters).map(|(draft, after)| Change { after, ..draft.change }).collect()
}

/// Whether `other` deletes what an update before has already taken off the replaced object that
/// `draft` cleans up. Should that deletion be refused, the cleanup goes on.
fn is_besides(drafts: &[Draft], draft: &Draft, other: usize) -> bool {
    let Change { address, action, .. } = &drafts[other].change;
    draft.change.stage == Stage::Cleanup
        && *action == Action::Delete
        && drafts[..other].iter().any(|before| before.change.address == *address)
}

/// Creates and updates along the references, then deletions against them.
fn place(change: &Change) -> (u8, &Address, &Option<String>) {
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
    (rank, address, sid)
}
