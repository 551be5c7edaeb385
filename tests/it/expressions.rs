//! The expression language, held to its documentation and to real configurations.

use std::fmt::Write as _;
use std::path::PathBuf;

use flexctl::expr;
use flexctl::text::TextRange;
use serde_json::Value;

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

/// Panics unless the row `attributes | expression | result | certainty` is right.
fn check_evaluation(row: &[&str]) {
    let [attributes, text, holds, certainty] = row else { panic!("four columns: {row:?}") };
    let attributes: Value = serde_json::from_str(attributes).expect("attributes are JSON");
    let (tree, errors) = expr::parse(text);
    assert_eq!(errors, [], "{text}");
    let evaluation = expr::evaluate(&tree, &attributes);
    let expected = ((*holds).to_owned(), (*certainty).to_owned());
    let found = (evaluation.holds().to_string(), evaluation.certainty.to_string());
    assert_eq!(found, expected, "{attributes} {text}");
    // What is printed means the same, and so does the canonical spelling, which may have lost the
    // parentheses that settled the precedence.
    let again = expr::evaluate(&expr::parse(&tree.to_string()).0, &attributes);
    assert_eq!(again, evaluation, "{text}");
    let again = expr::evaluate(&expr::parse(&expr::canonical(text)).0, &attributes);
    assert_eq!(again.value, evaluation.value, "{text}");
}

#[test]
fn every_evaluation_of_the_table_is_as_listed() {
    let rows = EVALUATIONS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let checked = rows.map(|row| check_evaluation(&columns(row))).count();
    assert!(checked >= 150, "only {checked} rows");
}

#[test]
fn the_examples_of_the_documentation_are_true() {
    let evaluations = rows(DOCS, "evaluate");
    assert!(evaluations.len() >= 20, "only {} evaluations", evaluations.len());
    evaluations.iter().for_each(|row| check_evaluation(row));

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
    assert!(start.elapsed().as_secs() < 20, "took {:?}", start.elapsed());
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
