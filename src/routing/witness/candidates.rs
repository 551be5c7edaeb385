//! Values that an attribute may be given so that comparisons come to what is wanted.

use serde_json::{Map, Value, json};

use super::shape::literals;
use crate::expr::{CompareOp, Expr, Literal, Node};

/// A comparison, and whether it is to hold.
#[derive(Clone, Debug)]
pub(super) struct Atom<'e> {
    pub(super) expr: std::borrow::Cow<'e, Expr>,
    pub(super) holds: bool,
}

/// Values that are worth a try, the most telling first; null is for absent.
pub(super) fn candidates(atoms: &[&Atom<'_>], has_parts: Option<Parts>) -> Vec<Value> {
    let mut found = Vec::new();
    match has_parts {
        Some(Parts::Keys) => found.push(Value::Object(Map::new())),
        Some(Parts::Indexes) => found.push(json!([])),
        None => {}
    }
    let constants: Vec<&Literal> = atoms.iter().flat_map(|atom| constants(&atom.expr)).collect();
    found.extend(array(atoms));
    found.extend(text(atoms));
    if atoms.iter().all(|atom| !atom.holds && asks_for_element(&atom.expr)) {
        // Without it, rather than with something that is no array.
        found.push(Value::Null);
    }
    found.extend(constants.iter().map(|literal| value(literal)));
    found.extend(numbers(&constants));
    if constants.iter().any(|literal| matches!(literal, Literal::Boolean(_))) {
        found.extend([json!(true), json!(false)]);
    }
    for literal in &constants {
        if let Literal::String(text) = literal {
            found.push(json!(format!("{text}~")));
        }
    }
    found.push(other(&constants));
    found.push(Value::Null);
    found.extend([json!([]), json!([other(&constants)]), json!(0), json!(true), json!("")]);
    let mut unique: Vec<Value> = Vec::with_capacity(found.len());
    for value in found {
        if !unique.contains(&value) {
            unique.push(value);
        }
    }
    // The text with a tail serves comparisons by order alone; as another value it looks odd.
    unique.sort_by_key(|value| value.as_str().is_some_and(|text| text.ends_with('~')));
    unique
}

/// What an attribute holds below itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parts {
    Keys,
    Indexes,
}

/// A constant as JSON; whole numbers as integers.
pub(super) fn value(literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::Null,
        Literal::Boolean(flag) => json!(flag),
        Literal::Number(number) => number_value(*number),
        Literal::String(text) => json!(text),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "only whole numbers below 2^53 are cast")]
fn number_value(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT { json!(number as i64) } else { json!(number) }
}

fn constants(expr: &Expr) -> Vec<&Literal> {
    match &expr.node {
        Node::Compare(_, left, right) => literals(left).chain(literals(right)).collect(),
        _ => Vec::new(),
    }
}

/// Whether a comparison asks what is in an attribute, which is to be an array.
fn asks_for_element(expr: &Expr) -> bool {
    match &expr.node {
        Node::Compare(CompareOp::Has, array, element)
        | Node::Compare(CompareOp::In, element, array) => {
            matches!((&array.node, &element.node), (Node::Path(_), Node::Literal(_)))
        }
        _ => false,
    }
}

/// An array of everything that it is to have, and nothing of what it is not to have.
fn array(atoms: &[&Atom<'_>]) -> Option<Value> {
    let mut elements: Vec<Value> = Vec::new();
    for atom in atoms.iter().filter(|atom| atom.holds) {
        let Node::Compare(op, left, right) = &atom.expr.node else { continue };
        let wanted = match (op, &left.node, &right.node) {
            (CompareOp::Has, Node::Path(_), Node::Literal(literal))
            | (CompareOp::In, Node::Literal(literal), Node::Path(_)) => value(literal),
            _ => continue,
        };
        if !elements.contains(&wanted) {
            elements.push(wanted);
        }
    }
    (!elements.is_empty()).then_some(Value::Array(elements))
}

/// A text of everything that it is to contain.
fn text(atoms: &[&Atom<'_>]) -> Option<Value> {
    let parts: Vec<&str> = atoms
        .iter()
        .filter(|atom| atom.holds)
        .filter_map(|atom| match &atom.expr.node {
            Node::Compare(CompareOp::Contains, _, right) => match &right.node {
                Node::Literal(Literal::String(text)) => Some(text.as_str()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    (!parts.is_empty()).then(|| json!(parts.join(" ")))
}

/// Numbers beside and between the constants.
fn numbers(constants: &[&Literal]) -> Vec<Value> {
    let mut numbers: Vec<f64> = constants
        .iter()
        .filter_map(|literal| match literal {
            Literal::Number(number) => Some(*number),
            _ => None,
        })
        .collect();
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    let beside = numbers.iter().flat_map(|number| [number + 1.0, number - 1.0]);
    let between = numbers.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]));
    beside.chain(between).map(number_value).collect()
}

/// A text that is none of the constants.
fn other(constants: &[&Literal]) -> Value {
    let taken = |text: &str| {
        constants.iter().any(|literal| matches!(literal, Literal::String(known) if known == text))
    };
    let names = std::iter::once("other".to_owned()).chain((2..).map(|n| format!("other {n}")));
    json!(names.into_iter().find(|name| !taken(name)))
}
