//! One change.

use std::collections::BTreeMap;

use super::filter;
use super::sign;
use super::value::{plain, show_fields};
use crate::model::{Address, Kind, Resource};
use crate::plan::{Action, Change, FieldChange, Plan, Stage};
use crate::text::page::{Page, Span};

/// Shows everything but capacities.
pub(super) fn show(page: &mut Page, plan: &Plan, change: &Change) {
    let Change { address, action, stage, fields, filters, .. } = change;
    let mut head = vec![sign(*action, *stage), Span::strong(address.to_string())];
    head.extend(aside(change).map(|text| Span::faint(format!("  {text}"))));
    page.line(0, 4, &head);
    show_fields(page, 4, *action, fields);
    filter::show(page, 4, *action, filters);
    for remark in remarks(plan, change) {
        page.line(4, 6, &[Span::faint(remark)]);
    }
}

/// What stands behind the address: what becomes of the live object.
pub(super) fn aside(change: &Change) -> Option<String> {
    let short = change.sid.as_deref().map(short_sid).unwrap_or_default();
    match (change.action, &change.renamed_from) {
        (Action::Update, Some(old)) => Some(format!("was {old}, keeps {short}")),
        (Action::Replace, Some(old)) => {
            Some(format!("was {old}, a new one takes the place of {short}"))
        }
        (Action::Replace, None) => Some(format!("a new one takes the place of {short}")),
        (Action::Delete, _) if change.stage == Stage::Cleanup => {
            Some(format!("{short}, once nothing refers to it"))
        }
        (Action::Delete, _) => Some(short),
        (Action::Create | Action::Update, _) => None,
    }
}

/// What there is to say about a change besides its fields.
pub(super) fn remarks(plan: &Plan, change: &Change) -> Vec<String> {
    let mut remarks = Vec::new();
    if change.action == Action::Update
        && let Some(Resource::Workflow(workflow)) = &change.write
        && workflow.filters.is_some()
        && let Some(re_evaluate) = workflow.re_evaluate_tasks
    {
        let what = if re_evaluate { "take the new filters" } else { "keep the filters they have" };
        remarks.push(format!("waiting tasks {what}"));
    }
    // Why something is replaced or deleted at the end is said by the change that causes it.
    if change.stage != Stage::Cleanup || !replaces(plan, change) {
        remarks.extend(change.reasons.iter().map(|reason| match change.action {
            Action::Update => format!("sent again because {reason}"),
            Action::Create | Action::Replace | Action::Delete => reason.clone(),
        }));
    }
    remarks
}

fn replaces(plan: &Plan, cleanup: &Change) -> bool {
    plan.of(cleanup.address.kind)
        .any(|change| change.action == Action::Replace && change.address == cleanup.address)
}

/// `WQ…41ab`: enough to recognise it.
pub(in crate::plan) fn short_sid(sid: &str) -> String {
    let chars: Vec<char> = sid.chars().collect();
    if chars.len() < 10 {
        return sid.to_owned();
    }
    let (head, tail) = (&chars[..2], &chars[chars.len() - 4..]);
    head.iter().chain(&['…']).chain(tail).collect()
}

/// Capacities for which the same happens.
pub(super) struct CapacityGroup<'p> {
    channel: String,
    /// `0 → 1`.
    change: String,
    pub(super) reasons: &'p [String],
    /// In order of their names.
    workers: Vec<&'p str>,
}

impl CapacityGroup<'_> {
    /// `alice`, `12 workers`.
    pub(super) fn who(&self) -> String {
        match self.workers[..] {
            [one] => one.to_owned(),
            _ => format!("{} workers", self.workers.len()),
        }
    }

    /// `chat 0 → 1`.
    pub(super) fn what(&self) -> String {
        format!("{} {}", self.channel, self.change)
    }

    /// `   (alice, bob, and 10 more)`; empty where it is said already.
    pub(super) fn names(&self) -> String {
        match self.workers[..] {
            [] | [_] => String::new(),
            [first, second] => format!("   ({first}, {second})"),
            [a, b, c] => format!("   ({a}, {b}, {c})"),
            [first, second, ref rest @ ..] => {
                format!("   ({first}, {second}, and {} more)", rest.len())
            }
        }
    }
}

/// All capacities of a plan, those workers together for whom the same happens.
pub(super) fn capacity_groups(plan: &Plan) -> Vec<CapacityGroup<'_>> {
    let changes = plan.of(Kind::Capacity);
    grouped(
        changes
            .map(|change| (&change.address, change.fields.as_slice(), change.reasons.as_slice())),
    )
}

/// The same of capacities with what differs and why.
pub(super) fn grouped<'p>(
    capacities: impl Iterator<Item = (&'p Address, &'p [FieldChange], &'p [String])>,
) -> Vec<CapacityGroup<'p>> {
    let mut groups: BTreeMap<(String, String, &[String]), Vec<&str>> = BTreeMap::new();
    for (address, fields, reasons) in capacities {
        let Some((worker, channel)) = address.worker_and_channel() else { continue };
        let fields = fields.iter().map(|FieldChange { field, before, after }| {
            let what = if field == "capacity" { String::new() } else { format!("{field} ") };
            format!("{what}{} → {}", plain(before), plain(after))
        });
        let fields = fields.collect::<Vec<_>>().join(", ");
        let key = (channel.to_owned(), fields, reasons);
        groups.entry(key).or_default().push(worker);
    }
    let group = |((channel, change, reasons), mut workers): ((_, _, _), Vec<_>)| {
        workers.sort_unstable();
        CapacityGroup { channel, change, reasons, workers }
    };
    groups.into_iter().map(group).collect()
}

/// Shows all capacities.
pub(super) fn show_capacities(page: &mut Page, plan: &Plan) {
    for group in capacity_groups(plan) {
        page.line(
            0,
            4,
            &[
                Span::changed("~ "),
                Span::strong(format!("capacity of {}", group.who())),
                Span::plain(format!("  {}", group.what())),
                Span::faint(group.names()),
            ],
        );
        for reason in group.reasons {
            page.line(4, 6, &[Span::faint(reason)]);
        }
    }
}
