//! The expression language, held to its documentation and to real configurations.

mod evaluations;
mod laws;
mod precedence;
mod properties;

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::Write as _;
use std::path::PathBuf;

use flexctl::expr::{self, AttributeScope, Clock, Scope, TargetScope, Timed};
use flexctl::text::TextRange;
use serde_json::Value;

use crate::support::served::HANG;

const DOCS: &str = include_str!("../../docs/expressions.md");
const EVALUATIONS: &str = include_str!("expressions/evaluations.txt");
const MISTAKES: &str = include_str!("expressions/mistakes.txt");

/// The rows of all fenced blocks of one kind, each split at its bars.
fn rows<'a>(text: &'a str, kind: &str) -> Vec<Vec<&'a str>> {
    let fence = format!("```{kind}");
    let mut lines = text.lines();
    let mut rows = Vec::new();
    while lines.any(|line| line == fence) {
        let block = lines.by_ref().take_while(|line| *line != "```");
        rows.extend(block.map(columns));
    }
    rows
}

fn columns(row: &str) -> Vec<&str> {
    row.split(" | ").map(str::trim).collect()
}

#[test]
fn every_evaluation_of_the_table_is_as_listed() {
    let mut scope = "";
    let mut checked = 0;
    let mut wrong = String::new();
    let mut lines = EVALUATIONS.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("## ") {
            let from = lines.next().expect("a section goes on");
            assert!(from.starts_with("# From "), "{line} says where it is from");
        } else if let Some(next) = line.strip_prefix("@ ") {
            scope = next;
        } else if !line.is_empty() && !line.starts_with('#') {
            checked += 1;
            wrong.extend(evaluations::mistake(scope, &columns(line)));
        }
    }
    assert_eq!(wrong, "");
    assert!(checked >= 220, "only {checked} rows");
}

#[test]
fn the_examples_of_the_documentation_are_true() {
    let mut checked = 0;
    let mut wrong = String::new();
    for scope in ["queue", "filter 2026-04-14T08:05:00Z", "target 2026-04-14T08:05:00Z", "skip_if"]
    {
        let evaluations = rows(DOCS, &format!("evaluate {scope}"));
        assert!(!evaluations.is_empty(), "no evaluations of {scope}");
        checked += evaluations.len();
        wrong.extend(evaluations.iter().filter_map(|row| evaluations::mistake(scope, row)));
    }
    assert_eq!(wrong, "");
    let listed = DOCS.lines().filter(|line| line.starts_with("```evaluate")).count();
    let blocks = DOCS.matches("```evaluate ").count();
    assert!(checked >= 30 && listed == blocks, "{checked} evaluations in {listed} blocks");

    let spellings = rows(DOCS, "canonical");
    assert!(spellings.len() >= 8, "only {} spellings", spellings.len());
    for row in spellings {
        let [text, canonical] = row[..] else { panic!("two columns: {row:?}") };
        assert_eq!(expr::parse(text).1, [], "{text}");
        assert_eq!(expr::canonical(text), canonical);
    }

    let mistakes = rows(DOCS, "refused");
    assert!(mistakes.len() >= 8, "only {} mistakes", mistakes.len());
    for row in mistakes {
        let [text, column, message] = row[..] else { panic!("three columns: {row:?}") };
        let (_, errors) = expr::parse(text);
        let first = errors.first().unwrap_or_else(|| panic!("{text} is no mistake"));
        let found = text[..first.range.start].chars().count() + 1;
        assert_eq!((found.to_string().as_str(), first.message.as_str()), (column, message));
    }

    let sort_keys = rows(DOCS, "order-by");
    assert!(!sort_keys.is_empty());
    for row in sort_keys {
        let [text, canonical] = row[..] else { panic!("two columns: {row:?}") };
        assert_eq!(expr::parse_order_by(text).1, [], "{text}");
        assert_eq!(expr::canonical_order_by(text), canonical);
    }
}

fn underline(out: &mut String, text: &str, range: TextRange) {
    let before = text[..range.start].chars().count();
    let under = text[range.start..range.end].chars().count().max(1);
    writeln!(out, "  {}{}", " ".repeat(before), "^".repeat(under)).expect("strings take all text");
}

#[test]
fn every_common_mistake_is_marked_and_explained() {
    let mut report = String::new();
    for text in MISTAKES.lines() {
        let (_, errors) = expr::parse(text);
        assert!(!errors.is_empty(), "{text} is no mistake");
        writeln!(report, "\n  {text}").expect("strings take all text");
        for error in errors {
            underline(&mut report, text, error.range);
            writeln!(report, "  {}", error.message).expect("strings take all text");
            if let Some(help) = error.help {
                writeln!(report, "  help: {help}").expect("strings take all text");
            }
        }
    }
    insta::assert_snapshot!(report);
}

#[test]
fn hostile_repetitions_end_soon_and_without_a_panic() {
    let start = std::time::Instant::now();
    for piece in [
        "(",
        ")",
        "[",
        "]",
        "a[",
        "a == (",
        "NOT ",
        "!",
        "{",
        "{{",
        "${",
        "a.",
        " . a",
        "'a' ",
        "-",
        "a == 1 AND (",
        "a == 1, ",
        "a IN (",
        "f(",
        "a ! ",
        "< ",
        "a[0][x]",
        "a-b",
        "1.",
        "((a) ",
        "a == 1 OR ",
        "\u{a0}",
        "é",
        "a == 'x', 'y' OR ",
        "IS ",
        "a NOT HAS ",
        "‘",
        "..",
    ] {
        let text = piece.repeat(30_000);
        let (tree, errors) = expr::parse(&text);
        assert!(errors.len() <= 50, "{piece}: {} errors", errors.len());
        assert!(!errors.is_empty(), "{piece}");
        let _ = expr::evaluate(&tree, &Value::Null);
        let _ = (tree.clone() == tree, tree.to_string());
    }
    assert!(start.elapsed() < HANG, "took {:?}", start.elapsed());
}

/// Counts how often it is asked.
struct Counting<'a> {
    attributes: &'a Value,
    asked: Cell<usize>,
}

impl Scope for Counting<'_> {
    fn lookup<'a>(&'a self, path: &expr::Path) -> Cow<'a, Value> {
        self.asked.set(self.asked.get() + 1);
        self.attributes.lookup(path)
    }
}

#[test]
fn each_attribute_is_asked_for_once_and_once_more_to_explain_it() {
    let attributes = serde_json::json!({"a": ["x"], "b": "y", "c": 3});
    let part = "(a HAS 'x' AND (b IN ['x', c, b] OR c > 2 AND c < 9) OR c == 1)";
    for repeated in [1, 10, 2000] {
        for word in [" AND ", " OR "] {
            let text = vec![part; repeated].join(word);
            let (tree, errors) = expr::parse(&text);
            assert_eq!(errors, []);
            let paths = tree.paths().count();
            assert_eq!(paths, repeated * 7);
            let scope = Counting { attributes: &attributes, asked: Cell::new(0) };
            assert!(expr::evaluate(&tree, &scope).holds());
            assert_eq!(scope.asked.take(), paths, "to evaluate {repeated}");
            let decision = expr::decide(&tree, &scope);
            let explained: usize =
                decision.reasons.iter().map(|r| expr::parse(&r.text).0.paths().count()).sum();
            assert_eq!(scope.asked.take(), paths + explained, "to decide {repeated}");
        }
    }
}

#[test]
fn attributes_are_borrowed_whatever_their_size() {
    let attributes = serde_json::json!({"a": {"b": vec!["x"; 1000]}, "worker": {}});
    let map = attributes.as_object().expect("an object");
    let task = AttributeScope::task(map);
    let worker = AttributeScope::worker(map);
    let target = TargetScope { task: task.clone(), worker: worker.clone() };
    let timed = Timed { clock: Clock::from_unix(0), scope: &target };
    let path = |text| expr::parse_path(text).expect("a path");
    for (scope, text) in [
        (&attributes as &dyn Scope, "a.b"),
        (&task, "a.b"),
        (&worker, "a"),
        (&target, "task.a.b"),
        (&timed, "worker.a.b"),
    ] {
        let path = path(text);
        assert!(matches!(scope.lookup(&path), Cow::Borrowed(value) if !value.is_null()), "{text}");
    }
}

#[test]
fn nesting_is_read_up_to_the_bound_and_refused_beyond() {
    let nested = |depth: usize| format!("{}1 == 1{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(expr::parse(&nested(expr::MAX_DEPTH)).1, []);
    let (_, errors) = expr::parse(&nested(expr::MAX_DEPTH + 1));
    let [error] = &errors[..] else { panic!("{errors:?}") };
    assert_eq!(error.range, TextRange::new(expr::MAX_DEPTH, expr::MAX_DEPTH + 1));
}

/// The folder of real configurations, when there is one.
fn fixtures() -> Option<PathBuf> {
    let dir = std::env::var_os("FLEXCTL_FIXTURES_DIR").map(PathBuf::from);
    if dir.is_none() {
        eprintln!("skipped: FLEXCTL_FIXTURES_DIR is not set");
    }
    dir
}

fn assert_expression(text: &str) {
    let (tree, errors) = expr::parse(text);
    assert_eq!(errors, [], "{text}");
    let canonical = tree.to_string();
    assert_eq!(expr::parse(&canonical), (tree, Vec::new()), "{text}");
}

fn assert_order_by(text: &str) {
    assert_eq!(expr::parse_order_by(text).1, [], "{text}");
}

#[test]
fn real_expressions_parse() {
    let Some(dir) = fixtures() else { return };
    let table = fs_err::read_to_string(dir.join("expressions.tsv")).expect("the table is there");
    let mut placeholders = 0;
    for line in table.lines() {
        let (text, uses) = line.split_once('\t').expect("two columns");
        match uses {
            "order_by" => assert_order_by(text),
            uses if uses.starts_with("known_worker") && text.starts_with("{{") => {
                assert!(expr::parse_path(text).is_err(), "{text}");
                placeholders += 1;
            }
            uses if uses.starts_with("known_worker") => {
                assert!(expr::parse_path(text).is_ok(), "{text}");
                assert!(!expr::parse(text).1.is_empty(), "{text}");
            }
            _ => assert_expression(text),
        }
    }
    assert_eq!(placeholders, 1, "docs/expressions.md says that there is one");
}

#[test]
fn real_workflows_parse() {
    let Some(dir) = fixtures() else { return };
    let mut found = 0;
    for entry in fs_err::read_dir(dir.join("workflows")).expect("the folder is there") {
        let path = entry.expect("the entry is readable").path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let text = fs_err::read_to_string(&path).expect("the file is readable");
            let document: Value = serde_json::from_str(&text).expect("the file is JSON");
            found += check_expressions(&document);
        }
    }
    assert!(found > 0, "no expression anywhere");
}

/// Checks all expressions below `value`, and says how many there were.
fn check_expressions(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(check_expressions).sum(),
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| match (key.as_str(), value) {
                ("expression" | "skip_if", Value::String(text)) => {
                    assert_expression(text);
                    1
                }
                ("order_by", Value::String(text)) => {
                    assert_order_by(text);
                    1
                }
                (_, value) => check_expressions(value),
            })
            .sum(),
        _ => 0,
    }
}
