//! `flexctl plan` and `flexctl apply` over several environments: side by side, each as if it were
//! alone, told in the order of the spec, and summed up in one table.

mod apply;
mod comment;
mod each;
mod outcome;
mod plan;
mod reports;
mod table;

pub(in crate::cli) use apply::run as apply;
pub(in crate::cli) use plan::{Fleet, run as plan};

pub(super) use outcome::schema;
