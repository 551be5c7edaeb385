//! Linting an expanded model, and putting what is found at its place.

use divan::{Bencher, black_box};
use flexctl::diag::Levels;
use flexctl::generate;
use flexctl::lint;
use flexctl::spec::document::Attributes;

use crate::center;

/// Little is found.
#[divan::bench(args = center::QUEUES)]
fn findings(bencher: Bencher, queues: usize) {
    let desired = center::desired(&center::spec(queues));
    bencher.bench(|| lint::findings(black_box(&desired), &Attributes::default()));
}

/// Something is found in every queue and in every generated filter.
#[divan::bench(args = center::QUEUES)]
fn check_much_that_is_wrong(bencher: Bencher, queues: usize) {
    let spec = center::spec(queues).replace("AND level >=", "OR task.level >").replace(
        "dialect: conversation\n",
        "dialect: conversation\n    target: { expression: level > 3 }\n",
    );
    let desired = generate::expand(&center::model(&spec));
    let check = || {
        let analysis = center::analyze(&spec);
        lint::check(analysis, Some(black_box(&desired)), &Levels::default())
    };
    assert!(check().diagnostics.len() >= queues.min(900));
    bencher.bench(check);
}
