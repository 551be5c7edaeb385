//! `flexctl completions SHELL`.

use clap::CommandFactory;

use crate::cli::args::Cli;
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};

pub(in crate::cli) fn run(shell: clap_complete::Shell, streams: &Streams) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "flexctl", &mut script);
    streams.data(&String::from_utf8_lossy(&script));
    Ok(Exit::Done)
}
