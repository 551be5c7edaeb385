//! Drift of several environments.

use std::time::Instant;

use super::Fleet;
use super::each::each;
use super::outcome::Outcome;
use crate::cli::accounts::Accounts;
use crate::cli::args::Global;
use crate::cli::commands::drift;
use crate::cli::commands::drift::look::{self, Opened};
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};

/// With `exact` every capacity is read.
pub(in crate::cli) async fn run(
    fleet: Fleet<'_>,
    exact: bool,
    streams: &Streams,
) -> Result<Exit, Failure> {
    let accounts = Accounts::new();
    let run = |global| look_at(&fleet, &accounts, global, exact, streams);
    let tell = |outcome: &Outcome| fleet.show(outcome, &outcome.text, streams);
    let at_once = usize::from(fleet.args.environments_at_once);
    let outcomes = each(fleet.members, at_once, run, tell).await;
    fleet.finish(&outcomes, streams)
}

async fn look_at(
    fleet: &Fleet<'_>,
    accounts: &Accounts,
    global: &Global,
    exact: bool,
    all: &Streams,
) -> Outcome {
    let began = Instant::now();
    let name = global.env.as_deref().unwrap_or_default();
    let streams = all.of_one(name);
    let mut outcome = Outcome::new(name);
    let opened = match Opened::new(accounts, global, fleet.target, &streams) {
        Ok(opened) => opened,
        Err(failure) => {
            outcome.fail(failure);
            return outcome;
        }
    };
    outcome.account_sid.clone_from(&opened.looking.account_sid);
    let reader = opened.looking.reader.clone();
    match look::compare(opened, global, exact, None, &streams).await {
        Ok(look) => {
            outcome.text = drift::text(&look.drift, &look.heading, all);
            outcome.drift(look);
        }
        Err(failure) => outcome.fail(failure),
    }
    outcome.spend(reader.requests(), began.elapsed());
    outcome
}
