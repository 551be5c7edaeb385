//! The tree held against the schema of the spec: every key and value that is not as the language
//! wants it becomes a diagnostic and is taken out of the tree, so that the rest becomes a document.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError, Validator};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use serde_path_to_error::Segment;

use super::fault;
use super::interpolate::{escape, plain};
use super::scalar::{self, Plain};
use super::tree::{Entry, Node, Text, Tree, Value};
use super::{document, pointer};
use crate::diag::Diagnostic;
use crate::text::Sources;

/// How many problems the schema cannot tell, one after the other, are looked for.
const MAX_ROUNDS: usize = 100;

/// A JSON Schema that is ready to be used.
pub(crate) struct Shape {
    pub(crate) schema: Json,
    validator: Validator,
}

impl Shape {
    /// The shape of a spec.
    pub(crate) fn of_a_spec() -> &'static Self {
        static SHAPE: std::sync::LazyLock<Shape> =
            std::sync::LazyLock::new(|| Shape::new(document::schema()));
        &SHAPE
    }

    pub(crate) fn new(schema: Json) -> Self {
        let validator = jsonschema::draft7::new(&schema)
            .expect("the schema is made from the document types and is valid");
        Self { schema, validator }
    }

    /// Everything in the tree that the schema refuses.
    ///
    /// The errors borrow what they are about: one for each key of a large map, each with a copy
    /// of the map, would be too much.
    fn faults<'j>(&'j self, json: &'j Json) -> Vec<ValidationError<'j>> {
        let mut faults = Vec::new();
        for error in self.validator.iter_errors(json) {
            flatten(error, &mut faults);
        }
        faults
    }
}

/// Reads the tree as a document. What is wrong is reported and removed from the tree; none when
/// nothing can be made of the rest.
pub(crate) fn read<D: DeserializeOwned>(
    tree: &mut Tree,
    shape: &Shape,
    sources: &Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<D> {
    let json = tree.to_json();
    let reread;
    let mut faults = shape.faults(&json);
    if reread_outside(tree, &faults) {
        reread = tree.to_json();
        faults = shape.faults(&reread);
    }
    let mut reported = BTreeSet::new();
    let mut removed = BTreeSet::new();
    let words_wanted: BTreeSet<&str> = faults
        .iter()
        .filter(|error| matches!(error.kind(), Kind::Enum { .. } | Kind::Constant { .. }))
        .map(|error| error.instance_path().as_str())
        .collect();
    let mut said = BTreeSet::new();
    for error in &faults {
        let place = error.instance_path().as_str();
        reported.insert(place.to_owned());
        // Which words are wanted says more than that a text is.
        let covered = matches!(error.kind(), Kind::Type { .. }) && words_wanted.contains(place);
        if !covered && !is_broken(tree, place) {
            for diagnostic in fault::describe(error, &shape.schema, tree, sources) {
                let span = diagnostic.labels.first().map(|label| label.span);
                if said.insert((span, diagnostic.message.clone())) {
                    diagnostics.push(diagnostic);
                }
            }
        }
        // What is missing and can be put in below costs nothing around it.
        if !matches!(error.kind(), Kind::Required { property } if word(shape, error, property).is_some())
        {
            removed.extend(culprits(error));
        }
    }
    if removed.contains("") && !matches!(tree.root.value, Value::Map(_)) {
        return None;
    }
    broken(&tree.root, "", &mut removed);
    if !(faults.is_empty() && removed.is_empty()) {
        remove(tree, &removed);
        settle(tree, shape);
    }
    for _ in 0..MAX_ROUNDS {
        let error = match serde_path_to_error::deserialize::<_, D>(tree.to_json()) {
            Ok(document) => return Some(document),
            Err(error) => error,
        };
        let place = place(&error);
        // One problem is enough for a place, and for what holds it: it may lack what was removed.
        let inside = pointer::join(&place, "");
        let known =
            reported.range(inside.clone()..).next().is_some_and(|at| at.starts_with(&inside));
        if reported.insert(place.clone()) && !known {
            diagnostics.push(fault::from_serde(&place, &error.inner().to_string(), tree));
        }
        if place.is_empty() {
            return None;
        }
        remove(tree, &BTreeSet::from([place]));
        settle(tree, shape);
    }
    None
}

/// Puts the errors of the branch that was meant in the place of "under none of the schemas".
fn flatten<'j>(error: ValidationError<'j>, into: &mut Vec<ValidationError<'j>>) {
    let meant = match error.kind() {
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            let place = error.instance_path();
            let wrong_type = |branch: &&Vec<ValidationError<'_>>| {
                branch.iter().any(|error| {
                    matches!(error.kind(), Kind::Type { .. } | Kind::Constant { .. })
                        && error.instance_path() == place
                })
            };
            let mut branches = context.iter().enumerate().filter(|(_, b)| !wrong_type(b));
            match (branches.next(), branches.next()) {
                (Some((index, _)), None) => Some(index),
                _ => None,
            }
        }
        _ => None,
    };
    let Some(meant) = meant else {
        into.push(error);
        return;
    };
    if let Kind::AnyOf { context } | Kind::OneOfNotValid { context } = error.into_parts().kind {
        for error in context.into_iter().nth(meant).into_iter().flatten() {
            flatten(error, into);
        }
    }
}

/// Where a value came from the command line or the environment, it is a number or a string as its
/// place wants it. Says whether anything changed.
fn reread_outside(tree: &mut Tree, faults: &[ValidationError<'_>]) -> bool {
    let mut changed = false;
    for error in faults {
        let wants_text = match error.kind() {
            Kind::Type { kind } => types(kind).contains(&JsonType::String),
            Kind::Pattern { .. } => false,
            _ => continue,
        };
        let Some(node) = tree.get_mut(error.instance_path().as_str()) else { continue };
        let Some(text) = &node.outside else { continue };
        let is_text = matches!(node.value, Value::String(_));
        let value = match scalar::resolve(text.trim()) {
            _ if !is_text && wants_text => {
                Value::String(Text::new(escape(text), node.span).whole())
            }
            Plain::Number(number) if is_text => Value::Number(number),
            Plain::Boolean(value) if is_text => Value::Boolean(value),
            _ => continue,
        };
        node.value = value;
        changed = true;
    }
    changed
}

/// The JSON types of a type error.
pub(crate) fn types(kind: &TypeKind) -> Vec<JsonType> {
    match kind {
        TypeKind::Single(one) => vec![*one],
        TypeKind::Multiple(set) => set.iter().collect(),
    }
}

/// Whether a value, or what holds it, has had its problem reported.
fn is_broken(tree: &Tree, pointer: &str) -> bool {
    let mut node = &tree.root;
    for step in pointer::steps(pointer) {
        if node.broken {
            return true;
        }
        match node.child(&step) {
            Some(child) => node = child,
            None => return false,
        }
    }
    node.broken
}

/// The pointers to all broken nodes.
fn broken(node: &Node, at: &str, into: &mut BTreeSet<String>) {
    if node.broken {
        into.insert(at.to_owned());
        return;
    }
    match &node.value {
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                broken(item, &pointer::item(at, index), into);
            }
        }
        Value::Map(entries) => {
            for (key, entry) in entries {
                broken(&entry.node, &pointer::join(at, key), into);
            }
        }
        _ => {}
    }
}

/// What must go for the rest to be read: nothing where only a length is wrong.
fn culprits(error: &ValidationError<'_>) -> Vec<String> {
    let place = error.instance_path().as_str();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            unexpected.iter().map(|key| pointer::join(place, key)).collect()
        }
        Kind::Pattern { pattern } if !fault::is_reference_pattern(pattern) => Vec::new(),
        Kind::MaxLength { .. }
        | Kind::MinLength { .. }
        | Kind::MaxItems { .. }
        | Kind::MaxProperties { .. }
        | Kind::UniqueItems
        | Kind::Format { .. }
        | Kind::PropertyNames { .. } => Vec::new(),
        _ => vec![place.to_owned()],
    }
}

/// Removes what cannot stand once other things are gone, without a word: the reason was given.
fn settle(tree: &mut Tree, shape: &Shape) {
    loop {
        let json = tree.to_json();
        let mut culprits = BTreeSet::new();
        for error in shape.validator.iter_errors(&json) {
            match error.kind() {
                Kind::Required { property } if stand_in(tree, shape, &error, property) => {}
                _ => culprits.extend(self::culprits(&error)),
            }
        }
        culprits.remove("");
        if culprits.is_empty() {
            return;
        }
        remove(tree, &culprits);
    }
}

/// Puts something in for a required word that is missing or was wrong, so that what stands around it
/// is read and checked all the same: the spec's only version, a transfer's first dialect. Says
/// whether it did.
fn stand_in(tree: &mut Tree, shape: &Shape, error: &ValidationError<'_>, property: &Json) -> bool {
    let (Some(key), Some(word)) = (property.as_str(), word(shape, error, property)) else {
        return false;
    };
    let value = match word {
        Json::Number(number) => Value::Number(number.clone()),
        Json::String(word) => Value::String(Text::new(word.clone(), tree.root.span).whole()),
        _ => return false,
    };
    let Some(holder) = tree.get_mut(error.instance_path().as_str()) else { return false };
    let span = holder.span;
    let Value::Map(entries) = &mut holder.value else { return false };
    entries.insert(key.to_owned(), Entry { key: span, node: Node::new(span, value) });
    true
}

/// The first word that a missing key could have, where there are such.
fn word<'s>(shape: &'s Shape, error: &ValidationError<'_>, property: &Json) -> Option<&'s Json> {
    let (parent, _) = pointer::split_last(error.schema_path().as_str())?;
    let rules = &shape.schema.pointer(parent)?["properties"][property.as_str()?];
    [&rules["const"], &rules["enum"][0]].into_iter().find(|word| !word.is_null())
}

/// Takes nodes out of the tree; what follows them in a list moves up.
fn remove(tree: &mut Tree, pointers: &BTreeSet<String>) {
    let mut gone: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (base, last) in pointers.iter().filter_map(|at| pointer::split_last(at)) {
        gone.entry(base).or_default().insert(last);
    }
    // What is inside goes before what is around it: a pointer follows those that it begins with.
    for (base, gone) in gone.into_iter().rev() {
        match tree.get_mut(base).map(|node| &mut node.value) {
            Some(Value::Map(entries)) => entries.retain(|key, _| !gone.contains(key)),
            Some(Value::List(items)) => {
                let mut index = 0;
                items.retain(|_| {
                    index += 1;
                    !gone.contains(&(index - 1).to_string())
                });
            }
            _ => {}
        }
    }
}

/// Where serde stopped.
fn place(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    error.path().iter().fold(String::new(), |at, segment| match segment {
        Segment::Seq { index } => pointer::item(&at, *index),
        Segment::Map { key } => pointer::join(&at, key),
        Segment::Enum { .. } | Segment::Unknown => at,
    })
}

impl Text {
    /// The same, with all of its source standing for all of its bytes.
    fn whole(mut self) -> Self {
        self.runs.iter_mut().for_each(|run| run.verbatim = false);
        self
    }
}

/// A string of the tree as the user means it, for messages.
pub(crate) fn meant(text: &str) -> String {
    plain(text).unwrap_or_else(|| text.to_owned())
}
