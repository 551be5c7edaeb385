//! What a plan refuses or points out. Plans carry these codes themselves; they are explained here.

use super::{Entry, Error, Warning};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "replace-not-allowed",
        title: "a change that needs a new object, which nobody has allowed",
        severity: Error,
        explanation: "Some fields are fixed when an object is created: whether an activity is \
            `available`, and a channel's unique name. To change one, a new object has to take the \
            old one's place; it gets a new sid, and reports that count by sid begin anew. Allow \
            it with `--allow-replace ADDRESS`, or write what is live.",
        example: "",
    },
    Entry {
        code: "protected",
        title: "an object that is never deleted or replaced",
        severity: Error,
        explanation: "It is one of Flex's own, or `protect` in the spec covers it. A replace of it \
            is refused, and so is its deletion where `removed` names it; a deletion by policy is \
            left out of the plan, with a note.",
        example: "",
    },
    Entry {
        code: "limit",
        title: "more updates or deletions than is plausible",
        severity: Error,
        explanation: "A plan that changes or deletes a large share of a kind is more often a slip \
            (another file, another account, a lost section) than meant. `limits` says how much is \
            plausible; the refusal says how much the plan would need.",
        example: "",
    },
    Entry {
        code: "left-out",
        title: "a change that needs another one, which the command line leaves out",
        severity: Error,
        explanation: "`--only` and `--exclude` choose among the changes of a plan. One that is chosen \
            may need one that is not: a workflow the queue that it names, a deletion the update of \
            whatever still refers to it. The refusal names both, and what to add.",
        example: "",
    },
    Entry {
        code: "duplicate-name",
        title: "two live objects with one name",
        severity: Error,
        explanation: "Names decide which object is meant, so nothing can be said of either. Say \
            which one with `sid`, or rename the other.",
        example: "",
    },
    Entry {
        code: "pin",
        title: "a `sid` that is not live, or is taken",
        severity: Error,
        explanation: "An object that is pinned with `sid` is looked for by that alone. Correct it, \
            or leave it out to go by the name.",
        example: "",
    },
    Entry {
        code: "one-way",
        title: "a setting that cannot be taken back",
        severity: Error,
        explanation: "TaskRouter does not switch multitasking off again once it is on.",
        example: "",
    },
    Entry {
        code: "rename-proposed",
        title: "a new name and an undeclared object that look the same",
        severity: Warning,
        explanation: "The plan would create one and leave the other alone. If it is the same \
            object under a new name, `renamed_from` renames it in place: it keeps its sid, its \
            tasks and its statistics.",
        example: "",
    },
    Entry {
        code: "rename-done",
        title: "a `renamed_from` whose old name is live again",
        severity: Warning,
        explanation: "Objects with the old and with the new name are both live. The one with the \
            new name is taken for the renamed one; take `renamed_from` out once every environment \
            has the new name.",
        example: "",
    },
    Entry {
        code: "tasks-affected",
        title: "waiting tasks that a rename leaves behind",
        severity: Warning,
        explanation: "Transfer filters compare a task attribute with the queue's name. Tasks that \
            were made before the rename carry the old name and match the filter no longer; they \
            fall to the default filter.",
        example: "",
    },
    Entry {
        code: "still-used",
        title: "a deletion that TaskRouter will refuse",
        severity: Warning,
        explanation: "Something that the plan leaves alone still refers to the object. Take the \
            reference out there, or declare the object.",
        example: "",
    },
    Entry {
        code: "tasks-waiting",
        title: "a deletion that has to wait for tasks",
        severity: Warning,
        explanation: "Tasks are pending or reserved in a queue or a workflow that the plan \
            deletes. The workflows are changed first, so that no new ones come; tasks that are \
            there keep the configuration they came with, and TaskRouter refuses to delete the \
            queue as long as one of them may need it. An apply asks again for two minutes \
            (`--removal-timeout`). `re_evaluate_tasks: true` in the workflow moves them at once, \
            but for those that are offered to somebody.",
        example: "",
    },
    Entry {
        code: "no-channel",
        title: "capacities for a channel that is not there",
        severity: Warning,
        explanation: "A capacity rule names a channel that is neither live nor declared under \
            `task_channels`. The other capacities are set.",
        example: "",
    },
    Entry {
        code: "unreadable",
        title: "a live workflow that cannot be understood",
        severity: Warning,
        explanation: "Its configuration is not JSON of the documented shape. It is never half \
            understood: it is kept as it is, or replaced as a whole where the spec gives filters.",
        example: "",
    },
];
