//! `order_by` of a target: a list of worker attributes, which is no expression.

use std::fmt;

use super::lexer::{Token, TokenKind, is_space, tokenize};
use super::truth::integer;
use super::{Path, Scope, Segment, SyntaxError, advice};
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
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        let more = match token.kind {
            TokenKind::Comma => true,
            TokenKind::End | TokenKind::Abandoned => false,
            _ => continue,
        };
        match &tokens[start..at] {
            [] if at == 0 && !more => {}
            // After the last comma, that comma is to blame.
            [] => {
                let comma = if more { token } else { &tokens[at - 1] };
                advice::report(&mut errors, comma.range, advice::missing_order_key());
            }
            [first, others @ ..] => keys.extend(key(text, first, others, &mut errors)),
        }
        start = at + 1;
    }
    errors.sort_by_key(|error| error.range);
    (keys, errors)
}

/// Reads what stands between two commas.
fn key(
    text: &str,
    first: &Token,
    others: &[Token],
    errors: &mut Vec<SyntaxError>,
) -> Option<OrderKey> {
    let slice = |range: TextRange| &text[range.start..range.end];
    let mut report = |range, advice| advice::report(errors, range, advice);
    let TokenKind::Path(path) = &first.kind else {
        if first.kind != TokenKind::Junk {
            report(first.range, advice::order_by_no_attribute(slice(first.range)));
        }
        return None;
    };
    if !matches!(&path.segments[..], [Segment::Key(first), _, ..] if first == "worker") {
        report(first.range, advice::order_by_no_worker(slice(first.range)));
    }
    let Some((word, others)) = others.split_first() else {
        report(first.range, advice::order_without_direction(slice(first.range)));
        return None;
    };
    let direction = match slice(word.range) {
        text if text.eq_ignore_ascii_case("ASC") => Direction::Ascending,
        text if text.eq_ignore_ascii_case("DESC") => Direction::Descending,
        text => {
            if word.kind != TokenKind::Junk {
                report(word.range, advice::bad_direction(text));
            }
            return None;
        }
    };
    if let Some(extra) = others.iter().find(|token| token.kind != TokenKind::Junk) {
        report(extra.range, advice::missing_order_comma(slice(extra.range)));
    }
    Some(OrderKey { path: path.clone(), direction, range: first.range.cover(word.range) })
}

/// The canonical spelling of an `order_by`; `text` without outer white space when it has syntax
/// errors.
pub fn canonical_order_by(text: &str) -> String {
    let (keys, errors) = parse_order_by(text);
    if errors.is_empty() {
        keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    } else {
        text.trim_matches(is_space).to_owned()
    }
}

/// A worker's place by sort keys: smaller comes first, equal says that the keys do not decide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rank(Vec<Place>);

/// By one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Place {
    Integer(i128),
    Last,
}

/// Where `keys` put the worker whose attributes `scope` holds. A value that is no integer is
/// ignored: the worker comes last by that key, as one without the attribute does, whatever the
/// direction.
pub fn rank(keys: &[OrderKey], scope: &dyn Scope) -> Rank {
    let place = |key: &OrderKey| match (integer(&scope.lookup(&key.path)), key.direction) {
        (Some(value), Direction::Ascending) => Place::Integer(value),
        // Integers of JSON are far from the ends of an i128.
        (Some(value), Direction::Descending) => Place::Integer(-value),
        (None, _) => Place::Last,
    };
    Rank(keys.iter().map(place).collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::AttributeScope;
    use serde_json::json;

    /// The first error as (start, end, message).
    fn complaint(text: &str) -> Option<(usize, usize, String)> {
        let error = parse_order_by(text).1.into_iter().next()?;
        Some((error.range.start, error.range.end, error.message))
    }

    #[test]
    fn sort_keys_are_read_in_order_whatever_the_spacing_and_case() {
        let text = " worker.level asc ,worker.routing.levels.1b  DESC";
        assert_eq!(complaint(text), None);
        let canonical = "worker.level ASC, worker.routing.levels.1b DESC";
        assert_eq!(canonical_order_by(text), canonical);
        assert_eq!(parse_order_by(text).0, parse_order_by(canonical).0);
    }

    #[test]
    fn nothing_orders_by_nothing() {
        assert_eq!(parse_order_by(" "), (Vec::new(), Vec::new()));
    }

    #[test]
    fn each_slip_has_its_place() {
        for (text, start, end, message) in [
            ("worker.a", 0, 8, "ASC or DESC is missing after `worker.a`"),
            ("level DESC", 0, 5, "workers are sorted by their own attributes, not by `level`"),
            ("task.a ASC", 0, 6, "workers are sorted by their own attributes, not by `task.a`"),
            ("worker ASC", 0, 6, "workers are sorted by their own attributes, not by `worker`"),
            ("worker.a DOWN", 9, 13, "`DOWN` is not an order"),
            ("worker.a ASC worker.b ASC", 13, 21, "a comma is missing before `worker.b`"),
            ("worker.a ASC,", 12, 13, "an attribute is missing beside this comma"),
            (", worker.a ASC", 0, 1, "an attribute is missing beside this comma"),
            ("worker.a ASC,, worker.b ASC", 13, 14, "an attribute is missing beside this comma"),
            ("'worker.a' ASC", 0, 10, "`'worker.a'` is not an attribute to sort by"),
            ("worker.a-b ASC", 8, 9, "a key cannot hold a hyphen"),
        ] {
            assert_eq!(complaint(text), Some((start, end, message.to_owned())), "{text}");
        }
    }

    #[test]
    fn every_readable_key_is_kept_beside_a_slip() {
        let (keys, errors) = parse_order_by("worker.a ASC, worker.b, worker.c DESC");
        assert_eq!(
            keys.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["worker.a ASC", "worker.c DESC"]
        );
        assert_eq!(errors.len(), 1);
    }

    /// The names of `workers` in their order; the sort is stable, so ties keep theirs.
    fn sorted<'a>(order_by: &str, workers: &[(&'a str, serde_json::Value)]) -> Vec<&'a str> {
        let (keys, errors) = parse_order_by(order_by);
        assert_eq!(errors, [], "{order_by}");
        let mut workers = workers.to_vec();
        workers.sort_by_cached_key(|(_, attributes)| {
            let attributes = attributes.as_object().expect("the test writes objects");
            rank(&keys, &AttributeScope::worker(attributes))
        });
        workers.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn workers_are_sorted_by_integers_and_those_without_come_last_either_way() {
        let workers = [
            ("none", json!({})),
            ("low", json!({"level": -2, "routing": {"levels": {"en": 1}}})),
            ("text", json!({"level": "9"})),
            ("high", json!({"level": 7, "routing": {"levels": {"en": 3}}})),
            ("half", json!({"level": 0.5})),
            ("whole", json!({"level": 3.0})),
            ("also high", json!({"level": 7, "routing": {"levels": {"en": 5}}})),
            ("huge", json!({"level": u64::MAX})),
            ("tiny", json!({"level": i64::MIN})),
        ];
        for (order_by, expected) in [
            ("", ["none", "low", "text", "high", "half", "whole", "also high", "huge", "tiny"]),
            (
                "worker.level ASC",
                ["tiny", "low", "whole", "high", "also high", "huge", "none", "text", "half"],
            ),
            (
                "worker.level DESC",
                ["huge", "high", "also high", "whole", "low", "tiny", "none", "text", "half"],
            ),
            (
                "worker.level DESC, worker.routing.levels.en DESC",
                ["huge", "also high", "high", "whole", "low", "tiny", "none", "text", "half"],
            ),
            (
                "worker.routing.levels.en DESC",
                ["also high", "high", "low", "none", "text", "half", "whole", "huge", "tiny"],
            ),
        ] {
            assert_eq!(sorted(order_by, &workers), expected, "{order_by}");
        }
    }

    #[test]
    fn a_path_alone_is_read_and_anything_else_is_not() {
        let path = parse_path(" task.agent.sid ").expect("a path");
        assert_eq!(path.to_string(), "task.agent.sid");
        for text in ["", "'task.a'", "task.a == 1", "task.a task.b", "{{task.a}}", "task.", "5"] {
            assert!(parse_path(text).is_err(), "{text}");
        }
    }
}
