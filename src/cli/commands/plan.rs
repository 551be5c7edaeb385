//! `flexctl plan`: what an apply would change.

use camino::{Utf8Path, Utf8PathBuf};

use super::{diff_routing, load, saved};
use crate::apply;
use crate::apply::journal::LastRun;
use crate::cli::accounts::Accounts;
use crate::cli::args::{Global, JournalArgs, PlanArgs, PlanForm, PlanFormat, TargetArgs};
use crate::cli::journal;
use crate::cli::streams::Streams;
use crate::cli::target::{self, Session};
use crate::cli::{Exit, Failure};
use crate::live::{self, Class, Remark, Scope};
use crate::model::{Model, Snapshot};
use crate::plan::{self, Choice, Estimate, Plan, render};
use crate::spec::Analysis;
use crate::text::shown_lines;

pub(in crate::cli) async fn run(
    global: &Global,
    target: &TargetArgs,
    args: &PlanArgs,
    out: Option<&Utf8Path>,
    journal: &JournalArgs,
    form: &PlanForm,
    streams: &Streams,
) -> Result<Exit, Failure> {
    out.map_or(Ok(()), |out| saved::may_be_written(out, global))?;
    let planned = make(global, target, args, streams).await?;
    planned.look_back(&planned.journal(global, journal), streams).await;
    match form.format {
        PlanFormat::Json => streams.json(&planned.plan),
        PlanFormat::Markdown => streams.data(&planned.markdown(form.max_chars())),
        PlanFormat::Text => streams.data(&planned.text(streams, streams.color_data())),
    }
    out.map_or(Ok(()), |out| saved::save(out, &planned, global, args, streams))?;
    Ok(planned.exit(args))
}

/// A plan, and what it was made from.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) plan: Plan,
    /// The file, the workspace, and where it is; for people.
    pub(super) heading: String,
    pub(super) desired: Model,
    pub(super) snapshot: Snapshot,
    pub(super) session: Session,
}

impl Planned {
    /// The plan for people, under its heading.
    pub(super) fn text(&self, streams: &Streams, color: bool) -> String {
        let Self { plan, heading, session, .. } = self;
        let estimate = plan.estimate(|kind| session.lane(kind));
        let options = render::Options { color, width: streams.width() };
        format!("{}\n\n{}", shown_lines(heading), render::timed(plan, estimate, &options))
    }

    /// Where applies to this workspace are written down.
    pub(super) fn journal(&self, global: &Global, journal: &JournalArgs) -> Utf8PathBuf {
        let Snapshot { account_sid, workspace, .. } = &self.snapshot;
        journal::path(&global.file, journal.journal.as_deref(), account_sid, &workspace.sid)
    }

    /// Says what became of a run that did not come to its end, when there was one.
    pub(super) async fn look_back(&self, path: &Utf8Path, streams: &Streams) -> Option<LastRun> {
        let past = journal::look_back(path, &self.snapshot, &self.session.reader).await;
        journal::tell(past, path, streams)
    }

    /// The plan as a comment on a pull request.
    pub(super) fn markdown(&self, max_chars: usize) -> String {
        let Self { plan, heading, session, .. } = self;
        let estimate = plan.estimate(|kind| session.lane(kind));
        render::markdown(plan, estimate, heading, max_chars)
    }

    /// How a run ends that only plans.
    pub(super) fn exit(&self, args: &PlanArgs) -> Exit {
        Exit::Planned {
            refusals: self.plan.refusals.len(),
            changes: self.plan.changes.len(),
            detailed: args.detailed_exitcode,
        }
    }
}

/// A spec, and the way to where it belongs. Nothing was sent yet.
#[derive(Debug)]
pub(super) struct Opened {
    analysis: Analysis,
    desired: Model,
    pub(super) session: Session,
}

impl Opened {
    /// Reads the spec, and opens its target beside others of the run.
    pub(super) fn new(
        accounts: &Accounts,
        global: &Global,
        target: &TargetArgs,
        streams: &Streams,
    ) -> Result<Self, Failure> {
        let (analysis, desired) = load::desired(global, streams)?;
        let session = target::open_beside(accounts, global, target, &analysis.environment)?;
        Ok(Self { analysis, desired, session })
    }

    /// Reads what is live, and compares.
    pub(super) async fn plan(
        self,
        global: &Global,
        args: &PlanArgs,
        streams: &Streams,
    ) -> Result<Planned, Failure> {
        let Self { analysis, desired, session } = self;
        let mut scope = Scope::of(&desired);
        // With `--prune` activities are deleted, and workers may be in them.
        scope.workers |= args.prune;
        scope.exact = args.exact;
        let mut tell = |remark: &Remark| streams.talk(&remark_line(remark, &session));
        let read = live::read_aloud(&session.reader, &scope, &mut tell).await;
        let snapshot = read.map_err(target::failure)?;
        session.check_account(&analysis.environment, &snapshot.account_sid)?;
        check_choice(args, &desired, &snapshot)?;
        let mut plan = plan::diff(&desired, &snapshot, &options(args));
        plan.notes.extend(apply::tasks_in_the_way(&plan, &session.reader).await);
        plan.routing = diff_routing::of_plan(&plan, &snapshot, &analysis);
        let heading = heading(global, &session, &plan);
        Ok(Planned { plan, heading, desired, snapshot, session })
    }
}

/// Reads the spec and what is live, and compares. Prints nothing but talk.
pub(super) async fn make(
    global: &Global,
    target: &TargetArgs,
    args: &PlanArgs,
    streams: &Streams,
) -> Result<Planned, Failure> {
    Opened::new(&Accounts::new(), global, target, streams)?.plan(global, args, streams).await
}

/// What the command line says of a plan.
pub(super) fn options(args: &PlanArgs) -> plan::Options {
    let choice = Choice { only: args.only.clone(), exclude: args.exclude.clone() };
    plan::Options { allow_replace: args.allow_replace.clone(), prune: args.prune, choice }
}

/// Refuses a pattern of `--only` or `--exclude` that covers nothing.
pub(super) fn check_choice(
    args: &PlanArgs,
    desired: &Model,
    live: &Snapshot,
) -> Result<(), Failure> {
    let unmatched = options(args).choice.unmatched(desired, live);
    let Some((pattern, near)) = unmatched.into_iter().next() else { return Ok(()) };
    let message = format!("`{pattern}` covers nothing that is declared or live");
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`flexctl show` lists what is declared".to_owned(),
    };
    Err(Failure::new(Exit::Usage, message).with_help(help))
}

/// What takes long, and why.
fn remark_line(remark: &Remark, session: &Session) -> String {
    let Remark { rule, workers, because } = remark;
    let requests = if *workers == 1 { "1 request" } else { &format!("{workers} requests") };
    let time = session.reader.rate(Class::Reads).map(|per_second| {
        #[expect(clippy::cast_precision_loss, reason = "a workspace has 15,000 workers at most")]
        let seconds = *workers as f64 / per_second;
        format!(", about {}", Estimate { seconds, per_second }.duration())
    });
    let time = time.unwrap_or_default();
    format!("capacity rule {rule}: {requests} to read the workers one by one{time}: {because}")
}

/// The first line over a plan: which file, which workspace, where.
pub(super) fn heading(global: &Global, session: &Session, plan: &Plan) -> String {
    let mut place = vec![session.name.clone(), plan.workspace.account_sid.clone()];
    place.extend(global.env.clone());
    format!("{} → {} ({})", global.file, plan.workspace.friendly_name, place.join(", "))
}
