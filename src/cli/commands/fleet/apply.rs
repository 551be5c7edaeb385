//! An apply to several environments: all plans are shown, one question is asked, and what is right
//! is applied, whatever became of the others.

use std::collections::BTreeMap;
use std::time::Instant;

use camino::Utf8Path;

use super::Fleet;
use super::each::each;
use super::outcome::{Outcome, Word};
use super::plan::{Keep, Member, Plans, plan};
use crate::cli::accounts::Accounts;
use crate::cli::args::PlanFormat;
use crate::cli::commands::apply::{
    Applied, Carry, How, carry_out, confirmed, stop_on_interrupt, summary,
};
use crate::cli::interrupt::Interrupts;
use crate::cli::journal::Book;
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};

pub(in crate::cli) async fn run(
    fleet: Fleet<'_>,
    plans: Plans<'_>,
    how: How<'_>,
    streams: &Streams,
) -> Result<Exit, Failure> {
    let accounts = Accounts::new();
    let mut members = plan(&fleet, &plans, &accounts, Keep::Plan, streams).await;
    refuse_clashes(&mut members);
    let counted = |member: &Member| member.changes();
    let (changes, of) = members
        .iter()
        .map(counted)
        .filter(|count| *count > 0)
        .fold((0, 0), |(changes, of), count| (changes + count, of + 1));
    let mut interrupts = Interrupts::listen();
    if of > 0 && !how.auto_approve {
        if fleet.form.format != PlanFormat::Text && streams.can_ask() {
            // Nobody says yes to what they have not seen; stdout is for the document.
            for member in &members {
                let Outcome { environment, text, .. } = &member.outcome;
                streams.page(&format!("═══ {environment}\n{}\n", text.trim_end()));
            }
        }
        if !confirmed(&question(&members, changes, of), &mut interrupts, streams).await? {
            let outcomes: Vec<Outcome> = members.into_iter().map(|one| one.outcome).collect();
            fleet.finish(&outcomes, streams)?;
            streams.talk("Nothing was applied.");
            return Ok(Exit::Interrupted);
        }
    }
    stop_on_interrupt(interrupts, vec![accounts.stop()], streams.clone());
    let carry = Carry {
        folder: fleet
            .members
            .first()
            .and_then(|one| one.file.parent())
            .unwrap_or(Utf8Path::new("")),
        parallelism: usize::from(fleet.target.parallelism),
        removal_timeout: how.removal_timeout,
        no_progress: how.no_progress,
    };
    let run = |member| apply_one(member, &carry, streams);
    let at_once = usize::from(fleet.args.environments_at_once);
    let tell = |outcome: &Outcome| {
        if let Some(report) = &outcome.report {
            fleet.show(outcome, &summary(report), streams);
        }
    };
    let outcomes = each(members, at_once, run, tell).await;
    fleet.finish(&outcomes, streams)
}

impl Member {
    /// How many changes are to be applied.
    fn changes(&self) -> usize {
        self.planned.as_ref().map_or(0, |(planned, _)| planned.plan.changes.len())
    }
}

/// Drops plans that must not be applied: refused ones, and those of one workspace, which would
/// undo each other.
fn refuse_clashes(members: &mut [Member]) {
    let mut names: BTreeMap<[String; 3], Vec<String>> = BTreeMap::new();
    let place = |member: &Member| {
        let (planned, _) = member.planned.as_ref()?;
        let workspace = &planned.plan.workspace;
        let parts = [&planned.session.server, &workspace.account_sid, &workspace.sid];
        Some(parts.map(Clone::clone))
    };
    for member in members.iter() {
        if let Some(place) = place(member) {
            names.entry(place).or_default().push(member.outcome.environment.clone());
        }
    }
    for member in members {
        let names = place(member).and_then(|place| names.get(&place));
        if let Some(names) = names.filter(|names| names.len() > 1) {
            let message = format!("{} are one workspace", names.join(" and "));
            let failure = Failure::new(Exit::Refused, message);
            member.outcome.fail(failure.with_help("apply to one of them at a time"));
            member.planned = None;
        }
        if member.outcome.result == Word::Refused {
            member.planned = None;
        }
    }
}

fn question(members: &[Member], changes: usize, of: usize) -> String {
    let count = |number: usize, word: &str| match number {
        1 => format!("1 {word}"),
        number => format!("{number} {word}s"),
    };
    let bad = members.iter().filter(|member| member.outcome.result.is_bad()).count();
    let bad = match bad {
        0 => String::new(),
        bad => format!(" {} of {} cannot be applied and stay as they are.", bad, members.len()),
    };
    format!("{bad} Apply {} to {}?", count(changes, "change"), count(of, "environment"))
        .trim_start()
        .to_owned()
}

async fn apply_one(member: Member, carry: &Carry<'_>, streams: &Streams) -> Outcome {
    let Member { mut outcome, planned } = member;
    let Some((planned, path)) = planned else { return outcome };
    let began = Instant::now();
    let streams = streams.of_one(&outcome.environment);
    let has_work = !planned.plan.is_empty() || outcome.last_run.is_some();
    let book = match has_work {
        true => Book::open(&path, &planned.snapshot).map(Some),
        false => Ok(None),
    };
    let applied = match book {
        Ok(book) => carry_out(&planned, book, carry, &streams).await,
        Err(failure) => Err(failure),
    };
    let applied = match applied {
        Ok(applied) => applied,
        Err(failure) => {
            outcome.fail(failure);
            return outcome;
        }
    };
    applied.tell(&planned, &streams);
    outcome.exit = applied.exit();
    outcome.result = match &applied {
        Applied { report, .. } if report.interrupted => Word::Interrupted,
        _ if outcome.exit.number() != 0 => Word::Failed,
        _ if planned.plan.is_empty() => Word::Unchanged,
        _ => Word::Applied,
    };
    outcome.error = why(&applied);
    let Applied { report, written, unwritten } = applied;
    if !planned.plan.is_empty() {
        outcome.text.push_str(&format!("\n{}", summary(&report)));
        outcome.report = Some(report);
    }
    (outcome.outputs, outcome.unwritten) = (written, unwritten);
    outcome.spend(planned.session.reader.requests(), began.elapsed());
    outcome
}

/// Why not everything is as it was planned, in a line.
fn why(applied: &Applied) -> Option<String> {
    let totals = applied.report.totals;
    let parts = [
        (totals.failed, "failed"),
        (totals.unknown, "unknown"),
        (totals.skipped, "skipped"),
        (applied.unwritten.len(), "not written"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let first = applied.report.results.iter().find_map(|result| match &result.outcome {
        crate::apply::Outcome::Failed { error, .. } | crate::apply::Outcome::Unknown { error } => {
            Some(format!("; {}: {error}", result.address))
        }
        _ => None,
    });
    (!parts.is_empty()).then(|| format!("{}{}", parts.join(", "), first.unwrap_or_default()))
}
