//! Rules that no task comes to, and tasks that no rule takes.

use super::{Entry, Warning};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "covered-filter",
        title: "a filter that no task comes to",
        severity: Warning,
        explanation: "Filters are tried from top to bottom, and earlier ones take every task that \
            this one would take. Move it up, make the earlier ones narrower, or take it out.",
        example: "queues: { Everyone: {}, Sales: {} }\nworkflows:\n  Inbound:\n    filters:\n      - { name: All, expression: topic != null, targets: [{ queue: Everyone }] }\n      - { name: Sales, expression: topic == 'sales', targets: [{ queue: Sales }] }",
    },
    Entry {
        code: "duplicate-filter",
        title: "a filter with the expression of an earlier one that keeps every task",
        severity: Warning,
        explanation: "No task comes to the second of the two.",
        example: "queues: { Everyone: {}, Sales: {} }\nworkflows:\n  Inbound:\n    filters:\n      - { name: A, expression: topic == 'sales', targets: [{ queue: Everyone }] }\n      - { name: B, expression: topic = \"sales\", targets: [{ queue: Sales }] }",
    },
    Entry {
        code: "repeated-filter",
        title: "a filter with the expression and the targets of an earlier one",
        severity: Warning,
        explanation: "Tasks that the first one gives up go through the same targets once more.",
        example: "queues: { Sales: {} }\nworkflows:\n  Inbound:\n    filters:\n      - { name: A, expression: topic == 'sales', targets: [{ queue: Sales, timeout: 60 }] }\n      - { name: B, expression: topic == 'sales', targets: [{ queue: Sales, timeout: 60 }] }",
    },
    Entry {
        code: "never-true-filter",
        title: "a filter whose expression never holds",
        severity: Warning,
        explanation: "Its comparisons exclude each other, whatever the task.",
        example: "queues: { Sales: {} }\nworkflows:\n  Inbound:\n    filters:\n      - { name: A, expression: topic == 'sales' AND topic == 'orders', targets: [{ queue: Sales }] }",
    },
    Entry {
        code: "unreachable-target",
        title: "a target after one that keeps every task",
        severity: Warning,
        explanation: "A task leaves a target by its `timeout` or its `skip_if`. Without either, the \
            targets after it are never reached.",
        example: "queues: { Sales: {}, Everyone: {} }\nworkflows:\n  Inbound:\n    filters:\n      - { name: A, expression: topic == 'sales', targets: [{ queue: Sales }, { queue: Everyone }] }",
    },
    Entry {
        code: "unreachable-default-filter",
        title: "a default filter that no task comes to",
        severity: Warning,
        explanation: "The filters take every task. One that leaves them all by a timeout is \
            cancelled: the default filter is for tasks that no filter took, or that every one \
            skipped. Nothing is said when the tasks end in its queue all the same.",
        example: "queues: { Everyone: {}, Voicemail: {} }\nworkflows:\n  Inbound:\n    filters:\n      - { name: All, expression: 1==1, targets: [{ queue: Everyone, timeout: 60 }] }\n    default_filter: { queue: Voicemail }",
    },
    Entry {
        code: "unreached-queue",
        title: "a queue that no filter sends tasks to",
        severity: Warning,
        explanation: "No target that tasks come to names it, in any workflow of the spec. Workflows \
            that are not in the spec may; nothing is said when the filters of one are not known.",
        example: "queues: { Everyone: {}, Sales: {} }\nworkflows:\n  Inbound:\n    filters: []\n    default_filter: { queue: Everyone }",
    },
    Entry {
        code: "never-true-queue",
        title: "a queue whose expression holds for no worker",
        severity: Warning,
        explanation: "Its comparisons exclude each other. For a queue without workers write `1==0`.",
        example: "queues:\n  Sales: { target_workers: level > 3 AND level < 2 }",
    },
    Entry {
        code: "empty-queue",
        title: "a queue without a worker",
        severity: Warning,
        explanation: "None of the declared workers is in it. Said only when all workers are to be \
            declared, that is when `unmanaged` has `workers` and does not ignore them.",
        example: "unmanaged: { workers: report }\nworkers: { alice: { attributes: { team: a } } }\nqueues:\n  Sales: { target_workers: team == 'b' }",
    },
    Entry {
        code: "transfer-queue-without-filter",
        title: "a queue that the transfer workflow has no filter for",
        severity: Warning,
        explanation: "The workflow has filters for transfers to single queues, and none for this \
            one. Without a default filter such a transfer is lost.",
        example: "queues: { Sales: {}, Support: {} }\nworkflows:\n  Chat Transfer:\n    filters:\n      - { name: Sales, expression: transferQueueName == 'Sales', targets: [{ queue: Sales }] }",
    },
    Entry {
        code: "transfer-below-catch-all",
        title: "a filter for transfers below one that takes every task",
        severity: Warning,
        explanation: "The filter above takes transfers like everything else. Filters for transfers \
            stand first.",
        example: "queues: { Sales: {}, Everyone: {} }\nworkflows:\n  Inbound:\n    filters:\n      - { name: All, expression: 1==1, targets: [{ queue: Everyone, timeout: 60 }] }\n      - { name: Sales, expression: transferQueueName == 'Sales', targets: [{ queue: Sales }] }",
    },
    Entry {
        code: "filter-names-another-queue",
        title: "a filter for one queue that sends tasks to another",
        severity: Warning,
        explanation: "Its name or its expression names a queue of the spec, and its first target \
            another one. In a transfer workflow `overrides` with `to` say that this is meant.",
        example: "queues: { Sales: {}, Support: {} }\nworkflows:\n  Chat Transfer:\n    filters:\n      - { name: Transfer to queue - Sales, expression: transferQueueName == 'Sales', targets: [{ queue: Support }] }",
    },
    Entry {
        code: "transfer-to-unknown-queue",
        title: "a filter for transfers to a queue that there is not",
        severity: Warning,
        explanation: "The plugin sets the attribute to the name of a queue, and no queue of the spec \
            has this name.",
        example: "queues: { Everyone: {} }\nworkflows:\n  Chat Transfer:\n    filters:\n      - { name: All, expression: transferQueueName == 'Live Chat (Everyone)', targets: [{ queue: Everyone }] }",
    },
    Entry {
        code: "no-default-filter",
        title: "a transfer workflow without a default filter",
        severity: Warning,
        explanation: "A transfer that no filter takes falls out of the workflow, and the customer \
            with it.",
        example: "queues: { Everyone: { target_workers: 1==1 } }\ntransfers:\n  Chat Transfer: { dialect: conversation, worker: { queue: Everyone } }",
    },
    Entry {
        code: "ambiguous-transfer-workflow",
        title: "two workflows that scripts take for the one for chat transfers",
        severity: Warning,
        explanation: "Scripts look for a workflow whose name holds `Chat Transfer`, and take the \
            last one they find.",
        example: "queues: { Everyone: {} }\nworkflows:\n  Chat Transfer: { default_filter: { queue: Everyone } }\n  Old Chat Transfer: { default_filter: { queue: Everyone } }",
    },
];
