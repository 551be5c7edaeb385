//! A JSON and a markdown file for each environment.

use camino::Utf8Path;

use super::outcome::Outcome;
use crate::cli::files::{file_name, replace_file};
use crate::cli::{Exit, Failure};
use crate::text::markdown::escape;

/// Writes them into a folder, which is made when it is missing.
pub(super) fn write(
    folder: &Utf8Path,
    outcomes: &[Outcome],
    max_chars: usize,
) -> Result<(), Failure> {
    for outcome in outcomes {
        let name = file_name(&outcome.environment);
        let json = serde_json::to_string_pretty(outcome).expect("our documents have string keys");
        for (path, text) in [
            (folder.join(format!("{name}.json")), format!("{json}\n")),
            (folder.join(format!("{name}.md")), markdown(outcome, max_chars)),
        ] {
            replace_file(&path, text.as_bytes()).map_err(|error| {
                Failure::new(Exit::Failed, format!("cannot write {path}: {error}"))
            })?;
        }
    }
    Ok(())
}

fn markdown(outcome: &Outcome, max_chars: usize) -> String {
    let head = format!("## {}\n\n", escape(&outcome.environment));
    let room = max_chars.saturating_sub(head.chars().count());
    head + &outcome.markdown(room)
}
