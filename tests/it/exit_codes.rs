//! Every exit code of `docs/cli.md`, reached through the binary; and that no form changes it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::support::desk::{Desk, code, err, out};
use crate::support::served::{Served, signal};
use crate::support::servers::{Held, Servers};
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
      - { name: Sales, expression: topic == 'sales', targets: [{ queue: Sales }] }
    default_filter: { queue: Everyone }
tests:
  - { name: sales, workflow: Inbound, task: { topic: sales }, expect: { queue: Sales } }
";

const PLAN_FORMS: [&str; 3] = ["text", "json", "markdown"];
const VALIDATE_FORMS: [&str; 4] = ["text", "json", "sarif", "github"];
const TEST_FORMS: [&str; 5] = ["text", "json", "junit", "sarif", "github"];

/// Whether stdout is one document of this form.
fn is_one(form: &str, stdout: &str) -> bool {
    match form {
        "json" | "sarif" => serde_json::from_str::<Value>(stdout).is_ok_and(|it| it.is_object()),
        "markdown" => stdout.starts_with("### ") && stdout.matches("\n### ").count() == 0,
        "github" => stdout
            .lines()
            .all(|line| line.starts_with("::error ") || line.starts_with("::warning ")),
        "junit" => xml::fault(stdout).is_none(),
        _ => true,
    }
}

/// Runs a command in every form, each on what the one before has left.
fn in_every_form(desk: &Desk, args: &[&str], forms: &[&str], exit: i32) {
    for form in forms {
        let ended = desk.run(&[args, &["--format", form]].concat());
        assert_eq!(code(&ended), exit, "{args:?} as {form}: {}{}", out(&ended), err(&ended));
        assert!(is_one(form, &out(&ended)), "{args:?} as {form}: {}", out(&ended));
    }
}

fn applied(spec: &str) -> Desk {
    let desk = Desk::new(spec);
    let ended = desk.emulated(&["apply", "-y"]);
    assert_eq!(code(&ended), 0, "{}", err(&ended));
    desk
}

const EMULATOR: [&str; 2] = ["--target", "emulator"];
/// Where nothing listens.
const AWAY: [&str; 2] = ["--target", "http://127.0.0.1:1"];

#[test]
fn zero_when_it_is_done_or_there_is_nothing_to_do() {
    let desk = applied(SPEC);
    in_every_form(&desk, &["validate"], &VALIDATE_FORMS, 0);
    in_every_form(&desk, &["test"], &TEST_FORMS, 0);
    for command in [
        &["plan", "--detailed-exitcode"][..],
        &["apply", "-y"],
        &["drift"],
        &["diff-routing", "--detailed-exitcode"],
    ] {
        in_every_form(&desk, &[command, &EMULATOR].concat(), &PLAN_FORMS, 0);
    }
    // Changes are no failure as long as nobody asks.
    desk.write("flex.yaml", &SPEC.replace("HAS 'sales'", "HAS 'sale'"));
    in_every_form(&desk, &["plan", "--target", "emulator"], &PLAN_FORMS, 0);
    for args in [&["--help"][..], &["--version"], &["schema"], &["explain"], &["graph"]] {
        assert_eq!(code(&desk.run(args)), 0, "{args:?}");
    }
}

#[test]
fn one_when_a_change_fails_or_a_file_cannot_be_written() {
    // Somebody's workflow leads to a queue that the spec wants gone.
    let theirs =
        SPEC.replace("  Inbound:", "  Theirs: { default_filter: { queue: Sales } }\n  Inbound:");
    let desk = applied(&theirs);
    let mine = SPEC.replace("  Sales: { target_workers: routing.skills HAS 'sales' }\n", "");
    let mine = mine.split("workflows:").next().expect("it begins somewhere").to_owned();
    desk.write(
        "flex.yaml",
        &format!(
            "{mine}unmanaged: {{ queues: prune }}\nlimits: {{ queues: {{ deletes: 100% }} }}\n"
        ),
    );
    in_every_form(&desk, &["apply", "-y", "--target", "emulator"], &PLAN_FORMS, 1);

    let output = "outputs: [{ file: taken, values: { SALES: \"${queue['Sales'].sid}\" } }]\n";
    let desk = Desk::new(&format!("{SPEC}{output}"));
    std::fs::create_dir(desk.path("taken")).expect("the folder is ours");
    in_every_form(&desk, &["apply", "-y", "--target", "emulator"], &PLAN_FORMS, 1);
    for args in [&["graph", "--out", "taken"][..], &["test", "--out", "taken"]] {
        assert_eq!(code(&desk.run(args)), 1, "{args:?}");
    }
    desk.write("flex.yaml", &format!("{SPEC}environments: {{ here: {{}} }}\n"));
    for args in [
        &["plan", "--out", "taken"][..],
        &["plan", "--out", "flex.yaml/plan.json"],
        &["plan", "--env", "here", "--report-dir", "flex.yaml"],
        &["import", "--out", "flex.yaml/imported.yaml"],
        &["import", "--export", "flex.yaml/exported.json"],
    ] {
        let failed = desk.emulated(args);
        assert_eq!(code(&failed), 1, "{args:?}: {}", err(&failed));
    }
}

#[test]
fn two_when_there_are_changes_and_somebody_asked_or_there_is_drift() {
    let desk = applied(SPEC);
    desk.write("flex.yaml", &SPEC.replace("topic == 'sales'", "topic == 'sale'"));
    for command in
        [&["plan", "--detailed-exitcode"][..], &["diff-routing", "--detailed-exitcode"], &["drift"]]
    {
        in_every_form(&desk, &[command, &EMULATOR].concat(), &PLAN_FORMS, 2);
    }
    for (value, exit) in [("1", 2), ("true", 2), ("yes", 2), ("0", 0), ("false", 0), ("maybe", 64)]
    {
        let mut command = desk.command(&["plan", "--target", "emulator"]);
        let planned = command.env("FLEXCTL_DETAILED_EXITCODE", value).output();
        assert_eq!(code(&planned.expect("the binary starts")), exit, "{value}");
    }
}

#[test]
fn three_when_the_spec_has_errors_or_tests_fail() {
    let desk =
        Desk::new(&SPEC.replace("targets: [{ queue: Sales }]", "targets: [{ queue: Slaes }]"));
    in_every_form(&desk, &["validate"], &VALIDATE_FORMS, 3);
    in_every_form(&desk, &["test"], &TEST_FORMS, 3);
    for command in [&["plan"][..], &["apply", "-y"], &["drift"], &["diff-routing"]] {
        in_every_form(&desk, &[command, &EMULATOR].concat(), &PLAN_FORMS, 3);
    }
    for args in [&["show"][..], &["graph"], &["route", "Inbound"], &["show", "--format", "json"]] {
        assert_eq!(code(&desk.run(args)), 3, "{args:?}");
    }

    desk.write(
        "flex.yaml",
        &SPEC.replace("expect: { queue: Sales }", "expect: { queue: Everyone }"),
    );
    in_every_form(&desk, &["test"], &TEST_FORMS, 3);
    desk.write(
        "flex.yaml",
        &SPEC
            .replace("topic: sales }", "topic: other }")
            .replace("expect: { queue: Sales }", "expect: { queue: Everyone }"),
    );
    in_every_form(&desk, &["test"], &TEST_FORMS, 0);
    in_every_form(&desk, &["test", "--min-coverage", "100"], &TEST_FORMS, 3);
    // A lint that is denied is an error.
    desk.write(
        "flex.yaml",
        &SPEC.replace("queues:", "queues:\n  Nobody: { target_workers: 1==1 }"),
    );
    in_every_form(&desk, &["validate"], &VALIDATE_FORMS, 0);
    in_every_form(&desk, &["validate", "--deny", "warnings"], &VALIDATE_FORMS, 3);
}

#[test]
fn four_when_the_api_refuses_us_or_cannot_be_reached() {
    let desk = Desk::new(SPEC);
    let commands = [&["plan"][..], &["apply", "-y"], &["drift"], &["diff-routing"]];
    for (command, form) in commands.into_iter().zip(PLAN_FORMS.iter().cycle()) {
        // It is tried more than once, which takes its time: each form once.
        in_every_form(&desk, &[command, &AWAY].concat(), &[form], 4);
        // Without credentials.
        in_every_form(&desk, command, &PLAN_FORMS, 4);
    }
    // With credentials that are not the account's.
    let api = Served::emulator(&desk);
    for command in ["plan", "drift"] {
        let mut command = desk.command(&[command, "--target", &api.url, "--format", "json"]);
        command.env("TWILIO_ACCOUNT_SID", format!("AC{}", "2".repeat(32)));
        let refused = command.env("TWILIO_AUTH_TOKEN", "wrong").output().expect("it starts");
        assert_eq!(code(&refused), 4, "{}", err(&refused));
        assert!(is_one("json", &out(&refused)));
    }
}

#[test]
fn five_when_a_guard_refuses_or_a_saved_plan_is_stale() {
    let desk = applied(SPEC);
    desk.write("flex.yaml", &SPEC.replace("available: false", "available: true"));
    for command in [&["plan"][..], &["plan", "--detailed-exitcode"], &["apply", "-y"]] {
        in_every_form(&desk, &[command, &EMULATOR].concat(), &PLAN_FORMS, 5);
    }
    // Another workspace than any that is there, and never one of its own.
    desk.write("flex.yaml", &SPEC.replace("Flex Task Assignment", "Another"));
    for command in [&["plan"][..], &["apply", "-y"], &["drift"], &["diff-routing"]] {
        in_every_form(&desk, &[command, &EMULATOR].concat(), &PLAN_FORMS, 5);
    }
    let edited = SPEC.replace("HAS 'sales'", "HAS 'sale'");
    desk.write("flex.yaml", &edited);
    assert_eq!(code(&desk.emulated(&["plan", "--out", "plan.json"])), 0);
    desk.write("other.yaml", &SPEC.replace("HAS 'sales'", "HAS 'sold'"));
    assert_eq!(code(&desk.emulated(&["apply", "-y", "-f", "other.yaml"])), 0);
    in_every_form(&desk, &["apply", "plan.json", "--target", "emulator"], &PLAN_FORMS, 5);
}

#[test]
fn sixty_four_when_the_usage_is_wrong() {
    let desk = Desk::new(SPEC);
    let no_file = ["--var-file", "none.yaml"];
    in_every_form(&desk, &[&["validate"][..], &no_file].concat(), &VALIDATE_FORMS, 64);
    in_every_form(&desk, &[&["test"][..], &no_file].concat(), &TEST_FORMS, 64);
    for command in ["plan", "apply", "drift", "diff-routing"] {
        in_every_form(&desk, &[&[command][..], &no_file, &EMULATOR].concat(), &PLAN_FORMS, 64);
        in_every_form(&desk, &[command, "--target", "emulater"], &PLAN_FORMS, 64);
    }
    // Nobody can be asked.
    in_every_form(&desk, &["apply", "--target", "emulator"], &PLAN_FORMS, 64);
    for args in [
        &["plna"][..],
        &["plan", "--format", "sarif"],
        &["validate", "--format", "markdown"],
        &["plan", "--max-chars", "10"],
        &["drift", "--interval", "1ms"],
    ] {
        let wrong = desk.run(args);
        assert_eq!((code(&wrong), out(&wrong)), (64, String::new()), "{args:?}");
    }
}

#[test]
fn a_hundred_and_thirty_when_it_is_interrupted() {
    let queues: String =
        (0..40).map(|at| format!("  Q{at}: {{ target_workers: 1==1 }}\n")).collect();
    let desk = Desk::new(&SPEC.replace("queues:\n", &format!("queues:\n{queues}")));
    for form in PLAN_FORMS {
        let servers = Servers::one();
        let server = servers.get(0);
        server.hold_after(1, Held::Undone);
        let args = ["apply", "-y", "--parallelism", "1", "--target", &server.url, "--format", form];
        let mut apply = desk
            .command(&args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        // Once a change is made, and before the next one is.
        let mut talk = BufReader::new(apply.stderr.take().expect("it is a pipe"));
        let mut until = |what: &str| {
            let mut line = String::new();
            while !line.contains(what) {
                line.clear();
                assert_ne!(talk.read_line(&mut line).expect("text"), 0, "it ended");
            }
        };
        until("created");
        signal(&apply, "INT");
        until("interrupted");
        server.go_on();
        let mut rest = String::new();
        talk.read_to_string(&mut rest).expect("text");
        let ended = apply.wait_with_output().expect("it ends");
        assert_eq!(code(&ended), 130, "{form}: {rest}");
        assert!(is_one(form, &out(&ended)), "{form}: {}", out(&ended));
        if form == "json" {
            let document: Value = serde_json::from_slice(&ended.stdout).expect("one document");
            assert_eq!(document["report"]["interrupted"], true);
        }
    }
}

#[test]
fn the_page_about_the_command_line_lists_the_numbers_of_these_tests() {
    let page = include_str!("../../docs/cli.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next());
    let listed: BTreeSet<u8> = rows.filter_map(|number| number.parse().ok()).collect();
    assert_eq!(listed, BTreeSet::from([0, 1, 2, 3, 4, 5, 64, 130]));
}

#[test]
fn numbers_are_given_in_one_place() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("it can be listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.ends_with("cli/exit.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            for (at, _) in text.match_indices("process::exit(") {
                let argument = &text[at + "process::exit(".len()..];
                assert!(argument.starts_with("Exit::"), "{} ends with a number", path.display());
            }
            assert!(!text.contains("ExitCode::from("), "{}", path.display());
        }
    }
}
