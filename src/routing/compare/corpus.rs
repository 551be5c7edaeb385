//! The kinds of tasks that two sides of a workflow are asked about.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use serde_json::{Map, Value};

use super::way::{Shape, Side};
use super::{GivenTask, TaskShape};
use crate::expr::{Clock, Expr, LogicOp, Node, flat};
use crate::model::{Address, Expression, Kind, Model, QueueRef, Text, Workflow};
use crate::routing::Task;
use crate::routing::witness::{Goal, moments, task_witness, task_witnesses};

/// A Monday, 10:00: when tasks are created if no filter asks for the time.
pub(super) const ANY_MOMENT: Clock = Clock::from_unix(1_704_103_200);
/// Ways through one filter's ORs and lists that are made up.
const WAYS: usize = 4;
/// Operands of one filter's AND that are missed in turn.
const MISSES: usize = 6;
/// Pairs of filters for which tasks are made up that both would take.
const PAIRS: usize = 500;
/// Filters that are kept out of a task's way until it comes to the one that it is made for.
const EVASIONS: usize = 4;

/// A workflow on both sides.
pub(super) struct Sides<'s, 'm> {
    pub(super) name: &'s str,
    pub(super) was: &'s Workflow,
    pub(super) is: &'s Workflow,
    pub(super) before: &'s Side<'m>,
    pub(super) after: &'s Side<'m>,
    /// What a made-up sid stands for.
    pub(super) names: &'s BTreeMap<String, Address>,
}

/// Kinds of tasks, all different.
#[derive(Debug)]
pub(super) struct Corpus {
    pub(super) shapes: Vec<Shape>,
    /// Whether there could have been more.
    pub(super) bounded: bool,
}

/// A filter whose expression has been read.
struct Reading {
    /// Its place in the workflow, from 0.
    at: usize,
    name: String,
    /// What it is: two filters with the same key are the same.
    key: String,
    /// None when it has syntax errors or is missing.
    expr: Option<Expr>,
}

fn readings(workflow: &Workflow) -> Vec<Reading> {
    let filters = workflow.filters.iter().flatten().enumerate();
    filters
        .map(|(at, filter)| {
            let (expr, errors) = match &filter.expression {
                Some(expression) => expression.parse(),
                None => Expression::default().parse(),
            };
            let expr = errors.is_empty().then_some(expr);
            let canonical = filter.expression.as_ref().map(Expression::canonical);
            let targets = serde_json::to_string(&filter.targets).unwrap_or_default();
            let key = format!("{} {targets}", canonical.unwrap_or_default());
            Reading { at, name: filter.name.clone(), key, expr }
        })
        .collect()
}

impl Corpus {
    /// Tasks for which the two sides may differ.
    pub(super) fn of_differences(sides: &Sides<'_, '_>, given: &[GivenTask], limit: usize) -> Self {
        let (was, is) = (readings(sides.was), readings(sides.is));
        let mut maker = Maker::new(sides, was.iter().chain(&is), limit);
        maker.take(given);
        maker.made_nothing_of();
        let pairing = Pairing::of(&was, &is);
        for (a, b) in &pairing.changed {
            maker.between(&was[*a], &is[*b]);
        }
        let changed: Vec<&Reading> = pairing
            .gone
            .iter()
            .map(|&at| &was[at])
            .chain(pairing.new.iter().map(|&at| &is[at]))
            .collect();
        for reading in &changed {
            maker.around(reading);
        }
        maker.both(pairing.swapped.iter().map(|&(a, b)| (&is[a], &is[b])));
        let rest: BTreeSet<usize> = pairing.new.iter().copied().collect();
        let rest: Vec<&Reading> = is.iter().filter(|reading| !rest.contains(&reading.at)).collect();
        let pairs = changed.iter().flat_map(|one| rest.iter().map(move |other| (*one, *other)));
        maker.both(pairs);
        for reading in &pairing.gone {
            maker.arriving(sides.before, &was[*reading], &was);
        }
        for reading in &is {
            maker.arriving(sides.after, reading, &is);
        }
        maker.nowhere(sides.before, &was);
        maker.nowhere(sides.after, &is);
        maker.corpus
    }

    /// Tasks that come to certain queues; both sides are alike.
    pub(super) fn of_arrivals(
        sides: &Sides<'_, '_>,
        queues: &BTreeSet<&str>,
        limit: usize,
    ) -> Self {
        let goes_there = |target: &crate::model::Target| match &target.queue {
            Some(QueueRef::Name(name) | QueueRef::Sid(name)) => queues.contains(name.as_str()),
            None => false,
        };
        if !sides.is.targets().any(goes_there) {
            return Self { shapes: Vec::new(), bounded: false };
        }
        let is = readings(sides.is);
        let mut maker = Maker::new(sides, is.iter(), limit);
        for (filter, reading) in sides.is.filters.iter().flatten().zip(&is) {
            if filter.targets.iter().any(goes_there) {
                maker.arriving(sides.after, reading, &is);
            }
        }
        if sides.is.default_filter.iter().flatten().any(goes_there) {
            maker.nowhere(sides.after, &is);
        }
        maker.corpus
    }
}

/// Which filters of two lists are the same, and what became of the others.
struct Pairing {
    /// Places in the list before.
    gone: Vec<usize>,
    /// Places in the list after.
    new: Vec<usize>,
    /// One of the gone and one of the new that seem to be the same filter, changed.
    changed: Vec<(usize, usize)>,
    /// Places in the list after, of filters that stood the other way round.
    swapped: Vec<(usize, usize)>,
}

impl Pairing {
    fn of(was: &[Reading], is: &[Reading]) -> Self {
        let mut free: HashMap<&str, VecDeque<usize>> = HashMap::new();
        for reading in was {
            free.entry(&reading.key).or_default().push_back(reading.at);
        }
        let mut partners: Vec<Option<usize>> = Vec::with_capacity(is.len());
        for reading in is {
            partners.push(free.get_mut(reading.key.as_str()).and_then(VecDeque::pop_front));
        }
        let mut gone: Vec<usize> = free.into_values().flatten().collect();
        gone.sort_unstable();
        let new: Vec<usize> = (0..is.len()).filter(|&at| partners[at].is_none()).collect();

        // A changed filter mostly keeps its name, or else its place.
        let mut by_name: HashMap<&str, VecDeque<usize>> = HashMap::new();
        for &at in gone.iter().filter(|at| !was[**at].name.is_empty()) {
            by_name.entry(&was[at].name).or_default().push_back(at);
        }
        let mut changed = Vec::new();
        let mut unnamed: BTreeSet<usize> = gone.iter().copied().collect();
        for &at in &new {
            let found = by_name.get_mut(is[at].name.as_str()).and_then(VecDeque::pop_front);
            if let Some(other) = found.or_else(|| unnamed.contains(&at).then_some(at)) {
                unnamed.remove(&other);
                changed.push((other, at));
            }
        }

        let kept: Vec<(usize, usize)> =
            partners.iter().enumerate().filter_map(|(at, was)| Some((at, (*was)?))).collect();
        let mut swapped = Vec::new();
        if !kept.is_sorted_by_key(|(_, was)| *was) {
            let inverted = kept.iter().enumerate().flat_map(|(i, first)| {
                let later = kept[i + 1..].iter().filter(move |second| second.1 < first.1);
                later.map(move |second| (first.0, second.0))
            });
            swapped = inverted.take(PAIRS + 1).collect();
        }
        Self { gone, new, changed, swapped }
    }
}

/// Makes kinds of tasks up, until there are enough.
struct Maker<'s, 'm> {
    sides: &'s Sides<'s, 'm>,
    moments: Vec<Clock>,
    limit: usize,
    seen: HashSet<(String, Clock)>,
    corpus: Corpus,
}

impl<'s, 'm> Maker<'s, 'm> {
    fn new<'r>(
        sides: &'s Sides<'s, 'm>,
        readings: impl Iterator<Item = &'r Reading>,
        limit: usize,
    ) -> Self {
        Self {
            moments: moments(readings.filter_map(|reading| reading.expr.as_ref())),
            limit,
            seen: HashSet::new(),
            corpus: Corpus { shapes: Vec::new(), bounded: false },
            sides,
        }
    }

    fn is_full(&mut self) -> bool {
        let full = self.corpus.shapes.len() >= self.limit;
        self.corpus.bounded |= full;
        full
    }

    /// Tasks that are there already.
    fn take(&mut self, given: &[GivenTask]) {
        let workflow = self.sides.name;
        for task in given {
            if task.workflow.as_deref().is_some_and(|name| name != workflow) {
                continue;
            }
            let at = task.clock.unwrap_or(self.moments[0]);
            let made = Task {
                attributes: task.shape.attributes.clone(),
                priority: task.shape.priority.unwrap_or_default(),
                ..Task::default()
            };
            let made = Task {
                task_channel: task.shape.task_channel.clone().unwrap_or(made.task_channel.clone()),
                ..made
            };
            let mut told = self.told(&made.attributes, task.clock);
            told.task_channel.clone_from(&task.shape.task_channel);
            told.priority = task.shape.priority;
            told.from.clone_from(&task.shape.from);
            self.seen.insert((sorted(&made.attributes), at));
            self.corpus.shapes.push(Shape { task: made, at, told });
        }
    }

    fn told(&self, attributes: &Map<String, Value>, at: Option<Clock>) -> TaskShape {
        TaskShape {
            attributes: attributes
                .iter()
                .map(|(key, value)| (key.clone(), self.named(value)))
                .collect(),
            at: at.map(|clock| clock.to_string()),
            ..TaskShape::default()
        }
    }

    /// With names in the places of made-up sids.
    fn named(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                let text = Text::from(text.as_str());
                if text.holds_sid() {
                    let name = |sid: &str| self.sides.names.get(sid).cloned();
                    Value::String(text.with_sids_named(&name).to_string())
                } else {
                    value.clone()
                }
            }
            Value::Array(items) => items.iter().map(|item| self.named(item)).collect(),
            Value::Object(map) => {
                map.iter().map(|(key, value)| (key.clone(), self.named(value))).collect()
            }
            _ => value.clone(),
        }
    }

    fn add(&mut self, attributes: Map<String, Value>, at: Clock) {
        if self.is_full() || !self.seen.insert((sorted(&attributes), at)) {
            return;
        }
        let told = self.told(&attributes, (self.moments.len() > 1).then_some(at));
        let task = Task { attributes, ..Task::default() };
        self.corpus.shapes.push(Shape { task, at, told });
    }

    /// Adds what meets the goals at the first moment at which anything does.
    fn first(&mut self, goals: &[Goal<'_>]) {
        let found = self.moments.iter().find_map(|&at| Some((task_witness(goals, at)?, at)));
        if let Some((attributes, at)) = found {
            self.add(attributes, at);
        }
    }

    /// A task without attributes, at every moment.
    fn made_nothing_of(&mut self) {
        for at in self.moments.clone() {
            self.add(Map::new(), at);
        }
    }

    /// What one filter takes and the other does not.
    fn between(&mut self, was: &Reading, is: &Reading) {
        if let (Some(was), Some(is)) = (&was.expr, &is.expr) {
            for at in self.moments.clone() {
                for goals in
                    [[Goal::met(was), Goal::missed(is)], [Goal::missed(was), Goal::met(is)]]
                {
                    for found in task_witnesses(&goals, at, WAYS) {
                        self.add(found, at);
                    }
                }
            }
        }
    }

    /// What a filter takes, in all its ways, and what it just does not take.
    fn around(&mut self, reading: &Reading) {
        let Some(expr) = &reading.expr else { return };
        for at in self.moments.clone() {
            for found in task_witnesses(&[Goal::met(expr)], at, WAYS) {
                self.add(found, at);
            }
        }
        let Node::Logic(LogicOp::And, operands) = &expr.node else {
            self.first(&[Goal::missed(expr)]);
            return;
        };
        let operands: Vec<&Expr> = flat(LogicOp::And, operands).collect();
        for missed in 0..operands.len().min(MISSES) {
            let goals: Vec<Goal<'_>> = operands
                .iter()
                .enumerate()
                .map(|(at, operand)| Goal { expr: operand, holds: at != missed })
                .collect();
            self.first(&goals);
        }
    }

    /// What both filters of a pair would take.
    fn both<'r>(&mut self, pairs: impl Iterator<Item = (&'r Reading, &'r Reading)>) {
        for (count, (one, other)) in pairs.enumerate() {
            if count == PAIRS {
                self.corpus.bounded = true;
                return;
            }
            if let (Some(one), Some(other)) = (&one.expr, &other.expr) {
                self.first(&[Goal::met(one), Goal::met(other)]);
            }
        }
    }

    /// What a filter takes, and what comes to it past the filters before it.
    fn arriving(&mut self, side: &Side<'_>, reading: &Reading, all: &[Reading]) {
        let Some(expr) = &reading.expr else { return };
        if self.is_full() {
            return;
        }
        self.first(&[Goal::met(expr)]);
        self.past_others(side, vec![Goal::met(expr)], Some(reading.at), all);
    }

    /// What no filter takes.
    fn nowhere(&mut self, side: &Side<'_>, all: &[Reading]) {
        self.past_others(side, Vec::new(), None, all);
    }

    fn past_others<'r>(
        &mut self,
        side: &Side<'_>,
        mut goals: Vec<Goal<'r>>,
        to: Option<usize>,
        all: &'r [Reading],
    ) {
        for _ in 0..EVASIONS {
            let found = self.moments.iter().find_map(|&at| Some((task_witness(&goals, at)?, at)));
            let Some((attributes, at)) = found else { return };
            let task = Task { attributes: attributes.clone(), ..Task::default() };
            let shape = Shape { task, at, told: TaskShape::default() };
            let followed = side.follow(self.sides.name, &shape);
            let taken = followed.and_then(|followed| followed.way.stops.first()?.position);
            match taken {
                Some(position) if to != Some(position - 1) => match &all[position - 1].expr {
                    Some(expr) => goals.push(Goal::missed(expr)),
                    None => return,
                },
                _ => {
                    self.add(attributes, at);
                    return;
                }
            }
        }
    }
}

/// What each made-up sid in the models' expressions stands for.
pub(super) fn names(models: [&Model; 2]) -> BTreeMap<String, Address> {
    let address = |kind: Kind| move |name: &String| Address::new(kind, name.clone());
    models
        .into_iter()
        .flat_map(|model| {
            let queues = model.queues.keys().map(address(Kind::Queue));
            let workflows = model.workflows.keys().map(address(Kind::Workflow));
            let activities = model.activities.keys().map(address(Kind::Activity));
            queues.chain(workflows).chain(activities)
        })
        .map(|address| (Expression::stand_in_sid(&address), address))
        .collect()
}

/// The same text for the same attributes, in whatever order they stand.
fn sorted(attributes: &Map<String, Value>) -> String {
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::Object(map) => {
                let ordered: BTreeMap<&String, &Value> = map.iter().collect();
                out.push('{');
                for (key, value) in ordered {
                    out.push_str(key);
                    out.push(':');
                    write(value, out);
                }
                out.push('}');
            }
            Value::Array(items) => {
                out.push('[');
                for item in items {
                    write(item, out);
                    out.push(',');
                }
                out.push(']');
            }
            other => out.push_str(&other.to_string()),
        }
    }
    let mut out = String::new();
    for (key, value) in attributes.iter().collect::<BTreeMap<_, _>>() {
        out.push_str(key);
        out.push(':');
        write(value, &mut out);
        out.push(';');
    }
    out
}
