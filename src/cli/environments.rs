//! Which environments a command works on.

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use wildmatch::WildMatch;

use super::args::Global;
use super::files::Disk;
use super::shard::Shard;
use super::{Exit, Failure};
use crate::spec;
use crate::text;

/// As many environments are named where there may be many.
const NAMED: usize = 8;

/// Which of the environments.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct ShareArgs {
    /// A share of the environments of --env: `1/3` is the first of three, `/3` the one that
    /// JOB_COMPLETION_INDEX numbers from 0.
    #[arg(long, env = "FLEXCTL_SHARD", hide_env_values = true, value_name = "K/N")]
    pub(super) shard: Option<Shard>,
}

/// How several environments are handled.
#[derive(Debug, Args)]
pub(super) struct FleetArgs {
    #[command(flatten)]
    pub(super) share: ShareArgs,
    /// How many environments are handled at once.
    #[arg(long, default_value_t = 8, env = "FLEXCTL_ENVIRONMENTS_AT_ONCE", hide_env_values = true,
          value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) environments_at_once: u16,
    /// Writes what was found of each environment of --env into this folder, as NAME.json and
    /// NAME.md.
    #[arg(long, env = "FLEXCTL_REPORT_DIR", hide_env_values = true, value_name = "DIR")]
    pub(super) report_dir: Option<Utf8PathBuf>,
}

/// What `--env` and `--shard` choose.
#[derive(Debug)]
pub(super) enum Chosen {
    /// One environment by its name, or none.
    One(Global),
    /// As many as there are, in the order of the spec: globs, several names, or a share.
    Several(Vec<Global>),
}

/// The environments that a command over several works on. With a folder for reports even one is
/// told as one of several.
///
/// # Errors
/// Several, where there is a file of one saved plan.
pub(super) fn choose(
    global: &Global,
    fleet: &FleetArgs,
    saved: Option<&Utf8Path>,
) -> Result<Chosen, Failure> {
    match (choose_plainly(global, fleet.share)?, &fleet.report_dir) {
        (Chosen::Several(_), _) | (_, Some(_)) if saved.is_some() => {
            let failure = Failure::new(Exit::Usage, "a saved plan is of one environment");
            Err(failure.with_help("name one environment, without globs, shares and --report-dir"))
        }
        (Chosen::One(one), Some(_)) if one.env.is_some() => Ok(Chosen::Several(vec![one])),
        (Chosen::One(_), Some(_)) => {
            let failure = Failure::new(Exit::Usage, "--report-dir needs --env");
            Err(failure
                .with_help("a report has the name of its environment; say --env '*' for all"))
        }
        (chosen, _) => Ok(chosen),
    }
}

/// The environments that were asked for.
///
/// # Errors
/// A pattern that covers none.
pub(super) fn choose_plainly(global: &Global, share: ShareArgs) -> Result<Chosen, Failure> {
    let of = |name: Option<&str>| Global { env: name.map(str::to_owned), ..global.clone() };
    match (global.envs.as_slice(), share.shard) {
        ([], None) => return Ok(Chosen::One(of(None))),
        ([], Some(shard)) => {
            let failure = Failure::new(Exit::Usage, format!("--shard {shard} of what?"));
            return Err(failure.with_help("say --env '*' for all environments of the spec"));
        }
        ([name], None) if !is_glob(name) => return Ok(Chosen::One(of(Some(name)))),
        _ => {}
    }
    let names = spec::environments(&Disk, global.file.as_str());
    let mut chosen = vec![false; names.len()];
    for wanted in &global.envs {
        let glob = WildMatch::new(wanted);
        let mut found = false;
        for (name, chosen) in names.iter().zip(&mut chosen) {
            let covered = wanted == name || is_glob(wanted) && glob.matches(name);
            *chosen |= covered;
            found |= covered;
        }
        if !found {
            return Err(nothing(global, wanted, &names));
        }
    }
    let chosen = names.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(name, _)| name);
    let chosen = chosen.filter(|name| share.shard.is_none_or(|shard| shard.holds(name)));
    Ok(Chosen::Several(chosen.map(|name| of(Some(name))).collect()))
}

/// The one environment that a command works on.
///
/// # Errors
/// There are several, or none.
pub(super) fn one(global: &Global, command: &str) -> Result<Global, Failure> {
    match choose_plainly(global, ShareArgs { shard: None })? {
        Chosen::One(one) => Ok(one),
        Chosen::Several(several) => only(several, command),
    }
}

/// The same of those that were chosen.
pub(super) fn only(several: Vec<Global>, command: &str) -> Result<Global, Failure> {
    <[Global; 1]>::try_from(several).map(|[one]| one).map_err(|several| {
        let names: Vec<&str> = several.iter().filter_map(|one| one.env.as_deref()).collect();
        let message = match names.len() {
            0 => format!("no environment is in this share, and `{command}` needs one"),
            count => format!(
                "`{command}` works on one environment, and --env covers {count}: {}",
                text::first_of(&names, NAMED)
            ),
        };
        Failure::new(Exit::Usage, message)
    })
}

fn is_glob(name: &str) -> bool {
    name.contains(['*', '?'])
}

fn nothing(global: &Global, wanted: &str, names: &[String]) -> Failure {
    let message = match is_glob(wanted) {
        true => format!("no environment of {} is covered by `{wanted}`", global.file),
        false => format!("{} has no environment `{wanted}`", global.file),
    };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    // Of a glob, what stands there literally may be near.
    let literal: String = wanted.chars().filter(|c| !matches!(c, '*' | '?')).collect();
    let starts = names.iter().map(|name| (*name, name.chars().take(literal.chars().count())));
    let near = match is_glob(wanted) {
        false => text::nearest(wanted, names.iter().copied()),
        true => starts
            .map(|(name, start)| (name, start.collect::<String>()))
            .find(|(_, start)| {
                !literal.is_empty() && text::nearest(&literal, [start.as_str()]).is_some()
            })
            .map(|(name, _)| name),
    };
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => {
            "`flexctl validate` says what is wrong with the spec; environments are declared under \
             `environments:`"
                .to_owned()
        }
        None => format!("the environments are {}", text::first_of(&names, NAMED)),
    };
    Failure::new(Exit::SpecErrors, message).with_help(help)
}
