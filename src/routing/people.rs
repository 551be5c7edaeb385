//! Who may be offered a task that comes to a target.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::Value;

use super::crew::Members;
use super::known_worker::{self, Wanted};
use super::read::{Leans, Read};
use super::router::{QueuePlan, TargetPlan};
use super::trace::{KnownWorker, Obstacle, TargetExit, TargetStep, Unknown, WorkerStep};
use super::walk::{Detail, Walk};
use super::{Choice, Worker, Workers};
use crate::expr::{self, AttributeScope, Certainty, Rank, Scope, TargetScope, Timed};

/// How many workers who are not offered the task are told of.
const SHOWN: usize = 100;

/// The workers of a queue, seen from a target.
struct Seen<'a> {
    plan: &'a TargetPlan<'a>,
    queue: &'a QueuePlan,
    wanted: Option<&'a Wanted>,
    workers: &'a [Worker],
    members: &'a Members,
    /// Places of those who may be offered the task, in order.
    eligible: Vec<usize>,
    /// Places of the others.
    others: Vec<usize>,
    /// Those of whom the target's expression decides, with whether it holds, where that is not
    /// documented or depends on the time.
    doubtful: Vec<(usize, bool, Certainty)>,
}

impl Walk<'_> {
    pub(super) fn look_for_workers(&mut self, plan: &TargetPlan, step: &mut TargetStep) {
        let crew = self.crew;
        let wanted = self.wanted(plan);
        let queue = crew.router.queues.get(step.queue.as_str());
        let (Some((workers, members)), Some(queue)) = (crew.people(&step.queue), queue) else {
            let unknown = match crew.workers {
                Workers::Unknown => Unknown::Workers,
                Workers::Known(_) => Unknown::Queue { queue: step.queue.clone() },
            };
            step.known_worker = wanted.map(|wanted| wanted.among(None, &crew.router.sids));
            step.unknown = Some(unknown.clone());
            self.unknown.insert(unknown);
            return;
        };
        let wanted = wanted.as_ref();
        step.known_worker =
            wanted.map(|wanted| wanted.among(Some((workers, members)), &crew.router.sids));
        step.elsewhere = workers.len() - members.inside.len();
        let seen = self.see(Seen {
            plan,
            queue,
            wanted,
            workers,
            members,
            eligible: Vec::new(),
            others: Vec::new(),
            doubtful: Vec::new(),
        });
        self.doubts(&seen, step);
        let sorted = self.sort(&seen, step);
        let name = |at: usize| workers[at].name.clone();
        step.offered = sorted.len().min(queue.max_reserved_workers);
        step.workers
            .extend(sorted.iter().map(|&at| WorkerStep { name: name(at), obstacles: Vec::new() }));
        let shown = if self.detail == Detail::Way { 0 } else { SHOWN };
        step.not_shown = seen.others.len().saturating_sub(shown);
        for &at in seen.others.iter().take(shown) {
            let obstacles = self.obstacles(&seen, step.known_worker.as_ref(), &workers[at]);
            step.workers.push(WorkerStep { name: name(at), obstacles });
        }
        if !sorted.is_empty() {
            step.exit = TargetExit::Reserved;
        }
    }

    /// The worker that the target asks for.
    fn wanted(&mut self, plan: &TargetPlan) -> Option<Wanted> {
        if plan.known_worker_sid.is_some() && plan.known_worker_friendly_name.is_some() {
            self.lean(Choice::TwoKnownWorkers);
        }
        let wanted = known_worker::wanted(plan, &self.task.attributes)?;
        if wanted.no_path {
            self.lean(Choice::KnownWorkerPath);
        }
        Some(wanted)
    }

    /// Tells those who may be offered the task from the others.
    fn see<'s>(&self, mut seen: Seen<'s>) -> Seen<'s> {
        for &at in &seen.members.inside {
            let (decides, holds, certainty) = self.judge(&seen, at);
            let timed = seen.plan.expression.as_ref().is_some_and(|read| read.timed);
            if decides && (timed || certainty > Certainty::Documented) {
                seen.doubtful.push((at, holds, certainty));
            }
            if decides && holds { &mut seen.eligible } else { &mut seen.others }.push(at);
        }
        seen
    }

    /// Whether the target's expression decides of a worker, who is then free and asked for; whether
    /// it holds; and how certain that is.
    fn judge(&self, seen: &Seen, at: usize) -> (bool, bool, Certainty) {
        let worker = &seen.workers[at];
        let free = worker.is_free(&self.task.task_channel);
        if !free || !seen.wanted.is_none_or(|wanted| wanted.is(worker)) {
            return (false, false, Certainty::Documented);
        }
        let Some(read) = &seen.plan.expression else { return (true, true, Certainty::Documented) };
        let target = self.scope(read, worker);
        let (holds, certainty) = read.holds(&Timed { clock: self.now(), scope: &target });
        (true, holds, certainty)
    }

    /// What a target's expression sees.
    fn scope<'w>(&'w self, read: &Read, worker: &'w Worker) -> TargetScope<'w> {
        TargetScope {
            task: AttributeScope::task(&self.task.attributes),
            worker: read.worker(worker, &self.crew.router.sids),
        }
    }

    /// Takes down what the outcome leans on: of those who may be offered the task, whether they
    /// may; when nobody may, of those who are free, why they may not.
    fn doubts(&mut self, seen: &Seen, step: &TargetStep) {
        if seen.queue.left_alone && !seen.workers.is_empty() {
            self.lean(Choice::QueueLeftAlone);
        }
        if seen.plan.expression.is_none() && seen.plan.target.expression.is_some() {
            self.lean(Choice::EmptyTargetExpression);
        }
        let somebody = !seen.eligible.is_empty();
        let by_case =
            |wanted: &Wanted| seen.eligible.iter().any(|&at| wanted.by_case(&seen.workers[at]));
        if seen.wanted.is_some_and(by_case) {
            self.lean(Choice::KnownWorkerCase);
        }
        for &at in seen.members.doubtful.keys() {
            let matters = if somebody {
                seen.eligible.binary_search(&at).is_ok()
            } else {
                let (decides, holds, certainty) = self.judge(seen, at);
                !seen.members.holds(at) && decides && (holds || certainty > Certainty::Documented)
            };
            if matters {
                self.doubt_member(&step.queue, at);
            }
        }
        let Some(read) = &seen.plan.expression else { return };
        for &(at, holds, certainty) in &seen.doubtful {
            if holds != somebody {
                continue;
            }
            self.certainty = self.certainty.max(certainty);
            let new_lean = certainty > Certainty::Documented && self.leans.has_room();
            if new_lean || (read.timed && !self.depends_on_time) {
                let attributes = AttributeScope::task(&self.task.attributes);
                let worker = read.worker(&seen.workers[at], &self.crew.router.sids);
                let target = TargetScope { task: attributes, worker };
                self.ask(read, &Timed { clock: self.now(), scope: &target });
            }
        }
    }

    /// Takes down that the outcome leans on whether a worker is in a queue.
    fn doubt_member(&mut self, queue: &str, at: usize) {
        let crew = self.crew;
        let Some((workers, members)) = crew.people(queue) else { return };
        let Some(queue) = crew.router.queues.get(queue) else { return };
        let certainty = members.doubtful.get(&at).copied().unwrap_or(Certainty::Documented);
        self.certainty = self.certainty.max(certainty);
        if self.leans.has_room() {
            let scope = queue.expression.worker(&workers[at], &crew.router.sids);
            self.ask(&queue.expression, &scope);
        }
    }

    /// Takes down that the outcome leans on who is in a queue.
    pub(super) fn doubt_queue(&mut self, queue: &str) {
        let Some((_, members)) = self.crew.people(queue) else { return };
        members.doubtful.keys().for_each(|&at| self.doubt_member(queue, at));
    }

    /// Those who may be offered the task, in the order in which they are.
    fn sort(&mut self, seen: &Seen, step: &TargetStep) -> Vec<usize> {
        let Seen { plan, workers, .. } = seen;
        let mut sorted = seen.eligible.clone();
        if plan.order.unreadable && sorted.len() > 1 {
            self.lean(Choice::UnreadableOrder);
        }
        let whole = |number: f64| number.fract() == 0.0;
        let integer = |value: &Value| value.is_null() || value.as_f64().is_some_and(whole);
        let mut no_integer = false;
        let mut rank = |&at: &usize| {
            let scope = plan.order.fields.of(&workers[at], &self.crew.router.sids);
            let keys = &plan.order.keys;
            no_integer |= keys.iter().any(|key| !integer(&scope.lookup(&key.path)));
            (at, expr::rank(keys, &scope))
        };
        let ranks: BTreeMap<usize, Rank> = sorted.iter().map(&mut rank).collect();
        if no_integer && sorted.len() > 1 {
            self.lean(Choice::NoInteger);
        }
        // Who waits longest comes first, and those of whom it is not known last.
        sorted.sort_by_key(|at| (&ranks[at], Reverse(workers[*at].idle)));
        let at_once = seen.queue.max_reserved_workers;
        if let Some(&[last, next]) = sorted.get(at_once.saturating_sub(1)..=at_once)
            && ranks[&last] == ranks[&next]
            && (workers[last].idle.is_none() || workers[next].idle.is_none())
        {
            self.unknown.insert(Unknown::Idle { queue: step.queue.clone() });
        }
        sorted
    }

    /// Everything that keeps a worker of the queue from the task.
    fn obstacles(
        &self,
        seen: &Seen,
        known_worker: Option<&KnownWorker>,
        worker: &Worker,
    ) -> Vec<Obstacle> {
        let mut obstacles = Vec::new();
        let task_channel = || self.task.task_channel.clone();
        let channel = worker.channel(&self.task.task_channel);
        if !worker.available {
            obstacles.push(Obstacle::Activity { activity: worker.activity.clone() });
        }
        if !channel.available {
            obstacles.push(Obstacle::Channel { task_channel: task_channel() });
        }
        if !channel.has_room() {
            obstacles.push(Obstacle::Capacity {
                task_channel: task_channel(),
                configured_capacity: channel.load.configured_capacity,
                reservations: channel.load.reservations,
            });
        }
        if let Some(KnownWorker { attribute, value, .. }) = known_worker
            && !seen.wanted.is_some_and(|wanted| wanted.is(worker))
        {
            let (attribute, value) = (attribute.clone(), value.clone());
            obstacles.push(Obstacle::KnownWorker { attribute, value });
        }
        if let Some(read) = &seen.plan.expression {
            let target = self.scope(read, worker);
            let scope = Timed { clock: self.now(), scope: &target };
            if !read.holds(&scope).0 {
                let sids = &self.crew.router.sids;
                obstacles.push(Obstacle::Expression(read.verdict(
                    &scope,
                    sids,
                    &mut Leans::default(),
                )));
            }
        }
        obstacles
    }
}
