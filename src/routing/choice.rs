//! What a way depends on where TaskRouter's documentation is silent.

use serde::Serialize;

use crate::expr::Certainty;

/// A choice that a way depends on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
pub struct Lean {
    pub choice: Choice,
    pub certainty: Certainty,
    /// What is taken to be so, as a sentence without its full stop.
    pub text: String,
    /// The page that explains the choice.
    pub page: &'static str,
}

/// A question that TaskRouter's documentation leaves open. Each is answered in `docs/routing.md`
/// or `docs/expressions.md`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// What a comparison is worth.
    Comparison,
    /// Which of AND and OR binds tighter.
    Precedence,
    /// What an expression with syntax errors is worth.
    SyntaxErrors,
    /// What a filter without an expression takes.
    NoExpression,
    /// What an empty target expression means.
    EmptyTargetExpression,
    /// Who is in a queue whose expression the model leaves alone.
    QueueLeftAlone,
    /// How timeouts add up from one filter to the next.
    DeadlineAcrossFilters,
    /// Whether the timeout of a skipped target counts.
    DeadlineAfterSkip,
    /// Which timeout ends a task when a target's and its own end together.
    DeadlineAtTaskTimeout,
    /// Whether the priority of a skipped target stays.
    PriorityAfterSkip,
    /// Whether a task that timed out in one target and skipped another has been skipped.
    PartlySkipped,
    /// What a timeout or a skip condition of a default filter does.
    LeavingDefaultFilter,
    /// Whether time variables are looked at again while a task waits.
    TimePasses,
    /// What a known worker's attribute means that is no path of a task attribute.
    KnownWorkerPath,
    /// Whether the case of a known worker's name matters.
    KnownWorkerCase,
    /// Which known worker counts when a target asks for two.
    TwoKnownWorkers,
    /// Where a worker stands whose sort key is no integer.
    NoInteger,
    /// What an `order_by` with syntax errors does.
    UnreadableOrder,
    /// What becomes of a task that no filter takes.
    Unrouted,
}

impl Choice {
    /// Every choice, in order.
    pub const ALL: [Self; 19] = [
        Self::Comparison,
        Self::Precedence,
        Self::SyntaxErrors,
        Self::NoExpression,
        Self::EmptyTargetExpression,
        Self::QueueLeftAlone,
        Self::DeadlineAcrossFilters,
        Self::DeadlineAfterSkip,
        Self::DeadlineAtTaskTimeout,
        Self::PriorityAfterSkip,
        Self::PartlySkipped,
        Self::LeavingDefaultFilter,
        Self::TimePasses,
        Self::KnownWorkerPath,
        Self::KnownWorkerCase,
        Self::TwoKnownWorkers,
        Self::NoInteger,
        Self::UnreadableOrder,
        Self::Unrouted,
    ];

    /// How far it can be trusted to be TaskRouter's own; of a comparison, at best.
    pub fn certainty(self) -> Certainty {
        match self {
            Self::Comparison
            | Self::Precedence
            | Self::EmptyTargetExpression
            | Self::QueueLeftAlone
            | Self::DeadlineAfterSkip
            | Self::DeadlineAtTaskTimeout
            | Self::PriorityAfterSkip
            | Self::TimePasses
            | Self::KnownWorkerCase
            | Self::NoInteger => Certainty::Assumed,
            Self::SyntaxErrors
            | Self::NoExpression
            | Self::DeadlineAcrossFilters
            | Self::PartlySkipped
            | Self::LeavingDefaultFilter
            | Self::KnownWorkerPath
            | Self::TwoKnownWorkers
            | Self::UnreadableOrder
            | Self::Unrouted => Certainty::Unspecified,
        }
    }

    /// What is taken to be so.
    pub fn text(self) -> &'static str {
        match self {
            Self::Comparison => "comparisons are worth what the truth tables say",
            Self::Precedence => "AND binds tighter than OR",
            Self::SyntaxErrors => "an expression that cannot be read never holds",
            Self::NoExpression => "a filter without an expression takes no task",
            Self::EmptyTargetExpression => "an empty target expression asks for nothing",
            Self::QueueLeftAlone => "a queue whose target_workers is left alone holds every worker",
            Self::DeadlineAcrossFilters => "timeouts go on adding up in the next filter",
            Self::DeadlineAfterSkip => "the timeout of a skipped target counts in the sum",
            Self::DeadlineAtTaskTimeout => {
                "a task whose own timeout ends with its target's is cancelled by its own"
            }
            Self::PriorityAfterSkip => "the priority that a skipped target set stays",
            Self::PartlySkipped => {
                "a task that timed out anywhere does not come to the default filter"
            }
            Self::LeavingDefaultFilter => {
                "a default filter's timeout and skip_if work like any target's"
            }
            Self::TimePasses => "the time counts when a task arrives, not while it waits",
            Self::KnownWorkerPath => "a known worker that is no path after `task.` is nobody",
            Self::KnownWorkerCase => "a known worker's name is found whatever its case",
            Self::TwoKnownWorkers => "known_worker_sid counts before known_worker_friendly_name",
            Self::NoInteger => "a worker whose sort key is no integer comes last by that key",
            Self::UnreadableOrder => "an order_by that cannot be read orders by nothing",
            Self::Unrouted => "a task that no filter takes is cancelled or refused",
        }
    }

    /// The page that explains the choice.
    pub fn page(self) -> &'static str {
        match self {
            Self::Comparison | Self::Precedence => "docs/expressions.md",
            _ => "docs/routing.md",
        }
    }

    /// The choice as what a way depends on.
    pub fn lean(self) -> Lean {
        Lean {
            choice: self,
            certainty: self.certainty(),
            text: self.text().to_owned(),
            page: self.page(),
        }
    }
}
