//! The way of a task through the filters of a workflow, as `docs/routing.md` has it.

use std::collections::BTreeSet;

use super::read::{Leans, Read};
use super::router::{FilterPlan, Plan, TargetPlan};
use super::trace::{
    Cause, End, FilterStep, Gap, Step, TargetExit, TargetStep, Trace, Unknown, Verdict,
};
use super::{Choice, Crew, Task, UnknownWorkflow, Workers};
use crate::expr::{AttributeScope, Certainty, Clock, Timed};
use crate::model::QueueRef;

/// The version of a trace's form.
const VERSION: u32 = 1;

/// How much a trace tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Where the task goes.
    Way,
    /// Also why it goes nowhere else.
    Reasons,
}

/// A task on its way.
pub(super) struct Walk<'a> {
    pub(super) crew: &'a Crew<'a>,
    pub(super) task: &'a Task,
    pub(super) created: Clock,
    pub(super) detail: Detail,
    pub(super) age: u32,
    /// The age at which the way is looked at; none to follow it to its end.
    pub(super) now: Option<u32>,
    pub(super) priority: u32,
    /// The sum of the timeouts of the targets that the task came to.
    pub(super) allowed: u32,
    pub(super) past: Past,
    pub(super) certainty: Certainty,
    pub(super) leans: Leans,
    pub(super) depends_on_time: bool,
    pub(super) unknown: BTreeSet<Unknown>,
}

/// What the task has been through, as far as it matters later.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Past {
    /// Whether any target's timeout passed.
    pub(super) timed_out: bool,
    /// How the last target was left.
    pub(super) last: Option<Cause>,
    /// Whether a target was skipped.
    pub(super) skipped: bool,
    /// Whether the sum holds the timeout of a target that was skipped.
    pub(super) skipped_timeout: bool,
    /// Whether the sum holds the timeout of a target of an earlier filter.
    pub(super) earlier_timeout: bool,
    /// Whether the priority is that of a target that was skipped.
    pub(super) skipped_priority: bool,
}

pub(super) fn route(
    crew: &Crew,
    workflow: &str,
    task: &Task,
    created: Clock,
    detail: Detail,
) -> Result<Trace, UnknownWorkflow> {
    let plans = &crew.router.workflows;
    let plan = plans.get(workflow).ok_or_else(|| UnknownWorkflow(workflow.to_owned()))?;
    let mut walk = Walk {
        crew,
        task,
        created,
        detail,
        age: 0,
        now: None,
        priority: task.priority,
        allowed: 0,
        past: Past::default(),
        certainty: Certainty::Documented,
        leans: Leans::default(),
        depends_on_time: false,
        unknown: BTreeSet::new(),
    };
    if matches!(crew.workers, Workers::Unknown) {
        walk.unknown.insert(Unknown::Workers);
    }
    let mut steps = Vec::new();
    let end = walk.workflow(plan, &mut steps);
    Ok(Trace {
        version: VERSION,
        workflow: workflow.to_owned(),
        task: task.clone(),
        created,
        steps,
        end,
        certainty: walk.certainty,
        leans_on: walk.leans.into_vec(),
        depends_on_time: walk.depends_on_time,
        unknown: walk.unknown,
    })
}

impl Walk<'_> {
    /// From the first filter to the end.
    pub(super) fn workflow(&mut self, plan: &Plan, steps: &mut Vec<Step>) -> End {
        if plan.workflow.unreadable.is_some() {
            return End::Unknown { age: 0, reason: Gap::Unreadable };
        }
        if plan.workflow.filters.is_none() {
            self.unknown.insert(Unknown::Filters);
        }
        self.workflow_from(plan, 0, steps)
    }

    /// From this filter on.
    pub(super) fn workflow_from(
        &mut self,
        plan: &Plan,
        first: usize,
        steps: &mut Vec<Step>,
    ) -> End {
        let mut candidates = match self.detail {
            Detail::Reasons => (0..plan.filters.len()).collect(),
            Detail::Way => plan.index.candidates(&AttributeScope::task(&self.task.attributes)),
        };
        candidates.retain(|index| *index >= first);
        for index in candidates {
            let (step, end) = self.filter(&plan.filters[index], index);
            steps.extend(step.map(Step::Filter));
            if let Some(end) = end {
                return end;
            }
        }
        self.no_more_filters(plan, steps)
    }

    /// After the last filter.
    fn no_more_filters(&mut self, plan: &Plan, steps: &mut Vec<Step>) -> End {
        let age = self.age;
        if self.past.timed_out {
            if self.past.skipped {
                self.lean(Choice::PartlySkipped);
            }
            return End::Canceled { age, cause: self.past.last.unwrap_or(Cause::WorkflowTimeout) };
        }
        if let Some(target) = &plan.default_filter {
            let Some(queue) = &target.target.queue else {
                return End::Unknown { age, reason: Gap::NoQueue };
            };
            self.past.earlier_timeout |= self.allowed > 0;
            let step = self.target(target, 0, queue);
            let end = self.leave(&step).unwrap_or_else(|| {
                self.lean(Choice::LeavingDefaultFilter);
                let cause = self.past.last.unwrap_or(Cause::WorkflowTimeout);
                End::Canceled { age: self.age, cause }
            });
            steps.push(Step::DefaultFilter(step));
            return end;
        }
        if plan.workflow.default_filter.is_none() {
            self.unknown.insert(Unknown::DefaultFilter);
        }
        if self.past.skipped {
            return End::Canceled { age, cause: Cause::Skipped };
        }
        self.lean(Choice::Unrouted);
        End::Unrouted
    }

    /// Asks a filter, and goes through its targets when it takes the task. No step for one that
    /// does not, when the trace is told in short. No end when the task goes on to other filters.
    fn filter(&mut self, plan: &FilterPlan, index: usize) -> (Option<FilterStep>, Option<End>) {
        let verdict = self.ask_filter(plan);
        if !verdict.holds && self.detail == Detail::Way {
            return (None, None);
        }
        let (filter, name) = (index, plan.filter.name.clone());
        let mut step = FilterStep { filter, name, age: self.age, verdict, targets: Vec::new() };
        let end = if step.verdict.holds { self.targets(plan, &mut step.targets) } else { None };
        (Some(step), end)
    }

    fn ask_filter(&mut self, plan: &FilterPlan) -> Verdict {
        let attributes = AttributeScope::task(&self.task.attributes);
        let scope = Timed { clock: self.now(), scope: &attributes };
        let no_expression =
            plan.filter.expression.as_ref().is_none_or(|e| e.to_string().trim().is_empty());
        if no_expression {
            self.lean(Choice::NoExpression);
        }
        let mut leans = Leans::default();
        let verdict = plan.expression.verdict(&scope, &self.crew.router.sids, &mut leans);
        if !no_expression {
            self.leans.append(leans);
        }
        self.certainty = self.certainty.max(verdict.certainty);
        self.depends_on_time |= verdict.depends_on_time;
        if verdict.depends_on_time && self.age > 0 {
            self.lean(Choice::TimePasses);
        }
        verdict
    }

    /// Goes through the targets of a filter that took the task.
    fn targets(&mut self, plan: &FilterPlan, steps: &mut Vec<TargetStep>) -> Option<End> {
        let age = self.age;
        if plan.targets.is_empty() {
            return Some(End::Unknown { age, reason: Gap::NoTargets });
        }
        self.past.earlier_timeout |= self.allowed > 0;
        self.targets_from(plan, 0, None, steps)
    }

    /// Goes through the targets from this one on; `queue` is that of the target before it.
    pub(super) fn targets_from<'q>(
        &mut self,
        plan: &'q FilterPlan,
        first: usize,
        queue: Option<&'q QueueRef>,
        steps: &mut Vec<TargetStep>,
    ) -> Option<End> {
        let age = self.age;
        let mut queue = queue;
        for (index, target) in plan.targets.iter().enumerate().skip(first) {
            queue = target.target.queue.as_ref().or(queue);
            let Some(queue) = queue else {
                return Some(End::Unknown { age, reason: Gap::NoQueue });
            };
            let step = self.target(target, index, queue);
            let end = self.leave(&step);
            steps.push(step);
            if end.is_some() {
                return end;
            }
        }
        None
    }

    /// Takes down how a target was left; the end when it was not.
    pub(super) fn leave(&mut self, step: &TargetStep) -> Option<End> {
        let queue = step.queue.clone();
        match step.exit {
            TargetExit::Reserved => {
                let eligible = step.workers.iter().filter(|worker| worker.obstacles.is_empty());
                let workers = eligible.map(|worker| worker.name.clone()).collect();
                return Some(End::Reserved {
                    age: step.age,
                    queue,
                    workers,
                    offered: step.offered,
                });
            }
            TargetExit::Stays => {
                return Some(End::Waiting { since: step.age, queue, until: self.task.timeout });
            }
            TargetExit::Skipped => {
                self.past.skipped = true;
                self.past.last = Some(Cause::Skipped);
                self.past.skipped_timeout |= step.deadline.is_some();
                self.past.skipped_priority |= step.priority.is_some();
            }
            TargetExit::TimedOut => {
                self.past.timed_out = true;
                self.past.last = Some(Cause::WorkflowTimeout);
            }
        }
        None
    }

    /// A target that the task comes to.
    fn target(&mut self, plan: &TargetPlan, index: usize, queue: &QueueRef) -> TargetStep {
        let mut step = self.enter(plan, index, queue);
        if step.exit == TargetExit::Reserved {
            return step;
        }
        self.skip(plan, &mut step);
        if step.exit != TargetExit::Skipped {
            self.wait(plan, &mut step);
        }
        step
    }

    /// Nobody can take the task now: it waits for the target's timeout or its own.
    fn wait(&mut self, plan: &TargetPlan, step: &mut TargetStep) {
        if plan.expression.as_ref().is_some_and(|read| read.timed) {
            self.lean(Choice::TimePasses);
            self.depends_on_time = true;
        }
        let Some(deadline) = step.deadline else { return };
        if self.past.earlier_timeout {
            self.lean(Choice::DeadlineAcrossFilters);
        }
        if self.past.skipped_timeout {
            self.lean(Choice::DeadlineAfterSkip);
        }
        if deadline.age == self.task.timeout {
            self.lean(Choice::DeadlineAtTaskTimeout);
        }
        if self.now.is_some_and(|now| deadline.age > now) {
            return;
        }
        if deadline.age < self.task.timeout {
            self.age = self.age.max(deadline.age);
            step.exit = TargetExit::TimedOut;
        }
    }

    pub(super) fn lean(&mut self, choice: Choice) {
        self.leans.add(choice);
        self.certainty = self.certainty.max(choice.certainty());
    }

    /// The moment at which the task is as old as it is.
    pub(super) fn now(&self) -> Clock {
        self.created.after(i64::from(self.age))
    }

    /// Asks an expression, taking down what its verdict leans on.
    pub(super) fn ask(&mut self, read: &Read, scope: &dyn crate::expr::Scope) -> Verdict {
        let verdict = read.verdict(scope, &self.crew.router.sids, &mut self.leans);
        self.certainty = self.certainty.max(verdict.certainty);
        self.depends_on_time |= verdict.depends_on_time;
        verdict
    }
}
