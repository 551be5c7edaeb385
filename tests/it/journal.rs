//! The journal of applies, through the binary and the embedded emulator.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::desk::{Desk, code, err, out};

const SPEC: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues:
  Sales: { target_workers: \"team == 'a secret'\" }
  Support: {}
";

const APPLY: [&str; 2] = ["apply", "--auto-approve"];

/// The only journal in a folder.
fn journal(desk: &Desk, folder: &str) -> PathBuf {
    let entries = std::fs::read_dir(desk.path(folder)).expect("there is a folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

fn applied() -> (Desk, PathBuf) {
    let desk = Desk::new(SPEC);
    let output = desk.emulated(&APPLY);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let file = journal(&desk, ".flexctl/journal");
    (desk, file)
}

/// Takes the last lines of a journal away, as if the process had died before them.
fn cut(file: &PathBuf, lines: usize) {
    let text = std::fs::read_to_string(file).expect("text");
    let kept = text.lines().count() - lines;
    let text: String = text.lines().take(kept).map(|line| format!("{line}\n")).collect();
    std::fs::write(file, text).expect("the folder is ours");
}

fn entries(file: &PathBuf) -> Vec<Value> {
    let text = std::fs::read_to_string(file).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

#[test]
fn every_change_is_written_down_before_and_after_without_any_value() {
    let (desk, file) = applied();
    let name = file.file_name().expect("a name").to_str().expect("text");
    assert!(name.starts_with("AC") && name.contains("-WS") && name.ends_with(".jsonl"), "{name}");
    let entries = entries(&file);
    let kinds: Vec<&str> = entries.iter().map(|e| e["entry"].as_str().expect("a text")).collect();
    assert_eq!(kinds.first(), Some(&"run"));
    assert_eq!(kinds.last(), Some(&"end"));
    for change in 0..2 {
        let at = |kind: &str| {
            entries.iter().position(|entry| entry["entry"] == kind && entry["change"] == change)
        };
        assert!(at("intent").expect("an intent") < at("outcome").expect("an outcome"));
    }
    assert!(entries.iter().all(|entry| entry["at"].as_str().is_some_and(|at| at.ends_with('Z'))));
    let text = std::fs::read_to_string(&file).expect("text");
    assert!(!text.contains("secret") && text.contains("target_workers"), "{text}");
    // Whoever commits the folder commits no journal.
    assert_eq!(desk.read(".flexctl/.gitignore"), "*\n");
}

#[test]
fn a_run_that_did_not_end_is_told_until_an_apply_ends() {
    let (desk, file) = applied();
    cut(&file, 1);
    for _ in 0..2 {
        let plan = desk.emulated(&["plan"]);
        let told = err(&plan);
        assert!(told.contains("the last run stopped in the middle (begun "), "{told}");
        assert!(told.contains("it had applied 2 of 2 changes; nothing was under way"), "{told}");
        assert!(desk.emulated(&["plan", "--quiet"]).stderr == plan.stderr, "it must be heard");
    }
    let output = desk.emulated(&["apply", "--auto-approve", "--format", "json"]);
    let document: Value = serde_json::from_str(&out(&output)).expect("one document");
    assert_eq!(document["last_run"]["applied"], 2, "{document}");
    let output = desk.emulated(&["apply", "--auto-approve", "--format", "json"]);
    let document: Value = serde_json::from_str(&out(&output)).expect("one document");
    assert_eq!(document["last_run"], Value::Null, "{document}");
    assert_eq!(err(&desk.emulated(&["plan"])), "");
}

#[test]
fn a_run_that_did_not_end_is_told_also_when_a_saved_plan_is_stale() {
    let (desk, file) = applied();
    let edited = SPEC.replace("  Support: {}", "  Support: { target_workers: 1==0 }");
    desk.write("flex.yaml", &edited);
    assert_eq!(code(&desk.emulated(&["plan", "--out", "plan.json"])), 0);
    // Somebody else is cut off in the middle.
    desk.write("other.yaml", &SPEC.replace("  Support: {}", "  Support: { target_workers: 1==2 }"));
    assert_eq!(code(&desk.emulated(&["apply", "-y", "--file", "other.yaml"])), 0);
    cut(&file, 2);
    let told = "the last run stopped in the middle (begun ";
    let stale_by_them = desk.emulated(&["apply", "plan.json"]);
    assert_eq!(code(&stale_by_them), 5);
    let said = err(&stale_by_them);
    assert!(said.contains(told) && said.contains("queue.Support was being updated: "), "{said}");
    assert!(said.contains(" is stale: "), "{said}");
    desk.write("flex.yaml", SPEC);
    let stale_by_us = desk.emulated(&["apply", "plan.json"]);
    assert_eq!(code(&stale_by_us), 5);
    let said = err(&stale_by_us);
    assert!(said.contains(told) && said.contains("means something else than when"), "{said}");
}

#[test]
fn a_torn_line_is_passed_over_and_said() {
    let (desk, file) = applied();
    let text = std::fs::read_to_string(&file).expect("text");
    let last_intent = text.rfind("{\"at\":").expect("the end");
    // In the middle of a character, too.
    let mut torn = text.as_bytes()[..last_intent + 20].to_vec();
    torn.push(0xC3);
    std::fs::write(&file, torn).expect("the folder is ours");
    let told = err(&desk.emulated(&["plan"]));
    assert!(told.contains("; 1 line of its journal cannot be read; "), "{told}");
    // The next run begins on a line of its own.
    desk.write("flex.yaml", &SPEC.replace("Support", "Help"));
    assert_eq!(code(&desk.emulated(&APPLY)), 0);
    let text = String::from_utf8_lossy(&std::fs::read(&file).expect("bytes")).into_owned();
    let read = text.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok());
    assert_eq!(read.count(), text.lines().count() - 1, "{text}");
    assert_eq!(err(&desk.emulated(&["plan"])), "");
}

#[test]
fn a_second_apply_is_refused_while_one_is_at_work() {
    let (desk, file) = applied();
    cut(&file, 1);
    let held = std::fs::File::open(&file).expect("it is there");
    held.lock().expect("nobody else holds it");
    let told = err(&desk.emulated(&["plan"]));
    assert!(told.contains("another apply to this workspace is at work at the moment"), "{told}");
    desk.write("flex.yaml", &SPEC.replace("Support", "Help"));
    let refused = desk.emulated(&APPLY);
    assert_eq!(code(&refused), 5);
    let told = err(&refused);
    assert!(
        told.contains("another apply to this workspace is at work; nothing was applied"),
        "{told}"
    );
    assert!(told.contains("help: wait until it is done"), "{told}");
    // A process that another test has just started may have the file too, for a moment.
    held.unlock().expect("it is held");
    assert_eq!(code(&desk.emulated(&APPLY)), 0);
}

#[test]
fn a_journal_that_cannot_be_kept_stops_the_apply_before_anything_is_sent() {
    let desk = Desk::new(SPEC);
    desk.emulated(&["plan"]);
    desk.write(".flexctl/journal", "no folder");
    let refused = desk.emulated(&APPLY);
    assert_eq!(code(&refused), 5);
    let told = err(&refused);
    assert!(told.contains("cannot keep the journal .flexctl/journal/AC"), "{told}");
    assert!(told.contains("choose another with --journal"), "{told}");
    assert!(out(&desk.emulated(&["plan"])).contains("2 to create"));
    let output = desk.emulated(&["apply", "--auto-approve", "--journal", "elsewhere"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let file = journal(&desk, "elsewhere");
    cut(&file, 1);
    let told = err(&desk.emulated(&["plan", "--journal", "elsewhere"]));
    assert!(told.contains("stopped in the middle"), "{told}");
}

#[test]
fn a_journal_of_a_newer_flexctl_is_not_gone_by() {
    let (desk, file) = applied();
    cut(&file, 1);
    let text = std::fs::read_to_string(&file).expect("text");
    std::fs::write(&file, text.replace("\"version\":1", "\"version\":7")).expect("ours");
    let plan = desk.emulated(&["plan"]);
    assert_eq!(code(&plan), 0);
    assert!(err(&plan).contains("written by a newer flexctl (version 7"), "{}", err(&plan));
    desk.write("flex.yaml", &SPEC.replace("Support", "Help"));
    let refused = desk.emulated(&APPLY);
    assert_eq!(code(&refused), 5);
    assert!(err(&refused).contains("use that flexctl, or move the file away"), "{}", err(&refused));
}

#[test]
fn an_emulator_that_was_begun_anew_has_no_past() {
    let (desk, file) = applied();
    cut(&file, 2);
    std::fs::remove_file(desk.path(".flexctl/emulator.redb")).expect("it is there");
    let told = err(&desk.emulated(&["plan"]));
    // It is another workspace, of which nothing was written down.
    assert_eq!(told, "");
    assert_eq!(code(&desk.emulated(&APPLY)), 0);
}
