//! Mistakes of transfer workflows.

use super::{Finding, FindingKind};
use crate::model::Model;
use crate::routing::Spot;

/// What scripts look for in a workflow's name to find the one for chat transfers.
const CHAT_TRANSFER: &str = "Chat Transfer";

/// Finds the workflows that such a script may take for each other.
pub(super) fn ambiguous_names(model: &Model, findings: &mut Vec<Finding>) {
    let mut named = model.workflows.keys().filter(|name| name.contains(CHAT_TRANSFER));
    let Some(first) = named.next() else { return };
    let others: Vec<Spot> = named.map(|name| Spot::Workflow(name.clone())).collect();
    if !others.is_empty() {
        findings.push(Finding {
            related: others,
            name: Some(CHAT_TRANSFER.to_owned()),
            ..Finding::new(FindingKind::AmbiguousWorkflowName, Spot::Workflow(first.clone()))
        });
    }
}
