//! Comments that allow something in one place: `# flexctl: allow(empty-list)`.

use std::collections::BTreeMap;

use super::{Analysis, Extent};
use crate::diag::{Code, Diagnostic, Lint, LintError, Severity};
use crate::text::{FileId, Span, TextRange};

/// What a comment begins with, after its `#`.
const MARK: &str = "flexctl: allow(";

/// The errors that a comment allows beside lints: what TaskRouter may hold already although it
/// cannot be read here. It is sent as it is written, and TaskRouter has the last word.
const AS_IT_IS: [Code; 5] = [
    "expression-syntax",
    "known-worker-path",
    "known-worker-twice",
    "order-by-syntax",
    "target-without-queue",
];

/// The comments of a spec that allow lints, and a few errors.
#[derive(Debug, Default)]
pub struct Allowances {
    /// The bytes that each lint is allowed in, by file.
    lints: BTreeMap<(Lint, FileId), Vec<TextRange>>,
    unknown: Vec<Diagnostic>,
}

impl Allowances {
    /// Those in the files of a spec.
    ///
    /// A comment holds for whatever begins on its line, to its end; one that stands alone holds
    /// for the next line that is no comment.
    pub fn of(analysis: &Analysis) -> Self {
        let mut allowances = Self::default();
        if analysis.sources.iter().all(|(_, file)| !file.text.contains(MARK)) {
            return allowances;
        }
        let extents = analysis.extents();
        for (id, file) in analysis.sources.iter() {
            let text = &file.text;
            for (at, _) in text.match_indices(MARK) {
                let line = file.line_range(at);
                let before = text[line.start..at].trim_end().strip_suffix('#');
                let comment = before.filter(|it| it.is_empty() || it.ends_with([' ', '\t']));
                let codes = text[at + MARK.len()..line.end].split_once(')');
                let (Some(before), Some((codes, _))) = (comment, codes) else { continue };
                if is_text(&extents, id, at) {
                    continue;
                }
                let alone = before.trim().is_empty();
                let line = if alone { next_line(text, line) } else { line };
                let range = what_begins_on(&extents, id, line);
                allowances.add(id, range, at + MARK.len(), codes);
            }
        }
        allowances
    }

    fn add(&mut self, file: FileId, range: TextRange, at: usize, codes: &str) {
        let mut start = at;
        for piece in codes.split(',') {
            let code = piece.trim();
            let from = start + (piece.len() - piece.trim_start().len());
            start += piece.len() + 1;
            match code.parse::<Lint>() {
                Ok(lint) => self.lints.entry((lint, file)).or_default().push(range),
                Err(LintError::Error(code)) if AS_IT_IS.contains(&code) => {
                    self.lints.entry((Lint::Code(code), file)).or_default().push(range);
                }
                Err(error) => {
                    let span = Span::new(file, from, from + code.len());
                    let diagnostic = Diagnostic::error("unknown-lint", span, error.to_string());
                    let help = "`flexctl explain` lists the codes of all lints";
                    self.unknown.push(diagnostic.with_help(help));
                }
            }
        }
    }

    /// What is allowed and is no lint.
    pub fn unknown(&self) -> Vec<Diagnostic> {
        self.unknown.clone()
    }

    /// Whether a comment allows this at a place.
    pub fn cover(&self, code: Code, span: Span) -> bool {
        let at = span.range.start;
        let lints = [Lint::Code(code), Lint::Warnings];
        let ranges = lints.into_iter().filter_map(|lint| self.lints.get(&(lint, span.file)));
        ranges.flatten().any(|range| range.start <= at && at <= range.end)
    }
}

/// The analysis without the errors that comments allow.
pub(super) fn allow(mut analysis: Analysis) -> Analysis {
    let may =
        |found: &Diagnostic| found.severity == Severity::Error && AS_IT_IS.contains(&found.code);
    if analysis.diagnostics.iter().any(may) {
        let allowances = Allowances::of(&analysis);
        analysis.diagnostics.retain(|found| {
            !may(found)
                || !found.labels.iter().any(|label| allowances.cover(found.code, label.span))
        });
    }
    analysis
}

/// Whether a byte lies inside a single value.
fn is_text(extents: &[Extent], file: FileId, at: usize) -> bool {
    let after = extents.partition_point(|extent| extent.span <= Span::new(file, at, usize::MAX));
    // Single values do not overlap, and those that begin before come in order.
    let before = extents[..after].iter().rev().take_while(|extent| extent.span.file == file);
    let last = before.into_iter().find(|extent| extent.single);
    last.is_some_and(|extent| at < extent.span.range.end)
}

/// From a line's first byte to the end of everything that begins on it.
fn what_begins_on(extents: &[Extent], file: FileId, line: TextRange) -> TextRange {
    let first = extents.partition_point(|extent| extent.span < Span::new(file, line.start, 0));
    let begin_here = extents[first..]
        .iter()
        .take_while(|extent| extent.span.file == file && extent.span.range.start <= line.end);
    begin_here.fold(line, |range, extent| range.cover(extent.span.range))
}

/// The first line below that holds more than a comment.
fn next_line(text: &str, line: TextRange) -> TextRange {
    let mut start = line.end;
    loop {
        let Some(next) = text.get(start + 1..) else {
            return TextRange::new(text.len(), text.len());
        };
        let end = start + 1 + next.find('\n').unwrap_or(next.len());
        let found = text[start + 1..end].trim();
        if !found.is_empty() && !found.starts_with('#') {
            return TextRange::new(start + 1, end);
        }
        start = end;
    }
}
