//! A plan as people read it: what happens to which address, field by field, and what speaks
//! against it.

mod change;
pub mod drift;
mod filter;
mod markdown;
pub mod promotion;
mod summary;
mod value;

use super::{Action, Estimate, Plan, Stage};
use crate::model::Kind;
use crate::routing::compare;
use crate::text::page::{Page, Span};

pub(super) use change::short_sid;
pub(super) use filter::show as show_filters;
pub(super) use value::show_fields;

pub use crate::text::page::Options;
pub use markdown::{markdown, sections};

/// The whole plan, each line ended. The first line of output, which names files and accounts, is
/// the caller's.
pub fn text(plan: &Plan, options: &Options) -> String {
    timed(plan, None, options)
}

/// The same with how long it takes, if anybody knows.
pub fn timed(plan: &Plan, estimate: Option<Estimate>, options: &Options) -> String {
    let mut page = Page::new(options);
    let mut capacities = false;
    for change in &plan.changes {
        if change.address.kind != Kind::Capacity {
            change::show(&mut page, plan, change);
        } else if !capacities {
            change::show_capacities(&mut page, plan);
            capacities = true;
        }
    }
    if !plan.changes.is_empty() {
        page.blank();
    }
    if let Some(routing) = &plan.routing {
        compare::show_short(&mut page, routing);
    }
    summary::show_refusals(&mut page, plan);
    summary::show_notes(&mut page, plan);
    summary::show_unmanaged(&mut page, plan);
    summary::show_counts(&mut page, plan);
    summary::show_requests(&mut page, plan, estimate);
    page.finish()
}

/// The sign before a change.
fn sign(action: Action, stage: Stage) -> Span {
    match (action, stage) {
        (Action::Create, _) => Span::added("+ "),
        (Action::Update, _) => Span::changed("~ "),
        (Action::Replace, _) => Span::changed("± "),
        (Action::Delete, _) => Span::removed("- "),
    }
}
