//! Comparing what is wanted with what is live.

use divan::{Bencher, black_box};
use flexctl::model::Model;
use flexctl::plan::{self, Options, render};

use crate::center;

#[divan::bench(args = center::QUEUES)]
fn diff_without_changes(bencher: Bencher, queues: usize) {
    let desired = center::desired(&center::spec(queues));
    let live = center::applied(&desired);
    assert!(plan::diff(&desired, &live, &Options::default()).changes.is_empty());
    bencher.bench(|| plan::diff(black_box(&desired), &live, &Options::default()));
}

#[divan::bench(args = center::QUEUES)]
fn diff_of_a_new_center(bencher: Bencher, queues: usize) {
    let desired = center::desired(&center::spec(queues));
    let live = center::read(&center::account(), &desired);
    assert!(plan::diff(&desired, &live, &Options::default()).changes.len() >= queues);
    bencher.bench(|| plan::diff(black_box(&desired), &live, &Options::default()));
}

/// Every live expression is spelled in another way.
#[divan::bench(args = center::QUEUES)]
fn diff_of_everything_respelled(bencher: Bencher, queues: usize) {
    let spec = center::spec(queues);
    let spelled = spec.replace("HAS '", "has  '").replace(" >= ", ">=");
    let (desired, live) = (center::desired(&spec), center::applied(&center::desired(&spelled)));
    assert!(plan::diff(&desired, &live, &Options::default()).changes.is_empty());
    bencher.bench(|| plan::diff(black_box(&desired), &live, &Options::default()));
}

/// The live filters stand in reverse.
#[divan::bench(args = center::QUEUES)]
fn diff_of_filters_in_reverse(bencher: Bencher, queues: usize) {
    let desired = center::desired(&center::spec(queues));
    let mut live = center::applied(&desired);
    for workflow in &mut live.workflows {
        workflow.value.filters.iter_mut().for_each(|filters| filters.reverse());
    }
    assert!(!plan::diff(&desired, &live, &Options::default()).changes.is_empty());
    bencher.bench(|| plan::diff(black_box(&desired), &live, &Options::default()));
}

/// Every expression and every filter of the live side is another one.
fn changed(queues: usize) -> Model {
    let spec = center::spec(queues);
    let spec = spec.replace("AND", "OR").replace("dialect: conversation", "dialect: queue_sid");
    center::desired(&spec)
}

#[divan::bench(args = center::QUEUES)]
fn diff_of_everything_changed(bencher: Bencher, queues: usize) {
    let desired = changed(queues);
    let live = center::applied(&center::desired(&center::spec(queues)));
    assert!(plan::diff(&desired, &live, &Options::default()).changes.len() >= queues);
    bencher.bench(|| plan::diff(black_box(&desired), &live, &Options::default()));
}

#[divan::bench(args = center::QUEUES)]
fn diff_of_everything_pruned(bencher: Bencher, queues: usize) {
    let desired = center::desired("version: 1\nworkspace: { friendly_name: Flex Task Assignment }");
    let live = center::applied(&center::desired(&center::spec(queues)));
    let options = Options { prune: true, ..Options::default() };
    assert!(plan::diff(&desired, &live, &options).changes.len() >= queues);
    bencher.bench(|| plan::diff(black_box(&desired), &live, &options));
}

/// The workflows stay, so that each deletion says who still uses the queue.
#[divan::bench(args = center::QUEUES)]
fn diff_of_queues_pruned_in_use(bencher: Bencher, queues: usize) {
    let desired = center::desired(
        "version: 1\nworkspace: { friendly_name: Flex Task Assignment }\nunmanaged: { queues: prune }",
    );
    let live = center::applied(&center::desired(&center::spec(queues)));
    assert!(plan::diff(&desired, &live, &Options::default()).changes.len() >= queues - 1);
    bencher.bench(|| plan::diff(black_box(&desired), &live, &Options::default()));
}

#[divan::bench(args = center::QUEUES)]
fn show_everything_changed(bencher: Bencher, queues: usize) {
    let live = center::applied(&center::desired(&center::spec(queues)));
    let plan = plan::diff(&changed(queues), &live, &Options::default());
    bencher.bench(|| render::text(black_box(&plan), &render::Options::default()));
}
