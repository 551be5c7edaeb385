//! `${var.…}`, `${expr.…}` and `${env.…}` put into the tree.
//!
//! Afterwards every string is in template form: the references that are left name the queue of a
//! for-each or a sid, and `$${` stands for `${`. Keys are never touched.

use std::collections::BTreeMap;

use super::compose::{Budget, compose};
pub(crate) use super::references::{Piece, PieceKind, Reference, escape, plain, references};
use super::scalar::{self, Plain};
use super::tree::{Node, Run, Text, Tree, Value};
use super::{Environment, Settings, pointer};
use crate::diag::Diagnostic;
use crate::text::{FileId, Span, TextRange, nearest};

/// How many bytes variables and expressions may put in, all together.
const MAX_BYTES: usize = 10_000_000;
/// How deep they may stand in each other.
const MAX_NESTING: usize = 64;

/// Puts the values in, and says which environment was chosen.
pub(crate) fn interpolate(
    tree: &mut Tree,
    settings: &Settings,
    diagnostics: &mut Vec<Diagnostic>,
) -> Environment {
    let environment = choose(tree, settings, diagnostics);
    let mut interpolator = Interpolator {
        env: &settings.env,
        definitions: BTreeMap::new(),
        resolved: BTreeMap::new(),
        open: Vec::new(),
        bytes: MAX_BYTES,
        diagnostics,
    };
    interpolator.define(tree, environment.as_deref(), settings);
    let names: Vec<_> = interpolator.definitions.keys().cloned().collect();
    for name in &names {
        interpolator.resolve(name);
    }
    if let Value::Map(sections) = &mut tree.root.value {
        for (section, entry) in sections {
            match section.as_str() {
                "include" => {}
                "variables" | "expressions" => {
                    let kind =
                        if section == "variables" { Kind::Variable } else { Kind::Expression };
                    interpolator.put_definitions(kind, &mut entry.node);
                }
                "environments" => {
                    let Value::Map(environments) = &mut entry.node.value else { continue };
                    for (name, entry) in environments {
                        if Some(name) == environment.as_ref() {
                            interpolator.environment(&mut entry.node);
                        } else {
                            set_aside(&mut entry.node);
                        }
                    }
                }
                _ => interpolator.node(&mut entry.node),
            }
        }
    }
    described(tree, environment)
}

/// What may be put in by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Variable,
    Expression,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Variable => "var",
            Self::Expression => "expr",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Variable => "variable",
            Self::Expression => "expression",
        }
    }
}

type Name = (Kind, String);

struct Interpolator<'a> {
    env: &'a BTreeMap<String, String>,
    /// The nodes that win: `--var` over the environment over the spec.
    definitions: BTreeMap<Name, Node>,
    /// Those that are known; none for one whose problem was reported.
    resolved: BTreeMap<Name, Option<Node>>,
    /// What is being resolved, from the outermost.
    open: Vec<Name>,
    bytes: usize,
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// The name of the chosen environment, when the spec has it.
fn choose(tree: &Tree, settings: &Settings, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let name = settings.environment.as_ref()?;
    let names: Vec<&str> = tree
        .get("/environments")
        .into_iter()
        .flat_map(Node::entries)
        .map(|(name, _)| name)
        .collect();
    if names.contains(&name.as_str()) {
        return Some(name.clone());
    }
    let message = format!("the spec has no environment `{name}`");
    let help = match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "declare it under `environments:`".to_owned(),
        None => format!("the environments are {}", names.join(", ")),
    };
    let problem = match tree.get("/environments") {
        Some(_) => {
            Diagnostic::error("unknown-environment", tree.key_span("/environments"), message)
        }
        None => Diagnostic::placeless("unknown-environment", message),
    };
    diagnostics.push(problem.with_help(help));
    None
}

/// What the chosen environment pins.
fn described(tree: &Tree, name: Option<String>) -> Environment {
    let Some(name) = name else { return Environment::default() };
    let base = pointer::join("/environments", &name);
    let field = |key: &str| {
        let node = tree.get(&pointer::join(&base, key))?;
        plain(&node.as_text().filter(|_| !node.broken)?.value)
    };
    Environment {
        account_sid: field("account_sid"),
        profile: field("profile"),
        env_prefix: field("env_prefix"),
        target: field("target"),
        region: field("region"),
        edge: field("edge"),
        name: Some(name),
    }
}

/// In an environment that was not chosen, what depends on variables is neither known nor needed.
fn set_aside(node: &mut Node) {
    match &mut node.value {
        Value::Map(entries) => entries.values_mut().for_each(|entry| set_aside(&mut entry.node)),
        Value::List(items) => items.iter_mut().for_each(set_aside),
        Value::String(text) => node.broken |= text.value.contains("${"),
        Value::Null | Value::Boolean(_) | Value::Number(_) => {}
    }
}

impl Interpolator<'_> {
    /// Collects what `${var.…}` and `${expr.…}` may name.
    fn define(&mut self, tree: &Tree, environment: Option<&str>, settings: &Settings) {
        for (pointer, kind) in [("/variables", Kind::Variable), ("/expressions", Kind::Expression)]
        {
            for (name, entry) in tree.get(pointer).into_iter().flat_map(Node::entries) {
                self.definitions.insert((kind, name.to_owned()), entry.node.clone());
            }
        }
        if let Some(environment) = environment {
            let base = pointer::join("/environments", environment);
            let variables = tree.get(&pointer::join(&base, "variables"));
            for (name, entry) in variables.into_iter().flat_map(Node::entries) {
                let known = self.declared(name, || {
                    Diagnostic::error(
                        "unknown-variable",
                        entry.key,
                        format!(
                            "the environment `{environment}` sets `{name}`, which is no variable"
                        ),
                    )
                });
                if known {
                    let node = entry.node.clone();
                    self.definitions.insert((Kind::Variable, name.to_owned()), node);
                }
            }
        }
        for (name, text) in &settings.variables {
            let known = self.declared(name, || {
                Diagnostic::placeless(
                    "unknown-variable",
                    format!("the command line sets `{name}`, which is no variable of the spec"),
                )
            });
            if known {
                let name = (Kind::Variable, name.clone());
                let span = self.definitions.get(&name).map(|node| node.span).unwrap_or_default();
                self.definitions.insert(name, outside(text, span));
            }
        }
    }

    /// Whether the spec declares a variable; when not, reports that it is set.
    fn declared(&mut self, name: &str, problem: impl FnOnce() -> Diagnostic) -> bool {
        let known = self.definitions.contains_key(&(Kind::Variable, name.to_owned()));
        if !known {
            let help = self.advice(Kind::Variable, name);
            self.diagnostics.push(problem().with_help(help));
        }
        known
    }

    /// What to do about a name that is not declared.
    fn advice(&self, kind: Kind, name: &str) -> String {
        let names = |kind| {
            self.definitions.keys().filter(move |key| key.0 == kind).map(|key| key.1.as_str())
        };
        let other = match kind {
            Kind::Variable => Kind::Expression,
            Kind::Expression => Kind::Variable,
        };
        if let Some(near) = nearest(name, names(kind)) {
            format!("did you mean `{near}`?")
        } else if names(other).any(|other| other == name) {
            format!("there is `${{{}.{name}}}`", other.word())
        } else {
            format!("declare it under `{}s:`", kind.noun())
        }
    }

    /// The value that a definition has, with everything put in.
    fn resolve(&mut self, name: &Name) {
        if self.resolved.contains_key(name) {
            return;
        }
        let Some(mut node) = self.definitions.get(name).cloned() else { return };
        self.open.push(name.clone());
        // What came from outside is not looked into: it stands for itself.
        if node.outside.is_none() {
            self.node(&mut node);
        }
        self.open.pop();
        let scalar = !matches!(node.value, Value::List(_) | Value::Map(_));
        self.resolved.insert(name.clone(), (scalar && !node.broken).then_some(node));
    }

    /// Shows in the tree what the definitions of the spec came to.
    fn put_definitions(&mut self, kind: Kind, section: &mut Node) {
        let Value::Map(entries) = &mut section.value else { return };
        for (name, entry) in entries {
            match self.resolved.get(&(kind, name.clone())) {
                Some(Some(node)) if node.span == entry.node.span => entry.node = node.clone(),
                // A list or a map is for the schema to report.
                Some(None) => {
                    entry.node.broken = !matches!(entry.node.value, Value::List(_) | Value::Map(_));
                }
                // Something else goes over it.
                _ => set_aside(&mut entry.node),
            }
        }
    }

    fn environment(&mut self, node: &mut Node) {
        let Value::Map(entries) = &mut node.value else { return };
        for (key, entry) in entries {
            if key == "variables" {
                self.put_definitions(Kind::Variable, &mut entry.node);
            } else {
                self.node(&mut entry.node);
            }
        }
    }

    /// Puts values into every string of a node.
    fn node(&mut self, node: &mut Node) {
        match &mut node.value {
            Value::Map(entries) => {
                entries.values_mut().for_each(|entry| self.node(&mut entry.node));
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.node(item)),
            Value::String(text) if text.value.contains("${") => {
                let text = std::mem::take(text);
                let broken = node.broken;
                *node = self.text(text, node.span);
                node.broken |= broken;
            }
            _ => {}
        }
    }

    fn text(&mut self, text: Text, span: Span) -> Node {
        let pieces = references(&text.value);
        if let [Piece { kind: PieceKind::Reference(reference), range }] = pieces.as_slice() {
            let at = text.span(*range).unwrap_or(span);
            return match self.value(reference, at) {
                Found::Kept => Node::new(span, Value::String(text)),
                Found::Broken => Node { broken: true, ..Node::new(span, Value::String(text)) },
                Found::Node(node) => {
                    let value = match node.value {
                        Value::String(inner) => {
                            let runs = vec![Run { at: 0, source: at, verbatim: false }];
                            Value::String(Text { value: inner.value, runs })
                        }
                        value => value,
                    };
                    Node { span, value, outside: node.outside, broken: false }
                }
            };
        }
        let mut out = Text::default();
        let mut broken = false;
        for piece in &pieces {
            let at = text.span(piece.range).unwrap_or(span);
            match &piece.kind {
                PieceKind::Literal(_) => out.push_part(&text, piece.range),
                PieceKind::Error(error) => {
                    broken = true;
                    let at = text.span(error.range).unwrap_or(span);
                    self.diagnostics.push(
                        Diagnostic::error("bad-reference", at, error.message.clone())
                            .with_help(error.help.clone()),
                    );
                }
                PieceKind::Reference(reference) => match self.value(reference, at) {
                    Found::Kept => out.push_part(&text, piece.range),
                    Found::Broken => broken = true,
                    Found::Node(node) => match inner_text(&node.value) {
                        Some(value) => out.push(&value, at),
                        None => {
                            broken = true;
                            let message = "the value is null and cannot stand inside a text";
                            self.diagnostics.push(Diagnostic::error("bad-reference", at, message));
                        }
                    },
                },
            }
        }
        // A broken text stays as it was written, for those who look at it all the same.
        let text = if broken { text } else { out };
        Node { broken, ..Node::new(span, Value::String(text)) }
    }

    /// What a reference at `at` stands for.
    fn value(&mut self, reference: &Reference, at: Span) -> Found {
        let name = match reference {
            Reference::Variable(name) => (Kind::Variable, name.clone()),
            Reference::Expression(name) => (Kind::Expression, name.clone()),
            Reference::Env(name) => return self.env(name, at),
            Reference::QueueName | Reference::QueueSid | Reference::Sid(_) => return Found::Kept,
        };
        if !self.definitions.contains_key(&name) {
            let (kind, name) = name;
            let message = format!("no {} `{name}`", kind.noun());
            let code = match kind {
                Kind::Variable => "unknown-variable",
                Kind::Expression => "unknown-expression",
            };
            let help = self.advice(kind, &name);
            self.diagnostics.push(Diagnostic::error(code, at, message).with_help(help));
            return Found::Broken;
        }
        if let Some(start) = self.open.iter().position(|open| *open == name) {
            let shown = |(kind, name): &Name| format!("{}.{name}", kind.word());
            let chain: Vec<_> = self.open[start..].iter().chain([&name]).map(shown).collect();
            let message = format!("the definitions use each other: {}", chain.join(" → "));
            self.diagnostics.push(Diagnostic::error("reference-cycle", at, message));
            return Found::Broken;
        }
        if self.open.len() >= MAX_NESTING {
            let message = format!("more than {MAX_NESTING} definitions stand in each other");
            self.diagnostics.push(Diagnostic::error("too-deep", at, message));
            return Found::Broken;
        }
        self.resolve(&name);
        match self.resolved.get(&name) {
            Some(Some(node)) => self.spend(node.clone(), at),
            _ => Found::Broken,
        }
    }

    fn env(&mut self, name: &str, at: Span) -> Found {
        if let Some(text) = self.env.get(name) {
            let value = Text { value: escape(text), runs: Vec::new() };
            let node = Node::new(at, Value::String(value));
            return self.spend(Node { outside: Some(text.clone()), ..node }, at);
        }
        let message = format!("the environment variable `{name}` is not set");
        let help = match nearest(name, self.env.keys().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "set it, or use `${var.…}` with a default under `variables:`".to_owned(),
        };
        self.diagnostics.push(Diagnostic::error("unknown-env", at, message).with_help(help));
        Found::Broken
    }

    /// Lets a value in, as long as there is room.
    fn spend(&mut self, node: Node, at: Span) -> Found {
        let length = node.as_text().map_or(0, |text| text.value.len());
        if let Some(left) = self.bytes.checked_sub(length) {
            self.bytes = left;
            return Found::Node(node);
        }
        // Said once: from here on nothing fits.
        if self.bytes > 0 {
            self.bytes = 0;
            let message = "variables and expressions put in more than 10 MB";
            self.diagnostics.push(Diagnostic::error("too-large", at, message));
        }
        Found::Broken
    }
}

enum Found {
    Node(Node),
    /// It stays, to be resolved later.
    Kept,
    /// Reported.
    Broken,
}

/// A scalar as a part of a text.
fn inner_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.value.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Boolean(value) => Some(value.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// A value from the command line: a YAML scalar.
fn outside(text: &str, span: Span) -> Node {
    let string = |text: &str| {
        let value = escape(text);
        Value::String(Text { value, runs: Vec::new() })
    };
    let trimmed = text.trim();
    let quoted = trimmed.starts_with(['"', '\'']).then(|| {
        let root = compose(FileId::default(), trimmed, &mut Budget::default(), &mut Vec::new())?;
        Some(root.as_text()?.value.clone())
    });
    if let Some(Some(text)) = quoted {
        return Node { outside: Some(text.clone()), ..Node::new(span, string(&text)) };
    }
    let value = match scalar::resolve(trimmed) {
        // Nothing after the `=` is an empty text; `null` is null.
        Plain::Null if !trimmed.is_empty() => Value::Null,
        Plain::Boolean(value) => Value::Boolean(value),
        Plain::Number(number) => Value::Number(number),
        Plain::Null | Plain::NotFinite | Plain::String => string(text),
    };
    Node { outside: Some(text.to_owned()), ..Node::new(span, value) }
}

impl Text {
    /// Adds text that one place stands for.
    fn push(&mut self, text: &str, source: Span) {
        if !text.is_empty() {
            self.runs.push(Run { at: self.value.len(), source, verbatim: false });
            self.value.push_str(text);
        }
    }

    /// Adds a part of another text with its places.
    fn push_part(&mut self, from: &Text, range: TextRange) {
        let first = from.runs.partition_point(|run| run.at <= range.start).saturating_sub(1);
        let ends = from.runs.iter().skip(1).map(|run| run.at).chain([from.value.len()]);
        for (run, end) in from.runs.iter().zip(ends).skip(first) {
            if run.at >= range.end {
                break;
            }
            let start = run.at.max(range.start);
            let end = end.min(range.end);
            let source = if run.verbatim {
                let at = run.source.range.start + start - run.at;
                Span::new(run.source.file, at, at + end - start)
            } else {
                run.source
            };
            self.runs.push(Run {
                at: self.value.len() + start - range.start,
                source,
                verbatim: run.verbatim,
            });
        }
        self.value.push_str(&from.value[range.start..range.end]);
    }
}
