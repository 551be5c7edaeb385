//! `flexctl plan`, `flexctl apply` and `flexctl drift` over several environments: side by side, each as if it were
//! alone, told in the order of the spec, and summed up in one table.

mod apply;
mod comment;
mod drift;
mod each;
mod outcome;
mod plan;
mod reports;
mod table;
mod tell;

pub(in crate::cli) use apply::run as apply;
pub(in crate::cli) use drift::run as drift;
pub(in crate::cli) use plan::{Plans, run as plan};
pub(in crate::cli) use tell::Fleet;

pub(super) use outcome::schema;
