//! The commands that a page of `docs` shows, run as its reader runs them.

use std::path::Path;
use std::process::Command;

use super::desk::{Desk, code, out};

/// What a page may show besides commands and what they print.
const NO_COMMANDS: [&str; 2] = ["yaml", "text"];

/// A page for somebody who begins.
#[derive(Debug)]
pub(crate) struct Page {
    text: String,
}

impl Page {
    /// A page of `docs`, whose commands all stand in `console` blocks.
    pub(crate) fn open(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
        let text = std::fs::read_to_string(path).expect("the page is checked in");
        let fences = text.lines().filter_map(|line| line.strip_prefix("```"));
        for info in fences.step_by(2) {
            let known = info == "console" || NO_COMMANDS.contains(&info);
            assert!(known, "{name}: nobody runs what is in a block of `{info}`");
        }
        let loose = text.lines().find(|line| line.starts_with("    flexctl "));
        assert_eq!(loose, None, "{name}: a command that nobody runs");
        Self { text }
    }

    /// The fenced blocks with this info string.
    pub(crate) fn blocks(&self, info: &str) -> Vec<&str> {
        let fence = format!("```{info}\n");
        let rest = self.text.split(fence.as_str()).skip(1);
        rest.filter_map(|rest| Some(rest.split_once("\n```")?.0)).collect()
    }

    /// Runs all commands in their order, in a folder of the desk, on embedded TaskRouters. Each
    /// succeeds, and prints what the page says it prints, where it says so. Gives how many there
    /// are.
    pub(crate) fn run(&self, desk: &Desk, folder: &str) -> usize {
        let binary = Path::new(env!("CARGO_BIN_EXE_flexctl")).parent().expect("it is in a folder");
        let path = std::env::var("PATH").expect("there is a PATH");
        let commands: Vec<_> = self.blocks("console").into_iter().flat_map(commands).collect();
        for (command, said) in &commands {
            let output = Command::new("sh")
                .args(["-c", &format!("{{ {command} ; }} 2>&1")])
                .current_dir(desk.path(folder))
                .env_clear()
                .env("PATH", format!("{}:{path}", binary.display()))
                .env("HOME", desk.path(""))
                .env("FLEXCTL_TARGET", "emulator")
                .env("GIT_AUTHOR_NAME", "Anna")
                .env("GIT_AUTHOR_EMAIL", "anna@example.com")
                .env("GIT_COMMITTER_NAME", "Anna")
                .env("GIT_COMMITTER_EMAIL", "anna@example.com")
                .output()
                .expect("there is a shell");
            assert_eq!(code(&output), 0, "{command}\n{}", out(&output));
            if let Some(said) = said {
                assert_eq!(&out(&output), said, "{command}");
            }
        }
        commands.len()
    }
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
