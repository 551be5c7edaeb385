//! The schema of the spec: what every run pays once.

use divan::black_box;
use flexctl::schema;

#[divan::bench]
fn make() -> serde_json::Value {
    schema::flex_schema()
}

#[divan::bench]
fn compile(bencher: divan::Bencher) {
    let schema = schema::flex_schema();
    bencher.bench(|| jsonschema::draft7::new(black_box(&schema)));
}
