//! What a target makes of a task: who may be offered it, and whether it is skipped.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::Value;

use super::crew::Members;
use super::known_worker::{self, Wanted};
use super::read::{Leans, Read};
use super::router::TargetPlan;
use super::trace::{
    Deadline, KnownWorker, Obstacle, PriorityChange, SkipIf, TargetExit, TargetStep, Unknown,
    WorkerStep,
};
use super::walk::{Detail, Walk};
use super::{Choice, Worker, Workers};
use crate::expr::{
    self, AttributeScope, Certainty, Path, Rank, Scope, Segment, TargetScope, Timed,
};
use crate::model::{QueueRef, Target};

/// How many workers who are not offered the task are told of.
const SHOWN: usize = 100;

/// The workers of a queue, seen from a target.
struct Seen<'a> {
    workers: &'a [Worker],
    members: &'a Members,
    /// Places of those who may be offered the task, in order.
    eligible: Vec<usize>,
    /// Places of the others.
    others: Vec<usize>,
}

impl<'a> Walk<'a> {
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
        self.look_for_workers(plan, queue, &mut step);
        step
    }

    fn look_for_workers(&mut self, plan: &TargetPlan, queue: &QueueRef, step: &mut TargetStep) {
        let wanted = self.wanted(plan);
        let crew = self.crew;
        let members = match queue {
            QueueRef::Name(name) => crew.members(name),
            QueueRef::Sid(_) => None,
        };
        let (Workers::Known(workers), Some(members)) = (crew.workers, members) else {
            let unknown = match crew.workers {
                Workers::Unknown => Unknown::Workers,
                Workers::Known(_) => Unknown::Queue { queue: step.queue.clone() },
            };
            step.known_worker = wanted.map(|wanted| self.named(wanted.among(None, None)));
            step.unknown = Some(unknown.clone());
            self.unknown.insert(unknown);
            return;
        };
        step.known_worker =
            wanted.as_ref().map(|wanted| self.named(wanted.among(Some(workers), Some(members))));
        step.elsewhere = workers.len() - members.inside.len();
        let mut seen = Seen { workers, members, eligible: Vec::new(), others: Vec::new() };
        for &at in &members.inside {
            let worker = &workers[at];
            let free = worker.is_free(&self.task.task_channel);
            let asked_for = wanted.as_ref().is_none_or(|wanted| wanted.is(worker));
            let holds = free && asked_for && self.target_holds(plan, worker).0;
            if holds { &mut seen.eligible } else { &mut seen.others }.push(at);
        }
        self.doubts(plan, queue, wanted.as_ref(), &seen);
        let sorted = self.sort(plan, &step.queue, seen.eligible, workers, queue);
        step.offered = sorted.len().min(self.at_once(queue));
        step.workers = sorted
            .iter()
            .map(|&at| WorkerStep { name: workers[at].name.clone(), obstacles: Vec::new() })
            .collect();
        let shown = if self.detail == Detail::Way { 0 } else { SHOWN };
        step.not_shown = seen.others.len().saturating_sub(shown);
        for &at in seen.others.iter().take(shown) {
            let obstacles = self.obstacles(plan, step.known_worker.as_ref(), &workers[at], &wanted);
            step.workers.push(WorkerStep { name: workers[at].name.clone(), obstacles });
        }
        if !sorted.is_empty() {
            step.exit = TargetExit::Reserved;
        }
    }

    /// How many workers a queue's task is offered to at once.
    fn at_once(&self, queue: &QueueRef) -> usize {
        let QueueRef::Name(name) = queue else { return 1 };
        self.crew.router.queues.get(name.as_str()).map_or(1, |queue| queue.max_reserved_workers)
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

    fn target_holds(&self, plan: &TargetPlan, worker: &Worker) -> (bool, Certainty) {
        plan.expression.as_ref().map_or((true, Certainty::Documented), |read| {
            let target = self.scope(read, worker);
            read.holds(&Timed { clock: self.now(), scope: &target })
        })
    }

    /// What a target's expression sees.
    fn scope<'w>(&self, read: &Read, worker: &'w Worker) -> TargetScope<'w>
    where
        'a: 'w,
    {
        TargetScope {
            task: AttributeScope::task(&self.task.attributes),
            worker: read.worker(worker, &self.crew.router.sids),
        }
    }

    /// Takes down what the outcome leans on: of those who may be offered the task, whether they
    /// may; when nobody may, of those who are free, why they may not.
    fn doubts(
        &mut self,
        plan: &TargetPlan,
        queue: &QueueRef,
        wanted: Option<&Wanted>,
        seen: &Seen,
    ) {
        let Seen { workers, members, eligible, others } = seen;
        let crew = self.crew;
        let QueueRef::Name(name) = queue else { return };
        let Some(queue) = crew.router.queues.get(name.as_str()) else { return };
        if queue.left_alone && !workers.is_empty() {
            self.lean(Choice::QueueLeftAlone);
        }
        if plan.expression.is_none() && plan.target.expression.is_some() {
            self.lean(Choice::EmptyTargetExpression);
        }
        let channel = &self.task.task_channel;
        let matters = |at: &usize| {
            let worker = &workers[*at];
            worker.is_free(channel) && wanted.is_none_or(|wanted| wanted.is(worker))
        };
        let somebody = !eligible.is_empty();
        let doubtful: Vec<(usize, Certainty)> = members
            .doubtful
            .iter()
            .filter(|(at, _)| {
                let inside = members.inside.binary_search(at).is_ok();
                inside == somebody && matters(at) && (!somebody || eligible.contains(at))
            })
            .map(|(at, certainty)| (*at, *certainty))
            .collect();
        for (at, certainty) in doubtful {
            self.certainty = self.certainty.max(certainty);
            if self.leans.has_room() {
                let scope = queue.expression.worker(&workers[at], &crew.router.sids);
                self.ask(&queue.expression, &scope);
            }
        }
        let Some(read) = &plan.expression else { return };
        for &at in if somebody { eligible } else { others } {
            if somebody || matters(&at) {
                self.doubt(read, &workers[at]);
            }
        }
        if somebody
            && wanted.is_some_and(|wanted| eligible.iter().any(|&at| wanted.by_case(&workers[at])))
        {
            self.lean(Choice::KnownWorkerCase);
        }
    }

    /// Takes down what a target expression's verdict on one worker leans on.
    fn doubt(&mut self, read: &Read, worker: &Worker) {
        let target = self.scope(read, worker);
        let scope = Timed { clock: self.now(), scope: &target };
        let (_, certainty) = read.holds(&scope);
        self.certainty = self.certainty.max(certainty);
        if read.timed || (certainty > Certainty::Documented && self.leans.has_room()) {
            self.ask(read, &scope);
        }
    }

    /// Puts workers into the order in which they are offered the task.
    fn sort(
        &mut self,
        plan: &TargetPlan,
        name: &str,
        mut eligible: Vec<usize>,
        workers: &[Worker],
        queue: &QueueRef,
    ) -> Vec<usize> {
        if plan.order.unreadable && eligible.len() > 1 {
            self.lean(Choice::UnreadableOrder);
        }
        let keys = &plan.order.keys;
        let sids = &self.crew.router.sids;
        let mut no_integer = false;
        let ranks: BTreeMap<usize, Rank> = eligible
            .iter()
            .map(|&at| {
                let scope = plan.order.fields.of(&workers[at], sids);
                let integer = |value: &Value| value.is_null() || value.is_i64() || value.is_u64();
                no_integer |= keys.iter().any(|key| !integer(&scope.lookup(&key.path)));
                (at, expr::rank(keys, &scope))
            })
            .collect();
        if no_integer && eligible.len() > 1 {
            self.lean(Choice::NoInteger);
        }
        eligible.sort_by_key(|at| (&ranks[at], Reverse(workers[*at].idle)));
        let at_once = self.at_once(queue);
        let equal = |a: usize, b: usize| {
            ranks[&a] == ranks[&b] && (workers[a].idle.is_none() || workers[b].idle.is_none())
        };
        let last = eligible.get(at_once.wrapping_sub(1)).copied();
        if let (Some(last), Some(next)) = (last, eligible.get(at_once).copied())
            && equal(last, next)
        {
            self.unknown.insert(Unknown::Idle { queue: name.to_owned() });
        }
        eligible
    }

    /// The known worker with a name for the sid that the task gives.
    fn named(&self, known_worker: KnownWorker) -> KnownWorker {
        let value = self.crew.router.sids.named_value(known_worker.value);
        KnownWorker { value, ..known_worker }
    }

    /// Everything that keeps a worker of the queue from the task.
    fn obstacles(
        &self,
        plan: &TargetPlan,
        known_worker: Option<&KnownWorker>,
        worker: &Worker,
        wanted: &Option<Wanted>,
    ) -> Vec<Obstacle> {
        let mut obstacles = Vec::new();
        let task_channel = || self.task.task_channel.clone();
        let channel = worker.channel(&self.task.task_channel);
        if !worker.available {
            obstacles.push(Obstacle::Activity { activity: worker.activity.clone() });
        }
        if !channel.available {
            obstacles.push(Obstacle::Channel { task_channel: task_channel() });
        } else if !channel.has_room() {
            obstacles.push(Obstacle::Capacity {
                task_channel: task_channel(),
                configured_capacity: channel.load.configured_capacity,
                reservations: channel.load.reservations,
            });
        }
        if let Some(known_worker) = known_worker
            && !wanted.as_ref().is_some_and(|wanted| wanted.is(worker))
        {
            let KnownWorker { attribute, value, .. } = known_worker.clone();
            obstacles.push(Obstacle::KnownWorker { attribute, value });
        }
        if let Some(read) = &plan.expression {
            let target = self.scope(read, worker);
            let scope = Timed { clock: self.now(), scope: &target };
            let sids = &self.crew.router.sids;
            if !read.holds(&scope).0 {
                let verdict = read.verdict(&scope, sids, &mut Leans::default());
                obstacles.push(Obstacle::Expression(verdict));
            }
        }
        obstacles
    }

    /// Asks the skip condition, for nobody could be found.
    pub(super) fn skip(&mut self, plan: &TargetPlan, step: &mut TargetStep) {
        let Some(read) = &plan.skip_if else { return };
        let mut counts = Counts::default();
        if let Some(members) = self.crew.members(&step.queue).filter(|_| step.unknown.is_none()) {
            for ((activity, available), count) in &members.activities {
                let side = if *available { &mut counts.available } else { &mut counts.unavailable };
                *side += count;
                let sid = self.crew.router.sids.activity(activity);
                *counts.activities.entry(sid).or_default() += count;
            }
        }
        let verdict = self.ask(read, &counts);
        if verdict.holds {
            step.exit = TargetExit::Skipped;
        }
        step.skip_if = Some(SkipIf { verdict });
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
