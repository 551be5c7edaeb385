//! One look: the spec and what is live, held against each other. Nothing here can write.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::cli::Failure;
use crate::cli::accounts::Accounts;
use crate::cli::args::{Global, TargetArgs};
use crate::cli::commands::load;
use crate::cli::streams::Streams;
use crate::cli::target::{self, Either, Looking};
use crate::live::{self, Deed, Reader, Remark, Scope};
use crate::model::{Address, Kind, Model};
use crate::plan::{self, Author, Drift, Drifted, Plan};
use crate::spec::Analysis;

/// As long as TaskRouter keeps events.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What was found.
#[derive(Debug)]
pub(in crate::cli::commands) struct Look {
    pub(in crate::cli::commands) drift: Drift,
    /// The file, the workspace, and where it is; for people.
    pub(in crate::cli::commands) heading: String,
}

/// A spec, and the way to where it belongs. Nothing was sent yet.
#[derive(Debug)]
pub(in crate::cli::commands) struct Opened {
    analysis: Analysis,
    desired: Model,
    pub(in crate::cli::commands) looking: Looking,
}

impl Opened {
    /// Reads the spec, and opens its target beside others of the run.
    pub(in crate::cli::commands) fn new(
        accounts: &Accounts,
        global: &Global,
        target: &TargetArgs,
        streams: &Streams,
    ) -> Result<Self, Failure> {
        let (analysis, desired) = load::desired(global, streams)?;
        let looking = target::look_beside(accounts, global, target, &analysis.environment)?;
        Ok(Self { analysis, desired, looking })
    }
}

/// Reads both and compares. Who has changed something is asked when it is other drift than `known`.
pub(super) async fn look(
    global: &Global,
    target: &TargetArgs,
    exact: bool,
    known: Option<&Drift>,
    streams: &Streams,
) -> Result<Look, Failure> {
    let opened = Opened::new(&Accounts::new(), global, target, streams)?;
    compare(opened, global, exact, known, streams).await
}

/// Reads what is live, and compares.
pub(in crate::cli::commands) async fn compare(
    opened: Opened,
    global: &Global,
    exact: bool,
    known: Option<&Drift>,
    streams: &Streams,
) -> Result<Look, Failure> {
    let Opened { analysis, desired, looking } = opened;
    let scope = Scope { exact, ..Scope::of(&desired) };
    let mut tell = |Remark { rule, workers, because }: &Remark| {
        streams.talk(&format!("capacity rule {rule}: {workers} workers are read: {because}"));
    };
    let read = live::read_aloud(&looking.reader, &scope, &mut tell).await;
    let snapshot = read.map_err(target::failure)?;
    looking.check_account(&analysis.environment, &snapshot.account_sid)?;
    let plan = plan::diff(&desired, &snapshot, &plan::Options::default());
    let mut drift = Drift::of(&plan);
    match known {
        Some(known) if same(known, &drift) => drift = known.clone(),
        _ => tell_authors(&mut drift, &plan, &looking.reader).await,
    }
    let mut place = vec![looking.name, plan.workspace.account_sid];
    place.extend(global.env.clone());
    let workspace = plan.workspace.friendly_name;
    let heading = format!("{} → {workspace} ({})", global.file, place.join(", "));
    Ok(Look { drift, heading })
}

/// Whether both say the same, apart from who it was.
pub(super) fn same(one: &Drift, other: &Drift) -> bool {
    let plain = |one: &Drifted| Drifted { changed_by: None, ..one.clone() };
    one.workspace == other.workspace
        && one.counts == other.counts
        && one.objects.iter().map(plain).eq(other.objects.iter().map(plain))
}

/// Says of each object who changed it last, where an event tells.
async fn tell_authors(drift: &mut Drift, plan: &Plan, reader: &Reader<Either>) {
    let subject = |one: &Drifted| match one.address.worker_and_channel() {
        // Channels have no events of their own.
        Some((worker, _)) => plan.sids.get(&Address::new(Kind::Worker, worker)).cloned(),
        None => one.sid.clone(),
    };
    let sids: BTreeSet<String> = drift.objects.iter().filter_map(subject).collect();
    if sids.is_empty() {
        return;
    }
    let since = Timestamp::now().checked_sub(KEPT).unwrap_or(Timestamp::UNIX_EPOCH);
    let deeds = reader.deeds(&plan.workspace.sid, &sids, since).await;
    let deeds = live::by_object(&deeds);
    for one in &mut drift.objects {
        let Some(sid) = subject(one) else { continue };
        let mut about = deeds.get(sid.as_str()).into_iter().flatten().rev();
        let last = about.find(|deed| one.may_come_of(&deed.event_type));
        one.changed_by = last.map(|deed| author(deed));
    }
}

fn author(deed: &Deed) -> Author {
    let Deed { at, actor, actor_type, source, address, event_type, .. } = deed.clone();
    Author { at: at.to_string(), actor, actor_type, source, address, event_type }
}
