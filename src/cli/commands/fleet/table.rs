//! One table of all environments.

use super::outcome::{Outcome, Word};
use crate::text::page::{Options, Page, Span};

const HEAD: [&str; 6] = ["environment", "account", "result", "changes", "requests", "time"];

/// The table, why something went wrong below its environment, and the sums.
pub(super) fn table(outcomes: &[Outcome], options: &Options) -> String {
    let rows: Vec<[String; 6]> = outcomes.iter().map(cells).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEAD[column].len()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let pad = |text: &str, column: usize| match column {
        // Numbers stand on the right.
        4 | 5 => format!("{text:>width$}  ", width = widths[column]),
        _ => format!("{text:<width$}  ", width = widths[column]),
    };
    let mut page = Page::new(options);
    if outcomes.is_empty() {
        page.line(0, 4, &[Span::plain(sums(outcomes))]);
        return page.finish();
    }
    let head: String = HEAD.iter().enumerate().map(|(column, text)| pad(text, column)).collect();
    page.line(0, 2, &[Span::faint(head.trim_end())]);
    for (outcome, row) in outcomes.iter().zip(&rows) {
        let cell = |column: usize| pad(&row[column], column);
        let result = match outcome.result {
            Word::Unchanged => Span::plain(cell(2)),
            Word::Changes | Word::Drift => Span::changed(cell(2)),
            Word::Applied => Span::added(cell(2)),
            _ => Span::removed(cell(2)),
        };
        let spans = [
            Span::strong(cell(0)),
            Span::plain(cell(1)),
            result,
            Span::plain(cell(3)),
            Span::plain(cell(4)),
            Span::plain(cell(5).trim_end()),
        ];
        page.line(0, 4, &spans);
        if let Some(error) = &outcome.error {
            page.line(4, 6, &[Span::removed(error)]);
        }
    }
    page.blank();
    page.line(0, 4, &[Span::plain(sums(outcomes))]);
    page.finish()
}

fn cells(outcome: &Outcome) -> [String; 6] {
    [
        outcome.environment.clone(),
        outcome.account_sid.as_deref().map_or_else(|| "?".to_owned(), masked),
        outcome.result.words().to_owned(),
        outcome.counts(),
        outcome.requests.to_string(),
        time(outcome.seconds),
    ]
}

/// `AC…9f2c`: enough to tell accounts apart.
pub(super) fn masked(sid: &str) -> String {
    let count = sid.chars().count();
    if count <= 8 {
        return sid.to_owned();
    }
    let start: String = sid.chars().take(2).collect();
    let end: String = sid.chars().skip(count - 4).collect();
    format!("{start}…{end}")
}

fn time(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a run of hours")]
    let seconds = seconds.round() as u64;
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}

/// `60 environments: 40 no changes, 17 changes, 3 failed; 912 requests`.
pub(super) fn sums(outcomes: &[Outcome]) -> String {
    let mut counts: std::collections::BTreeMap<Word, usize> = std::collections::BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(outcome.result).or_default() += 1;
    }
    let parts: Vec<String> =
        counts.iter().map(|(word, count)| format!("{count} {}", word.words())).collect();
    let requests: u64 = outcomes.iter().map(|outcome| outcome.requests).sum();
    let word = if outcomes.len() == 1 { "environment" } else { "environments" };
    let requests =
        if requests == 1 { "1 request".to_owned() } else { format!("{requests} requests") };
    match parts.is_empty() {
        true => "No environment is in this share.".to_owned(),
        false => format!("{} {word}: {}; {requests}", outcomes.len(), parts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_told_apart_and_not_spelled_out() {
        assert_eq!(masked("AC0123456789abcdef0123456789ab9f2c"), "AC…9f2c");
        assert_eq!(masked("AC1"), "AC1");
    }

    #[test]
    fn a_time_has_the_unit_that_people_would_use() {
        assert_eq!(time(0.04), "0.0 s");
        assert_eq!(time(59.94), "59.9 s");
        assert_eq!(time(61.0), "1 min 01 s");
    }
}
