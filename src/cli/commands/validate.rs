//! `flexctl validate`: every problem of the spec, offline.

use super::load;
use crate::cli::args::{Global, TextOrJson};
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};
use crate::diag;

pub(in crate::cli) fn run(
    global: &Global,
    format: TextOrJson,
    streams: &Streams,
) -> Result<Exit, Failure> {
    let analysis = load::analyze(global)?;
    let found = &analysis.diagnostics;
    match format {
        TextOrJson::Json => streams.json(&diag::to_json(found, &analysis.sources)),
        TextOrJson::Text => {
            if !found.is_empty() {
                streams.data(&load::report(&analysis, streams.width(), streams.color_data()));
            }
            let summary = match analysis.model() {
                Some(model) => format!(
                    "{} is valid: {} queues, {} workflows, {} activities, {} task channels{}",
                    global.file,
                    model.queues.len(),
                    model.workflows.len(),
                    model.activities.len(),
                    model.task_channels.len(),
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
