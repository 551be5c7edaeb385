//! YAML → spanned tree → document → checks → Model. Pure: files are handed in; nothing here fails,
//! problems are collected.

mod analysis;
mod compose;
pub mod document;
mod offsets;
mod pointer;
mod references;
mod scalar;
mod tree;

pub use analysis::{Analysis, Environment, Files, Settings, analyze};
