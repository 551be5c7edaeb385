//! Exit codes: one place that maps every outcome to its number.

use std::process::ExitCode;

/// How a run ended. The numbers are a contract, documented in `docs/cli.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Done,
    /// Some changes failed or have an unknown outcome.
    Failed,
    /// Changes are pending (`--detailed-exitcode`).
    Pending,
    /// The spec has errors, or its tests fail.
    SpecErrors,
    /// The API refused us or could not be reached.
    Unreachable,
    /// A guard refused.
    Refused,
    /// Wrong usage.
    Usage,
    /// Interrupted.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees.
    pub fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Pending => 2,
            Self::SpecErrors => 3,
            Self::Unreachable => 4,
            Self::Refused => 5,
            Self::Usage => 64,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}
