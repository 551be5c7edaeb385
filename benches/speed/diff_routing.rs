//! Which tasks go elsewhere, over the kinds of tasks that are made up.

use divan::{Bencher, black_box};
use flexctl::model::Model;
use flexctl::routing::Worker;
use flexctl::routing::compare::{KnownWorkers, Question, Renames, RoutingDiff, compare};
use serde_json::json;

use crate::center;

/// As many kinds of tasks as a plan tries.
const LIMIT: usize = 2_000;

/// Three workers for each queue, one of whom has its skill.
fn workers(queues: usize) -> KnownWorkers {
    let worker = |i: usize| {
        let mut worker = Worker::named(format!("worker {i}"));
        let skills = json!({ "skills": [format!("skill {}", i / 3)] });
        worker.attributes.insert("routing".to_owned(), skills);
        worker.attributes.insert("level".to_owned(), (i % 6).into());
        worker
    };
    let workers: Vec<Worker> = (0..3 * queues).map(worker).collect();
    KnownWorkers { before: workers.clone(), after: workers }
}

fn diff(before: &Model, after: &Model, workers: &KnownWorkers) -> RoutingDiff {
    let renames = Renames::declared(before, after);
    compare(&Question { before, after, renames: &renames, tasks: &[], workers, limit: LIMIT })
}

fn bench(bencher: Bencher, queues: usize, from: &str, to: &str) {
    let spec = center::spec(queues);
    let (before, workers) = (center::desired(&spec), workers(queues));
    let after = center::desired(&spec.replace(from, to));
    assert!(!diff(&before, &after, &workers).is_empty());
    bencher.bench(|| diff(black_box(&before), &after, &workers));
}

#[divan::bench(args = center::QUEUES)]
fn one_word_in_a_queue(bencher: Bencher, queues: usize) {
    bench(bencher, queues, "'skill 11'", "'skills 11'");
}

#[divan::bench(args = center::QUEUES)]
fn one_word_in_a_filter(bencher: Bencher, queues: usize) {
    bench(bencher, queues, "'topic 10'", "'topics 10'");
}

/// Every queue has other workers, and every filter other tasks.
#[divan::bench(args = center::QUEUES)]
fn everything_changed(bencher: Bencher, queues: usize) {
    let spec = center::spec(queues);
    let (before, workers) = (center::desired(&spec), workers(queues));
    let after =
        center::desired(&spec.replace("'skill ", "'skills ").replace("'topic ", "'topics "));
    bencher.bench(|| diff(black_box(&before), &after, &workers));
}
