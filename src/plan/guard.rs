//! The guard against implausible plans: a share of each kind's live objects may be updated and
//! deleted, no more.

use std::collections::BTreeSet;

use super::{Action, Change, Plan, Refusal, Stage};
use crate::model::{Address, CapacityRule, Kind, Limits, Live, Model, Share, Snapshot, Worker};

/// The refusals for every limit that a plan exceeds when this is live, and did not when it was made.
/// Of worker channels only some need have been read, of workers all when the plan changes
/// capacities.
pub fn over_limit(plan: &Plan, live: &Snapshot, desired: &Model) -> Vec<Refusal> {
    let channels = match plan.of(Kind::Capacity).next() {
        Some(_) => concerned_channels(live, desired),
        None => 0,
    };
    let mut found = exceeded(&plan.changes, live, channels, &desired.limits);
    found.retain(|one| !plan.refusals.contains(one));
    found
}

/// The channels of the workers that a rule or a name in the spec is about; each has one of each.
fn concerned_channels(live: &Snapshot, desired: &Model) -> usize {
    let matchers: Vec<_> = desired.capacities.iter().map(CapacityRule::matcher).collect();
    let names: BTreeSet<String> = desired.workers.keys().map(|name| name.to_lowercase()).collect();
    let pinned: BTreeSet<&str> =
        desired.workers.values().filter_map(|worker| worker.sid.as_deref()).collect();
    let is_concerned = |worker: &&Live<Worker>| {
        names.contains(&worker.name.to_lowercase())
            || pinned.contains(worker.sid.as_str())
            || matchers.iter().any(|matcher| matcher.matches(worker))
    };
    live.workers.iter().filter(is_concerned).count() * live.task_channels.len()
}

/// The refusals for every limit that the changes exceed.
pub(super) fn refusals(changes: &[Change], live: &Snapshot, limits: &Limits) -> Vec<Refusal> {
    let channels: usize = live.worker_channels.values().map(Vec::len).sum();
    exceeded(changes, live, channels + live.unread_channels, limits)
}

/// The same with this many worker channels.
fn exceeded(changes: &[Change], live: &Snapshot, channels: usize, limits: &Limits) -> Vec<Refusal> {
    let kinds = [
        (Kind::Activity, live.activities.len()),
        (Kind::TaskChannel, live.task_channels.len()),
        (Kind::Queue, live.queues.len()),
        (Kind::Workflow, live.workflows.len()),
        (Kind::Worker, live.workers.len()),
        (Kind::Capacity, channels),
        (Kind::Role, live.roles.len()),
    ];
    let mut refusals = Vec::new();
    for (kind, total) in kinds {
        let limit = limits.of(kind);
        if total < usize_of(limit.from) {
            continue;
        }
        let count = |counts: fn(&Change) -> bool| {
            changes.iter().filter(|change| change.address.kind == kind && counts(change)).count()
        };
        let mut guard = |what: &str, number: usize, share: Share| {
            if number > allowed(share, total) {
                refusals.push(refusal(kind, what, number, total, share));
            }
        };
        guard("updates", count(is_update), limit.updates);
        guard("deletes", count(is_delete), limit.deletes);
    }
    refusals
}

/// What is only sent again because something else is replaced is not implausible by itself, nor is
/// the first setting of a worker channel that did not exist.
fn is_update(change: &Change) -> bool {
    let Change { address, action, sid, renamed_from, fields, filters, .. } = change;
    let changes = !fields.is_empty() || !filters.is_empty() || renamed_from.is_some();
    let fresh =
        address.worker_and_channel().is_some_and(|(_, channel)| sid.as_deref() == Some(channel));
    matches!(action, Action::Update | Action::Replace) && changes && !fresh
}

fn is_delete(change: &Change) -> bool {
    change.action == Action::Delete && change.stage == Stage::Main
}

fn allowed(share: Share, total: usize) -> usize {
    match share {
        Share::Percent(percent) => total * usize_of(percent) / 100,
        Share::Count(count) => usize_of(count),
    }
}

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn refusal(kind: Kind, what: &str, number: usize, total: usize, share: Share) -> Refusal {
    let objects = match kind {
        Kind::Capacity => "worker channels".to_owned(),
        kind => kind.plural().replace('_', " "),
    };
    let section = match kind {
        Kind::Capacity => "worker_capacities",
        kind => kind.plural(),
    };
    let percent = (number * 100).div_ceil(total.max(1));
    let (limit, enough) = match share {
        Share::Percent(limit) => (format!("{limit}%"), format!("{}%", percent.min(100))),
        Share::Count(limit) => (limit.to_string(), number.to_string()),
    };
    let verb = what.trim_end_matches('s');
    Refusal {
        code: "limit".to_owned(),
        address: Address::new(kind, "*"),
        message: format!(
            "the plan would {verb} {number} of {total} live {objects} ({percent}%); the limit is \
             {limit}"
        ),
        help: format!(
            "if that is meant, write `limits: {{ {section}: {{ {what}: {enough} }} }}` in the spec"
        ),
    }
}
