//! From the bytes of the files to a checked model.

use std::collections::{BTreeMap, BTreeSet};

use super::checks::{Names, check};
use super::document::{Attributes, Document};
use super::lower::{lower, tests as lower_tests};
use super::shape::{self, Shape};
use super::tree::{Node, Tree, Value};
use super::{allowed, include, interpolate, pointer};
use crate::diag::{Diagnostic, Levels, Severity};
use crate::model::{Model, RoutingTest, Rule};
use crate::text::{Sources, Span};

/// More problems than this are only counted.
const MAX_DIAGNOSTICS: usize = 1_000;

/// The files of a spec, by the path as the user wrote it. The command line reads them; a test
/// hands in a map.
pub trait Files {
    /// The bytes of one file.
    ///
    /// # Errors
    /// Why it could not be read.
    fn read(&self, path: &str) -> std::io::Result<Vec<u8>>;

    /// The paths that match an `include` glob, relative to the including file, sorted.
    ///
    /// # Errors
    /// Why the folder could not be listed.
    fn glob(&self, from: &str, pattern: &str) -> std::io::Result<Vec<String>>;
}

/// What the surroundings decide.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `--env`.
    pub environment: Option<String>,
    /// `--var` and `--var-file`, over the environment's, over the spec's own. YAML scalars.
    pub variables: BTreeMap<String, String>,
    /// What `${env.NAME}` sees.
    pub env: BTreeMap<String, String>,
}

/// What is known of a spec after reading it.
#[derive(Debug)]
pub struct Analysis {
    /// The files that spans point into.
    pub sources: Sources,
    /// In order of their places.
    pub diagnostics: Vec<Diagnostic>,
    /// The meaning, as far as it can be told; only to be used when there is no error.
    partial: Model<Rule>,
    tests: Vec<SpecTest>,
    /// What the chosen environment pins.
    pub environment: Environment,
    /// The attributes that the spec declares.
    pub attributes: Attributes,
    /// The levels that the spec gives to lints.
    pub levels: Levels,
    /// What the files say, with variables put in.
    pub(super) tree: Tree,
}

/// A test and the place of its name.
#[derive(Clone, Debug, PartialEq)]
pub struct SpecTest {
    pub span: Span,
    pub test: RoutingTest,
}

/// The chosen environment; empty without one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    pub name: Option<String>,
    /// Applying to another account is refused.
    pub account_sid: Option<String>,
    pub profile: Option<String>,
    /// What the names of the variables with its credentials begin with.
    pub env_prefix: Option<String>,
    /// `live`, `emulator` or a URL on this machine.
    pub target: Option<String>,
    pub region: Option<String>,
    pub edge: Option<String>,
}

impl Analysis {
    /// Whether any diagnostic is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The tests, in the order of the files; none when there are errors.
    pub fn tests(&self) -> &[SpecTest] {
        if self.has_errors() { &[] } else { &self.tests }
    }

    /// The checked meaning; none when there are errors.
    pub fn model(&self) -> Option<&Model<Rule>> {
        (!self.has_errors()).then_some(&self.partial)
    }

    /// The same with other diagnostics; they are put in order.
    #[must_use]
    pub fn with_diagnostics(self, diagnostics: Vec<Diagnostic>) -> Self {
        Self { diagnostics: tidy(diagnostics), ..self }
    }
}

/// Reads the spec at `path`. Never fails: whatever is wrong is among the diagnostics.
pub fn analyze(files: &dyn Files, path: &str, settings: &Settings) -> Analysis {
    analyze_with_tests(files, path, &[], settings)
}

/// The same with the tests of these files, which see the names and variables of the spec.
pub fn analyze_with_tests(
    files: &dyn Files,
    path: &str,
    tests: &[String],
    settings: &Settings,
) -> Analysis {
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    let mut environment = Environment::default();
    let mut partial = Model::default();
    let mut lowered = Vec::new();
    let (mut attributes, mut levels) = (Attributes::default(), Levels::default());
    let nothing = Node::new(Span::default(), Value::Null);
    let mut whole = Tree { root: nothing };
    if let Some(mut loaded) = include::load(files, path, tests, &mut sources, &mut diagnostics) {
        let tree = &mut loaded.tree;
        environment = interpolate::interpolate(tree, settings, &mut diagnostics);
        let names = Names::of(tree);
        let shape = Shape::of_a_spec();
        let document: Option<Document> = shape::read(tree, shape, &sources, &mut diagnostics);
        if let Some(document) = document {
            partial = lower(&document);
            lowered = self::tests(&document, tree);
            // Without all of its files, most of what is missing is not.
            if loaded.whole {
                let found = check(&document, &partial, tree, &names, &sources, &diagnostics);
                diagnostics.extend(found);
            }
            attributes = document.attributes;
            levels = document.lints.to_levels();
        }
        whole = loaded.tree;
    }
    allowed::allow(Analysis {
        sources,
        diagnostics: tidy(diagnostics),
        partial,
        tests: lowered,
        environment,
        attributes,
        levels,
        tree: whole,
    })
}

/// The names of the environments, in the order of the files. What cannot be read has none; the
/// analysis says why.
pub fn environments(files: &dyn Files, path: &str) -> Vec<String> {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let loaded = include::load(files, path, &[], &mut sources, &mut diagnostics);
    let tree = loaded.as_ref().map(|loaded| &loaded.tree);
    let environments = tree.and_then(|tree| tree.get("/environments"));
    let entries = environments.into_iter().flat_map(Node::entries);
    entries.map(|(name, _)| name.to_owned()).collect()
}

fn tests(document: &Document, tree: &Tree) -> Vec<SpecTest> {
    let placed = lower_tests(document).into_iter().enumerate().map(|(index, test)| {
        let place = pointer::join(&pointer::item("/tests", index), "name");
        SpecTest { span: tree.value_span(&place), test }
    });
    placed.collect()
}

/// In order of their places, each once; no warning about what is an error already.
fn tidy(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let place = |diagnostic: &Diagnostic| diagnostic.labels.first().map(|label| label.span);
    let errors: BTreeSet<Span> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .filter_map(place)
        .collect();
    diagnostics.retain(|diagnostic| {
        diagnostic.severity == Severity::Error
            || place(diagnostic).is_none_or(|span| !errors.contains(&span))
    });
    diagnostics.sort_by(|a, b| (place(a), a.code, &a.message).cmp(&(place(b), b.code, &b.message)));
    diagnostics.dedup();
    if diagnostics.len() > MAX_DIAGNOSTICS {
        let more = diagnostics.len() - MAX_DIAGNOSTICS;
        // No number of warnings makes an error.
        let severity = match errors.is_empty() {
            true => Severity::Warning,
            false => Severity::Error,
        };
        diagnostics.truncate(MAX_DIAGNOSTICS);
        let message = format!("{more} more problems are not shown");
        diagnostics
            .push(Diagnostic { severity, ..Diagnostic::placeless("too-many-problems", message) });
    }
    diagnostics
}
