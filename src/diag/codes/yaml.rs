//! Text that is not the YAML of a spec.

use super::{Entry, Error, Warning};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "yaml-syntax",
        title: "the file is not YAML",
        severity: Error,
        explanation: "Nothing after the place can be read, so correct this first and run again. \
            The usual causes: a tab in the indentation, a quote or bracket that is not closed, a \
            text with `: ` or ` #` in it that needs quotes, `${…}` without quotes inside `{ }` or \
            `[ ]`.",
        example: "queues:\n  Sales: { target_workers: ${expr.sales} }",
    },
    Entry {
        code: "duplicate-key",
        title: "a key is given twice",
        severity: Error,
        explanation: "Most readers of YAML silently take the last one. Both places are shown; they \
            may be in two files that are included together. Names of queues, workflows and so on \
            are keys too.",
        example: "queues:\n  Sales: { target_workers: 1==1 }\n  Sales: { target_workers: 1==0 }",
    },
    Entry {
        code: "yaml-key",
        title: "a key is not a plain text",
        severity: Error,
        explanation: "A key is a word, a number or a quoted text. A list, a map or an alias cannot \
            be one, and a value that begins with `{` needs quotes.",
        example: "queues:\n  [Sales, Support]: { target_workers: 1==1 }",
    },
    Entry {
        code: "yaml-documents",
        title: "the file holds a second YAML document",
        severity: Error,
        explanation: "A spec is one document. To split it, use `include`.",
        example: "version: 1\n---\nversion: 1",
    },
    Entry {
        code: "yaml-directive",
        title: "the file holds a YAML directive",
        severity: Error,
        explanation: "Lines such as `%YAML 1.1` are not taken: a spec is always YAML 1.2.",
        example: "%YAML 1.1\n---\nversion: 1",
    },
    Entry {
        code: "yaml-tag",
        title: "a tag that means nothing here",
        severity: Error,
        explanation: "Only YAML's own tags are known (`!!str`, `!!int`, `!!float`, `!!bool`, \
            `!!null`, `!!seq`, `!!map`), and the value has to be what they say. A text that begins \
            with `!` needs quotes.",
        example: "queues:\n  Sales: { target_workers: !secret sales }",
    },
    Entry {
        code: "yaml-alias",
        title: "an alias that cannot be followed",
        severity: Error,
        explanation: "An alias `*name` repeats the value with the anchor `&name`, which has to \
            stand above it and not around it. All aliases together copy at most 10 MB.",
        example: "queues:\n  Sales: *everyone",
    },
    Entry {
        code: "yaml-merge",
        title: "`<<` with something other than a map",
        severity: Error,
        explanation: "`<<: *name` puts the entries of a map in, below those that stand beside it. \
            It takes a map, or a list of maps of which the first wins.",
        example: "queues:\n  Sales:\n    <<: sales",
    },
    Entry {
        code: "too-deep",
        title: "things stand too deep in each other",
        severity: Error,
        explanation: "Collections stand at most 64 deep in each other, and so do variables and \
            named expressions.",
        example: "",
    },
    Entry {
        code: "not-finite",
        title: "a number that is infinite or none",
        severity: Error,
        explanation: "`.inf`, `.nan` and numbers beyond 1e308 cannot be sent to TaskRouter.",
        example: "variables:\n  hold_timeout: .inf",
    },
    Entry {
        code: "leading-zero",
        title: "a number with zeros in front",
        severity: Warning,
        explanation: "YAML 1.2 reads `0123` as the number 123. Quote it to keep the zeros.",
        example: "workers:\n  alice:\n    attributes: { extension: 0123 }",
    },
];
