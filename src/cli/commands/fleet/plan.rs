//! Plans of several environments.

use std::time::Instant;

use camino::Utf8PathBuf;

use super::comment::comment;
use super::each::each;
use super::outcome::{Document, Outcome};
use super::{reports, table};
use crate::cli::accounts::Accounts;
use crate::cli::args::{
    FleetArgs, Global, JournalArgs, PlanArgs, PlanForm, PlanFormat, TargetArgs,
};
use crate::cli::commands::plan::{Opened, Planned};
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};
use crate::text::page;

/// What a run over several environments is given.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Fleet<'a> {
    /// One for each environment, in the order of the spec.
    pub(in crate::cli) members: &'a [Global],
    pub(in crate::cli) target: &'a TargetArgs,
    pub(in crate::cli) plan: &'a PlanArgs,
    pub(in crate::cli) args: &'a FleetArgs,
    pub(in crate::cli) journal: &'a JournalArgs,
    pub(in crate::cli) form: &'a PlanForm,
}

/// An environment and its plan.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) outcome: Outcome,
    /// Also where its apply is written down. None when there is none; the outcome says why.
    pub(super) planned: Option<(Planned, Utf8PathBuf)>,
}

pub(in crate::cli) async fn run(fleet: Fleet<'_>, streams: &Streams) -> Result<Exit, Failure> {
    let members = plan(&fleet, &Accounts::new(), Keep::Outcome, streams).await;
    let outcomes: Vec<Outcome> = members.into_iter().map(|member| member.outcome).collect();
    finish(&fleet, &outcomes, streams)
}

/// Whether what a plan was made from is needed afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    Plan,
    Outcome,
}

/// Plans all, and shows each.
pub(super) async fn plan(
    fleet: &Fleet<'_>,
    accounts: &Accounts,
    keep: Keep,
    streams: &Streams,
) -> Vec<Member> {
    let run = |global| async move {
        let member = plan_one(fleet, accounts, global, streams).await;
        match keep {
            Keep::Plan => member,
            Keep::Outcome => Member { planned: None, ..member },
        }
    };
    let at_once = usize::from(fleet.args.environments_at_once);
    each(fleet.members, at_once, run, |member| {
        fleet.show(&member.outcome, &member.outcome.text, streams);
    })
    .await
}

async fn plan_one(
    fleet: &Fleet<'_>,
    accounts: &Accounts,
    global: &Global,
    streams: &Streams,
) -> Member {
    let began = Instant::now();
    let name = global.env.as_deref().unwrap_or_default();
    let (all, streams) = (streams, streams.of_one(name));
    let mut outcome = Outcome::new(name);
    let opened = match Opened::new(accounts, global, fleet.target, &streams) {
        Ok(opened) => opened,
        Err(failure) => {
            outcome.fail(failure);
            outcome.spend(0, began.elapsed());
            return Member { outcome, planned: None };
        }
    };
    outcome.account_sid.clone_from(&opened.session.account_sid);
    let reader = opened.session.reader.clone();
    let planned = match opened.plan(global, fleet.plan, &streams).await {
        Ok(planned) => {
            outcome.text = planned.text(all, all.color_data());
            outcome.plan(&planned, planned.exit(fleet.plan));
            let path = planned.journal(global, fleet.journal);
            outcome.last_run = planned.look_back(&path, &streams).await;
            Some((planned, path))
        }
        Err(failure) => {
            outcome.fail(failure);
            None
        }
    };
    outcome.spend(reader.requests(), began.elapsed());
    Member { outcome, planned }
}

impl Fleet<'_> {
    /// Shows a text of an environment under its name; what went wrong also beside a document.
    pub(super) fn show(&self, outcome: &Outcome, text: &str, streams: &Streams) {
        match (self.form.format, &outcome.error) {
            (PlanFormat::Text, _) => {
                streams.data(&format!("═══ {}\n{}\n\n", outcome.environment, text.trim_end()));
            }
            (PlanFormat::Json | PlanFormat::Markdown, Some(error)) => {
                streams.of_one(&outcome.environment).error(&format!("error: {error}"));
            }
            (PlanFormat::Json | PlanFormat::Markdown, None) => {}
        }
    }
}

/// Prints the table or the document, and writes the reports.
pub(super) fn finish(
    fleet: &Fleet<'_>,
    outcomes: &[Outcome],
    streams: &Streams,
) -> Result<Exit, Failure> {
    let document = Document::new(outcomes);
    match fleet.form.format {
        PlanFormat::Json => streams.json(&document),
        PlanFormat::Markdown => streams.data(&comment(outcomes, fleet.form.max_chars())),
        PlanFormat::Text => {
            let options = page::Options { color: streams.color_data(), width: streams.width() };
            streams.data(&table::table(outcomes, &options));
        }
    }
    if let Some(folder) = &fleet.args.report_dir {
        let written = reports::write(folder, outcomes, fleet.form.max_chars());
        written.map_err(Failure::with_document_printed)?;
        streams.talk(&format!("wrote the reports into {folder}"));
    }
    Ok(document.exit)
}
