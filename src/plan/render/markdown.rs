//! A plan as a comment on a pull request.

use std::collections::BTreeMap;

use serde_json::Value;

use super::change::{aside, capacity_groups, remarks};
use super::filter::routing;
use super::summary::{left_alone, left_out, requests};
use super::value::{plain, step};
use crate::model::Kind;
use crate::plan::{Action, Change, Estimate, FieldChange, FilterChange, Plan, Stage};
use crate::routing::compare;
use crate::text::markdown::{self, Comment, Item, Section, code, line, prose};

/// The comment: the verdict, what speaks against it, which tasks go elsewhere, and every change,
/// folded. `place` says which file, which workspace, where.
pub fn markdown(plan: &Plan, estimate: Option<Estimate>, place: &str, max_chars: usize) -> String {
    let foot = [
        Some(format!("{} unchanged", plan.counts.unchanged)),
        left_alone(plan),
        left_out(plan),
        requests(plan, estimate),
    ];
    let foot: Vec<String> = foot.into_iter().flatten().collect();
    let comment = Comment {
        head: format!("### {}\n\n{}", verdict(plan), markdown::place(place)),
        sections: sections(plan),
        foot: foot.join(" · "),
        all: "flexctl plan".to_owned(),
    };
    comment.text(max_chars)
}

/// `Plan: 1 to create, 4 to update`.
fn verdict(plan: &Plan) -> String {
    if plan.refusals.is_empty() && plan.is_empty() {
        return "No changes".to_owned();
    }
    let counts = plan.counts;
    let parts = [
        (counts.create, "to create"),
        (counts.update, "to update"),
        (counts.replace, "to replace"),
        (counts.delete, "to delete"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, word)| format!("{count} {word}")).collect();
    let parts = if parts.is_empty() { "no changes".to_owned() } else { parts.join(", ") };
    match plan.refusals.len() {
        0 => format!("Plan: {parts}"),
        1 => format!("Plan refused for 1 reason: {parts}"),
        several => format!("Plan refused for {several} reasons: {parts}"),
    }
}

/// Refusals and notes, routing, and the changes of each kind.
pub fn sections(plan: &Plan) -> Vec<Section> {
    let refusals = plan.refusals.iter().map(|refusal| {
        let (message, help) = (prose(&refusal.message), prose(&refusal.help));
        Item::short(format!(
            "- {}: {message}  \n  Help: {help}",
            code(&refusal.address.to_string())
        ))
    });
    let notes = plan.notes.iter().map(|note| {
        Item::short(format!("- {}: {}", code(&note.address.to_string()), prose(&note.message)))
    });
    let mut sections = vec![
        Section::list("Refused", ["refusal", "refusals"], refusals.collect()),
        Section::list("Notes", ["note", "notes"], notes.collect()),
    ];
    sections.extend(plan.routing.as_ref().map(|routing| {
        let entries = compare::entries(routing).into_iter().map(Item::short).collect();
        let nouns = ["difference in routing", "differences in routing"];
        Section::fold(
            format!("routing: {}", compare::elsewhere_line(routing)),
            nouns,
            "text",
            entries,
        )
    }));
    for kind in Kind::ALL {
        let items: Vec<Item> = if kind == Kind::Capacity {
            capacities(plan)
        } else {
            plan.of(kind).map(|change| item(plan, change)).collect()
        };
        sections.push(Section::fold(summary(plan, kind), nouns(kind), "diff", items));
    }
    let unmanaged = plan.unmanaged.iter().map(|address| Item::short(line(&address.to_string())));
    sections.push(Section::fold(
        format!("not in the spec, left alone: {}", plan.unmanaged.len()),
        ["object that is left alone", "objects that are left alone"],
        "text",
        unmanaged.collect(),
    ));
    sections.retain(|section| !section.is_empty());
    sections
}

/// `queues: 1 to create, 2 to update`; nothing in it is from a spec.
fn summary(plan: &Plan, kind: Kind) -> String {
    let mut counts: BTreeMap<(Action, Stage), usize> = BTreeMap::new();
    for change in plan.of(kind) {
        let stage = if change.stage == Stage::Cleanup { Stage::Cleanup } else { Stage::Main };
        *counts.entry((change.action, stage)).or_default() += 1;
    }
    let parts = counts.into_iter().map(|((action, stage), count)| {
        let word = match (action, stage) {
            (Action::Create, _) => "to create",
            (Action::Update, _) => "to update",
            (Action::Replace, _) => "to replace",
            (Action::Delete, Stage::Cleanup) => "to delete once replaced",
            (Action::Delete, _) => "to delete",
        };
        format!("{count} {word}")
    });
    let [_, many] = nouns(kind);
    format!("{many}: {}", parts.collect::<Vec<_>>().join(", "))
}

pub(super) fn nouns(kind: Kind) -> [&'static str; 2] {
    match kind {
        Kind::Workspace => ["workspace", "workspace"],
        Kind::TaskChannel => ["task channel", "task channels"],
        Kind::Activity
        | Kind::Queue
        | Kind::Workflow
        | Kind::Worker
        | Kind::Capacity
        | Kind::Role => [kind.word(), kind.plural()],
    }
}

fn item(plan: &Plan, change: &Change) -> Item {
    let sign = match change.action {
        Action::Create => '+',
        Action::Update | Action::Replace => '!',
        Action::Delete => '-',
    };
    let aside = aside(change).map(|text| format!("  {text}")).unwrap_or_default();
    let mut lines = vec![line(&format!("{sign} {}{aside}", change.address))];
    fields(&mut lines, 4, change.action, &change.fields);
    filters(&mut lines, &change.filters);
    lines.extend(remarks(plan, change).iter().map(|text| line(&format!("#     {text}"))));
    Item::of_lines(lines)
}

fn capacities(plan: &Plan) -> Vec<Item> {
    let item = |group: super::change::CapacityGroup<'_>| {
        let head = format!("! capacity of {}  {}{}", group.who(), group.what(), group.names());
        let reasons = group.reasons.iter().map(|reason| line(&format!("#     {reason}")));
        let lines: Vec<String> = std::iter::once(line(&head)).chain(reasons).collect();
        Item::short(lines.join("\n"))
    };
    capacity_groups(plan).into_iter().map(item).collect()
}

/// A line for each value: what goes, and what comes.
pub(super) fn fields(
    lines: &mut Vec<String>,
    indent: usize,
    action: Action,
    changes: &[FieldChange],
) {
    for FieldChange { field, before, after } in changes {
        let is_step = field.ends_with(']') || field == "default_filter";
        let shown = |value: &Value| if is_step { step(value) } else { plain(value) };
        let mut add = |sign: char, value: String| {
            lines.push(line(&format!("{sign} {:indent$}{field}: {value}", "")));
        };
        match (before, after) {
            (_, after) if action == Action::Create => add('+', shown(after)),
            (Value::Array(before), Value::Array(after))
                if !before.is_empty() && !same(before, after) =>
            {
                for item in before.iter().filter(|item| !after.contains(item)) {
                    add('-', plain(item));
                }
                for item in after.iter().filter(|item| !before.contains(item)) {
                    add('+', plain(item));
                }
            }
            (before, after) => {
                if !(before.is_null() && is_step) {
                    add('-', shown(before));
                }
                if !(after.is_null() && is_step) {
                    add('+', shown(after));
                }
            }
        }
    }
}

/// Whether both have the same items, in whatever order.
fn same(before: &[Value], after: &[Value]) -> bool {
    before.iter().all(|item| after.contains(item)) && after.iter().all(|item| before.contains(item))
}

pub(super) fn filters(lines: &mut Vec<String>, changes: &[FilterChange]) {
    let mut add = |text: String| lines.push(line(&text));
    for change in changes {
        match change {
            FilterChange::Added { position, filter } => {
                add(format!("+     filter {position}  {}", filter.name));
                add(format!("+         {}", routing(filter)));
            }
            FilterChange::Removed { position, filter } => {
                add(format!("-     filter {position}  {}", filter.name));
                add(format!("-         {}", routing(filter)));
            }
            FilterChange::Moved { name, from, to } => {
                add(format!("!     filter {from}  {name} moved to {to}"));
            }
            FilterChange::Changed { name, position, fields: changed } => {
                add(format!("!     filter {position}  {name}"));
                let mut below = Vec::new();
                fields(&mut below, 8, Action::Update, changed);
                below.into_iter().for_each(&mut add);
            }
        }
    }
}
