//! The tests, run.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::choice;
use crate::cli::args::{Global, TestArgs, TestFormat};
use crate::cli::commands::load;
use crate::cli::files::replace_file;
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure, places};
use crate::diag::{self, Diagnostic};
use crate::model::Model;
use crate::routing::testing::{self, Detail, TestReport, TestResult, TestStatus, Tester};
use crate::routing::{Router, Worker};
use crate::spec::{Analysis, SpecTest};
use crate::text::{self, FileId, Sources, page};

pub(super) fn run(global: &Global, args: &TestArgs, streams: &Streams) -> Result<Exit, Failure> {
    let files = match args.files.as_slice() {
        [] => choice::find(&global.file)?,
        files => choice::given(files)?,
    };
    let analysis = load::analyze_with_tests(global, &files)?;
    let (analysis, model) = load::expanded(analysis, global, streams)?;
    let chosen = chosen(&analysis, args)?;
    let report = report(global, args, &analysis, &model, &chosen);
    print(args, &report, &model, &problems(args, &report, &analysis, &chosen), streams)?;
    if report.tests.is_empty() {
        streams.talk(match args.files.as_slice() {
            [] => "no tests: `flexctl test --generate` writes some",
            _ => "no tests in these files",
        });
    }
    let too_few = too_few(args, &report);
    if let Some(too_few) = too_few.as_ref().filter(|_| report.failed == 0) {
        streams.error(&format!("error: {too_few}"));
    }
    Ok(Exit::Tested { failed: report.failed, too_few: too_few.is_some() })
}

/// What is wrong when the tests come to too few filters.
fn too_few(args: &TestArgs, report: &TestReport) -> Option<String> {
    let percent = report.coverage.as_ref()?.filters.percent;
    let least = args.min_coverage?;
    (percent < usize::from(least)).then(|| {
        format!(
            "the tests come to {percent} % of the filters, and --min-coverage asks for {least} %"
        )
    })
}

/// The tests that were asked for, in the order of the files.
fn chosen<'a>(analysis: &'a Analysis, args: &TestArgs) -> Result<Vec<&'a SpecTest>, Failure> {
    // A file has many spellings: `a.yaml`, `./a.yaml`.
    let real = |path: &Utf8Path| path.canonicalize_utf8().unwrap_or_else(|_| path.to_path_buf());
    let asked: BTreeSet<Utf8PathBuf> = args.files.iter().map(|file| real(file)).collect();
    let files: BTreeMap<FileId, bool> = analysis
        .sources
        .iter()
        .map(|(id, file)| {
            (id, asked.is_empty() || asked.contains(&real(file.name.as_str().into())))
        })
        .collect();
    let here = |test: &&SpecTest| files.get(&test.span.file).copied().unwrap_or_default();
    let tests: Vec<&SpecTest> = analysis.tests().iter().filter(here).collect();
    let mut chosen = tests.clone();
    chosen.retain(|test| choice::named(&args.filter, &test.test.name));
    if chosen.is_empty() && !tests.is_empty() {
        let names = tests.iter().map(|test| test.test.name.as_str());
        let failure = Failure::new(Exit::Usage, "no test has a name that --filter asks for");
        let near = args.filter.iter().find_map(|filter| text::nearest(filter, names.clone()));
        return Err(failure.with_help(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`flexctl test -v` prints the names".to_owned(),
        }));
    }
    Ok(chosen)
}

/// What did not go as expected, at its place in the files.
struct Problems<'a> {
    found: Vec<Diagnostic>,
    sources: &'a Sources,
}

fn problems<'a>(
    args: &TestArgs,
    report: &TestReport,
    analysis: &'a Analysis,
    chosen: &[&SpecTest],
) -> Problems<'a> {
    let results = chosen.iter().zip(&report.tests);
    let failed = results.filter(|(_, result)| result.status == TestStatus::Failed);
    let mut found: Vec<Diagnostic> = failed
        .map(|(test, result)| {
            let message = format!("test \"{}\" fails: {}", result.name, testing::in_short(result));
            Diagnostic::error("test-failed", test.span, message)
        })
        .collect();
    let too_few = too_few(args, report);
    found.extend(too_few.map(|text| Diagnostic::placeless("low-coverage", text)));
    Problems { found, sources: &analysis.sources }
}

fn report(
    global: &Global,
    args: &TestArgs,
    analysis: &Analysis,
    model: &Model,
    chosen: &[&SpecTest],
) -> TestReport {
    let router = Router::new(model);
    let declared = Worker::declared(model);
    let tester = Tester::new(model, &router, &declared);
    let mut tests = Vec::new();
    let mut runs = Vec::new();
    for SpecTest { span, test } in chosen {
        let file = analysis.sources.file(span.file);
        let run = tester.run(test).expect("the checks hold the workflows of tests to be declared");
        let passed = run.passed();
        let explain = || tester.explain(test).expect("the workflow was there for the run");
        tests.push(TestResult {
            name: test.name.clone(),
            file: file.name.clone(),
            line: file.line_column(span.range.start).line,
            workflow: test.workflow.clone(),
            task: test.task.clone(),
            status: if passed { TestStatus::Passed } else { TestStatus::Failed },
            certainty: run.trace.certainty,
            moments: run.moments.clone(),
            trace: (!passed).then(explain),
        });
        runs.push(run);
    }
    let failed = tests.iter().filter(|test| test.status == TestStatus::Failed).count();
    let wanted = args.coverage || args.min_coverage.is_some();
    TestReport {
        version: 1,
        spec: global.file.to_string(),
        passed: tests.len() - failed,
        failed,
        not_chosen: analysis.tests().len() - tests.len(),
        tests,
        coverage: wanted.then(|| testing::coverage(model, &runs)),
    }
}

fn print(
    args: &TestArgs,
    report: &TestReport,
    model: &Model,
    problems: &Problems<'_>,
    streams: &Streams,
) -> Result<(), Failure> {
    let detail = if args.verbose { Detail::Tests } else { Detail::Files };
    let text = |options| testing::text(report, model, detail, &options);
    let written = |format| match format {
        TestFormat::Text => text(page::Options { color: false, width: 100 }),
        TestFormat::Json => pretty(report),
        TestFormat::Junit => testing::junit(report, model),
        TestFormat::Sarif => {
            pretty(&diag::to_sarif(&problems.found, problems.sources, &places::places()))
        }
        TestFormat::Github => diag::to_github(&problems.found, problems.sources, &places::places()),
    };
    let shown = page::Options { color: streams.color_data(), width: streams.width() };
    match (&args.out, args.format) {
        (None, None | Some(TestFormat::Text)) => streams.data(&text(shown)),
        (None, Some(TestFormat::Json)) => streams.json(report),
        (None, Some(format)) => streams.data(&written(format)),
        (Some(path), format) => {
            streams.data(&text(shown));
            let format = format.or_else(|| by_ending(path)).unwrap_or(TestFormat::Text);
            replace_file(path, written(format).as_bytes()).map_err(|error| {
                Failure::new(Exit::Failed, format!("cannot write {path}: {error}"))
            })?;
        }
    }
    Ok(())
}

fn pretty(document: &impl serde::Serialize) -> String {
    let text = serde_json::to_string_pretty(document).expect("our documents have string keys");
    format!("{text}\n")
}

fn by_ending(path: &Utf8Path) -> Option<TestFormat> {
    match path.extension()? {
        "xml" => Some(TestFormat::Junit),
        "json" => Some(TestFormat::Json),
        "sarif" => Some(TestFormat::Sarif),
        _ => None,
    }
}
