//! What `flexctl test` finds.

use super::{Entry, Error};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "test-failed",
        title: "a routing test does not find what it expects",
        severity: Error,
        explanation: "The task of the test goes another way than the test expects. `flexctl test` shows \
            both, and the whole way of the task with the reasons. It is told as a diagnostic where \
            `test` prints SARIF or annotations.",
        example: "",
    },
    Entry {
        code: "low-coverage",
        title: "the tests come to too few of the filters",
        severity: Error,
        explanation: "`--min-coverage` asks for a share of the filters that some test comes to. \
            `flexctl test --coverage` names the others; `flexctl test --generate` writes tests for them.",
        example: "",
    },
];
