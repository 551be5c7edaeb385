//! Targets that keep tasks.

use super::atom::Atoms;
use super::cover::never;
use super::cubes::Formula;
use super::{Finding, FindingKind};
use crate::expr::Certainty;
use crate::model::{Filter, Target};
use crate::routing::Spot;

/// How certain it is that no task ever leaves the target; none when one may.
///
/// A timeout lets tasks go however long it is: how long a task lives is said when it is created.
fn keeps(target: &Target) -> Option<Certainty> {
    if target.timeout.is_some() { None } else { never_skips(target) }
}

/// How certain it is that the target is never skipped; none when it may be.
fn never_skips(target: &Target) -> Option<Certainty> {
    let Some(skip_if) = &target.skip_if else { return Some(Certainty::Documented) };
    let (tree, errors) = skip_if.parse();
    if !errors.is_empty() {
        return None;
    }
    let mut atoms = Atoms::default();
    let formula = Formula::new(&tree, String::new(), &mut atoms);
    never(&formula, &atoms).map(|(certainty, _)| certainty)
}

/// The first target that keeps every task, and how certain that is; none when tasks may leave
/// the filter.
pub(super) fn end(filter: &Filter) -> Option<(usize, Certainty)> {
    let mut targets = filter.targets.iter().enumerate();
    targets.find_map(|(at, target)| Some((at, keeps(target)?)))
}

/// How certain it is that not all targets of a filter are ever skipped, so that no task goes on
/// from it to the default filter.
pub(super) fn never_skipped(filter: &Filter) -> Option<Certainty> {
    filter.targets.iter().filter_map(never_skips).min()
}

/// Whether a target of the filter may be skipped.
pub(super) fn may_skip(filter: &Filter) -> bool {
    filter.targets.iter().any(|target| never_skips(target).is_none())
}

/// Whether tasks may leave the filter later than they came.
pub(super) fn takes_time(filter: &Filter) -> bool {
    let last = end(filter).map_or(filter.targets.len(), |(at, _)| at);
    filter.targets[..last].iter().any(|target| target.timeout.is_some())
}

/// Finds the targets after one that keeps every task.
pub(super) fn after_the_end(
    workflow: &str,
    index: usize,
    filter: &Filter,
    findings: &mut Vec<Finding>,
) {
    let Some((end, certainty)) = end(filter) else { return };
    let spot = |target| Spot::Target { workflow: workflow.to_owned(), filter: index, target };
    findings.extend((end + 1..filter.targets.len()).map(|after| Finding {
        related: vec![spot(end)],
        certainty,
        ..Finding::unreachable(FindingKind::TargetAfterEnd, spot(after))
    }));
}
