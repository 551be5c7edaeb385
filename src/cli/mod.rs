//! The imperative shell: arguments, settings, streams, files, clock, exit codes.

mod in_process;

pub use in_process::InProcess;

use std::process::ExitCode;

/// The whole program.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
