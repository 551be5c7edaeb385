//! What is live in one environment and not in another, as far as a spec is about it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Action, Change, FieldChange, FilterChange, Options, PlanWorkspace, diff};
use crate::model::{
    Activity, Address, Kind, Model, Queue, Snapshot, TaskChannel, Workflow, Workspace,
};

/// What differs between two live workspaces. No sids: they are never the same.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Promotion {
    /// Where the values come from.
    pub from: PlanWorkspace,
    /// Where they are to go.
    pub to: PlanWorkspace,
    /// Objects of the spec whose owned fields differ.
    pub differences: Vec<Difference>,
    /// Objects of the spec that are live in `from` alone: an apply creates them.
    pub only_from: Vec<Address>,
    /// Objects of the spec that are not live in `from`: there is nothing to carry over.
    pub not_in_from: Vec<Address>,
    /// Objects that the spec does not declare, where they are not the same in both.
    pub undeclared: Vec<Undeclared>,
}

/// An object whose owned fields differ.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Difference {
    pub address: Address,
    /// `before` as it is live in `to`, `after` as it is live in `from`.
    pub fields: Vec<FieldChange>,
    /// Of a workflow, in the same sense.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<FilterChange>,
}

/// An object that the spec does not declare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Undeclared {
    pub address: Address,
    pub live: Whereabouts,
}

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whereabouts {
    OnlyFrom,
    OnlyTo,
    /// In both, with other values.
    Differs,
}

/// What a spec means in an environment, and what is live there.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    pub desired: &'a Model,
    pub live: &'a Snapshot,
}

/// Compares what is live, in names. Workers and capacities are people, and other people elsewhere:
/// they are left out, as are roles, which belong to the account.
pub fn promotion(from: Side<'_>, to: Side<'_>) -> Promotion {
    let (wanted, not_in_from) = carried(to.desired, from.live);
    let plan = diff(&wanted, to.live, &Options::default());
    let back = diff(from.desired, from.live, &Options::default());
    let mut differences: Vec<Difference> = Vec::new();
    let mut only_from = Vec::new();
    for change in plan.changes {
        let Change { address, action, fields, filters, .. } = change;
        match action {
            Action::Delete => {}
            Action::Create => only_from.push(address),
            Action::Update | Action::Replace => {
                match differences.iter_mut().find(|one| one.address == address) {
                    // The workspace's fields are two changes.
                    Some(one) => one.fields.extend(fields),
                    None => differences.push(Difference { address, fields, filters }),
                }
            }
        }
    }
    Promotion {
        undeclared: undeclared(
            from,
            to,
            &back.unmanaged.into_iter().collect(),
            &plan.unmanaged.into_iter().collect(),
        ),
        from: PlanWorkspace {
            account_sid: from.live.account_sid.clone(),
            sid: from.live.workspace.sid.clone(),
            friendly_name: from.live.workspace.name.clone(),
        },
        to: plan.workspace,
        differences,
        only_from,
        not_in_from,
    }
}

/// The declared objects with their owned fields as they are live elsewhere, and those that are not
/// there.
fn carried(desired: &Model, live: &Snapshot) -> (Model, Vec<Address>) {
    let there = live.model();
    let mut missing = Vec::new();
    let model = Model {
        workspace: workspace(&desired.workspace, &there.workspace),
        activities: each(
            Kind::Activity,
            &desired.activities,
            &there.activities,
            &mut missing,
            activity,
        ),
        task_channels: each(
            Kind::TaskChannel,
            &desired.task_channels,
            &there.task_channels,
            &mut missing,
            task_channel,
        ),
        queues: each(Kind::Queue, &desired.queues, &there.queues, &mut missing, queue),
        workflows: each(
            Kind::Workflow,
            &desired.workflows,
            &there.workflows,
            &mut missing,
            workflow,
        ),
        ..Model::default()
    };
    (model, missing)
}

fn each<T>(
    kind: Kind,
    declared: &BTreeMap<String, T>,
    there: &BTreeMap<String, T>,
    missing: &mut Vec<Address>,
    carry: impl Fn(&T, &T) -> T,
) -> BTreeMap<String, T> {
    let mut carried = BTreeMap::new();
    for (name, desired) in declared {
        match there.get(name) {
            Some(live) => {
                carried.insert(name.clone(), carry(desired, live));
            }
            None => missing.push(Address::new(kind, name.clone())),
        }
    }
    carried
}

/// The live value of an owned field.
fn owned<T: Clone>(desired: &Option<T>, live: &Option<T>) -> Option<T> {
    desired.as_ref().and(live.clone())
}

fn workspace(desired: &Workspace, live: &Workspace) -> Workspace {
    let Workspace {
        sid,
        friendly_name,
        event_callback_url,
        events_filter,
        multi_task_enabled,
        prioritize_queue_order,
        default_activity,
        timeout_activity,
    } = desired;
    Workspace {
        // Which workspace it is, is each environment's own.
        sid: sid.clone(),
        friendly_name: friendly_name.clone(),
        event_callback_url: owned(event_callback_url, &live.event_callback_url),
        events_filter: owned(events_filter, &live.events_filter),
        multi_task_enabled: owned(multi_task_enabled, &live.multi_task_enabled),
        prioritize_queue_order: owned(prioritize_queue_order, &live.prioritize_queue_order),
        default_activity: owned(default_activity, &live.default_activity),
        timeout_activity: owned(timeout_activity, &live.timeout_activity),
    }
}

fn activity(desired: &Activity, live: &Activity) -> Activity {
    let Activity { sid, renamed_from, available } = desired;
    Activity {
        sid: sid.clone(),
        renamed_from: renamed_from.clone(),
        available: owned(available, &live.available),
    }
}

fn task_channel(desired: &TaskChannel, live: &TaskChannel) -> TaskChannel {
    let TaskChannel { sid, friendly_name, channel_optimized_routing } = desired;
    TaskChannel {
        sid: sid.clone(),
        friendly_name: owned(friendly_name, &live.friendly_name),
        channel_optimized_routing: owned(
            channel_optimized_routing,
            &live.channel_optimized_routing,
        ),
    }
}

fn queue(desired: &Queue, live: &Queue) -> Queue {
    let Queue {
        sid,
        renamed_from,
        target_workers,
        max_reserved_workers,
        task_order,
        reservation_activity,
        assignment_activity,
    } = desired;
    Queue {
        sid: sid.clone(),
        renamed_from: renamed_from.clone(),
        target_workers: owned(target_workers, &live.target_workers),
        max_reserved_workers: owned(max_reserved_workers, &live.max_reserved_workers),
        task_order: owned(task_order, &live.task_order),
        reservation_activity: owned(reservation_activity, &live.reservation_activity),
        assignment_activity: owned(assignment_activity, &live.assignment_activity),
    }
}

fn workflow(desired: &Workflow, live: &Workflow) -> Workflow {
    let Workflow {
        sid,
        renamed_from,
        assignment_callback_url,
        fallback_assignment_callback_url,
        task_reservation_timeout,
        re_evaluate_tasks: _,
        ignore_filters,
        filters,
        default_filter,
        extra: _,
        unreadable: _,
    } = desired;
    let is_foreign = |name: &str| {
        ignore_filters.iter().any(|glob| wildmatch::WildMatch::new(glob).matches(name))
    };
    let mut there = owned(filters, &live.filters);
    if let Some(there) = &mut there {
        there.retain(|filter| !is_foreign(&filter.name));
    }
    Workflow {
        sid: sid.clone(),
        renamed_from: renamed_from.clone(),
        assignment_callback_url: owned(assignment_callback_url, &live.assignment_callback_url),
        fallback_assignment_callback_url: owned(
            fallback_assignment_callback_url,
            &live.fallback_assignment_callback_url,
        ),
        task_reservation_timeout: owned(task_reservation_timeout, &live.task_reservation_timeout),
        re_evaluate_tasks: None,
        ignore_filters: ignore_filters.clone(),
        filters: there,
        default_filter: owned(default_filter, &live.default_filter),
        extra: BTreeMap::new(),
        unreadable: None,
    }
}

fn undeclared(
    from: Side<'_>,
    to: Side<'_>,
    there: &BTreeSet<Address>,
    here: &BTreeSet<Address>,
) -> Vec<Undeclared> {
    let of = |address: &Address, live| Undeclared { address: address.clone(), live };
    let both: BTreeSet<&Address> = there.intersection(here).collect();
    let differs = diff(&only(&both, &from.live.model()), to.live, &Options::default());
    let differs: BTreeSet<Address> = differs
        .changes
        .into_iter()
        .filter(|change| change.action != Action::Delete)
        .map(|change| change.address)
        .collect();
    let mut found: Vec<Undeclared> = Vec::new();
    // What the other side declares is not undeclared.
    let declared = |model: &Model, address: &Address| match address.kind {
        Kind::Activity => model.activities.contains_key(&address.name),
        Kind::TaskChannel => model.task_channels.contains_key(&address.name),
        Kind::Queue => model.queues.contains_key(&address.name),
        Kind::Workflow => model.workflows.contains_key(&address.name),
        Kind::Workspace | Kind::Worker | Kind::Capacity | Kind::Role => true,
    };
    let one_side = |side: &BTreeSet<Address>, model: &Model, live| -> Vec<Undeclared> {
        side.iter()
            .filter(|address| !both.contains(address) && !declared(model, address))
            .map(|address| of(address, live))
            .collect()
    };
    found.extend(one_side(there, to.desired, Whereabouts::OnlyFrom));
    found.extend(one_side(here, from.desired, Whereabouts::OnlyTo));
    found.extend(
        both.iter()
            .filter(|address| differs.contains(**address))
            .map(|address| of(address, Whereabouts::Differs)),
    );
    found.sort_by(|a, b| a.address.cmp(&b.address));
    found
}

/// These objects of a model and no others.
fn only(addresses: &BTreeSet<&Address>, model: &Model) -> Model {
    fn keep<T: Clone>(
        kind: Kind,
        addresses: &BTreeSet<&Address>,
        all: &BTreeMap<String, T>,
    ) -> BTreeMap<String, T> {
        let is_kept = |name: &str| addresses.contains(&Address::new(kind, name));
        let kept = all.iter().filter(|(name, _)| is_kept(name));
        kept.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
    Model {
        activities: keep(Kind::Activity, addresses, &model.activities),
        task_channels: keep(Kind::TaskChannel, addresses, &model.task_channels),
        queues: keep(Kind::Queue, addresses, &model.queues),
        workflows: keep(Kind::Workflow, addresses, &model.workflows),
        ..Model::default()
    }
}
