//! `flexctl test`: the routing tests, run, counted and made up.

mod choice;
mod generate;
mod run;

pub(super) use choice::find;

use crate::cli::args::{Global, TestArgs};
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};

pub(in crate::cli) fn run(
    global: &Global,
    args: &TestArgs,
    streams: &Streams,
) -> Result<Exit, Failure> {
    if args.generate {
        generate::run(global, args, streams)
    } else {
        run::run(global, args, streams)
    }
}
