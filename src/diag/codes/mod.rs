//! The codes, a file for each family.

mod checks;
mod files;
mod plans;
mod references;
mod shape;
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
    ("Plans", plans::ENTRIES),
];
