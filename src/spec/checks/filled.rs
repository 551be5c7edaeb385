//! Strings in template form with something put in for every reference, and the way back to the
//! bytes of the string.

use crate::model::{Address, Expression, Kind, Part, Text};
use crate::spec::references::{PieceKind, Reference, references};
use crate::text::TextRange;

/// A string with its references filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::spec) struct Filled {
    /// Sids are made up, with the right shape.
    pub(in crate::spec) text: String,
    /// In order of `at`; together they cover the text.
    runs: Vec<Run>,
}

/// Bytes of the text that come from one piece of the string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    at: usize,
    /// The bytes in the string.
    source: TextRange,
    verbatim: bool,
}

impl Filled {
    /// The string as it is for this queue; without one `${queue.…}` is left as it is written.
    pub(in crate::spec) fn new(string: &str, queue: Option<&str>) -> Self {
        let mut filled = Self { text: String::with_capacity(string.len()), runs: Vec::new() };
        for piece in references(string) {
            let source = piece.range;
            let written = &string[source.start..source.end];
            let text = match (piece.kind, queue) {
                (PieceKind::Literal(text), _) => text,
                (PieceKind::Reference(Reference::QueueName), Some(queue)) => queue.to_owned(),
                (PieceKind::Reference(Reference::QueueSid), Some(queue)) => {
                    stand_in(Address::new(Kind::Queue, queue))
                }
                (PieceKind::Reference(Reference::Sid(address)), _) => stand_in(address),
                (PieceKind::Reference(_) | PieceKind::Error(_), _) => written.to_owned(),
            };
            let verbatim = text == written;
            filled.runs.push(Run { at: filled.text.len(), source, verbatim });
            filled.text.push_str(&text);
        }
        filled
    }

    /// The bytes of the string that bytes of the text come from.
    pub(in crate::spec) fn back(&self, range: TextRange) -> TextRange {
        let start = self.place(range.start).start;
        if range.is_empty() {
            return TextRange::new(start, start);
        }
        TextRange::new(start, self.place(range.end - 1).end)
    }

    /// The byte of the string for one byte of the text; all of a reference for what was put in.
    fn place(&self, at: usize) -> TextRange {
        let index = self.runs.partition_point(|run| run.at <= at);
        let Some(run) = index.checked_sub(1).map(|index| self.runs[index]) else {
            return TextRange::default();
        };
        if run.verbatim {
            let at = (run.source.start + at - run.at).min(run.source.end);
            TextRange::new(at, (at + 1).min(run.source.end))
        } else if at >= self.text.len() {
            TextRange::new(run.source.end, run.source.end)
        } else {
            run.source
        }
    }
}

/// The bytes and the quotes around each `${queue.name}` in an expression in template form.
pub(super) fn quotes_around_names(string: &str) -> Vec<(TextRange, Option<char>)> {
    let mut around = Vec::new();
    let mut open = None;
    for piece in references(string) {
        match piece.kind {
            PieceKind::Literal(text) => {
                for c in text.chars().filter(|c| matches!(c, '\'' | '"')) {
                    open = match open {
                        None => Some(c),
                        Some(quote) if quote == c => None,
                        open => open,
                    };
                }
            }
            PieceKind::Reference(Reference::QueueName) => around.push((piece.range, open)),
            PieceKind::Reference(_) | PieceKind::Error(_) => {}
        }
    }
    around
}

fn stand_in(address: Address) -> String {
    let text = Text::from_iter([Part::Sid(address)]);
    Expression { text }.stand_in().0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_the_filled_text_lead_back_to_the_string() {
        let string = "a $${b '${queue.name}' c";
        let filled = Filled::new(string, Some("Sales EMEA"));
        assert_eq!(filled.text, "a ${b 'Sales EMEA' c");
        let back = |part: &str| {
            let start = filled.text.find(part).unwrap();
            let range = filled.back(TextRange::new(start, start + part.len()));
            &string[range.start..range.end]
        };
        assert_eq!(back("a "), "a ");
        assert_eq!(back("b '"), "b '");
        assert_eq!(back("EMEA"), "${queue.name}");
        assert_eq!(back("' c"), "' c");
        let end = filled.text.len();
        assert_eq!(
            filled.back(TextRange::new(end, end)),
            TextRange::new(string.len(), string.len())
        );
    }

    #[test]
    fn a_name_knows_the_quotes_around_it() {
        let around = |text: &str| -> Vec<Option<char>> {
            quotes_around_names(text).into_iter().map(|(_, quote)| quote).collect()
        };
        assert_eq!(around("a == '${queue.name}'"), [Some('\'')]);
        assert_eq!(around("a == \"it's ${queue.name}\" AND ${queue.name} == 1"), [Some('"'), None]);
        assert_eq!(around("a == '${queue.sid}'"), []);
    }
}
