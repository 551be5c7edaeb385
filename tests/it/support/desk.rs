//! The binary in a folder of its own.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// A folder of its own with a spec in it, and the binary without the surroundings' settings.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub(crate) fn new(spec: &str) -> Self {
        let desk = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        desk.write("flex.yaml", spec);
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("the folder is ours");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("the file is there")
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flexctl"));
        for (name, _) in std::env::vars() {
            if name.starts_with("FLEXCTL_") || name.starts_with("TWILIO_") {
                command.env_remove(name);
            }
        }
        command.env("HOME", self.folder.path()).env_remove("COLUMNS").env_remove("NO_COLOR");
        command.current_dir(&self.folder).args(args).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the binary starts")
    }

    /// Plans or applies on the embedded emulator.
    pub(crate) fn emulated(&self, args: &[&str]) -> Output {
        self.run(&[args, &["--target", "emulator"]].concat())
    }
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().expect("it was not killed")
}

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

pub(crate) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// The same in every run: sids, and when something happened.
pub(crate) fn settled(text: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    let end = |word: &mut String, out: &mut String| {
        let hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
        let sid = word.len() == 34 && hex(&word[2..]);
        let moment = word.len() == 20 && word.ends_with('Z') && word.as_bytes()[10] == b'T';
        // The end of a sid that is shown in short.
        if out.ends_with('…') && word.len() == 4 && hex(word) {
            word.clear();
        }
        match (sid, moment) {
            (true, _) => out.push_str(&format!("{}…", &word[..2])),
            (_, true) => out.push_str("MOMENT"),
            _ => out.push_str(word),
        }
        word.clear();
    };
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == ':' || c == '-' {
            word.push(c);
        } else {
            end(&mut word, &mut out);
            out.push(c);
        }
    }
    end(&mut word, &mut out);
    out
}
