//! One change.

use std::collections::BTreeMap;

use super::filter;
use super::sign;
use super::value::{plain, show_fields};
use crate::model::{Kind, Resource};
use crate::plan::{Action, Change, FieldChange, Plan, Stage};
use crate::text::page::{Page, Span};

/// Shows everything but capacities.
pub(super) fn show(page: &mut Page, plan: &Plan, change: &Change) {
    let Change { address, action, stage, sid, renamed_from, fields, filters, reasons, .. } = change;
    let mut head = vec![sign(*action, *stage), Span::strong(address.to_string())];
    let short = sid.as_deref().map(short_sid).unwrap_or_default();
    match (action, renamed_from) {
        (Action::Update, Some(old)) => {
            head.push(Span::faint(format!("  was {old}, keeps {short}")));
        }
        (Action::Replace, Some(old)) => {
            head.push(Span::faint(format!("  was {old}, a new one takes the place of {short}")));
        }
        (Action::Replace, None) => {
            head.push(Span::faint(format!("  a new one takes the place of {short}")));
        }
        (Action::Delete, _) if *stage == Stage::Cleanup => {
            head.push(Span::faint(format!("  {short}, once nothing refers to it")));
        }
        (Action::Delete, _) => head.push(Span::faint(format!("  {short}"))),
        (Action::Create | Action::Update, _) => {}
    }
    page.line(0, 4, &head);
    show_fields(page, 4, *action, fields);
    filter::show(page, 4, *action, filters);
    if *action == Action::Update
        && let Some(Resource::Workflow(workflow)) = &change.write
        && workflow.filters.is_some()
        && let Some(re_evaluate) = workflow.re_evaluate_tasks
    {
        let what = if re_evaluate { "take the new filters" } else { "keep the filters they have" };
        page.line(4, 6, &[Span::faint(format!("waiting tasks {what}"))]);
    }
    // Why something is replaced or deleted at the end is said by the change that causes it.
    if *stage != Stage::Cleanup || !replaces(plan, change) {
        for reason in reasons {
            let text = match action {
                Action::Update => format!("sent again because {reason}"),
                Action::Create | Action::Replace | Action::Delete => reason.clone(),
            };
            page.line(4, 6, &[Span::faint(text)]);
        }
    }
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

/// Shows all capacities, those workers together for whom the same happens.
pub(super) fn show_capacities(page: &mut Page, plan: &Plan) {
    let mut groups: BTreeMap<(String, String, &[String]), Vec<&str>> = BTreeMap::new();
    for change in plan.of(Kind::Capacity) {
        let Some((worker, channel)) = change.address.worker_and_channel() else { continue };
        let fields = change.fields.iter().map(|FieldChange { field, before, after }| {
            let what = if field == "capacity" { String::new() } else { format!("{field} ") };
            format!("{what}{} → {}", plain(before), plain(after))
        });
        let fields = fields.collect::<Vec<_>>().join(", ");
        let key = (channel.to_owned(), fields, change.reasons.as_slice());
        groups.entry(key).or_default().push(worker);
    }
    for ((channel, fields, reasons), mut workers) in groups {
        workers.sort_unstable();
        let (who, names) = match workers[..] {
            [one] => (one.to_owned(), String::new()),
            [first, second] => ("2 workers".to_owned(), format!("   ({first}, {second})")),
            [a, b, c] => ("3 workers".to_owned(), format!("   ({a}, {b}, {c})")),
            [first, second, ref rest @ ..] => (
                format!("{} workers", workers.len()),
                format!("   ({first}, {second}, and {} more)", rest.len()),
            ),
            [] => continue,
        };
        page.line(
            0,
            4,
            &[
                Span::changed("~ "),
                Span::strong(format!("capacity of {who}")),
                Span::plain(format!("  {channel} {fields}")),
                Span::faint(names),
            ],
        );
        for reason in reasons {
            page.line(4, 6, &[Span::faint(reason)]);
        }
    }
}
