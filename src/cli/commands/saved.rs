//! Plans that are saved, and carried out later as they were shown: `plan --out FILE`,
//! `apply FILE`, `show FILE`.

use std::hash::{BuildHasher, RandomState};

use camino::Utf8Path;
use serde_json::Value;

use super::load;
use super::plan::{self as planning, Planned};
use crate::apply::{self, Standing};
use crate::cli::args::{Global, JournalArgs, PlanArgs, TargetArgs};
use crate::cli::files::replace_private_file;
use crate::cli::journal;
use crate::cli::streams::Streams;
use crate::cli::target::{self, Session};
use crate::cli::{Exit, Failure};
use crate::live::{self, LiveError, Scope};
use crate::model::{Address, AddressPattern, Model, Snapshot};
use crate::plan::saved::{Choices, Ground, Meaning, Moved, SavedPlan, moved_text};
use crate::plan::{self, Plan, render};
use crate::text::first_of;

/// What becomes of a saved plan that no longer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stale {
    Refuse,
    /// Another one is made from the spec.
    PlanAgain,
}

/// Whether somebody has said yes to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Approval {
    /// By giving its file.
    Given,
    Missing,
}

/// Refuses to write a plan over something that is none.
pub(super) fn may_be_written(out: &Utf8Path, global: &Global) -> Result<(), Failure> {
    let refused = |exit: Exit, why: &dyn std::fmt::Display| {
        let failure = Failure::new(exit, format!("--out {out}: {why}"));
        Err(failure.with_help("give the plan a file of its own, such as plan.json"))
    };
    if out == "-" || out.as_str().is_empty() {
        return refused(Exit::Usage, &"a plan is saved in a file");
    }
    if out.is_dir() {
        return refused(Exit::Failed, &"it is a folder");
    }
    if out == global.file
        || out.is_file() && out.canonicalize().ok() == global.file.canonicalize().ok()
    {
        return refused(Exit::Refused, &"it is the spec");
    }
    match std::fs::read_to_string(out) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Ok(text) if text.is_empty() || is_a_plan(&text) => Ok(()),
        Ok(_) => refused(Exit::Refused, &"it holds something else"),
        Err(error) => refused(Exit::Failed, &error),
    }
}

/// Also one of another version.
fn is_a_plan(text: &str) -> bool {
    let value: Result<Value, _> = serde_json::from_str(text);
    value.is_ok_and(|value| value.get("plan").is_some() && value.get("ground").is_some())
}

/// Writes the plan with all that it rests on.
pub(super) fn save(
    out: &Utf8Path,
    planned: &Planned,
    global: &Global,
    args: &PlanArgs,
    streams: &Streams,
) -> Result<(), Failure> {
    let Planned { plan, desired, snapshot, session, .. } = planned;
    let chance = |what: &str| format!("{:016x}", RandomState::new().hash_one(what));
    let spec = Meaning::of(desired, chance("one") + &chance("other"));
    let document = SavedPlan {
        created: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        file: global.file.to_string(),
        environment: global.env.clone(),
        target: session.name.clone(),
        choices: choices(args),
        ..SavedPlan::new(plan.clone(), Ground::of(plan, snapshot), spec)
    };
    replace_private_file(out, document.seal().as_bytes()).map_err(|error| {
        // The plan itself was shown.
        Failure::new(Exit::Failed, format!("cannot write {out}: {error}")).with_document_printed()
    })?;
    streams.talk(&match plan.refusals.is_empty() {
        true => format!("Saved as {out}; `flexctl apply {out}` carries it out."),
        false => format!("Saved as {out}, which cannot be applied, since the plan has refusals."),
    });
    Ok(())
}

fn choices(args: &PlanArgs) -> Choices {
    let texts = |patterns: &[AddressPattern]| patterns.iter().map(ToString::to_string).collect();
    Choices {
        allow_replace: texts(&args.allow_replace),
        only: texts(&args.only),
        exclude: texts(&args.exclude),
        prune: args.prune,
        exact: args.exact,
    }
}

/// The options that make the same plan again.
fn plan_args(choices: &Choices) -> PlanArgs {
    let patterns = |texts: &[String]| texts.iter().filter_map(|text| text.parse().ok()).collect();
    PlanArgs {
        allow_replace: patterns(&choices.allow_replace),
        only: patterns(&choices.only),
        exclude: patterns(&choices.exclude),
        prune: choices.prune,
        exact: choices.exact,
        detailed_exitcode: false,
    }
}

/// Reads a saved plan.
pub(super) fn read(file: &Utf8Path) -> Result<SavedPlan, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(Exit::Usage, format!("cannot read {file}: {error}")))?;
    SavedPlan::read(&text).map_err(|error| {
        let failure = Failure::new(Exit::Refused, format!("{file} cannot be used: {error}"));
        failure.with_help(match file.extension() {
            Some("yaml" | "yml") => format!("a spec is given with --file: `--file {file}`"),
            _ => format!("save it again with `flexctl plan --out {file}`"),
        })
    })
}

/// The first lines over a saved plan.
pub(super) fn heading(file: &Utf8Path, saved: &SavedPlan) -> String {
    let SavedPlan { created, plan, target, environment, .. } = saved;
    let mut place = vec![target.clone(), plan.workspace.account_sid.clone()];
    place.extend(environment.clone());
    let place = place.join(", ");
    let workspace = &plan.workspace.friendly_name;
    format!("{file}, saved at {created}\n{} → {workspace} ({place})", saved.file)
}

/// The plan of a file, when it may be carried out as it stands; with [`Stale::PlanAgain`] another
/// one that nobody has said yes to.
pub(super) async fn take_up(
    file: &Utf8Path,
    stale: Stale,
    global: &Global,
    target: &TargetArgs,
    args: &PlanArgs,
    journal: &JournalArgs,
    streams: &Streams,
) -> Result<(Planned, Approval), Failure> {
    let saved = read(file)?;
    same_choices(&saved, args)?;
    let global = &same_environment(&saved, global)?;
    let (analysis, desired) = load::desired(global, streams)?;
    let session = target::open(global, target, &analysis.environment)?;
    if let Some(account_sid) = &session.account_sid {
        same_account(&saved, account_sid, &session)?;
    }
    let changed = saved.spec.changed(&desired);
    let (trouble, now) = if changed.is_empty() {
        let options = planning::options(&plan_args(&saved.choices));
        let found = apply::standing(&saved, &desired, &options, &session.reader).await;
        let Standing { now, mut moved, refusals, left } = match found {
            Err(LiveError::NotFound(_)) => {
                let help = "use --target and the credentials that the plan was made with";
                return Err(other_workspace(&saved).with_help(help));
            }
            found => found.map_err(target::failure)?,
        };
        same_account(&saved, &now.account_sid, &session)?;
        if moved.is_empty() {
            let heading = heading(file, &saved);
            let mut plan = saved.plan;
            plan.refusals.extend(refusals);
            let planned = Planned { plan, heading, desired, snapshot: now, session };
            return Ok((planned, Approval::Given));
        }
        apply::ask_who(&saved, &mut moved, &session.reader).await;
        (stale_by_others(file, &saved, &moved, &left, streams), Some(now))
    } else {
        (stale_by_spec(file, global, &changed), None)
    };
    if stale == Stale::Refuse {
        look_back(&saved, now, &desired, &session, global, journal, streams).await;
        return Err(trouble);
    }
    streams.talk(&format!("{}; planning again", trouble.message));
    // The embedded emulator is opened once at a time.
    drop(session);
    let planned = planning::make(global, target, &plan_args(&saved.choices), streams).await?;
    same_account(&saved, &planned.plan.workspace.account_sid, &planned.session)?;
    same_workspace(&saved, &planned.plan)?;
    Ok((planned, Approval::Missing))
}

/// Says what became of a run that did not come to its end: it may be why the plan is stale.
async fn look_back(
    saved: &SavedPlan,
    now: Option<Snapshot>,
    desired: &Model,
    session: &Session,
    global: &Global,
    journal: &JournalArgs,
    streams: &Streams,
) {
    let (account_sid, sid) = (&saved.plan.workspace.account_sid, &saved.plan.workspace.sid);
    let path = journal::path(&global.file, journal.journal.as_deref(), account_sid, sid);
    if journal::is_quiet(&path, account_sid, sid) {
        return;
    }
    let now = match now {
        Some(now) => Ok(now),
        None => {
            let scope = Scope { workspace_sid: Some(sid), ..Scope::of(desired) };
            live::read(&session.reader, &scope).await
        }
    };
    if let Ok(now) = now {
        let past = journal::look_back(&path, &now, &session.reader).await;
        journal::tell(past, &path, streams);
    }
}

/// Options of the plan belong to `flexctl plan`.
fn same_choices(saved: &SavedPlan, args: &PlanArgs) -> Result<(), Failure> {
    let (given, then) = (choices(args), &saved.choices);
    let options = [
        (
            "--allow-replace",
            !given.allow_replace.is_empty(),
            given.allow_replace == then.allow_replace,
        ),
        ("--only", !given.only.is_empty(), given.only == then.only),
        ("--exclude", !given.exclude.is_empty(), given.exclude == then.exclude),
        ("--prune", given.prune, then.prune),
        ("--exact", given.exact, then.exact),
    ];
    match options.into_iter().find(|(_, given, same)| *given && !same) {
        Some((option, ..)) => {
            let message = format!("{option} cannot be given to a plan that was saved without it");
            let help = format!("plan again: `flexctl plan {option} … --out FILE`");
            Err(Failure::new(Exit::Usage, message).with_help(help))
        }
        None => Ok(()),
    }
}

fn same_environment(saved: &SavedPlan, global: &Global) -> Result<Global, Failure> {
    let then = saved.environment.clone();
    match &global.env {
        Some(now) if Some(now) != then.as_ref() => {
            let of =
                then.map_or("no environment".to_owned(), |then| format!("environment `{then}`"));
            let message =
                format!("the plan is of {of}, and --env says `{now}`; nothing was changed");
            let help = "leave --env out; the plan knows its environment";
            Err(Failure::new(Exit::Refused, message).with_help(help))
        }
        _ => Ok(Global { env: then, ..global.clone() }),
    }
}

fn same_account(saved: &SavedPlan, now: &str, session: &Session) -> Result<(), Failure> {
    let then = &saved.plan.workspace.account_sid;
    if then == now {
        return Ok(());
    }
    let message = format!(
        "the plan is for account {then} ({}), and this is {now} ({}); nothing was changed",
        saved.target, session.name
    );
    let help = "use --target and the credentials that the plan was made with";
    Err(Failure::new(Exit::Refused, message).with_help(help))
}

fn same_workspace(saved: &SavedPlan, plan: &Plan) -> Result<(), Failure> {
    if saved.plan.workspace.sid == plan.workspace.sid {
        return Ok(());
    }
    Err(other_workspace(saved).with_help("plan it anew: `flexctl plan --out FILE`"))
}

fn other_workspace(saved: &SavedPlan) -> Failure {
    let plan::PlanWorkspace { account_sid, sid, friendly_name } = &saved.plan.workspace;
    let message = format!(
        "the plan is for the workspace {friendly_name} ({sid}) of account {account_sid}, which is \
         not here; nothing was changed"
    );
    Failure::new(Exit::Refused, message)
}

fn stale_by_spec(file: &Utf8Path, global: &Global, changed: &[String]) -> Failure {
    const SHOWN: usize = 8;
    let message = format!(
        "{} means something else than when the plan was saved: {}",
        global.file,
        first_of(changed, SHOWN)
    );
    let help = format!(
        "give --var and --var-file as for the plan; or plan again: `flexctl apply {file} --refresh`"
    );
    Failure::new(Exit::Refused, message).with_help(help).with_detail("changed", changed)
}

/// For comments, which more people read than logs: not where from in the network.
fn without_addresses(moved: &[Moved]) -> Vec<Moved> {
    let mut moved = moved.to_vec();
    for who in moved.iter_mut().filter_map(|one| one.by.as_mut()) {
        who.address = None;
    }
    moved
}

fn stale_by_others(
    file: &Utf8Path,
    saved: &SavedPlan,
    moved: &[Moved],
    left: &[Address],
    streams: &Streams,
) -> Failure {
    let failure = if !left.is_empty() {
        let options = render::Options { color: streams.color_talk(), width: streams.width() };
        streams.page(&moved_text(moved, &options));
        let plain = render::Options { color: false, ..options };
        let what = match moved.len() {
            1 => "1 object that it rests on has".to_owned(),
            more => format!("{more} objects that it rests on have"),
        };
        let message = format!(
            "the plan of {} is stale: {what} changed since; nothing was applied",
            saved.created
        );
        let help = format!("plan again, look and go on: `flexctl apply {file} --refresh`");
        let failure = Failure::new(Exit::Refused, message).with_help(help);
        failure.with_lines(moved_text(&without_addresses(moved), &plain))
    } else {
        let message = format!(
            "nothing that the plan of {} wants is left to be done: it was applied already, or \
             others have done it",
            saved.created
        );
        let help = "`flexctl plan` shows what else is to be done";
        Failure::new(Exit::Refused, message).with_help(help)
    };
    failure.with_detail("moved", moved)
}
