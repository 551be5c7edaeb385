//! A report for people.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::{Coverage, Missed, MomentRun, TestReport, TestResult, TestStatus};
use crate::expr::Certainty;
use crate::model::{Address, Expectation, Kind, Model, QueueRef};
use crate::routing::render;
use crate::text::nearest;
use crate::text::page::{self, Page, Span};

/// How much to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// A line for each file, and every failure in full.
    Files,
    /// A line for each test too.
    Tests,
}

/// What became of the tests: a line for each file, the failures with their diffs and ways, what is
/// not covered, and the sum.
pub fn text(report: &TestReport, model: &Model, detail: Detail, options: &page::Options) -> String {
    let mut page = Page::new(options);
    files(&mut page, report, detail);
    for test in report.tests.iter().filter(|test| test.status == TestStatus::Failed) {
        page.blank();
        failure(&mut page, test, model, options);
    }
    if let Some(coverage) = &report.coverage {
        page.blank();
        covered(&mut page, coverage, model);
    }
    page.blank();
    page.line(0, 2, &sum(report));
    page.finish()
}

/// What a failed test expected and what is found, in a line: `at 0: queue is Sales, not Support`.
pub fn in_short(test: &TestResult) -> String {
    let mut parts = Vec::new();
    for moment in &test.moments {
        for check in moment.checks.iter().filter(|check| !check.holds) {
            let MomentRun { at, .. } = moment;
            let (got, expected) = (value(&check.got), value(&check.expected));
            parts.push(match check.key {
                "not_workers" => format!("at {at}: workers are {got}, without any of {expected}"),
                key => format!("at {at}: {key} is {got}, not {expected}"),
            });
        }
    }
    parts.join("; ")
}

/// One failure, plain.
pub(super) fn failure_text(test: &TestResult, model: &Model) -> String {
    let options = page::Options { color: false, width: 100 };
    let mut page = Page::new(&options);
    failure(&mut page, test, model, &options);
    page.finish()
}

fn files(page: &mut Page, report: &TestReport, detail: Detail) {
    let mut files: Vec<(&str, Vec<&TestResult>)> = Vec::new();
    for test in &report.tests {
        match files.last_mut() {
            Some((file, tests)) if *file == test.file => tests.push(test),
            _ => files.push((&test.file, vec![test])),
        }
    }
    for (file, tests) in files {
        let failed = tests.iter().filter(|test| test.status == TestStatus::Failed).count();
        let mut line = vec![Span::plain(format!("{file}  {} passed", tests.len() - failed))];
        if failed > 0 {
            line.push(Span::removed(format!(", {failed} failed")));
        }
        page.line(0, 2, &line);
        if detail == Detail::Tests {
            for test in tests {
                let word = match test.status {
                    TestStatus::Passed => Span::added("ok    "),
                    TestStatus::Failed => Span::removed("FAILED"),
                };
                let mut line = vec![word, Span::plain(format!("  {}", test.name))];
                match test.certainty {
                    Certainty::Documented => {}
                    Certainty::Assumed => line.push(Span::faint("  (assumed)")),
                    Certainty::Unspecified => line.push(Span::faint("  (unspecified)")),
                }
                page.line(2, 10, &line);
            }
        }
    }
}

fn failure(page: &mut Page, test: &TestResult, model: &Model, options: &page::Options) {
    page.line(0, 8, &[Span::removed("FAILED"), Span::strong(format!("  {}", test.name))]);
    let workflow = Address::new(Kind::Workflow, test.workflow.as_str());
    let place = format!("{}:{}, {workflow}", test.file, test.line);
    page.line(2, 4, &[Span::faint(place)]);
    for moment in test.moments.iter().filter(|moment| !moment.holds()) {
        page.line(
            2,
            4,
            &[
                Span::plain(format!("at {}  ", moment.at)),
                Span::removed("- expected"),
                Span::plain("  "),
                Span::added("+ found"),
            ],
        );
        for (tag, line) in diff(moment) {
            let (sign, style): (_, fn(String) -> Span) = match tag {
                ChangeTag::Delete => ("-", |text| Span::removed(text)),
                ChangeTag::Insert => ("+", |text| Span::added(text)),
                ChangeTag::Equal => (" ", |text| Span::plain(text)),
            };
            page.line(4, 8, &[style(format!("{sign} {line}"))]);
        }
        if let Some(hint) = no_such_filter(moment, &test.workflow, model) {
            page.line(4, 6, &[Span::plain(hint)]);
        }
    }
    if let Some(trace) = &test.trace {
        page.blank();
        let failed = test.moments.iter().find(|moment| !moment.holds());
        let narrow = page::Options { width: options.width.saturating_sub(2), ..*options };
        page.lines(2, &render::task(&test.task, &trace.task, &narrow));
        page.blank();
        let at = failed.map(|moment| moment.at);
        page.lines(2, &render::text(trace, &render::Options { page: narrow, all: false, at }));
    }
}

/// What was expected and what is found, a line for each key.
fn diff(moment: &MomentRun) -> Vec<(ChangeTag, String)> {
    let expected: String =
        moment.checks.iter().map(|check| line(check.key, &check.expected)).collect();
    let found = moment.checks.iter().map(|check| match check.key {
        // Who is excluded is no news; who may be offered the task all the same is.
        "not_workers" if !check.holds => line("workers", &check.got),
        _ if check.holds => line(check.key, &check.expected),
        key => line(key, &check.got),
    });
    let found: String = found.collect();
    TextDiff::from_lines(&expected, &found)
        .iter_all_changes()
        .map(|change| (change.tag(), change.value().trim_end_matches('\n').to_owned()))
        .collect()
}

fn line(key: &str, of: &Value) -> String {
    format!("{key}: {}\n", value(of))
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.replace('\n', "\\n"),
        Value::Array(items) => {
            let items: Vec<String> = items
                .iter()
                .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
                .collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

/// A hint for a filter that the workflow does not have.
fn no_such_filter(moment: &MomentRun, workflow: &str, model: &Model) -> Option<String> {
    let check = moment.checks.iter().find(|check| check.key == "filter" && !check.holds)?;
    let wanted = check.expected.as_str()?;
    let filters = model.workflows.get(workflow)?.filters.iter().flatten();
    let mut names: Vec<&str> = filters.map(|filter| filter.name.as_str()).collect();
    names.push(Expectation::DEFAULT_FILTER);
    if names.contains(&wanted) {
        return None;
    }
    let address = Address::new(Kind::Workflow, workflow);
    let near = nearest(wanted, names.iter().copied());
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Some(format!("there is no filter `{wanted}` in {address}{hint}"))
}

fn covered(page: &mut Page, coverage: &Coverage, model: &Model) {
    let Coverage { filters, targets, workflows } = coverage;
    page.line(
        0,
        2,
        &[Span::strong(format!(
            "coverage: {} of {} filters ({} %), {} of {} targets ({} %)",
            filters.exercised,
            filters.total,
            filters.percent,
            targets.exercised,
            targets.total,
            targets.percent
        ))],
    );
    for workflow in workflows.iter().filter(|workflow| !workflow.missed.is_empty()) {
        let address = Address::new(Kind::Workflow, workflow.workflow.as_str());
        page.line(2, 4, &[Span::plain(format!("{address}, which no test comes to:"))]);
        for missed in &workflow.missed {
            page.line(4, 6, &[Span::plain(what(missed, &workflow.workflow, model))]);
        }
    }
}

/// `filter Voicemail`, `target 2 (Sales) of filter Fleet customers`.
fn what(missed: &Missed, workflow: &str, model: &Model) -> String {
    let Some(index) = missed.filter else { return "the default filter".to_owned() };
    let filter = match missed.name.as_str() {
        "" => format!("filter {}", index + 1),
        name => format!("filter {name}"),
    };
    if !missed.exercised {
        return filter;
    }
    let targets = model
        .workflows
        .get(workflow)
        .and_then(|workflow| workflow.filters.as_ref()?.get(index))
        .map(|filter| filter.targets.as_slice())
        .unwrap_or_default();
    let target = |target: &usize| {
        let queue = match targets.get(*target).and_then(|target| target.queue.as_ref()) {
            Some(QueueRef::Name(name)) => format!(" ({name})"),
            Some(QueueRef::Sid(_)) | None => String::new(),
        };
        format!("target {}{queue}", target + 1)
    };
    let targets: Vec<String> = missed.targets.iter().map(target).collect();
    format!("{} of {filter}", targets.join(", "))
}

/// `12 passed, 1 failed; 2 filters not exercised`.
fn sum(report: &TestReport) -> Vec<Span> {
    let mut line = vec![Span::added(format!("{} passed", report.passed))];
    if report.failed > 0 {
        line.push(Span::removed(format!(", {} failed", report.failed)));
    }
    if report.not_chosen > 0 {
        line.push(Span::plain(format!(", {} not chosen", report.not_chosen)));
    }
    if let Some(coverage) = &report.coverage {
        let missing = coverage.filters.total - coverage.filters.exercised;
        if missing > 0 {
            let filters = if missing == 1 { "filter" } else { "filters" };
            line.push(Span::plain(format!("; {missing} {filters} not exercised")));
        }
    }
    line
}
