//! The binary as its users run it: streams, exit codes, files.

use std::path::Path;
use std::process::Stdio;

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
transfers:
  Chat Transfer:
    dialect: conversation
    worker: { queue: Everyone }
    default_filter: { queue: Everyone }
outputs:
  - file: out/.env
    values: { SALES: \"${queue['Sales'].sid}\" }
";

#[test]
fn an_apply_is_done_once_and_an_edit_shows_as_exactly_itself() {
    let desk = Desk::new(SPEC);
    let first = desk.emulated(&["apply", "--auto-approve"]);
    assert_eq!(code(&first), 0, "{}", err(&first));
    assert!(out(&first).contains("+ queue.Sales"), "{}", out(&first));

    let again = desk.emulated(&["plan", "--detailed-exitcode"]);
    assert_eq!(code(&again), 0);
    assert!(out(&again).contains("No changes."), "{}", out(&again));

    desk.write("flex.yaml", &SPEC.replace("HAS 'sales'", "HAS 'sales' AND languages HAS 'en'"));
    let edited = desk.emulated(&["plan", "--detailed-exitcode"]);
    assert_eq!(code(&edited), 2);
    insta::assert_snapshot!(out(&edited));
}

#[test]
fn outputs_are_written_after_an_apply_and_other_lines_stay() {
    let desk = Desk::new(SPEC);
    std::fs::create_dir(desk.path("out")).expect("the folder is ours");
    desk.write("out/.env", "# mine\nOTHER=1\nSALES=old # a comment\n");
    let done = desk.emulated(&["apply", "-y"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    let text = desk.read("out/.env");
    let sid = text.lines().find_map(|line| line.strip_prefix("SALES=")).expect("it is set");
    assert!(sid.starts_with("WQ") && sid.ends_with(" # a comment"), "{text}");
    assert!(text.starts_with("# mine\nOTHER=1\n"), "{text}");
}

#[test]
fn a_configuration_that_cannot_be_read_is_not_taken_for_none() {
    let desk = Desk::new(SPEC);
    std::fs::create_dir_all(desk.path(".twilio-cli/config.json")).expect("the folder is ours");
    let plan = desk.run(&["plan"]);
    assert_eq!(code(&plan), 4);
    assert!(err(&plan).contains(".twilio-cli/config.json"), "{}", err(&plan));
}

#[test]
fn without_credentials_both_ways_on_are_named_and_nothing_is_planned() {
    let desk = Desk::new(SPEC);
    let refused = desk.run(&["plan"]);
    assert_eq!(code(&refused), 4);
    assert_eq!(out(&refused), "");
    for way in ["TWILIO_ACCOUNT_SID", "--target emulator"] {
        assert!(err(&refused).contains(way), "{}", err(&refused));
    }
    assert!(!desk.path(".flexctl").exists());
}

#[test]
fn without_a_terminal_an_apply_does_not_ask_and_does_nothing() {
    let desk = Desk::new(SPEC);
    let refused = desk.emulated(&["apply"]);
    assert_eq!(code(&refused), 64);
    assert!(err(&refused).contains("--auto-approve"), "{}", err(&refused));
    assert_eq!(code(&desk.emulated(&["plan", "--detailed-exitcode"])), 2);
}

#[test]
fn a_spec_with_errors_ends_with_three_and_says_them_on_the_right_stream() {
    let desk = Desk::new(&SPEC.replace("queue: Everyone", "queue: Evryone"));
    let validated = desk.run(&["validate"]);
    assert_eq!(code(&validated), 3);
    assert!(out(&validated).contains("Evryone") && out(&validated).contains("flex.yaml:"));
    let planned = desk.emulated(&["plan"]);
    assert_eq!(code(&planned), 3);
    assert_eq!(out(&planned), "");
    assert!(err(&planned).contains("Evryone"), "{}", err(&planned));
}

#[test]
fn a_refused_replace_ends_with_five_and_names_the_way_out() {
    let desk = Desk::new(SPEC);
    assert_eq!(code(&desk.emulated(&["apply", "-y"])), 0);
    desk.write("flex.yaml", &SPEC.replace("available: false", "available: true"));
    for args in [&["plan"][..], &["apply", "-y"][..]] {
        let refused = desk.emulated(args);
        assert_eq!(code(&refused), 5, "{}", err(&refused));
        assert!(out(&refused).contains("--allow-replace activity.Lunch"), "{}", out(&refused));
    }
    let allowed = desk.emulated(&["apply", "-y", "--allow-replace", "activity.Lunch"]);
    assert_eq!(code(&allowed), 0, "{}", err(&allowed));
    assert_eq!(code(&desk.emulated(&["plan", "--detailed-exitcode"])), 0);
}

#[test]
fn another_account_than_the_environments_is_refused_before_anything_is_sent() {
    let account = format!("AC{}", "1".repeat(32));
    let desk =
        Desk::new(&format!("{SPEC}environments:\n  production: {{ account_sid: {account} }}\n"));
    let mut command = desk.command(&["plan", "--env", "production"]);
    command.env("TWILIO_ACCOUNT_SID", format!("AC{}", "2".repeat(32)));
    command.env("TWILIO_AUTH_TOKEN", "a-secret-token");
    let refused = command.output().expect("the binary starts");
    assert_eq!(code(&refused), 5);
    assert!(err(&refused).contains(&account), "{}", err(&refused));
    assert!(!err(&refused).contains("a-secret-token"));
}

#[test]
fn an_unreachable_target_ends_with_four_and_no_secret_is_shown() {
    let desk = Desk::new(SPEC);
    let mut command = desk.command(&["plan", "--target", "http://127.0.0.1:1"]);
    command.env("TWILIO_ACCOUNT_SID", format!("AC{}", "2".repeat(32)));
    command.env("TWILIO_AUTH_TOKEN", "a-secret-token");
    let failed = command.output().expect("the binary starts");
    assert_eq!(code(&failed), 4);
    assert!(!err(&failed).contains("a-secret-token"), "{}", err(&failed));
    assert!(err(&failed).contains("127.0.0.1"), "{}", err(&failed));
}

#[test]
fn plain_http_leaves_the_machine_never() {
    let desk = Desk::new(SPEC);
    let refused = desk.run(&["plan", "--target", "http://taskrouter.example.com"]);
    assert_eq!(code(&refused), 64);
    assert!(err(&refused).contains("https"), "{}", err(&refused));
}

#[test]
fn wrong_usage_ends_with_sixty_four() {
    let desk = Desk::new(SPEC);
    for args in [
        &["plna"][..],
        &["plan", "--target", "emulater"],
        &["plan", "--var", "x"],
        &["explain", "no-such-code"],
        &["plan", "--allow-replace", "activty.Lunch"],
    ] {
        assert_eq!(code(&desk.run(args)), 64, "{args:?}");
    }
}

#[test]
fn machine_formats_put_exactly_one_document_on_stdout() {
    let desk = Desk::new(SPEC);
    for args in [
        &["validate", "--format", "json"][..],
        &["plan", "--format", "json", "--target", "emulator"],
        &["apply", "-y", "--format", "json", "--target", "emulator"],
        &["apply", "-y", "--format", "json", "--target", "emulator"],
        &["show", "--format", "json"],
        &["show", "--expanded", "--format", "json"],
        &["schema"],
        &["schema", "plan"],
        &["schema", "report"],
        &["schema", "trace"],
    ] {
        let output = desk.run(args);
        assert_eq!(code(&output), 0, "{args:?}: {}", err(&output));
        let document: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
        assert!(document.is_object(), "{args:?}");
    }
}

#[test]
fn the_json_of_an_apply_holds_the_plan_and_what_became_of_it() {
    let desk = Desk::new(SPEC);
    let output = desk.emulated(&["apply", "-y", "--format", "json"]);
    let document: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    for (part, file) in
        [("plan", "schemas/plan.schema.json"), ("report", "schemas/report.schema.json")]
    {
        let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let schema = std::fs::read_to_string(schema).expect("it is checked in");
        let schema = serde_json::from_str(&schema).expect("it is JSON");
        let validator = jsonschema::validator_for(&schema).expect("it is a schema");
        let errors: Vec<String> =
            validator.iter_errors(&document[part]).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{part}: {errors:?}");
    }
    let changes = document["plan"]["changes"].as_array().expect("a list").len();
    assert_eq!(document["report"]["totals"]["applied"], changes);
    assert_eq!(document["outputs"][0], "out/.env");
}

#[test]
fn expanded_workflows_are_shown_as_yaml_and_as_taskrouter_s_json() {
    let desk = Desk::new(SPEC);
    insta::assert_snapshot!("expanded_yaml", out(&desk.run(&["show", "--expanded"])));
    let json = desk.run(&["show", "--expanded", "--format", "json"]);
    insta::assert_snapshot!("expanded_json", out(&json));
}

#[test]
fn a_pipe_that_closes_is_a_quiet_end() {
    let desk = Desk::new(SPEC);
    let mut child = desk
        .command(&["schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(code(&output), 0);
    assert_eq!(err(&output), "");
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let desk = Desk::new(SPEC);
    assert!(!out(&desk.emulated(&["plan"])).contains('\x1b'));
    assert!(out(&desk.emulated(&["plan", "--color", "always"])).contains('\x1b'));
    for line in out(&desk.emulated(&["plan"])).lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn the_checked_in_schemas_are_what_the_binary_prints() {
    for (of, file) in [
        ("spec", "flex"),
        ("test-file", "flex-test"),
        ("plan", "plan"),
        ("saved-plan", "saved-plan"),
        ("report", "report"),
        ("test-report", "test"),
        ("trace", "trace"),
        ("routing-diff", "routing-diff"),
        ("apply", "apply"),
        ("drift", "drift"),
        ("diagnostics", "diagnostics"),
        ("failure", "failure"),
        ("fleet", "fleet"),
        ("promotion", "promotion"),
    ] {
        let printed = out(&Desk::new(SPEC).run(&["schema", of]));
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{file}.schema.json"));
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &printed).expect("the schema can be written");
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(stored == printed, "{file} is stale: run UPDATE_DOCS=1 cargo test --test it");
    }
}

#[test]
fn every_code_can_be_explained() {
    let desk = Desk::new(SPEC);
    let listed = out(&desk.run(&["explain"]));
    assert!(listed.lines().count() > 20);
    let code_of = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    let first = listed.lines().map(code_of).next().expect("a code");
    assert!(out(&desk.run(&["explain", &first])).starts_with(&first));
}

#[test]
fn the_help_fits_a_screen_and_names_every_command() {
    let desk = Desk::new(SPEC);
    let help = out(&desk.run(&["--help"]));
    assert!(help.lines().count() <= 40, "{help}");
    insta::assert_snapshot!(help);
    let script = out(&desk.run(&["completions", "bash"]));
    let commands = script.lines().find_map(|line| line.trim().strip_prefix("opts=\"-f"));
    let commands = commands.expect("the completions list the options and commands");
    for command in commands.split(['"', ' ']).filter(|word| word.starts_with(char::is_alphabetic)) {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is not in the help");
    }
}

#[test]
fn what_names_hold_is_shown_on_a_terminal_and_not_obeyed() {
    let name = r#"A\e[2J\u009b1m\nerror: all is lost"#;
    let spec = format!(
        "version: 1\nworkspace: {{ friendly_name: Flex Task Assignment }}\nqueues: {{ \"{name}\": {{}} }}\n"
    );
    let desk = Desk::new(&spec);
    let said = |args: &[&str]| {
        let output = desk.emulated(args);
        let said = out(&output) + &err(&output);
        assert!(!said.contains(|c: char| c.is_control() && c != '\n'), "{args:?}: {said:?}");
        assert!(!said.contains("\nerror: all"), "{args:?}: {said}");
        said
    };
    let shown = r#"queue."A\u{1b}[2J\u{9b}1m\nerror: all is lost""#;
    assert!(said(&["plan"]).contains(&format!("+ {shown}")));
    let applied = said(&["apply", "-y"]);
    assert!(applied.contains(&format!("  created   {shown}")), "{applied}");
    // A run that dies while it makes it.
    let folder = std::fs::read_dir(desk.path(".flexctl/journal")).expect("there is a journal");
    let file = folder.last().expect("a file").expect("it can be listed").path();
    let text = std::fs::read_to_string(&file).expect("text");
    let begun: Vec<&str> = text.lines().take(2).collect();
    std::fs::write(&file, begun.join("\n") + "\n").expect("the folder is ours");
    let told = said(&["plan"]);
    assert!(told.contains(&format!("{shown} was being created: it is there")), "{told}");
    // The heading, in every command that has one.
    let file = "b\u{1b}[2J.yaml";
    desk.write(file, &spec.replace("{}", "{ max_reserved_workers: 2 }"));
    for command in [&["drift"][..], &["diff-routing"], &["plan", "--out", "plan.json"]] {
        let told = said(&[command, &["-f", file]].concat());
        assert!(told.starts_with(r"b\u{1b}[2J.yaml → "), "{told}");
    }
    let told = out(&desk.run(&["show", "plan.json"]));
    assert!(told.contains(r"b\u{1b}[2J.yaml → ") && !told.contains('\u{1b}'), "{told}");
    // Failures and their help.
    said(&["plan", "--env", "\u{1b}[2J"]);
    said(&["route", "\u{1b}[2J", "a=1"]);
    desk.write("flex.yaml", "version: 1\nqueues: { \"A\u{1b}[2J\u{9b}x\": {} }\nworkflow: 1\n");
    let refused = said(&["plan"]);
    assert!(refused.contains("queues: { \"A?[2J¿x\": {} }"), "{refused}");
}

#[test]
fn a_closed_pipe_does_not_stop_an_apply() {
    let desk = Desk::new(SPEC);
    let mut command = desk.command(&["apply", "-y", "--target", "emulator"]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary starts");
    drop(child.stdout.take());
    assert!(child.wait().expect("it ends").success());
    assert_eq!(code(&desk.emulated(&["plan", "--detailed-exitcode"])), 0);
}

#[test]
fn a_failure_is_a_document_too() {
    let desk = Desk::new(SPEC);
    let document = |output: &std::process::Output| -> Value {
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    };
    let unreachable = desk.run(&["plan", "--format", "json", "--target", "http://127.0.0.1:1"]);
    assert_eq!(code(&unreachable), 4);
    let said = document(&unreachable);
    assert_eq!(said["exit"], 4);
    assert!(said["error"].as_str().is_some_and(|text| text.contains("127.0.0.1:1")), "{said}");
    assert!(said["help"].as_str().is_some_and(|text| text.contains("flexctl emulator")), "{said}");

    desk.write("flex.yaml", &SPEC.replace("queue: Everyone", "queue: Evryone"));
    let wrong = desk.run(&["apply", "-y", "--format", "json", "--target", "emulator"]);
    assert_eq!(code(&wrong), 3);
    assert_eq!(document(&wrong)["diagnostics"][0]["code"], "unknown-queue");
}

#[test]
fn the_emulators_data_stays_out_of_commits() {
    let desk = Desk::new(SPEC);
    desk.emulated(&["plan"]);
    assert_eq!(desk.read(".flexctl/.gitignore"), "*\n");
}

#[test]
fn windows_line_ends_do_not_move_a_line() {
    let desk = Desk::new(&SPEC.replace("routing.skills HAS", "routing.skills HASS"));
    let unix = out(&desk.run(&["validate"]));
    desk.write("flex.yaml", &desk.read("flex.yaml").replace('\n', "\r\n"));
    assert_eq!(out(&desk.run(&["validate"])), unix);
}

#[test]
fn what_a_plan_refuses_can_be_explained() {
    let explained = out(&Desk::new(SPEC).run(&["explain", "replace-not-allowed"]));
    assert!(explained.contains("--allow-replace"), "{explained}");
}

#[test]
fn a_budget_is_obeyed_where_one_is_asked_for_and_the_plan_says_how_long_it_takes() {
    let desk = Desk::new(SPEC);
    let plan = |args: &[&str]| {
        let plan = desk.emulated(&[&["plan"], args].concat());
        assert_eq!(code(&plan), 0, "{}", err(&plan));
        out(&plan).lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(plan(&[]), "5 requests", "nobody is to be protected from on this machine");
    assert_eq!(plan(&["--rate", "queues=1/s"]), "5 requests, about 2 s at 1 write/s");
    assert_eq!(
        plan(&["--rate", "2", "--rate", "queues=0.5"]),
        "5 requests, about 4 s at 0.5 writes/s"
    );

    for wrong in ["--rate=ten", "--rate=quick=1", "--reserve=101", "--deadline=soon"] {
        assert_eq!(code(&desk.emulated(&["plan", wrong])), 64, "{wrong}");
    }
    let late = desk.emulated(&["plan", "--rate", "0.5", "--deadline", "5s"]);
    assert_eq!(code(&late), 4);
    let said = err(&late);
    assert!(said.contains("error: the run's deadline of 5s passed before GET /v1/"), "{said}");
    assert!(said.contains("--deadline"), "{said}");
}
