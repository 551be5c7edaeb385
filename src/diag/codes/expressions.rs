//! Expressions that can be sent and do not mean what they seem to.

use super::{Entry, Warning};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "attribute-prefix",
        title: "an attribute that nothing has in this place",
        severity: Warning,
        explanation: "In the expression of a target attributes begin with `task.` or `worker.`, in a \
            skip condition with `workers.`; in the expression of a filter and of a queue they have \
            no prefix.",
        example: "queues: { Everyone: {} }\nworkflows:\n  Inbound:\n    default_filter: { queue: Everyone, expression: level > 3 }",
    },
    Entry {
        code: "worker-attribute-in-filter",
        title: "a worker's attribute in a filter",
        severity: Warning,
        explanation: "A filter sees the attributes of the task and nothing else: which worker may \
            get it is for the expression of a target to say. A worker's attribute is missing there, \
            so that hardly any comparison with it holds.",
        example: "queues: { Everyone: {} }\nworkflows:\n  Inbound:\n    filters:\n      - expression: worker.level > 3\n        targets: [{ queue: Everyone }]",
    },
    Entry {
        code: "task-attribute-in-queue",
        title: "a task's attribute where only workers are seen",
        severity: Warning,
        explanation: "`target_workers` of a queue and `workers` of a capacity rule choose workers \
            once, whatever tasks there are. Compare task and worker in the expression of a target.",
        example: "queues:\n  Sales: { target_workers: task.language IN languages }",
    },
    Entry {
        code: "attributes-key",
        title: "a path through `attributes`",
        severity: Warning,
        explanation: "In expressions attributes stand directly after the prefix: `worker.skills`, \
            not `worker.attributes.skills`. Declare `attributes` under `attributes` if there is an \
            attribute of that name.",
        example: "queues:\n  Sales: { target_workers: worker.attributes.skills HAS 'sales' }",
    },
    Entry {
        code: "worker-field",
        title: "a field of a worker that there is not",
        severity: Warning,
        explanation: "Beside the attributes a worker has `sid`, `friendly_name`, `activity_sid`, \
            `activity_name`, and for each task channel `channel.NAME.configured_capacity`, \
            `channel.NAME.assigned_tasks` and `channel.NAME.available_capacity_percentage`.",
        example: "queues: { Everyone: {} }\nworkflows:\n  Inbound:\n    default_filter: { queue: Everyone, expression: worker.channel.chat.capacity > 1 }",
    },
    Entry {
        code: "taskrouter-variable",
        title: "a variable of TaskRouter that there is not",
        severity: Warning,
        explanation: "Filters and the expressions of targets know the time, in UTC: \
            `taskrouter.currentTime`, `taskrouter.currentHour`, `taskrouter.currentMin` and \
            `taskrouter.dayOfWeek`. Queues and skip conditions know nothing of it.",
        example: "queues: { Everyone: {} }\nworkflows:\n  Inbound:\n    filters:\n      - expression: taskrouter.currentTme > 0800\n        targets: [{ queue: Everyone }]",
    },
    Entry {
        code: "day-of-week",
        title: "a day that never comes",
        severity: Warning,
        explanation: "`taskrouter.dayOfWeek` is one of 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', \
            'Sun', and texts are compared as they are written.",
        example: "queues: { Everyone: {} }\nworkflows:\n  Inbound:\n    filters:\n      - expression: taskrouter.dayOfWeek == 'THU'\n        targets: [{ queue: Everyone }]",
    },
    Entry {
        code: "skip-if-count",
        title: "a count of workers that there is not",
        severity: Warning,
        explanation: "A skip condition counts the workers of the target's queue: \
            `workers.available`, `workers.unavailable`, and `workers.SID` for those in the activity \
            with that sid.",
        example: "queues: { Everyone: {} }\nworkflows:\n  Inbound:\n    default_filter: { queue: Everyone, skip_if: workers.avialable == 0 }",
    },
    Entry {
        code: "wrong-operand",
        title: "an operand that the operator can do nothing with",
        severity: Warning,
        explanation: "`HAS` and `IN` look for one value in a list; `CONTAINS` looks for a text in a \
            text; `<` and its like order numbers; `==` and `!=` compare single values and never hold \
            with a list. What each operator makes of every operand is in `docs/expressions.md`.",
        example: "queues:\n  Sales: { target_workers: \"region == ['de', 'at']\" }",
    },
    Entry {
        code: "quoted-key",
        title: "an attribute in quotes",
        severity: Warning,
        explanation: "What stands in quotes is a text, so `\"language\" == 'es'` compares two texts \
            that differ. An attribute is written without quotes.",
        example: "queues:\n  Sales: { target_workers: \"'skills' HAS 'sales'\" }",
    },
    Entry {
        code: "empty-list",
        title: "a list with nothing in it",
        severity: Warning,
        explanation: "`x IN []` never holds and `x NOT IN []` always does. For a condition that \
            never holds write `1==0`, which everybody understands.",
        example: "queues: { Everyone: {} }\nworkflows:\n  Inbound:\n    filters:\n      - expression: channelType IN []\n        targets: [{ queue: Everyone }]",
    },
    Entry {
        code: "mixed-and-or",
        title: "AND and OR side by side without parentheses",
        severity: Warning,
        explanation: "TaskRouter does not say which of them binds tighter. AND does in most \
            languages and in flexctl. Parentheses say what is meant.",
        example: "queues:\n  Sales: { target_workers: team == 'a' AND level > 2 OR team == 'b' }",
    },
    Entry {
        code: "undeclared-attribute",
        title: "an attribute that is not declared",
        severity: Warning,
        explanation: "`attributes` says which attributes tasks or workers have, and this one is not \
            among them: a slip, or one to be declared. Without a declaration of that side nothing is \
            said of its attributes. Filters that a transfer makes need no declaration.",
        example: "attributes:\n  worker: { routing.skills: list }\nqueues:\n  Sales: { target_workers: routing.skils HAS 'sales' }",
    },
    Entry {
        code: "attribute-type",
        title: "an attribute that is used as another type than it has",
        severity: Warning,
        explanation: "The type is declared under `attributes`, or TaskRouter gives the attribute: \
            the counts of `workers.` are numbers, `taskrouter.dayOfWeek` is a text. How values of \
            different types compare is nowhere documented.",
        example: "attributes:\n  worker: { level: number }\nqueues:\n  Sales: { target_workers: level HAS 'sales' }",
    },
    Entry {
        code: "attribute-of-two-kinds",
        title: "an attribute that is used as two kinds of value",
        severity: Warning,
        explanation: "Here it is used as a number and there as a text, or here as a single value and \
            there as a list. At most one of them can be right for a task or worker, and TaskRouter \
            does not say how values of different types compare.",
        example: "queues:\n  Young: { target_workers: age < 30 }\n  Old: { target_workers: age == '30+' }",
    },
    Entry {
        code: "boolean-as-string",
        title: "an attribute that is used as a truth value and as a text",
        severity: Warning,
        explanation: "`true` and `'true'` are different values. Which of the two the attribute holds \
            depends on who sets it; write the same everywhere.",
        example: "queues:\n  A: { target_workers: remote == true }\n  B: { target_workers: \"remote == 'true' AND team == 'b'\" }",
    },
    Entry {
        code: "similar-attribute",
        title: "an attribute that is spelt almost like a common one",
        severity: Warning,
        explanation: "It is named once, and differs from one that is named often by upper and lower \
            case, a doubled letter or two swapped ones. Declare both under `attributes` if they are \
            two.",
        example: "queues:\n  A: { target_workers: contact_uri == 'a' }\n  B: { target_workers: contact_uri == 'b' }\n  C: { target_workers: contact_uri == 'c' }\n  D: { target_workers: conatct_uri == 'd' }",
    },
];
