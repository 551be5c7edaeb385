//! Expansion of a transfer workflow: one filter for each queue.

use std::collections::BTreeMap;

use divan::{Bencher, black_box};
use flexctl::generate;
use flexctl::model::{
    Dialect, Model, Queue, QueueChoice, Rule, Transfer, TransferTarget, WorkerRoute, Workflow,
};

fn main() {
    divan::main();
}

/// A spec with this many queues and one transfer workflow.
fn spec(queues: usize) -> Model<Rule> {
    let transfer = Transfer {
        dialect: Dialect::Conversation,
        worker: Some(WorkerRoute {
            queue: "Queue 0".to_owned(),
            target: TransferTarget::default(),
        }),
        target: TransferTarget { priority: Some(10), ..TransferTarget::default() },
        queues: QueueChoice::default(),
        overrides: BTreeMap::new(),
    };
    let workflow =
        Workflow { filters: Some(vec![Rule::Transfer(transfer)]), ..Workflow::default() };
    Model {
        queues: (0..queues).map(|n| (format!("Queue {n}"), Queue::default())).collect(),
        workflows: BTreeMap::from([("Chat Transfer".to_owned(), workflow)]),
        ..Model::default()
    }
}

#[divan::bench(args = [500, 5000])]
fn expand_transfer(bencher: Bencher<'_, '_>, queues: usize) {
    let spec = spec(queues);
    // Dropped inside, so that each run finds memory as a second workflow would.
    bencher.bench(|| drop(black_box(generate::expand(black_box(&spec)))));
}
