//! Comments that allow a lint in one place: `# flexctl: allow(empty-list)`.

use crate::diag::{Code, Diagnostic, Lint};
use crate::spec::Analysis;
use crate::text::{FileId, Span, TextRange};

/// What a comment begins with, after its `#`.
const MARK: &str = "flexctl: allow(";

/// The comments of a spec that allow lints.
pub(super) struct Allowances {
    lints: Vec<Allowance>,
    unknown: Vec<Diagnostic>,
}

struct Allowance {
    lint: Lint,
    file: FileId,
    /// The bytes it holds for.
    range: TextRange,
}

impl Allowances {
    /// Those in the files of a spec.
    ///
    /// A comment holds for whatever begins on its line, to its end; one that stands alone holds
    /// for the next line that is no comment.
    pub(super) fn of(analysis: &Analysis) -> Self {
        let mut allowances = Self { lints: Vec::new(), unknown: Vec::new() };
        for (id, file) in analysis.sources.iter() {
            let text = &file.text;
            for (at, _) in text.match_indices(MARK) {
                let line = file.line_range(at);
                let before = text[line.start..at].trim_end();
                let after = text[at + MARK.len()..line.end].split_once(')');
                let comment = before
                    .strip_suffix('#')
                    .filter(|before| before.is_empty() || before.ends_with([' ', '\t']));
                let (Some(before), Some((codes, _))) = (comment, after) else { continue };
                if analysis.is_text(id, at) {
                    continue;
                }
                let start = if before.trim().is_empty() { next_line(text, line) } else { line };
                let range = analysis.begins_on(id, start);
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
                Ok(lint) => self.lints.push(Allowance { lint, file, range }),
                Err(error) => {
                    let span = Span::new(file, from, from + code.len());
                    let diagnostic = Diagnostic::error("unknown-lint", span, error.to_string());
                    self.unknown.push(
                        diagnostic.with_help("`flexctl explain` lists the codes of all lints"),
                    );
                }
            }
        }
    }

    /// What is allowed and is no lint.
    pub(super) fn unknown(&self) -> Vec<Diagnostic> {
        self.unknown.clone()
    }

    /// Whether a comment allows this at a place.
    pub(super) fn cover(&self, code: Code, span: Span) -> bool {
        self.lints.iter().any(|allowed| {
            let lint = matches!(allowed.lint, Lint::Warnings) || allowed.lint == Lint::Code(code);
            let inside =
                allowed.range.start <= span.range.start && span.range.start <= allowed.range.end;
            lint && allowed.file == span.file && inside
        })
    }
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
