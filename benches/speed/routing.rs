//! How fast a task is followed through the largest contact centers.

use divan::{Bencher, black_box};
use flexctl::expr::Clock;
use flexctl::model::Model;
use flexctl::routing::{End, Router, Task, Worker, Workers};
use serde_json::{Value, json};

use crate::center;

/// A task for a queue of the transfer of the East, whose filters are about a quarter of all.
fn task(queues: usize) -> Task {
    let last = (1..queues).rev().find(|i| i % 4 == 0).unwrap_or_default();
    let attributes = json!({
        "transferTargetType": "queue",
        "transferQueueName": format!("East {last:05}"),
        "workerSidsInConversation": [],
    });
    Task { attributes: object(attributes), ..Task::default() }
}

/// One workflow with a filter for each queue, as a center that has not been split by region.
fn model(queues: usize) -> Model {
    let mut model = center::desired(&center::spec(queues));
    let filters = model.workflows.values_mut().filter_map(|workflow| workflow.filters.take());
    let filters = filters.flatten().collect();
    let workflow = model.workflows.values_mut().next().expect("the center has workflows");
    workflow.filters = Some(filters);
    model
}

fn workflow(model: &Model) -> &str {
    model.workflows.keys().next().expect("the center has workflows")
}

fn object(value: Value) -> serde_json::Map<String, Value> {
    value.as_object().expect("it is written as an object").clone()
}

/// Half of them available, each with one of a hundred skills.
fn workers(count: usize) -> Vec<Worker> {
    let worker = |i: usize| {
        let attributes = json!({
            "routing": {"skills": [format!("skill {}", i % 100), "billing"]},
            "level": i % 6,
        });
        let name = format!("worker.{i}@example.com");
        Worker {
            attributes: object(attributes),
            available: i.is_multiple_of(2),
            ..Worker::named(name)
        }
    };
    (0..count).map(worker).collect()
}

#[divan::bench(args = [500, 5000])]
fn read_routing(bencher: Bencher, queues: usize) {
    let model = model(queues);
    bencher.bench(|| Router::new(black_box(&model)));
}

/// With the reasons of every filter and every worker, over workers who are met for the first time.
#[divan::bench(args = [500, 5000])]
fn route_with_reasons(bencher: Bencher, queues: usize) {
    let (model, workers) = (model(queues), workers(15_000));
    let (router, task) = (Router::new(&model), task(queues));
    let route = || {
        let workers = Workers::Known(&workers);
        router.route(workflow(&model), black_box(&task), Clock::from_unix(0), workers)
    };
    let end = route().expect("the workflow is there").end;
    assert!(matches!(end, End::Reserved { .. } | End::Waiting { .. }), "{end:?}");
    bencher.bench(route);
}

/// The way alone, over workers whose queues are known: one of many tasks.
#[divan::bench(args = [500, 5000])]
fn way_of_one_of_many(bencher: Bencher, queues: usize) {
    let (model, workers) = (model(queues), workers(15_000));
    let (router, task) = (Router::new(&model), task(queues));
    let crew = router.crew(Workers::Known(&workers));
    let way = || crew.way(workflow(&model), black_box(&task), Clock::from_unix(0));
    assert!(way().is_ok());
    bencher.bench_local(way);
}
