//! How fast expressions are read and evaluated.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use flexctl::expr::{self, AttributeScope, Clock, Timed};
use serde_json::json;

const SHORT: &str = "routing.skills HAS 'billing' AND (languages HAS 'en' OR level >= 3)";

/// A filter over many queues, about `count` comparisons long.
fn long(count: usize) -> String {
    let names = (0..count).map(|i| format!("transferQueueName == 'Queue {i}'"));
    names.collect::<Vec<_>>().join(" OR ")
}

#[divan::bench]
fn parse_short(bencher: Bencher) {
    bencher.counter(BytesCount::of_str(SHORT)).bench(|| expr::parse(black_box(SHORT)));
}

#[divan::bench(args = [10, 100, 1000, 10000])]
fn parse_long(bencher: Bencher, count: usize) {
    let text = long(count);
    bencher.counter(BytesCount::of_str(&text)).bench(|| expr::parse(black_box(&text)));
}

#[divan::bench(args = [1000, 10000, 100_000])]
fn parse_open_parentheses(bencher: Bencher, count: usize) {
    let text = "(".repeat(count);
    bencher.counter(BytesCount::of_str(&text)).bench(|| expr::parse(black_box(&text)));
}

#[divan::bench]
fn print_short(bencher: Bencher) {
    let (tree, _) = expr::parse(SHORT);
    bencher.bench(|| black_box(&tree).to_string());
}

#[divan::bench]
fn evaluate_short(bencher: Bencher) {
    let (tree, _) = expr::parse(SHORT);
    let attributes = json!({
        "routing": {"skills": ["sales", "billing"]}, "languages": ["es"], "level": 4,
    });
    let attributes = attributes.as_object().expect("it is written as an object");
    let scope = AttributeScope::worker(attributes).field("friendly_name", "alice");
    bencher.bench(|| expr::evaluate(black_box(&tree), &scope));
}

#[divan::bench(args = [10, 1000])]
fn evaluate_long(bencher: Bencher, count: usize) {
    let (tree, _) = expr::parse(&long(count));
    let attributes = json!({"transferQueueName": "none"});
    bencher.bench(|| expr::evaluate(black_box(&tree), &attributes));
}

#[divan::bench]
fn decide_short(bencher: Bencher) {
    let (tree, _) = expr::parse(SHORT);
    let attributes = json!({
        "routing": {"skills": ["sales", "billing"]}, "languages": ["es"], "level": 4,
    });
    bencher.bench(|| expr::decide(black_box(&tree), &attributes));
}

#[divan::bench(args = [10, 1000])]
fn decide_long(bencher: Bencher, count: usize) {
    let (tree, _) = expr::parse(&long(count));
    let attributes = json!({"transferQueueName": "none"});
    bencher.bench(|| expr::decide(black_box(&tree), &attributes));
}

/// A filter by opening hours, with the clock.
#[divan::bench]
fn evaluate_opening_hours(bencher: Bencher) {
    let (tree, _) = expr::parse(
        "taskrouter.dayOfWeek IN ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'] AND \
         taskrouter.currentTime >= 800 AND taskrouter.currentTime < 1830",
    );
    let attributes = json!({});
    let scope = Timed { clock: Clock::from_unix(1_776_153_900), scope: &attributes };
    bencher.bench_local(|| expr::evaluate(black_box(&tree), &scope));
}
