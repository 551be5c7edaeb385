//! `flexctl test`: what it says of passing and failing tests, what it counts, and what it makes up.

use std::collections::BTreeMap;

use flexctl::generate;
use flexctl::routing::testing::{Tester, suggest};
use flexctl::routing::{Router, Worker};
use flexctl::spec::{self, Settings, write_tests};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::desk::{Desk, code, err, out};
use crate::support::spec::{expect, root};
use crate::support::{specs, xml};

const SPEC: &str = "\
version: 1
activities: { Available: { available: true }, Break: { available: false } }
task_channels: { chat: {} }
queues:
  Everyone: { target_workers: 1==1 }
  Sales: { target_workers: skills HAS 'sales' }
  Support: { target_workers: skills HAS 'support' }
worker_capacities:
  - { name: everyone, workers: 1==1, channels: { chat: 2 } }
workflows:
  Inbound:
    filters:
      - name: At night
        expression: taskrouter.currentHour >= 20
        targets: [{ queue: Everyone, priority: 1 }]
      - name: Sales
        expression: topic == 'sales'
        targets:
          - { queue: Sales, priority: 10, timeout: 60 }
          - { queue: Everyone }
      - name: Support
        expression: topic == 'support' AND level > 2
        targets: [{ queue: Support }]
    default_filter: { queue: Everyone }
transfers:
  Chat Transfer:
    dialect: conversation
    worker: { queue: Everyone }
    queues: { exclude: [Everyone] }
    default_filter: { queue: Everyone }
";

/// A spec with these tests at its end.
fn with(tests: &str) -> Desk {
    Desk::new(&format!("{SPEC}tests:\n{tests}"))
}

const PASSING: &str = "  - name: sales go to Sales
    workflow: Inbound
    task: { topic: sales }
    expect: { filter: Sales, queue: Sales, priority: 10, outcome: waiting }
    later: [{ at: 60, expect: { queue: Everyone } }]
";

const FAILING: &str = "  - name: a hard case goes to Support
    workflow: Inbound
    task: { topic: support, level: 2 }
    workers: { ann: { attributes: { skills: [support] } } }
    expect: { filter: Support, queue: Support, workers: [ann] }
";

#[test]
fn passing_tests_are_counted_by_file() {
    let desk = with(PASSING);
    let run = desk.run(&["test"]);
    assert_eq!((code(&run), err(&run)), (0, String::new()));
    assert_eq!(out(&run), "flex.yaml  1 passed\n\n1 passed\n");
    let each = out(&desk.run(&["test", "-v"]));
    assert_eq!(each, "flex.yaml  1 passed\n  ok      sales go to Sales\n\n1 passed\n");
}

#[test]
fn a_failing_test_shows_expected_against_found_and_the_way_that_explains_it() {
    let run = with(&format!("{PASSING}{FAILING}")).run(&["test"]);
    assert_eq!(code(&run), 3);
    insta::assert_snapshot!(out(&run));
}

#[test]
fn each_moment_and_each_key_is_looked_at() {
    let tests = "  - name: nothing of it holds
    workflow: Inbound
    task: { topic: sales }
    task_channel: chat
    workers:
      ann: { attributes: { skills: [sales] }, channels: { chat: { assigned: 2 } } }
      bob: { attributes: { skills: [sales] }, activity: Break }
      cyd: { attributes: { skills: [sales] }, channels: { chat: { capacity: 3, assigned: 2 } } }
      dan: { attributes: { skills: [sales] }, idle: 60 }
    expect: { filter: Support, worker: cyd, workers: [ann, bob, cyd], not_workers: [dan] }
    later: [{ at: 60, expect: { queue: Everyone, priority: 11, outcome: canceled } }]
";
    let run = with(tests).run(&["test"]);
    assert_eq!((code(&run), err(&run)), (3, String::new()));
    insta::assert_snapshot!(out(&run));
}

#[test]
fn a_filter_that_a_transfer_does_not_make_is_told_with_the_nearest_that_it_makes() {
    let tests = "  - name: a
    workflow: Chat Transfer
    task: { transferQueueName: Sales }
    expect: { filter: Transfer to queue - Slaes }
";
    let run = with(tests).run(&["test"]);
    assert_eq!(code(&run), 3);
    let hint = "did you mean `Transfer to queue - Sales`?";
    assert!(out(&run).contains(hint), "{}{}", out(&run), err(&run));
}

#[test]
fn time_is_the_tests_own() {
    let at = |clock: &str, filter: &str| {
        let tests = format!(
            "  - name: a\n    workflow: Inbound\n    task: {{ topic: sales }}\n{clock}    \
             expect: {{ filter: {filter} }}\n"
        );
        code(&with(&tests).run(&["test"]))
    };
    assert_eq!(at("", "Sales"), 0, "noon without a clock");
    assert_eq!(at("    clock: 2025-06-01T20:00:00Z\n", "At night"), 0);
    assert_eq!(at("    clock: 2025-06-01T20:00:00+02:00\n", "Sales"), 0);
}

#[test]
fn a_sid_in_a_task_is_that_of_the_workflow() {
    let spec = "\
version: 1
queues: { Everyone: {}, Sales: { sid: WQ0123456789abcdef0123456789abcdef }, Support: {} }
transfers:
  Handover: { dialect: queue_sid, worker: { queue: Everyone }, target: { priority: 2 } }
tests:
  - name: a pinned queue and one that is not
    workflow: Handover
    task: { transferTargetType: queue, targetSid: \"${queue['Sales'].sid}\" }
    expect: { filter: Transfer to queue - Sales }
  - name: the sid itself
    workflow: Handover
    task: { transferTargetType: queue, targetSid: WQ0123456789abcdef0123456789abcdef }
    expect: { filter: Transfer to queue - Sales }
  - name: one that is not pinned
    workflow: Handover
    task: { transferTargetType: queue, targetSid: \"${queue['Support'].sid}\" }
    expect: { filter: Transfer to queue - Support, priority: 2 }
  - name: what looks like a reference and is none
    workflow: Handover
    task: { transferTargetType: queue, targetSid: \"$${queue['Support'].sid}\" }
    expect: { outcome: unrouted }
";
    let run = Desk::new(spec).run(&["test"]);
    assert_eq!(code(&run), 0, "{}{}", out(&run), err(&run));
}

#[test]
fn coverage_names_what_no_test_comes_to() {
    let desk = with(PASSING);
    let run = desk.run(&["test", "--coverage"]);
    assert_eq!(code(&run), 0);
    insta::assert_snapshot!(out(&run));
}

#[test]
fn coverage_below_what_is_asked_for_ends_with_three() {
    let desk = with(PASSING);
    // One of four filters of Inbound, none of four of Chat Transfer.
    assert_eq!(code(&desk.run(&["test", "--min-coverage", "12"])), 0);
    let run = desk.run(&["test", "--min-coverage", "13"]);
    assert_eq!(code(&run), 3);
    assert!(err(&run).contains("12 % of the filters, and --min-coverage asks for 13 %"));
    assert_eq!(code(&desk.run(&["test", "--min-coverage", "101"])), 64);
}

#[test]
fn a_target_beyond_the_moment_that_is_looked_at_is_not_exercised() {
    let early = PASSING.replace("    later: [{ at: 60, expect: { queue: Everyone } }]\n", "");
    let run = with(&early).run(&["test", "--coverage"]);
    assert!(out(&run).contains("target 2 (Everyone) of filter Sales"), "{}", out(&run));
}

#[test]
fn the_json_of_a_run_is_as_its_schema_says() {
    let desk = with(&format!("{PASSING}{FAILING}"));
    let run = desk.run(&["test", "--coverage", "--format", "json"]);
    assert_eq!(code(&run), 3);
    let document: Value = serde_json::from_str(&out(&run)).unwrap();
    let schema: Value = serde_json::from_str(
        &std::fs::read_to_string(root().join("schemas/test.schema.json")).unwrap(),
    )
    .unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&document).map(|e| e.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!((&document["passed"], &document["failed"]), (&1.into(), &1.into()));
    let failed = &document["tests"][1];
    assert_eq!((&failed["file"], &failed["status"]), (&"flex.yaml".into(), &"failed".into()));
    assert_eq!(failed["moments"][0]["checks"][0]["got"], "default_filter");
    assert!(failed["trace"].is_object() && document["tests"][0]["trace"].is_null());
    assert_eq!(document["coverage"]["filters"]["exercised"], 2);
}

#[test]
fn junit_is_well_formed_whatever_names_hold() {
    let odd = "<\\\"&'>\\u0007\\n]]>ü";
    let tests = format!(
        "  - {{ name: \"a {odd}\", workflow: Inbound, task: {{ x: \"{odd}\" }}, expect: {{ queue: Sales }} }}\n\
         {PASSING}"
    );
    let desk = with(&tests);
    desk.write("more.test.yaml", &format!("tests:\n{PASSING}"));
    let run = desk.run(&["test", "--format", "junit"]);
    assert_eq!(code(&run), 3);
    let text = out(&run);
    assert_eq!(xml::fault(&text), None, "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_report_goes_into_a_file_beside_the_text() {
    let desk = with(PASSING);
    for (args, begins) in [
        (vec!["--out", "a.xml"], "<?xml"),
        (vec!["--out", "a.json"], "{"),
        (vec!["--out", "a.txt"], "flex.yaml  1 passed"),
        (vec!["--out", "a.txt", "--format", "junit"], "<?xml"),
    ] {
        let run = desk.run(&[&["test"], args.as_slice()].concat());
        assert_eq!(out(&run), "flex.yaml  1 passed\n\n1 passed\n");
        assert!(desk.read(args[1]).starts_with(begins), "{args:?}");
    }
}

#[test]
fn files_of_tests_are_found_beside_the_spec_and_below() {
    let desk = with(PASSING);
    let file = format!("tests:\n{PASSING}");
    for folder in ["deep/er", ".hidden", "target", "node_modules", "other"] {
        std::fs::create_dir_all(desk.path(folder)).unwrap();
        desk.write(&format!("{folder}/a.test.yaml"), &file);
    }
    desk.write("other/flex.yaml", SPEC);
    desk.write("b.test.yaml", &file);
    desk.write("b.yaml", "no tests of ours");
    let run = desk.run(&["test"]);
    let expected = "\
flex.yaml  1 passed
b.test.yaml  1 passed
deep/er/a.test.yaml  1 passed

3 passed
";
    assert_eq!(out(&run), expected, "{}", err(&run));

    let one = desk.run(&["test", "b.test.yaml"]);
    assert_eq!(out(&one), "b.test.yaml  1 passed\n\n1 passed, 1 not chosen\n");
    let spec = desk.run(&["test", "./flex.yaml", "deep/../b.test.yaml"]);
    assert!(out(&spec).ends_with("2 passed\n"), "{}{}", out(&spec), err(&spec));
    desk.write("none.yaml", "");
    let none = desk.run(&["test", "none.yaml"]);
    assert_eq!((code(&none), err(&none).as_str()), (0, "no tests in these files\n"));
    let missing = desk.run(&["test", "sales go"]);
    assert_eq!(code(&missing), 64);
    assert!(err(&missing).contains("--filter 'sales go'"), "{}", err(&missing));
}

#[test]
fn a_file_of_tests_that_the_spec_includes_is_read_once() {
    let spec = SPEC.replace("version: 1\n", "version: 1\ninclude: ['*.test.yaml']\n");
    let desk = Desk::new(&spec);
    desk.write("a.test.yaml", &format!("tests:\n{PASSING}"));
    assert_eq!(out(&desk.run(&["test"])), "a.test.yaml  1 passed\n\n1 passed\n");
}

#[test]
fn what_is_wrong_in_a_file_of_tests_is_told_at_its_place() {
    let desk = with(PASSING);
    let wrong = "\
version: 1
queues: { Mine: {} }
test: []
tests:
  - name: a
    workflow: Inbond
    task: { topic: sales, by: \"${worker['anm'].sid}\" }
    workers: { ann: { actvity: Break } }
    clock: noon
    expect: { queue: Sales, que: Sales }
  - name: a
    workflow: Inbound
    task: { x: \"${var.nothing}\" }
    task_channel: caht
    workers: { ann: { channels: { voic: {} } } }
    expect: { filter: Sales, workers: [ann], not_workers: [ann] }
";
    desk.write("a.test.yaml", wrong);
    let run = desk.run(&["test"]);
    assert_eq!((code(&run), out(&run)), (3, String::new()));
    insta::assert_snapshot!(err(&run));
    let json = desk.run(&["test", "--format", "json"]);
    let document: Value = serde_json::from_str(&out(&json)).unwrap();
    assert!(document["diagnostics"].as_array().is_some_and(|found| found.len() > 8), "{document}");
}

#[test]
fn tests_are_chosen_by_a_part_of_their_name_or_a_glob() {
    let desk = with(&format!("{PASSING}{FAILING}"));
    for filter in ["sales", "sales*", "*Sales", "s*s g? to Sales"] {
        let run = desk.run(&["test", "--filter", filter]);
        assert_eq!(code(&run), 0, "{filter}: {}{}", out(&run), err(&run));
        assert!(out(&run).ends_with("1 passed, 1 not chosen\n"), "{}", out(&run));
    }
    let both = desk.run(&["test", "--filter", "hard", "--filter", "sales"]);
    assert!(out(&both).ends_with("1 passed, 1 failed\n"));
    let none = desk.run(&["test", "--filter", "sales go to Slaes"]);
    assert_eq!(code(&none), 64);
    assert!(err(&none).contains("did you mean `sales go to Sales`?"), "{}", err(&none));
}

#[test]
fn without_tests_it_says_how_to_begin() {
    let run = Desk::new(SPEC).run(&["test"]);
    assert_eq!(code(&run), 0);
    assert_eq!(out(&run), "0 passed\n");
    assert!(err(&run).contains("--generate"), "{}", err(&run));
}

#[test]
fn generated_tests_pass_come_to_every_filter_and_are_the_same_when_written_again() {
    let desk = Desk::new(SPEC);
    let first = desk.run(&["test", "--generate"]);
    assert_eq!(code(&first), 0, "{}", err(&first));
    assert!(err(&first).contains("wrote generated.test.yaml: "), "{}", err(&first));
    let written = desk.read("generated.test.yaml");
    insta::assert_snapshot!(written);

    let run = desk.run(&["test", "--min-coverage", "100"]);
    assert_eq!(code(&run), 0, "{}", out(&run));
    let again = desk.run(&["test", "--generate"]);
    assert!(err(&again).contains("generated.test.yaml is up to date"), "{}", err(&again));
    assert_eq!(desk.read("generated.test.yaml"), written);
}

#[test]
fn generated_tests_fail_when_the_routing_breaks() {
    let desk = Desk::new(SPEC);
    desk.run(&["test", "--generate"]);
    for (what, from, to) in [
        ("a queue without its filter", "exclude: [Everyone]", "exclude: [Everyone, Sales]"),
        (
            "another queue",
            "queues: { exclude: [Everyone] }",
            "queues: { exclude: [Everyone], overrides: { Sales: { to: Support } } }",
        ),
        (
            "the agent who transfers is asked again",
            "queues: { exclude",
            "target: { expression: 1==1 }\n    queues: { exclude",
        ),
        (
            "a queue of nobody for workers",
            "worker: { queue: Everyone }",
            "worker: { queue: Support }",
        ),
        ("a catch-all above", "expression: taskrouter.currentHour >= 20", "expression: 1==1"),
        ("another timeout", "timeout: 60", "timeout: 61"),
    ] {
        assert!(SPEC.contains(from), "{what}");
        desk.write("flex.yaml", &SPEC.replace(from, to));
        let run = desk.run(&["test"]);
        assert_eq!(code(&run), 3, "{what}: {}{}", out(&run), err(&run));
        assert!(out(&run).contains("FAILED"), "{what}: {}{}", out(&run), err(&run));
    }
}

#[test]
fn what_no_test_can_be_made_for_is_told() {
    let spec = SPEC
        .replace("topic == 'support' AND level > 2", "topic == 'sales'")
        .replace("skills HAS 'support'", "1==0");
    let run = Desk::new(&spec).run(&["test", "--generate", "--out", "-"]);
    assert_eq!(code(&run), 0);
    insta::assert_snapshot!(err(&run));
}

#[test]
fn a_file_of_somebody_else_is_not_written_over() {
    let desk = Desk::new(SPEC);
    desk.write("mine.test.yaml", "tests: []\n");
    let run = desk.run(&["test", "--generate", "--out", "mine.test.yaml"]);
    assert_eq!(code(&run), 5);
    assert!(err(&run).contains("--force"), "{}", err(&run));
    assert_eq!(desk.read("mine.test.yaml"), "tests: []\n");
    let forced = desk.run(&["test", "--generate", "--out", "mine.test.yaml", "--force"]);
    assert_eq!(code(&forced), 0);
    assert!(desk.read("mine.test.yaml").starts_with("# Written by `flexctl test --generate`"));
}

#[test]
fn the_generated_tests_of_flex_yaml_are_fresh() {
    let desk = Desk::new(&std::fs::read_to_string(root().join("flex.yaml")).unwrap());
    let run = desk.run(&["test", "--generate"]);
    assert_eq!(code(&run), 0, "{}", err(&run));
    let (path, fresh) = (root().join("generated.test.yaml"), desk.read("generated.test.yaml"));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == fresh, "generated.test.yaml is stale: run flexctl test --generate");
}

#[test]
fn the_tests_of_flex_yaml_and_of_every_example_pass() {
    let examples = std::fs::read_dir(root().join("examples")).unwrap();
    let mut folders: Vec<_> = examples.map(|entry| entry.unwrap().path()).collect();
    folders.push(root());
    for folder in folders {
        let spec = folder.join("flex.yaml");
        let text = std::fs::read_to_string(&spec).unwrap();
        let environments = text.contains("\nenvironments:");
        let mut ways: Vec<Vec<&str>> = vec![vec![]];
        if environments {
            ways.push(vec!["--env", "*"]);
        }
        for way in ways {
            let mut args = vec!["test", "-f", spec.to_str().unwrap()];
            // What is made up goes by the variables without an environment.
            if !way.is_empty() {
                args.push(spec.to_str().unwrap());
            }
            args.extend(way);
            let run = Desk::new("").run(&args);
            assert_eq!(code(&run), 0, "{args:?}\n{}{}", out(&run), err(&run));
        }
    }
}

#[test]
fn the_tests_of_flex_yaml_come_to_every_filter_and_target() {
    let spec = root().join("flex.yaml");
    let run = Desk::new("").run(&["test", "-f", spec.to_str().unwrap(), "--coverage"]);
    let share = out(&run).lines().find(|line| line.starts_with("coverage: ")).map(str::to_owned);
    let share = share.expect("the coverage is told");
    assert!(share.matches("(100 %)").count() == 2, "{}", out(&run));
}

/// The text of the first block of a page that begins with this info string.
fn block(page: &str, info: &str) -> String {
    let rest = page.split_once(&format!("```{info}\n")).expect("the page has such a block").1;
    rest.split_once("```").expect("the block ends").0.to_owned()
}

#[test]
fn what_the_page_on_testing_shows_is_what_happens() {
    let page = std::fs::read_to_string(root().join("docs/testing.md")).unwrap();
    let run = with(&format!("{PASSING}{FAILING}")).run(&["test"]);
    assert!(out(&run).contains(&block(&page, "text")), "{}", out(&run));

    let desk = Desk::new(&std::fs::read_to_string(root().join("flex.yaml")).unwrap());
    desk.write("page.test.yaml", &block(&page, "yaml"));
    let run = desk.run(&["test", "page.test.yaml"]);
    assert_eq!(code(&run), 0, "{}{}", out(&run), err(&run));
    assert!(out(&run).contains("2 passed"));
}

#[test]
fn impossible_expectations_are_refused() {
    let test = |expect: &str| {
        format!(
            "queues: {{ A: {{}} }}
workflows: {{ W: {{}} }}
tests:
  - name: a
    workflow: W
    task: {{}}
    workers: {{ ann: {{}}, bob: {{}} }}
    expect: {{ {expect} }}
"
        )
    };
    for (text, wanted) in [
        ("outcome: reserved, workers: []", "workers"),
        ("outcome: waiting, workers: [ann]", "workers"),
        ("outcome: canceled, worker: ann", "worker"),
        ("outcome: unrouted, queue: A", "queue"),
        ("worker: ann, workers: [bob]", "worker"),
    ] {
        expect(&test(text), &[("impossible-test", wanted)]);
    }
    expect(&test("workers: [ann, bob], not_workers: [bob]"), &[("impossible-test", "bob")]);
    expect(&test("outcome: waiting, workers: []"), &[]);
    expect(&test("outcome: canceled, queue: A, filter: default_filter"), &[]);
}

#[test]
fn a_workers_sid_is_for_the_tasks_of_tests() {
    expect(
        "queues: { A: { target_workers: \"sid == '${worker['ann'].sid}'\" } }\nworkers: { ann: {} }\n",
        &[("misplaced-reference", "${worker['ann'].sid}")],
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_generated_passes_also_when_it_is_read_back(spec in specs::spec()) {
        let files = |tests: &str| BTreeMap::from([
            ("flex.yaml".to_owned(), spec.to_string().into_bytes()),
            ("a.test.yaml".to_owned(), tests.as_bytes().to_vec()),
        ]);
        let settings = Settings::default();
        let analysis = spec::analyze(&files(""), "flex.yaml", &settings);
        let rules = analysis.model().expect("random specs are valid");
        let model = generate::expand(rules);
        let made = suggest(rules, &model);
        let text = write_tests(&made.tests);
        let read = ["a.test.yaml".to_owned()];
        let analysis = spec::analyze_with_tests(&files(&text), "flex.yaml", &read, &settings);
        let tests: Vec<_> = analysis.tests().iter().map(|test| test.test.clone()).collect();
        prop_assert_eq!(&tests, &made.tests, "{:?}\n{}", analysis.diagnostics, text);

        let router = Router::new(&model);
        let declared = Worker::declared(&model);
        let tester = Tester::new(&model, &router, &declared);
        for test in &tests {
            let run = tester.run(test).expect("its workflow is declared");
            prop_assert!(run.passed(), "{:#?}\n{:#?}", test, run);
        }
    }
}
