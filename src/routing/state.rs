//! Where a task is at one moment of its way.

use serde::Serialize;

use super::{Cause, End, Spot, Step, TargetStep, Trace};

/// Where a task is at one moment of its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct State<'t> {
    pub outcome: Outcome,
    /// The place and the name (empty for none) of the filter that the task is in, or was in when
    /// it was cancelled. None in the default filter, and where no filter took the task.
    pub filter: Option<(usize, &'t str)>,
    /// Whether that is the default filter.
    pub default_filter: bool,
    /// The place of the target in the filter.
    pub target: Option<usize>,
    /// By name.
    pub queue: Option<&'t str>,
    pub priority: u32,
    /// Who may be offered the task, in order. Empty unless it is reserved.
    pub workers: Vec<&'t str>,
    /// How many of them are offered it at once.
    pub offered: usize,
}

/// What has become of a task at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Offered to workers.
    Reserved,
    /// In a queue, and nobody can take it.
    Waiting,
    /// Cancelled.
    Canceled(Cause),
    /// No filter took it, and there is no default filter.
    Unrouted,
    /// Nobody can tell.
    Unknown,
}

impl Trace {
    /// Where the task is at this age, in seconds. An offer stays an offer: what workers make of it
    /// is not known.
    pub fn at(&self, age: u32) -> State<'_> {
        let mut state = State {
            outcome: Outcome::Waiting,
            filter: None,
            default_filter: false,
            target: None,
            queue: None,
            priority: self.task.priority,
            workers: Vec::new(),
            offered: 0,
        };
        for (filter, step) in self.targets().filter(|(_, step)| step.age <= age) {
            state.filter = filter;
            state.default_filter = filter.is_none();
            state.target = Some(step.target);
            state.queue = Some(&step.queue);
            state.priority = step.priority.map_or(state.priority, |priority| priority.after);
        }
        match &self.end {
            End::Reserved { age: at, workers, offered, .. } if age >= *at => {
                state.outcome = Outcome::Reserved;
                state.workers = workers.iter().map(String::as_str).collect();
                state.offered = *offered;
            }
            End::Canceled { age: at, cause } if age >= *at => {
                state.outcome = Outcome::Canceled(*cause);
            }
            End::Waiting { until, .. } if age >= *until => {
                state.outcome = Outcome::Canceled(Cause::TaskTimeout);
            }
            End::Unrouted => state.outcome = Outcome::Unrouted,
            End::Unknown { age: at, .. } if age >= *at => state.outcome = Outcome::Unknown,
            _ => {}
        }
        state
    }

    /// The targets that the task came to, in order, each with its filter's place and name; without
    /// one for the default filter.
    pub fn targets(&self) -> impl Iterator<Item = (Option<(usize, &str)>, &TargetStep)> {
        self.steps.iter().flat_map(|step| {
            let (filter, targets) = match step {
                Step::Filter(step) => {
                    (Some((step.filter, step.name.as_str())), step.targets.as_slice())
                }
                Step::DefaultFilter(step) => (None, std::slice::from_ref(step)),
            };
            targets.iter().map(move |target| (filter, target))
        })
    }

    /// The filters that took the task and the targets that it came to.
    pub fn spots(&self) -> Vec<Spot> {
        let workflow = || self.workflow.clone();
        let mut spots = Vec::new();
        for step in &self.steps {
            match step {
                Step::Filter(step) if step.verdict.holds => {
                    let filter = step.filter;
                    spots.push(Spot::Filter { workflow: workflow(), filter });
                    spots.extend(step.targets.iter().map(|step| Spot::Target {
                        workflow: workflow(),
                        filter,
                        target: step.target,
                    }));
                }
                Step::Filter(_) => {}
                Step::DefaultFilter(_) => spots.push(Spot::DefaultFilter { workflow: workflow() }),
            }
        }
        spots
    }
}
