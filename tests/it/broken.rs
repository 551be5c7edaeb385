//! Broken specs: each says what is wrong, where, and what to do.

use std::path::{Path, PathBuf};

use flexctl::diag::Severity;
use flexctl::spec::{Analysis, Files, Settings, analyze};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Files below a folder.
struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> std::io::Result<Vec<u8>> {
        std::fs::read(self.0.join(path))
    }

    fn glob(&self, _from: &str, _pattern: &str) -> std::io::Result<Vec<String>> {
        Ok(Vec::new())
    }
}

fn analysis(folder: &Path, name: &str) -> Analysis {
    let settings = Settings { env: std::env::vars().collect(), ..Settings::default() };
    analyze(&Folder(folder.to_owned()), name, &settings)
}

fn report(analysis: &Analysis) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    for diagnostic in &analysis.diagnostics {
        let word = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let _ = writeln!(out, "{word}[{}]: {}", diagnostic.code, diagnostic.message);
        for label in &diagnostic.labels {
            let file = analysis.sources.file(label.span.file);
            let at = file.line_column(label.span.range.start);
            let slice = analysis.sources.slice(label.span).lines().next().unwrap_or("");
            let _ =
                writeln!(out, "  {}:{}:{} |{slice}| {}", file.name, at.line, at.column, label.text);
        }
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(out, "  help: {help}");
        }
    }
    out
}

#[test]
fn good_specs_have_no_errors() {
    let mut folders = vec![root()];
    folders.extend(std::fs::read_dir(root().join("examples")).unwrap().map(|f| f.unwrap().path()));
    for folder in folders {
        let analysis = analysis(&folder, "flex.yaml");
        println!("== {}\n{}", folder.display(), report(&analysis));
        assert!(!analysis.has_errors(), "{}", folder.display());
    }
}

#[test]
fn every_broken_spec_is_reported_as_it_was() {
    for file in std::fs::read_dir(root().join("tests/specs/broken")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".yaml") {
            let analysis = analysis(&root().join("tests/specs/broken"), &name);
            println!("{}", report(&analysis));
        }
    }
}
