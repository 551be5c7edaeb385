//! Whether a saved plan still stands: everything that it rests on is read once more.

use std::collections::{BTreeMap, BTreeSet};

use crate::live::{self, LiveError, Reader, Scope, Transport};
use crate::model::{Address, Kind, Model, Snapshot};
use crate::plan::saved::{Moved, SavedPlan, Who, moved};
use crate::plan::{self, Options, Plan, Refusal};

/// What was found.
#[derive(Debug)]
pub struct Standing {
    /// What the plan rests on, as it is now; not everything that is live.
    pub now: Snapshot,
    /// What is not as the plan saw it; nothing when it stands.
    pub moved: Vec<Moved>,
    /// Limits that it exceeds by now, since less is live.
    pub refusals: Vec<Refusal>,
    /// What of the plan is still to be done.
    pub left: Vec<Address>,
}

/// Reads what `saved` rests on. `desired` is what the spec means, the same as then, and `options`
/// are those of the plan.
///
/// # Errors
/// The first thing that could not be read; [`LiveError::NotFound`] when the workspace is not there.
pub async fn standing<T: Transport>(
    saved: &SavedPlan,
    desired: &Model,
    options: &Options,
    reader: &Reader<T>,
) -> Result<Standing, LiveError> {
    let SavedPlan { plan, ground, .. } = saved;
    let nobody = BTreeMap::new();
    let channels_of: Vec<&str> = ground.workers().collect();
    let scope = Scope {
        workspace_sid: Some(&plan.workspace.sid),
        workspace_name: None,
        workers: ground.speaks_of(Kind::Worker) || ground.speaks_of(Kind::Capacity),
        declared_activities: &desired.activities,
        capacities: &[],
        declared_workers: &nobody,
        channels_of: &channels_of,
        exact: false,
        roles: ground.speaks_of(Kind::Role),
    };
    let now = live::read(reader, &scope).await?;
    let fresh = plan::diff(desired, &now, options);
    let moved = moved(ground, plan, &now, &fresh);
    let refusals = plan::over_limit(plan, &now, desired);
    Ok(Standing { refusals, left: left(plan, &fresh), now, moved })
}

fn left(plan: &Plan, fresh: &Plan) -> Vec<Address> {
    let pending: BTreeSet<&Address> = fresh.changes.iter().map(|change| &change.address).collect();
    let changes = plan.changes.iter().map(|change| &change.address);
    changes.filter(|address| pending.contains(address)).cloned().collect()
}

/// Adds who has moved what, as far as TaskRouter's events tell. Never fails: it only tells more.
pub async fn ask_who<T: Transport>(saved: &SavedPlan, moved: &mut [Moved], reader: &Reader<T>) {
    let Ok(since) = saved.created.parse() else { return };
    let worker_of = |moved: &Moved| {
        let (worker, _) = moved.address.worker_and_channel()?;
        saved.plan.sids.get(&Address::new(Kind::Worker, worker)).map(String::as_str)
    };
    let sids = moved.iter().map(|moved| moved.of_event(worker_of(moved)).to_owned()).collect();
    let deeds = reader.deeds(&saved.plan.workspace.sid, &sids, since).await;
    let deeds = live::by_object(&deeds);
    for one in moved {
        let sid = one.of_event(worker_of(one));
        let mut about = deeds.get(sid).into_iter().flatten();
        let deed = about.rfind(|deed| one.is_told_by(&deed.event_type));
        let who = deed.map(|deed| Who {
            at: deed.at.to_string(),
            event: deed.event_type.clone(),
            actor: deed.actor.clone(),
            actor_type: deed.actor_type.clone(),
            source: deed.source.clone(),
            address: deed.address.clone(),
        });
        one.by = who;
    }
}
