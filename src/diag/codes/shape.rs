//! Keys and values that are not as the language wants them.

use super::{Entry, Error};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "unknown-key",
        title: "a key that the language does not have there",
        severity: Error,
        explanation: "The nearest known key is named, or all that can stand there. A key that was \
            not known would be a setting that silently does nothing.",
        example: "queues:\n  Sales: { taget_workers: 1==1 }",
    },
    Entry {
        code: "missing-key",
        title: "a key that has to be there is missing",
        severity: Error,
        explanation: "The place is the key of the map that lacks it.",
        example: "workflows:\n  Inbound:\n    filters:\n      - { name: Sales, expression: 1==1 }",
    },
    Entry {
        code: "wrong-type",
        title: "a value of the wrong type",
        severity: Error,
        explanation: "A number or a truth value where a text is wanted needs quotes (`\"0123\"`); a \
            number where one is wanted must have none. `yes` and `on` are texts in YAML 1.2: write \
            `true`.",
        example: "queues:\n  Sales: { max_reserved_workers: \"3\" }",
    },
    Entry {
        code: "unknown-value",
        title: "a word that the key does not take",
        severity: Error,
        explanation: "The nearest word is named, or all that the key takes.",
        example: "queues:\n  Sales: { task_order: FILO }",
    },
    Entry {
        code: "out-of-range",
        title: "a number that TaskRouter does not take",
        severity: Error,
        explanation: "The help gives TaskRouter's documented range for this key.",
        example: "queues:\n  Sales: { max_reserved_workers: 51 }",
    },
    Entry {
        code: "bad-format",
        title: "a text in the wrong form",
        severity: Error,
        explanation: "For instance a sid of another kind, or a share that is no percentage.",
        example: "queues:\n  Sales: { sid: WW00000000000000000000000000000000 }",
    },
    Entry {
        code: "too-long",
        title: "a text that is too long",
        severity: Error,
        explanation: "TaskRouter refuses names above 64 characters.",
        example: "",
    },
    Entry {
        code: "too-short",
        title: "a text that is empty or too short",
        severity: Error,
        explanation: "A name has at least one character.",
        example: "queues:\n  \"\": { target_workers: 1==1 }",
    },
    Entry {
        code: "too-many",
        title: "more entries than TaskRouter takes",
        severity: Error,
        explanation: "The place is the first entry over the limit. A workspace holds 100 \
            activities, 15 task channels (the built-in ones included), 5,000 queues, 1,000 \
            workflows and 15,000 workers.",
        example: "",
    },
    Entry {
        code: "too-few",
        title: "a list or map without the entries it needs",
        severity: Error,
        explanation: "Give an entry, or remove the key.",
        example: "workflows:\n  Inbound:\n    filters:\n      - { name: Sales, expression: 1==1, targets: [] }",
    },
    Entry {
        code: "duplicate-item",
        title: "a list that names something twice",
        severity: Error,
        explanation: "Remove one of the two.",
        example: "",
    },
    Entry {
        code: "bad-value",
        title: "a value that makes no sense",
        severity: Error,
        explanation: "The value has the right type and cannot be meant, as bounds whose lower end \
            is above the upper one, or two keys of which only one can be given.",
        example: "worker_capacities:\n  - name: everyone\n    workers: 1==1\n    channels:\n      chat: { bounds: [3, 1] }",
    },
];
