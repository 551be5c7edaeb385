//! The codes, a file for each family.

mod checks;
mod expressions;
mod files;
mod plans;
mod reach;
mod references;
mod shape;
mod tests;
mod yaml;

use super::Severity::{Error, Warning};
use super::registry::Entry;

/// The families with their titles, in the order in which a spec is read.
pub(super) const FAMILIES: &[(&str, &[Entry])] = &[
    ("Files", files::ENTRIES),
    ("YAML", yaml::ENTRIES),
    ("Variables and references", references::ENTRIES),
    ("Keys and values", shape::ENTRIES),
    ("Names, expressions and rules", checks::ENTRIES),
    ("Lints of expressions", expressions::ENTRIES),
    ("Lints of routing", reach::ENTRIES),
    ("Tests", tests::ENTRIES),
    (PLANS, plans::ENTRIES),
];

/// The family of what is said of plans, not of specs.
pub(super) const PLANS: &str = "Plans";
