//! YAML → spanned tree → document → checks → Model. Pure: files are handed in; nothing here fails,
//! problems are collected.

mod allowed;
mod analysis;
mod checks;
mod comment;
mod compose;
pub mod document;
mod edit;
mod fault;
mod include;
mod interpolate;
mod lower;
mod offsets;
#[cfg(test)]
mod oracle;
mod plain;
mod pointer;
mod references;
mod scalar;
mod shape;
mod test_file;
mod tree;
mod workers;
mod written;

pub use allowed::Allowances;
pub use analysis::{
    Analysis, Environment, Files, Settings, SpecTest, analyze, analyze_with_tests, environments,
};
pub use comment::Extent;
pub use edit::{Edit, Field, Way};
pub use include::MAX_FILE_BYTES;
pub use plain::{PlainError, read_plain, read_variables};
pub use test_file::write_tests;
pub use workers::read_workers;
pub use written::{Made, Place, Written};
