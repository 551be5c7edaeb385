//! Files that cannot be read.

use super::{Entry, Error};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "unreadable-file",
        title: "a file of the spec cannot be read",
        severity: Error,
        explanation: "The file is missing, or this user may not read it. The spec itself is chosen \
            with `--file`; further files are named under `include`.",
        example: "",
    },
    Entry {
        code: "include-not-found",
        title: "no file matches an entry of `include`",
        severity: Error,
        explanation: "Paths and globs are relative to the file that holds the `include`. An entry \
            that matches nothing is an error, so that a typo cannot lose a part of the spec.",
        example: "include: [qeues/*.yaml]",
    },
    Entry {
        code: "include-cycle",
        title: "files include each other",
        severity: Error,
        explanation: "A file is included that is still being read. The message shows the way \
            round. A file that is included twice without a cycle is read once.",
        example: "include: [flex.yaml]",
    },
    Entry {
        code: "not-utf8",
        title: "a file is not UTF-8",
        severity: Error,
        explanation: "Save the file as UTF-8. The place is the first byte that does not belong to \
            a character.",
        example: "",
    },
    Entry {
        code: "control-character",
        title: "a file holds a control character",
        severity: Error,
        explanation: "Of the ASCII control characters only tab, line feed and carriage return may \
            stand in a file. In double quotes others can be written as escapes (`\"\\x1b\"`).",
        example: "",
    },
    Entry {
        code: "too-large",
        title: "the spec is too large",
        severity: Error,
        explanation: "A file holds at most 16 MiB, a spec 64 MiB in 10,000 files with a million \
            keys and values; files include each other at most 16 deep; variables and expressions \
            put in at most 10 MB.",
        example: "",
    },
    Entry {
        code: "too-many-problems",
        title: "more problems than anybody reads",
        severity: Error,
        explanation: "The first 1,000 problems are shown, the others only counted.",
        example: "",
    },
];
