//! Which tasks go elsewhere, and which workers come into queues or leave them, when one routing
//! takes the place of another.
//!
//! Both sides are asked about the same kinds of tasks: those that are given, and those that are
//! made up from the filters of both sides. What is told differs indeed; that nothing is told does
//! not prove that nothing differs.

mod corpus;
mod markdown;
mod page;
mod queues;
mod renames;
mod schema;
#[cfg(test)]
mod tests;
mod told;
mod value;
mod way;

pub use markdown::markdown;
pub use page::{entries, show_short, text};
pub use renames::Renames;
pub use schema::routing_diff_schema;
pub use told::{attributes_line, elsewhere_line, task_line, way_line, workers_line};
pub use value::{
    Arrival, Aspect, DiffCounts, Move, QueueShift, RoutingDiff, Stop, TaskShape, Way, WayEnd,
    WorkerGroup,
};

use std::collections::{BTreeMap, BTreeSet, HashMap};

use self::corpus::Corpus;
use self::way::{Followed, Shape, Side};
use super::{Router, Task, Trace, Worker, Workers};
use crate::model::{Address, Kind, Model, QueueRef, Workflow};

/// The version of a comparison's form.
const VERSION: u32 = 1;
/// Kinds of tasks that are told for one difference.
const TASKS_TOLD: usize = 20;

/// Two routings, and what they are asked about.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    pub before: &'a Model,
    pub after: &'a Model,
    pub renames: &'a Renames,
    /// Tasks that are there already.
    pub tasks: &'a [GivenTask],
    pub workers: &'a KnownWorkers,
    /// As many kinds of tasks as are made up for one workflow at most. Known workers are looked at
    /// 250 times as often at most, on both sides of all queues together.
    pub limit: usize,
}

/// A task from a test or a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GivenTask {
    /// By the name that it has afterwards; none for every workflow.
    pub workflow: Option<String>,
    pub shape: TaskShape,
    /// When it is created.
    pub clock: Option<crate::expr::Clock>,
}

/// Workers who are there on both sides: the same one stands at the same place of both lists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownWorkers {
    pub before: Vec<Worker>,
    pub after: Vec<Worker>,
}

impl KnownWorkers {
    /// Those of both lists who have the same key.
    pub fn pairs(before: Vec<Worker>, after: Vec<Worker>, key: impl Fn(&Worker) -> String) -> Self {
        let mut after: HashMap<String, Worker> =
            after.into_iter().map(|worker| (key(&worker), worker)).collect();
        let pairs = before.into_iter().filter_map(|worker| {
            let now = after.remove(&key(&worker))?;
            Some((worker, now))
        });
        let (before, after) = pairs.unzip();
        Self { before, after }
    }
}

/// How often workers are looked at, for each task that may be made up.
const CHECKS: usize = 250;
/// As many kinds of tasks as are made up for one workflow, when there is time.
pub const LIMIT: usize = 20_000;

/// What differs between the two routings.
pub fn compare(question: &Question<'_>) -> RoutingDiff {
    let (mut before, mut after) = (question.renames.apply(question.before), plain(question.after));
    let names = corpus::names([&before, &after]);
    let checks = question.limit.saturating_mul(CHECKS);
    let (shifts, unseen) = queues::shifts(&before, &after, question.workers, checks);
    let shifted: BTreeSet<&str> = shifts.iter().map(|shift| shift.queue.as_str()).collect();
    let mut diff = RoutingDiff { version: VERSION, ..RoutingDiff::default() };
    diff.counts.unseen = unseen;
    diff.gone = before
        .workflows
        .keys()
        .filter(|name| !after.workflows.contains_key(*name))
        .map(|name| question.renames.earlier(Kind::Workflow, name).to_owned())
        .collect();
    leave_out_what_is_the_same(&mut before, &mut after, &shifted);

    let routers = (Router::new(&before), Router::new(&after));
    let crews = (routers.0.crew(Workers::Unknown), routers.1.crew(Workers::Unknown));
    let before = Side { model: &before, crew: &crews.0 };
    let after = Side { model: &after, crew: &crews.1 };
    let mut arrivals: queues::Arrivals = BTreeMap::new();
    for (name, was) in &before.model.workflows {
        let Some(is) = after.model.workflows.get(name) else { continue };
        let (before, after) = (&before, &after);
        let sides = corpus::Sides { name, was, is, before, after, names: &names };
        let corpus = if same_routing(was, is) {
            Corpus::of_arrivals(&sides, &shifted, question.limit)
        } else {
            Corpus::of_differences(&sides, question.tasks, question.limit)
        };
        if corpus.bounded {
            diff.bounded.push(name.clone());
        }
        let mut found = Moves::default();
        for shape in corpus.shapes {
            let Some(ways) = before.follow(name, &shape).zip(after.follow(name, &shape)) else {
                continue;
            };
            diff.counts.tried += 1;
            queues::note(&mut arrivals, &shifted, name, &shape, &ways.1.way);
            let differs = !ways.0.way.differs(&ways.1.way).is_empty();
            if differs && !follows_its_name(question.renames, &sides, &shape, &ways) {
                found.add(shape, ways);
            }
        }
        diff.counts.elsewhere += found.shapes;
        diff.moves.extend(found.into_moves(name, question.renames));
    }
    diff.queues = queues::with_tasks(shifts, arrivals);
    diff.counts.moves = diff.moves.len();
    diff.counts.queues = diff.queues.len();
    diff
}

/// The whole ways before and after of the first task of a difference; none when the question is
/// another one.
pub fn traces(question: &Question<'_>, one: &Move) -> Option<[Trace; 2]> {
    let task = one.tasks.first()?;
    let at = match &task.at {
        Some(at) => at.parse().ok()?,
        None => corpus::ANY_MOMENT,
    };
    let follow = |model: &Model, workflow: &str, name: &dyn Fn(&Address) -> Address| {
        let task = Task {
            attributes: way::with_sids(&task.attributes, name),
            task_channel: task.task_channel.clone().unwrap_or(Task::default().task_channel),
            priority: task.priority.unwrap_or_default(),
            ..Task::default()
        };
        Router::new(model).route(workflow, &task, at, Workers::Unknown).ok()
    };
    let renames = question.renames;
    let earlier = |address: &Address| {
        Address::new(address.kind, renames.earlier(address.kind, &address.name))
    };
    let workflow = renames.earlier(Kind::Workflow, &one.workflow);
    let before = follow(question.before, workflow, &earlier)?;
    let after = follow(question.after, &one.workflow, &Address::clone)?;
    Some([before, after])
}

/// Whether a task that names a renamed queue goes where it went when the name in it is the one of
/// the other side. Whoever sets the attribute takes the queue's name.
fn follows_its_name(
    renames: &Renames,
    sides: &corpus::Sides<'_, '_>,
    shape: &Shape,
    (was, is): &(Followed, Followed),
) -> bool {
    if renames.is_empty() {
        return false;
    }
    let same = |ways: Option<(&Followed, Followed)>| {
        ways.is_some_and(|(one, other)| one.way.differs(&other.way).is_empty())
    };
    let later = shape.renamed(&|name| Some(renames.later(Kind::Queue, name).to_owned()));
    let earlier = shape.renamed(&|name| Some(renames.earlier(Kind::Queue, name).to_owned()));
    let later = later.and_then(|shape| Some((was, sides.after.follow(sides.name, &shape)?)));
    let earlier = earlier.and_then(|shape| Some((is, sides.before.follow(sides.name, &shape)?)));
    same(later) || same(earlier)
}

/// What routing looks at.
fn plain(model: &Model) -> Model {
    Renames::default().apply(model)
}

/// Keeps the workflows whose tasks are worth following: those that differ, and those from which
/// tasks come to queues with other workers.
fn leave_out_what_is_the_same(before: &mut Model, after: &mut Model, shifted: &BTreeSet<&str>) {
    before.workflows.retain(|name, was| {
        after.workflows.get(name).is_some_and(|is| {
            let comes_there = is.targets().any(|target| match &target.queue {
                Some(QueueRef::Name(queue) | QueueRef::Sid(queue)) => {
                    shifted.contains(queue.as_str())
                }
                None => false,
            });
            comes_there || !same_routing(was, is)
        })
    });
    after.workflows.retain(|name, _| before.workflows.contains_key(name));
}

/// Whether two workflows treat every task alike, but for who is in their queues. Names of filters
/// make no difference.
fn same_routing(was: &Workflow, is: &Workflow) -> bool {
    let filters = |workflow: &Workflow| workflow.filters.iter().flatten().count();
    let pairs = || was.filters.iter().flatten().zip(is.filters.iter().flatten());
    filters(was) == filters(is)
        && was.unreadable == is.unreadable
        && was.default_filter.as_ref().and_then(Option::as_ref)
            == is.default_filter.as_ref().and_then(Option::as_ref)
        && pairs().all(|(was, is)| was.expression == is.expression && was.targets == is.targets)
}

/// Differences, by their two ways.
#[derive(Default)]
struct Moves {
    places: HashMap<String, usize>,
    moves: Vec<(Followed, Followed, Vec<TaskShape>)>,
    shapes: usize,
}

impl Moves {
    fn add(&mut self, shape: Shape, (before, after): (Followed, Followed)) {
        self.shapes += 1;
        let key = serde_json::to_string(&(&before.way, &after.way)).unwrap_or_default();
        let place = *self.places.entry(key).or_insert_with(|| {
            self.moves.push((before.clone(), after.clone(), Vec::new()));
            self.moves.len() - 1
        });
        let (known_before, known_after, tasks) = &mut self.moves[place];
        // The most certain of its tasks speaks for the difference.
        let doubt = before.certainty.max(after.certainty);
        if doubt < known_before.certainty.max(known_after.certainty) {
            (known_before.certainty, known_after.certainty) = (doubt, doubt);
            tasks.insert(0, shape.told);
        } else {
            tasks.push(shape.told);
        }
    }

    fn into_moves(self, workflow: &str, renames: &Renames) -> Vec<Move> {
        let told = |(before, after, mut tasks): (Followed, Followed, Vec<TaskShape>)| {
            let differs = before.way.differs(&after.way);
            let more = tasks.len().saturating_sub(TASKS_TOLD);
            tasks.truncate(TASKS_TOLD);
            let mut was = before.way;
            for stop in &mut was.stops {
                stop.queue = renames.earlier(Kind::Queue, &stop.queue).to_owned();
            }
            Move {
                workflow: workflow.to_owned(),
                tasks,
                more,
                before: was,
                after: after.way,
                differs,
                certainty: before.certainty.max(after.certainty),
            }
        };
        self.moves.into_iter().map(told).collect()
    }
}
