//! The plan itself. Its JSON is a contract: `schemas/plan.schema.json`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::LeftOut;
use crate::model::{Address, Filter, Fingerprint, Kind, Resource};
use crate::routing::compare::RoutingDiff;

/// Ordered changes, and what there is to say about them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Plan {
    /// The version of this format: 1.
    pub version: u32,
    /// Where the changes would be made.
    pub workspace: PlanWorkspace,
    /// In an order in which they can be carried out one by one.
    pub changes: Vec<Change>,
    /// What must not happen; a plan with refusals is not applied, not even in part.
    pub refusals: Vec<Refusal>,
    /// What people should know: affected tasks, renames that were probably meant, warnings.
    pub notes: Vec<Note>,
    /// Live objects that the spec does not declare and that are left alone (policy `report`).
    pub unmanaged: Vec<Address>,
    /// Sums over `changes`.
    pub counts: Counts,
    /// The live sids of what the writes and the outputs refer to, and of the workers whose
    /// capacities change. What the plan creates is not here; what it replaces is here with the
    /// sid that it has until then.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sids: BTreeMap<Address, String>,
    /// What each object that a change updates, replaces or deletes looked like, by sid.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seen: BTreeMap<String, Fingerprint>,
    /// What `--only` and `--exclude` have left out; none without them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
    /// Tasks that go elsewhere once it is carried out, and workers who come into queues or leave
    /// them; the first of each. None when there are none that were found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing: Option<RoutingDiff>,
}

/// The live workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PlanWorkspace {
    pub account_sid: String,
    pub sid: String,
    pub friendly_name: String,
}

/// What happens to a resource.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Create,
    Update,
    /// A new object takes the place of the live one, which is renamed aside (`Lunch (replaced by flexctl)`)
    /// and deleted by a change of the stage `cleanup` once everything refers to its successor.
    Replace,
    Delete,
}

/// When, among the changes to one address, this one happens.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The change proper.
    #[default]
    Main,
    /// Fields of the workspace that name activities, after the activities.
    References,
    /// The deletion of what was replaced, after everything refers to its successor.
    Cleanup,
}

/// What happens to one address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Change {
    pub address: Address,
    pub action: Action,
    #[serde(default)]
    pub stage: Stage,
    /// The live object; none for a create. For a capacity the worker channel, by the channel's
    /// unique name as long as there is none yet (the plan creates its worker or its channel).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The live name, when it is not the address's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// Owned fields that differ (all that are set, for a create).
    pub fields: Vec<FieldChange>,
    /// For a workflow: what happens to its list of filters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<FilterChange>,
    /// Why, for people: `activity.Lunch is replaced`, `capacity rule everyone`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// The fields that are sent, names for sids; none for a delete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write: Option<Resource>,
    /// Indices into `changes` of what must be applied before; each is smaller than this
    /// change's own.
    pub after: Vec<usize>,
}

/// The two values of a field; null where there is none. Names stand for sids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FieldChange {
    /// TaskRouter's name for it, snake case; in a filter also `targets[1].queue`, `targets[2]`.
    pub field: String,
    pub before: Value,
    pub after: Value,
}

/// What happens to one filter of a workflow. Positions are 1-based, also those in brackets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum FilterChange {
    /// New at `position`.
    Added { position: usize, filter: Filter },
    /// Gone from `position` of the live list.
    Removed { position: usize, filter: Filter },
    /// The same filter elsewhere.
    Moved { name: String, from: usize, to: usize },
    /// Its fields differ.
    Changed { name: String, position: usize, fields: Vec<FieldChange> },
}

/// Why the plan may not be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Refusal {
    /// Stable: `replace-not-allowed`, `duplicate-name`, `protected`, `limit`, `pin`, `one-way`,
    /// `left-out`.
    pub code: String,
    pub address: Address,
    pub message: String,
    /// The exact way out.
    pub help: String,
}

/// Something people should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Note {
    /// Stable: `tasks-affected`, `rename-proposed`, `rename-done`, `still-used`, `tasks-waiting`,
    /// `duplicate-name`, `protected`, `unreadable`, `no-channel`.
    pub code: String,
    pub address: Address,
    pub message: String,
}

impl Note {
    /// `held` says which tasks are in what the plan deletes; `senders` are workflows that the plan
    /// changes and whose tasks could be evaluated again with that.
    pub fn tasks_waiting(
        address: &Address,
        held: &impl fmt::Display,
        senders: &[&Address],
    ) -> Self {
        let mut message = format!("{held}; TaskRouter deletes it only when they are done with it");
        if !senders.is_empty() {
            let senders: Vec<String> = senders.iter().map(ToString::to_string).collect();
            message.push_str("; `re_evaluate_tasks: true` under ");
            message.push_str(&senders.join(", "));
            message.push_str(" moves those that are pending with this change");
        }
        Self { code: "tasks-waiting".to_owned(), address: address.clone(), message }
    }
}

/// How many of each.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Counts {
    pub create: usize,
    pub update: usize,
    /// A replace's cleanup is not counted again.
    pub replace: usize,
    pub delete: usize,
    /// Declared and equal to live.
    pub unchanged: usize,
    /// By policy `report`.
    pub unmanaged: usize,
}

impl Plan {
    /// Whether nothing would be sent.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The changes of one kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.address.kind == kind)
    }

    /// Whether it can be carried out at all: every change has what its action needs, and waits for
    /// earlier ones only. One with refusals never is.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |(at, change): (usize, &Change)| {
            let Change { action, sid, write, after, .. } = change;
            (*action == Action::Create || sid.is_some())
                && (*action == Action::Delete || write.is_some())
                && after.iter().all(|before| *before < at)
        };
        !self.refusals.is_empty() || self.changes.iter().enumerate().all(sound)
    }
}
