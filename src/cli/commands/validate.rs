//! `flexctl validate`: every problem of the spec, offline.

use super::load;
use crate::cli::args::{Global, ValidateFormat};
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure, places};
use crate::diag::{self, Severity};
use crate::model::Kind;

pub(in crate::cli) fn run(
    global: &Global,
    format: ValidateFormat,
    streams: &Streams,
) -> Result<Exit, Failure> {
    let (analysis, _) = load::analyze(global)?;
    let found = &analysis.diagnostics;
    match format {
        ValidateFormat::Json => streams.json(&diag::to_json(found, &analysis.sources)),
        ValidateFormat::Sarif => {
            streams.json(&diag::to_sarif(found, &analysis.sources, &places::places()));
        }
        ValidateFormat::Github => {
            streams.data(&diag::to_github(found, &analysis.sources, &places::places()));
            streams.talk(&format!("{}: {}", global.file, diag::summary(found)));
        }
        ValidateFormat::Text => {
            if !found.is_empty() {
                streams.data(&load::report(&analysis, streams.width(), streams.color_data()));
            }
            let summary = match analysis.model() {
                Some(model) => format!(
                    "{} is valid: {}, {}, {}, {}{}",
                    global.file,
                    count(model.queues.len(), Kind::Queue),
                    count(model.workflows.len(), Kind::Workflow),
                    count(model.activities.len(), Kind::Activity),
                    count(model.task_channels.len(), Kind::TaskChannel),
                    if found.is_empty() {
                        String::new()
                    } else {
                        format!("; {}", diag::summary(found))
                    },
                ),
                None => format!("{}: {}", global.file, diag::summary(found)),
            };
            streams.talk(&summary);
        }
    }
    let errors = found.iter().filter(|one| one.severity == Severity::Error).count();
    Ok(Exit::Checked { errors })
}

/// `1 queue`, `2 task channels`.
fn count(number: usize, kind: Kind) -> String {
    let word = if number == 1 { kind.word() } else { kind.plural() };
    format!("{number} {}", word.replace('_', " "))
}
