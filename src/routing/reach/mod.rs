//! What nothing reaches: filters and targets that no task ever comes to, queues that no filter
//! names, and the mistakes of transfer workflows that lose tasks.
//!
//! What is reported as unreachable is unreachable for every task whatsoever; what is not reported
//! may still be. `docs/reachability.md` says what is found, and what each finding rests on.

mod finding;
mod targets;
mod transfer;

pub use finding::{Finding, FindingKind, Options};

use crate::model::Model;

/// Everything that nothing reaches, in order of the workflows' names, then of the queues' names.
/// Near linear in the size of the model.
pub fn reach(model: &Model, options: &Options<'_>) -> Vec<Finding> {
    let _ = options;
    let mut findings = Vec::new();
    for (name, workflow) in &model.workflows {
        targets::after_the_end(name, workflow, &mut findings);
    }
    transfer::ambiguous_names(model, &mut findings);
    findings
}
