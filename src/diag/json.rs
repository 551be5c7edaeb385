//! Diagnostics for programs. The JSON is a contract: `schemas/diagnostics.schema.json`.

use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use super::{Diagnostic, Label, Severity, render::counts};
use crate::text::Sources;

/// Every problem of a spec.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Diagnostics")]
struct Document<'a> {
    /// Of this document's form: 1.
    version: u32,
    /// How many there are.
    errors: usize,
    warnings: usize,
    /// In the order of their places.
    diagnostics: Vec<Told<'a>>,
}

/// A problem.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Diagnostic")]
struct Told<'a> {
    /// Stable; `flexctl explain CODE` says what it means.
    code: &'a str,
    severity: SeverityWord,
    /// What is wrong, with which object.
    message: &'a str,
    /// What to do about it; null where there is nothing to add.
    help: Option<&'a str>,
    /// The first is where the problem is, further ones explain it. Empty where no file shows it.
    labels: Vec<Place<'a>>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Severity")]
enum SeverityWord {
    /// The spec cannot be used.
    Error,
    /// The spec can be used; somebody should look.
    Warning,
}

/// A place that has to do with the problem.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Label")]
struct Place<'a> {
    file: &'a str,
    start: Point,
    /// After the last character.
    end: Point,
    /// What is there, in a few words; may be empty.
    text: &'a str,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
struct Point {
    /// From 1.
    line: usize,
    /// From 1, in characters.
    column: usize,
    /// In bytes, from 0.
    offset: usize,
}

/// The report for programs.
pub fn to_json(diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    let (errors, warnings) = counts(diagnostics);
    let diagnostics = diagnostics.iter().map(|one| told(one, sources)).collect();
    let document = Document { version: 1, errors, warnings, diagnostics };
    serde_json::to_value(document).expect("our documents have string keys")
}

fn told<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Told<'a> {
    let Diagnostic { code, severity, message, help, labels } = diagnostic;
    let severity = match severity {
        Severity::Error => SeverityWord::Error,
        Severity::Warning => SeverityWord::Warning,
    };
    let labels = labels.iter().map(|label| place(label, sources)).collect();
    Told { code, severity, message, help: help.as_deref(), labels }
}

fn place<'a>(label: &'a Label, sources: &'a Sources) -> Place<'a> {
    let file = sources.file(label.span.file);
    let point = |offset: usize| {
        let at = file.line_column(offset);
        Point { line: at.line, column: at.column, offset }
    };
    let (start, end) = (point(label.span.range.start), point(label.span.range.end));
    Place { file: &file.name, start, end, text: &label.text }
}

/// The schema of the report, draft-07, as checked in at `schemas/diagnostics.schema.json`.
pub fn diagnostics_schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<Document<'_>>().to_value()
}
