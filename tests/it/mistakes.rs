//! Mistakes that real configurations hold, each in a spec of its own: what is said, and where.

use std::collections::BTreeMap;

use crate::support::spec::{analysis, linted, report, root, yaml_files};

/// The first thing that is to be said of each: the code, and the text at its place.
const WANTED: &[(&str, &str, &str)] = &[
    ("a-comma-list-after-equals", "expression-syntax", ","),
    (
        "a-covered-filter",
        "covered-filter",
        "(language == 'en' OR language == 'es') AND hours == 'night'",
    ),
    ("a-doubled-filter", "duplicate-filter", "transferQueueName=\"Sales\""),
    ("a-doubled-letter-in-worker", "attribute-prefix", "wworker"),
    ("a-filter-that-routes-elsewhere", "filter-names-another-queue", "Sales"),
    ("a-hyphen-in-a-key", "expression-syntax", "-"),
    ("a-list-operator-on-a-single-value", "attribute-of-two-kinds", "level"),
    ("a-number-and-a-text", "attribute-of-two-kinds", "intake.age"),
    ("a-quoted-key", "quoted-key", "\\\"languages\\\""),
    ("a-space-inside-an-operator", "expression-syntax", "! ="),
    ("a-target-after-the-end", "unreachable-target", "{ queue: Everyone, priority: 20 }"),
    ("an-empty-list", "empty-list", "[]"),
    (
        "filter-for-a-queue-of-another-name",
        "transfer-to-unknown-queue",
        "transferQueueName == 'Live Chat (Everyone)'",
    ),
    ("queues-without-a-filter", "transfer-queue-without-filter", "Chat Transfer"),
    ("transfers-below-a-catch-all", "transfer-below-catch-all", "transferQueueName == 'Sales'"),
    ("two-workflows-of-one-pattern", "ambiguous-transfer-workflow", "Chat Transfer"),
];

#[test]
fn each_mistake_is_told_at_its_place() {
    let paths = yaml_files(&root().join("tests/specs/mistakes"));
    let mut found = BTreeMap::new();
    for path in &paths {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let analysis = linted(analysis(path));
        insta::assert_snapshot!(name.as_str(), report(&analysis));
        let said: Vec<(&str, String)> = analysis
            .diagnostics
            .iter()
            .map(|d| (d.code, analysis.sources.slice(d.labels[0].span).to_owned()))
            .collect();
        found.insert(name, said);
    }
    let names: Vec<&str> = WANTED.iter().map(|(name, ..)| *name).collect();
    assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), names);
    for (name, code, text) in WANTED {
        let said = &found[*name];
        assert!(said.contains(&(code, (*text).to_owned())), "{name}: {said:?}");
    }
}
