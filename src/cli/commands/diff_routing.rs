//! `flexctl diff-routing`: which tasks go elsewhere, and which workers come into queues or leave
//! them.

use camino::Utf8Path;

use super::{load, plan as planning, tasks, test};
use crate::cli::args::{Global, PlanArgs, TargetArgs, TextOrJson};
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure, target};
use crate::live::{self, Scope};
use crate::model::{Model, Snapshot};
use crate::plan::{self, Plan};
use crate::routing::Worker;
use crate::routing::compare::{
    self, GivenTask, KnownWorker, LIMIT, Question, Renames, RoutingDiff,
};
use crate::spec::Analysis;
use crate::text::page::Options;

/// What is compared, over which tasks.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct What<'a> {
    /// The spec that stands for what is there before; what is live without one.
    pub(in crate::cli) from: Option<&'a Utf8Path>,
    /// A file of more tasks.
    pub(in crate::cli) tasks: Option<&'a Utf8Path>,
}

/// As many kinds of tasks as a plan makes up for one workflow.
const LIMIT_OF_PLAN: usize = 2_000;
/// Entries of a list in the JSON of a plan.
const ENTRIES_OF_PLAN: usize = 20;

pub(in crate::cli) async fn run(
    global: &Global,
    target: &TargetArgs,
    args: &PlanArgs,
    what: What<'_>,
    format: TextOrJson,
    streams: &Streams,
) -> Result<Exit, Failure> {
    let files = test::find(&global.file)?;
    let analysis = load::analyze_with_tests(global, &files)?;
    let (analysis, desired) = load::expanded(analysis, global, streams)?;
    let (heading, diff) = match what.from {
        Some(from) => {
            let other = Global { file: from.to_owned(), ..global.clone() };
            let (_, before) = load::desired(&other, streams)?;
            let mut given = tasks::of_tests(&analysis);
            given.extend(tasks::of_file(what.tasks, &tasks::Sids::default())?);
            let heading = format!("{from} → {}", global.file);
            (heading, of_specs(&before, &desired, &given))
        }
        None => {
            let session = target::open(global, target, &analysis.environment)?;
            let scope = Scope { workers: true, ..Scope::of(&desired) };
            let live = live::read(&session.reader, &scope).await.map_err(target::failure)?;
            session.check_account(&analysis.environment, &live.account_sid)?;
            let plan = plan::diff(&desired, &live, &planning::options(args));
            for refusal in &plan.refusals {
                streams.talk(&format!("the plan is refused: {}", refusal.message));
            }
            let after = plan::outcome(&plan, &live);
            let mut given = tasks::of_tests(&analysis);
            given.extend(tasks::of_file(what.tasks, &tasks::Sids::of(&after))?);
            let heading = planning::heading(global, &session, &plan);
            (heading, of_snapshots(&live, &after, &given, LIMIT))
        }
    };
    match format {
        TextOrJson::Json => streams.json(&diff),
        TextOrJson::Text => {
            let options = Options { color: streams.color_data(), width: streams.width() };
            streams.data(&format!("{heading}\n\n{}", compare::text(&diff, &options)));
        }
    }
    Ok(if args.detailed_exitcode && !diff.is_empty() { Exit::Pending } else { Exit::Done })
}

/// What a plan changes about routing, in short; none when nothing is sent.
pub(super) fn of_plan(plan: &Plan, live: &Snapshot, analysis: &Analysis) -> Option<RoutingDiff> {
    if plan.is_empty() {
        return None;
    }
    let after = plan::outcome(plan, live);
    let diff = of_snapshots(live, &after, &tasks::of_tests(analysis), LIMIT_OF_PLAN);
    (!diff.is_empty()).then(|| diff.shortened(ENTRIES_OF_PLAN))
}

fn of_snapshots(
    before: &Snapshot,
    after: &Snapshot,
    tasks: &[GivenTask],
    limit: usize,
) -> RoutingDiff {
    let now = Worker::live(after);
    let same = |worker: &Worker| now.iter().find(|other| other.sid == worker.sid).cloned();
    let workers: Vec<KnownWorker> = Worker::live(before)
        .into_iter()
        .filter_map(|before| Some(KnownWorker { after: same(&before)?, before }))
        .collect();
    compare::compare(&Question {
        before: &before.model(),
        after: &after.model(),
        renames: &Renames::between(before, after),
        tasks,
        workers: &workers,
        limit,
    })
}

fn of_specs(before: &Model, after: &Model, tasks: &[GivenTask]) -> RoutingDiff {
    let now = Worker::declared(after);
    let same = |worker: &Worker| {
        now.iter().find(|other| other.name.eq_ignore_ascii_case(&worker.name)).cloned()
    };
    let workers: Vec<KnownWorker> = Worker::declared(before)
        .into_iter()
        .filter_map(|before| Some(KnownWorker { after: same(&before)?, before }))
        .collect();
    compare::compare(&Question {
        before,
        after,
        renames: &Renames::declared(before, after),
        tasks,
        workers: &workers,
        limit: LIMIT,
    })
}
