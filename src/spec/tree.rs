//! The spanned tree: what the files of a spec say, with the place of every key and value.

use indexmap::IndexMap;

use super::pointer;
use crate::text::{Span, TextRange};

/// The spec as one tree: included files merged in, variables put in.
///
/// Strings are in template form: `${…}` is a reference that is still to be resolved, `$${` stands
/// for the characters `${`. [`super::interpolate::references`] takes them apart.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) root: Node,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// The value without its tag and anchor; a collection ends with its last entry. For a value
    /// that is left out, its key.
    pub(crate) span: Span,
    pub(crate) value: Value,
    /// The text that came from outside the files (`--var`, an environment variable), which may be
    /// meant as a number or as a string.
    pub(crate) outside: Option<String>,
    /// A problem with this value was reported; nothing more is to be said about it.
    pub(crate) broken: bool,
}

/// What a node holds: a JSON value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Boolean(bool),
    Number(serde_json::Number),
    String(Text),
    List(Vec<Node>),
    Map(IndexMap<String, Entry>),
}

/// An entry of a map.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Span,
    pub(crate) node: Node,
}

/// A string, and where its bytes are in the files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    pub(crate) value: String,
    /// In order of `at`; together they cover the value.
    pub(crate) runs: Vec<Run>,
}

/// Bytes of a string that come from one place. They reach to the next run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first byte in the value.
    pub(crate) at: usize,
    pub(crate) source: Span,
    /// Whether the source has the very same bytes; otherwise all of it stands for all of them, as
    /// with an escape or a variable.
    pub(crate) verbatim: bool,
}

impl Text {
    /// A string that stands in a file as it is, or all of which comes from one place.
    pub(crate) fn new(value: String, source: Span) -> Self {
        let verbatim = value.len() == source.range.len();
        Self { value, runs: vec![Run { at: 0, source, verbatim }] }
    }

    /// Where the bytes of `range` are. An empty range gives an empty span.
    pub(crate) fn span(&self, range: TextRange) -> Option<Span> {
        let start = range.start.min(self.value.len());
        let end = range.end.clamp(start, self.value.len());
        let first = self.piece(start, end.max(start + 1))?;
        let last = if end > start { self.piece(end - 1, end)? } else { first };
        if first.file != last.file {
            return Some(first);
        }
        let mut range = first.range.cover(last.range);
        if start == end && self.value.len() == start {
            range.start = range.end;
        } else if start == end {
            range.end = range.start;
        }
        Some(Span { file: first.file, range })
    }

    /// The source of the bytes from `start` to `end`, as far as the run of `start` reaches.
    fn piece(&self, start: usize, end: usize) -> Option<Span> {
        let index = self.runs.partition_point(|run| run.at <= start).checked_sub(1)?;
        let run = self.runs[index];
        if !run.verbatim {
            return Some(run.source);
        }
        let reach = self.runs.get(index + 1).map_or(self.value.len(), |next| next.at);
        let at = run.source.range.start;
        let end = end.min(reach).max(start);
        Some(Span::new(run.source.file, at + start - run.at, at + end - run.at))
    }
}

impl Node {
    /// A value at a place.
    pub(crate) fn new(span: Span, value: Value) -> Self {
        Self { span, value, outside: None, broken: false }
    }

    /// The same as JSON.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Boolean(value) => (*value).into(),
            Value::Number(number) => serde_json::Value::Number(number.clone()),
            Value::String(text) => text.value.clone().into(),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => serde_json::Value::Object(
                entries.iter().map(|(key, entry)| (key.clone(), entry.node.to_json())).collect(),
            ),
        }
    }

    /// The string, when it is one.
    pub(crate) fn as_text(&self) -> Option<&Text> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The entries; none when it is no map.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        let entries = match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        };
        entries.into_iter().flatten().map(|(key, entry)| (key.as_str(), entry))
    }

    /// The items; none when it is no list.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The value of a key, when this is a map that has it.
    pub(crate) fn child(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(entries) => entries.get(key).map(|entry| &entry.node),
            Value::List(items) => items.get(key.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn child_mut(&mut self, key: &str) -> Option<&mut Self> {
        match &mut self.value {
            Value::Map(entries) => entries.get_mut(key).map(|entry| &mut entry.node),
            Value::List(items) => items.get_mut(key.parse::<usize>().ok()?),
            _ => None,
        }
    }
}

impl Tree {
    /// The whole tree as JSON, strings in template form.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        self.root.to_json()
    }

    /// The node at a JSON pointer.
    pub(crate) fn get(&self, pointer: &str) -> Option<&Node> {
        pointer::steps(pointer).try_fold(&self.root, |node, step| node.child(&step))
    }

    /// The same, to be changed.
    pub(crate) fn get_mut(&mut self, pointer: &str) -> Option<&mut Node> {
        pointer::steps(pointer).try_fold(&mut self.root, |node, step| node.child_mut(&step))
    }

    /// The place of the value at a pointer, or of the nearest thing that holds it.
    pub(crate) fn value_span(&self, pointer: &str) -> Span {
        let mut node = &self.root;
        for step in pointer::steps(pointer) {
            match node.child(&step) {
                Some(child) => node = child,
                None => break,
            }
        }
        node.span
    }

    /// The place of the key at a pointer; of the value, where it is an item of a list.
    pub(crate) fn key_span(&self, pointer: &str) -> Span {
        let key =
            pointer::split_last(pointer).and_then(|(base, key)| match &self.get(base)?.value {
                Value::Map(entries) => Some(entries.get(&key)?.key),
                _ => None,
            });
        key.unwrap_or_else(|| self.value_span(pointer))
    }

    /// Where the bytes `range` of the string at a pointer are in the file. What a variable put in
    /// is at its `${…}`.
    pub(crate) fn text_span(&self, pointer: &str, range: TextRange) -> Span {
        self.get(pointer)
            .and_then(|node| node.as_text()?.span(range))
            .unwrap_or_else(|| self.value_span(pointer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::FileId;

    fn span(start: usize, end: usize) -> Span {
        Span::new(FileId(0), start, end)
    }

    #[test]
    fn bytes_of_a_string_lead_to_bytes_of_the_file_and_those_of_an_escape_to_all_of_it() {
        // "ab\ncd" at 10: quote, ab, escape, cd, quote
        let text = Text {
            value: "ab\ncd".into(),
            runs: vec![
                Run { at: 0, source: span(11, 13), verbatim: true },
                Run { at: 2, source: span(13, 15), verbatim: false },
                Run { at: 3, source: span(15, 17), verbatim: true },
            ],
        };
        assert_eq!(text.span(TextRange::new(1, 2)), Some(span(12, 13)));
        assert_eq!(text.span(TextRange::new(1, 4)), Some(span(12, 16)));
        assert_eq!(text.span(TextRange::new(2, 3)), Some(span(13, 15)));
        assert_eq!(text.span(TextRange::new(5, 5)), Some(span(17, 17)));
        assert_eq!(text.span(TextRange::new(3, 3)), Some(span(15, 15)));
    }
}
