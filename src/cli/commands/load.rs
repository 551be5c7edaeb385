//! The spec from disk, with what the surroundings decide.

use std::collections::BTreeMap;

use crate::cli::args::Global;
use crate::cli::files::Disk;
use crate::cli::streams::Streams;
use crate::cli::tasks;
use crate::cli::{Exit, Failure};
use crate::diag::{self, Level, Levels};
use crate::model::Model;
use crate::spec::{self, Analysis, Files, Settings};
use crate::{generate, lint};

/// Reads, checks and lints the spec. Never prints.
pub(super) fn analyze(global: &Global) -> Result<Read, Failure> {
    analyze_with_tests(global, &[])
}

/// A spec that was read, and its expanded model; none when there are errors, denied lints among
/// them.
pub(super) type Read = (Analysis, Option<Model>);

/// The same with the tests of these files.
pub(super) fn analyze_with_tests(global: &Global, tests: &[String]) -> Result<Read, Failure> {
    analyze_in(&Disk, global, tests)
}

/// The same of these files, without tests of their own.
pub(super) fn analyze_files(files: &dyn Files, global: &Global) -> Result<Read, Failure> {
    analyze_in(files, global, &[])
}

fn analyze_in(files: &dyn Files, global: &Global, tests: &[String]) -> Result<Read, Failure> {
    let over = levels(global)?;
    let mut variables = BTreeMap::new();
    for file in &global.var_files {
        let text = tasks::document(file).map_err(|failure| {
            Failure::new(failure.exit, format!("--var-file: {}", failure.message))
        })?;
        let read = spec::read_variables(&text)
            .map_err(|error| Failure::new(Exit::Usage, format!("--var-file {file}: {error}")))?;
        variables.extend(read);
    }
    variables.extend(global.vars.iter().cloned());
    let settings = Settings {
        environment: global.env.clone(),
        variables,
        env: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
    };
    let analysis = spec::analyze_with_tests(files, global.file.as_str(), tests, &settings);
    let desired = analysis.model().map(generate::expand);
    let analysis = lint::check(analysis, desired.as_ref(), &over);
    let desired = desired.filter(|_| !analysis.has_errors());
    Ok((analysis, desired))
}

/// The levels that the command line gives to lints.
fn levels(global: &Global) -> Result<Levels, Failure> {
    let given = [
        ("--allow", Level::Allow, &global.allow),
        ("--warn", Level::Warn, &global.warn),
        ("--deny", Level::Error, &global.deny),
    ];
    let mut levels = Levels::default();
    for (option, level, lints) in given {
        for lint in lints {
            if let Some(other) = levels.insert(*lint, level) {
                let message = format!("{option} {lint}: its level is `{other}` by another option");
                return Err(Failure::new(Exit::Usage, message));
            }
        }
    }
    Ok(levels)
}

/// The checked and expanded model. Errors are told on stderr and end
/// the run; warnings are counted.
pub(super) fn desired(global: &Global, streams: &Streams) -> Result<(Analysis, Model), Failure> {
    expanded(analyze(global)?, global, streams)
}

/// The same of what was read already.
pub(super) fn expanded(
    (analysis, desired): Read,
    global: &Global,
    streams: &Streams,
) -> Result<(Analysis, Model), Failure> {
    if !analysis.has_errors() && !analysis.diagnostics.is_empty() {
        // They stand above every plan: one line, not the whole report.
        let found = diag::summary(&analysis.diagnostics);
        streams.talk(&format!("{}: {found}; `flexctl validate` shows more", global.file));
    }
    match desired {
        Some(desired) => Ok((analysis, desired)),
        None => {
            let summary = diag::summary(&analysis.diagnostics);
            let report = report(&analysis, streams.width(), streams.color_talk());
            Err(Failure::new(Exit::SpecErrors, summary).with_diagnostics(report, analysis))
        }
    }
}

/// The diagnostics for people.
pub(super) fn report(analysis: &Analysis, width: usize, color: bool) -> String {
    let colour = if color { diag::Colour::Always } else { diag::Colour::Never };
    diag::render_text(&analysis.diagnostics, &analysis.sources, width, colour)
}
