//! Reading and checking specs.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use flexctl::diag::{self, Colour};

use crate::center;

#[divan::bench(args = center::QUEUES)]
fn analyze(bencher: Bencher, queues: usize) {
    let spec = center::spec(queues);
    assert!(center::analyze(&spec).diagnostics.is_empty());
    bencher.counter(BytesCount::of_str(&spec)).bench(|| center::analyze(black_box(&spec)));
}

/// Every queue has an unknown key, and every tenth filter and every override an unknown name.
fn spoilt(queues: usize) -> String {
    center::spec(queues)
        .replace("    task_order:", "    task_ordre:")
        .replace("{ queue: ", "{ queue: Old ")
        .replace("to: Everyone", "to: Everybody Else")
}

#[divan::bench(args = center::QUEUES)]
fn analyze_much_that_is_wrong(bencher: Bencher, queues: usize) {
    let spec = spoilt(queues);
    assert!(center::analyze(&spec).diagnostics.len() >= 500);
    bencher.counter(BytesCount::of_str(&spec)).bench(|| center::analyze(black_box(&spec)));
}

#[divan::bench(args = center::QUEUES)]
fn report_much_that_is_wrong(bencher: Bencher, queues: usize) {
    let analysis = center::analyze(&spoilt(queues));
    bencher.bench(|| {
        diag::render_text(black_box(&analysis.diagnostics), &analysis.sources, 80, Colour::Never)
    });
}

#[divan::bench(args = center::QUEUES)]
fn analyze_names_too_long(bencher: Bencher, queues: usize) {
    let mut spec = "version: 1\nworkspace: { friendly_name: W }\nqueues:\n".to_owned();
    (0..queues).for_each(|i| spec.push_str(&format!("  Queue {i:060}: {{}}\n")));
    assert!(center::analyze(&spec).diagnostics.len() >= 500);
    bencher.counter(BytesCount::of_str(&spec)).bench(|| center::analyze(black_box(&spec)));
}

/// Every queue is included by its own name, and every other one is excluded again.
#[divan::bench(args = center::QUEUES)]
fn analyze_names_as_globs(bencher: Bencher, queues: usize) {
    let mut spec = "version: 1\nworkspace: { friendly_name: W }\nqueues:\n".to_owned();
    let list = |step| {
        (0..queues).step_by(step).map(|i| format!("Queue {i}")).collect::<Vec<_>>().join(", ")
    };
    (0..queues).for_each(|i| spec.push_str(&format!("  Queue {i}: {{ target_workers: 1==1 }}\n")));
    spec.push_str(&format!(
        "transfers:\n  Transfer:\n    dialect: conversation\n    queues:\n      include: [{}]\n      \
         exclude: [{}]\n",
        list(1),
        list(2)
    ));
    center::model(&spec);
    bencher.counter(BytesCount::of_str(&spec)).bench(|| center::analyze(black_box(&spec)));
}
