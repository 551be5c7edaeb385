//! Who comes into queues and who leaves them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::KnownWorkers;
use super::value::{Arrival, QueueShift, Way, WorkerGroup};
use super::way::Shape;
use crate::expr::{Certainty, Expr, LogicOp, Node, evaluate, flat};
use crate::model::{Address, Expression, Kind, Model};
use crate::routing::crew::Members;
use crate::routing::witness::{Goal, worker_scope, worker_witnesses};
use crate::routing::{Crew, Router, Worker, Workers};

/// Workers that are made up for one goal.
const WAYS: usize = 4;
/// Operands of one AND that are missed in turn.
const MISSES: usize = 6;
/// Workers that are told for one queue: names, and made-up attributes.
const NAMES: usize = 50;
const MADE_UP: usize = 3;
/// Tasks that are told for one queue.
const TASKS: usize = 50;

/// What comes to a queue, by queue.
pub(super) type Arrivals = BTreeMap<String, Coming>;

/// Tasks that come to a queue: one for each filter that sends them there.
#[derive(Debug, Default)]
pub(super) struct Coming {
    tasks: Vec<Arrival>,
    seen: BTreeSet<(String, Option<usize>)>,
}

/// Queues whose workers differ, still without the tasks that come to them; and how many queues
/// there are for which known workers were not looked at, since no more than `checks` may be.
pub(super) fn shifts(
    before: &Model,
    after: &Model,
    workers: &KnownWorkers,
    mut checks: usize,
) -> (Vec<QueueShift>, usize) {
    let pairs = workers.before.iter().zip(&workers.after);
    let changed = pairs.filter(|(before, after)| before != after);
    let (was, is) = changed.map(|(before, after)| (before.clone(), after.clone())).unzip();
    let changed = KnownWorkers { before: was, after: is };
    let routers = (Router::new(before), Router::new(after));
    let everybody = Crews::of((&routers.0, &routers.1), workers);
    let changed = Crews::of((&routers.0, &routers.1), &changed);
    let (mut found, mut unseen) = (Vec::new(), 0);
    for (name, was) in &before.queues {
        let is = after.queues.get(name).and_then(|queue| queue.target_workers.as_ref());
        let (Some(was), Some(is)) = (&was.target_workers, is) else { continue };
        let mut shift = Shift::new(name, was, is, workers.before.len());
        let asked = if was == is { &changed } else { &everybody };
        match checks.checked_sub(2 * asked.len()) {
            Some(left) => {
                checks = left;
                shift.look_at(name, asked);
            }
            None => {
                unseen += 1;
                shift.told.known = 0;
            }
        }
        if was != is {
            shift.make_up();
        }
        found.extend(shift.done());
    }
    (found, unseen)
}

/// The same workers on both sides.
struct Crews<'a> {
    before: Crew<'a>,
    after: Crew<'a>,
    workers: &'a [Worker],
}

impl<'a> Crews<'a> {
    fn of(routers: (&'a Router<'a>, &'a Router<'a>), workers: &'a KnownWorkers) -> Self {
        Self {
            before: routers.0.crew(Workers::Known(&workers.before)),
            after: routers.1.crew(Workers::Known(&workers.after)),
            workers: &workers.after,
        }
    }

    fn len(&self) -> usize {
        self.workers.len()
    }
}

/// Takes down which of certain queues a task comes to.
pub(super) fn note(
    arrivals: &mut Arrivals,
    queues: &BTreeSet<&str>,
    workflow: &str,
    shape: &Shape,
    way: &Way,
) {
    for stop in way.stops.iter().filter(|stop| queues.contains(stop.queue.as_str())) {
        let coming = arrivals.entry(stop.queue.clone()).or_default();
        if coming.seen.insert((workflow.to_owned(), stop.position)) {
            let task = shape.told.clone();
            coming.tasks.push(Arrival { workflow: workflow.to_owned(), task });
        }
    }
}

/// The shifts with the tasks that come to their queues.
pub(super) fn with_tasks(mut shifts: Vec<QueueShift>, mut arrivals: Arrivals) -> Vec<QueueShift> {
    for shift in &mut shifts {
        if let Some(Coming { mut tasks, seen: _ }) = arrivals.remove(&shift.queue) {
            shift.more = tasks.len().saturating_sub(TASKS);
            tasks.truncate(TASKS);
            shift.tasks = tasks;
        }
    }
    shifts
}

/// What is found out about one queue.
struct Shift {
    told: QueueShift,
    /// None when they have syntax errors.
    was: Option<Expr>,
    is: Option<Expr>,
    certainty: Option<Certainty>,
}

impl Shift {
    fn new(queue: &str, was: &Expression, is: &Expression, known: usize) -> Self {
        let read = |expression: &Expression| {
            let (tree, errors) = expression.parse();
            errors.is_empty().then_some(tree)
        };
        let told = QueueShift {
            queue: queue.to_owned(),
            before: was.canonical().to_string(),
            after: is.canonical().to_string(),
            leave: None,
            join: None,
            known,
            tasks: Vec::new(),
            more: 0,
            certainty: Certainty::Documented,
        };
        Self { told, was: read(was), is: read(is), certainty: None }
    }

    /// The group to tell of a worker who is in the queue on one side alone.
    fn group(
        &mut self,
        (was, doubt): (bool, Certainty),
        (is, other): (bool, Certainty),
    ) -> Option<&mut WorkerGroup> {
        if was == is {
            return None;
        }
        let doubt = doubt.max(other);
        self.certainty = Some(self.certainty.map_or(doubt, |known| known.min(doubt)));
        let group = if was { &mut self.told.leave } else { &mut self.told.join };
        Some(group.get_or_insert_default())
    }

    fn look_at(&mut self, queue: &str, crews: &Crews<'_>) {
        let people = crews.before.people(queue).zip(crews.after.people(queue));
        let Some(((_, before), (_, after))) = people else { return };
        let was: BTreeSet<usize> = before.inside.iter().copied().collect();
        let is: BTreeSet<usize> = after.inside.iter().copied().collect();
        for &at in was.symmetric_difference(&is) {
            let side = |members: &Members, inside: &BTreeSet<usize>| {
                let doubt = members.doubtful.get(&at).copied();
                (inside.contains(&at), doubt.unwrap_or(Certainty::Documented))
            };
            if let Some(group) = self.group(side(before, &was), side(after, &is)) {
                if group.names.len() < NAMES {
                    group.names.push(crews.workers[at].name.clone());
                } else {
                    group.more += 1;
                }
            }
        }
    }

    /// Workers who are in the queue on one side alone.
    fn make_up(&mut self) {
        let (was, is) = (self.was.clone(), self.is.clone());
        let mut made: Vec<Worker> = Vec::new();
        if let (Some(was), Some(is)) = (&was, &is) {
            made.extend(worker_witnesses(&[Goal::met(was), Goal::missed(is)], WAYS));
            made.extend(worker_witnesses(&[Goal::missed(was), Goal::met(is)], WAYS));
        }
        for expr in was.iter().chain(&is) {
            made.extend(worker_witnesses(&[Goal::met(expr)], WAYS));
            if let Node::Logic(LogicOp::And, operands) = &expr.node {
                let operands: Vec<&Expr> = flat(LogicOp::And, operands).collect();
                for missed in 0..operands.len().min(MISSES) {
                    let operands = operands.iter().enumerate();
                    let goals: Vec<Goal<'_>> =
                        operands.map(|(at, expr)| Goal { expr, holds: at != missed }).collect();
                    made.extend(worker_witnesses(&goals, 1));
                }
            }
        }
        for worker in made {
            let attributes = attributes(&worker);
            let sides = (is_in(was.as_ref(), &worker), is_in(is.as_ref(), &worker));
            if let Some(group) = self.group(sides.0, sides.1)
                && group.attributes.len() < MADE_UP
                && !group.attributes.contains(&attributes)
            {
                group.attributes.push(attributes);
            }
        }
    }

    fn done(mut self) -> Option<QueueShift> {
        self.told.certainty = self.certainty?;
        Some(self.told)
    }
}

fn is_in(expr: Option<&Expr>, worker: &Worker) -> (bool, Certainty) {
    let Some(expr) = expr else { return (false, Certainty::Unspecified) };
    let activity = Address::new(Kind::Activity, worker.activity.clone());
    let scope = worker_scope(worker).field("activity_sid", Expression::stand_in_sid(&activity));
    let evaluation = evaluate(expr, &scope);
    (evaluation.holds(), evaluation.certainty)
}

/// A made-up worker as attributes, with its own fields under their prefix.
fn attributes(worker: &Worker) -> Map<String, Value> {
    let mut attributes = worker.attributes.clone();
    let Worker { sid, name, activity, .. } = worker;
    for (key, text) in
        [("worker.sid", sid), ("worker.friendly_name", name), ("worker.activity_name", activity)]
    {
        if !text.is_empty() {
            attributes.insert(key.to_owned(), text.as_str().into());
        }
    }
    attributes
}
