//! `flexctl explain CODE`.

use std::fmt::Write;

use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};
use crate::{diag, text};

pub(in crate::cli) fn run(code: Option<&str>, streams: &Streams) -> Result<Exit, Failure> {
    let Some(code) = code else {
        let width = diag::registry().map(|entry| entry.code.len()).max().unwrap_or_default();
        let mut out = String::new();
        for entry in diag::registry() {
            writeln!(out, "{:width$}  {}", entry.code, entry.title).expect("a String grows");
        }
        streams.data(&out);
        return Ok(Exit::Done);
    };
    match diag::explain(code) {
        Some(entry) => {
            let diag::Entry { code, title, severity, explanation, example } = entry;
            let example = example.trim_end();
            let example = if example.is_empty() {
                String::new()
            } else {
                format!("\n\n{}", indented(example))
            };
            let explanation = wrapped(explanation, streams.width().min(100));
            let level = if entry.is_lint() { LEVEL } else { "" };
            streams.data(&format!("{code} ({severity}): {title}\n\n{explanation}{level}{example}"));
            Ok(Exit::Done)
        }
        None => {
            let failure = Failure::new(Exit::Usage, format!("`{code}` is not a diagnostic code"));
            let near = text::nearest(code, diag::registry().map(|entry| entry.code));
            Err(failure.with_help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`flexctl explain` lists all codes".to_owned(),
            }))
        }
    }
}

/// What is said of every lint.
const LEVEL: &str = "\n\nA lint: its level is `warn` until `lints` in the spec or --allow, --warn or --deny says otherwise.";

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

/// A paragraph, broken between words.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column = match word.rsplit_once('\n') {
            Some((_, rest)) => rest.chars().count(),
            None => column + length,
        };
    }
    out
}
