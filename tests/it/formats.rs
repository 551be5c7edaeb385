//! Forms for pipelines: comments in markdown, SARIF, annotations, JUnit.

use serde_json::Value;

use crate::support::desk::{Desk, code, err, out, settled};
use crate::support::xml;

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
fn an_output_that_cannot_be_written_is_in_the_document_of_an_apply() {
    let desk = Desk::new(SPEC);
    std::fs::create_dir(desk.path("out.env")).expect("the folder is ours");
    let applied = desk.emulated(&["apply", "-y", "--format", "markdown"]);
    assert_eq!(code(&applied), 1, "{}", err(&applied));
    let verdict = "### Applied: 3 changes; 1 output could not be written\n";
    assert!(out(&applied).starts_with(verdict), "{}", out(&applied));
    assert!(
        out(&applied).contains("**Not written**\n\n- cannot read out.env: "),
        "{}",
        out(&applied)
    );
    let again = desk.emulated(&["apply", "-y", "--format", "json"]);
    let document: Value = serde_json::from_slice(&again.stdout).expect("one JSON document");
    assert_eq!(document["unwritten"].as_array().map(Vec::len), Some(1), "{document}");
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

/// What is wrong with a document by a schema of the repository.
fn faults(document: &Value, schema: &str) -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(schema);
    let schema = std::fs::read_to_string(path).expect("it is checked in");
    let schema = serde_json::from_str(&schema).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    validator.iter_errors(document).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

/// A spec of two files with an error, a lint, and a problem that has places in both.
fn troubled() -> Desk {
    let desk = Desk::new(
        &SPEC
            .replace("version: 1", "version: 1\ninclude: [\"wörter & co.yaml\"]")
            .replace("queue: Sales, timeout", "queue: Slaes, timeout"),
    );
    desk.write(
        "wörter & co.yaml",
        "queues:\n  # 😀 counts as one\n  \"😀 Sales\": { target_workers: 1==1 }\n  Sales: {}\n",
    );
    desk
}

#[test]
fn the_problems_of_a_spec_in_every_form() {
    let desk = troubled();
    for format in ["text", "json", "sarif", "github"] {
        let ended = desk.run(&["validate", "--format", format]);
        assert_eq!(code(&ended), 3, "{}", err(&ended));
        insta::assert_snapshot!(format!("problems_{format}"), rooted(&desk, &out(&ended)));
    }
}

#[test]
fn lints_in_every_form() {
    let nobody = "queues:\n  Nobody: { target_workers: routing.skils HAS 'x' }";
    let desk = Desk::new(&SPEC.replace("queues:", nobody));
    for format in ["text", "json", "sarif", "github"] {
        let ended = desk.run(&["validate", "--format", format]);
        assert_eq!(code(&ended), 0, "{}", err(&ended));
        insta::assert_snapshot!(format!("lints_{format}"), rooted(&desk, &out(&ended)));
    }
}

#[test]
fn tests_in_every_form() {
    let desk = Desk::new(&SPEC.replace("expect: { queue: Sales }", "expect: { queue: Everyone }"));
    for format in ["text", "json", "junit"] {
        let ended = desk.run(&["test", "--format", format]);
        assert_eq!(code(&ended), 3, "{}", err(&ended));
        insta::assert_snapshot!(format!("tests_{format}"), out(&ended));
    }
    assert_eq!(xml::fault(&out(&desk.run(&["test", "--format", "junit"]))), None);
}

#[test]
fn a_plan_and_an_apply_as_json() {
    let desk = changed(&[("HAS 'sales'", "HAS 'sale'")]);
    let plan = desk.emulated(&["plan", "--format", "json"]);
    insta::assert_snapshot!("plan_json", settled(&out(&plan)));
    let applied = desk.emulated(&["apply", "-y", "--format", "json"]);
    insta::assert_snapshot!("apply_json", settled(&out(&applied)));
}

#[test]
fn every_json_document_is_as_its_schema_says() {
    let desk = changed(&[
        ("HAS 'sales'", "HAS 'sale'"),
        ("topic == 'sales'", "topic == 'sale'"),
        ("  Everyone: { target", "  Support: { target_workers: 1==1 }\n  Everyone: { target"),
    ]);
    let broken = troubled();
    const EMULATOR: [&str; 2] = ["--target", "emulator"];
    for (desk, args, target, schema) in [
        (&desk, &["validate"][..], &[][..], "diagnostics"),
        (&broken, &["validate"], &[], "diagnostics"),
        (&broken, &["plan"], &EMULATOR, "diagnostics"),
        (&broken, &["drift"], &EMULATOR, "diagnostics"),
        (&desk, &["test", "--coverage"], &[], "test"),
        (&desk, &["route", "Inbound", "topic=sale"], &[], "trace"),
        (&desk, &["diff-routing"], &EMULATOR, "routing-diff"),
        (&desk, &["plan"], &EMULATOR, "plan"),
        (&desk, &["drift"], &EMULATOR, "drift"),
        (&desk, &["plan", "--var-file", "none"], &EMULATOR, "failure"),
        (&desk, &["drift"], &["--target", "http://127.0.0.1:1"], "failure"),
        (&desk, &["apply", "-y"], &EMULATOR, "apply"),
        (&desk, &["apply", "-y"], &EMULATOR, "apply"),
    ] {
        let ended = desk.run(&[args, target, &["--format", "json"]].concat());
        let document = serde_json::from_slice(&ended.stdout).expect("one JSON document");
        let faults = faults(&document, &format!("schemas/{schema}.schema.json"));
        assert!(faults.is_empty(), "{args:?}: {faults:?}\n{}", out(&ended));
        assert_eq!(document["version"], 1);
    }
}

#[test]
fn sarif_has_the_structure_that_the_standard_asks_for() {
    let failing = Desk::new(&SPEC.replace("queue: Sales }\n", "queue: Everyone }\n"));
    let desk = Desk::new(SPEC);
    for (desk, args, results) in [
        (&desk, &["validate"][..], 0),
        (&troubled(), &["validate"], 1),
        (&troubled(), &["test"], 1),
        (&failing, &["test", "--min-coverage", "100"], 2),
        (&desk, &["validate", "--var-file", "none"], 0),
        (&desk, &["validate", "-f", "none.yaml"], 1),
    ] {
        let ended = desk.run(&[args, &["--format", "sarif"]].concat());
        let log: Value = serde_json::from_slice(&ended.stdout).expect("one JSON document");
        let faults = faults(&log, "tests/schemas/sarif.schema.json");
        assert!(faults.is_empty(), "{args:?}: {faults:?}\n{}", out(&ended));
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().expect("a list");
        let found = run["results"].as_array().expect("a list");
        assert!(found.len() >= results, "{args:?}: {}", out(&ended));
        for result in found {
            let index = result["ruleIndex"].as_u64().expect("a number");
            let rule = &rules[usize::try_from(index).expect("a small number")];
            assert_eq!(rule["id"], result["ruleId"]);
            for place in ["locations", "relatedLocations"] {
                for location in result[place].as_array().into_iter().flatten() {
                    let place = &location["physicalLocation"];
                    let base = place["artifactLocation"]["uriBaseId"].as_str().expect("a base");
                    assert!(run["originalUriBaseIds"][base].is_object(), "{base}");
                    in_order(&place["region"]);
                }
            }
        }
    }
}

/// A region ends where it begins, or later.
fn in_order(region: &Value) {
    let point = |line: &str, column: &str| (region[line].as_u64(), region[column].as_u64());
    if region.is_object() {
        assert!(point("startLine", "startColumn") <= point("endLine", "endColumn"), "{region}");
    }
}

#[test]
fn what_is_no_sarif_is_seen() {
    let good = out(&troubled().run(&["validate", "--format", "sarif"]));
    for (from, to) in [
        ("\"version\": \"2.1.0\"", "\"version\": \"2.1\""),
        ("\"startLine\": ", "\"startLine\": -"),
        ("\"ruleId\"", "\"ruleID\""),
        ("\"level\": \"error\"", "\"level\": \"fatal\""),
        ("\"unicodeCodePoints\"", "\"bytes\""),
        ("\"executionSuccessful\"", "\"succeeded\""),
    ] {
        assert!(good.contains(from), "{from}");
        let log = serde_json::from_str(&good.replacen(from, to, 1)).expect("JSON");
        assert!(!faults(&log, "tests/schemas/sarif.schema.json").is_empty(), "{to}");
    }
}
