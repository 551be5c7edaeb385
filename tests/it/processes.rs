//! Real processes: killed, interrupted, and asked at a terminal.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Lines, Read};
use std::process::{Child, ChildStderr, Stdio};

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};
use serde_json::Value;

use crate::support::desk::{Desk, code, err, out};
use crate::support::served::{HANG, signal};
use crate::support::servers::{Held, Server, Servers};

const QUEUES: usize = 40;
/// So many requests are under way at once.
const UNDER_WAY: usize = 4;

/// Forty queues, and a workflow after all of them.
fn spec() -> String {
    let queues: String =
        (0..QUEUES).map(|n| format!("  Queue {n:02}: {{ target_workers: 1==0 }}\n")).collect();
    format!(
        "version: 1\nworkspace: {{ friendly_name: Flex Task Assignment }}\nqueues:\n{queues}\
         workflows:\n  Last: {{ default_filter: {{ queue: Queue 39 }} }}\n"
    )
}

/// An apply that is at work.
struct Applying {
    process: Child,
    stderr: Lines<BufReader<ChildStderr>>,
}

impl Applying {
    /// One that is held when it has made so many changes.
    fn held_after(desk: &Desk, server: &Server, changes: usize, held: Held) -> Self {
        server.hold_after(changes, held);
        let mut command = desk.command(&["apply", "--auto-approve", "--target", &server.url]);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the binary starts");
        let stderr = process.stderr.take().expect("it is piped");
        let mut applying = Self { process, stderr: BufReader::new(stderr).lines() };
        (0..changes).for_each(|_| drop(applying.until("created")));
        server.until_held(UNDER_WAY);
        applying
    }

    /// Waits until it says this.
    fn until(&mut self, what: &str) -> String {
        let mut lines = self.stderr.by_ref().map_while(Result::ok);
        lines.find(|line| line.contains(what)).unwrap_or_else(|| panic!("it never said {what}"))
    }

    /// Waits for its end; gives the exit code, if it has one, and stdout.
    fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        let mut stdout = self.process.stdout.take().expect("it is piped");
        stdout.read_to_string(&mut said).expect("text");
        (self.process.wait().expect("it ends").code(), said)
    }
}

fn apply(desk: &Desk, server: &Server) -> std::process::Output {
    desk.run(&["apply", "--auto-approve", "--no-progress", "--target", &server.url])
}

/// What a plan says on stderr, and the addresses that it creates.
fn plan(desk: &Desk, server: &Server) -> (String, BTreeSet<String>) {
    let output = desk.run(&["plan", "--format", "json", "--target", &server.url]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let plan: Value = serde_json::from_str(&out(&output)).expect("one document");
    let changes = plan["changes"].as_array().expect("a list");
    let address = |change: &Value| change["address"].as_str().expect("a text").to_owned();
    (err(&output), changes.iter().map(address).collect())
}

/// The next run says exactly what is true of what is left, and an apply finishes the work.
fn assert_told_and_finished(desk: &Desk, server: &Server) {
    let (told, left) = plan(desk, server);
    let head = told.lines().find(|line| line.contains("stopped in the middle"));
    let head = head.unwrap_or_else(|| panic!("nothing is said: {told}"));
    let (_, applied) = head.split_once("it had applied ").expect("how many");
    let (applied, _) = applied.split_once(" of 41 changes").expect("of how many");
    let mut there: usize = applied.parse().expect("a number");
    // A single one stands in the first line.
    for line in told.lines().flat_map(|line| line.split("; ")) {
        let Some((address, _)) = line.trim().split_once(" was being created: ") else { continue };
        let is_there = line.contains(": it is there (W");
        assert!(is_there != line.contains(": it is not there"), "{line}");
        assert_eq!(is_there, !left.contains(address), "{line}");
        there += usize::from(is_there);
    }
    assert_eq!(there, QUEUES + 1 - left.len(), "{told}\n{left:?}");
    // A plan closes no journal.
    assert!(plan(desk, server).0.contains("stopped in the middle"));
    let again = apply(desk, server);
    assert_eq!(code(&again), 0, "{}", err(&again));
    assert!(err(&again).contains("the last run stopped in the middle (begun 2"), "{}", err(&again));
    let (told, left) = plan(desk, server);
    assert!(left.is_empty() && !told.contains("last run"), "{told}\n{left:?}");
}

#[test]
fn a_process_that_is_killed_is_known_about_and_its_work_is_finished() {
    for held in [Held::Done, Held::Undone] {
        let desk = Desk::new(&spec());
        let servers = Servers::one();
        let server = servers.get(0);
        let applying = Applying::held_after(&desk, server, 7, held);
        signal(&applying.process, "KILL");
        assert_eq!(applying.end().0, None);
        server.forget();
        let done = if held == Held::Done { 7 + UNDER_WAY } else { 7 };
        assert_eq!(server.writes(), done);
        assert_told_and_finished(&desk, server);
    }
}

#[test]
fn an_interrupt_lets_what_runs_finish_and_begins_nothing_new() {
    for name in ["INT", "TERM"] {
        let desk = Desk::new(&spec());
        let servers = Servers::one();
        let server = servers.get(0);
        let mut applying = Applying::held_after(&desk, server, 5, Held::Undone);
        signal(&applying.process, name);
        applying.until("interrupted: finishing what runs");
        server.go_on();
        let (exit, said) = applying.end();
        assert_eq!(exit, Some(130), "{said}");
        let applied = 5 + UNDER_WAY;
        let skipped = QUEUES + 1 - applied;
        let summary = said.lines().last().expect("a summary");
        assert_eq!(summary, format!("{applied} applied, {skipped} skipped"), "{said}");
        assert!(said.contains("more: the run was interrupted"), "{said}");
        // It came to its end: nothing is left to be told, and the report is true.
        let (told, left) = plan(&desk, server);
        assert!(!told.contains("last run"), "{told}");
        assert_eq!(left.len(), skipped);
    }
}

#[test]
fn a_second_interrupt_ends_it_at_once_and_the_journal_is_intact() {
    let desk = Desk::new(&spec());
    let servers = Servers::one();
    let server = servers.get(0);
    let mut applying = Applying::held_after(&desk, server, 5, Held::Undone);
    signal(&applying.process, "INT");
    applying.until("interrupted: finishing what runs; again to stop now");
    signal(&applying.process, "INT");
    let (exit, said) = applying.end();
    assert_eq!(exit, Some(130));
    assert!(!said.contains("applied,"), "it had no time for a summary: {said}");
    server.forget();
    assert_told_and_finished(&desk, server);
}

/// An apply at a terminal.
fn at_a_terminal(desk: &Desk, server: &Server) -> PtySession {
    let mut command = desk.command(&["apply", "--target", &server.url]);
    command.env("TERM", "xterm-256color").env("COLUMNS", "100").stdin(Stdio::inherit());
    spawn_command(command, Some(HANG.as_millis().try_into().expect("minutes"))).expect("a terminal")
}

fn exit(terminal: &PtySession) -> i32 {
    match terminal.process().wait().expect("it ends") {
        WaitStatus::Exited(_, code) => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn yes_at_a_terminal_applies_with_colours_and_progress() {
    let desk = Desk::new(&spec());
    let servers = Servers::one();
    let mut terminal = at_a_terminal(&desk, servers.get(0));
    let plan = terminal.exp_string("Apply these changes").expect("the question");
    assert!(plan.contains("\u{1b}[32m+\u{1b}[0m"), "{plan:?}");
    terminal.exp_string("Only `yes` goes on.").expect("the question");
    terminal.send_line("yes").expect("it listens");
    let progress = terminal.exp_string("/41").expect("the progress");
    // The session takes every byte for a character.
    let bar: String = "░".bytes().map(char::from).collect();
    assert!(progress.contains(&bar), "{progress:?}");
    terminal.exp_string("creating queue.").expect("what is done");
    terminal.exp_string("41 applied").expect("the summary");
    terminal.exp_eof().expect("the end");
    assert_eq!(exit(&terminal), 0);
}

#[test]
fn anything_but_yes_at_a_terminal_applies_nothing() {
    let desk = Desk::new(&spec());
    let servers = Servers::one();
    let server = servers.get(0);
    for answer in ["no", "y", ""] {
        let mut terminal = at_a_terminal(&desk, server);
        terminal.exp_string("Only `yes` goes on.").expect("the question");
        terminal.send_line(answer).expect("it listens");
        terminal.exp_string("Nothing was applied.").expect("the answer");
        terminal.exp_eof().expect("the end");
        assert_eq!(exit(&terminal), 130, "{answer}");
    }
    assert_eq!(plan(&desk, server).1.len(), QUEUES + 1);
}

#[test]
fn ctrl_c_at_the_question_applies_nothing() {
    let desk = Desk::new(&spec());
    let servers = Servers::one();
    let server = servers.get(0);
    let mut terminal = at_a_terminal(&desk, server);
    terminal.exp_string("Only `yes` goes on.").expect("the question");
    terminal.send_control('c').expect("it listens");
    terminal.exp_string("Nothing was applied.").expect("the answer");
    terminal.exp_eof().expect("the end");
    assert_eq!(exit(&terminal), 130);
    let (told, left) = plan(&desk, server);
    assert!(!told.contains("last run") && left.len() == QUEUES + 1, "{told}");
}

#[test]
fn ctrl_c_at_a_terminal_in_the_middle_lets_what_runs_finish() {
    let desk = Desk::new(&spec());
    let servers = Servers::one();
    let server = servers.get(0);
    server.hold_after(3, Held::Undone);
    let mut terminal = at_a_terminal(&desk, server);
    terminal.exp_string("Only `yes` goes on.").expect("the question");
    terminal.send_line("yes").expect("it listens");
    terminal.exp_string(" 3/41").expect("the progress");
    terminal.send_control('c').expect("it listens");
    terminal.exp_string("interrupted: finishing what runs").expect("it was heard");
    server.go_on();
    terminal.exp_string("skipped").expect("the summary");
    terminal.exp_eof().expect("the end");
    assert_eq!(exit(&terminal), 130);
    assert!(!plan(&desk, server).0.contains("last run"));
}
