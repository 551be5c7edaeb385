//! All environments as one comment on a pull request.

use super::outcome::{Outcome, Word};
use super::table::{masked, sums};
use crate::text::markdown::escape;

/// What one environment is given at least, in characters.
const LEAST: usize = 2_000;
/// What is kept for the sentences between.
const SPARE: usize = 400;

/// A table of all, and below it what there is to say of each, as long as there is room.
pub(super) fn comment(outcomes: &[Outcome], max_chars: usize) -> String {
    let mut out = format!("### {}\n\n", escape(&sums(outcomes)));
    let told: Vec<&Outcome> =
        outcomes.iter().filter(|outcome| outcome.result != Word::Unchanged).collect();
    table(&mut out, outcomes, max_chars / 2);
    let room = max_chars.saturating_sub(out.chars().count() + SPARE);
    let shown = told.len().min(room / LEAST);
    for (number, outcome) in told.iter().take(shown).enumerate() {
        let left = max_chars.saturating_sub(out.chars().count() + SPARE);
        let head = format!("\n## {}\n\n", escape(&outcome.environment));
        let share = (left / (shown - number)).saturating_sub(head.chars().count());
        out.push_str(&head);
        // What an environment leaves of its share is for those after it.
        out.push_str(outcome.markdown(share.max(LEAST / 2)).trim_end());
        out.push('\n');
    }
    match told.len() - shown {
        0 => {}
        1 => out.push_str("\n1 environment more stands in the table only.\n"),
        more => out.push_str(&format!("\n{more} environments more stand in the table only.\n")),
    }
    out
}

/// Rows as long as there is room; those without changes only when all fit.
fn table(out: &mut String, outcomes: &[Outcome], max_chars: usize) {
    out.push_str("| environment | account | result | changes | why |\n|---|---|---|---|---|\n");
    let all: Vec<(bool, String)> =
        outcomes.iter().map(|one| (one.result == Word::Unchanged, row(one))).collect();
    let size = |rows: &[(bool, String)]| rows.iter().map(|(_, row)| row.chars().count()).sum();
    let total: usize = size(&all);
    let mut left = max_chars;
    let mut hidden = 0;
    for (is_unchanged, row) in all {
        let fits = row.chars().count() <= left;
        if fits && (total <= max_chars || !is_unchanged) {
            left -= row.chars().count();
            out.push_str(&row);
        } else {
            hidden += 1;
        }
    }
    if hidden > 0 {
        out.push_str(&format!("\n{hidden} environments more are not in this table.\n"));
    }
}

fn row(outcome: &Outcome) -> String {
    format!(
        "| {} | {} | {} | {} | {} |\n",
        escape(&outcome.environment),
        escape(&outcome.account_sid.as_deref().map_or_else(|| "?".to_owned(), masked)),
        outcome.result.words(),
        outcome.counts(),
        escape(outcome.error.as_deref().unwrap_or_default()),
    )
}
