//! Forms for pipelines: comments in markdown, SARIF, annotations, JUnit.

use serde_json::Value;

use crate::support::desk::{Desk, code, err, out};

const SPEC: &str = "\
version: 1
workspace: { friendly_name: Flex Task Assignment }
activities:
  Lunch: { available: false }
queues:
  Everyone: { target_workers: 1==1 }
  Sales: { target_workers: routing.skills HAS 'sales' }
workflows:
  Inbound:
    filters:
      - name: Sales
        expression: topic == 'sales'
        targets: [{ queue: Sales, timeout: 60 }, { queue: Everyone }]
    default_filter: { queue: Everyone }
tests:
  - name: sales
    workflow: Inbound
    task: { topic: sales }
    expect: { queue: Sales }
outputs:
  - file: out.env
    values: { SALES: \"${queue['Sales'].sid}\" }
";

/// A desk on which the spec was applied, and then changed.
fn changed(changes: &[(&str, &str)]) -> Desk {
    let desk = Desk::new(SPEC);
    let applied = desk.emulated(&["apply", "--auto-approve"]);
    assert_eq!(code(&applied), 0, "{}", err(&applied));
    let mut spec = SPEC.to_owned();
    for (from, to) in changes {
        assert!(spec.contains(from), "{from}");
        spec = spec.replacen(from, to, 1);
    }
    desk.write("flex.yaml", &spec);
    desk
}

/// The sids of a run as they are in every run.
fn settled(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('…') {
        let start = rest[..at].len() - 2;
        out.push_str(&rest[..start]);
        out.push_str("SID…");
        rest = &rest[at + '…'.len_utf8()..];
        rest = rest.trim_start_matches(|c: char| c.is_ascii_hexdigit());
    }
    out + rest
}

#[test]
fn a_plan_as_a_comment() {
    let desk = changed(&[
        ("HAS 'sales'", "HAS 'sales' AND languages HAS 'en'"),
        ("topic == 'sales'", "topic == 'sale'"),
        ("  Everyone: { target", "  Support: { target_workers: 1==1 }\n  Everyone: { target"),
    ]);
    let plan = desk.emulated(&["plan", "--format", "markdown", "--detailed-exitcode"]);
    assert_eq!(code(&plan), 2, "{}", err(&plan));
    insta::assert_snapshot!(settled(&out(&plan)));
}

#[test]
fn a_refused_plan_as_a_comment_and_the_exit_code_stays() {
    let desk = changed(&[("available: false", "available: true")]);
    for args in [&["plan"][..], &["apply", "-y"]] {
        let plan = desk.emulated(&[args, &["--format", "markdown"]].concat());
        assert_eq!(code(&plan), 5, "{}", err(&plan));
        insta::assert_snapshot!("refused_plan", settled(&out(&plan)));
    }
}

#[test]
fn an_apply_as_a_comment() {
    let desk = Desk::new(SPEC);
    let applied = desk.emulated(&["apply", "-y", "--format", "markdown"]);
    assert_eq!(code(&applied), 0, "{}", err(&applied));
    insta::assert_snapshot!(settled(&out(&applied)));
    let again = desk.emulated(&["apply", "-y", "--format", "markdown"]);
    assert!(out(&again).starts_with("### Nothing to apply: no changes\n"), "{}", out(&again));
}

#[test]
fn routing_differences_as_a_comment() {
    let desk = changed(&[("topic == 'sales'", "topic == 'sale'")]);
    let diff = desk.emulated(&["diff-routing", "--format", "markdown"]);
    assert_eq!(code(&diff), 0, "{}", err(&diff));
    insta::assert_snapshot!(out(&diff));
}

#[test]
fn a_spec_with_errors_is_one_document_in_every_form() {
    let desk = Desk::new(&SPEC.replace("queue: Sales, timeout", "queue: Slaes, timeout"));
    for (args, exit) in [
        (&["validate", "--format", "sarif"][..], 3),
        (&["validate", "--format", "github"], 3),
        (&["test", "--format", "sarif"], 3),
        (&["test", "--format", "github"], 3),
        (&["test", "--format", "junit"], 3),
        (&["plan", "--format", "markdown", "--target", "emulator"], 3),
        (&["apply", "-y", "--format", "markdown", "--target", "emulator"], 3),
    ] {
        let ended = desk.run(args);
        assert_eq!(code(&ended), exit, "{args:?}: {}", err(&ended));
        let name = format!(
            "errors_{}_{}",
            args[0],
            args[args.iter().position(|a| *a == "--format").unwrap() + 1]
        );
        insta::assert_snapshot!(name, rooted(&desk, &out(&ended)));
    }
}

/// Without the folder of this run, and the version of this build.
fn rooted(desk: &Desk, text: &str) -> String {
    let folder = std::fs::canonicalize(desk.path(".")).expect("the folder is there");
    let folder = folder.to_str().expect("a path of plain characters");
    text.replace(folder, "/folder").replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn failing_tests_are_told_at_their_places() {
    let desk = Desk::new(&SPEC.replace("expect: { queue: Sales }", "expect: { queue: Everyone }"));
    for format in ["sarif", "github"] {
        let ended = desk.run(&["test", "--format", format, "--min-coverage", "100"]);
        assert_eq!(code(&ended), 3, "{}", err(&ended));
        insta::assert_snapshot!(format!("failing_tests_{format}"), rooted(&desk, &out(&ended)));
    }
}

#[test]
fn a_failure_is_one_document_in_every_form() {
    let desk = Desk::new(SPEC);
    for (args, exit, start) in [
        (&["validate", "--format", "sarif", "--var-file", "none"][..], 64, "{"),
        (
            &["validate", "--format", "github", "--var-file", "none"],
            64,
            "::error title=flexctl::--var-file",
        ),
        (&["test", "--format", "junit", "--var-file", "none"], 64, "<?xml"),
        (&["plan", "--format", "markdown", "--target", "http://127.0.0.1:1"], 4, "### Failed\n\n"),
        (&["plan", "--format", "markdown", "--target", "emulater"], 64, "### Failed\n\n"),
    ] {
        let ended = desk.run(args);
        assert_eq!(code(&ended), exit, "{args:?}: {}", err(&ended));
        assert!(out(&ended).starts_with(start), "{args:?}: {}", out(&ended));
        assert!(err(&ended).starts_with("error: "), "{args:?}: {}", err(&ended));
    }
}

#[test]
fn paths_begin_at_the_root_of_the_repository() {
    let desk = Desk::new(SPEC);
    std::fs::create_dir_all(desk.path(".git")).expect("the folder is ours");
    std::fs::create_dir_all(desk.path("flex/eu")).expect("the folder is ours");
    desk.write("flex/eu/flex.yaml", &SPEC.replace("version: 1", "version: 1\nqueus: {}"));
    let run = |format: &str| {
        let mut command = desk.command(&["validate", "--format", format]);
        out(&command.current_dir(desk.path("flex/eu")).output().expect("the binary starts"))
    };
    assert!(
        run("github").starts_with("::error file=flex/eu/flex.yaml,line=2,col=1,"),
        "{}",
        run("github")
    );
    let log: Value = serde_json::from_str(&run("sarif")).expect("one JSON document");
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "flex/eu/flex.yaml");
    assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
    let root = log["runs"][0]["originalUriBaseIds"]["%SRCROOT%"]["uri"].as_str().expect("a URI");
    assert!(
        root.starts_with("file:///") && root.ends_with('/') && !root.contains("flex/eu"),
        "{root}"
    );
}

#[test]
fn a_fingerprint_stays_when_lines_above_move_and_is_another_for_another_problem() {
    let wrong = SPEC
        .replace("queue: Sales, timeout", "queue: Slaes, timeout")
        .replace("{ queue: Everyone }]", "{ queue: Slaes }]");
    let fingerprints = |spec: &str| {
        let log = out(&Desk::new(spec).run(&["validate", "--format", "sarif"]));
        let log: Value = serde_json::from_str(&log).expect("one JSON document");
        let results = log["runs"][0]["results"].as_array().expect("a list").clone();
        let one = |result: &Value| {
            result["partialFingerprints"]["flexctlProblem/v1"].as_str().expect("a text").to_owned()
        };
        results.iter().map(one).collect::<Vec<_>>()
    };
    let before = fingerprints(&wrong);
    assert_eq!(before.len(), 2);
    assert_ne!(before[0], before[1]);
    assert_eq!(fingerprints(&wrong.replace("queues:", "\n# moved\n\nqueues:")), before);
}
