//! What stands below the changes.

use std::collections::BTreeMap;

use crate::model::Kind;
use crate::plan::{Counts, Estimate, LeftOut, Plan};
use crate::text::first_of;
use crate::text::page::{Page, Span};

pub(super) fn show_refusals(page: &mut Page, plan: &Plan) {
    for refusal in &plan.refusals {
        let head = [
            Span::removed("refused: "),
            Span::plain(&refusal.message),
            Span::faint(format!(" [{}]", refusal.code)),
        ];
        page.line(0, 4, &head);
        page.line(4, 6, &[Span::added("help: "), Span::plain(&refusal.help)]);
    }
    if !plan.refusals.is_empty() {
        page.blank();
    }
}

pub(super) fn show_notes(page: &mut Page, plan: &Plan) {
    for note in &plan.notes {
        let head = [Span::changed("note: "), Span::plain(&note.message)];
        page.line(0, 4, &head);
    }
    if !plan.notes.is_empty() {
        page.blank();
    }
}

pub(super) fn show_unmanaged(page: &mut Page, plan: &Plan) {
    const SHOWN: usize = 8;
    if plan.unmanaged.is_empty() {
        return;
    }
    let names = Span::plain(first_of(&plan.unmanaged, SHOWN));
    page.line(0, 4, &[Span::faint("not in the spec, left alone: "), names]);
    page.blank();
}

pub(super) fn show_counts(page: &mut Page, plan: &Plan) {
    let Counts { create, update, replace, delete, unchanged, unmanaged: _ } = plan.counts;
    let mut parts = Vec::new();
    if plan.is_empty() {
        if plan.refusals.is_empty() {
            page.line(0, 0, &[Span::strong("No changes.")]);
        }
        parts.push(format!("{unchanged} unchanged"));
    } else {
        parts.push(format!(
            "{create} to create, {update} to update, {replace} to replace, {delete} to delete"
        ));
        parts.push(format!("{unchanged} unchanged"));
    }
    parts.extend(left_alone(plan));
    parts.extend(left_out(plan));
    page.line(0, 4, &[Span::plain(parts.join("; "))]);
}

/// `3 unmanaged queues left alone`; none when there is nothing.
pub(super) fn left_alone(plan: &Plan) -> Option<String> {
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    for address in &plan.unmanaged {
        *kinds.entry(address.kind).or_default() += 1;
    }
    let kinds: Vec<String> = kinds.into_iter().map(|(kind, n)| number(n, kind)).collect();
    (!kinds.is_empty()).then(|| format!("{} left alone", kinds.join(", ")))
}

/// `12 other changes left out by --only`; none when there are none.
pub(super) fn left_out(plan: &Plan) -> Option<String> {
    let LeftOut { only, exclude, changes } = plan.left_out.as_ref()?;
    let by = match (only.is_empty(), exclude.is_empty()) {
        (false, false) => "--only and --exclude",
        (false, true) => "--only",
        (true, _) => "--exclude",
    };
    match changes {
        0 => None,
        1 => Some(format!("1 other change left out by {by}")),
        more => Some(format!("{more} other changes left out by {by}")),
    }
}

/// `18 requests, about 18 s at 1 write/s`.
pub(super) fn show_requests(page: &mut Page, plan: &Plan, estimate: Option<Estimate>) {
    if let Some(line) = requests(plan, estimate) {
        page.line(0, 4, &[Span::faint(line)]);
    }
}

/// The same as text; none when there are none.
pub(super) fn requests(plan: &Plan, estimate: Option<Estimate>) -> Option<String> {
    let mut line = match plan.requests() {
        0 => return None,
        1 => "1 request".to_owned(),
        requests => format!("{requests} requests"),
    };
    if let Some(estimate) = estimate {
        // Two digits are enough for a rate that changes while it is used.
        let rate = (estimate.per_second * 100.0).round() / 100.0;
        let writes = if rate == 1.0 { "write" } else { "writes" };
        line.push_str(&format!(", about {} at {rate} {writes}/s", estimate.duration()));
    }
    Some(line)
}

/// `3 unmanaged queues`.
fn number(count: usize, kind: Kind) -> String {
    let word = if count == 1 { kind.word() } else { kind.plural() };
    format!("{count} unmanaged {}", word.replace('_', " "))
}
