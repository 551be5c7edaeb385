//! What the analysis of reachability has against a box, in a few words.

use std::collections::BTreeMap;

use crate::routing::Spot;
use crate::routing::reach::{Finding, FindingKind};

/// The marks of filters, queues and workflows.
pub fn marks(findings: &[Finding]) -> BTreeMap<Spot, Vec<String>> {
    let mut marks: BTreeMap<Spot, Vec<String>> = BTreeMap::new();
    for finding in findings {
        marks.entry(finding.spot.clone()).or_default().push(words(finding));
    }
    marks
}

fn words(finding: &Finding) -> String {
    let related: Vec<String> = finding.related.iter().map(place).collect();
    let takes = if related.len() == 1 { "takes" } else { "take" };
    let related = match related.as_slice() {
        [some @ .., last] if !some.is_empty() => format!("{} and {last}", some.join(", ")),
        related => related.concat(),
    };
    let queue = finding.queue.as_deref().unwrap_or_default();
    let name = finding.name.as_deref().unwrap_or_default();
    match finding.kind {
        FindingKind::CoveredFilter => format!("never reached: {related} {takes} its tasks"),
        FindingKind::DuplicateFilter => format!("never reached: the same as {related}"),
        FindingKind::RepeatedFilter => format!("repeats {related}"),
        FindingKind::NeverTrueFilter => {
            format!("never true: {}", finding.because.join(" excludes "))
        }
        FindingKind::TargetAfterEnd => format!("never reached: {related} keeps every task"),
        FindingKind::DefaultFilterUnreachable => {
            format!("never reached: {related} {takes} every task")
        }
        FindingKind::QueueWithoutFilter if related.is_empty() => "no filter leads here".to_owned(),
        FindingKind::QueueWithoutFilter => "no task comes here".to_owned(),
        FindingKind::NeverTrueQueue => "matches no worker whatsoever".to_owned(),
        FindingKind::EmptyQueue => "matches none of the workers".to_owned(),
        FindingKind::TransferQueueWithoutFilter => format!("no filter for transfers to {queue}"),
        FindingKind::TransferBelowCatchAll => format!("below {related}, which takes every task"),
        FindingKind::FilterNameMismatch => format!("is for {name}, routes to {queue}"),
        FindingKind::TransferToUnknownQueue => format!("asks for {name}, which is no queue"),
        FindingKind::NoDefaultFilter => "no default filter".to_owned(),
        FindingKind::AmbiguousWorkflowName => {
            format!("scripts that look for {name} may find {related}")
        }
    }
}

/// Without the workflow, which is the box's own.
fn place(spot: &Spot) -> String {
    match spot {
        Spot::Queue(name) | Spot::Workflow(name) => name.clone(),
        Spot::Filter { filter, .. } => format!("filter {}", filter + 1),
        Spot::Target { filter, target, .. } => {
            format!("target {} of filter {}", target + 1, filter + 1)
        }
        Spot::DefaultFilter { .. } => "the default filter".to_owned(),
    }
}
