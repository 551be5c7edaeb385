//! Exit codes: one function maps every ending to its number.

use std::process::ExitCode;

/// How a run ended, in facts. What they mean to the shell only [`Exit::number`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// What was asked for is done.
    Done,
    /// A plan was shown. `detailed`: the exit code is to say whether there are changes.
    Planned { refusals: usize, changes: usize, detailed: bool },
    /// Two routings were compared.
    Compared { differences: usize, detailed: bool },
    /// A plan was carried out; `complete` when every change was applied and every output written.
    Applied { complete: bool, interrupted: bool },
    /// Live was held against the spec, for nothing but to know.
    Drifted { objects: usize },
    /// A spec was checked.
    Checked { errors: usize },
    /// Tests were run; `too_few` when they come to fewer filters than was asked for.
    Tested { failed: usize, too_few: bool },

    /// A file could not be written.
    Failed,
    /// The spec has errors, so that nothing else was tried.
    SpecErrors,
    /// The API refused us or could not be reached.
    Unreachable,
    /// A guard refused.
    Refused,
    /// Wrong usage.
    Usage,
    /// Interrupted, or the question was not answered with `yes`.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees: a contract, documented in `docs/cli.md`.
    pub fn number(self) -> u8 {
        match self {
            Self::Planned { refusals: 1.., .. } | Self::Refused => 5,
            Self::Applied { interrupted: true, .. } | Self::Interrupted => 130,
            Self::Planned { changes: 1.., detailed: true, .. }
            | Self::Compared { differences: 1.., detailed: true }
            | Self::Drifted { objects: 1.. } => 2,
            Self::Checked { errors: 1.. }
            | Self::Tested { failed: 1.., .. }
            | Self::Tested { too_few: true, .. }
            | Self::SpecErrors => 3,
            Self::Applied { complete: false, .. } | Self::Failed => 1,
            Self::Unreachable => 4,
            Self::Usage => 64,
            Self::Done
            | Self::Planned { .. }
            | Self::Compared { .. }
            | Self::Applied { .. }
            | Self::Drifted { .. }
            | Self::Checked { .. }
            | Self::Tested { .. } => 0,
        }
    }
}

impl Exit {
    /// Of several runs that were one, the one that matters most: what may have been left half
    /// done, then what could not be done, then what is wrong with the spec or the call, then what
    /// is to be done. Done, of none.
    pub fn worst(all: impl IntoIterator<Item = Self>) -> Self {
        const ORDER: [u8; 8] = [0, 2, 64, 3, 5, 4, 1, 130];
        let rank = |exit: &Self| ORDER.iter().position(|number| *number == exit.number());
        all.into_iter().max_by_key(rank).unwrap_or(Self::Done)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}
