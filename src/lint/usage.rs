//! What attributes are used as: numbers, texts, truth values, lists.

use std::collections::BTreeMap;

use super::declared::{Declared, Found};
use super::finding::{At, Field, Finding};
use super::reading::{Reading, Readings, Side, dotted};
use super::scope::WORKER_FIELDS;
use crate::expr::{CompareOp, Expr, Literal, Node, Segment};
use crate::model::Model;
use crate::spec::document::AttributeType;
use crate::text::TextRange;

/// One use of an attribute that tells what it is.
struct Use<'a> {
    side: Side,
    segments: &'a [Segment],
    written: String,
    range: TextRange,
    is: AttributeType,
}

/// Where a use is.
struct Seen<'a> {
    reading: &'a Reading,
    written: String,
    range: TextRange,
}

/// Finds uses that contradict a declaration, what TaskRouter gives, or each other.
pub(super) fn check(readings: &Readings, declared: &Declared, found: &mut Vec<Finding>) {
    let mut undeclared: BTreeMap<(Side, String), BTreeMap<AttributeType, Vec<Seen>>> =
        BTreeMap::new();
    for reading in &readings.expressions {
        for used in uses(reading) {
            let given = given(used.side, used.segments);
            let is = declared.find(used.side, used.segments);
            let indexed = used.segments.iter().any(|s| matches!(s, Segment::Index(_)));
            match (is, given) {
                (Some(is), _) => found.extend(against(readings.model, reading, &used, is)),
                (None, Some(is)) => {
                    let is = Found::Of(&used.written, is);
                    found.extend(against(readings.model, reading, &used, is));
                }
                (None, None) if indexed || matches!(used.side, Side::Clock | Side::Counts) => {}
                (None, None) => {
                    let Use { side, segments, written, range, is } = used;
                    let seen = Seen { reading, written, range };
                    undeclared
                        .entry((side, dotted(segments)))
                        .or_default()
                        .entry(is)
                        .or_default()
                        .push(seen);
                }
            }
        }
    }
    for lone in readings.paths.iter().filter(|lone| lone.field == Field::OrderBy) {
        let Some((side, segments)) = lone.attribute() else { continue };
        if let Some(Found::Of(name, is)) = declared.find(side, segments)
            && is != AttributeType::Number
        {
            let message = format!(
                "{} orders by `{name}`, which is declared as {}",
                lone.place(readings.model),
                words(is)
            );
            found.push(
                Finding::new("attribute-type", lone.at(), message)
                    .with_help("TaskRouter orders by whole numbers and ignores everything else"),
            );
        }
    }
    for ((_, name), kinds) in &undeclared {
        two_kinds(readings.model, name, kinds, found);
    }
}

/// The uses of one attribute that do not agree with most of them.
fn two_kinds(
    model: &Model,
    name: &str,
    kinds: &BTreeMap<AttributeType, Vec<Seen>>,
    found: &mut Vec<Finding>,
) {
    let usual = kinds.iter().max_by_key(|(_, seen)| seen.len());
    let Some((&usual, usually)) = usual.filter(|_| kinds.len() > 1) else { return };
    let other = &usually[0];
    for (&is, seen) in kinds.iter().filter(|(is, _)| **is != usual) {
        let booleans = [is, usual].contains(&AttributeType::Boolean)
            && [is, usual].contains(&AttributeType::String);
        let code = if booleans { "boolean-as-string" } else { "attribute-of-two-kinds" };
        for Seen { reading, written, range } in seen {
            let message = format!(
                "`{written}` is used as {} in {}, and as {} elsewhere",
                words(is),
                reading.place(model),
                words(usual)
            );
            let there = format!("as {}, in {}", words(usual), other.reading.place(model));
            let help = match (code, is) {
                ("boolean-as-string", AttributeType::String) => {
                    format!("a truth value is not a text: write `{written} == true` if it is one")
                }
                ("boolean-as-string", _) => {
                    format!("a text is not a truth value: write `{written} == 'true'` if it is one")
                }
                _ => format!(
                    "TaskRouter does not say how values of different types compare; use `{name}` as \
                     one of them, or declare its type under `attributes`"
                ),
            };
            let finding = Finding::new(code, reading.at(*range), message)
                .with_text(format!("as {}", words(is)))
                .with_related(other.reading.at(other.range), there)
                .with_help(help);
            found.push(finding);
        }
    }
}

/// A use held against what is known of the attribute.
fn against(model: &Model, reading: &Reading, used: &Use, is: Found) -> Option<Finding> {
    let (message, help) = match is {
        Found::Of(name, is) if is != used.is => (
            format!(
                "`{}` is used as {} in {}, and is {}",
                used.written,
                words(used.is),
                reading.place(model),
                words(is)
            ),
            help(name, is, used.is),
        ),
        Found::Holder => (
            format!(
                "`{}` is used as {} in {}, and holds attributes",
                used.written,
                words(used.is),
                reading.place(model)
            ),
            "name one of the attributes in it".to_owned(),
        ),
        Found::Above(name, is) => (
            format!(
                "`{}` in {} looks into `{name}`, which is {}",
                used.written,
                reading.place(model),
                words(is)
            ),
            format!("`{name}` holds no further attributes"),
        ),
        Found::Of(..) | Found::Inside => return None,
    };
    let at: At = reading.at(used.range);
    Some(Finding::new("attribute-type", at, message).with_help(help))
}

fn help(name: &str, is: AttributeType, used: AttributeType) -> String {
    match (is, used) {
        (AttributeType::List, _) => format!("write `{name} HAS …`"),
        (AttributeType::Boolean, _) => format!("write `{name} == true` or `{name} == false`"),
        (AttributeType::String, AttributeType::List) => {
            format!("write `{name} == …`, or `{name} IN […]` for one of several")
        }
        (AttributeType::String, _) => "write the constant in quotes".to_owned(),
        (AttributeType::Number, AttributeType::String) => {
            "write the number without quotes".to_owned()
        }
        (AttributeType::Number, _) => "compare it with a number".to_owned(),
        (AttributeType::Object, _) => "name one of the attributes in it".to_owned(),
    }
}

fn words(is: AttributeType) -> &'static str {
    match is {
        AttributeType::String => "a text",
        AttributeType::Number => "a number",
        AttributeType::Boolean => "a truth value",
        AttributeType::List => "a list",
        AttributeType::Object => "an object",
    }
}

/// The types of what TaskRouter itself gives. The hour and the minute are documented as texts and
/// compared with numbers, so nothing is said of them.
fn given(side: Side, segments: &[Segment]) -> Option<AttributeType> {
    let key = dotted(segments);
    match side {
        Side::Clock if key == "currentTime" => Some(AttributeType::Number),
        Side::Clock if key == "dayOfWeek" => Some(AttributeType::String),
        Side::Counts => Some(AttributeType::Number),
        Side::Worker if WORKER_FIELDS.contains(&key.as_str()) => Some(AttributeType::String),
        _ => None,
    }
}

/// What the comparisons of an expression say of the attributes in them.
fn uses(reading: &Reading) -> Vec<Use<'_>> {
    let mut uses = Vec::new();
    reading.tree.walk(&mut |expr| {
        let Node::Compare(op, left, right) = &expr.node else { return };
        let mut add = |attribute, is| uses.extend(one(reading, attribute, is));
        match op {
            CompareOp::Has => {
                add(left, AttributeType::List);
                element(right, left, &mut add);
            }
            CompareOp::In | CompareOp::NotIn => {
                add(right, AttributeType::List);
                element(left, right, &mut add);
            }
            CompareOp::Contains => {
                add(left, AttributeType::String);
                add(right, AttributeType::String);
            }
            _ => {
                for (attribute, constant) in [(left, right), (right, left)] {
                    if let Some(is) = constant_type(constant) {
                        add(attribute, is);
                    }
                }
            }
        }
    });
    uses
}

/// An attribute that is looked for among constants is of their types.
fn element<'e>(attribute: &'e Expr, list: &Expr, add: &mut impl FnMut(&'e Expr, AttributeType)) {
    let Node::List(elements) = &list.node else { return };
    let mut types: Vec<AttributeType> = elements.iter().filter_map(constant_type).collect();
    types.sort_unstable();
    types.dedup();
    types.into_iter().for_each(|is| add(attribute, is));
}

fn constant_type(expr: &Expr) -> Option<AttributeType> {
    match &expr.node {
        Node::Literal(Literal::String(_)) => Some(AttributeType::String),
        Node::Literal(Literal::Number(_)) => Some(AttributeType::Number),
        Node::Literal(Literal::Boolean(_)) => Some(AttributeType::Boolean),
        _ => None,
    }
}

fn one<'a>(reading: &'a Reading, attribute: &'a Expr, is: AttributeType) -> Option<Use<'a>> {
    let Node::Path(path) = &attribute.node else { return None };
    let (side, segments) = reading.attribute(path)?;
    Some(Use { side, segments, written: path.to_string(), range: attribute.range, is })
}
