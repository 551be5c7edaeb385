//! An emulator in a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use flexctl::emulator::{self, Emulator, Seed};

use crate::center;

/// An emulator that is stopped when this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) workspace_sid: String,
}

impl Server {
    /// Starts one with this many workers and what a spec says; `-` is no spec.
    pub(crate) fn start(workers: usize, spec: &Path) -> Self {
        let this = std::env::current_exe().expect("a running program has a path");
        let mut child = Command::new(this)
            .args(["serve", &workers.to_string()])
            .arg(spec)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started again");
        let stdout = child.stdout.take().expect("its stdout is a pipe");
        let mut told = String::new();
        BufReader::new(stdout).read_line(&mut told).expect("it says where it listens");
        let (url, workspace_sid) = told.trim().split_once(' ').expect("two words");
        Self { child, url: url.to_owned(), workspace_sid: workspace_sid.to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Plays the server, until stdin ends.
pub(crate) fn serve(workers: usize, spec: &str) {
    let options = emulator::Options { seed: Seed::Bare, ..emulator::Options::default() };
    let emulator = Emulator::in_memory(options);
    let workspace_sid = emulator.seed(|seeder| seeder.workspace_sid().to_owned());
    center::plant(&emulator, workers);
    if spec != "-" {
        let spec = std::fs::read_to_string(spec).expect("the spec can be read");
        center::apply(&emulator, &spec);
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime with threads");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        println!("http://{address} {workspace_sid}");
        tokio::spawn(emulator.serve(listener, std::future::pending()));
        let end = || std::io::stdin().read_to_end(&mut Vec::new());
        tokio::task::spawn_blocking(end).await.expect("reading does not panic").ok();
    });
}
