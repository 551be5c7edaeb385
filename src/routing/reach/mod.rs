//! What nothing reaches: filters and targets that no task ever comes to, queues that no filter
//! names, and the mistakes of transfer workflows that lose tasks.
//!
//! What is reported as unreachable is unreachable for every task whatsoever; what is not reported
//! may still be. `docs/reachability.md` says what is found, and what each finding rests on.

mod atom;
mod cover;
mod cubes;
mod filters;
mod finding;
mod queues;
#[cfg(test)]
mod readings;
mod state;
mod targets;
#[cfg(test)]
mod tests;
mod transfer;
mod values;

pub use finding::{Finding, FindingKind, Options};

use std::collections::BTreeMap;

use super::sids::Sids;
use crate::model::Model;

/// Everything that nothing reaches, in order of the workflows' names, then of the queues' names.
/// Near linear in the size of the model.
pub fn reach(model: &Model, options: &Options<'_>) -> Vec<Finding> {
    with_effort(model, options).0
}

/// The findings, and how many steps proofs took.
fn with_effort(model: &Model, options: &Options<'_>) -> (Vec<Finding>, usize) {
    let mut findings = Vec::new();
    let mut effort = 0;
    let sids = Sids::new(model, BTreeMap::new());
    let pinned = model
        .queues
        .iter()
        .filter_map(|(name, queue)| Some((queue.sid.as_deref()?, name.as_str())));
    let pinned: BTreeMap<&str, &str> = pinned.collect();
    for (name, workflow) in &model.workflows {
        let trees = filters::trees(workflow, &sids);
        let transfers = transfer::Transfers::new(workflow, &trees, &sids, &pinned);
        effort += filters::unreachable(name, workflow, &trees, &transfers, &mut findings);
        transfer::mistakes(name, workflow, &trees, &transfers, model, &sids, &mut findings);
    }
    transfer::ambiguous_names(model, &mut findings);
    queues::without_filter(model, &mut findings);
    queues::empty(model, options.workers, &sids, &mut findings);
    (findings, effort)
}
