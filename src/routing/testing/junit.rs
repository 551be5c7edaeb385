//! A report as JUnit XML, as CI servers read it.

use std::fmt::Write;

use super::text::failure_text;
use super::{TestReport, TestResult, TestStatus};
use crate::model::Model;

/// A `testsuite` for each file and a `testcase` for each test; its `classname` is the workflow. Times
/// are not given: a simulation has none that mean anything.
pub fn junit(report: &TestReport, model: &Model) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let tests = report.tests.len();
    let head = format!("tests=\"{tests}\" failures=\"{}\" errors=\"0\"", report.failed);
    add(&mut out, 0, &format!("<testsuites name=\"{}\" {head}>", attribute(&report.spec)));
    let suites = report.tests.chunk_by(|one, other| one.file == other.file);
    for suite in suites {
        let name = suite.first().map(|test| attribute(&test.file)).unwrap_or_default();
        let failed = suite.iter().filter(|test| test.status == TestStatus::Failed).count();
        let count = suite.len();
        let head = format!("tests=\"{count}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\"");
        add(&mut out, 2, &format!("<testsuite name=\"{name}\" {head}>"));
        for test in suite {
            case(&mut out, test, model);
        }
        add(&mut out, 2, "</testsuite>");
    }
    add(&mut out, 0, "</testsuites>");
    out
}

/// The same of a run in which no test could be run, for each of these reasons.
pub fn junit_of_errors(errors: &[String]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let count = errors.len();
    let head = format!("tests=\"{count}\" failures=\"0\" errors=\"{count}\"");
    add(&mut out, 0, &format!("<testsuites name=\"flexctl\" {head}>"));
    add(&mut out, 2, &format!("<testsuite name=\"flexctl\" {head} skipped=\"0\">"));
    for error in errors {
        let error = attribute(error);
        add(&mut out, 4, "<testcase name=\"the spec\" classname=\"flexctl\">");
        add(&mut out, 6, &format!("<error type=\"error\" message=\"{error}\"/>"));
        add(&mut out, 4, "</testcase>");
    }
    add(&mut out, 2, "</testsuite>");
    add(&mut out, 0, "</testsuites>");
    out
}

fn case(out: &mut String, test: &TestResult, model: &Model) {
    let TestResult { name, file, line, workflow, status, .. } = test;
    let (name, file, workflow) = (attribute(name), attribute(file), attribute(workflow));
    let head = format!("name=\"{name}\" classname=\"{workflow}\" file=\"{file}\" line=\"{line}\"");
    match status {
        TestStatus::Passed => add(out, 4, &format!("<testcase {head}/>")),
        TestStatus::Failed => {
            add(out, 4, &format!("<testcase {head}>"));
            let keys: Vec<&str> = test
                .moments
                .iter()
                .flat_map(|moment| &moment.checks)
                .filter(|check| !check.holds)
                .map(|check| check.key)
                .collect();
            let message = format!("not as expected: {}", keys.join(", "));
            let body = escape(failure_text(test, model).trim_end());
            let failure = format!(
                "<failure type=\"expectation\" message=\"{}\">{body}</failure>",
                escape(&message)
            );
            add(out, 6, &failure);
            add(out, 4, "</testcase>");
        }
    }
}

fn add(out: &mut String, indent: usize, line: &str) {
    writeln!(out, "{:indent$}{line}", "").expect("a String grows");
}

/// The same in an attribute, where readers take a line break for a space.
fn attribute(text: &str) -> String {
    escape(text).replace('\n', "&#10;").replace('\t', "&#9;")
}

/// The text as it may stand in XML. What XML cannot hold at all is written as an escape.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                out.extend(c.escape_default());
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_xml_cannot_hold_is_written_out() {
        assert_eq!(
            escape("a\u{0}\u{1b}<'\"&>\u{ffff}ü\n"),
            "a\\u{0}\\u{1b}&lt;&#39;&quot;&amp;&gt;\\u{ffff}ü\n"
        );
    }
}
