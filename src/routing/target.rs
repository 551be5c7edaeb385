//! What a target makes of a task: its priority, its timeout, and whether it is skipped.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::Choice;
use super::Worker;
use super::router::TargetPlan;
use super::trace::{Deadline, PriorityChange, SkipIf, TargetExit, TargetStep};
use super::walk::Walk;
use crate::expr::{Certainty, Path, Scope, Segment};
use crate::model::{QueueRef, Target};

impl Walk<'_> {
    /// Sets the priority, adds the timeout, and looks for workers.
    pub(super) fn enter(
        &mut self,
        plan: &TargetPlan,
        index: usize,
        queue: &QueueRef,
    ) -> TargetStep {
        let Target { queue: own, priority, timeout, .. } = plan.target;
        let before = self.priority;
        if let Some(priority) = *priority {
            self.priority = priority;
            self.past.skipped_priority = false;
        } else if self.past.skipped_priority {
            self.lean(Choice::PriorityAfterSkip);
        }
        let deadline = timeout.map(|timeout| {
            self.allowed = self.allowed.saturating_add(timeout);
            Deadline { timeout, age: self.allowed }
        });
        let mut step = TargetStep {
            target: index,
            queue: queue.to_string(),
            inherited: own.is_none(),
            age: self.age,
            priority: priority.map(|after| PriorityChange { before, after }),
            unknown: None,
            known_worker: None,
            workers: Vec::new(),
            offered: 0,
            not_shown: 0,
            elsewhere: 0,
            order_by: plan.order.canonical.clone(),
            skip_if: None,
            deadline,
            exit: TargetExit::Stays,
        };
        self.look_for_workers(plan, &mut step);
        step
    }

    /// Asks the skip condition, for nobody could be found.
    pub(super) fn skip(&mut self, plan: &TargetPlan, step: &mut TargetStep) {
        let Some(read) = &plan.skip_if else { return };
        let counts = self.counts(step, |_, inside| inside);
        let verdict = self.ask(read, &counts);
        // Of whom it is not certain that they are in the queue, as few as may be and as many.
        for doubtful in [false, true] {
            let others = self.counts(step, |certainty, inside| {
                if certainty > Certainty::Documented { doubtful } else { inside }
            });
            if read.holds(&others).0 != verdict.holds {
                self.doubt_queue(&step.queue);
            }
        }
        if verdict.holds {
            step.exit = TargetExit::Skipped;
        }
        step.skip_if = Some(SkipIf { verdict });
    }

    /// The workers of the target's queue by activity, when they are known: those whom `counted`
    /// takes in, given whether each is inside and how certain that is.
    fn counts(&self, step: &TargetStep, counted: impl Fn(Certainty, bool) -> bool) -> Counts {
        let mut counts = Counts::default();
        let Some((workers, members)) = self.crew.people(&step.queue) else { return counts };
        let mut activities = members.activities.clone();
        let mut change = |worker: &Worker, by: isize| {
            let activity = (worker.activity.clone(), worker.available);
            let count: &mut usize = activities.entry(activity).or_default();
            *count = count.saturating_add_signed(by);
        };
        for (at, certainty) in &members.doubtful {
            let inside = members.holds(*at);
            match (inside, counted(*certainty, inside)) {
                (true, false) => change(&workers[*at], -1),
                (false, true) => change(&workers[*at], 1),
                (true, true) | (false, false) => {}
            }
        }
        for ((activity, available), count) in activities {
            let side = if available { &mut counts.available } else { &mut counts.unavailable };
            *side += count;
            let sid = self.crew.router.sids.activity(&activity);
            *counts.activities.entry(sid).or_default() += count;
        }
        counts
    }
}

/// What a skip condition sees: how many workers of the queue are in which activity.
#[derive(Debug, Default)]
struct Counts {
    available: usize,
    unavailable: usize,
    /// By the activity's sid. Nobody is in one that is not here.
    activities: BTreeMap<String, usize>,
}

impl Scope for Counts {
    fn lookup<'a>(&'a self, path: &Path) -> Cow<'a, Value> {
        let [Segment::Key(workers), Segment::Key(name)] = &path.segments[..] else {
            return Cow::Owned(Value::Null);
        };
        Cow::Owned(match name.as_str() {
            _ if workers != "workers" => Value::Null,
            "available" => self.available.into(),
            "unavailable" => self.unavailable.into(),
            sid if sid.starts_with("WA") => {
                self.activities.get(sid).copied().unwrap_or_default().into()
            }
            _ => Value::Null,
        })
    }
}
