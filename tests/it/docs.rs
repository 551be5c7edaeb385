//! The pages of `docs/` that are made from the program are fresh, and the program is documented.

use std::path::{Path, PathBuf};

use flexctl::diag;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_reference_of_diagnostics_is_fresh() {
    let path = root().join("docs/diagnostics.md");
    let fresh = diag::reference();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == fresh, "docs/diagnostics.md is stale: run with UPDATE_DOCS=1");
}

/// Words with hyphens in `src/spec` that are no codes.
const OTHER_WORDS: [&str; 0] = [];

#[test]
fn every_code_that_is_raised_is_registered_and_every_registered_code_is_raised() {
    let mut sources = Vec::new();
    for room in ["src/spec", "src/lint", "src/plan", "src/cli/commands/test"] {
        collect(&root().join(room), &mut sources);
    }
    let mut raised = std::collections::BTreeSet::new();
    for path in
        sources.iter().filter(|path| !path.components().any(|c| c.as_os_str() == "document"))
    {
        let text = std::fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            raised.extend(
                line.split('"').skip(1).step_by(2).filter(|w| is_code(w)).map(str::to_owned),
            );
            raised.extend(
                diag::registry()
                    .map(|entry| entry.code)
                    .filter(|word| line.contains(&format!("\"{word}\"")))
                    .map(str::to_owned),
            );
        }
    }
    let unknown: Vec<_> = raised
        .iter()
        .filter(|word| diag::explain(word).is_none() && !OTHER_WORDS.contains(&word.as_str()))
        .collect();
    assert!(unknown.is_empty(), "not in the registry: {unknown:?}");
    let unused: Vec<_> =
        diag::registry().map(|entry| entry.code).filter(|code| !raised.contains(*code)).collect();
    assert!(unused.is_empty(), "never raised: {unused:?}");
}

fn is_code(word: &str) -> bool {
    word.contains('-')
        && word.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
        && word.starts_with(|c: char| c.is_ascii_lowercase())
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else {
            into.push(path);
        }
    }
}
