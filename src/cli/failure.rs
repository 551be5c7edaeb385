//! Why a command ended early, for people and in every form of stdout.

use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Exit;
use super::args::Form;
use super::places;
use crate::diag::{self, Diagnostic, Severity};
use crate::routing::testing;
use crate::spec::Analysis;
use crate::text::markdown::{Comment, Item, Section, line, paragraph, prose};
use crate::text::{Sources, shown_lines};

/// Why a command ended early: what to say, and the exit code.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// What a JSON document has besides, by key.
    details: Box<Map<String, Value>>,
    /// What a comment shows besides, line by line.
    lines: Box<str>,
    document: Document,
}

/// What a machine format prints in the place of what was asked for.
#[derive(Debug)]
enum Document {
    /// What the failure says.
    Failure,
    /// The problems of the spec; people see them as in the text.
    Diagnostics(Box<(Vec<Diagnostic>, Sources, String)>),
    /// Nothing: stdout has its document.
    Printed,
}

/// What is printed as JSON where a run ended before it had a document.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Failure")]
struct Told<'a> {
    /// Of this document's form: 1.
    version: u32,
    /// The exit code.
    exit: u8,
    /// What went wrong, for people.
    error: &'a str,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    /// What some failures say besides, such as `moved` of a saved plan that is stale.
    #[serde(flatten)]
    details: Map<String, Value>,
}

impl Failure {
    /// The schema of that, draft-07, as checked in at `schemas/failure.schema.json`.
    pub(super) fn schema() -> Value {
        SchemaSettings::draft07().into_generator().into_root_schema_for::<Told<'_>>().to_value()
    }

    pub(super) fn new(exit: Exit, message: impl ToString) -> Self {
        Self {
            exit,
            message: message.to_string(),
            help: None,
            details: Box::default(),
            lines: Box::default(),
            document: Document::Failure,
        }
    }

    /// The same with advice.
    pub(super) fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The same with something that only programs are told.
    pub(super) fn with_detail(mut self, key: &'static str, value: impl serde::Serialize) -> Self {
        let value = serde_json::to_value(value).expect("our documents have string keys");
        self.details.insert(key.to_owned(), value);
        self
    }

    /// The same with lines that a comment shows too; people were told them already.
    pub(super) fn with_lines(self, lines: String) -> Self {
        Self { lines: lines.into(), ..self }
    }

    /// The same for a spec with errors: for people as in `report`, and as a machine format prints
    /// them.
    pub(super) fn with_diagnostics(self, report: String, analysis: Analysis) -> Self {
        let Analysis { diagnostics, sources, .. } = analysis;
        Self { document: Document::Diagnostics(Box::new((diagnostics, sources, report))), ..self }
    }

    /// The same after stdout got its document.
    pub(super) fn with_document_printed(self) -> Self {
        Self { document: Document::Printed, ..self }
    }

    /// What it says, in a few lines: the problems of the spec, or the message with its advice.
    pub(super) fn in_short(&self) -> Vec<String> {
        const SHOWN: usize = 3;
        let Document::Diagnostics(found) = &self.document else {
            return std::iter::once(&self.message).chain(&self.help).cloned().collect();
        };
        let errors = found.0.iter().filter(|one| one.severity == Severity::Error);
        let lines = errors.take(SHOWN).map(|one| diag::one_line(one, &found.1));
        std::iter::once(self.message.clone()).chain(lines).collect()
    }

    /// The errors of the spec, each in a line with its place.
    pub(super) fn errors_of_spec(&self) -> Vec<String> {
        let Document::Diagnostics(found) = &self.document else { return Vec::new() };
        let errors = found.0.iter().filter(|one| one.severity == Severity::Error);
        errors.map(|one| diag::one_line(one, &found.1)).collect()
    }

    /// The one document of stdout; none where people read it, or where it is there already.
    pub(super) fn document(&self, form: Form) -> Option<String> {
        let Self { exit, message, help, details, lines, document } = self;
        let exit = exit.number();
        let said = || match help {
            Some(help) => format!("{message}; {help}"),
            None => message.clone(),
        };
        Some(match (form, document) {
            (Form::Text, _) | (_, Document::Printed) => return None,
            (Form::Json, Document::Failure) => {
                let details = details.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
                pretty(&Told {
                    version: 1,
                    exit,
                    error: message,
                    help: help.as_deref(),
                    details: details.collect(),
                })
            }
            (Form::Json, Document::Diagnostics(found)) => {
                pretty(&diag::to_json(&found.0, &found.1))
            }
            (Form::Markdown { max_chars }, Document::Failure) => {
                let help = help.iter().map(|help| format!("\n\nHelp: {}", prose(help)));
                let verdict = if self.exit == Exit::Refused { "Refused" } else { "Failed" };
                let help: String = help.collect();
                let head = format!("### {verdict}\n\n{}{help}", paragraph(&prose(message)));
                let lines = lines.lines().map(|text| Item::short(line(text))).collect();
                let told = Section::fold("why".to_owned(), ["line", "lines"], "text", lines);
                let sections = if told.is_empty() { Vec::new() } else { vec![told] };
                Comment { head, sections, ..Comment::default() }.text(max_chars)
            }
            (Form::Markdown { max_chars }, Document::Diagnostics(found)) => {
                diag::to_markdown(&found.0, &found.1, max_chars)
            }
            (Form::Sarif, Document::Failure) => {
                pretty(&diag::sarif_of_failure(&said(), exit, &places::places()))
            }
            (Form::Sarif, Document::Diagnostics(found)) => {
                pretty(&diag::to_sarif(&found.0, &found.1, &places::places()))
            }
            (Form::Github, Document::Failure) => diag::github_of_failure(&said()),
            (Form::Github, Document::Diagnostics(found)) => {
                diag::to_github(&found.0, &found.1, &places::places())
            }
            (Form::Junit, Document::Failure) => testing::junit_of_errors(&[said()]),
            (Form::Junit, Document::Diagnostics(found)) => {
                let errors = found.0.iter().filter(|one| one.severity == Severity::Error);
                let told = |one: &Diagnostic| diag::one_line(one, &found.1);
                testing::junit_of_errors(&errors.map(told).collect::<Vec<_>>())
            }
        })
    }
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("our documents have string keys")
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.message.is_empty() {
            return Ok(());
        }
        if let Document::Diagnostics(found) = &self.document {
            f.write_str(&found.2)?;
        }
        writeln!(f, "error: {}", shown_lines(&self.message))?;
        self.help.iter().try_for_each(|help| writeln!(f, "  help: {}", shown_lines(help)))
    }
}
