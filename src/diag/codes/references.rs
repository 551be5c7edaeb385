//! `${…}`.

use super::{Entry, Error};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "bad-reference",
        title: "a `${…}` that is no reference",
        severity: Error,
        explanation: "`${…}` takes `var.NAME`, `expr.NAME`, `env.NAME`, `queue.name` and \
            `queue.sid` in a for-each, `workspace.sid`, and the sids of others as in \
            `queue['Sales'].sid`, `workflow['…'].sid`, `channel['…'].sid`, `activity['…'].sid`, and \
            `worker['…'].sid` in the task of a test. \
            `$${` stands for the characters `${`. A variable that is null cannot stand inside a \
            text.",
        example: "queues:\n  Sales:\n    target_workers: team == '${vra.team}'",
    },
    Entry {
        code: "unknown-variable",
        title: "a variable that is not declared",
        severity: Error,
        explanation: "Declare it under `variables:` with its default. An environment, a \
            `--var-file` and `--var` can only set what is declared there.",
        example: "workflows:\n  Inbound:\n    task_reservation_timeout: ${var.timeot}",
    },
    Entry {
        code: "unknown-expression",
        title: "a named expression that is not declared",
        severity: Error,
        explanation: "Declare it under `expressions:`.",
        example: "queues:\n  Sales:\n    target_workers: ${expr.seniors}",
    },
    Entry {
        code: "unknown-env",
        title: "an environment variable that is not set",
        severity: Error,
        explanation: "`${env.NAME}` takes the variable of the process that runs flexctl. For a \
            value with a default, use `${var.NAME}`.",
        example: "workspace:\n  event_callback_url: ${env.CALLBACK}",
    },
    Entry {
        code: "unknown-environment",
        title: "an environment that the spec does not have",
        severity: Error,
        explanation: "`--env` takes a key of `environments:`.",
        example: "",
    },
    Entry {
        code: "reference-cycle",
        title: "definitions that use each other",
        severity: Error,
        explanation: "A variable or named expression may use others, but not itself. The message \
            shows the way round.",
        example: "expressions:\n  senior: ${expr.expert}\n  expert: ${expr.senior}",
    },
    Entry {
        code: "unknown-lint",
        title: "a comment that allows what is no lint",
        severity: Error,
        explanation: "`# flexctl: allow(CODE)` takes the codes of lints, with commas between them. \
            Of errors it takes those about what TaskRouter may hold already: `expression-syntax`, \
            `order-by-syntax`, `known-worker-path`, `known-worker-twice`, `target-without-queue`.",
        example: "queues:\n  Sales: {} # flexctl: allow(empty-globe)",
    },
];
