//! YAML → spanned tree → document → checks → Model. Pure: files are handed in; nothing here fails,
//! problems are collected.

mod analysis;
pub mod document;

pub use analysis::{Analysis, Files, Settings, analyze};
