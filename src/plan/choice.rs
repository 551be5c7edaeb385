//! `--only` and `--exclude`: a part of the changes, and never one that needs what is left out.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Action, Change, Note, Refusal, Stage};
use crate::model::{Address, AddressPattern, Kind, Model, Resource, Snapshot, keys};
use crate::text::{first_of, nearest};

/// Which changes are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    /// Those that one of these covers; all when there is none.
    pub only: Vec<AddressPattern>,
    /// But for these.
    pub exclude: Vec<AddressPattern>,
}

/// What the command line has left out of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LeftOut {
    /// As in `--only`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// As in `--exclude`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// How many changes; a replace's cleanup is not counted again.
    pub changes: usize,
}

impl Choice {
    /// Whether everything is wanted.
    pub fn is_everything(&self) -> bool {
        self.only.is_empty() && self.exclude.is_empty()
    }

    /// Whether an address is wanted.
    pub fn covers(&self, address: &Address) -> bool {
        self.included(address) && !self.excluded(address)
    }

    fn included(&self, address: &Address) -> bool {
        self.only.is_empty() || self.only.iter().any(|pattern| pattern.matches(address))
    }

    fn excluded(&self, address: &Address) -> bool {
        self.exclude.iter().any(|pattern| pattern.matches(address))
    }

    /// The patterns that cover nothing that is declared or live, each with an address that may
    /// have been meant.
    pub fn unmatched(&self, desired: &Model, live: &Snapshot) -> Vec<(String, Option<String>)> {
        if self.is_everything() {
            return Vec::new();
        }
        let known = known(desired, live);
        let idle = |pattern: &&AddressPattern| !known.iter().any(|known| pattern.matches(known));
        let names: Vec<String> = known.iter().map(ToString::to_string).collect();
        let patterns = self.only.iter().chain(&self.exclude).filter(idle);
        let patterns = patterns.map(|pattern| {
            let text = pattern.to_string();
            let near = nearest(&text, names.iter().map(String::as_str)).map(str::to_owned);
            (text, near)
        });
        patterns.collect()
    }
}

/// Every address that is declared or live. A capacity is one of a worker in a channel, whether a
/// rule is about it or not.
fn known(desired: &Model, live: &Snapshot) -> BTreeSet<Address> {
    fn add<'a>(known: &mut BTreeSet<Address>, kind: Kind, names: impl Iterator<Item = &'a str>) {
        known.extend(names.map(|name| Address::new(kind, name)));
    }
    let mut known = BTreeSet::from([Address::workspace()]);
    add(&mut known, Kind::Activity, desired.activities.keys().map(String::as_str));
    add(&mut known, Kind::Activity, keys(&live.activities).into_values());
    add(&mut known, Kind::TaskChannel, desired.task_channels.keys().map(String::as_str));
    add(&mut known, Kind::TaskChannel, keys(&live.task_channels).into_values());
    add(&mut known, Kind::Queue, desired.queues.keys().map(String::as_str));
    add(&mut known, Kind::Queue, keys(&live.queues).into_values());
    add(&mut known, Kind::Workflow, desired.workflows.keys().map(String::as_str));
    add(&mut known, Kind::Workflow, keys(&live.workflows).into_values());
    add(&mut known, Kind::Worker, desired.workers.keys().map(String::as_str));
    add(&mut known, Kind::Worker, keys(&live.workers).into_values());
    known.extend(
        desired.roles.keys().map(|(kind, name)| Address::new(Kind::Role, format!("{kind}/{name}"))),
    );
    known.extend(
        live.roles
            .iter()
            .map(|role| Address::new(Kind::Role, format!("{}/{}", role.value.0, role.name))),
    );
    let channels: BTreeSet<&String> =
        desired.capacities.iter().flat_map(|rule| rule.channels.keys()).collect();
    let workers: Vec<Address> = known.iter().filter(|a| a.kind == Kind::Worker).cloned().collect();
    for worker in workers {
        known.extend(channels.iter().map(|channel| Address::capacity(&worker.name, channel)));
    }
    known
}

/// Takes out the changes that are not wanted, with what was said about them. A change that needs one
/// of those is refused.
pub(super) fn choose(
    choice: &Choice,
    changes: Vec<Change>,
    refusals: &mut Vec<Refusal>,
    notes: &mut Vec<Note>,
) -> (Vec<Change>, Option<LeftOut>) {
    if choice.is_everything() {
        return (changes, None);
    }
    let wanted: Vec<bool> = changes.iter().map(|change| choice.covers(&change.address)).collect();
    let referred: BTreeSet<Address> = changes
        .iter()
        .zip(&wanted)
        .filter(|(_, wanted)| **wanted)
        .flat_map(|(change, _)| change.write.iter().flat_map(Resource::references))
        .collect();
    refusals.retain(|one| choice.covers(&one.address) || referred.contains(&one.address));
    notes.retain(|note| choice.covers(&note.address));
    refusals.extend(needs(choice, &changes, &wanted));

    let mut places = Vec::with_capacity(changes.len());
    let mut kept = 0;
    for wanted in &wanted {
        places.push(wanted.then_some(kept));
        kept += usize::from(*wanted);
    }
    let (mut chosen, mut left_out) = (Vec::with_capacity(kept), 0);
    for (mut change, wanted) in changes.into_iter().zip(wanted) {
        if wanted {
            change.after = change.after.iter().filter_map(|&before| places[before]).collect();
            chosen.push(change);
        } else {
            // Remains of an earlier run are the only cleanup without a replace.
            let counted = change.stage != Stage::Cleanup;
            left_out += usize::from(counted);
        }
    }
    let texts = |patterns: &[AddressPattern]| patterns.iter().map(ToString::to_string).collect();
    let left_out =
        LeftOut { only: texts(&choice.only), exclude: texts(&choice.exclude), changes: left_out };
    (chosen, Some(left_out))
}

/// A refusal for each address that needs something that is left out.
fn needs(choice: &Choice, changes: &[Change], wanted: &[bool]) -> Vec<Refusal> {
    let mut refusals: Vec<Refusal> = Vec::new();
    for (change, _) in changes.iter().zip(wanted).filter(|(_, wanted)| **wanted) {
        let missing: BTreeSet<&Address> = before(change, changes)
            .into_iter()
            .filter(|&index| !wanted[index])
            .map(|index| &changes[index].address)
            .collect();
        if missing.is_empty() || refusals.iter().any(|known| known.address == change.address) {
            continue;
        }
        refusals.push(refusal(choice, change, &missing));
    }
    refusals
}

/// Everything that has to be done before a change, also by way of others.
fn before(change: &Change, changes: &[Change]) -> BTreeSet<usize> {
    let mut found: BTreeSet<usize> = BTreeSet::new();
    let mut open = change.after.clone();
    while let Some(index) = open.pop() {
        if found.insert(index) {
            open.extend(&changes[index].after);
        }
    }
    found
}

fn refusal(choice: &Choice, change: &Change, missing: &BTreeSet<&Address>) -> Refusal {
    const SHOWN: usize = 5;
    let address = &change.address;
    let what = match change.action {
        Action::Create => "be created",
        Action::Update => "be updated",
        Action::Replace => "be replaced",
        Action::Delete => "be deleted",
    };
    let chosen: Vec<String> = missing
        .iter()
        .filter(|address| !choice.included(address))
        .map(|address| format!("--only {}", quoted(address)))
        .collect();
    let excluded: Vec<String> = choice
        .exclude
        .iter()
        .filter(|pattern| missing.iter().any(|address| pattern.matches(address)))
        .map(|pattern| format!("`--exclude {pattern}`"))
        .collect();
    let mut ways = Vec::new();
    if !chosen.is_empty() {
        ways.push(format!("add `{}`", chosen.join(" ")));
    }
    if !excluded.is_empty() {
        ways.push(format!("take {} back", excluded.join(", ")));
    }
    let leave = format!("or leave it out too with `--exclude {}`", quoted(address));
    Refusal {
        code: "left-out".to_owned(),
        message: format!(
            "{address} cannot {what} before {}, which {} left out",
            first_of(missing, SHOWN),
            if missing.len() == 1 { "is" } else { "are" }
        ),
        help: format!("{}; {leave}", ways.join(" and ")),
        address: address.clone(),
    }
}

/// As a shell takes it.
fn quoted(address: &Address) -> String {
    let text = address.to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-@/+.".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
