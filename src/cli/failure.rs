//! Why a command ended early, for people and in every form of stdout.

use serde_json::{Value, json};

use super::Exit;
use super::args::Form;
use super::places;
use crate::diag::{self, Diagnostic, Severity};
use crate::routing::testing;
use crate::spec::Analysis;
use crate::text::Sources;
use crate::text::markdown::prose;

/// Why a command ended early: what to say, and the exit code.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    pub(super) message: String,
    help: Option<String>,
    /// What a JSON document has besides, by key.
    details: Vec<(&'static str, Value)>,
    /// What a comment shows besides, line by line.
    lines: String,
    document: Document,
}

/// What a machine format prints in the place of what was asked for.
#[derive(Debug)]
enum Document {
    /// What the failure says.
    Failure,
    /// The problems of the spec.
    Diagnostics(Box<(Vec<Diagnostic>, Sources)>),
    /// Nothing: stdout has its document.
    Printed,
}

impl Failure {
    pub(super) fn new(exit: Exit, message: impl ToString) -> Self {
        Self {
            exit,
            message: message.to_string(),
            help: None,
            details: Vec::new(),
            lines: String::new(),
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
        self.details.push((key, value));
        self
    }

    /// The same with lines that a comment shows too; people were told them already.
    pub(super) fn with_lines(self, lines: String) -> Self {
        Self { lines, ..self }
    }

    /// The same for a spec with errors, which a machine format prints.
    pub(super) fn with_diagnostics(self, analysis: Analysis) -> Self {
        let Analysis { diagnostics, sources, .. } = analysis;
        Self { document: Document::Diagnostics(Box::new((diagnostics, sources))), ..self }
    }

    /// The same after stdout got its document.
    pub(super) fn with_document_printed(self) -> Self {
        Self { document: Document::Printed, ..self }
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
                let mut document = json!({ "version": 1, "exit": exit, "error": message });
                if let Some(help) = help {
                    document["help"] = json!(help);
                }
                for (key, value) in details {
                    document[key] = value.clone();
                }
                pretty(&document)
            }
            (Form::Json, Document::Diagnostics(found)) => {
                pretty(&diag::to_json(&found.0, &found.1))
            }
            (Form::Markdown { max_chars }, Document::Failure) => {
                let help = help.iter().map(|help| format!("\n\nHelp: {}", prose(help)));
                let rest =
                    format!("### Failed\n\n{}{}\n", prose(message), help.collect::<String>());
                let room = max_chars.saturating_sub(rest.chars().count());
                rest + &fenced(lines, room)
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

/// The lines as they are, as many as fit into so many characters.
fn fenced(lines: &str, room: usize) -> String {
    let ticks = lines.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(ticks.max(2) + 1);
    let mut out = format!("\n{fence}text\n");
    let more = |left: usize| format!("and {left} more lines\n{fence}\n");
    let all = lines.lines().count();
    let mut used = out.chars().count() + more(all).len();
    for (at, line) in lines.lines().enumerate() {
        used += line.chars().count() + 1;
        if used > room {
            return if at == 0 { String::new() } else { out + &more(all - at) };
        }
        out.push_str(line);
        out.push('\n');
    }
    if all == 0 { String::new() } else { out + &format!("{fence}\n") }
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).expect("our documents have string keys")
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.message.is_empty() {
            return Ok(());
        }
        writeln!(f, "error: {}", self.message)?;
        self.help.iter().try_for_each(|help| writeln!(f, "  help: {help}"))
    }
}
