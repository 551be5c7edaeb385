//! The plan for a transfer workflow with a filter for each queue.

use std::collections::BTreeMap;

use divan::{Bencher, black_box};
use flexctl::generate;
use flexctl::model::{
    Dialect, Live, Model, Queue, QueueChoice, Rule, Snapshot, Transfer, TransferTarget,
    WorkerRoute, Workflow, Workspace,
};
use flexctl::plan::{self, Options, render};

fn main() {
    divan::main();
}

const NAME: &str = "Chat Transfer";

/// A model with this many queues and a filter for each.
fn model(queues: usize) -> Model {
    let transfer = Transfer {
        dialect: Dialect::Conversation,
        worker: Some(WorkerRoute {
            queue: "Queue 0".to_owned(),
            target: TransferTarget::default(),
        }),
        target: TransferTarget::default(),
        queues: QueueChoice::default(),
        overrides: BTreeMap::new(),
    };
    let workflow =
        Workflow { filters: Some(vec![Rule::Transfer(transfer)]), ..Workflow::default() };
    let queue = |n| Queue {
        target_workers: Some(format!("routing.skills HAS 'skill{n}'").as_str().into()),
        ..Queue::default()
    };
    generate::expand(&Model {
        queues: (0..queues).map(|n| (format!("Queue {n}"), queue(n))).collect(),
        workflows: BTreeMap::from([(NAME.to_owned(), workflow)]),
        ..Model::default()
    })
}

/// What is live when `model` has been applied.
fn snapshot(model: &Model) -> Snapshot {
    fn live<T>(prefix: &str, at: usize, name: &str, value: T) -> Live<T> {
        Live { sid: format!("{prefix}{at:032x}"), name: name.to_owned(), value, untouched: false }
    }
    let queues = model.queues.iter().enumerate();
    let workflows = model.workflows.iter().enumerate();
    Snapshot {
        account_sid: format!("AC{:032x}", 1),
        workspace: live("WS", 0, "Flex Task Assignment", Workspace::default()),
        activities: Vec::new(),
        task_channels: Vec::new(),
        queues: queues.map(|(at, (name, queue))| live("WQ", at, name, queue.clone())).collect(),
        workflows: workflows
            .map(|(at, (name, workflow))| live("WW", at, name, workflow.clone()))
            .collect(),
        workers: Vec::new(),
        worker_channels: BTreeMap::new(),
        roles: Vec::new(),
    }
}

/// Nothing differs, but every live expression is spelled in another way.
fn respelled(model: &Model) -> Snapshot {
    let mut now = snapshot(model);
    for filter in now.workflows[0].value.filters.iter_mut().flatten() {
        if let Some(expression) = &mut filter.expression {
            *expression = expression.to_string().replace(" == ", "==").as_str().into();
        }
    }
    now
}

/// Half of the filters are gone, and the rest stands in reverse.
fn disturbed(model: &Model) -> Snapshot {
    let mut now = snapshot(model);
    if let Some(filters) = &mut now.workflows[0].value.filters {
        let keep = filters.len() / 2;
        filters.truncate(keep);
        filters.reverse();
    }
    now
}

#[divan::bench(args = [500, 5000])]
fn diff_same(bencher: Bencher<'_, '_>, queues: usize) {
    let model = model(queues);
    let now = snapshot(&model);
    bencher.bench(|| plan::diff(black_box(&model), black_box(&now), &Options::default()));
}

#[divan::bench(args = [500, 5000])]
fn diff_respelled(bencher: Bencher<'_, '_>, queues: usize) {
    let model = model(queues);
    let now = respelled(&model);
    bencher.bench(|| plan::diff(black_box(&model), black_box(&now), &Options::default()));
}

#[divan::bench(args = [500, 5000])]
fn diff_disturbed(bencher: Bencher<'_, '_>, queues: usize) {
    let model = model(queues);
    let now = disturbed(&model);
    bencher.bench(|| plan::diff(black_box(&model), black_box(&now), &Options::default()));
}

#[divan::bench(args = [500, 5000])]
fn diff_empty_workspace(bencher: Bencher<'_, '_>, queues: usize) {
    let model = model(queues);
    let now = snapshot(&Model::default());
    bencher.bench(|| plan::diff(black_box(&model), black_box(&now), &Options::default()));
}

#[divan::bench(args = [500, 5000])]
fn show_disturbed(bencher: Bencher<'_, '_>, queues: usize) {
    let model = model(queues);
    let plan = plan::diff(&model, &disturbed(&model), &Options::default());
    bencher.bench(|| render::text(black_box(&plan), &render::Options::default()));
}
