//! Capacities of worker channels: who owns how many tasks at once.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::worker::merged;
use crate::model::{
    Address, CapacityMatcher, CapacityMode, CapacityRule, ChannelCapacity, Kind, Live, Resource,
    Worker, WorkerChannel, matching,
};
use crate::plan::context::Context;
use crate::plan::draft::Findings;
use crate::plan::fields::Fields;
use crate::plan::identity::Pair;
use crate::plan::{Action, Change, Stage};

/// What a worker channel is when TaskRouter makes it.
const FRESH: WorkerChannel = WorkerChannel { capacity: Some(1), available: Some(true) };

pub(super) fn compare(cx: &Context<'_>, out: &mut Findings) {
    let rules = &cx.desired.capacities;
    if rules.is_empty() {
        return;
    }
    let matchers: Vec<CapacityMatcher<'_>> = rules.iter().map(CapacityRule::matcher).collect();
    let channels: BTreeSet<&str> =
        rules.iter().flat_map(|rule| rule.channels.keys().map(String::as_str)).collect();
    let live: BTreeSet<&str> =
        cx.live.task_channels.iter().map(|live| live.name.as_str()).collect();
    let all_live = channels.is_subset(&live);
    let mut missing: BTreeSet<&str> = BTreeSet::new();
    for worker in employees(cx) {
        // Nothing is planned of what was not read, whatever the rules say.
        if all_live && is_unread(cx, &worker) {
            continue;
        }
        let mine: Vec<&CapacityRule> =
            matching(&matchers, &worker).map(|(at, _)| &rules[at]).collect();
        for channel in &channels {
            let decides = mine.iter().find_map(|rule| Some((*rule, rule.channels.get(*channel)?)));
            if let Some((rule, wanted)) = decides
                && !compare_channel(cx, out, &worker, channel, rule, wanted)
            {
                missing.insert(channel);
            }
        }
    }
    for channel in missing {
        let address = Address::new(Kind::TaskChannel, channel);
        out.note(
            "no-channel",
            address.clone(),
            format!("capacities of {address} are left alone: there is no such task channel"),
        );
    }
}

/// All workers as they are after the plan: live ones in the API's order, then new ones, which
/// have no sid.
fn employees<'a>(cx: &'a Context<'_>) -> impl Iterator<Item = Cow<'a, Live<Worker>>> {
    let declared = &cx.identity.workers.declared;
    let by_sid: BTreeMap<&str, &String> = declared
        .iter()
        .filter_map(|(name, pair)| Some((pair.live()?.sid.as_str(), name)))
        .collect();
    let planned = move |owned: &Worker, live: &Worker| Worker {
        sid: None,
        activity: owned.activity.clone().or_else(|| cx.names.worker_activity(live)),
        attributes: merged(&live.attributes, &owned.attributes),
    };
    let there = cx.live.workers.iter().map(move |live| {
        let owned = by_sid
            .get(live.sid.as_str())
            .and_then(|name| Some((*name, cx.desired.workers.get(*name)?)));
        match owned {
            None => Cow::Borrowed(live),
            Some((name, owned)) => Cow::Owned(Live {
                name: name.clone(),
                value: planned(owned, &live.value),
                ..live.clone()
            }),
        }
    });
    let new = cx.desired.workers.iter().filter(|(name, _)| matches!(declared[*name], Pair::Absent));
    let new = new.map(move |(name, owned)| {
        Cow::Owned(Live {
            sid: String::new(),
            name: name.clone(),
            value: planned(owned, &Worker::default()),
            untouched: true,
        })
    });
    there.chain(new)
}

/// Whether the channels of a live worker were not read because TaskRouter says that they are as the
/// rule wants them, or because no rule was about the worker before this plan changes it; then the
/// next plan knows them.
fn is_unread(cx: &Context<'_>, worker: &Live<Worker>) -> bool {
    !worker.sid.is_empty() && !cx.live.worker_channels.contains_key(&worker.sid)
}

/// Plans one worker channel; false when there is no such channel.
fn compare_channel(
    cx: &Context<'_>,
    out: &mut Findings,
    worker: &Live<Worker>,
    channel: &str,
    rule: &CapacityRule,
    wanted: &ChannelCapacity,
) -> bool {
    if wanted.mode == CapacityMode::Ignore {
        return true;
    }
    let known = cx.live.worker_channels.get(&worker.sid);
    let live = known.and_then(|channels| channels.iter().find(|live| live.name == channel));
    let planned = matches!(cx.identity.task_channels.declared.get(channel), Some(Pair::Absent));
    let exists = planned || cx.live.task_channels.iter().any(|live| live.name == channel);
    let (now, untouched, sid) = match live {
        Some(live) => (&live.value, live.untouched, live.sid.as_str()),
        None if exists && !planned && is_unread(cx, worker) => return true,
        None if exists => (&FRESH, true, channel),
        None => return false,
    };
    let ChannelCapacity { mode, available } = wanted;
    let capacity = mode.wanted(now.capacity.unwrap_or_default(), untouched);
    let mut fields = Fields::of_live();
    let write = WorkerChannel {
        capacity: fields.owned("capacity", capacity.as_ref(), now.capacity.as_ref()),
        available: fields.owned("available", available.as_ref(), now.available.as_ref()),
    };
    if fields.is_empty() {
        return true;
    }
    let draft = out.push(Change {
        address: Address::capacity(&worker.name, channel),
        action: Action::Update,
        stage: Stage::Main,
        sid: Some(sid.to_owned()),
        renamed_from: None,
        fields: fields.changes,
        filters: Vec::new(),
        reasons: vec![format!("capacity rule {}", rule.name)],
        write: Some(Resource::Capacity(write)),
        after: Vec::new(),
    });
    draft.needs = BTreeSet::from([
        Address::new(Kind::Worker, worker.name.clone()),
        Address::new(Kind::TaskChannel, channel),
    ]);
    true
}
