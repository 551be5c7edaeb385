//! What differs between two live workspaces, as people read it.

use super::filter;
use super::show_fields;
use crate::plan::{Action, Difference, Promotion, Whereabouts};
use crate::text::page::{Page, Span};

/// The head of an object.
pub fn head(page: &mut Page, one: &Difference) {
    page.line(0, 4, &[Span::changed("~ "), Span::strong(one.address.to_string())]);
}

/// Everything that differs in an object, from what it is to what it would be.
pub fn object(page: &mut Page, one: &Difference) {
    head(page, one);
    show_fields(page, 4, Action::Update, &one.fields);
    filter::show(page, 4, Action::Update, &one.filters);
}

/// What is not about values: objects that are on one side only, and what the spec is silent of.
/// `names` are those of the two environments.
pub fn rest(page: &mut Page, found: &Promotion, names: [&str; 2]) {
    let [from, to] = names;
    let Promotion { from: _, to: _, differences: _, only_from, not_in_from, undeclared } = found;
    for address in only_from {
        let text = format!("  is not live in {to} yet: an apply creates it");
        page.line(0, 4, &[Span::added("+ "), Span::strong(address.to_string()), Span::faint(text)]);
    }
    for address in not_in_from {
        let text = format!("  is not live in {from}: there is nothing to carry over");
        page.line(0, 4, &[Span::faint("? "), Span::strong(address.to_string()), Span::faint(text)]);
    }
    if undeclared.is_empty() {
        return;
    }
    page.blank();
    page.line(0, 0, &[Span::strong("Not in the spec")]);
    for one in undeclared {
        let text = match one.live {
            Whereabouts::OnlyFrom => format!("  only in {from}"),
            Whereabouts::OnlyTo => format!("  only in {to}"),
            Whereabouts::Differs => "  in both, not the same".to_owned(),
        };
        page.line(2, 4, &[Span::plain(one.address.to_string()), Span::faint(text)]);
    }
    page.line(2, 4, &[Span::faint("declare what is to go along, then promote again")]);
}
