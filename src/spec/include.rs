//! The files of a spec, joined into one tree.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use indexmap::map::Entry as Slot;

use super::Files;
use super::compose::{Budget, compose};
use super::tree::{Entry, Node, Tree, Value};
use crate::diag::{Code, Diagnostic};
use crate::text::{Sources, Span, nearest, shorten};

/// The largest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 16 << 20;
/// All files of a spec together, in bytes.
const MAX_BYTES: usize = 64 << 20;
const MAX_FILES: usize = 10_000;
/// How deep files may include each other.
const MAX_NESTING: usize = 16;

/// What a file of tests may hold.
const TEST_SECTIONS: [&str; 2] = ["version", "tests"];

/// The files of a spec as one tree.
pub(crate) struct Loaded {
    pub(crate) tree: Tree,
    /// Whether every file could be read to its end. When not, a name that is declared nowhere may
    /// be declared in the part that is missing.
    pub(crate) whole: bool,
}

/// Reads the file at `path` and all that it includes, and files of nothing but tests. None when the
/// file itself gives nothing.
pub(crate) fn load(
    files: &dyn Files,
    path: &str,
    tests: &[String],
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Loaded> {
    let mut loader = Loader {
        files,
        sources,
        diagnostics,
        budget: Budget::default(),
        bytes: 0,
        seen: BTreeSet::new(),
        open: Vec::new(),
        whole: true,
        sections: IndexMap::new(),
    };
    let mut root = loader.file(path, None)?;
    if let Value::Map(sections) = &mut root.value {
        loader.sections = std::mem::take(sections);
        for path in tests {
            loader.tests(path);
        }
        root.value = Value::Map(std::mem::take(&mut loader.sections));
    }
    let tree = Tree { root };
    Some(Loaded { tree, whole: loader.whole })
}

struct Loader<'a> {
    files: &'a dyn Files,
    sources: &'a mut Sources,
    diagnostics: &'a mut Vec<Diagnostic>,
    budget: Budget,
    bytes: usize,
    /// Every file that was read, by its normal path.
    seen: BTreeSet<String>,
    /// The files whose includes are being read, from the outermost.
    open: Vec<String>,
    whole: bool,
    /// What the files say so far.
    sections: IndexMap<String, Entry>,
}

impl Loader<'_> {
    /// Reads the first file, and returns everything.
    fn file(&mut self, path: &str, by: Option<Span>) -> Option<Node> {
        let mut root = self.read(path, by)?;
        let Value::Map(sections) = &mut root.value else {
            return Some(root);
        };
        self.sections = std::mem::take(sections);
        let include = self.sections.get("include").map(|entry| entry.node.clone());
        self.seen.insert(normal(path));
        self.open.push(path.to_owned());
        self.includes(path, include);
        root.value = Value::Map(std::mem::take(&mut self.sections));
        Some(root)
    }

    /// Reads what an `include` key names. What is no text is for the schema to report.
    fn includes(&mut self, path: &str, include: Option<Node>) {
        let Some(Node { value: Value::List(patterns), .. }) = include else { return };
        for pattern in &patterns {
            let Some(text) = pattern.as_text() else { continue };
            let span = pattern.span;
            let mut paths = match self.files.glob(path, &text.value) {
                Ok(paths) => paths,
                Err(error) => {
                    self.fail("unreadable-file", span, format!("cannot list the files: {error}"));
                    continue;
                }
            };
            if paths.is_empty() {
                self.whole = false;
                let message = format!("no file matches `{}`", text.value);
                let help = "paths are relative to the file that includes";
                self.diagnostics
                    .push(Diagnostic::error("include-not-found", span, message).with_help(help));
            }
            paths.sort();
            for included in paths {
                self.included(&included, span);
            }
        }
    }

    fn included(&mut self, path: &str, by: Span) {
        let id = normal(path);
        if self.open.iter().any(|open| normal(open) == id) {
            let chain = self.open.iter().map(String::as_str).chain([path]);
            let chain: Vec<_> = chain.skip_while(|open| normal(open) != id).collect();
            let message = format!("the files include each other: {}", chain.join(" → "));
            self.fail("include-cycle", by, message);
            return;
        }
        if !self.seen.insert(id) {
            return;
        }
        if self.open.len() >= MAX_NESTING || self.seen.len() > MAX_FILES {
            let message = format!(
                "more than {MAX_FILES} files, or includes nested more than {MAX_NESTING} deep"
            );
            self.fail("too-large", by, message);
            return;
        }
        let Some(root) = self.read(path, Some(by)) else {
            self.whole = false;
            return;
        };
        let Value::Map(mut sections) = root.value else {
            self.fail("wrong-type", root.span, "an included file is a map of sections".into());
            return;
        };
        let include = sections.shift_remove("include").map(|entry| entry.node);
        self.merge(sections);
        self.open.push(path.to_owned());
        self.includes(path, include);
        self.open.pop();
    }

    /// Adds the tests of a file that holds nothing else. One that the spec includes is read already.
    fn tests(&mut self, path: &str) {
        if !self.seen.insert(normal(path)) {
            return;
        }
        let Some(root) = self.read(path, None) else {
            self.whole = false;
            return;
        };
        let sections = match root.value {
            Value::Map(sections) => sections,
            Value::Null => return,
            _ => {
                let message = "a file of tests is a map with a list `tests`".to_owned();
                return self.fail("wrong-type", root.span, message);
            }
        };
        let (known, unknown): (IndexMap<_, _>, IndexMap<_, _>) =
            sections.into_iter().partition(|(key, _)| TEST_SECTIONS.contains(&key.as_str()));
        for (key, entry) in unknown {
            let message = format!("unknown key `{}` in a file of tests", shorten(&key, 80));
            let help = match nearest(&key, TEST_SECTIONS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "it holds `tests`; everything else stands in the spec".to_owned(),
            };
            let problem = Diagnostic::error("unknown-key", entry.key, message).with_help(help);
            self.diagnostics.push(problem);
        }
        self.merge(known);
    }

    /// Joins the sections of one more file: maps by name, lists one after the other.
    fn merge(&mut self, sections: IndexMap<String, Entry>) {
        for (section, entry) in sections {
            let mut slot = match self.sections.entry(section) {
                Slot::Vacant(slot) => {
                    slot.insert(entry);
                    continue;
                }
                Slot::Occupied(slot) => slot,
            };
            let section = slot.key().clone();
            let first = slot.get_mut();
            match (&mut first.node.value, entry.node.value) {
                (_, Value::Null) => {}
                (Value::Null, value) => {
                    first.node = Node { value, ..entry.node };
                    first.key = entry.key;
                }
                (Value::List(items), Value::List(more)) => items.extend(more),
                (Value::Map(entries), Value::Map(more)) => {
                    for (name, entry) in more {
                        match entries.entry(name) {
                            Slot::Vacant(slot) => {
                                slot.insert(entry);
                            }
                            Slot::Occupied(first) => {
                                let name = format!("{section}.{}", first.key());
                                let first = first.get().key;
                                self.diagnostics.push(twice(&name, first, entry.key));
                            }
                        }
                    }
                }
                // Every file may say which version of the language it is written in.
                (Value::Number(one), Value::Number(other))
                    if section == "version" && *one == other => {}
                _ => self.diagnostics.push(twice(&section, first.key, entry.key)),
            }
        }
    }

    /// The tree of one file.
    fn read(&mut self, path: &str, by: Option<Span>) -> Option<Node> {
        let bytes = match self.files.read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("cannot read {path}: {error}");
                let problem = at("unreadable-file", by, message);
                self.diagnostics.push(problem);
                return None;
            }
        };
        self.bytes += bytes.len();
        if bytes.len() > MAX_FILE_BYTES || self.bytes > MAX_BYTES {
            let message =
                format!("{path} is too large: a file holds at most 16 MiB, a spec at most 64 MiB");
            self.diagnostics.push(at("too-large", by, message));
            return None;
        }
        let (text, problem) = decode(bytes);
        let file = self.sources.add(path, text);
        if let Some((code, at, message, help)) = problem {
            let span = Span::new(file, at, at);
            self.diagnostics.push(Diagnostic::error(code, span, message).with_help(help));
            return None;
        }
        let source = &self.sources.file(file).text;
        compose(file, source, &mut self.budget, self.diagnostics)
    }

    fn fail(&mut self, code: Code, span: Span, message: String) {
        self.whole = false;
        self.diagnostics.push(Diagnostic::error(code, span, message));
    }
}

/// A problem where a file is included, or of the first file.
fn at(code: Code, by: Option<Span>, message: String) -> Diagnostic {
    match by {
        Some(span) => Diagnostic::error(code, span, message),
        None => Diagnostic::placeless(code, message),
    }
}

type Undecodable = (Code, usize, String, &'static str);

/// The text of a file without its byte order mark, and why it is not one that can be used.
fn decode(bytes: Vec<u8>) -> (String, Option<Undecodable>) {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let byte = error.as_bytes()[at];
            // What stands before the bad byte is enough to show the place.
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let message = format!("the file is not UTF-8: byte 0x{byte:02x} at offset {at}");
            let problem = ("not-utf8", at, message, "save the file as UTF-8");
            return (text, Some(problem));
        }
    };
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    let control = |c: char| c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r');
    let problem = text.find(control).map(|at| {
        let byte = text.as_bytes()[at];
        let message = format!("the file holds the control character 0x{byte:02x}");
        ("control-character", at, message, "remove it, or write it as an escape in double quotes")
    });
    (text, problem)
}

fn twice(name: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error("duplicate-key", second, format!("`{name}` is given in two files"))
        .with_text("again here")
        .with_label(first, "first here")
        .with_help("keep one of the two")
}

/// A path without `.` and, where that is possible, without `..`.
fn normal(path: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "." => {}
            "" if !steps.is_empty() => {}
            ".." if steps.last().is_some_and(|last| !matches!(*last, ".." | "")) => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// Files in memory, for tests and for editors.
impl Files for BTreeMap<String, Vec<u8>> {
    fn read(&self, path: &str) -> std::io::Result<Vec<u8>> {
        let path = normal(path);
        self.get(&path).cloned().ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }

    fn glob(&self, from: &str, pattern: &str) -> std::io::Result<Vec<String>> {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let pattern = normal(&format!("{folder}/{pattern}"));
        let pattern = wildmatch::WildMatch::new(pattern.trim_start_matches('/'));
        Ok(self.keys().filter(|path| pattern.matches(path)).cloned().collect())
    }
}
