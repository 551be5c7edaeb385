//! Diagnostics as a comment on a pull request.

use super::{Diagnostic, Severity, summary};
use crate::text::Sources;
use crate::text::markdown::{Comment, Item, Section, code, prose};

/// The comment: how many there are, the errors, and then the warnings.
pub fn to_markdown(diagnostics: &[Diagnostic], sources: &Sources, max_chars: usize) -> String {
    let of = |severity| {
        let these = diagnostics.iter().filter(move |one| one.severity == severity);
        these.map(|one| item(one, sources)).collect::<Vec<_>>()
    };
    let mut sections = vec![
        Section::list("Errors", ["error", "errors"], of(Severity::Error)),
        Section::list("Warnings", ["warning", "warnings"], of(Severity::Warning)),
    ];
    sections.retain(|section| !section.is_empty());
    let comment = Comment {
        head: format!("### The spec has {}", summary(diagnostics)),
        sections,
        foot: String::new(),
        all: "flexctl validate".to_owned(),
    };
    comment.text(max_chars)
}

fn item(diagnostic: &Diagnostic, sources: &Sources) -> Item {
    let Diagnostic { code: name, message, help, labels, .. } = diagnostic;
    let place = labels.first().map(|label| {
        let file = sources.file(label.span.file);
        let at = file.line_column(label.span.range.start);
        format!("{} ", code(&format!("{}:{}:{}", file.name, at.line, at.column)))
    });
    let help = help.as_ref().map(|help| format!("  \n  Help: {}", prose(help)));
    let (place, help) = (place.unwrap_or_default(), help.unwrap_or_default());
    Item::short(format!("- {place}**{name}**: {}{help}", prose(message)))
}
