//! Progress of an apply: a bar on a terminal, plain lines otherwise.

use std::collections::BTreeMap;

use indicatif::{ProgressBar, ProgressStyle};

use super::streams::Streams;
use crate::apply::{Event, Outcome};
use crate::model::Kind;
use crate::plan::{Action, Change, Estimate, Lane, Plan, Stage};
use crate::text::shown;

/// What shows progress.
pub(super) enum Progress<'a> {
    Bar(Bar<'a>),
    Lines(Streams),
}

/// A bar with the time that is left.
pub(super) struct Bar<'a> {
    bar: ProgressBar,
    /// Requests that are still to be sent.
    left: BTreeMap<Kind, usize>,
    lane: &'a dyn Fn(Kind) -> Option<Lane>,
}

impl Bar<'_> {
    fn show_time(&self) {
        let left = self.left.iter().map(|(kind, count)| (*kind, *count));
        let estimate = Estimate::of(left, self.lane);
        let left = estimate.map(|estimate| format!("  about {} left", estimate.duration()));
        self.bar.set_prefix(left.unwrap_or_default());
    }
}

impl<'a> Progress<'a> {
    /// A bar where one can be drawn and is wanted. `lane` tells how fast a kind is written now.
    pub(super) fn new(
        plan: &Plan,
        streams: &Streams,
        plain: bool,
        lane: &'a dyn Fn(Kind) -> Option<Lane>,
    ) -> Self {
        if plain || !streams.draws() || plan.is_empty() {
            return Self::Lines(streams.clone());
        }
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len}{prefix}  {wide_msg}")
            .expect("the template is well formed");
        let bar = ProgressBar::new(plan.changes.len() as u64).with_style(style);
        let mut left = BTreeMap::new();
        for change in &plan.changes {
            *left.entry(change.address.kind).or_default() += change.writes();
        }
        let bar = Bar { bar, left, lane };
        bar.show_time();
        Self::Bar(bar)
    }

    /// Shows one event.
    pub(super) fn show(&mut self, event: &Event<'_>) {
        // What is not tried may be hundreds; the summary names some and counts them.
        let skipped = matches!(event, Event::Finished(_, Outcome::Skipped { .. }));
        match (self, event) {
            (Self::Lines(_), _) if skipped => {}
            (Self::Bar(Bar { bar, .. }), Event::Started(change)) => {
                bar.set_message(shown(&format!("{} {}", verb(change), change.address)));
            }
            (Self::Bar(bar), Event::Finished(change, outcome)) => {
                if let Some(left) = bar.left.get_mut(&change.address.kind) {
                    *left = left.saturating_sub(change.writes());
                }
                bar.show_time();
                let bar = &bar.bar;
                bar.inc(1);
                if !skipped && !matches!(outcome, Outcome::Applied { .. }) {
                    bar.println(line(change, outcome));
                }
            }
            (Self::Bar(Bar { bar, .. }), Event::Waiting(_, held)) => {
                bar.set_message(shown(&format!("waiting: {held}")));
            }
            (Self::Lines(_), Event::Started(_)) => {}
            (Self::Lines(streams), Event::Waiting(_, held)) => {
                streams.talk(&shown(&format!("  waiting: {held}")));
            }
            (Self::Lines(streams), Event::Finished(change, outcome)) => {
                streams.talk(&line(change, outcome));
            }
        }
    }

    /// Clears the bar.
    pub(super) fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.bar.finish_and_clear();
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
    shown(&format!("  {word:<9} {}", change.address))
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
