//! The commands of `docs/import.md`, in their order.

use std::path::Path;
use std::process::Command;

use crate::support::desk::{Desk, code, err, out};

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/import.md");
    std::fs::read_to_string(path).expect("the page is checked in")
}

/// The fenced blocks of a page with this info string.
fn blocks<'p>(page: &'p str, info: &str) -> Vec<&'p str> {
    let fence = format!("```{info}\n");
    let rest = page.split(fence.as_str()).skip(1).collect::<Vec<_>>();
    rest.into_iter().filter_map(|rest| Some(rest.split_once("\n```")?.0)).collect()
}

/// The commands of a block, with what they are said to print; nothing is said of those without.
fn commands(block: &str) -> Vec<(String, Option<String>)> {
    let mut commands: Vec<(String, Option<String>)> = Vec::new();
    for line in block.lines() {
        match line.strip_prefix("$ ") {
            Some(command) => commands.push((command.to_owned(), None)),
            None => {
                let last = commands.last_mut().expect("a command stands before its output");
                let said = last.1.get_or_insert_default();
                said.push_str(line);
                said.push('\n');
            }
        }
    }
    commands
}

#[test]
fn every_command_of_the_page_on_imports_runs_and_prints_what_it_says() {
    let desk = Desk::new(include_str!("clicked.yaml"));
    let applied = desk.emulated(&["apply", "--auto-approve"]);
    assert_eq!(code(&applied), 0, "{}", err(&applied));
    std::fs::remove_file(desk.path("flex.yaml")).expect("it was written");

    let binary = Path::new(env!("CARGO_BIN_EXE_flexctl")).parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let page = page();
    let mut ran = 0;
    for (command, said) in blocks(&page, "console").into_iter().flat_map(commands) {
        let output = Command::new("sh")
            .args(["-c", &format!("{{ {command} ; }} 2>&1")])
            .current_dir(desk.path(""))
            .env_clear()
            .env("PATH", format!("{}:{path}", binary.display()))
            .env("HOME", desk.path(""))
            .env("FLEXCTL_TARGET", "emulator")
            .env("GIT_AUTHOR_NAME", "Op")
            .env("GIT_AUTHOR_EMAIL", "op@example.com")
            .env("GIT_COMMITTER_NAME", "Op")
            .env("GIT_COMMITTER_EMAIL", "op@example.com")
            .output()
            .expect("there is a shell");
        assert_eq!(code(&output), 0, "{command}\n{}", out(&output));
        if let Some(said) = said {
            assert_eq!(out(&output), said, "{command}");
        }
        ran += 1;
    }
    assert!(ran > 15, "{ran}");
    let spec = desk.read("flex.yaml");
    for shown in blocks(&page, "yaml") {
        assert!(spec.contains(shown), "the page shows\n{shown}\nand the spec is\n{spec}");
    }
    let assign = desk.read("assign.yaml");
    assert!(assign.contains("queues:\n  Billing: {}\n  Everyone: {}\n"), "{assign}");
}
