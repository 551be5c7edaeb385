//! The lines of a journal.

use serde::{Deserialize, Serialize};

use crate::apply::{Outcome, Totals};
use crate::live::{Sids, wanted_by_create, wanted_by_update};
use crate::model::{Address, Fingerprint};
use crate::plan::{Action, Change, Stage};

/// The version of the lines that are written here.
pub const VERSION: u32 = 1;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When it was written, as in RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    #[serde(flatten)]
    pub entry: Entry,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// A run begins.
    Run(Run),
    /// A change is about to be made.
    Intent(Intent),
    /// What became of it.
    Outcome(Done),
    /// The run has come to its end and was reported.
    End(Totals),
}

/// Which run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// [`VERSION`].
    pub version: u32,
    pub account_sid: String,
    pub workspace_sid: String,
    /// How many changes its plan has.
    pub changes: usize,
}

/// A change that is about to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Its place in the plan, from 0.
    pub change: usize,
    pub address: Address,
    pub action: Action,
    #[serde(default)]
    pub stage: Stage,
    /// As [`crate::plan::Change::sid`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Of what is to be set; a name too when there is a new one.
    #[serde(default)]
    pub wanted: Fingerprint,
    /// Of what the object was like before.
    #[serde(default)]
    pub before: Fingerprint,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Its place in the plan.
    pub change: usize,
    pub outcome: Ending,
    /// Of the object that is there now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

/// An outcome without its words, which may hold values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    Applied,
    Failed,
    Unknown,
    Skipped,
}

impl Intent {
    /// The change at this place of a plan; `before` is what its object is like.
    pub(in crate::apply) fn of(
        place: usize,
        change: &Change,
        before: Option<&Fingerprint>,
        sids: &Sids,
    ) -> Self {
        let Change { address, action, stage, sid, write, renamed_from, .. } = change;
        let wanted = match (action, write) {
            (Action::Delete, _) | (_, None) => Ok(Fingerprint::default()),
            (Action::Create | Action::Replace, Some(write)) => {
                wanted_by_create(address, write, sids)
            }
            (Action::Update, Some(write)) => {
                let new_name = renamed_from.as_ref().map(|_| address.name.as_str());
                wanted_by_update(address, write, new_name, sids)
            }
        };
        Self {
            change: place,
            address: address.clone(),
            action: *action,
            stage: *stage,
            sid: sid.clone(),
            // What cannot be put into a request is not sent.
            wanted: wanted.unwrap_or_default(),
            before: before.cloned().unwrap_or_default(),
        }
    }
}

impl Done {
    /// The outcome of the change at this place.
    pub fn of(change: usize, outcome: &Outcome) -> Self {
        let (outcome, sid) = match outcome {
            Outcome::Applied { sid } => (Ending::Applied, sid.clone()),
            Outcome::Failed { .. } => (Ending::Failed, None),
            Outcome::Unknown { .. } => (Ending::Unknown, None),
            Outcome::Skipped { .. } => (Ending::Skipped, None),
        };
        Self { change, outcome, sid }
    }
}
