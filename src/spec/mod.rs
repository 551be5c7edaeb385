//! YAML → spanned tree → document → checks → Model. Pure: files are handed in; nothing here fails,
//! problems are collected.

mod analysis;
mod pointer;
mod references;
mod tree;

pub use analysis::{Analysis, Environment, Files, Settings, analyze};
