//! Long expressions that are repeated, defined once under a name.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::yaml::{Node, Part};
use crate::expr::{self, Literal, LogicOp, Node as Tree, Segment};

/// From which length on an expression is lifted that stands there twice,
const LONG: usize = 60;
/// or three times and more.
const LONG_ENOUGH: usize = 30;
/// As many words make a name,
const WORDS: usize = 4;
/// and about as many letters.
const LENGTH: usize = 40;

/// Replaces repeated expressions by `${expr.NAME}`, whole ones first and then long operands of AND,
/// and gives the definitions by name.
pub(super) fn lift(sections: &mut [Part]) -> Vec<Part> {
    let mut taken = BTreeSet::new();
    let whole = repeated(sections, |text| vec![text.to_owned()]);
    let whole = named(whole, &mut taken);
    replace(sections, |text| Some(reference(whole.get(text)?)));
    let pieces = repeated(sections, |text| {
        let operands = operands(text).into_iter().map(|range| text[range].to_owned());
        operands.filter(|operand| operand.chars().count() >= LONG).collect()
    });
    let pieces = named(pieces, &mut taken);
    replace(sections, |text| {
        let mut out = text.to_owned();
        // From the end, so that the places before stay where they are.
        for range in operands(text).into_iter().rev() {
            if let Some(name) = pieces.get(&text[range.clone()]) {
                out.replace_range(range, &reference(name));
            }
        }
        (out != *text).then_some(out)
    });
    let definitions: BTreeMap<String, String> =
        whole.into_iter().chain(pieces).map(|(text, name)| (name, text)).collect();
    definitions.into_iter().map(|(name, text)| Part::entry(name, Node::Expression(text))).collect()
}

/// What stands there often enough for its length, of the pieces that are taken from each expression.
fn repeated(sections: &mut [Part], pieces: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for part in sections.iter_mut() {
        visit(part, &mut |text| {
            for piece in pieces(text) {
                *counts.entry(piece).or_default() += 1;
            }
        });
    }
    let often = counts.into_iter().filter(|(text, count)| {
        let length = text.chars().count();
        let made_for_queues = text.contains("${queue.name}") || text.contains("${queue.sid}");
        !made_for_queues && (length >= LONG && *count > 1 || length >= LONG_ENOUGH && *count > 2)
    });
    often.map(|(text, _)| text).collect()
}

fn named(texts: Vec<String>, taken: &mut BTreeSet<String>) -> BTreeMap<String, String> {
    let named = texts.into_iter().map(|text| {
        let name = free(&name(&text), taken);
        (text, name)
    });
    named.collect()
}

fn reference(name: &str) -> String {
    format!("${{expr.{name}}}")
}

fn replace(sections: &mut [Part], with: impl Fn(&str) -> Option<String>) {
    for part in sections {
        visit(part, &mut |text| {
            if let Some(other) = with(text) {
                *text = other;
            }
        });
    }
}

/// The places of the operands of an AND, without parentheses around them. In template form an
/// expression can be read only where nothing is put in.
fn operands(text: &str) -> Vec<Range<usize>> {
    if text.contains("${") {
        return Vec::new();
    }
    match expr::parse(text) {
        (expr::Expr { node: Tree::Logic(LogicOp::And, operands), .. }, errors)
            if errors.is_empty() =>
        {
            operands.iter().map(|operand| operand.range.start..operand.range.end).collect()
        }
        _ => Vec::new(),
    }
}

fn visit(part: &mut Part, see: &mut dyn FnMut(&mut String)) {
    match &mut part.node {
        Node::Expression(text) => see(text),
        Node::List(parts) | Node::Map(parts) | Node::Inline(parts) => {
            parts.iter_mut().for_each(|part| visit(part, see));
        }
        Node::Plain(_) | Node::Text(_) => {}
    }
}

/// A name from what the expression speaks of: its attributes and the texts that they are compared
/// with, in their order.
fn name(text: &str) -> String {
    let (tree, _) = expr::parse(text);
    let mut words: Vec<String> = Vec::new();
    tree.walk(&mut |node| {
        let word = match &node.node {
            Tree::Path(path) => path.segments.iter().rev().find_map(|segment| match segment {
                Segment::Key(key) => Some(key.as_str()),
                _ => None,
            }),
            Tree::Literal(Literal::String(text)) => Some(text.as_str()),
            _ => None,
        };
        let word = word.map(snake).filter(|word| !word.is_empty() && word.len() <= LENGTH);
        words.extend(word.filter(|word| !words.contains(word)));
    });
    let mut name = String::new();
    for word in words.iter().take(WORDS) {
        if !name.is_empty() && name.len() + word.len() > LENGTH {
            break;
        }
        name.push_str(if name.is_empty() { "" } else { "_" });
        name.push_str(word);
    }
    match name.chars().next() {
        None => "condition".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("is_{name}"),
        Some(_) => name,
    }
}

/// `workerSidsInConversation` → `worker_sids_in_conversation`.
fn snake(word: &str) -> String {
    let mut out = String::new();
    for c in word.chars() {
        if c.is_ascii_uppercase() && out.ends_with(|last: char| last.is_ascii_lowercase()) {
            out.push('_');
        }
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
            _ if !out.ends_with('_') => out.push('_'),
            _ => {}
        }
    }
    out.trim_matches('_').to_owned()
}

/// The name, or the first numbered one that nobody has.
fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut candidate = name.to_owned();
    let mut number = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{name}_{number}");
        number += 1;
    }
    candidate
}
