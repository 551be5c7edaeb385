//! Live values of one environment, carried over into another.

use std::process::Output;

use serde_json::Value;

use crate::support::desk::{Desk, code, err, out};

const SPEC: &str = "\
version: 1
workspace: { friendly_name: Flex Task Assignment }
variables:
  reserved: 1      # per queue
  hold: 60
  skill: sales
environments:
  # tuned first
  staging:
    target: emulator
    variables: { hold: 30 }
  production:      # the real one
    target: emulator
    variables:
      hold: 120    # seconds
  other: { target: emulator }
activities:
  Break: { available: false }
queues:
  Everyone: { target_workers: 1==1 }
  Sales:
    target_workers: routing.skills HAS '${var.skill}'
    max_reserved_workers: ${var.reserved}
  Support:
    target_workers: routing.skills HAS 'support'   # all of them
workflows:
  Inbound:
    task_reservation_timeout: 120
    filters:
      - name: Support
        expression: topic == 'support'
        targets:
          - { queue: Support, timeout: \"${var.hold}\" }
          - { queue: Everyone }
      - for_each_queue:
          queues: { include: [Sales] }
          filters:
            - name: To ${queue.name}
              expression: queue == '${queue.name}'
              targets: [{ queue: \"${queue.name}\" }]
    default_filter: { queue: Everyone }
";

/// Both environments as the spec has them.
fn applied() -> Desk {
    let desk = Desk::new(SPEC);
    let applied = desk.run(&["apply", "-y", "--env", "staging,production"]);
    assert_eq!(code(&applied), 0, "{}{}", out(&applied), err(&applied));
    desk
}

/// Somebody changes staging by hand: an apply of another spec.
fn tuned(desk: &Desk, edits: &[(&str, &str)]) {
    let mut spec = SPEC.to_owned();
    for (from, to) in edits {
        assert!(spec.contains(from), "{from}");
        spec = spec.replace(from, to);
    }
    desk.write("by-hand.yaml", &spec);
    let args = ["apply", "-y", "--env", "staging", "--file", "by-hand.yaml"];
    let done = desk.run(&args);
    assert_eq!(code(&done), 0, "{}{}", out(&done), err(&done));
}

fn promote(desk: &Desk, args: &[&str]) -> Output {
    desk.run(&[&["promote", "--from", "staging", "--to", "production"], args].concat())
}

fn json(output: &Output) -> Value {
    assert_eq!(code(output), 0, "{}", err(output));
    serde_json::from_slice(&output.stdout).expect("one document")
}

#[test]
fn a_tuned_environment_is_carried_over_by_variables_and_by_the_text_and_the_rest_is_named() {
    let desk = applied();
    tuned(
        &desk,
        &[
            ("max_reserved_workers: ${var.reserved}", "max_reserved_workers: 4"),
            ("HAS '${var.skill}'", "HAS 'selling'"),
            ("HAS 'support'   #", "HAS 'support' OR vip == true   #"),
            ("task_reservation_timeout: 120", "task_reservation_timeout: 90"),
            ("expression: queue ==", "expression: transferQueue =="),
            ("timeout: \"${var.hold}\"", "timeout: 45"),
            ("  Support:\n    target", "  Extra: { target_workers: 1==1 }\n  Support:\n    target"),
        ],
    );
    let shown = promote(&desk, &[]);
    assert_eq!(code(&shown), 0, "{}", err(&shown));
    assert_eq!(desk.read("flex.yaml"), SPEC, "nothing is written unless asked");
    insta::assert_snapshot!(out(&shown));

    let written = json(&promote(&desk, &["--write", "--format", "json"]));
    assert_eq!(written["written"], true);
    let spec = desk.read("flex.yaml");
    for line in [
        "  reserved: 1      # per queue",
        "  # tuned first",
        "  production:      # the real one",
        "      hold: 45    # seconds",
        "      reserved: 4",
        "      skill: selling",
        "    target_workers: routing.skills HAS '${var.skill}'",
        "    task_reservation_timeout: 90",
    ] {
        assert!(spec.lines().any(|one| one == line), "{line}: {spec}");
    }
    assert!(spec.contains("vip == true") && spec.contains("   # all of them"), "{spec}");
    // What is by hand is all that is left once production is applied.
    let done = desk.run(&["apply", "-y", "--env", "production"]);
    assert_eq!(code(&done), 0, "{}{}", out(&done), err(&done));
    let left = json(&promote(&desk, &["--format", "json"]));
    let left = left["differences"].as_array().unwrap();
    assert_eq!(left.len(), 1, "{left:#?}");
    assert_eq!(left[0]["by"], "hand");
    assert_eq!(left[0]["filter"], "To Sales");
}

#[test]
fn what_the_spec_says_already_takes_an_apply_and_nothing_else() {
    let desk = applied();
    // The variable of production was changed, and nobody has applied it.
    desk.write("flex.yaml", &SPEC.replace("hold: 120 ", "hold: 30 "));
    let found = json(&promote(&desk, &["--format", "json"]));
    assert_eq!(found["differences"][0]["by"], "apply", "{found:#}");
    assert_eq!(found["diff"], "");
}

#[test]
fn differences_that_the_variables_of_the_environments_make_are_carried_over_too() {
    let desk = applied();
    let found = json(&promote(&desk, &["--format", "json"]));
    let one = &found["differences"][0];
    assert_eq!((&one["by"], &one["variable"]), (&"variable".into(), &"hold".into()), "{found:#}");
    assert_eq!((&one["before"], &one["after"]), (&120.into(), &30.into()));
    assert_eq!(one["changed_live"], false);
    assert_eq!(found["differences"].as_array().unwrap().len(), 1);
}

#[test]
fn what_the_spec_does_not_declare_is_told_apart() {
    let desk = applied();
    let queue = "  Support:\n    target";
    tuned(&desk, &[(queue, &format!("  Extra: {{ target_workers: 1==1 }}\n{queue}"))]);
    let found = json(&promote(&desk, &["--format", "json"]));
    let undeclared = found["undeclared"].as_array().unwrap();
    assert_eq!(undeclared.len(), 1, "{undeclared:#?}");
    assert_eq!(undeclared[0]["address"], "queue.Extra");
    assert_eq!(undeclared[0]["live"], "only_from");
    assert!(!found.to_string().contains("WQ"), "names, no sids");
}

#[test]
fn one_variable_cannot_be_two_things_and_a_named_expression_is_for_people() {
    let spec = SPEC
        .replace(
            "    target_workers: routing.skills HAS 'support'   # all of them\n",
            "    target_workers: ${expr.support}\n    max_reserved_workers: ${var.reserved}\n",
        )
        .replace(
            "activities:\n",
            "expressions: { support: \"routing.skills HAS 'support'\" }\nactivities:\n",
        );
    let desk = Desk::new(&spec);
    assert_eq!(code(&desk.run(&["apply", "-y", "--env", "staging,production"])), 0);
    let by_hand = spec
        .replacen("${var.reserved}", "4", 1)
        .replacen("${var.reserved}", "5", 1)
        .replace("target_workers: ${expr.support}", "target_workers: routing.skills HAS 'help'");
    desk.write("by-hand.yaml", &by_hand);
    let tuned = desk.run(&["apply", "-y", "--env", "staging", "--file", "by-hand.yaml"]);
    assert_eq!(code(&tuned), 0, "{}", err(&tuned));
    let found = json(&promote(&desk, &["--format", "json"]));
    let why: Vec<&str> = found["differences"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["because"].as_str())
        .collect();
    assert_eq!(why.len(), 2, "{found:#}");
    assert!(why.iter().any(|why| why.contains("would have to be 4 and 5")), "{why:?}");
    assert!(why.iter().any(|why| why.contains("named expression")), "{why:?}");
}

#[test]
fn a_variable_is_put_into_an_environment_however_it_is_written() {
    for (environment, wanted) in [
        (
            "  production: { target: emulator }",
            "  production: { target: emulator, variables: { hold: 30 } }",
        ),
        (
            "  production: { target: emulator, variables: {} }",
            "  production: { target: emulator, variables: { hold: 30 } }",
        ),
        (
            "  production: { target: emulator, variables: { skill: sales } } # it",
            "  production: { target: emulator, variables: { skill: sales, hold: 30 } } # it",
        ),
        (
            "  production:\n    target: emulator # here",
            "  production:\n    target: emulator # here\n    variables: { hold: 30 }",
        ),
        (
            "  production:\n    variables:\n      skill: \"sales\" # why\n    target: emulator",
            "  production:\n    variables:\n      skill: \"sales\" # why\n      hold: 30\n    target: emulator",
        ),
        (
            "  production:\n    target: emulator\n    variables:\n      hold: 90 # soon",
            "  production:\n    target: emulator\n    variables:\n      hold: 30 # soon",
        ),
    ] {
        let old = "  production:      # the real one\n    target: emulator\n    variables:\n      hold: 120    # seconds";
        assert!(SPEC.contains(old));
        let spec = SPEC.replace(old, environment);
        let desk = Desk::new(&spec);
        let applied = desk.run(&["apply", "-y", "--env", "staging,production"]);
        assert_eq!(code(&applied), 0, "{}{}", out(&applied), err(&applied));
        let written = promote(&desk, &["--write"]);
        assert_eq!(code(&written), 0, "{}", err(&written));
        assert!(
            desk.read("flex.yaml").contains(wanted),
            "{environment}: {}",
            desk.read("flex.yaml")
        );
    }
}

#[test]
fn what_aliases_name_stays_as_it_is_and_is_left_to_people() {
    let reserved = ("max_reserved_workers: ${var.reserved}", "max_reserved_workers: 4");
    let hold = ("timeout: \"${var.hold}\"", "timeout: 45");
    let support = ("  Support:\n    target", "  Support:\n    max_reserved_workers: 4\n    target");
    let queues = "    max_reserved_workers: ${var.reserved}\n  Support:\n";
    let staging = "    variables: { hold: 30 }\n";
    let anchored = "    variables: &v { hold: 30 }\n";
    let production = "    variables:\n      hold: 30    # seconds\n  other: { target: emulator }\n";
    let one_value = "    max_reserved_workers: &n 1\n  Support:\n    max_reserved_workers: *n\n";
    for (edits, tuned_by) in [
        (vec![(queues, one_value)], reserved),
        (vec![(queues, one_value)], support),
        (
            vec![(
                queues,
                "    <<: &base { max_reserved_workers: 1 }\n  Support:\n    <<: *base\n",
            )],
            reserved,
        ),
        (
            vec![(
                production,
                "    variables: &v\n      hold: 30\n  other: { target: emulator, variables: *v }\n",
            )],
            hold,
        ),
        (
            vec![(
                production,
                "    variables: &v\n      hold: 30\n  other: { variables: { <<: *v, skill: x } }\n",
            )],
            reserved,
        ),
        (
            vec![
                (staging, anchored),
                (production, "    variables:\n      skill: sales\n      <<: *v\n"),
            ],
            reserved,
        ),
        (
            vec![(staging, anchored), (production, "    variables: { skill: sales, <<: *v }\n")],
            reserved,
        ),
        (vec![(staging, anchored), (production, "    variables: *v\n")], reserved),
        (
            vec![
                (staging, "    variables: { hold: &h 30 }\n"),
                (production, "    variables: { hold: *h }\n"),
            ],
            reserved,
        ),
    ] {
        let same = SPEC.replace("hold: 120", "hold: 30");
        let spec = edits.iter().fold(same, |spec, (old, new)| {
            assert!(spec.contains(old), "{old}");
            spec.replace(old, new)
        });
        let desk = Desk::new(&spec);
        let applied = desk.run(&["apply", "-y", "--env", "staging,production"]);
        assert_eq!(code(&applied), 0, "{}{}", out(&applied), err(&applied));
        tuned(&desk, &[tuned_by]);
        let written = json(&promote(&desk, &["--write", "--format", "json"]));
        let differences = written["differences"].as_array().expect("a list");
        assert_eq!(differences.len(), 1, "{spec}\n{differences:#?}");
        assert_eq!(differences[0]["by"], "hand", "{spec}\n{differences:#?}");
        assert_eq!(desk.read("flex.yaml"), spec);
    }
}

#[test]
fn the_same_live_state_needs_nothing_and_wrong_names_are_told() {
    let desk = Desk::new(&SPEC.replace("hold: 120", "hold: 30"));
    assert_eq!(code(&desk.run(&["apply", "-y", "--env", "staging,production"])), 0);
    let same = promote(&desk, &[]);
    assert!(out(&same).contains("is the same in both"), "{}", out(&same));
    let wrong = desk.run(&["promote", "--from", "stagin", "--to", "production"]);
    assert_eq!(code(&wrong), 3);
    assert!(err(&wrong).contains("did you mean `staging`?"), "{}", err(&wrong));
    let one = desk.run(&["promote", "--from", "staging", "--to", "staging"]);
    assert_eq!(code(&one), 64);
    assert!(err(&one).contains("--from and --to name the same environment"), "{}", err(&one));
    let env = desk.run(&["promote", "--from", "a", "--to", "b", "--env", "staging"]);
    assert_eq!(code(&env), 64);
}

#[test]
fn the_document_fits_its_schema() {
    let desk = applied();
    tuned(&desk, &[("task_reservation_timeout: 120", "task_reservation_timeout: 90")]);
    let schema: Value = serde_json::from_slice(&desk.run(&["schema", "promotion"]).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document = json(&promote(&desk, &["--format", "json"]));
    let errors: Vec<String> = validator.iter_errors(&document).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}
