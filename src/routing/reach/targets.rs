//! Targets that keep tasks.

use super::{Finding, FindingKind};
use crate::expr::Certainty;
use crate::model::{Target, Workflow};
use crate::routing::Spot;

/// How certain it is that no task ever leaves the target; none when one may.
///
/// A timeout lets tasks go however long it is: how long a task lives is said when it is created.
pub(super) fn keeps(target: &Target) -> Option<Certainty> {
    if target.timeout.is_some() { None } else { never_skips(target) }
}

/// How certain it is that the target is never skipped; none when it may be.
pub(super) fn never_skips(target: &Target) -> Option<Certainty> {
    let Some(skip_if) = &target.skip_if else { return Some(Certainty::Documented) };
    let (tree, errors) = skip_if.parse();
    (errors.is_empty() && tree.is_always_false()).then_some(Certainty::Documented)
}

/// Finds the targets after one that keeps every task.
pub(super) fn after_the_end(name: &str, workflow: &Workflow, findings: &mut Vec<Finding>) {
    for (index, filter) in workflow.filters.iter().flatten().enumerate() {
        let mut ends = filter.targets.iter().enumerate();
        let Some((end, certainty)) = ends.find_map(|(at, target)| Some((at, keeps(target)?)))
        else {
            continue;
        };
        let spot = |target| Spot::Target { workflow: name.to_owned(), filter: index, target };
        findings.extend((end + 1..filter.targets.len()).map(|after| Finding {
            related: vec![spot(end)],
            certainty,
            ..Finding::unreachable(FindingKind::TargetAfterEnd, spot(after))
        }));
    }
}
