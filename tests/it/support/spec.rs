//! Specs under analysis.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use flexctl::diag::{Colour, Level, Levels, Lint, Severity, render_text};
use flexctl::spec::{Analysis, Settings, analyze};
use flexctl::{generate, lint};

/// The package's folder.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What the spec in a file means, with the files in the folder `more` beside it.
pub(crate) fn analysis(path: &Path) -> Analysis {
    let name = path.file_name().unwrap().to_str().unwrap();
    let mut files = BTreeMap::from([(name.to_owned(), std::fs::read(path).unwrap())]);
    for more in yaml_files(&path.with_file_name("more")) {
        let name = format!("more/{}", more.file_name().unwrap().to_str().unwrap());
        files.insert(name, std::fs::read(&more).unwrap());
    }
    analyze(&files, name, &settings())
}

/// What a text means as `flex.yaml`, after `version: 1`.
pub(crate) fn of_text(text: &str) -> Analysis {
    verbatim(&format!("version: 1\n{text}"))
}

/// What a text means as `flex.yaml`, with an empty file to include.
pub(crate) fn verbatim(text: &str) -> Analysis {
    let files = BTreeMap::from([
        ("flex.yaml".to_owned(), text.as_bytes().to_vec()),
        ("more/nothing.yaml".to_owned(), Vec::new()),
    ]);
    analyze(&files, "flex.yaml", &settings())
}

/// The same with what lints find.
pub(crate) fn linted(analysis: Analysis) -> Analysis {
    let desired = analysis.model().map(generate::expand);
    lint::check(analysis, desired.as_ref(), &Levels::default())
}

/// The report for people, without colours.
pub(crate) fn report(analysis: &Analysis) -> String {
    render_text(&analysis.diagnostics, &analysis.sources, 100, Colour::Never)
}

/// Holds every code, with the text at its place, against what is wanted.
pub(crate) fn expect(text: &str, wanted: &[(&str, &str)]) {
    expect_of(&of_text(text), text, wanted);
}

/// What lints of expressions find in a text. What else there is to say of specs as small as those
/// of tests is allowed.
pub(crate) fn expressions_linted(text: &str) -> Analysis {
    let family = flexctl::diag::lints().filter(|entry| OF_ROUTING.contains(&entry.code));
    let levels = family.map(|entry| (Lint::Code(entry.code), Level::Allow)).collect();
    let analysis = of_text(text);
    let desired = analysis.model().map(generate::expand);
    lint::check(analysis, desired.as_ref(), &levels)
}

/// Lints that are raised by what is left out of a small spec, or beside what a test is about.
const OF_ROUTING: [&str; 8] = [
    "covered-filter",
    "duplicate-filter",
    "never-true-filter",
    "never-true-queue",
    "no-default-filter",
    "transfer-queue-without-filter",
    "unreachable-default-filter",
    "unreached-queue",
];

/// The same as [`expect`], of lints of expressions.
pub(crate) fn expect_lints(text: &str, wanted: &[(&str, &str)]) {
    let analysis = expressions_linted(text);
    assert!(
        analysis.diagnostics.iter().all(|d| d.severity == Severity::Warning),
        "{}",
        report(&analysis)
    );
    expect_of(&analysis, text, wanted);
}

fn expect_of(analysis: &Analysis, text: &str, wanted: &[(&str, &str)]) {
    let found: Vec<(&str, &str)> = analysis
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.code, analysis.sources.slice(diagnostic.labels[0].span)))
        .collect();
    assert_eq!(found, wanted, "\n{text}\n{}", report(analysis));
}

/// The YAML files of a folder, by name; none when there is no such folder.
pub(crate) fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    paths
}

fn settings() -> Settings {
    // What the examples ask of their surroundings.
    let env = [("ASSIGNMENT_URL", "https://example.com")];
    let env = env.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Settings { env, ..Settings::default() }
}
