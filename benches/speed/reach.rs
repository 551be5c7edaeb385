//! What nothing reaches: filters, and queues without workers.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use flexctl::generate;
use flexctl::model::{Filter, Model, QueueRef, Target, Workflow};
use flexctl::routing::Worker;
use flexctl::routing::reach::{Options, reach};
use serde_json::json;

use crate::center;

/// One workflow with so many filters that wait.
fn workflow(count: usize, expression: impl Fn(usize) -> String) -> Model {
    let filter = |i: usize| Filter {
        name: format!("Filter {i}"),
        expression: Some(expression(i).as_str().into()),
        targets: vec![Target {
            queue: Some(QueueRef::Name("Everyone".to_owned())),
            ..Target::default()
        }],
        ..Filter::default()
    };
    let filters = Some((0..count).map(filter).collect());
    let mut model = Model::default();
    model.workflows.insert("Main".to_owned(), Workflow { filters, ..Workflow::default() });
    model
}

fn find(bencher: Bencher<'_, '_>, filters: usize, model: &Model) {
    bencher
        .counter(ItemsCount::new(filters))
        .bench(|| reach(black_box(model), &Options::default()));
}

/// Filters of a generated transfer.
#[divan::bench(args = center::QUEUES)]
fn by_name(bencher: Bencher<'_, '_>, filters: usize) {
    let model = workflow(filters, |i| format!("transferQueueName == 'Queue {i}'"));
    find(bencher, filters, &model);
}

/// Filters that share a channel and differ in a topic, every tenth of which comes twice.
#[divan::bench(args = center::QUEUES)]
fn by_topic(bencher: Bencher<'_, '_>, filters: usize) {
    let topic = |i: usize| if i % 10 == 9 { i - 5 } else { i };
    let model = workflow(filters, |i| {
        format!("channel == 'voice' AND topic IN ['a{0}', 'b{0}'] AND level > {1}", topic(i), i % 7)
    });
    find(bencher, filters, &model);
}

/// Filters that no constant tells apart, the worst case.
#[divan::bench(args = center::QUEUES)]
fn by_level(bencher: Bencher<'_, '_>, filters: usize) {
    let model = workflow(filters, |i| format!("level > {}", 100_000 - i));
    find(bencher, filters, &model);
}

/// A whole contact center.
#[divan::bench(args = center::QUEUES)]
fn center(bencher: Bencher<'_, '_>, queues: usize) {
    let model = generate::expand(&center::model(&center::spec(queues)));
    bencher.bench(|| reach(black_box(&model), &Options::default()));
}

/// The same with workers, each of whom is in one queue, so that most queues of the smaller crews
/// are empty.
#[divan::bench(args = center::WORKERS)]
fn empty_queues(bencher: Bencher<'_, '_>, workers: usize) {
    let model = generate::expand(&center::model(&center::spec(5000)));
    let worker = |i: usize| Worker {
        sid: format!("WK{i}"),
        name: format!("worker {i}"),
        activity: "Available".to_owned(),
        available: true,
        attributes: json!({"routing": {"skills": [format!("skill {}", i % 4999)]}, "level": 99})
            .as_object()
            .expect("it is written as an object")
            .clone(),
        channels: Default::default(),
        idle: None,
    };
    let workers: Vec<Worker> = (0..workers).map(worker).collect();
    bencher.bench(|| reach(black_box(&model), &Options { workers: Some(&workers) }));
}
