//! Which byte of the file each byte of a scalar's value comes from.

use granit_parser::ScalarStyle;

use super::tree::Run;
use crate::text::{FileId, Span};

/// A string with more escapes and folded lines than this is not worth their places.
const MAX_RUNS: usize = 10_000;

/// The runs of a scalar with this value, read from the bytes `start..end` of a file. When the
/// two cannot be brought together, one run for the whole.
pub(crate) fn runs(
    style: ScalarStyle,
    value: &str,
    source: &str,
    at: (FileId, usize, usize),
) -> Vec<Run> {
    let (file, start, end) = at;
    let slice = source.get(start..end).unwrap_or("");
    let mut builder = Builder { file, value, at: 0, runs: Vec::new() };
    let done = match style {
        ScalarStyle::Plain => builder.flow(slice, start, None),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
            let quote = if style == ScalarStyle::SingleQuoted { '\'' } else { '"' };
            slice
                .strip_prefix(quote)
                .and_then(|inner| inner.strip_suffix(quote))
                .and_then(|inner| builder.flow(inner, start + 1, Some(quote)))
        }
        ScalarStyle::Literal => builder.literal(slice, start),
        ScalarStyle::Folded => {
            let line = source[..start].rfind('\n').map_or(0, |at| at + 1);
            builder.folded(slice, start, start - line)
        }
    };
    if done.is_some() && builder.at == value.len() {
        builder.runs
    } else {
        vec![Run { at: 0, source: Span::new(file, start, end), verbatim: false }]
    }
}

struct Builder<'a> {
    file: FileId,
    value: &'a str,
    /// How much of the value has its place.
    at: usize,
    runs: Vec<Run>,
}

impl Builder<'_> {
    /// The next bytes of the value are these, at `source` in the file.
    fn verbatim(&mut self, text: &str, source: usize) -> Option<()> {
        if text.is_empty() {
            return Some(());
        }
        self.value.get(self.at..)?.strip_prefix(text)?;
        let continues = self.runs.last().is_some_and(|run| {
            run.verbatim && run.source.range.end == source && run.source.file == self.file
        });
        if let (true, Some(run)) = (continues, self.runs.last_mut()) {
            run.source.range.end += text.len();
        } else {
            let source = Span::new(self.file, source, source + text.len());
            self.runs.push(Run { at: self.at, source, verbatim: true });
        }
        self.at += text.len();
        Some(())
    }

    /// The next `length` bytes of the value come from all of `start..end`.
    fn other(&mut self, length: usize, start: usize, end: usize) -> Option<()> {
        if length == 0 {
            return Some(());
        }
        self.value.get(self.at..self.at + length)?;
        if self.runs.len() >= MAX_RUNS {
            return None;
        }
        let source = Span::new(self.file, start, end);
        self.runs.push(Run { at: self.at, source, verbatim: false });
        self.at += length;
        Some(())
    }

    /// Plain and quoted scalars; `slice` is what stands between the quotes.
    fn flow(&mut self, slice: &str, start: usize, quote: Option<char>) -> Option<()> {
        let mut at = 0;
        while let Some(c) = slice.get(at..)?.chars().next() {
            let rest = &slice[at..];
            let here = start + at;
            match c {
                '\\' if quote == Some('"') => at += self.escape(rest, here)?,
                '\'' if quote == Some('\'') => {
                    rest.strip_prefix("''")?;
                    self.other(1, here, here + 2)?;
                    at += 2;
                }
                ' ' | '\t' | '\n' | '\r' => {
                    let length = blank(rest);
                    match breaks(&rest[..length]) {
                        0 => self.verbatim(&rest[..length], here)?,
                        breaks => self.other(breaks.max(2) - 1, here, here + length)?,
                    }
                    at += length;
                }
                _ => {
                    let special = |c: char| c.is_ascii_whitespace() || c == '\\' || c == '\'';
                    let length = rest.find(special).unwrap_or(rest.len()).max(c.len_utf8());
                    self.verbatim(&rest[..length], here)?;
                    at += length;
                }
            }
        }
        Some(())
    }

    /// A backslash and what belongs to it; says how long it is in the source.
    fn escape(&mut self, rest: &str, here: usize) -> Option<usize> {
        let escaped = rest[1..].chars().next()?;
        if matches!(escaped, '\n' | '\r') {
            // An escaped line break is nothing; further ones in the blanks after it are kept.
            let length = 1 + blank(&rest[1..]);
            self.other(breaks(&rest[1..length]) - 1, here, here + length)?;
            return Some(length);
        }
        let length = match escaped {
            'x' => 4,
            'u' => match u32::from_str_radix(rest.get(2..6)?, 16).ok()? {
                0xD800..0xDC00 => 12,
                _ => 6,
            },
            'U' => 10,
            c => 1 + c.len_utf8(),
        };
        let value = self.value.get(self.at..)?.chars().next()?;
        self.other(value.len_utf8(), here, here + length)?;
        Some(length)
    }

    /// `|`; `slice` begins at the first text.
    fn literal(&mut self, slice: &str, start: usize) -> Option<()> {
        self.leading_breaks(start)?;
        let mut at = 0;
        for raw in slice.split_inclusive('\n') {
            let value = self.value;
            let rest = &value[self.at..];
            if rest.is_empty() {
                break;
            }
            let line = rest.split('\n').next().unwrap_or(rest);
            let ended = raw.trim_end_matches(['\n', '\r']);
            let skipped = ended.strip_suffix(line)?.len();
            self.verbatim(line, start + at + skipped)?;
            self.line_break(raw, start + at)?;
            at += raw.len();
        }
        self.trailing_breaks(start + slice.len())
    }

    /// `>`; `slice` begins at the first text, which stands in this column.
    fn folded(&mut self, slice: &str, start: usize, column: usize) -> Option<()> {
        self.leading_breaks(start)?;
        let indent = slice
            .split('\n')
            .skip(1)
            .filter(|line| !line.trim_matches([' ', '\r']).is_empty())
            .map(|line| line.len() - line.trim_start_matches(' ').len())
            .fold(column, usize::min);
        let mut at = 0;
        let mut after = start;
        for raw in slice.split_inclusive('\n') {
            let indent = if at == 0 { 0 } else { indent };
            let line = raw.trim_end_matches(['\n', '\r']);
            if let Some(line) = line.get(indent..).filter(|line| !line.is_empty()) {
                let rest = self.value.get(self.at..)?;
                // A line that begins with blanks may have some of those for its own.
                let blanks = rest.len() - rest.trim_start_matches([' ', '\n']).len();
                let gap = (0..=blanks).find(|&gap| rest[gap..].starts_with(line))?;
                self.other(gap, after, start + at + indent)?;
                self.verbatim(line, start + at + indent)?;
                after = start + at + indent + line.len();
            }
            at += raw.len();
        }
        self.trailing_breaks(after)
    }

    fn leading_breaks(&mut self, start: usize) -> Option<()> {
        let length = self.value.len() - self.value.trim_start_matches('\n').len();
        self.other(length, start, start)
    }

    fn trailing_breaks(&mut self, end: usize) -> Option<()> {
        let rest = &self.value[self.at..];
        let only_breaks = rest.bytes().all(|b| b == b'\n');
        only_breaks.then(|| self.other(rest.len(), end, end))?
    }

    /// The break at the end of a source line, when the value has it.
    fn line_break(&mut self, raw: &str, start: usize) -> Option<()> {
        if !self.value[self.at..].starts_with('\n') {
            return Some(());
        }
        let end = start + raw.len();
        match raw.strip_suffix('\n') {
            Some(line) if !line.ends_with('\r') => self.verbatim("\n", end - 1),
            _ => self.other(1, start + raw.trim_end_matches(['\n', '\r']).len(), end),
        }
    }
}

/// The length of the blanks and line breaks at the start.
fn blank(text: &str) -> usize {
    text.find(|c| !matches!(c, ' ' | '\t' | '\n' | '\r')).unwrap_or(text.len())
}

/// How many lines end in a text of blanks.
fn breaks(blanks: &str) -> usize {
    let pairs = blanks.matches("\r\n").count();
    blanks.bytes().filter(|b| matches!(b, b'\n' | b'\r')).count() - pairs
}
