//! YAML text → spanned tree, in bounded memory.
//!
//! One document without directives, YAML 1.2's core schema, aliases and merge keys, keys that are
//! scalars. Whatever else is found is a diagnostic.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StructureStyle, Tag};
use indexmap::IndexMap;
use indexmap::map::Entry as Slot;

use super::offsets;
use super::scalar::{self, Plain};
use super::tree::{Entry, Node, Text, Value};
use crate::diag::Diagnostic;
use crate::text::{FileId, Span, shorten};

/// How deep collections may stand in each other.
pub(crate) const MAX_DEPTH: usize = 64;

/// What all files of a spec together may cost.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Keys and values, those of aliases among them.
    pub(crate) nodes: usize,
    /// Bytes that aliases and merge keys may copy.
    pub(crate) copies: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { nodes: 1_000_000, copies: 10_000_000 }
    }
}

/// Reads one file. None when it cannot be read to its end; why is then among the diagnostics. An
/// empty file is an empty map.
pub(crate) fn compose(
    file: FileId,
    source: &str,
    budget: &mut Budget,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Node> {
    let options = granit_parser::options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        disallow_directives: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut composer = Composer {
        file,
        source,
        budget,
        diagnostics,
        frames: Vec::new(),
        anchors: HashMap::new(),
        root: None,
        documents: 0,
    };
    for event in Parser::new_from_str_with_options(source, options) {
        let read = match event {
            Ok((event, span)) => {
                // Positions are always known when a whole text is read.
                let range = span.byte_range().unwrap_or(0..0);
                let tag = span.tag_span().and_then(|span| span.byte_range());
                let tag = tag.map_or(range.clone(), |tag| tag);
                composer.event(
                    event,
                    Span::new(file, range.start, range.end),
                    Span::new(file, tag.start, tag.end),
                )
            }
            Err(error) => {
                let diagnostic = syntax_error(file, source, &error);
                composer.diagnostics.push(diagnostic);
                None
            }
        };
        read?;
    }
    let empty = || Node::new(Span::new(file, 0, 0), Value::Map(IndexMap::new()));
    Some(composer.root.filter(|root| !matches!(root.value, Value::Null)).unwrap_or_else(empty))
}

struct Composer<'a> {
    file: FileId,
    source: &'a str,
    budget: &'a mut Budget,
    diagnostics: &'a mut Vec<Diagnostic>,
    /// The collections that are open, the innermost last.
    frames: Vec<Frame>,
    anchors: HashMap<usize, Anchor>,
    root: Option<Node>,
    documents: usize,
}

enum Anchor {
    /// Its value is still being read.
    Open,
    Node(Node),
}

struct Frame {
    anchor: usize,
    span: Span,
    /// The end is where its bracket is.
    flow: bool,
    items: Items,
}

enum Items {
    List(Vec<Node>),
    Map {
        entries: IndexMap<String, Entry>,
        /// The key whose value comes next.
        key: Option<Key>,
        /// The values of `<<`.
        merges: Vec<Node>,
    },
}

enum Key {
    Name(String, Span),
    Merge,
    /// Reported; its value is read and dropped.
    Unusable,
}

/// A node that is complete, and its text when it is a scalar.
struct Complete {
    node: Node,
    text: Option<(String, ScalarStyle)>,
    /// Nothing is written there.
    missing: bool,
}

impl Composer<'_> {
    /// Takes one event; none when reading ends here.
    fn event(&mut self, event: Event<'_>, span: Span, tag_span: Span) -> Option<()> {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.diagnostics.push(
                        Diagnostic::error(
                            "yaml-documents",
                            span,
                            "a second YAML document begins here",
                        )
                        .with_help("a spec is one document; remove the `---` line"),
                    );
                    return None;
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.spend(span)?;
                let complete = self.scalar(text, style, span, tag.as_deref(), tag_span);
                self.remember(anchor, &complete.node, span)?;
                self.complete(complete);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.collection_tag(tag.as_deref(), "seq", tag_span);
                self.open(style, anchor, span, Items::List(Vec::new()))?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.collection_tag(tag.as_deref(), "map", tag_span);
                let entries = IndexMap::new();
                let items = Items::Map { entries, key: None, merges: Vec::new() };
                self.open(style, anchor, span, items)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Alias(anchor) => self.alias(anchor, span)?,
            Event::UnresolvedAlias(name) => {
                self.diagnostics.push(
                    Diagnostic::error(
                        "yaml-alias",
                        span,
                        format!("no anchor `&{}` above here", shorten(&name, 80)),
                    )
                    .with_help("quote the value when it is to begin with `*`"),
                );
                self.complete_broken(span);
            }
            _ => {}
        }
        Some(())
    }

    fn spend(&mut self, span: Span) -> Option<()> {
        match self.budget.nodes.checked_sub(1) {
            Some(left) => self.budget.nodes = left,
            None => {
                self.diagnostics.push(too_many(span));
                return None;
            }
        }
        Some(())
    }

    fn open(
        &mut self,
        style: StructureStyle,
        anchor: usize,
        span: Span,
        items: Items,
    ) -> Option<()> {
        self.spend(span)?;
        if self.frames.len() == MAX_DEPTH {
            self.diagnostics.push(too_deep(span));
            return None;
        }
        if anchor != 0 {
            self.anchors.insert(anchor, Anchor::Open);
        }
        self.frames.push(Frame { anchor, span, flow: style == StructureStyle::Flow, items });
        Some(())
    }

    fn close(&mut self, end: Span) -> Option<()> {
        let Some(mut frame) = self.frames.pop() else { return Some(()) };
        if frame.flow {
            frame.span.range.end = end.range.end;
        }
        let value = match frame.items {
            Items::List(items) => Value::List(items),
            Items::Map { mut entries, merges, .. } => {
                self.merge(&mut entries, merges);
                Value::Map(entries)
            }
        };
        let node = Node::new(frame.span, value);
        self.remember(frame.anchor, &node, end)?;
        self.complete(Complete { node, text: None, missing: false });
        Some(())
    }

    /// Puts in the entries of `<<` that the map itself does not have; the first one wins.
    fn merge(&mut self, entries: &mut IndexMap<String, Entry>, merges: Vec<Node>) {
        for node in merges {
            let span = node.span;
            let maps = match node.value {
                Value::Map(map) => vec![map],
                Value::List(items) => items
                    .into_iter()
                    .filter_map(|item| match item.value {
                        Value::Map(map) => Some(map),
                        _ => {
                            self.diagnostics.push(not_a_merge(item.span));
                            None
                        }
                    })
                    .collect(),
                _ if node.broken => Vec::new(),
                _ => {
                    self.diagnostics.push(not_a_merge(span));
                    Vec::new()
                }
            };
            for (key, entry) in maps.into_iter().flatten() {
                entries.entry(key).or_insert(entry);
            }
        }
    }

    /// Keeps what an anchor names.
    fn remember(&mut self, anchor: usize, node: &Node, span: Span) -> Option<()> {
        if anchor == 0 {
            return Some(());
        }
        let copy = self.copy(node, span)?;
        self.anchors.insert(anchor, Anchor::Node(copy));
        Some(())
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Option<()> {
        let copy = match self.anchors.remove(&anchor) {
            Some(Anchor::Node(node)) => {
                let copy = self.copy(&node, span);
                self.anchors.insert(anchor, Anchor::Node(node));
                copy?
            }
            other => {
                self.anchors.extend(other.map(|open| (anchor, open)));
                self.diagnostics.push(Diagnostic::error(
                    "yaml-alias",
                    span,
                    "the alias stands inside its own anchor",
                ));
                self.complete_broken(span);
                return Some(());
            }
        };
        if self.frames.len() + depth(&copy) > MAX_DEPTH {
            self.diagnostics.push(too_deep(span));
            return None;
        }
        self.complete(Complete { node: copy, text: None, missing: false });
        Some(())
    }

    /// A copy, when the budget allows it.
    fn copy(&mut self, node: &Node, span: Span) -> Option<Node> {
        let (nodes, bytes) = cost(node);
        match (self.budget.nodes.checked_sub(nodes), self.budget.copies.checked_sub(bytes)) {
            (Some(nodes), Some(copies)) => {
                *self.budget = Budget { nodes, copies };
                Some(node.clone())
            }
            _ => {
                self.diagnostics.push(
                    Diagnostic::error("yaml-alias", span, "the aliases copy more than 10 MB")
                        .with_help("write the repeated part out, or share less of it"),
                );
                None
            }
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        span: Span,
        tag: Option<&Tag>,
        tag_span: Span,
    ) -> Complete {
        // The parser says `~` for a value that is left out.
        let missing = style == ScalarStyle::Plain && span.range.is_empty();
        let text = if missing { Cow::Borrowed("") } else { text };
        let at = (self.file, span.range.start, span.range.end);
        let mut span = span;
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            let before = self.source.get(..span.range.end).unwrap_or_default();
            let end = before.trim_end().len();
            span.range.end = end.max(span.range.start);
        }
        let plain = match (tag, style) {
            (None, ScalarStyle::Plain) => scalar::resolve(&text),
            (None, _) => Plain::String,
            (Some(tag), _) => self.tagged(tag, tag_span, &text),
        };
        let mut node = match plain {
            Plain::Null => Node::new(span, Value::Null),
            Plain::Boolean(value) => Node::new(span, Value::Boolean(value)),
            Plain::Number(number) => {
                if scalar::has_leading_zero(&text) {
                    self.diagnostics.push(
                        Diagnostic::warning(
                            "leading-zero",
                            span,
                            format!("`{}` is read as the number {number}", shorten(&text, 40)),
                        )
                        .with_help("quote it to keep the zeros"),
                    );
                }
                Node::new(span, Value::Number(number))
            }
            Plain::NotFinite => {
                self.diagnostics.push(
                    Diagnostic::error(
                        "not-finite",
                        span,
                        format!("`{}` is not a finite number", shorten(&text, 40)),
                    )
                    .with_help("quote it when it is a word"),
                );
                Node { broken: true, ..Node::new(span, Value::Null) }
            }
            Plain::String => {
                let runs = offsets::runs(style, &text, self.source, at);
                let value = text.clone().into_owned();
                Node::new(span, Value::String(Text { value, runs }))
            }
        };
        if tag.is_some_and(|tag| !tag.is_yaml_core_schema()) {
            node.broken = true;
        }
        Complete { node, text: Some((text.into_owned(), style)), missing }
    }

    /// The meaning of a scalar with a tag.
    fn tagged(&mut self, tag: &Tag, span: Span, text: &str) -> Plain {
        let plain = scalar::resolve(text);
        let fits = match (tag.core_suffix(), &plain) {
            (Some("str"), _) => return Plain::String,
            (Some("null"), plain) => *plain == Plain::Null,
            (Some("bool"), plain) => matches!(plain, Plain::Boolean(_)),
            (Some("int"), Plain::Number(number)) => !number.is_f64(),
            (Some("float"), plain) => matches!(plain, Plain::Number(_) | Plain::NotFinite),
            (Some(_), _) => false,
            (None, _) => {
                self.diagnostics.push(custom_tag(tag, span));
                return Plain::String;
            }
        };
        if !fits {
            let message = format!("the value is not what its tag `{}` says", tag.original());
            self.diagnostics.push(Diagnostic::error("yaml-tag", span, message));
        }
        plain
    }

    fn collection_tag(&mut self, tag: Option<&Tag>, kind: &str, span: Span) {
        match tag {
            Some(tag) if tag.core_suffix().is_none() => {
                self.diagnostics.push(custom_tag(tag, span));
            }
            Some(tag) if !tag.is_yaml_core_schema_tag(kind) => {
                let message = format!("the value is not what its tag `{}` says", tag.original());
                self.diagnostics.push(Diagnostic::error("yaml-tag", span, message));
            }
            _ => {}
        }
    }

    fn complete_broken(&mut self, span: Span) {
        let node = Node { broken: true, ..Node::new(span, Value::Null) };
        self.complete(Complete { node, text: None, missing: false });
    }

    /// Gives a complete node to the collection it stands in.
    fn complete(&mut self, complete: Complete) {
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(complete.node);
            return;
        };
        let end = complete.node.span.range.end;
        if complete.node.span.file == self.file && !frame.flow {
            frame.span.range.end = frame.span.range.end.max(end);
        }
        let (entries, key, merges) = match &mut frame.items {
            Items::List(items) => {
                items.push(complete.node);
                return;
            }
            Items::Map { entries, key, merges } => (entries, key, merges),
        };
        let mut node = complete.node;
        match key.take() {
            None => {
                *key = Some(match complete.text {
                    Some((text, ScalarStyle::Plain)) if text == "<<" => Key::Merge,
                    Some((text, _)) if !complete.missing => Key::Name(text, node.span),
                    _ => {
                        self.diagnostics.push(
                            Diagnostic::error("yaml-key", node.span, "the key is not a plain text")
                                .with_help("a key is a name; quote a value that begins with `{`"),
                        );
                        Key::Unusable
                    }
                });
            }
            Some(Key::Unusable) => {}
            Some(Key::Merge) => merges.push(node),
            Some(Key::Name(name, span)) => {
                if complete.missing {
                    node.span = span;
                }
                match entries.entry(name) {
                    Slot::Vacant(slot) => {
                        slot.insert(Entry { key: span, node });
                    }
                    Slot::Occupied(first) => self.diagnostics.push(
                        Diagnostic::error(
                            "duplicate-key",
                            span,
                            format!("`{}` is given twice", shorten(first.key(), 80)),
                        )
                        .with_text("again here")
                        .with_label(first.get().key, "first here")
                        .with_help("keep one of the two"),
                    ),
                }
            }
        }
    }
}

fn not_a_merge(span: Span) -> Diagnostic {
    Diagnostic::error("yaml-merge", span, "`<<` takes a map or a list of maps")
}

fn custom_tag(tag: &Tag, span: Span) -> Diagnostic {
    Diagnostic::error("yaml-tag", span, format!("the tag `{}` means nothing here", tag.original()))
        .with_help("quote the value when it is to begin with `!`")
}

fn too_deep(span: Span) -> Diagnostic {
    let message = format!("more than {MAX_DEPTH} collections stand in each other");
    Diagnostic::error("too-deep", span, message)
}

fn too_many(span: Span) -> Diagnostic {
    Diagnostic::error("too-large", span, "the spec has more than 1,000,000 keys and values")
}

/// Nodes, and bytes in memory.
fn cost(node: &Node) -> (usize, usize) {
    let own = size_of::<Node>();
    let add = |(nodes, bytes): (usize, usize), (n, b)| (nodes + n, bytes + b);
    match &node.value {
        Value::Null | Value::Boolean(_) | Value::Number(_) => (1, own),
        Value::String(text) => (1, own + text.value.len() + size_of_val(text.runs.as_slice())),
        Value::List(items) => items.iter().map(cost).fold((1, own), add),
        Value::Map(entries) => entries
            .iter()
            .map(|(key, entry)| add(cost(&entry.node), (0, key.len() + size_of::<Entry>())))
            .fold((1, own), add),
    }
}

/// How many collections stand in each other.
fn depth(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Map(entries) => {
            1 + entries.values().map(|entry| depth(&entry.node)).max().unwrap_or(0)
        }
        _ => 0,
    }
}

/// What the parser found wrong, with advice for the usual slips.
fn syntax_error(file: FileId, source: &str, error: &ScanError) -> Diagnostic {
    let at = error.marker().byte_offset().unwrap_or(0).min(source.len());
    let end = at + source[at..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
    let span = Span::new(file, at, end);
    let before = &source[..at];
    let (message, help) = match error.kind() {
        ErrorKind::DirectiveDisallowed => {
            let help = "remove the line that begins with `%`";
            return Diagnostic::error("yaml-directive", span, "directives are not allowed")
                .with_help(help);
        }
        ErrorKind::RecursionLimitExceeded => return too_deep(span),
        ErrorKind::UnclosedQuotedScalar => ("the quote is not closed".to_owned(), None),
        ErrorKind::UnclosedFlowCollection { open } => (format!("`{open}` is not closed"), None),
        ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabAtBlockScalarStart => {
            ("a tab stands in the indentation".to_owned(), Some("indent with spaces"))
        }
        ErrorKind::MappingValueNotAllowed => (
            "no value can follow a `:` here".to_owned(),
            Some("check the indentation, or quote the text when it holds `: `"),
        ),
        ErrorKind::ExpectedFlowSequenceSeparator | ErrorKind::ExpectedFlowMappingSeparator
            if before.ends_with('$') =>
        {
            let message = "a `${…}` inside `{ }` or `[ ]` needs quotes".to_owned();
            (message, Some("write \"${…}\""))
        }
        ErrorKind::UnexpectedCharacter { character: '@' | '`' } => {
            ("a value cannot begin with this character".to_owned(), Some("quote the value"))
        }
        ErrorKind::UnknownQuotedScalarEscape => (
            "no such escape in double quotes".to_owned(),
            Some("use single quotes, or write `\\\\` for a backslash"),
        ),
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation => (
            "this line is indented unlike the keys around it".to_owned(),
            Some("begin it in the column of the keys that it belongs to"),
        ),
        ErrorKind::ExpectedBlockSequenceEntry => (
            "this line is indented as an item of the list, but has no `-`".to_owned(),
            Some("begin it in the column of the keys that it belongs to, or with `- `"),
        ),
        kind => (kind.to_string(), None),
    };
    let diagnostic = Diagnostic::error("yaml-syntax", span, message);
    match help {
        Some(help) => diagnostic.with_help(help),
        None => diagnostic,
    }
}
