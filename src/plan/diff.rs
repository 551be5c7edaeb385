//! From what is wanted and what is live to a plan.

use super::Plan;
use crate::model::{AddressPattern, Model, Snapshot};

/// What the command line decides.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--allow-replace`.
    pub allow_replace: Vec<AddressPattern>,
    /// `--prune`: delete what is undeclared, of the kinds whose policy is `report` or `prune`.
    pub prune: bool,
}

/// Compares field by field. Pure.
pub fn diff(_desired: &Model, _live: &Snapshot, _options: &Options) -> Plan {
    todo!()
}
