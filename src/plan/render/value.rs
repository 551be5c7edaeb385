//! Values, and what is different between two of them.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::plan::{Action, FieldChange};
use crate::text::page::{Page, Span};

/// A value as people write it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "(none)".to_owned(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().map(plain).collect::<Vec<_>>().join(", ")
        }
        value => flow(value),
    }
}

/// JSON as the spec would have it on one line: `{ skills: [sales, orders], level: 3 }`.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{key}: {}", flow(value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        value => value.to_string(),
    }
}

/// A routing step: `Sales if worker.level > 3, timeout 60`.
pub(super) fn step(value: &Value) -> String {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let mut out = fields.get("queue").map_or("the same queue".to_owned(), plain);
            for (key, value) in fields {
                match key.as_str() {
                    "queue" => {}
                    "expression" => out.push_str(&format!(" if {}", plain(value))),
                    key => out.push_str(&format!(", {} {}", key.replace('_', " "), plain(value))),
                }
            }
            out
        }
        Value::Object(_) => "the same queue".to_owned(),
        value => plain(value),
    }
}

/// One line for each field, values below one another; the two values of one that does not fit
/// stand below each other.
pub(in crate::plan) fn show_fields(
    page: &mut Page,
    indent: usize,
    action: Action,
    changes: &[FieldChange],
) {
    // A field's name that is longer than any of TaskRouter's does not move the others.
    let widest = changes
        .iter()
        .map(|change| change.field.chars().count())
        .filter(|width| *width <= 32)
        .max()
        .unwrap_or(0);
    for change in changes {
        let name = format!("{:1$}  ", change.field, widest);
        show_field(page, indent, action, &name, change);
    }
}

fn show_field(page: &mut Page, indent: usize, action: Action, name: &str, change: &FieldChange) {
    let FieldChange { field, before, after } = change;
    let is_step = field.ends_with(']') || field == "default_filter";
    let shown = |value: &Value| if is_step { step(value) } else { plain(value) };
    let name = Span::faint(name);
    let hang = indent + name.width();
    if let (Value::Array(before), Value::Array(after)) = (before, after)
        && !before.is_empty()
    {
        let lost = before.iter().filter(|item| !after.contains(item));
        let won = after.iter().filter(|item| !before.contains(item));
        let mut spans = vec![name.clone()];
        spans.extend(lost.map(|item| Span::removed(format!("-{} ", plain(item)))));
        spans.extend(won.map(|item| Span::added(format!("+{} ", plain(item)))));
        // Otherwise the same items stand in another order.
        if spans.len() > 1 {
            page.line(indent, hang, &spans);
            return;
        }
    }
    if before.is_null() || after.is_null() {
        let (none, arrow) = (Span::faint("(none)"), Span::faint(" → "));
        let spans = match (action, before.is_null()) {
            (Action::Create, _) => vec![name, Span::added(shown(after))],
            (_, true) if field.ends_with(']') => {
                vec![name, Span::added(format!("+ {}", shown(after)))]
            }
            (_, false) if field.ends_with(']') => {
                vec![name, Span::removed(format!("- {}", shown(before)))]
            }
            (_, true) => vec![name, none, arrow, Span::added(shown(after))],
            (_, false) => vec![name, Span::removed(shown(before)), arrow, none],
        };
        page.line(indent, hang, &spans);
        return;
    }
    let (old, new) = word_diff(&shown(before), &shown(after));
    let mut spans = vec![name.clone()];
    spans.extend(old.clone());
    spans.push(Span::faint(" → "));
    spans.extend(new.clone());
    if page.fits(indent, &spans) {
        page.line(indent, hang, &spans);
    } else {
        page.line(indent, hang, &[name]);
        let below = indent + 2;
        page.line(below, below + 2, &[vec![Span::removed("- ")], old].concat());
        page.line(below, below + 2, &[vec![Span::added("+ ")], new].concat());
    }
}

/// Both texts, with what is only in one of them coloured.
fn word_diff(before: &str, after: &str) -> (Vec<Span>, Vec<Span>) {
    let diff = TextDiff::from_words(before, after);
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        let word = change.value();
        match change.tag() {
            ChangeTag::Equal => {
                old.push(Span::plain(word));
                new.push(Span::plain(word));
            }
            ChangeTag::Delete => old.push(Span::removed(word)),
            ChangeTag::Insert => new.push(Span::added(word)),
        }
    }
    (old, new)
}
