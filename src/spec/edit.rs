//! What would have to be written where, so that the spec says something else. Comments and layout
//! stay.

use serde_json::Value;

use super::Analysis;
use super::compose::{Budget, compose};
use super::pointer::{item, join};
use super::references::{PieceKind, Reference, references};
use super::test_file::scalar;
use super::tree::{self, Entry, Node};
use super::written::workflow;
use crate::model::{Address, Kind};
use crate::text::{FileId, Sources, Span};

/// A field that the spec owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// Of an object.
    Of(&'a Address, &'a str),
    /// Of a filter that stands in a workflow as it is, by its place in the list, from 0.
    Filter(&'a str, usize, &'a str),
    /// Of a target of such a filter, by its place in the filter, from 0.
    Target(&'a str, usize, usize, &'a str),
    /// Of a workflow's default filter.
    DefaultFilter(&'a str, &'a str),
}

/// How a field comes to another value.
#[derive(Clone, Debug, PartialEq)]
pub enum Way {
    /// By the text that stands for it, which is that of every environment.
    Text(Edit),
    /// By a variable that it is made of, which would have to be this.
    Variable { name: String, value: Value },
    /// Not by one value at one place, because of this.
    Hand(String),
}

/// Bytes of a file that give way to a text; none of them for one that is put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

impl Edit {
    /// The whole text of the file afterwards.
    pub fn apply(&self, sources: &Sources) -> String {
        let text = &sources.file(self.span.file).text;
        let range = self.span.range;
        format!("{}{}{}", &text[..range.start], self.text, &text[range.end..])
    }
}

impl Analysis {
    /// How a field comes to a value, and where it is written now; none when it is not in a file.
    pub fn way(&self, field: Field<'_>, value: &Value) -> (Option<Span>, Way) {
        let Some(node) = self.tree.get(&self.pointer(field)) else {
            return (None, Way::Hand("it is not written as one value".to_owned()));
        };
        (Some(node.span), self.way_of(node, value))
    }

    fn pointer(&self, field: Field<'_>) -> String {
        let list = |name: &str| join(&workflow(&self.tree, name).0, "filters");
        match field {
            Field::Of(address, field) => {
                let base = match address.kind {
                    Kind::Workspace => "/workspace".to_owned(),
                    Kind::Activity => join("/activities", &address.name),
                    Kind::TaskChannel => join("/task_channels", &address.name),
                    Kind::Queue => join("/queues", &address.name),
                    Kind::Workflow => workflow(&self.tree, &address.name).0,
                    Kind::Worker => join("/workers", &address.name),
                    // Rules and lists; not one value.
                    Kind::Capacity | Kind::Role => return "/-".to_owned(),
                };
                join(&base, field)
            }
            Field::Filter(name, at, field) => join(&item(&list(name), at), field),
            Field::Target(name, at, target, field) => {
                let targets = join(&item(&list(name), at), "targets");
                join(&item(&targets, target), field)
            }
            Field::DefaultFilter(name, field) => {
                join(&join(&workflow(&self.tree, name).0, "default_filter"), field)
            }
        }
    }

    fn way_of(&self, node: &Node, value: &Value) -> Way {
        let hand = |because: &str| Way::Hand(because.to_owned());
        if self.is_shared(node) {
            return hand("it is written once for several places, which an alias names");
        }
        let Some(written) = written(value) else {
            return hand("it is more than one value");
        };
        let slice = self.sources.slice(node.span);
        if slice.contains('\n') {
            return hand("it is written in several lines");
        }
        let Some(text) = template(slice) else {
            return match &node.value {
                tree::Value::List(_) | tree::Value::Map(_) => hand("it is more than one value"),
                _ => Way::Text(Edit { span: node.span, text: written }),
            };
        };
        let pieces = references(&text);
        let other = |kind: &PieceKind| {
            matches!(
                kind,
                PieceKind::Reference(Reference::Expression(_) | Reference::Env(_))
                    | PieceKind::Error(_)
            )
        };
        if pieces.iter().any(|piece| other(&piece.kind)) {
            return hand("it is made of a named expression or of the process\u{2019}s environment");
        }
        let variables: Vec<(usize, &str)> = pieces
            .iter()
            .enumerate()
            .filter_map(|(at, piece)| match &piece.kind {
                PieceKind::Reference(Reference::Variable(name)) => Some((at, name.as_str())),
                _ => None,
            })
            .collect();
        match variables[..] {
            [] => Way::Text(Edit { span: node.span, text: written }),
            [(_, name)] if pieces.len() == 1 => {
                Way::Variable { name: name.to_owned(), value: value.clone() }
            }
            [(at, name)] => {
                // What stands around it is in template form, as the value is.
                let (start, end) = (pieces[at].range.start, pieces[at].range.end);
                let inner = value
                    .as_str()
                    .and_then(|whole| whole.strip_prefix(&text[..start]))
                    .and_then(|rest| rest.strip_suffix(&text[end..]));
                match inner {
                    Some(inner) => Way::Variable {
                        name: name.to_owned(),
                        value: self.like_the_variable(name, inner),
                    },
                    None => Way::Hand(format!("no value of the variable `{name}` makes it so")),
                }
            }
            _ => hand("it is made of several variables"),
        }
    }

    /// A text as what the variable is: a number stays one.
    fn like_the_variable(&self, name: &str, text: &str) -> Value {
        let node = self.tree.get(&join("/variables", name));
        let read = || serde_json::from_str::<Value>(text).ok();
        match node.map(|node| &node.value) {
            Some(tree::Value::Number(_)) => read().filter(Value::is_number),
            Some(tree::Value::Boolean(_)) => read().filter(Value::is_boolean),
            _ => None,
        }
        .unwrap_or_else(|| text.into())
    }

    /// What sets a variable in an environment.
    ///
    /// # Errors
    /// Why it cannot be put in.
    pub fn set_variable(
        &self,
        environment: &str,
        name: &str,
        value: &Value,
    ) -> Result<Edit, &'static str> {
        const NO_PLACE: &str = "the environment is not written in a form that it can be put into";
        let written = written(value).ok_or("it is more than one value")?;
        let base = join("/environments", environment);
        let entry = self.entry(&base).ok_or(NO_PLACE)?;
        let variables = join(&base, "variables");
        let Some(there) = self.entry(&variables) else {
            let whole = format!("variables: {{ {}: {written} }}", scalar(name));
            return self.put(entry, &whole).ok_or(NO_PLACE);
        };
        if let Some(old) = self.tree.get(&join(&variables, name)) {
            let is_here =
                old.span.file == entry.key.file && old.span.range.start > entry.key.range.end;
            let is_here = is_here && !self.is_shared(old);
            return match is_here && !self.sources.slice(old.span).contains('\n') {
                true => Ok(Edit { span: old.span, text: written }),
                false => Err(NO_PLACE),
            };
        }
        self.put(there, &format!("{}: {written}", scalar(name))).ok_or(NO_PLACE)
    }

    /// Whether a value has more places than one, by aliases and merge keys.
    fn is_shared(&self, node: &Node) -> bool {
        fn places(of: Span, below: &Node) -> usize {
            let entries = below.entries().map(|(_, entry)| &entry.node);
            let inner: usize = entries.chain(below.items()).map(|node| places(of, node)).sum();
            inner + usize::from(below.span == of)
        }
        places(node.span, &self.tree.root) > 1
    }

    fn entry(&self, pointer: &str) -> Option<&Entry> {
        let (base, last) = super::pointer::split_last(pointer)?;
        let entries = self.tree.get(base)?.entries().find(|(key, _)| *key == last);
        entries.map(|(_, entry)| entry)
    }

    /// Puts `line` behind the last entry of a map, as the map is written.
    fn put(&self, entry: &Entry, line: &str) -> Option<Edit> {
        let Entry { key, node } = entry;
        // Some of it may stand elsewhere, or be named elsewhere.
        let is_own = |Entry { key: own, node }: &Entry| {
            own.file == key.file
                && own.range.start > key.range.end
                && node.span.range.start >= own.range.start
                && !self.is_shared(node)
        };
        if self.is_shared(node) || !node.entries().all(|(_, entry)| is_own(entry)) {
            return None;
        }
        let file = self.sources.file(key.file);
        let text = file.text.as_str();
        let put = |at: usize, text: String| Some(Edit { span: Span::new(key.file, at, at), text });
        let first = node.entries().next();
        let last = node.entries().last();
        let (Some((_, first)), Some((_, last))) = (first, last) else {
            // `name:`, or `name: {}`.
            let slice = self.sources.slice(node.span);
            if node.span.file == key.file && slice.starts_with('{') {
                let rest = &text[node.span.range.start..];
                let end = node.span.range.start + rest.find('}')? + 1;
                let span = Span::new(key.file, node.span.range.start, end);
                return Some(Edit { span, text: format!("{{ {line} }}") });
            }
            let colon = key.range.end + text[key.range.end..].find(':')? + 1;
            return put(colon, format!(" {{ {line} }}"));
        };
        let opening = text[key.range.end..first.key.range.start].trim_start_matches([':', ' ']);
        if opening.contains('&') {
            return None;
        }
        let end = last.node.span.range.end.max(last.key.range.end);
        if opening.starts_with('{') {
            // Behind a quote or a brace that belongs to the last value.
            return put(end, format!(", {line}"));
        }
        let start = file.line_range(first.key.range.start).start;
        let indent = &text[start..first.key.range.start];
        if !indent.chars().all(|c| c == ' ') {
            return None;
        }
        let end = start + text[start..end].trim_end().len();
        let end = file.line_range(end).end;
        let end = end - usize::from(text[..end].ends_with('\r'));
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        put(end, format!("{newline}{indent}{line}"))
    }
}

/// A scalar as it is written in YAML.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::String(text) => Some(scalar(text)),
    }
}

/// A scalar of a file as a text in template form; none when it is no text.
fn template(slice: &str) -> Option<String> {
    let (mut budget, mut found) = (Budget::default(), Vec::new());
    let root = compose(FileId::default(), slice, &mut budget, &mut found)?;
    root.as_text().filter(|_| found.is_empty()).map(|text| text.value.clone())
}
