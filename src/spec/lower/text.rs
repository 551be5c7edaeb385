//! Strings in template form → plain strings, texts with addresses, and templates.
//!
//! What a string may not hold where it stands is found by the checks. Here it stays as it is
//! written.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::{Expression, Hole, Part, Template, Text};
use crate::spec::references::{PieceKind, Reference, plain, references};

/// The string with `$${` read as `${`.
pub(in crate::spec) fn string(template: &str) -> String {
    plain(template).unwrap_or_else(|| template.to_owned())
}

/// The same for every string in a JSON value.
pub(in crate::spec) fn json(value: &Value) -> Value {
    match value {
        Value::String(template) => Value::String(string(template)),
        Value::Array(items) => items.iter().map(json).collect(),
        Value::Object(entries) => Value::Object(sorted(entries)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// The values by their keys in order, so that the order in the spec makes no difference.
pub(super) fn sorted<'a>(
    entries: impl IntoIterator<Item = (&'a String, &'a Value)>,
) -> serde_json::Map<String, Value> {
    let entries = entries.into_iter().map(|(key, value)| (key.clone(), json(value)));
    entries.collect::<BTreeMap<_, _>>().into_iter().collect()
}

/// The string with addresses for the sids it asks for.
pub(super) fn text(template: &str) -> Text {
    pieces(template)
        .into_iter()
        .map(|hole| match hole {
            Hole::Part(part) => part,
            Hole::QueueName => Part::Str("${queue.name}".to_owned()),
            Hole::QueueSid => Part::Str("${queue.sid}".to_owned()),
        })
        .collect()
}

/// The string as an expression.
pub(super) fn expression(template: &str) -> Expression {
    Expression::new(text(template))
}

/// The string with holes for the queue of a for-each.
pub(super) fn template(template: &str) -> Template {
    Template { holes: pieces(template) }
}

fn pieces(template: &str) -> Vec<Hole> {
    references(template)
        .into_iter()
        .map(|piece| match piece.kind {
            PieceKind::Literal(text) => Hole::Part(Part::Str(text)),
            PieceKind::Reference(Reference::QueueName) => Hole::QueueName,
            PieceKind::Reference(Reference::QueueSid) => Hole::QueueSid,
            PieceKind::Reference(Reference::Sid(address)) => Hole::Part(Part::Sid(address)),
            PieceKind::Reference(_) | PieceKind::Error(_) => {
                let written = &template[piece.range.start..piece.range.end];
                Hole::Part(Part::Str(written.to_owned()))
            }
        })
        .collect()
}
