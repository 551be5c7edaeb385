//! Where in the files the parts of the expanded model are written.

use super::Analysis;
use super::checks::Filled;
use super::pointer::{item, join};
use super::references::{Piece, PieceKind, Reference, references};
use super::tree::{Node, Tree};
use crate::text::{Span, TextRange};

/// A part of the expanded model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written<'a> {
    /// A queue, by name.
    Queue(&'a str),
    /// A rule of `worker_capacities`, by its place.
    Capacity(usize),
    /// A workflow, by name; transfers are workflows.
    Workflow(&'a str),
    /// A workflow's default filter.
    DefaultFilter(&'a str),
    /// A filter.
    Filter(Made<'a>),
    /// A target of a filter, by its place in it.
    Target(Made<'a>, usize),
}

/// The rule of a workflow that a filter is made from; all places count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made<'a> {
    pub workflow: &'a str,
    /// Its place in the list; a transfer's own rule stands before those of `filters`.
    pub rule: usize,
    /// The place in the `filters` of a for-each.
    pub template: usize,
    /// The queue it is made for.
    pub queue: Option<&'a str>,
}

/// Where something is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The bytes. For a piece of a named expression, those in its definition.
    pub span: Span,
    /// Where the named expression is put in.
    pub used: Option<Span>,
    /// Whether the text stands in no file, but is a dialect's own; the span is then the dialect's.
    pub made: bool,
}

/// A pointer into the tree.
struct Pointer {
    text: String,
    /// Whether what it should lead to is made by a dialect, which it leads to instead.
    made: bool,
}

impl Analysis {
    /// Where a part begins, for a reader: the key of an object, the whole of a target.
    pub fn place(&self, part: Written) -> Place {
        let Pointer { text, made } = pointer(&self.tree, part, None);
        let span = match part {
            Written::Target(..) => self.tree.value_span(&text),
            _ => self.tree.key_span(&text),
        };
        Place { span, used: None, made }
    }

    /// Where a field of a part is, or these bytes of its text.
    pub fn field_place(&self, part: Written, field: &str, range: Option<TextRange>) -> Place {
        let Pointer { text: pointer, made } = pointer(&self.tree, part, Some(field));
        let node = self.tree.get(&pointer);
        let (Some(range), false, Some(string)) = (range, made, node.and_then(Node::as_text)) else {
            return Place { span: self.tree.value_span(&pointer), used: None, made };
        };
        let queue = match part {
            Written::Filter(made) | Written::Target(made, _) => made.queue,
            _ => None,
        };
        let range = Filled::new(&string.value, queue).back(range);
        let span = self.tree.text_span(&pointer, range);
        match self.defined(&pointer, range) {
            Some(defined) => Place { span: defined, used: Some(span), made },
            None => Place { span, used: None, made },
        }
    }

    /// Where these bytes of a string are in the definition of the named expression that they come
    /// from; none when they do not come from one.
    fn defined(&self, pointer: &str, range: TextRange) -> Option<Span> {
        let text = self.tree.get(pointer)?.as_text()?;
        let index = text.runs.partition_point(|run| run.at <= range.start).checked_sub(1)?;
        let run = text.runs[index];
        let end = text.runs.get(index + 1).map_or(text.value.len(), |next| next.at);
        let name = match &references(self.sources.slice(run.source))[..] {
            [Piece { kind: PieceKind::Reference(Reference::Expression(name)), .. }] => name.clone(),
            _ => return None,
        };
        let definition = join("/expressions", &name);
        let defined = self.tree.get(&definition)?.as_text()?;
        if run.verbatim || range.end > end || defined.value != text.value[run.at..end] {
            return None;
        }
        let inside = TextRange::new(range.start - run.at, range.end - run.at);
        let outer = self.defined(&definition, inside);
        Some(outer.unwrap_or_else(|| self.tree.text_span(&definition, inside)))
    }
}

fn pointer(tree: &Tree, part: Written, field: Option<&str>) -> Pointer {
    let plain = |base: String| match field {
        Some(field) => Pointer { text: join(&base, field), made: false },
        None => Pointer { text: base, made: false },
    };
    match part {
        Written::Queue(name) => plain(join("/queues", name)),
        Written::Capacity(index) => plain(item("/worker_capacities", index)),
        Written::Workflow(name) => plain(workflow(tree, name).0),
        Written::DefaultFilter(name) => plain(join(&workflow(tree, name).0, "default_filter")),
        Written::Filter(made) => match rule(tree, made) {
            Rule::Filter(base) | Rule::Template(base, _) => plain(base),
            Rule::Transfer(base) => {
                let own = match (made.queue, field) {
                    (_, Some(_)) => join(&base, "dialect"),
                    (None, None) => join(&base, "worker"),
                    (Some(_), None) => base,
                };
                Pointer { text: own, made: true }
            }
        },
        Written::Target(made, at) => target(tree, made, at, field),
    }
}

/// A workflow's own entry, and whether it is one of `transfers`.
pub(super) fn workflow(tree: &Tree, name: &str) -> (String, bool) {
    let transfer = join("/transfers", name);
    match tree.get(&transfer) {
        Some(_) => (transfer, true),
        None => (join("/workflows", name), false),
    }
}

/// The pointers to a rule.
enum Rule {
    /// A plain filter.
    Filter(String),
    /// A filter of a for-each, and the for-each.
    Template(String, String),
    /// The workflow of a transfer.
    Transfer(String),
}

fn rule(tree: &Tree, made: Made) -> Rule {
    let (base, is_transfer) = workflow(tree, made.workflow);
    let index = match (is_transfer, made.rule.checked_sub(1)) {
        (false, _) => made.rule,
        (true, Some(index)) => index,
        (true, None) => return Rule::Transfer(base),
    };
    let own = item(&join(&base, "filters"), index);
    let for_each = join(&own, "for_each_queue");
    match tree.get(&for_each) {
        Some(_) => Rule::Template(item(&join(&for_each, "filters"), made.template), for_each),
        None => Rule::Filter(own),
    }
}

/// The target that stands at a place of the expanded filter, or a field of it. An override's
/// first target goes over the generated one, and its others follow.
fn target(tree: &Tree, made: Made, at: usize, field: Option<&str>) -> Pointer {
    let (generated, queues) = match rule(tree, made) {
        Rule::Filter(base) => (Ok(item(&join(&base, "targets"), at)), None),
        Rule::Template(base, for_each) => {
            let list = join(&base, "targets");
            let generated = tree.get(&list).map_or(0, |list| list.items().len());
            let place = if at < generated { Ok(item(&list, at)) } else { Err(generated) };
            (place, Some(for_each))
        }
        Rule::Transfer(base) => {
            let own = if made.queue.is_some() { "target" } else { "worker" };
            let place = if at == 0 { Ok(join(&base, own)) } else { Err(1) };
            (place, Some(base))
        }
    };
    let with = made
        .queue
        .zip(queues.as_deref())
        .map(|(queue, base)| join(&join(&join(base, "queues"), "overrides"), queue));
    let over = |index| with.as_ref().map(|with| item(&join(with, "targets"), index));
    let whole = |base: String| match field {
        Some(field) => Pointer { text: join(&base, field), made: false },
        None => Pointer { text: base, made: false },
    };
    let there = |pointer: &Pointer| tree.get(&pointer.text).is_some();
    let overridden = match &generated {
        Ok(_) if at == 0 => {
            let to = with.as_ref().filter(|_| field == Some("queue")).map(|with| join(with, "to"));
            let to = to.map(|text| Pointer { text, made: false });
            over(0).map(whole).into_iter().chain(to).find(there)
        }
        Ok(_) => None,
        Err(generated) => over(at - generated + 1).map(whole),
    };
    if let Some(pointer) = overridden {
        return pointer;
    }
    let own = generated.map(whole).unwrap_or_else(|_| Pointer { text: String::new(), made: true });
    match rule(tree, made) {
        // What a transfer does not say is its dialect's.
        Rule::Transfer(base) if !there(&own) => {
            let text = if field.is_some() { join(&base, "dialect") } else { base };
            Pointer { text, made: true }
        }
        _ => own,
    }
}
