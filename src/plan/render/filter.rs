//! What happens to the filters of a workflow.

use super::value::{show_fields, step};
use crate::model::Filter;
use crate::plan::targets::target_value;
use crate::plan::{Action, FilterChange};
use crate::text::page::{Page, Span};

/// How many filters of a new workflow are shown.
const SHOWN: usize = 20;

/// One entry for each filter; of a new workflow the first ones.
pub(in crate::plan) fn show(
    page: &mut Page,
    indent: usize,
    action: Action,
    changes: &[FilterChange],
) {
    let shown = if action == Action::Create { SHOWN } else { changes.len() };
    for change in changes.iter().take(shown) {
        show_one(page, indent, change);
    }
    if changes.len() > shown {
        let rest = format!("  and {} more filters", changes.len() - shown);
        page.line(indent, indent + 4, &[Span::faint(rest)]);
    }
}

fn show_one(page: &mut Page, indent: usize, change: &FilterChange) {
    let place = |position: &usize| Span::plain(format!("filter {position}  "));
    match change {
        FilterChange::Added { position, filter } => {
            let head = [Span::added("+ "), place(position), Span::added(&filter.name)];
            page.line(indent, indent + 4, &head);
            show_routing(page, indent + 4, filter);
        }
        FilterChange::Removed { position, filter } => {
            let head = [Span::removed("- "), place(position), Span::removed(&filter.name)];
            page.line(indent, indent + 4, &head);
            show_routing(page, indent + 4, filter);
        }
        FilterChange::Moved { name, from, to } => {
            let arrow = if to < from { "↑ " } else { "↓ " };
            let text = Span::plain(format!("{name} moved to {to}"));
            page.line(indent, indent + 4, &[Span::changed(arrow), place(from), text]);
        }
        FilterChange::Changed { name, position, fields } => {
            let head = [Span::changed("~ "), place(position), Span::plain(name)];
            page.line(indent, indent + 4, &head);
            show_fields(page, indent + 4, Action::Update, fields);
        }
    }
}

/// `callToQueue == 'Sales' → queue Sales, timeout 60 → queue Everyone`.
fn show_routing(page: &mut Page, indent: usize, filter: &Filter) {
    let routing = routing(filter);
    if !routing.is_empty() {
        page.line(indent, indent + 2, &[Span::faint(routing)]);
    }
}

/// The same as text; empty when there is nothing.
pub(super) fn routing(filter: &Filter) -> String {
    let expression = filter.expression.as_ref().map(ToString::to_string);
    let steps = filter.targets.iter().map(|target| step(&target_value(target)));
    expression.into_iter().chain(steps).collect::<Vec<_>>().join(" → ")
}
