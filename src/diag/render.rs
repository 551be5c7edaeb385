//! Diagnostics for people.

use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    SourceCode, SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

use super::{Diagnostic, Label, Severity};
use crate::text::{SourceFile, Sources, Span, shown_lines};

/// A line that is longer, in bytes, is shown in part.
const MAX_LINE: usize = 200;
/// How much of a long line is shown on either side, in bytes.
const AROUND: usize = 60;

/// Whether a report has colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Always,
    Never,
}

/// The report for people: each diagnostic with its lines, one after the other, `width` columns
/// wide. Ends with a line break when there is any.
pub fn render_text(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    width: usize,
    colour: Colour,
) -> String {
    let styles = match colour {
        Colour::Always => ThemeStyles::ansi(),
        Colour::Never => ThemeStyles::none(),
    };
    let theme = GraphicalTheme { characters: ThemeCharacters::unicode(), styles };
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(width);
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        let report = Report::new(diagnostic, sources);
        handler.render_report(&mut out, &report).expect("writing to a string cannot fail");
    }
    // What miette calls the reports of further places.
    out.replace("\nAdvice: \n", "\n")
}

/// `12 errors, 1 warning`; `no problems` when there is none.
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let (errors, warnings) = counts(diagnostics);
    let count = |number: usize, word: &str| match number {
        0 => None,
        1 => Some(format!("1 {word}")),
        _ => Some(format!("{number} {word}s")),
    };
    let parts = [count(errors, "error"), count(warnings, "warning")];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "no problems".to_owned() } else { parts.join(", ") }
}

/// `flex.yaml:4:5: error[unknown-key]: what is wrong; what to do`.
pub fn one_line(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let Diagnostic { code, severity, message, help, labels } = diagnostic;
    let place = labels.first().map(|label| {
        let file = sources.file(label.span.file);
        let at = file.line_column(label.span.range.start);
        format!("{}:{}:{}: ", file.name, at.line, at.column)
    });
    let help = help.as_ref().map(|help| format!("; {help}"));
    let (place, help) = (place.unwrap_or_default(), help.unwrap_or_default());
    format!("{place}{severity}[{code}]: {message}{help}")
}

pub(super) fn counts(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let errors = diagnostics.iter().filter(|one| one.severity == Severity::Error).count();
    (errors, diagnostics.len() - errors)
}

/// A diagnostic as miette draws it. miette draws one file at a time: labels in other files become
/// reports of their own below it.
#[derive(Debug)]
struct Report<'a> {
    code: Option<&'a str>,
    severity: miette::Severity,
    message: String,
    help: Option<String>,
    page: Option<Page<'a>>,
    labels: Vec<LabeledSpan>,
    related: Vec<Report<'a>>,
}

impl<'a> Report<'a> {
    fn new(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Self {
        let mut report = Self {
            code: Some(diagnostic.code),
            severity: match diagnostic.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
            },
            message: shown_lines(&diagnostic.message),
            help: diagnostic.help.as_deref().map(shown_lines),
            page: None,
            labels: Vec::new(),
            related: Vec::new(),
        };
        let Some(primary) = diagnostic.labels.first() else { return report };
        report.show(primary, sources);
        for label in &diagnostic.labels[1..] {
            let same_page = label.span.file == primary.span.file
                && report.page.as_ref().is_some_and(|page| page.cut.is_none())
                && !is_long(sources, label.span);
            if same_page {
                let file = sources.file(label.span.file);
                report.labels.push(drawn(first_line(file, label.span), &label.text));
                continue;
            }
            let mut other = Self {
                code: None,
                severity: miette::Severity::Advice,
                message: shown_lines(&label.text),
                help: None,
                page: None,
                labels: Vec::new(),
                related: Vec::new(),
            };
            other.show(&Label { span: label.span, text: String::new() }, sources);
            report.related.push(other);
        }
        report
    }

    /// Shows the line of a label.
    fn show(&mut self, label: &Label, sources: &'a Sources) {
        let file = sources.file(label.span.file);
        let (start, end) = first_line(file, label.span);
        if !is_long(sources, label.span) {
            self.page = Some(Page { file, cut: None });
            self.labels = vec![drawn((start, end), &label.text)];
            return;
        }
        let line = line_of(file, start);
        let from = boundary(&file.text, start.saturating_sub(AROUND).max(line.0));
        let to = boundary(&file.text, (start + AROUND).min(line.1));
        let visible = visible(&file.text[from..to]);
        let before = if from > line.0 { "…" } else { "" };
        let after = if to < line.1 { "…" } else { "" };
        let at = before.len() + start - from;
        self.labels = vec![drawn((at, at + end.min(to).saturating_sub(start)), &label.text)];
        let text = format!("{before}{visible}{after}");
        self.page = Some(Page { file, cut: Some(Cut { text, start }) });
    }
}

/// A label from one byte to another.
fn drawn((start, end): (usize, usize), text: &str) -> LabeledSpan {
    LabeledSpan::new(Some(shown_lines(text)).filter(|text| !text.is_empty()), start, end - start)
}

/// What a terminal would obey, beside what lines end with.
fn is_order(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\r' | '\n')
}

/// The text without orders to a terminal; each byte stays in its place.
fn visible(text: &str) -> String {
    let visible = |c: char| match c.len_utf8() {
        _ if !is_order(c) => c,
        1 => '?',
        _ => '¿',
    };
    text.chars().map(visible).collect()
}

/// The bytes of a span on its first line; the rest of it would bury the problem.
fn first_line(file: &SourceFile, span: Span) -> (usize, usize) {
    let start = boundary(&file.text, span.range.start);
    let (_, line_end) = line_of(file, start);
    let end = boundary(&file.text, span.range.end.clamp(start, line_end.max(start)));
    (start, start + file.text[start..end].trim_end().len())
}

/// The first and the last byte of the line that a byte stands in, without its end.
fn line_of(file: &SourceFile, at: usize) -> (usize, usize) {
    let line = file.line_range(at);
    (line.start, line.end)
}

/// The next place at or after a byte where a character begins.
fn boundary(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// Whether the line of a span or one beside it is too long to be shown, or not to be shown as it
/// is.
fn is_long(sources: &Sources, span: Span) -> bool {
    let file = sources.file(span.file);
    let (start, end) = line_of(file, boundary(&file.text, span.range.start));
    let above = start.checked_sub(1).map(|at| line_of(file, at));
    let below = (end < file.text.len()).then(|| line_of(file, end + 1));
    let lines = [Some((start, end)), above, below].into_iter().flatten();
    let is_odd =
        |(from, to): (usize, usize)| to - from > MAX_LINE || file.text[from..to].contains(is_order);
    lines.into_iter().any(is_odd)
}

/// The file that is drawn, or a part of one long line of it.
#[derive(Debug)]
struct Page<'a> {
    file: &'a SourceFile,
    cut: Option<Cut>,
}

#[derive(Debug)]
struct Cut {
    text: String,
    /// Where the problem is in the file.
    start: usize,
}

/// miette's own reading of a text walks from its start for every label; the file knows its lines.
impl SourceCode for Page<'_> {
    fn read_span<'b>(
        &'b self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'b> + 'b>, MietteError> {
        let name = self.file.name.clone();
        let contents = |text: &'b str, range: (usize, usize), line: usize, column: usize| {
            let data = text.as_bytes().get(range.0..range.1).ok_or(MietteError::OutOfBounds)?;
            let span = SourceSpan::from(range.0..range.1);
            let lines = text[range.0..range.1].matches('\n').count() + 1;
            let contents = MietteSpanContents::new_named(name, data, span, line, column, lines);
            Ok(Box::new(contents) as Box<dyn SpanContents<'b> + 'b>)
        };
        let (start, end) = (span.offset(), span.offset() + span.len());
        if let Some(cut) = &self.cut {
            let at = self.file.line_column(cut.start);
            let column = if before == 0 && after == 0 { at.column - 1 } else { 0 };
            return contents(&cut.text, (0, cut.text.len()), at.line - 1, column);
        }
        let text = &self.file.text;
        if before == 0 && after == 0 {
            let at = self.file.line_column(start);
            return contents(text, (start, end), at.line - 1, at.column - 1);
        }
        let (mut from, _) = line_of(self.file, start);
        for _ in 0..before {
            from = from.checked_sub(1).map_or(0, |at| line_of(self.file, at).0);
        }
        let (_, mut to) = line_of(self.file, end);
        for _ in 0..after {
            to = if to < text.len() { line_of(self.file, to + 1).1 } else { to };
        }
        // What ends the last line is not of it, also where lines end with two characters.
        if to > from && text[from..to].ends_with('\r') {
            to -= 1;
        }
        contents(text, (from, to), self.file.line_column(from).line - 1, 0)
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.help.as_deref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.page.as_ref().map(|page| page as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty())
            .then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = _>>)
    }

    fn related<'b>(&'b self) -> Option<Box<dyn Iterator<Item = &'b dyn miette::Diagnostic> + 'b>> {
        let related = self.related.iter().map(|report| report as &dyn miette::Diagnostic);
        (!self.related.is_empty()).then(|| Box::new(related) as Box<dyn Iterator<Item = _>>)
    }
}
