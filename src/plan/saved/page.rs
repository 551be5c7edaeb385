//! What has moved, as people read it.

use super::moved::{Moved, MovedField, What, Who};
use crate::plan::render::{self, Options};
use crate::plan::{Action, FieldChange};
use crate::text::page::{Page, Span};

/// A line for each object, with its fields below it.
pub fn text(moved: &[Moved], options: &Options) -> String {
    let mut page = Page::new(options);
    for one in moved {
        show(&mut page, one);
    }
    page.finish()
}

fn show(page: &mut Page, Moved { address, sid, what, by }: &Moved) {
    let name = Span::strong(address.to_string());
    let short = render::short_sid(sid);
    let head = match what {
        What::Changed { .. } => [Span::changed("~ "), name, Span::faint(format!("  {short}"))],
        What::Gone => [Span::removed("- "), name, Span::plain(format!("  is gone, was {short}"))],
        What::Replaced { by_sid } => {
            let now = render::short_sid(by_sid);
            let text = format!("  is another object now: {short} is gone, {now} has its name");
            [Span::changed("± "), name, Span::plain(text)]
        }
        What::Appeared => [Span::added("+ "), name, Span::plain(format!("  is there, as {short}"))],
    };
    page.line(0, 4, &head);
    if let What::Changed { fields, filters, reasons } = what {
        let (told, untold): (Vec<_>, Vec<_>) = fields.iter().partition(|f| f.after.is_some());
        let told: Vec<FieldChange> = told.into_iter().map(as_change).collect();
        render::show_fields(page, 4, Action::Update, &told);
        for MovedField { field, .. } in untold {
            page.line(4, 6, &[Span::faint(format!("{field}  ")), Span::plain("is another")]);
        }
        render::show_filters(page, 4, Action::Update, filters);
        for reason in reasons {
            page.line(4, 6, &[Span::faint(reason)]);
        }
    }
    if let Some(by) = by {
        page.line(4, 6, &[Span::faint(by_line(by))]);
    }
}

/// `by user US…41ab from console (203.0.113.7), 2026-04-14T08:30:00Z`.
fn by_line(Who { at, event: _, actor, actor_type, source, address }: &Who) -> String {
    let actor = actor.as_deref().map(render::short_sid);
    let who: Vec<String> = actor_type.clone().into_iter().chain(actor).collect();
    let mut line = match who.is_empty() {
        true => "by nobody knows whom".to_owned(),
        false => format!("by {}", who.join(" ")),
    };
    line.extend(source.iter().map(|source| format!(" from {source}")));
    line.extend(address.iter().map(|address| format!(" ({address})")));
    format!("{line}, {at}")
}

fn as_change(field: &MovedField) -> FieldChange {
    let MovedField { field, before, after } = field.clone();
    FieldChange { field, before: before.unwrap_or_default(), after: after.unwrap_or_default() }
}
