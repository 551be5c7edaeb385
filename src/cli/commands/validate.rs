//! `flexctl validate`: every problem of the spec, offline.

use super::load;
use crate::cli::args::{Global, TextOrJson};
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};
use crate::diag;
use crate::model::Kind;

pub(in crate::cli) fn run(
    global: &Global,
    format: TextOrJson,
    streams: &Streams,
) -> Result<Exit, Failure> {
    let (analysis, _) = load::analyze(global)?;
    let found = &analysis.diagnostics;
    match format {
        TextOrJson::Json => streams.json(&diag::to_json(found, &analysis.sources)),
        TextOrJson::Text => {
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
    Ok(if analysis.has_errors() { Exit::SpecErrors } else { Exit::Done })
}

/// `1 queue`, `2 task channels`.
fn count(number: usize, kind: Kind) -> String {
    let word = if number == 1 { kind.word() } else { kind.plural() };
    format!("{number} {}", word.replace('_', " "))
}
