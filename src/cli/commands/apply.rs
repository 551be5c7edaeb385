//! `flexctl apply`: plans, shows, asks, and makes the changes.

use std::fmt::Write;
use std::io::BufRead;
use std::time::Duration;

use camino::Utf8Path;
use indexmap::IndexMap;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::plan::{self as planning, Planned};
use super::saved::{self, Approval, Stale};
use crate::apply::journal::{Journal, LastRun};
use crate::apply::{self, Outcome, Report};
use crate::cli::args::{
    Global, JournalArgs, PlanArgs, PlanForm, PlanFormat, SavedArgs, TargetArgs,
};
use crate::cli::interrupt::Interrupts;
use crate::cli::journal::Book;
use crate::cli::outputs::{self, OutputError};
use crate::cli::progress::Progress;
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};
use crate::live::{Sids, Stop};
use crate::model::Address;
use crate::plan::Plan;
use crate::text::{first_of, shown};

/// How the user wants it done.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct How<'a> {
    pub auto_approve: bool,
    pub no_progress: bool,
    pub journal: &'a JournalArgs,
    pub removal_timeout: Duration,
    pub form: PlanForm,
}

/// What `--format json` prints: one document.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Apply")]
struct Document<'a> {
    /// Of this document's form: 1.
    version: u32,
    /// What a run has left behind that did not come to its end; null when there was none.
    last_run: Option<&'a LastRun>,
    plan: &'a Plan,
    /// Null when nothing was tried.
    report: Option<&'a Report>,
    /// The files that were written.
    outputs: &'a [String],
    /// Why others could not be, a sentence for each.
    unwritten: &'a [String],
}

/// The schema of the document, draft-07, as checked in at `schemas/apply.schema.json`.
pub(super) fn document_schema() -> serde_json::Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<Document<'_>>().to_value()
}

impl<'a> Document<'a> {
    fn of(plan: &'a Plan, last_run: Option<&'a LastRun>, applied: Option<&'a Applied>) -> Self {
        Self {
            version: 1,
            last_run,
            plan,
            report: applied.map(|applied| &applied.report),
            outputs: applied.map_or(&[], |applied| &applied.written),
            unwritten: applied.map_or(&[], |applied| &applied.unwritten),
        }
    }
}

pub(in crate::cli) async fn run(
    global: &Global,
    target: &TargetArgs,
    args: &PlanArgs,
    saved: &SavedArgs,
    how: How<'_>,
    streams: &Streams,
) -> Result<Exit, Failure> {
    let (planned, approval) = match &saved.file {
        None => (planning::make(global, target, args, streams).await?, Approval::Missing),
        Some(file) => {
            let stale = if saved.refresh { Stale::PlanAgain } else { Stale::Refuse };
            saved::take_up(file, stale, global, target, args, how.journal, streams).await?
        }
    };
    let path = planned.journal(global, how.journal);
    let last_run = planned.look_back(&path, streams).await;
    let format = how.form.format;
    let machine = format != PlanFormat::Text;
    if !machine {
        streams.data(&planned.text(streams, streams.color_data()));
    }
    let print = |applied: Option<&Applied>| match format {
        PlanFormat::Text => {}
        PlanFormat::Json => {
            streams.json(&Document::of(&planned.plan, last_run.as_ref(), applied));
        }
        PlanFormat::Markdown => {
            let max_chars = how.form.max_chars();
            streams.data(&match applied {
                None => planned.markdown(max_chars),
                Some(applied) => applied.markdown(&planned, last_run.as_ref(), max_chars),
            });
        }
    };
    if !planned.plan.refusals.is_empty() {
        print(None);
        let failure = Failure::new(Exit::Refused, "the plan has refusals; nothing was applied");
        return Err(failure.with_document_printed());
    }
    // Nobody is asked for what cannot be done.
    let has_work = !planned.plan.is_empty() || last_run.is_some();
    let book = match has_work {
        true => Some(Book::open(&path, &planned.snapshot)?),
        false => None,
    };
    let mut interrupts = Interrupts::listen();
    if !planned.plan.is_empty() && approval == Approval::Missing && !how.auto_approve {
        if machine && streams.can_ask() {
            // Nobody says yes to what they have not seen; stdout is for the document.
            streams.page(&planned.text(streams, streams.color_talk()));
        }
        if !confirmed(&question(&planned.plan), &mut interrupts, streams).await? {
            print(None);
            streams.talk("Nothing was applied.");
            return Ok(Exit::Interrupted);
        }
    }
    stop_on_interrupt(interrupts, vec![planned.session.stop.clone()], streams.clone());
    let carry = Carry {
        folder: global.file.parent().unwrap_or(Utf8Path::new("")),
        parallelism: usize::from(target.parallelism),
        removal_timeout: how.removal_timeout,
        no_progress: how.no_progress,
    };
    let applied = carry_out(&planned, book, &carry, streams).await?;
    print(Some(&applied));
    if !machine && !planned.plan.is_empty() {
        streams.data(&summary(&applied.report));
    }
    applied.tell(&planned, streams);
    Ok(applied.exit())
}

/// How a plan is carried out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Carry<'a> {
    /// The spec's, which the paths of outputs begin at.
    pub(super) folder: &'a Utf8Path,
    /// Requests in flight at once.
    pub(super) parallelism: usize,
    /// How long deletions wait for tasks.
    pub(super) removal_timeout: Duration,
    pub(super) no_progress: bool,
}

/// What was done.
#[derive(Debug)]
pub(super) struct Applied {
    pub(super) report: Report,
    /// The outputs that were written.
    pub(super) written: Vec<String>,
    /// Why others could not be, a sentence for each.
    pub(super) unwritten: Vec<String>,
}

impl Applied {
    pub(super) fn exit(&self) -> Exit {
        Exit::Applied {
            complete: self.report.is_complete() && self.unwritten.is_empty(),
            interrupted: self.report.interrupted,
        }
    }

    /// What was done as a comment.
    fn markdown(&self, planned: &Planned, last_run: Option<&LastRun>, max_chars: usize) -> String {
        let Planned { plan, heading, .. } = planned;
        let Self { report, written, unwritten } = self;
        let ended = apply::Ended { plan, last_run, report, written, unwritten };
        apply::markdown(&ended, heading, max_chars)
    }

    /// Says what became of the outputs.
    pub(super) fn tell(&self, planned: &Planned, streams: &Streams) {
        for file in &self.written {
            streams.talk(&format!("wrote {file}"));
        }
        for why in &self.unwritten {
            streams.error(&format!("error: {why}"));
        }
        if !self.report.is_complete() && !planned.desired.outputs.is_empty() {
            streams.talk("No output was written, since not every change was applied.");
        }
    }
}

/// Makes the changes, shows the progress, and writes the outputs.
///
/// # Errors
/// Nothing can be written down; nothing was applied.
pub(super) async fn carry_out(
    planned: &Planned,
    book: Option<Book>,
    carry: &Carry<'_>,
    streams: &Streams,
) -> Result<Applied, Failure> {
    let Planned { plan, session, snapshot, .. } = planned;
    let journal = book.map(|book| book.begin(snapshot, plan.changes.len())).transpose()?;
    let mut sids = Sids::of(&planned.snapshot);
    let lane = |kind| session.lane(kind);
    let mut progress = Progress::new(plan, streams, carry.no_progress, &lane);
    let options = apply::Options {
        parallelism: carry.parallelism,
        removal_timeout: carry.removal_timeout,
        journal: journal.as_ref().map(|journal| journal as &dyn Journal),
    };
    let report = apply::apply(plan, &session.writer, &mut sids, &options, &mut |event| {
        progress.show(&event);
    })
    .await;
    progress.finish();
    if let Some(journal) = journal
        && let Err(error) = journal.close(&report).await
    {
        let what = "the next run will take this one for cut off";
        streams.error(&format!("warning: {error}; {what}"));
    }
    let (written, problems) = if report.is_complete() {
        outputs::write(&planned.desired.outputs, carry.folder, &sids)
    } else {
        (Vec::new(), Vec::new())
    };
    let unwritten = problems.iter().map(OutputError::to_string).collect();
    Ok(Applied { report, written, unwritten })
}

fn question(plan: &Plan) -> String {
    format!(
        "Apply {} to {}?",
        if plan.changes.len() == 1 { "this change" } else { "these changes" },
        plan.workspace.friendly_name,
    )
}

/// Asks; only `yes` is yes, and an interrupt is no.
pub(super) async fn confirmed(
    question: &str,
    interrupts: &mut Interrupts,
    streams: &Streams,
) -> Result<bool, Failure> {
    if !streams.can_ask() {
        let failure = Failure::new(Exit::Usage, "there is no terminal to ask on");
        return Err(failure.with_help("look at `flexctl plan`, then apply with --auto-approve"));
    }
    streams.error(&format!("\n{question} Only `yes` goes on."));
    let (tell, told) = tokio::sync::oneshot::channel();
    // A thread of its own: who waits for a line of the terminal cannot be called off.
    std::thread::spawn(move || {
        let mut answer = String::new();
        // Nobody listens when the question was interrupted.
        let _ = tell.send(std::io::stdin().lock().read_line(&mut answer).map(|_| answer));
    });
    tokio::select! {
        answer = told => match answer.expect("the thread answers before it ends") {
            Ok(answer) => Ok(answer.trim() == "yes"),
            Err(error) => {
                Err(Failure::new(Exit::Usage, format!("cannot read the answer: {error}")))
            }
        },
        () = interrupts.next() => {
            // The terminal has shown ^C.
            streams.error("");
            Ok(false)
        }
    }
}

/// The first interrupt lets nothing new begin, and what runs is finished. A second one ends the
/// process.
pub(super) fn stop_on_interrupt(mut interrupts: Interrupts, stops: Vec<Stop>, streams: Streams) {
    tokio::spawn(async move {
        loop {
            interrupts.next().await;
            // Each is told, also after one that was the first to know.
            let first = stops.iter().filter(|stop| stop.wish()).count() > 0;
            if !first {
                std::process::exit(Exit::Interrupted.number().into());
            }
            // The progress may stand in the line.
            let line = if streams.draws() { "\n" } else { "" };
            streams.error(&format!("{line}interrupted: finishing what runs; again to stop now"));
        }
    });
}

/// What happened, for people: everything that was not applied, then the sums.
pub(super) fn summary(report: &Report) -> String {
    /// As many as are named of those that were skipped for one reason.
    const SHOWN: usize = 4;
    let mut out = String::new();
    let mut skipped: IndexMap<&str, Vec<&Address>> = IndexMap::new();
    for result in &report.results {
        let address = &result.address;
        let line = match &result.outcome {
            Outcome::Applied { .. } => continue,
            Outcome::Failed { error, hints } => {
                let hints = hints.iter().map(|hint| format!("\n    {}", shown(hint)));
                let hints: String = hints.collect();
                format!("{}{hints}", shown(&format!("failed   {address}: {error}")))
            }
            Outcome::Unknown { error } => {
                shown(&format!("unknown  {address}: {error}; plan again to see what is true"))
            }
            Outcome::Skipped { because } => {
                skipped.entry(because).or_default().push(address);
                continue;
            }
        };
        writeln!(out, "{line}").expect("a String grows");
    }
    for (because, addresses) in skipped {
        let line = format!("skipped  {}: {because}", first_of(addresses, SHOWN));
        writeln!(out, "{}", shown(&line)).expect("a String grows");
    }
    let totals = report.totals;
    let parts = [
        (totals.applied, "applied"),
        (totals.failed, "failed"),
        (totals.unknown, "unknown"),
        (totals.skipped, "skipped"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, word)| *count > 0 || *word == "applied")
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    write!(out, "{}", parts.join(", ")).expect("a String grows");
    out
}
