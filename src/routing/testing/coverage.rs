//! Which filters and targets no test exercises.

use std::collections::BTreeSet;

use serde::Serialize;

use super::TestRun;
use crate::model::{Model, Workflow};
use crate::routing::Spot;

/// What the tests exercise: a filter when the task of a test is taken by it before the last moment
/// that the test looks at, a target when the task comes to it. A default filter counts as a filter
/// with one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Coverage {
    pub filters: Share,
    pub targets: Share,
    /// Those that have filters or a default filter, by name.
    pub workflows: Vec<WorkflowCoverage>,
}

/// How many of some are exercised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Share {
    pub exercised: usize,
    pub total: usize,
    /// Rounded down: 100 means all.
    pub percent: usize,
}

/// One workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct WorkflowCoverage {
    /// By name.
    pub workflow: String,
    pub filters: Share,
    pub targets: Share,
    /// The filters that are not exercised, or not all of whose targets are, in order.
    pub missed: Vec<Missed>,
}

/// A filter with something that no test exercises.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Missed {
    /// Its place in the workflow, from 0; none for the default filter.
    pub filter: Option<usize>,
    /// Empty when it has none, and for the default filter.
    pub name: String,
    /// Whether a test exercises the filter itself.
    pub exercised: bool,
    /// The places, from 0, of the targets that no test comes to.
    pub targets: Vec<usize>,
}

impl Share {
    fn of(exercised: usize, total: usize) -> Self {
        let percent = (exercised * 100).checked_div(total).unwrap_or(100);
        Self { exercised, total, percent }
    }

    fn sum(shares: impl Iterator<Item = Self>) -> Self {
        let (exercised, total) = shares.fold((0, 0), |(exercised, total), share| {
            (exercised + share.exercised, total + share.total)
        });
        Self::of(exercised, total)
    }
}

/// What these runs exercise of the model.
pub fn coverage<'r>(model: &Model, runs: impl IntoIterator<Item = &'r TestRun>) -> Coverage {
    let spots: BTreeSet<Spot> = runs.into_iter().flat_map(TestRun::spots).collect();
    let workflows: Vec<WorkflowCoverage> = model
        .workflows
        .iter()
        .map(|(name, workflow)| of_workflow(name, workflow, &spots))
        .filter(|workflow| workflow.filters.total > 0)
        .collect();
    Coverage {
        filters: Share::sum(workflows.iter().map(|workflow| workflow.filters)),
        targets: Share::sum(workflows.iter().map(|workflow| workflow.targets)),
        workflows,
    }
}

fn of_workflow(name: &str, workflow: &Workflow, spots: &BTreeSet<Spot>) -> WorkflowCoverage {
    let (mut filters, mut targets) = ((0, 0), (0, 0));
    let mut missed = Vec::new();
    for (index, filter) in workflow.filters.iter().flatten().enumerate() {
        let workflow = || name.to_owned();
        let exercised = spots.contains(&Spot::Filter { workflow: workflow(), filter: index });
        let not_reached: Vec<usize> = (0..filter.targets.len())
            .filter(|target| {
                let target = *target;
                !spots.contains(&Spot::Target { workflow: workflow(), filter: index, target })
            })
            .collect();
        filters = (filters.0 + usize::from(exercised), filters.1 + 1);
        let reached = filter.targets.len() - not_reached.len();
        targets = (targets.0 + reached, targets.1 + filter.targets.len());
        if !exercised || !not_reached.is_empty() {
            let name = filter.name.clone();
            missed.push(Missed { filter: Some(index), name, exercised, targets: not_reached });
        }
    }
    if workflow.default_filter.iter().flatten().next().is_some() {
        let exercised = spots.contains(&Spot::DefaultFilter { workflow: name.to_owned() });
        filters = (filters.0 + usize::from(exercised), filters.1 + 1);
        targets = (targets.0 + usize::from(exercised), targets.1 + 1);
        if !exercised {
            let name = String::new();
            missed.push(Missed { filter: None, name, exercised, targets: vec![0] });
        }
    }
    WorkflowCoverage {
        workflow: name.to_owned(),
        filters: Share::of(filters.0, filters.1),
        targets: Share::of(targets.0, targets.1),
        missed,
    }
}
