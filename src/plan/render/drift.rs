//! Drift as people read it.

use super::change::{CapacityGroup, grouped, short_sid};
use super::markdown::{fields, filters, nouns};
use super::value::show_fields;
use super::{Options, filter};
use crate::model::Kind;
use crate::plan::{Action, Author, Drift, DriftKind, Drifted};
use crate::text::markdown::{self, Comment, Item, Section, code, escape, line, prose};
use crate::text::page::{Page, Span};

/// What differs, each line ended; values go from the spec's to the live ones.
pub fn text(drift: &Drift, options: &Options) -> String {
    let mut page = Page::new(options);
    for one in drift.objects.iter().filter(|one| one.address.kind != Kind::Capacity) {
        show(&mut page, one);
    }
    for group in capacities(drift) {
        let what = format!("  {}", group.what());
        let head = [
            Span::changed("~ "),
            Span::strong(format!("capacity of {}", group.who())),
            Span::plain(what),
            Span::faint(group.names()),
        ];
        page.line(0, 4, &head);
        for rule in group.reasons {
            page.line(4, 6, &[Span::faint(rule)]);
        }
    }
    if drift.is_none() {
        page.line(0, 0, &[Span::strong("No drift.")]);
    } else {
        page.blank();
    }
    page.line(0, 4, &[Span::plain(sums(drift).join(", "))]);
    page.finish()
}

fn show(page: &mut Page, one: &Drifted) {
    let (sign, word) = match one.drift {
        DriftKind::Changed => (Span::changed("~ "), String::new()),
        DriftKind::Missing => (Span::removed("- "), "  is not live".to_owned()),
        DriftKind::Extra => (Span::added("+ "), "  is live, and is to be gone".to_owned()),
        DriftKind::Unclear => (Span::changed("? "), String::new()),
    };
    let name = one.live_name.as_ref().map(|name| format!("  is live as {name}"));
    let aside = Span::faint(name.unwrap_or(word));
    page.line(0, 4, &[sign, Span::strong(one.address.to_string()), aside]);
    show_fields(page, 4, Action::Update, &one.fields);
    filter::show(page, 4, Action::Update, &one.filters);
    if let Some(remark) = &one.remark {
        page.line(4, 6, &[Span::faint(remark)]);
    }
    if let Some(author) = &one.changed_by {
        page.line(4, 6, &[Span::faint(told(author, Detail::Everything))]);
    }
}

/// How much is told of an author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    Everything,
    /// Without the IP address: comments are read by many.
    ForMany,
}

/// `workflow.updated at 2025-…Z by user US…41ab from console`.
fn told(author: &Author, detail: Detail) -> String {
    let Author { at, actor, actor_type, source, address, event_type } = author;
    let mut text = format!("{event_type} at {at}");
    if let Some(actor) = actor {
        let kind = actor_type.as_ref().map(|kind| format!("{kind} ")).unwrap_or_default();
        text.push_str(&format!(" by {kind}{}", short_sid(actor)));
    }
    if let Some(source) = source {
        text.push_str(&format!(" from {source}"));
    }
    if let (Some(address), Detail::Everything) = (address, detail) {
        text.push_str(&format!(" ({address})"));
    }
    text
}

fn capacities(drift: &Drift) -> Vec<CapacityGroup<'_>> {
    grouped(drift.objects.iter().map(|one| {
        let rule = one.remark.as_slice();
        (&one.address, one.fields.as_slice(), rule)
    }))
}

/// `2 changed, 1 missing, 39 as declared`.
fn sums(drift: &Drift) -> Vec<String> {
    let counts = drift.counts;
    let parts = [
        (counts.changed, word(DriftKind::Changed)),
        (counts.missing, word(DriftKind::Missing)),
        (counts.extra, word(DriftKind::Extra)),
        (counts.unclear, word(DriftKind::Unclear)),
        (counts.unchanged, "as declared"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, word)| format!("{count} {word}")).collect();
    if parts.is_empty() { vec!["nothing is declared".to_owned()] } else { parts }
}

fn word(drift: DriftKind) -> &'static str {
    match drift {
        DriftKind::Extra => "to be gone",
        DriftKind::Changed | DriftKind::Missing | DriftKind::Unclear => drift.word(),
    }
}

/// The same as a comment, or as the text of an issue. `place` says which file, which workspace,
/// where.
pub fn markdown(drift: &Drift, place: &str, max_chars: usize) -> String {
    let mut sums = sums(drift);
    let unchanged = match drift.counts.unchanged {
        0 => String::new(),
        _ => sums.pop().unwrap_or_default(),
    };
    let verdict =
        if drift.is_none() { "No drift".to_owned() } else { format!("Drift: {}", sums.join(", ")) };
    let authors = drift.objects.iter().filter_map(|one| {
        let author = one.changed_by.as_ref()?;
        let said = escape(&told(author, Detail::ForMany));
        Some(Item::short(format!("- {}: {said}", code(&one.address.to_string()))))
    });
    let unclear = drift.objects.iter().filter(|one| one.drift == DriftKind::Unclear);
    let unclear = unclear.map(|one| {
        let remark = one.remark.as_deref().unwrap_or_default();
        Item::short(format!("- {}: {}", code(&one.address.to_string()), prose(remark)))
    });
    let mut sections = vec![
        Section::list("Unclear", ["object", "objects"], unclear.collect()),
        Section::list("Last changed", ["author", "authors"], authors.collect()),
    ];
    for kind in Kind::ALL {
        let of_kind = || drift.objects.iter().filter(|one| one.address.kind == kind);
        let items: Vec<Item> = match kind {
            Kind::Capacity => capacities(drift).iter().map(group).collect(),
            _ => of_kind().map(item).collect(),
        };
        let [_, many] = nouns(kind);
        let count = |drift| (of_kind().filter(|one| one.drift == drift).count(), drift);
        let counts = DriftKind::ALL.map(count);
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> =
            counts.map(|(count, drift)| format!("{count} {}", word(*drift))).collect();
        let summary = format!("{many}: {}", counts.join(", "));
        sections.push(Section::fold(summary, nouns(kind), "diff", items));
    }
    sections.retain(|section| !section.is_empty());
    let comment = Comment {
        head: format!("### {verdict}\n\n{}", markdown::place(place)),
        sections,
        foot: unchanged,
        all: "flexctl drift".to_owned(),
    };
    comment.text(max_chars)
}

fn group(group: &CapacityGroup<'_>) -> Item {
    let head = format!("! capacity of {}  {}{}", group.who(), group.what(), group.names());
    let rules = group.reasons.iter().map(|rule| line(&format!("#     {rule}")));
    let lines: Vec<String> = std::iter::once(line(&head)).chain(rules).collect();
    Item::short(lines.join("\n"))
}

fn item(one: &Drifted) -> Item {
    let (sign, word) = match one.drift {
        DriftKind::Changed | DriftKind::Unclear => ('!', ""),
        DriftKind::Missing => ('-', "  is not live"),
        DriftKind::Extra => ('+', "  is live, and is to be gone"),
    };
    let name = one.live_name.as_ref().map(|name| format!("  is live as {name}"));
    let aside = name.as_deref().unwrap_or(word);
    let mut lines = vec![line(&format!("{sign} {}{aside}", one.address))];
    fields(&mut lines, 4, Action::Update, &one.fields);
    filters(&mut lines, &one.filters);
    lines.extend(one.remark.iter().map(|remark| line(&format!("#     {remark}"))));
    Item::of_lines(lines)
}
