//! Progress of an apply: a bar on a terminal, plain lines otherwise.

use indicatif::{ProgressBar, ProgressStyle};

use super::streams::Streams;
use crate::apply::{Event, Outcome};
use crate::plan::{Action, Change, Plan, Stage};

/// What shows progress.
#[derive(Debug)]
pub(super) enum Progress {
    Bar(ProgressBar),
    Lines(Streams),
}

impl Progress {
    /// A bar where one can be drawn and is wanted.
    pub(super) fn new(plan: &Plan, streams: &Streams, plain: bool) -> Self {
        if plain || !streams.draws() || plan.is_empty() {
            return Self::Lines(*streams);
        }
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {wide_msg}")
            .expect("the template is well formed");
        Self::Bar(ProgressBar::new(plan.changes.len() as u64).with_style(style))
    }

    /// Shows one event.
    pub(super) fn show(&self, event: &Event<'_>) {
        // What is not tried may be hundreds; the summary names some and counts them.
        let skipped = matches!(event, Event::Finished(_, Outcome::Skipped { .. }));
        match (self, event) {
            (Self::Lines(_), _) if skipped => {}
            (Self::Bar(bar), Event::Started(change)) => {
                bar.set_message(format!("{} {}", verb(change), change.address));
            }
            (Self::Bar(bar), Event::Finished(change, outcome)) => {
                bar.inc(1);
                if !skipped && !matches!(outcome, Outcome::Applied { .. }) {
                    bar.println(line(change, outcome));
                }
            }
            (Self::Lines(_), Event::Started(_)) => {}
            (Self::Lines(streams), Event::Finished(change, outcome)) => {
                streams.talk(&line(change, outcome));
            }
        }
    }

    /// Clears the bar.
    pub(super) fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn line(change: &Change, outcome: &Outcome) -> String {
    let word = match outcome {
        Outcome::Applied { .. } => done(change),
        Outcome::Failed { .. } => "failed",
        Outcome::Unknown { .. } => "unknown",
        Outcome::Skipped { .. } => "skipped",
    };
    format!("  {word:<9} {}", change.address)
}

fn verb(change: &Change) -> &'static str {
    match (change.action, change.stage) {
        (Action::Create, _) => "creating",
        (Action::Update, _) => "updating",
        (Action::Replace, _) => "replacing",
        (Action::Delete, Stage::Cleanup) => "deleting the old",
        (Action::Delete, _) => "deleting",
    }
}

fn done(change: &Change) -> &'static str {
    match change.action {
        Action::Create => "created",
        Action::Update => "updated",
        Action::Replace => "replaced",
        Action::Delete => "deleted",
    }
}
