//! Plans that are saved and applied later, through the binary.

use std::os::unix::fs::PermissionsExt;

use flexctl::plan::saved::{SavedPlan, SavedPlanError};
use serde_json::Value;

use crate::support::desk::{Desk, code, err, out};

const SPEC: &str = "\
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues:
  Everyone: { target_workers: 1==1 }
  Sales: { target_workers: routing.skills HAS 'sales' }
  Support: { target_workers: routing.skills HAS 'support' }
workflows:
  Inbound:
    filters:
      - { name: Sales, expression: topic == 'sales', targets: [{ queue: Sales }] }
    default_filter: { queue: Everyone }
outputs:
  - file: out.env
    values: { SALES: \"${queue['Sales'].sid}\" }
";

/// The same with one queue changed, one filter changed, and one queue more.
fn wanted() -> String {
    SPEC.replace("HAS 'sales'", "HAS 'selling'")
        .replace("topic == 'sales'", "topic == 'selling'")
        .replace("workflows:\n", "  Night: { target_workers: 1==0 }\nworkflows:\n")
}

/// A desk where `SPEC` was applied and the plan for `wanted` was saved.
fn desk() -> Desk {
    let desk = Desk::new(SPEC);
    let done = desk.emulated(&["apply", "-y"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    desk.write("flex.yaml", &wanted());
    let saved = desk.emulated(&["plan", "--out", "plan.json"]);
    assert_eq!(code(&saved), 0, "{}", err(&saved));
    desk
}

/// Somebody else applies another spec in between.
fn meddle(desk: &Desk, spec: &str) {
    desk.write("theirs.yaml", spec);
    let done = desk.emulated(&["apply", "-y", "-f", "theirs.yaml"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
}

/// Without what is another in every run.
fn steady(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric() && !"…-:".contains(c)) {
        let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let rest = &word[bare.len()..];
        let sid = bare.len() == 34 && bare[2..].chars().all(|c| c.is_ascii_hexdigit());
        let short = bare.chars().count() == 7 && bare.chars().nth(2) == Some('…');
        let time = bare.starts_with("20") && bare.ends_with('Z') && bare.contains('T');
        match (sid, short, time) {
            (true, ..) | (_, true, _) => out.push_str(&format!("{}…", &bare[..2])),
            (.., true) => out.push_str("TIME"),
            _ => out.push_str(bare),
        }
        out.push_str(rest);
    }
    out
}

#[test]
fn a_saved_plan_is_applied_as_it_was_shown_and_without_a_question() {
    let desk = desk();
    let shown = out(&desk.run(&["show", "plan.json"]));
    insta::assert_snapshot!("saved_shown", steady(&shown));
    let done = desk.emulated(&["apply", "plan.json"]);
    assert_eq!(code(&done), 0, "{}{}", out(&done), err(&done));
    let body = |text: &str| text.split_once("\n\n").expect("a heading").1.to_owned();
    assert!(out(&done).contains(body(&shown).trim_end()), "{}", out(&done));
    insta::assert_snapshot!("saved_applied", steady(&out(&done)));
    let again = desk.emulated(&["plan"]);
    assert!(out(&again).contains("No changes."), "{}", out(&again));
    assert!(desk.read("out.env").starts_with("SALES=WQ"), "{}", desk.read("out.env"));
}

#[test]
fn a_saved_plan_is_for_its_user_alone_and_reads_back() {
    let desk = desk();
    let mode = std::fs::metadata(desk.path("plan.json")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = desk.read("plan.json");
    let saved = SavedPlan::read(&text).expect("it is a saved plan");
    assert_eq!(saved.seal(), text);
    let printed = out(&desk.run(&["show", "plan.json", "--format", "json"]));
    let printed: Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(serde_json::to_value(&saved.plan).expect("JSON"), printed);
}

#[test]
fn a_stale_plan_says_what_has_moved_and_changes_nothing() {
    let desk = desk();
    meddle(
        &desk,
        &SPEC
            .replace("HAS 'sales'", "HAS 'vip'")
            .replace("topic == 'sales'", "topic == 'vip'")
            .replace("workflows:\n", "  Night: { target_workers: 1==1 }\nworkflows:\n"),
    );
    let refused = desk.emulated(&["apply", "plan.json"]);
    assert_eq!(code(&refused), 5, "{}", err(&refused));
    assert_eq!(out(&refused), "");
    insta::assert_snapshot!("stale", steady(&err(&refused)));
    let json = desk.emulated(&["apply", "plan.json", "--format", "json"]);
    assert_eq!(code(&json), 5);
    insta::assert_snapshot!("stale_json", steady(&out(&json)));

    let refreshed = desk.emulated(&["apply", "plan.json", "--refresh"]);
    assert_eq!(code(&refreshed), 64, "a new plan is not approved: {}", err(&refreshed));
    let refreshed = desk.emulated(&["apply", "plan.json", "--refresh", "-y"]);
    assert_eq!(code(&refreshed), 0, "{}", err(&refreshed));
    assert!(out(&refreshed).contains("HAS 'vip' → routing.skills HAS 'selling'"));
    assert!(out(&desk.emulated(&["plan"])).contains("No changes."));
}

#[test]
fn an_edit_that_the_plan_does_not_rest_on_stays_and_does_no_harm() {
    let desk = desk();
    let theirs = "HAS 'support' OR routing.skills HAS 'all'";
    meddle(&desk, &SPEC.replace("HAS 'support'", theirs));
    let done = desk.emulated(&["apply", "plan.json"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    let left = out(&desk.emulated(&["plan"]));
    assert!(left.contains("~ queue.Support") && !left.contains("queue.Sales"), "{left}");
}

#[test]
fn a_plan_is_applied_once() {
    let desk = desk();
    assert_eq!(code(&desk.emulated(&["apply", "plan.json"])), 0);
    let again = desk.emulated(&["apply", "plan.json"]);
    assert_eq!(code(&again), 5);
    insta::assert_snapshot!(steady(&err(&again)));
}

#[test]
fn a_spec_that_means_something_else_by_now_is_refused_with_its_addresses() {
    let desk = desk();
    desk.write("flex.yaml", &wanted().replace("HAS 'support'", "HAS 'help'"));
    let refused = desk.emulated(&["apply", "plan.json"]);
    assert_eq!(code(&refused), 5);
    insta::assert_snapshot!(steady(&err(&refused)));
    // Another spelling of the same.
    desk.write("flex.yaml", &(wanted().replace("1==0", "1 == 0") + "# a comment\n"));
    assert_eq!(code(&desk.emulated(&["apply", "plan.json"])), 0);
}

#[test]
fn a_file_that_was_changed_or_is_something_else_is_refused() {
    let desk = desk();
    let text = desk.read("plan.json");
    for (name, text, said) in [
        ("edited", text.replace("HAS 'selling'", "HAS 'nobody'"), "changed after it was saved"),
        ("cut", text[..text.len() / 2].to_owned(), "no saved plan"),
        ("newer", text.replacen("\"version\": 1", "\"version\": 2", 1), "format version 2"),
        ("spec", SPEC.to_owned(), "no saved plan"),
        ("printed", out(&desk.emulated(&["plan", "--format", "json"])), "--format json"),
    ] {
        desk.write("bad.json", &text);
        for command in [&["apply", "bad.json", "--target", "emulator"][..], &["show", "bad.json"]] {
            let refused = desk.run(command);
            assert_eq!(code(&refused), 5, "{name}");
            assert!(err(&refused).contains(said), "{name}: {}", err(&refused));
        }
    }
    let habit = desk.emulated(&["apply", "flex.yaml"]);
    assert_eq!(code(&habit), 5);
    assert!(err(&habit).contains("a spec is given with --file: `--file flex.yaml`"));
    assert_eq!(SavedPlan::read("{}").map(|_| ()), SavedPlan::read("{\"plan\": 1}").map(|_| ()));
    assert_eq!(
        SavedPlan::read(&text.replace("\"digest\": \"", "\"digest\": \"0")).err(),
        Some(SavedPlanError::Damaged)
    );
}

#[test]
fn a_plan_for_one_account_is_not_applied_to_another() {
    let desk = desk();
    let mut command = desk.command(&["apply", "plan.json", "--target", "http://127.0.0.1:9"]);
    command.env("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001");
    let refused = command.env("TWILIO_AUTH_TOKEN", "secret").output().expect("the binary starts");
    assert_eq!(code(&refused), 5, "{}", err(&refused));
    insta::assert_snapshot!(err(&refused));

    // The same account number, and another emulator.
    std::fs::remove_file(desk.path(".flexctl/emulator.redb")).expect("it is there");
    let refused = desk.emulated(&["apply", "plan.json"]);
    assert_eq!(code(&refused), 5, "{}", err(&refused));
    assert!(err(&refused).contains("which is not here"), "{}", err(&refused));
}

#[test]
fn a_plan_is_not_saved_over_a_file_that_is_none() {
    let desk = Desk::new(SPEC);
    desk.write("notes.txt", "mine");
    for (file, exit) in [("flex.yaml", 5), ("./flex.yaml", 5), ("notes.txt", 5), ("-", 64)] {
        let refused = desk.emulated(&["plan", "--out", file]);
        assert_eq!(code(&refused), exit, "{file}: {}", err(&refused));
    }
    assert_eq!(desk.read("notes.txt"), "mine");
    assert_eq!(desk.read("flex.yaml"), SPEC);
    assert_eq!(code(&desk.emulated(&["plan", "--out", "plan.json"])), 0);
    assert_eq!(code(&desk.emulated(&["plan", "--out", "plan.json"])), 0, "over an older plan");
}

#[test]
fn the_commands_of_the_page_are_true() {
    let page = include_str!("../../docs/saved-plans.md");
    let desk = Desk::new(SPEC);
    let commands = page.lines().filter_map(|line| line.strip_prefix("    flexctl "));
    let mut count = 0;
    for line in commands {
        let words = line.split(['#', '>']).next().unwrap_or_default();
        let words: Vec<&str> = words.split_whitespace().collect();
        if words[0] == "plan" {
            // Something to do each time.
            desk.write("flex.yaml", &wanted().replace("'selling'", &format!("'{count}'")));
        }
        let mut command = desk.command(&words);
        let done = command.env("FLEXCTL_TARGET", "emulator").output().expect("the binary starts");
        assert_eq!(code(&done), 0, "{line}: {}", err(&done));
        count += 1;
    }
    assert_eq!(count, 5);
}

#[test]
fn a_comment_holds_what_has_moved() {
    let desk = desk();
    meddle(&desk, &SPEC.replace("HAS 'sales'", "HAS '```'"));
    let refused = desk.emulated(&["apply", "plan.json", "--format", "markdown"]);
    assert_eq!(code(&refused), 5);
    insta::assert_snapshot!(steady(&out(&refused)));
    let short =
        desk.emulated(&["apply", "plan.json", "--format", "markdown", "--max-chars", "1000"]);
    assert!(out(&short).chars().count() <= 1000);
}

#[test]
fn an_environment_is_the_plans_own() {
    let spec = wanted() + "environments: { staging: {}, production: {} }\n";
    let desk = Desk::new(&spec);
    assert_eq!(code(&desk.emulated(&["plan", "--env", "staging", "--out", "plan.json"])), 0);
    let other = desk.emulated(&["apply", "plan.json", "--env", "production"]);
    assert_eq!(code(&other), 5, "{}", err(&other));
    assert!(err(&other).contains("the plan is of environment `staging`"), "{}", err(&other));
    let done = desk.emulated(&["apply", "plan.json"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert!(out(&done).contains("staging)"), "{}", out(&done));
}

#[test]
fn an_environment_that_names_an_account_is_tried_out_in_the_emulator_all_the_same() {
    let account = "AC00000000000000000000000000000001";
    let spec = wanted() + &format!("environments: {{ staging: {{ account_sid: {account} }} }}\n");
    let desk = Desk::new(&spec);
    assert_eq!(code(&desk.emulated(&["plan", "--env", "staging", "--out", "plan.json"])), 0);
    let done = desk.emulated(&["apply", "plan.json"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
}

#[test]
fn a_plan_with_refusals_is_shown_and_not_applied() {
    let desk = Desk::new(&(SPEC.to_owned() + "removed: [task_channel.chat]\n"));
    let saved = desk.emulated(&["plan", "--out", "plan.json"]);
    assert_eq!(code(&saved), 5);
    assert!(err(&saved).contains("cannot be applied"), "{}", err(&saved));
    assert_eq!(code(&desk.run(&["show", "plan.json"])), 0);
    let refused = desk.emulated(&["apply", "plan.json"]);
    assert_eq!(code(&refused), 5);
    assert!(
        out(&refused).contains("refused: `removed` names task_channel.chat"),
        "{}",
        out(&refused)
    );
}

#[test]
fn a_plan_without_changes_writes_the_outputs() {
    let desk = Desk::new(SPEC);
    assert_eq!(code(&desk.emulated(&["apply", "-y"])), 0);
    std::fs::remove_file(desk.path("out.env")).expect("it was written");
    assert_eq!(code(&desk.emulated(&["plan", "--out", "plan.json"])), 0);
    for _ in 0..2 {
        let done = desk.emulated(&["apply", "plan.json"]);
        assert_eq!(code(&done), 0, "{}", err(&done));
        assert!(desk.read("out.env").starts_with("SALES=WQ"));
    }
}
