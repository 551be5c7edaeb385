//! How a spec is read: files joined, variables put in, the shape of what is left.

use std::collections::BTreeMap;

use flexctl::diag::{self, Colour, render_text};
use flexctl::spec::{Analysis, Settings, analyze};

fn read(files: &[(&str, &str)], settings: &Settings) -> Analysis {
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).collect();
    analyze(&files, "flex.yaml", settings)
}

fn one(text: &str) -> Analysis {
    read(&[("flex.yaml", text)], &Settings::default())
}

/// `code file:line:column text`, a line for each diagnostic, further places after it.
fn brief(analysis: &Analysis) -> String {
    let mut out = String::new();
    for diagnostic in &analysis.diagnostics {
        out.push_str(diagnostic.code);
        for label in &diagnostic.labels {
            let file = analysis.sources.file(label.span.file);
            let at = file.line_column(label.span.range.start);
            let text = analysis.sources.slice(label.span);
            out.push_str(&format!(" {}:{}:{} {text}", file.name, at.line, at.column));
        }
        out.push('\n');
    }
    out
}

/// The text of a queue's `target_workers`.
fn workers(analysis: &Analysis, queue: &str) -> String {
    let model = analysis.model().unwrap_or_else(|| panic!("{}", brief(analysis)));
    model.queues[queue].target_workers.as_ref().unwrap().text.render(|_| String::new())
}

fn var(name: &str, value: &str) -> Settings {
    Settings {
        variables: BTreeMap::from([(name.to_owned(), value.to_owned())]),
        ..Settings::default()
    }
}

#[test]
fn included_files_are_joined_section_by_section() {
    let analysis = read(
        &[
            (
                "flex.yaml",
                "version: 1\ninclude: [queues/*.yaml]\nqueues: { A: {} }\nprotect: [queue.A]\n",
            ),
            ("queues/b.yaml", "version: 1\nqueues: { B: {} }\nprotect: [queue.B]\n"),
            ("queues/a.yaml", "include: [\"../more.yaml\"]\nqueues:\n"),
            ("more.yaml", "queues: { C: { target_workers: team == 'c' } }\n"),
        ],
        &Settings::default(),
    );
    let model = analysis.model().unwrap_or_else(|| panic!("{}", brief(&analysis)));
    assert_eq!(model.queues.keys().collect::<Vec<_>>(), ["A", "B", "C"]);
}

#[test]
fn the_same_name_in_two_files_shows_both_places() {
    let analysis = read(
        &[
            ("flex.yaml", "version: 1\ninclude: [more.yaml]\nqueues:\n  Sales: {}\n"),
            ("more.yaml", "version: 2\nqueues:\n  Sales: {}\n"),
        ],
        &Settings::default(),
    );
    insta::assert_snapshot!(brief(&analysis), @r"
    duplicate-key more.yaml:1:1 version flex.yaml:1:1 version
    duplicate-key more.yaml:3:3 Sales flex.yaml:4:3 Sales
    ");
}

#[test]
fn a_file_that_is_missing_hides_no_other_problem_and_makes_no_false_one() {
    let analysis = read(
        &[(
            "flex.yaml",
            "version: 1\ninclude: [qeues/*.yaml]\nworkflows:\n  W: { default_filter: { queue: Sales, \
             priorty: 1 } }\n",
        )],
        &Settings::default(),
    );
    insta::assert_snapshot!(brief(&analysis), @r"
    include-not-found flex.yaml:2:11 qeues/*.yaml
    unknown-key flex.yaml:4:40 priorty
    ");
    insta::assert_snapshot!(brief(&read(&[], &Settings::default())), @"unreadable-file");
}

const LAYERS: &str = "
version: 1
variables: { level: 1, team: \"${env.TEAM}\" }
environments:
  test: { variables: { level: 2, team: tests } }
  other: { account_sid: \"${env.UNSET}\", variables: { level: \"${env.UNSET}\" } }
queues:
  Sales:
    target_workers: level > ${var.level} AND team == '${var.team}'
    max_reserved_workers: ${var.level}
";

#[test]
fn the_command_line_goes_over_the_environment_and_that_over_the_spec() {
    let env = BTreeMap::from([("TEAM".to_owned(), "it's ${x}".to_owned())]);
    let settings = Settings { env: env.clone(), ..Settings::default() };
    let analysis = read(&[("flex.yaml", LAYERS)], &settings);
    // A quote from outside ends the quoted text, and the place is where it was put in.
    assert!(brief(&analysis).starts_with("expression-syntax flex.yaml:9:"), "{}", brief(&analysis));

    let environment = Some("test".to_owned());
    let settings =
        Settings { environment: environment.clone(), env: env.clone(), ..Settings::default() };
    let analysis = read(&[("flex.yaml", LAYERS)], &settings);
    assert_eq!(workers(&analysis, "Sales"), "level > 2 AND team == 'tests'");
    assert_eq!(analysis.model().unwrap().queues["Sales"].max_reserved_workers, Some(2));
    assert_eq!(analysis.environment.name, environment);

    let settings = Settings { environment, env, ..var("level", "3") };
    let analysis = read(&[("flex.yaml", LAYERS)], &settings);
    assert_eq!(workers(&analysis, "Sales"), "level > 3 AND team == 'tests'");
    assert_eq!(analysis.model().unwrap().queues["Sales"].max_reserved_workers, Some(3));
}

#[test]
fn what_comes_from_outside_is_a_number_or_a_text_as_its_place_wants_it() {
    let spec = "
version: 1
variables: { channel: chat }
task_channels:
  pulled: { friendly_name: \"${var.channel}\" }
queues:
  Sales: { max_reserved_workers: \"${env.MAX}\" }
";
    let env = BTreeMap::from([("MAX".to_owned(), "7".to_owned())]);
    let settings = Settings { env, ..var("channel", "0042") };
    let analysis = read(&[("flex.yaml", spec)], &settings);
    let model = analysis.model().unwrap_or_else(|| panic!("{}", brief(&analysis)));
    assert_eq!(model.queues["Sales"].max_reserved_workers, Some(7));
    assert_eq!(model.task_channels["pulled"].friendly_name.as_deref(), Some("0042"));

    let env = BTreeMap::from([("MAX".to_owned(), "hunter2".to_owned())]);
    let analysis = read(&[("flex.yaml", spec)], &Settings { env, ..Settings::default() });
    insta::assert_snapshot!(brief(&analysis), @r#"wrong-type flex.yaml:7:34 "${env.MAX}""#);
    let report = render_text(&analysis.diagnostics, &analysis.sources, 80, Colour::Never);
    assert!(!report.contains("hunter2"), "a secret is shown:\n{report}");
}

#[test]
fn a_reference_that_leads_nowhere_names_the_nearest() {
    let analysis = one(r#"
version: 1
variables: { hold_timeout: 30, ring: "${var.rang}", rang: "${var.ring}" }
expressions:
  senior: level > ${var.hold_timout}
  loop: ${expr.loop} OR 1==1
queues:
  A: { target_workers: "${expr.seniors} AND ${var.senior}" }
  B: { target_workers: "team == '${env.HOEM}' AND ${vra.x}" }
  C: { target_workers: "${expr.senior} AND ${" }
"#);
    insta::assert_snapshot!(brief(&analysis), @r#"
    reference-cycle flex.yaml:3:39 ${var.rang}
    unknown-variable flex.yaml:5:19 ${var.hold_timout}
    reference-cycle flex.yaml:6:9 ${expr.loop}
    unknown-expression flex.yaml:8:25 ${expr.seniors}
    unknown-variable flex.yaml:8:45 ${var.senior}
    unknown-env flex.yaml:9:34 ${env.HOEM}
    bad-reference flex.yaml:9:51 ${vra.x}
    bad-reference flex.yaml:10:44 ${
    "#);
    let helps: Vec<_> = analysis.diagnostics.iter().filter_map(|one| one.help.as_deref()).collect();
    assert!(helps[0].contains("`hold_timeout`") && helps[1].contains("`senior`"), "{helps:?}");
    assert!(helps[2].contains("`${expr.senior}`"), "{helps:?}");
}

#[test]
fn a_variable_that_nothing_declares_cannot_be_set() {
    let settings = Settings { environment: Some("tset".to_owned()), ..var("leval", "3") };
    let analysis = read(&[("flex.yaml", &LAYERS.replace("\"${env.TEAM}\"", "a"))], &settings);
    let told: Vec<_> =
        analysis.diagnostics.iter().map(|one| (one.code, one.help.clone())).collect();
    assert_eq!(
        told,
        [
            ("unknown-variable", Some("did you mean `level`?".to_owned())),
            ("unknown-environment", Some("did you mean `test`?".to_owned())),
        ]
    );
}

#[test]
fn two_dollars_stand_for_one_and_the_place_of_an_error_survives_them() {
    let analysis = one("version: 1\nqueues:\n  A: { target_workers: \"team == '$${x}'\" }\n");
    assert_eq!(workers(&analysis, "A"), "team == '${x}'");
    let analysis = one(
        "version: 1\nvariables: { t: long_name }\nqueues:\n  A:\n    target_workers: >-\n      \
         team == '$${x}'\n      AND ${var.t} === 1\n",
    );
    insta::assert_snapshot!(brief(&analysis), @"expression-syntax flex.yaml:7:20 ===");
}

#[test]
fn aliases_and_merge_keys_work() {
    let analysis = one("
version: 1
queues:
  A: &sales { target_workers: team == 'sales', task_order: FIFO }
  B: *sales
  C: { <<: *sales, task_order: LIFO }
");
    assert_eq!(workers(&analysis, "B"), "team == 'sales'");
    assert_eq!(workers(&analysis, "C"), "team == 'sales'");
    let order = analysis.model().unwrap().queues["C"].task_order;
    assert_eq!(order.unwrap().to_string(), "LIFO");
}

#[test]
fn every_problem_of_the_shape_is_told_once_and_the_rest_is_still_checked() {
    let analysis = one(r#"
version: 2
queus: {}
queues:
  A: { max_reserved_workers: 51, task_order: fifo, target_workers: 5 }
  B: { max_reserved_workers: "3", sid: WW00000000000000000000000000000000, 12: x }
  C: [1]
activities: { Lunch: { available: yes } }
workflows:
  W:
    filters:
      - { name: one, expression: 1==1 }
      - { name: two, expression: 1 ==, targets: [{ queue: Slaes, priority: -1 }] }
worker_capacities:
  - { name: all, workers: 1==1, channels: { chat: 51, voice: { bounds: [3, 1] } } }
"#);
    insta::assert_snapshot!(brief(&analysis));
}

#[test]
fn a_leading_zero_is_warned_of_unless_it_is_an_error_already() {
    let analysis =
        one("version: 1\nvariables: { a: 0123 }\nqueues: { A: { target_workers: 0123 } }\n");
    insta::assert_snapshot!(brief(&analysis), @r"
    leading-zero flex.yaml:2:17 0123
    wrong-type flex.yaml:3:32 0123
    ");
    let help = analysis.diagnostics[1].help.as_deref();
    assert_eq!(help, Some("quote the value: \"0123\""));
}

#[test]
fn a_report_shows_lines_of_all_files_and_only_a_part_of_long_ones() {
    let long = "x".repeat(1_000);
    let analysis = read(
        &[
            ("flex.yaml", "version: 1\ninclude: [more.yaml]\nqueues:\n  Sales: {}\n"),
            (
                "more.yaml",
                &format!(
                    "queues:\n  Sales: {{ target_workers: 1==1 }}\n  Long: {{ a{long}: 1, task_order: {long} }}\n"
                ),
            ),
        ],
        &Settings::default(),
    );
    let report = render_text(&analysis.diagnostics, &analysis.sources, 80, Colour::Never);
    insta::assert_snapshot!(report);
    assert_eq!(diag::summary(&analysis.diagnostics), "3 errors");
    let coloured = render_text(&analysis.diagnostics, &analysis.sources, 80, Colour::Always);
    assert!(coloured.contains("\u{1b}[") && !coloured.contains("\u{1b}]8"), "colours, no links");
}

#[test]
fn the_report_for_programs_has_places_in_lines_and_bytes() {
    let analysis = one("version: 1\nqueues:\n  é: { taget_workers: 1==1 }\n");
    insta::assert_json_snapshot!(diag::to_json(&analysis.diagnostics, &analysis.sources));
}
