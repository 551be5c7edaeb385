//! `flexctl apply`: plans, shows, asks, and makes the changes.

use std::fmt::Write;
use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indexmap::IndexMap;
use serde::Serialize;

use super::{load, plan as planning};
use crate::apply::{self, Outcome, Report};
use crate::cli::args::{Global, PlanArgs, TargetArgs, TextOrJson};
use crate::cli::progress::Progress;
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure, outputs, target};
use crate::live::Sids;
use crate::plan::Plan;

/// How the user wants it done.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct How {
    pub auto_approve: bool,
    pub no_progress: bool,
    pub format: TextOrJson,
}

/// What `--format json` prints: one document.
#[derive(Debug, Serialize)]
struct Document<'a> {
    version: u32,
    plan: &'a Plan,
    /// Null when nothing was tried.
    report: Option<&'a Report>,
    /// The files that were written.
    outputs: &'a [String],
}

pub(in crate::cli) async fn run(
    global: &Global,
    target: &TargetArgs,
    args: &PlanArgs,
    how: How,
    streams: &Streams,
) -> Result<Exit, Failure> {
    let (analysis, desired) = load::desired(global, streams)?;
    let session = target::open(global, target, &analysis.environment)?;
    let (plan, snapshot) = planning::make(&session, &analysis, &desired, args, streams).await?;
    let json = how.format == TextOrJson::Json;
    if !json {
        let heading = planning::heading(global, &session, &plan);
        streams.data(&planning::text(&session, &plan, &heading, streams, streams.color_data()));
    }
    let print = |report: Option<&Report>, written: &[String]| {
        if json {
            streams.json(&Document { version: 1, plan: &plan, report, outputs: written });
        }
    };
    if !plan.refusals.is_empty() {
        print(None, &[]);
        let failure = Failure::new(Exit::Refused, "the plan has refusals; nothing was applied");
        return Err(failure.with_document(None));
    }
    if !plan.is_empty() && !how.auto_approve {
        if json && streams.can_ask() {
            // Nobody says yes to what they have not seen; stdout is for the document.
            let heading = planning::heading(global, &session, &plan);
            streams.error(&planning::text(
                &session,
                &plan,
                &heading,
                streams,
                streams.color_talk(),
            ));
        }
        if !confirmed(&plan, streams)? {
            print(None, &[]);
            streams.talk("Nothing was applied.");
            return Ok(Exit::Interrupted);
        }
    }

    let mut sids = Sids::of(&snapshot);
    let stop = stop_on_interrupt(*streams);
    let lane = |kind| session.lane(kind);
    let mut progress = Progress::new(&plan, streams, how.no_progress, &lane);
    let options =
        apply::Options { parallelism: usize::from(target.parallelism), stop: stop.as_ref() };
    let report = apply::apply(&plan, &session.writer, &mut sids, &options, &mut |event| {
        progress.show(&event);
    })
    .await;
    progress.finish();

    let folder = global.file.parent().unwrap_or(camino::Utf8Path::new(""));
    let (written, problems) = if report.is_complete() {
        outputs::write(&desired.outputs, folder, &sids)
    } else {
        (Vec::new(), Vec::new())
    };
    print(Some(&report), &written);
    if !json && !plan.is_empty() {
        streams.data(&summary(&report));
    }
    for file in &written {
        streams.talk(&format!("wrote {file}"));
    }
    for problem in &problems {
        streams.error(&format!("error: {problem}"));
    }
    if !report.is_complete() && !desired.outputs.is_empty() {
        streams.talk("No output was written, since not every change was applied.");
    }
    Ok(if report.interrupted {
        Exit::Interrupted
    } else if report.is_complete() && problems.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn confirmed(plan: &Plan, streams: &Streams) -> Result<bool, Failure> {
    if !streams.can_ask() {
        let failure = Failure::new(Exit::Usage, "there is no terminal to ask on");
        return Err(failure.with_help("look at `flexctl plan`, then apply with --auto-approve"));
    }
    streams.error(&format!(
        "\nApply {} to {}? Only `yes` goes on.",
        if plan.changes.len() == 1 { "this change" } else { "these changes" },
        plan.workspace.friendly_name,
    ));
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::new(Exit::Usage, format!("cannot read the answer: {error}")))?;
    Ok(answer.trim() == "yes")
}

/// A flag that the first Ctrl-C sets: nothing new is started, what runs is finished. A second
/// one ends the process.
fn stop_on_interrupt(streams: Streams) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(Exit::Interrupted.number().into());
            }
            streams.error("interrupted: finishing what runs; again to stop now");
        }
    });
    stop
}

/// What happened, for people: everything that was not applied, then the sums.
fn summary(report: &Report) -> String {
    /// As many as are named of those that were skipped for one reason.
    const SHOWN: usize = 4;
    let mut out = String::new();
    let mut skipped: IndexMap<&str, Vec<String>> = IndexMap::new();
    for result in &report.results {
        let address = &result.address;
        let line = match &result.outcome {
            Outcome::Applied { .. } => continue,
            Outcome::Failed { error, hints } => {
                let hints = hints.iter().map(|hint| format!("\n    {hint}")).collect::<String>();
                format!("failed   {address}: {error}{hints}")
            }
            Outcome::Unknown { error } => {
                format!("unknown  {address}: {error}; plan again to see what is true")
            }
            Outcome::Skipped { because } => {
                skipped.entry(because).or_default().push(address.to_string());
                continue;
            }
        };
        writeln!(out, "{line}").expect("a String grows");
    }
    for (because, addresses) in skipped {
        let (shown, more) = addresses.split_at(addresses.len().min(SHOWN));
        let more = match more.len() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        writeln!(out, "skipped  {}{more}: {because}", shown.join(", ")).expect("a String grows");
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
