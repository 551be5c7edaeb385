//! Changes as they are found, before they have their places.

use std::collections::BTreeSet;

use super::fields::Fields;
use super::{Action, Change, FilterChange, Note, Refusal, Stage};
use crate::model::{Address, Resource};

/// A change and what it waits for.
#[derive(Debug)]
pub(super) struct Draft {
    /// Its `after` is still empty.
    pub(super) change: Change,
    /// Whatever happens to these comes before, as far as it has its place before.
    pub(super) needs: BTreeSet<Address>,
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) drafts: Vec<Draft>,
    pub(super) refusals: Vec<Refusal>,
    pub(super) notes: Vec<Note>,
    /// Declared and equal to live.
    pub(super) unchanged: usize,
}

/// Differences of a live object.
#[derive(Debug)]
pub(super) struct Difference<'a> {
    pub(super) address: Address,
    pub(super) stage: Stage,
    pub(super) sid: &'a str,
    /// The live name.
    pub(super) name: &'a str,
    pub(super) fields: Fields,
    pub(super) filters: Vec<FilterChange>,
    /// A reason alone makes an update too: something is sent again.
    pub(super) reasons: Vec<String>,
    pub(super) write: Resource,
}

impl Findings {
    /// A new object.
    pub(super) fn create(
        &mut self,
        address: Address,
        fields: Fields,
        write: Resource,
    ) -> &mut Draft {
        self.push(Change {
            address,
            action: Action::Create,
            stage: Stage::Main,
            sid: None,
            renamed_from: None,
            fields: fields.changes,
            filters: Vec::new(),
            reasons: Vec::new(),
            write: Some(write),
            after: Vec::new(),
        })
    }

    /// An update, when there is any difference.
    pub(super) fn update(&mut self, difference: Difference<'_>) -> bool {
        let Difference { address, stage, sid, name, fields, filters, reasons, write } = difference;
        let renamed = !name.is_empty() && name != address.name;
        if fields.is_empty() && filters.is_empty() && reasons.is_empty() && !renamed {
            return false;
        }
        self.push(Change {
            address,
            action: Action::Update,
            stage,
            sid: Some(sid.to_owned()),
            renamed_from: renamed.then(|| name.to_owned()),
            fields: fields.changes,
            filters,
            reasons,
            write: Some(write),
            after: Vec::new(),
        });
        true
    }

    /// A deletion, after what is in `needs`.
    pub(super) fn delete(
        &mut self,
        address: Address,
        stage: Stage,
        sid: &str,
        reason: Option<String>,
        needs: BTreeSet<Address>,
    ) {
        let draft = self.push(Change {
            address,
            action: Action::Delete,
            stage,
            sid: Some(sid.to_owned()),
            renamed_from: None,
            fields: Vec::new(),
            filters: Vec::new(),
            reasons: reason.into_iter().collect(),
            write: None,
            after: Vec::new(),
        });
        draft.needs = needs;
    }

    pub(super) fn push(&mut self, change: Change) -> &mut Draft {
        self.drafts.push(Draft { change, needs: BTreeSet::new() });
        let last = self.drafts.len() - 1;
        &mut self.drafts[last]
    }

    pub(super) fn note(&mut self, code: &str, address: Address, message: String) {
        self.notes.push(Note { code: code.to_owned(), address, message });
    }

    pub(super) fn refuse(&mut self, code: &str, address: Address, message: String, help: String) {
        self.refusals.push(Refusal { code: code.to_owned(), address, message, help });
    }
}
