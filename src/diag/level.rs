//! How loud a lint is.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use super::registry::{Entry, explain, lints};
use super::{Code, Severity};
use crate::text::nearest;

/// What stands for every lint that warns.
const WARNINGS: &str = "warnings";

/// How loud a lint is. Errors have no level: they are always errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Level {
    /// It says nothing.
    Allow,
    /// It is told, and the spec can be used.
    Warn,
    /// It is told, and the spec cannot be used.
    Error,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Error => "error",
        })
    }
}

/// The code of a lint, or `warnings` for every lint that warns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lint {
    Code(Code),
    Warnings,
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code(code) => code,
            Self::Warnings => WARNINGS,
        })
    }
}

/// Why a text is not a lint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LintError {
    #[error("`{0}` is always an error and has no level")]
    Error(Code),
    #[error("`{0}` is said of plans and has no level")]
    Note(Code),
    #[error("there is no lint `{name}`{}", .near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default())]
    Unknown { name: String, near: Option<Code> },
}

impl FromStr for Lint {
    type Err = LintError;

    fn from_str(name: &str) -> Result<Self, LintError> {
        if name == WARNINGS {
            return Ok(Self::Warnings);
        }
        match explain(name) {
            Some(entry) if entry.is_lint() => Ok(Self::Code(entry.code)),
            Some(Entry { code, severity: Severity::Error, .. }) => Err(LintError::Error(code)),
            Some(Entry { code, .. }) => Err(LintError::Note(code)),
            None => {
                let known = lints().map(|entry| entry.code).chain([WARNINGS]);
                Err(LintError::Unknown { name: name.to_owned(), near: nearest(name, known) })
            }
        }
    }
}

/// The levels that somebody has chosen; whatever is not among them is left as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    chosen: BTreeMap<Lint, Level>,
}

impl Levels {
    /// Chooses a level, and says which other one was chosen before.
    pub fn insert(&mut self, lint: Lint, level: Level) -> Option<Level> {
        self.chosen.insert(lint, level).filter(|before| *before != level)
    }

    /// The level of a lint when `over` goes over these: one code over `warnings`, and every choice
    /// in `over` over every choice here.
    pub fn level(&self, code: Code, over: &Self) -> Level {
        let chosen = |levels: &Self, lint| levels.chosen.get(&lint).copied();
        if let Some(level) = chosen(over, Lint::Code(code)) {
            return level;
        }
        let here = chosen(self, Lint::Code(code)).or_else(|| chosen(self, Lint::Warnings));
        match (here.unwrap_or(Level::Warn), chosen(over, Lint::Warnings)) {
            (Level::Warn, Some(level)) => level,
            (here, _) => here,
        }
    }
}

impl FromIterator<(Lint, Level)> for Levels {
    fn from_iter<I: IntoIterator<Item = (Lint, Level)>>(choices: I) -> Self {
        Self { chosen: choices.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(choices: &[(&str, Level)]) -> Levels {
        choices.iter().map(|(lint, level)| (lint.parse().unwrap(), *level)).collect()
    }

    #[test]
    fn one_code_goes_over_all_warnings_and_the_command_line_over_the_spec() {
        use Level::{Allow, Error, Warn};
        let [one, two] = ["empty-glob", "duplicate-filter-name"];
        for (spec, line, level) in [
            (vec![], vec![], Warn),
            (vec![("warnings", Error)], vec![], Error),
            (vec![("warnings", Error), (one, Warn)], vec![], Warn),
            (vec![("warnings", Error), (two, Warn)], vec![], Error),
            (vec![(one, Allow)], vec![("warnings", Error)], Allow),
            (vec![(one, Warn)], vec![("warnings", Error)], Error),
            (vec![(one, Error)], vec![("warnings", Allow)], Error),
            (vec![(one, Error)], vec![(one, Allow), ("warnings", Error)], Allow),
            (vec![], vec![("warnings", Allow), (one, Warn)], Warn),
        ] {
            assert_eq!(levels(&spec).level(one, &levels(&line)), level, "{spec:?} {line:?}");
        }
    }

    #[test]
    fn what_is_no_lint_says_why() {
        for (name, said) in [
            ("unknown-queue", "`unknown-queue` is always an error and has no level"),
            ("empty-globe", "there is no lint `empty-globe`: did you mean `empty-glob`?"),
            ("nonsense", "there is no lint `nonsense`"),
        ] {
            assert_eq!(name.parse::<Lint>().unwrap_err().to_string(), said);
        }
    }
}
