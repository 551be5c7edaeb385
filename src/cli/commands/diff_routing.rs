//! `flexctl diff-routing`: which tasks go elsewhere, and which workers come into queues or leave
//! them.

use camino::Utf8Path;

use super::{given, load, plan as planning, test};
use crate::cli::args::{Global, PlanArgs, PlanForm, PlanFormat, TargetArgs};
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure, target};
use crate::live::{self, Scope};
use crate::model::{Address, Kind, Model, Snapshot};
use crate::plan::{self, Plan};
use crate::routing::compare::{
    self, GivenTask, KnownWorkers, LIMIT, Question, Renames, RoutingDiff, task_line,
};
use crate::routing::{Worker, render};
use crate::spec::Analysis;
use crate::text::page::{Options, Page, Span};
use crate::text::shown_lines;

/// What is compared, over which tasks.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct What<'a> {
    /// The spec that stands for what is there before; what is live without one.
    pub(in crate::cli) from: Option<&'a Utf8Path>,
    /// A file of more tasks.
    pub(in crate::cli) tasks: Option<&'a Utf8Path>,
    /// How much is told of each difference.
    pub(in crate::cli) told: Told,
}

/// How much is told of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Told {
    /// A line for each way.
    Ways,
    /// Also every filter and target, with the reasons, for the first task.
    Traces,
}

/// As many kinds of tasks as a plan makes up for one workflow.
const LIMIT_OF_PLAN: usize = 2_000;
/// Entries of a list in the JSON of a plan.
const ENTRIES_OF_PLAN: usize = 20;

/// The two sides, owned.
struct Sides {
    before: Model,
    after: Model,
    renames: Renames,
    workers: KnownWorkers,
}

impl Sides {
    fn of_specs(before: Model, after: Model) -> Self {
        let declared = (Worker::declared(&before), Worker::declared(&after));
        Self {
            renames: Renames::declared(&before, &after),
            workers: KnownWorkers::pairs(declared.0, declared.1, |one| one.name.to_lowercase()),
            before,
            after,
        }
    }

    fn of_snapshots(before: &Snapshot, after: &Snapshot) -> Self {
        let live = (Worker::live(before), Worker::live(after));
        Self {
            before: before.model(),
            after: after.model(),
            renames: Renames::between(before, after),
            workers: KnownWorkers::pairs(live.0, live.1, |one| one.sid.clone()),
        }
    }

    fn question<'a>(&'a self, tasks: &'a [GivenTask], limit: usize) -> Question<'a> {
        let Self { before, after, renames, workers } = self;
        Question { before, after, renames, tasks, workers, limit }
    }
}

pub(in crate::cli) async fn run(
    global: &Global,
    target: &TargetArgs,
    args: &PlanArgs,
    what: What<'_>,
    form: &PlanForm,
    streams: &Streams,
) -> Result<Exit, Failure> {
    if what.from.is_some() && !planning::options(args).choice.is_everything() {
        let message = "--only and --exclude choose among the changes of a plan";
        let help = "leave them out, or leave --from out to compare with what is live";
        return Err(Failure::new(Exit::Usage, message).with_help(help));
    }
    let files = test::find(&global.file)?;
    let analysis = load::analyze_with_tests(global, &files)?;
    let (analysis, desired) = load::expanded(analysis, global, streams)?;
    let mut tasks = given::of_tests(&analysis);
    let (heading, sides) = match what.from {
        Some(from) => {
            let other = Global { file: from.to_owned(), ..global.clone() };
            let (_, before) = load::desired(&other, streams)?;
            tasks.extend(given::of_file(what.tasks, &given::Sids::default())?);
            (format!("{from} → {}", global.file), Sides::of_specs(before, desired))
        }
        None => {
            let session = target::open(global, target, &analysis.environment)?;
            let scope = Scope { workers: true, exact: true, ..Scope::of(&desired) };
            let live = live::read(&session.reader, &scope).await.map_err(target::failure)?;
            session.check_account(&analysis.environment, &live.account_sid)?;
            planning::check_choice(args, &desired, &live)?;
            let plan = plan::diff(&desired, &live, &planning::options(args));
            for refusal in &plan.refusals {
                streams.talk(&format!("the plan is refused: {}", refusal.message));
            }
            let after = plan::outcome(&plan, &live);
            tasks.extend(given::of_file(what.tasks, &given::Sids::of(&after))?);
            let heading = planning::heading(global, &session, &plan);
            (heading, Sides::of_snapshots(&live, &after))
        }
    };
    let question = sides.question(&tasks, LIMIT);
    let diff = compare::compare(&question);
    match form.format {
        PlanFormat::Json => streams.json(&diff),
        PlanFormat::Markdown => {
            streams.data(&compare::markdown(&diff, &heading, form.max_chars()));
        }
        PlanFormat::Text => {
            let options = Options { color: streams.color_data(), width: streams.width() };
            let mut text =
                format!("{}\n\n{}", shown_lines(&heading), compare::text(&diff, &options));
            if what.told == Told::Traces {
                text.push_str(&traces(&question, &diff, &options));
            }
            streams.data(&text);
        }
    }
    let differences = diff.counts.moves + diff.counts.queues + diff.gone.len();
    Ok(Exit::Compared { differences, detailed: args.detailed_exitcode })
}

/// Both ways of the first task of each difference, whole.
fn traces(question: &Question<'_>, diff: &RoutingDiff, options: &Options) -> String {
    let mut out = String::new();
    for one in &diff.moves {
        let Some(ways) = compare::traces(question, one) else { continue };
        let workflow = Address::new(Kind::Workflow, one.workflow.clone()).to_string();
        let task = one.tasks.first().map(task_line).unwrap_or_default();
        for (word, trace) in ["before", "after"].into_iter().zip(ways) {
            let mut head = Page::new(options);
            head.line(
                0,
                4,
                &[
                    Span::strong(workflow.as_str()),
                    Span::plain(format!("  {task}  ")),
                    Span::changed(word),
                ],
            );
            let how = render::Options { page: *options, ..render::Options::default() };
            out.push_str(&format!("\n{}\n{}", head.finish(), render::text(&trace, &how)));
        }
    }
    out
}

/// What a plan changes about routing, in short; none when it changes nothing that was found.
pub(super) fn of_plan(plan: &Plan, live: &Snapshot, analysis: &Analysis) -> Option<RoutingDiff> {
    let routes =
        |kind| matches!(kind, Kind::Activity | Kind::Queue | Kind::Workflow | Kind::Worker);
    if !plan.changes.iter().any(|change| routes(change.address.kind)) {
        return None;
    }
    let sides = Sides::of_snapshots(live, &plan::outcome(plan, live));
    let tasks = given::of_tests(analysis);
    let diff = compare::compare(&sides.question(&tasks, LIMIT_OF_PLAN));
    (!diff.is_empty()).then(|| diff.shortened(ENTRIES_OF_PLAN))
}
