//! Drift: a plan told the other way round. Live has changed from the spec; nothing is to be done
//! about it here. Its JSON is a contract: `schemas/drift.schema.json`.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Action, Change, FieldChange, FilterChange, Plan, PlanWorkspace, Refusal, Stage};
use crate::model::{Address, Kind};

/// What is live otherwise than the spec says, as far as the spec owns it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Drift {
    /// The version of this format: 1.
    pub version: u32,
    pub workspace: PlanWorkspace,
    /// In the order in which an apply would come to them.
    pub objects: Vec<Drifted>,
    pub counts: DriftCounts,
}

/// An object that is not as the spec has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Drifted {
    pub address: Address,
    pub drift: DriftKind,
    /// The live object; none when there is none, or when it cannot be told which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Its live name, when that is not the address's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_name: Option<String>,
    /// Owned fields that differ: `before` as the spec has them, `after` as they are live.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// What has happened to the filters of a workflow since they were as the spec has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<FilterChange>,
    /// What else there is to say, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// The last event that may have been this change; none where TaskRouter does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<Author>,
}

/// How an object differs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DriftKind {
    /// It is live, with other values.
    Changed,
    /// The spec declares it, and it is not live.
    Missing,
    /// It is live, and the spec wants it gone: by `removed`, or since whatever it does not declare
    /// goes.
    Extra,
    /// It cannot be told which live object it is.
    Unclear,
}

impl DriftKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Changed, Self::Missing, Self::Extra, Self::Unclear];

    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Unclear => "unclear",
        }
    }
}

/// An event of TaskRouter's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Author {
    /// When, as in RFC 3339.
    pub at: String,
    /// The sid of who did it: of an account, an API key, a user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What kind of thing that is, in TaskRouter's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_type: Option<String>,
    /// Where it came from: `console`, `api`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The IP address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// `workflow.updated`.
    pub event_type: String,
}

/// How many of each.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct DriftCounts {
    pub changed: usize,
    pub missing: usize,
    pub extra: usize,
    pub unclear: usize,
    /// Declared and equal to live.
    pub unchanged: usize,
}

/// Refusals that say that an object could not be found, and not only that it may not be changed.
const UNCLEAR: [&str; 2] = ["duplicate-name", "pin"];

impl Drift {
    /// What a plan would put right. A plan that was asked to prune more than the spec says
    /// would tell too much.
    pub fn of(plan: &Plan) -> Self {
        let mut objects: Vec<Drifted> = Vec::new();
        for change in &plan.changes {
            let Some(drifted) = drifted(change) else { continue };
            // The workspace's fields are two changes.
            let workspace = drifted.address.kind == Kind::Workspace;
            match objects.iter_mut().find(|one| workspace && one.address == drifted.address) {
                Some(known) => known.fields.extend(drifted.fields),
                None => objects.push(drifted),
            }
        }
        for refusal in &plan.refusals {
            let known = objects.iter().any(|one| one.address == refusal.address);
            let concerns_one = refusal.code != "limit";
            if concerns_one && (!known || UNCLEAR.contains(&refusal.code.as_str())) {
                objects.retain(|one| one.address != refusal.address);
                objects.push(unclear(refusal));
            }
        }
        let count = |kind| objects.iter().filter(|one| one.drift == kind).count();
        let counts = DriftCounts {
            changed: count(DriftKind::Changed),
            missing: count(DriftKind::Missing),
            extra: count(DriftKind::Extra),
            unclear: count(DriftKind::Unclear),
            unchanged: plan.counts.unchanged,
        };
        Self { version: 1, workspace: plan.workspace.clone(), objects, counts }
    }

    /// Whether live is as the spec has it.
    pub fn is_none(&self) -> bool {
        self.objects.is_empty()
    }

    /// How many objects of each kind differ in each way; all of them, also those of which there
    /// is none.
    pub fn by_kind(&self) -> BTreeMap<(Kind, DriftKind), usize> {
        let all = Kind::ALL.into_iter().flat_map(|kind| DriftKind::ALL.map(|drift| (kind, drift)));
        let mut counts: BTreeMap<_, usize> = all.map(|key| (key, 0)).collect();
        for one in &self.objects {
            *counts.entry((one.address.kind, one.drift)).or_default() += 1;
        }
        counts
    }
}

fn drifted(change: &Change) -> Option<Drifted> {
    let Change { address, action, stage, sid, renamed_from, fields, filters, reasons, .. } = change;
    // What follows from something else: sent again, taken out after a replace, or set on a
    // channel that comes with its worker.
    let follows = *stage == Stage::Cleanup
        || *action == Action::Update
            && fields.is_empty()
            && filters.is_empty()
            && renamed_from.is_none()
        || address.worker_and_channel().is_some_and(|(_, name)| sid.as_deref() == Some(name));
    if follows {
        return None;
    }
    let drift = match action {
        Action::Create => DriftKind::Missing,
        Action::Update | Action::Replace => DriftKind::Changed,
        Action::Delete => DriftKind::Extra,
    };
    let differs = drift == DriftKind::Changed;
    // Which rule says so; that a field is fixed is of no interest to who only looks.
    let rule = address.kind == Kind::Capacity;
    Some(Drifted {
        address: address.clone(),
        drift,
        sid: sid.clone(),
        live_name: renamed_from.clone(),
        fields: if differs { fields.iter().map(turned).collect() } else { Vec::new() },
        filters: if differs { filters.iter().map(turned_filter).collect() } else { Vec::new() },
        remark: reasons.first().filter(|_| rule).cloned(),
        changed_by: None,
    })
}

fn unclear(refusal: &Refusal) -> Drifted {
    let drift = match UNCLEAR.contains(&refusal.code.as_str()) {
        true => DriftKind::Unclear,
        false => DriftKind::Changed,
    };
    Drifted {
        address: refusal.address.clone(),
        drift,
        sid: None,
        live_name: None,
        fields: Vec::new(),
        filters: Vec::new(),
        remark: Some(refusal.message.clone()),
        changed_by: None,
    }
}

fn turned(change: &FieldChange) -> FieldChange {
    let FieldChange { field, before, after } = change.clone();
    FieldChange { field, before: after, after: before }
}

fn turned_filter(change: &FilterChange) -> FilterChange {
    match change.clone() {
        FilterChange::Added { position, filter } => FilterChange::Removed { position, filter },
        FilterChange::Removed { position, filter } => FilterChange::Added { position, filter },
        FilterChange::Moved { name, from, to } => FilterChange::Moved { name, from: to, to: from },
        FilterChange::Changed { name, position, fields } => {
            let fields = fields.iter().map(turned).collect();
            FilterChange::Changed { name, position, fields }
        }
    }
}

impl Drifted {
    /// Whether an event of this type may be what made the object differ.
    pub fn may_come_of(&self, event_type: &str) -> bool {
        let differs = |field: &str| self.fields.iter().any(|change| change.field == field);
        match (self.drift, event_type) {
            (DriftKind::Extra, event) => event.ends_with(".created"),
            (DriftKind::Missing | DriftKind::Unclear, _) => false,
            (DriftKind::Changed, "task-queue.expression.updated") => differs("target_workers"),
            (DriftKind::Changed, "worker.attributes.update") => {
                self.fields.iter().any(|change| change.field.starts_with("attributes"))
            }
            (DriftKind::Changed, "worker.activity.update") => differs("activity"),
            (DriftKind::Changed, "worker.capacity.update") => differs("capacity"),
            (DriftKind::Changed, "worker.channel.availability.update") => differs("available"),
            (DriftKind::Changed, event) => event.ends_with(".updated"),
        }
    }
}

/// The schema of the document, draft-07, as checked in at `schemas/drift.schema.json`.
pub fn drift_schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<Drift>().to_value()
}
