//! One process from start to end: how long, and how much memory it held at most.

use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use serde::{Deserialize, Serialize};

/// What a process took.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    /// From start to exit; of what is measured alone, where the process says so.
    pub(crate) seconds: f64,
    /// Of all its threads, in user and kernel, in seconds.
    pub(crate) processor: f64,
    /// The most memory that was resident, in bytes.
    pub(crate) peak: f64,
    /// Bytes of the answers, where the process counts them.
    pub(crate) bytes: Option<f64>,
    /// How many requests were sent, where the process counts them.
    pub(crate) requests: Option<usize>,
}

/// Runs a program and prints its [`Run`].
pub(crate) fn watch(program: &str, args: &[&str]) {
    let start = Instant::now();
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().expect("the program can be started");
    let seconds = start.elapsed().as_secs_f64();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{program} {args:?}: {}\n{told}", output.status);
    let counted: Option<(usize, f64, f64)> = serde_json::from_str(told.trim()).ok();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the kernel counts for its children");
    let time = |time: nix::sys::time::TimeVal| {
        #[expect(clippy::cast_precision_loss, reason = "a run takes seconds")]
        let seconds = time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
        seconds
    };
    #[expect(clippy::cast_precision_loss, reason = "no process holds a petabyte")]
    let peak = usage.max_rss() as f64 * 1024.0;
    let run = Run {
        seconds: counted.map_or(seconds, |(_, _, seconds)| seconds),
        processor: time(usage.user_time()) + time(usage.system_time()),
        peak,
        bytes: counted.map(|(_, bytes, _)| bytes),
        requests: counted.map(|(requests, _, _)| requests),
    };
    println!("{}", serde_json::to_string(&run).expect("numbers are JSON"));
}
