//! `order_by` of a target: a list of worker attributes, which is no expression.

use std::fmt;

use super::lexer::{Token, TokenKind, tokenize};
use super::{Path, Segment, SyntaxError, advice};
use crate::text::TextRange;

/// Which end comes first. Workers without the attribute come last either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The smallest first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// One attribute that workers are sorted by.
#[derive(Clone, Debug)]
pub struct OrderKey {
    /// `worker.…`, an attribute with integers.
    pub path: Path,
    pub direction: Direction,
    /// Its bytes in the text.
    pub range: TextRange,
}

/// Places do not count.
impl PartialEq for OrderKey {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, self.direction) == (&other.path, other.direction)
    }
}

impl fmt::Display for OrderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.direction {
            Direction::Ascending => "ASC",
            Direction::Descending => "DESC",
        };
        write!(f, "{} {direction}", self.path)
    }
}

/// Reads `worker.x ASC, worker.y DESC`; always gives the keys that could be read. An empty text
/// orders by nothing.
pub fn parse_order_by(text: &str) -> (Vec<OrderKey>, Vec<SyntaxError>) {
    let (tokens, mut errors) = tokenize(text);
    let mut keys = Vec::new();
    let [tokens @ .., end] = &tokens[..] else { return (keys, errors) };
    if tokens.is_empty() {
        return (keys, errors);
    }
    let mut rest = tokens.split(|token| token.kind == TokenKind::Comma).peekable();
    let mut after = TextRange::new(0, 0);
    while let Some(item) = rest.next() {
        let gap = match rest.peek() {
            Some(_) => after,
            None if item.is_empty() => TextRange::new(after.end.saturating_sub(1), after.end),
            None => end.range,
        };
        key(text, item, gap, &mut keys, &mut errors);
        after = item.last().map_or(after, |token| token.range);
        after.end = text[after.end..].find(',').map_or(after.end, |at| after.end + at + 1);
    }
    errors.sort_by_key(|error| error.range);
    (keys, errors)
}

/// Reads what stands between two commas; `gap` is where the complaint goes when nothing does.
fn key(
    text: &str,
    item: &[Token],
    gap: TextRange,
    keys: &mut Vec<OrderKey>,
    errors: &mut Vec<SyntaxError>,
) {
    let slice = |range: TextRange| &text[range.start..range.end];
    let mut report = |range, advice| advice::report(errors, range, advice);
    let (first, others) = match item {
        [] => return report(gap, advice::missing_order_key()),
        [first, others @ ..] => (first, others),
    };
    let TokenKind::Path(path) = &first.kind else {
        if first.kind != TokenKind::Junk {
            report(first.range, advice::order_by_no_attribute(slice(first.range)));
        }
        return;
    };
    if !matches!(&path.segments[..], [Segment::Key(first), _, ..] if first == "worker") {
        report(first.range, advice::order_by_no_worker(slice(first.range)));
    }
    let Some((word, others)) = others.split_first() else {
        return report(first.range, advice::order_without_direction(slice(first.range)));
    };
    let direction = match slice(word.range) {
        text if text.eq_ignore_ascii_case("ASC") => Direction::Ascending,
        text if text.eq_ignore_ascii_case("DESC") => Direction::Descending,
        _ if word.kind == TokenKind::Junk => return,
        text => return report(word.range, advice::bad_direction(text)),
    };
    if let Some(extra) = others.iter().find(|token| token.kind != TokenKind::Junk) {
        report(extra.range, advice::missing_order_comma(slice(extra.range)));
    }
    let range = first.range.cover(word.range);
    keys.push(OrderKey { path: path.clone(), direction, range });
}

/// The canonical spelling of an `order_by`; `text` without outer white space when it has syntax
/// errors.
pub fn canonical_order_by(text: &str) -> String {
    let (keys, errors) = parse_order_by(text);
    if errors.is_empty() {
        keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    } else {
        text.trim().to_owned()
    }
}

/// Reads a path alone, as `known_worker_sid` holds it: `task.agent_sid`.
pub fn parse_path(text: &str) -> Result<Path, SyntaxError> {
    let (tokens, errors) = tokenize(text);
    if let Some(error) = errors.into_iter().next() {
        return Err(error);
    }
    match &tokens[..] {
        [Token { kind: TokenKind::Path(path), .. }, _] => Ok(path.clone()),
        [Token { kind: TokenKind::Path(_), .. }, second, ..] => Err(error(
            second.range,
            advice::unexpected(&text[second.range.start..second.range.end]),
        )),
        _ => Err(error(TextRange::new(0, text.len()), advice::no_path())),
    }
}

fn error(range: TextRange, (message, help): advice::Advice) -> SyntaxError {
    SyntaxError { range, message, help }
}
