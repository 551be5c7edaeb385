//! What an apply has done, as a comment.

use std::collections::BTreeMap;

use super::journal::LastRun;
use super::{Outcome, Report, Result};
use crate::plan::{Plan, render};
use crate::text::markdown::{self, Comment, Item, Section, code, paragraph, prose};

/// As many addresses as are named of those that were skipped for one reason.
const NAMED: usize = 8;

/// What there is to tell of a run that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    pub plan: &'a Plan,
    /// What an earlier run left behind.
    pub last_run: Option<&'a LastRun>,
    pub report: &'a Report,
    /// The files that were written.
    pub written: &'a [String],
    /// Why others were not, a sentence for each.
    pub unwritten: &'a [String],
}

/// The comment: the verdict, what an earlier run left behind, what was not applied and why, the
/// files that were written, and the plan, folded. `place` says which file, which workspace, where.
pub fn markdown(ended: &Ended<'_>, place: &str, max_chars: usize) -> String {
    let Ended { plan, last_run, report, written, unwritten } = ended;
    let last_run = last_run.map(|run| Item::short(format!("- {}", prose(&run.to_string()))));
    let failed = report.results.iter().filter_map(failed).collect();
    let written = written.iter().map(|file| Item::short(format!("- {}", code(file))));
    let unwritten =
        unwritten.iter().map(|why| Item::short(format!("- {}", paragraph(&prose(why)))));
    let mut sections = vec![
        Section::list("Last run", ["run", "runs"], last_run.into_iter().collect()),
        Section::list("Not applied", ["failure", "failures"], failed),
        Section::list("Skipped", ["reason", "reasons"], skipped(report)),
        Section::list("Not written", ["file", "files"], unwritten.collect()),
        Section::list("Written", ["file", "files"], written.collect()),
    ];
    sections.retain(|section| !section.is_empty());
    sections.extend(render::sections(plan));
    let comment = Comment {
        head: format!("### {}\n\n{}", verdict(ended), markdown::place(place)),
        sections,
        foot: String::new(),
        all: String::new(),
    };
    comment.text(max_chars)
}

fn verdict(Ended { report, unwritten, .. }: &Ended<'_>) -> String {
    let totals = report.totals;
    let parts = [
        (totals.applied, "applied"),
        (totals.failed, "failed"),
        (totals.unknown, "unknown"),
        (totals.skipped, "skipped"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, word)| format!("{count} {word}")).collect();
    let parts = parts.join(", ");
    let but = match unwritten.len() {
        0 => String::new(),
        1 => "; 1 output could not be written".to_owned(),
        several => format!("; {several} outputs could not be written"),
    };
    match (report.interrupted, report.is_complete()) {
        (true, _) => format!("Apply interrupted: {parts}"),
        (false, true) if report.results.is_empty() => format!("Nothing to apply: no changes{but}"),
        (false, true) if report.results.len() == 1 => format!("Applied: 1 change{but}"),
        (false, true) => format!("Applied: {} changes{but}", report.results.len()),
        (false, false) => format!("Apply failed: {parts}"),
    }
}

fn failed(result: &Result) -> Option<Item> {
    let address = code(&result.address.to_string());
    let text = match &result.outcome {
        Outcome::Applied { .. } | Outcome::Skipped { .. } => return None,
        Outcome::Failed { error, hints } => {
            let hints = hints.iter().map(|hint| format!("  \n  {}", paragraph(&prose(hint))));
            format!("- {address} failed: {}{}", prose(error), hints.collect::<String>())
        }
        Outcome::Unknown { error } => {
            format!("- {address} is unknown: {}; plan again to see what is true", prose(error))
        }
    };
    Some(Item::short(text))
}

fn skipped(report: &Report) -> Vec<Item> {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for result in &report.results {
        if let Outcome::Skipped { because } = &result.outcome {
            reasons.entry(because).or_default().push(code(&result.address.to_string()));
        }
    }
    let item = |(because, addresses): (&str, Vec<String>)| {
        let (shown, more) = addresses.split_at(addresses.len().min(NAMED));
        let more = match more.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Item::short(format!("- {}{more}: {}", shown.join(", "), prose(because)))
    };
    reasons.into_iter().map(item).collect()
}
