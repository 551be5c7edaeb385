//! Diagnostics as workflow commands of GitHub Actions, which shows them beside the lines.

use super::place::Places;
use super::{Diagnostic, Severity};
use crate::text::Sources;

/// One command for each diagnostic, each line ended.
pub fn to_github(diagnostics: &[Diagnostic], sources: &Sources, places: &Places) -> String {
    diagnostics.iter().map(|one| command(one, sources, places)).collect()
}

/// The command of a run that ended before there was anything to tell of the spec.
pub fn github_of_failure(message: &str) -> String {
    format!("::error title=flexctl::{}\n", data(message))
}

fn command(diagnostic: &Diagnostic, sources: &Sources, places: &Places) -> String {
    let Diagnostic { code, severity, message, help, labels } = diagnostic;
    let word = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut properties = Vec::new();
    let mut text = message.clone();
    if let Some(label) = labels.first() {
        let file = sources.file(label.span.file);
        let range = label.span.range;
        let start = file.line_column(range.start);
        // It is shown below its last line, which should be the one that begins it.
        let end = file.line_column(range.end.min(file.line_range(range.start).end));
        properties.push(format!("file={}", property(&places.path(&file.name))));
        properties.push(format!("line={},col={}", start.line, start.column));
        properties.push(format!("endLine={}", end.line));
        if end.column > start.column {
            properties.push(format!("endColumn={}", end.column));
        }
        if !label.text.is_empty() {
            text.push_str(&format!("\nhere: {}", label.text));
        }
    }
    for label in labels.iter().skip(1) {
        let file = sources.file(label.span.file);
        let line = file.line_column(label.span.range.start).line;
        text.push_str(&format!("\n{}:{line}: {}", places.path(&file.name), label.text));
    }
    properties.push(format!("title={}", property(code)));
    if let Some(help) = help {
        text.push_str(&format!("\nhelp: {help}"));
    }
    format!("::{word} {}::{}\n", properties.join(","), data(&text))
}

/// As it may stand in a message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As it may stand in a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    #[test]
    fn no_name_ends_a_property_or_begins_another_command() {
        let mut sources = Sources::default();
        let file = sources.add("a,b:c%.yaml", "x: y\n");
        let message = "50% of\n::error::queues";
        let one = Diagnostic::error("unknown-key", Span::new(file, 3, 4), message).with_help("no");
        assert_eq!(
            to_github(&[one], &sources, &Places::default()),
            "::error file=a%2Cb%3Ac%25.yaml,line=1,col=4,endLine=1,endColumn=5,title=unknown-key\
             ::50%25 of%0A::error::queues%0Ahelp: no\n"
        );
        assert_eq!(github_of_failure("a\nb"), "::error title=flexctl::a%0Ab\n");
    }
}
