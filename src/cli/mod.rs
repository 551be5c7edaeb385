//! The imperative shell: arguments, settings, streams, files, clock, exit codes.

use std::process::ExitCode;

/// The whole program.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
