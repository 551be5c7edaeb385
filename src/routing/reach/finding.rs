//! What is found.

use serde::Serialize;

use crate::expr::Certainty;
use crate::routing::{Spot, Worker};

/// What the analysis may know beside the model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// All workers of the workspace; none when they are not known, and then no queue is found to
    /// be empty.
    pub workers: Option<&'a [Worker]>,
}

/// Something that nothing reaches, or a likely mistake on the way there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub kind: FindingKind,
    /// What it is about.
    pub spot: Spot,
    /// What it is because of, in order: the filters that take the tasks first, the target that
    /// keeps them, the other workflow.
    pub related: Vec<Spot>,
    /// How far the finding rests on results that the vendor does not document. A finding that is
    /// `Documented` holds in every reading of the language.
    pub certainty: Certainty,
    /// Whether no task ever comes to `spot`.
    pub unreachable: bool,
    /// The queue that it is about, by name, where `spot` is not that queue itself.
    pub queue: Option<String>,
    /// A name or a constant that is compared, as the kind says.
    pub name: Option<String>,
    /// The comparisons that decide, in canonical form.
    pub because: Vec<String>,
}

/// The kinds of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Every task that the filter would take is taken, and kept, by earlier filters (`related`).
    CoveredFilter,
    /// The same, by one filter with the same expression.
    DuplicateFilter,
    /// Expression and targets are those of an earlier filter that lets tasks go: tasks go through
    /// the same targets twice. Reachable.
    RepeatedFilter,
    /// The expression holds for no task; `because` has comparisons that exclude each other.
    NeverTrueFilter,
    /// An earlier target of the filter (`related`) keeps every task.
    TargetAfterEnd,
    /// No task comes to the default filter: other filters (`related`) take every task, and who
    /// leaves them by a timeout is cancelled.
    DefaultFilterUnreachable,
    /// No reachable target of any workflow names the queue; `related` has the unreachable ones.
    QueueWithoutFilter,
    /// The queue's `target_workers` holds for no worker whatsoever, and is no plain `1==0`.
    NeverTrueQueue,
    /// The queue's `target_workers` matches none of the known workers, and is not `1==0`.
    EmptyQueue,
    /// A transfer workflow (`spot`) that has filters for single queues has none for `queue`.
    /// `unreachable` means that such a transfer is lost: nothing else takes it.
    TransferQueueWithoutFilter,
    /// A transfer filter stands below a filter (`related`) that takes every task. Without
    /// `unreachable` tasks come to it when that filter's timeouts have passed.
    TransferBelowCatchAll,
    /// The filter is for the queue `name`, by its name or its expression, and routes to `queue`.
    FilterNameMismatch,
    /// The filter asks for a transfer to `name`, which is no queue; it routes to `queue`.
    TransferToUnknownQueue,
    /// A transfer workflow has no default filter, and not every task is taken by its filters.
    NoDefaultFilter,
    /// More than one workflow's name holds `name` (`related` has the others): scripts that look
    /// it up by that pattern take the last one.
    AmbiguousWorkflowName,
}

impl Finding {
    /// A certain finding about a spot that tasks may reach.
    pub(super) fn new(kind: FindingKind, spot: Spot) -> Self {
        Self {
            kind,
            spot,
            related: Vec::new(),
            certainty: Certainty::Documented,
            unreachable: false,
            queue: None,
            name: None,
            because: Vec::new(),
        }
    }

    /// The same, about a spot that no task reaches.
    pub(super) fn unreachable(kind: FindingKind, spot: Spot) -> Self {
        Self { unreachable: true, ..Self::new(kind, spot) }
    }
}
