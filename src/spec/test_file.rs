//! Tests as a file of their own, in YAML for people.

use serde_json::{Map, Value, json};

use super::references::escape;
use super::scalar::{self, Plain};
use crate::model::{Expectation, Moment, RoutingTest, TestChannel, TestWorker};

/// As many columns as a line has at most, where its value can be broken.
const COLUMNS: usize = 100;

/// The list of these tests under `tests:`. It reads back as the same tests.
pub fn write_tests(tests: &[RoutingTest]) -> String {
    let mut out = String::from("tests:\n");
    for (index, test) in tests.iter().enumerate() {
        if index > 0 && tests[index - 1].workflow != test.workflow {
            out.push('\n');
        }
        let mut lead = "  - ";
        for (key, value) in entries(test) {
            out.push_str(lead);
            entry(&mut out, &key, &value, 4);
            lead = "    ";
        }
    }
    out
}

/// The keys of a test in the order of the reference, strings in template form.
fn entries(test: &RoutingTest) -> Vec<(String, Value)> {
    let RoutingTest {
        name,
        workflow,
        task,
        task_channel,
        priority,
        timeout,
        workers,
        clock,
        moments,
    } = test;
    let own = workers.as_ref().map(|workers| {
        let own = workers.iter().map(|own| (own.name.clone(), worker(own)));
        Value::Object(own.collect())
    });
    let (first, later) = match moments.split_first() {
        Some((first, later)) => (Some(first), later),
        None => (None, [].as_slice()),
    };
    let at = first.map(|first| first.at).filter(|at| *at > 0);
    let later: Vec<Value> = later.iter().map(moment).collect();
    let fields = [
        ("name", Some(text(name))),
        ("workflow", Some(text(workflow))),
        // Stored as a text is: that is the template form.
        ("task", Some(Value::Object(task.clone()))),
        ("task_channel", task_channel.as_ref().map(text)),
        ("priority", priority.map(Value::from)),
        ("timeout", timeout.map(Value::from)),
        ("workers", own),
        ("clock", clock.map(|clock| clock.to_string().into())),
        ("at", at.map(Value::from)),
        ("expect", first.map(|first| expectation(&first.expect))),
        ("later", (!later.is_empty()).then(|| later.into())),
    ];
    fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

fn worker(worker: &TestWorker) -> Value {
    let TestWorker { name: _, activity, attributes, channels, idle } = worker;
    let loads = channels.iter().map(|(name, channel)| {
        let TestChannel { capacity, assigned, available } = channel;
        let assigned = (*assigned > 0).then_some(*assigned);
        let channel = object([
            ("capacity", capacity.map(Value::from)),
            ("assigned", assigned.map(Value::from)),
            ("available", available.map(Value::from)),
        ]);
        (name.clone(), channel)
    });
    let loads: Map<String, Value> = loads.collect();
    let own = (!attributes.is_empty()).then(|| template(&Value::Object(attributes.clone())));
    object([
        ("activity", activity.as_ref().map(text)),
        ("attributes", own),
        ("channels", (!loads.is_empty()).then(|| loads.into())),
        ("idle", (*idle > 0).then(|| json!(idle))),
    ])
}

fn moment(moment: &Moment) -> Value {
    let Moment { at, expect } = moment;
    json!({ "at": at, "expect": expectation(expect) })
}

fn expectation(expect: &Expectation) -> Value {
    let Expectation { filter, queue, worker, workers, not_workers, priority, outcome } = expect;
    let names = |names: &Vec<String>| names.iter().map(text).collect::<Value>();
    object([
        ("filter", filter.as_ref().map(text)),
        ("queue", queue.as_ref().map(text)),
        ("worker", worker.as_ref().map(text)),
        ("workers", workers.as_ref().map(names)),
        ("not_workers", not_workers.as_ref().map(names)),
        ("priority", priority.map(Value::from)),
        ("outcome", outcome.map(|outcome| outcome.word().into())),
    ])
}

fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let given = fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(given.collect())
}

fn text(plain: impl AsRef<str>) -> Value {
    escape(plain.as_ref()).into()
}

fn template(value: &Value) -> Value {
    match value {
        Value::String(plain) => text(plain),
        Value::Array(items) => items.iter().map(template).collect(),
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.clone(), template(value)));
            Value::Object(entries.collect())
        }
        other => other.clone(),
    }
}

/// Writes `key: value` and the end of the line. What stands below is indented by `indent`.
fn entry(out: &mut String, key: &str, value: &Value, indent: usize) {
    let key = scalar(key);
    let flow = flow(value);
    out.push_str(&key);
    out.push(':');
    let fits = indent + key.chars().count() + 2 + flow.chars().count() <= COLUMNS;
    match value {
        Value::Object(entries) if !fits && !entries.is_empty() => {
            out.push('\n');
            for (key, value) in entries {
                out.extend(std::iter::repeat_n(' ', indent + 2));
                entry(out, key, value, indent + 2);
            }
        }
        Value::Array(items) if !fits && !items.is_empty() => {
            out.push('\n');
            for item in items {
                out.extend(std::iter::repeat_n(' ', indent + 2));
                out.push_str("- ");
                out.push_str(&self::flow(item));
                out.push('\n');
            }
        }
        _ => {
            out.push(' ');
            out.push_str(&flow);
            out.push('\n');
        }
    }
}

/// A value in one line.
fn flow(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => scalar(text),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", scalar(key), flow(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

/// A text bare where it stays a text so, wherever it stands, and in double quotes otherwise.
pub(super) fn scalar(text: &str) -> String {
    let letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '.' | '(' | ')');
    let inner = |c: char| letter(c) || matches!(c, ' ' | '-' | '@' | '+' | '\'' | '$' | ';');
    let bare = text.starts_with(letter)
        && text.ends_with(letter)
        && text.chars().all(inner)
        && !text.starts_with(['.', '('])
        && matches!(scalar::resolve(text), Plain::String)
        && !matches!(text.to_lowercase().as_str(), "y" | "n" | "yes" | "no" | "on" | "off")
        && !text.starts_with(|c: char| c.is_ascii_digit());
    if bare { text.to_owned() } else { quoted(text) }
}

/// In double quotes, with escapes for what editors and readers do not take as it is.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') =>
            {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::spec::{Settings, analyze_with_tests};

    #[test]
    fn tests_read_back_as_they_were_written_whatever_their_texts_hold() {
        let spec = "version: 1\nworkflows: { 'W: 1': {} }\nqueues: { \"it's #1\": {} }\n";
        for odd in [
            "a",
            "no",
            "1e3",
            "null",
            "",
            " x ",
            "a: b",
            "[x",
            "- y",
            "${var.x}",
            "$${",
            "ü\u{7f}\n\"\\",
            "#",
            "2025-01-01",
            "~",
        ] {
            let mut task = Map::new();
            task.insert(odd.to_owned(), json!([escape(odd), { "a": null }, 1.5, -3, true]));
            task.insert("long".to_owned(), json!("x".repeat(120)));
            task.insert("queue".to_owned(), json!("${queue[\"it's #1\"].sid}"));
            let worker = TestWorker {
                // Nothing is put into a key.
                name: odd.replace("${", "$ {"),
                attributes: json!({ "a": { "b": odd } }).as_object().unwrap().clone(),
                idle: 3,
                ..TestWorker::default()
            };
            let expect =
                Expectation { queue: Some("it's #1".to_owned()), ..Expectation::default() };
            let test = RoutingTest {
                name: format!("name {odd}"),
                workflow: "W: 1".to_owned(),
                task,
                workers: Some(vec![worker]),
                clock: Some(crate::expr::Clock::from_unix(1_735_732_800)),
                moments: vec![Moment { at: 0, expect: expect.clone() }, Moment { at: 30, expect }],
                ..RoutingTest::default()
            };
            let written = write_tests(std::slice::from_ref(&test));
            let files = BTreeMap::from([
                ("flex.yaml".to_owned(), spec.as_bytes().to_vec()),
                ("a.test.yaml".to_owned(), written.clone().into_bytes()),
            ]);
            let analysis = analyze_with_tests(
                &files,
                "flex.yaml",
                &["a.test.yaml".to_owned()],
                &Settings::default(),
            );
            let errors: Vec<_> = analysis.diagnostics.iter().map(|d| &d.message).collect();
            let read: Vec<_> = analysis.tests().iter().map(|test| test.test.clone()).collect();
            assert_eq!(read, [test], "{errors:?}\n{written}");
        }
    }
}
