//! Plans of several environments.

use std::time::Instant;

use camino::Utf8PathBuf;

use super::Fleet;
use super::each::each;
use super::outcome::Outcome;
use crate::cli::accounts::Accounts;
use crate::cli::args::{Global, JournalArgs, PlanArgs};
use crate::cli::commands::plan::{Opened, Planned};
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};

/// What a plan or an apply of several environments is given besides.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Plans<'a> {
    pub(in crate::cli) plan: &'a PlanArgs,
    pub(in crate::cli) journal: &'a JournalArgs,
}

/// An environment and its plan.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) outcome: Outcome,
    /// Also where its apply is written down. None when there is none; the outcome says why.
    pub(super) planned: Option<(Planned, Utf8PathBuf)>,
}

pub(in crate::cli) async fn run(
    fleet: Fleet<'_>,
    plans: Plans<'_>,
    streams: &Streams,
) -> Result<Exit, Failure> {
    let members = plan(&fleet, &plans, &Accounts::new(), Keep::Outcome, streams).await;
    let outcomes: Vec<Outcome> = members.into_iter().map(|member| member.outcome).collect();
    fleet.finish(&outcomes, streams)
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
    plans: &Plans<'_>,
    accounts: &Accounts,
    keep: Keep,
    streams: &Streams,
) -> Vec<Member> {
    let run = |global| async move {
        let member = plan_one(fleet, plans, accounts, global, streams).await;
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
    plans: &Plans<'_>,
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
    let planned = match opened.plan(global, plans.plan, &streams).await {
        Ok(planned) => {
            outcome.text = planned.text(all, all.color_data());
            outcome.plan(&planned, planned.exit(plans.plan));
            let path = planned.journal(global, plans.journal);
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
