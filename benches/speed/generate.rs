//! Transfers and for-each rules → filters.

use divan::{Bencher, black_box};
use flexctl::generate;

use crate::center;

#[divan::bench(args = center::QUEUES)]
fn expand(bencher: Bencher, queues: usize) {
    let model = center::model(&center::spec(queues));
    bencher.bench(|| generate::expand(black_box(&model)));
}
