//! No task ever comes to what is reported as unreachable.

use std::collections::BTreeSet;

use flexctl::expr::Clock;
use flexctl::model::{Filter, Model, Queue, QueueRef, Target, Workflow};
use flexctl::routing::reach::{Options, reach};
use flexctl::routing::{Crew, Router, Spot, Step, TargetStep, Task, Worker, Workers};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

/// Few comparisons over few attributes, so that filters often meet.
const COMPARISONS: &[&str] = &[
    "1==1",
    "a == 'x'",
    "a == 'y'",
    "a != 'x'",
    "a IN ['x', 'y', 5]",
    "a NOT IN ['x']",
    "a == null",
    "a != null",
    "a > 3",
    "a >= 5",
    "a < 10",
    "'x' IN a",
    "a HAS 'y'",
    "'x' NOT IN a",
    "a CONTAINS 'x'",
    "a CONTAINS 'xy'",
    "a == b",
    "b == true",
    "b == 'true'",
    "b != null",
    "b == null",
    "b == 5",
    "taskrouter.currentHour < 12",
    "taskrouter.currentHour >= 12",
    "taskrouter.dayOfWeek IN ['Sat', 'Sun']",
];
const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "4",
    "5",
    "12",
    "\"x\"",
    "\"y\"",
    "\"X\"",
    "\"xy\"",
    "\"5\"",
    "\"true\"",
    "[]",
    "[\"x\"]",
    "[\"y\", 5]",
    "[\"x\", \"y\"]",
    "{}",
    "{\"x\": 1}",
];

fn expression() -> impl Strategy<Value = String> {
    let joined =
        |word: &'static str| vec(select(COMPARISONS), 1..4).prop_map(move |parts| parts.join(word));
    prop_oneof![
        4 => select(COMPARISONS).prop_map(str::to_owned),
        2 => joined(" AND "),
        2 => joined(" OR "),
        1 => (joined(" OR "), joined(" AND ")).prop_map(|(a, b)| format!("({a}) AND {b}")),
    ]
}

fn target() -> impl Strategy<Value = Target> {
    let timeout = option::weighted(0.3, select(vec![30_u32, 20_000, 90_000]));
    let skip_if = option::weighted(
        0.2,
        select(vec!["1==1", "workers.available == 0", "1==0", "workers.available > 0 AND 1==0"]),
    );
    let queue = option::weighted(0.6, select(vec!["Some", "None"]));
    (queue, timeout, skip_if).prop_map(|(queue, timeout, skip_if)| Target {
        queue: queue.map(|name| QueueRef::Name(name.to_owned())),
        timeout,
        skip_if: skip_if.map(Into::into),
        ..Target::default()
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    (expression(), vec(target(), 1..4)).prop_map(|(expression, mut targets)| {
        targets[0].queue.get_or_insert(QueueRef::Name("Some".to_owned()));
        Filter { expression: Some(expression.as_str().into()), targets, ..Filter::default() }
    })
}

fn model() -> impl Strategy<Value = Model> {
    (vec(filter(), 2..7), any::<bool>()).prop_map(|(filters, with_default)| {
        let queue = QueueRef::Name("Some".to_owned());
        let target = Target { queue: Some(queue), ..Target::default() };
        let workflow = Workflow {
            filters: Some(filters),
            default_filter: Some(with_default.then_some(target)),
            ..Workflow::default()
        };
        let mut model = Model::default();
        for (name, target_workers) in [("Some", "skill == 'x'"), ("None", "1==0")] {
            let target_workers = Some(target_workers.into());
            model.queues.insert(name.to_owned(), Queue { target_workers, ..Queue::default() });
        }
        model.workflows.insert("Main".to_owned(), workflow);
        model
    })
}

fn task() -> impl Strategy<Value = (Task, Clock)> {
    let value = || option::weighted(0.9, select(VALUES));
    // Within a week, at any hour.
    (value(), value(), 0..7 * 24_i64).prop_map(|(a, b, hour)| {
        let values = [("a", a), ("b", b)];
        let read = |text| serde_json::from_str(text).expect("a value is JSON");
        let attributes: Map<String, Value> = values
            .into_iter()
            .filter_map(|(key, text)| Some((key.to_owned(), read(text?))))
            .collect();
        (Task { attributes, ..Task::default() }, Clock::from_unix(hour * 3600))
    })
}

/// Where a task comes: the filters that take it, their targets, the default filter.
fn visited(crew: &Crew<'_>, task: &Task, created: Clock) -> BTreeSet<Spot> {
    let trace = crew.way("Main", task, created).expect("the workflow is there");
    let workflow = || "Main".to_owned();
    let mut spots = BTreeSet::new();
    for step in &trace.steps {
        match step {
            Step::Filter(step) if step.verdict.holds => {
                let filter = step.filter;
                spots.insert(Spot::Filter { workflow: workflow(), filter });
                spots.extend(step.targets.iter().map(|TargetStep { target, .. }| Spot::Target {
                    workflow: workflow(),
                    filter,
                    target: *target,
                }));
            }
            Step::Filter(_) => {}
            Step::DefaultFilter(_) => {
                spots.insert(Spot::DefaultFilter { workflow: workflow() });
            }
        }
    }
    spots
}

/// A task that comes to a spot that is called unreachable.
fn counterexample(
    model: &Model,
    unreachable: &BTreeSet<Spot>,
    tasks: &[(Task, Clock)],
) -> Option<(Spot, Task)> {
    let router = Router::new(model);
    let worker = Worker {
        sid: "WK1".to_owned(),
        name: "ann".to_owned(),
        activity: "Available".to_owned(),
        available: true,
        attributes: json!({"skill": "x"}).as_object().expect("an object").clone(),
        channels: Default::default(),
        idle: None,
    };
    let workers = [worker];
    let (nobody, somebody) =
        (router.crew(Workers::Known(&[])), router.crew(Workers::Known(&workers)));
    tasks.iter().find_map(|(task, created)| {
        let none = visited(&nobody, task, *created);
        let one = visited(&somebody, task, *created);
        let found = none.union(&one).find(|spot| unreachable.contains(spot))?.clone();
        Some((found, task.clone()))
    })
}

fn unreachable(model: &Model) -> BTreeSet<Spot> {
    let findings = reach(model, &Options::default());
    findings.into_iter().filter(|finding| finding.unreachable).map(|f| f.spot).collect()
}

fn made<T>(strategy: &impl Strategy<Value = T>, runner: &mut TestRunner) -> T
where
    T: std::fmt::Debug,
{
    strategy.new_tree(runner).expect("it can be made").current()
}

#[test]
fn no_task_comes_to_what_is_called_unreachable() {
    let mut runner = TestRunner::deterministic();
    let (models, tasks) = (model(), vec(task(), 40));
    let (mut filters, mut targets, mut defaults) = (0, 0, 0);
    for _ in 0..150 {
        let model = made(&models, &mut runner);
        let unreachable = unreachable(&model);
        for spot in &unreachable {
            match spot {
                Spot::Filter { .. } => filters += 1,
                Spot::Target { .. } => targets += 1,
                Spot::DefaultFilter { .. } => defaults += 1,
                Spot::Queue(_) | Spot::Workflow(_) => {}
            }
        }
        let tasks = made(&tasks, &mut runner);
        let found = counterexample(&model, &unreachable, &tasks);
        assert_eq!(found, None, "{:#?}", model.workflows);
    }
    assert!(filters > 70 && targets > 200 && defaults > 5, "{filters} {targets} {defaults}");
}

#[test]
fn most_of_what_is_called_reachable_is_reached() {
    let mut runner = TestRunner::deterministic();
    let (models, tasks) = (model(), vec(task(), 100));
    let (mut reached, mut all) = (0, 0);
    for _ in 0..40 {
        let model = made(&models, &mut runner);
        let unreachable = unreachable(&model);
        let router = Router::new(&model);
        let nobody = router.crew(Workers::Known(&[]));
        let mut spots = BTreeSet::new();
        for (task, created) in made(&tasks, &mut runner) {
            spots.append(&mut visited(&nobody, &task, created));
        }
        let filters = model.workflows["Main"].filters.as_ref().map_or(0, Vec::len);
        for filter in 0..filters {
            let spot = Spot::Filter { workflow: "Main".to_owned(), filter };
            all += usize::from(!unreachable.contains(&spot));
            reached += usize::from(spots.contains(&spot));
        }
    }
    assert!(reached * 10 > all * 7, "{reached} of {all}");
}

#[test]
fn a_wrong_finding_would_be_caught() {
    let mut runner = TestRunner::deterministic();
    let (models, tasks) = (model(), vec(task(), 40));
    let mut caught = 0;
    for _ in 0..50 {
        let model = made(&models, &mut runner);
        let second = Spot::Filter { workflow: "Main".to_owned(), filter: 1 };
        let wrong = BTreeSet::from([second]);
        let tasks = made(&tasks, &mut runner);
        caught += usize::from(counterexample(&model, &wrong, &tasks).is_some());
    }
    assert!(caught > 15, "{caught}");
}
