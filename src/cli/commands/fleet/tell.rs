//! What is given to a run over several environments, and how it is told.

use super::comment::comment;
use super::outcome::{Document, Outcome};
use super::{reports, table};
use crate::cli::args::{FleetArgs, Global, PlanForm, PlanFormat, TargetArgs};
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};
use crate::text::page;

/// The environments of a run, and how they are handled and told.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Fleet<'a> {
    /// One for each environment, in the order of the spec.
    pub(in crate::cli) members: &'a [Global],
    pub(in crate::cli) target: &'a TargetArgs,
    pub(in crate::cli) args: &'a FleetArgs,
    pub(in crate::cli) form: &'a PlanForm,
}

impl Fleet<'_> {
    /// Shows a text of an environment under its name; what went wrong also beside a document.
    pub(super) fn show(&self, outcome: &Outcome, text: &str, streams: &Streams) {
        match (self.form.format, &outcome.error) {
            (PlanFormat::Text, _) => {
                streams.data(&format!("═══ {}\n{}\n\n", outcome.environment, text.trim_end()));
            }
            (PlanFormat::Json | PlanFormat::Markdown, Some(error)) => {
                streams.of_one(&outcome.environment).error(&format!("error: {error}"));
            }
            (PlanFormat::Json | PlanFormat::Markdown, None) => {}
        }
    }

    /// Prints the table or the document, and writes the reports.
    pub(super) fn finish(&self, outcomes: &[Outcome], streams: &Streams) -> Result<Exit, Failure> {
        let document = Document::new(outcomes);
        match self.form.format {
            PlanFormat::Json => streams.json(&document),
            PlanFormat::Markdown => streams.data(&comment(outcomes, self.form.max_chars())),
            PlanFormat::Text => {
                let options = page::Options { color: streams.color_data(), width: streams.width() };
                streams.data(&table::table(outcomes, &options));
            }
        }
        if let Some(folder) = self.args.report_dir.as_ref().filter(|_| !outcomes.is_empty()) {
            let written = reports::write(folder, outcomes, self.form.max_chars());
            written.map_err(Failure::with_document_printed)?;
            streams.talk(&format!("wrote the reports into {folder}"));
        }
        Ok(document.exit)
    }
}
