//! YAML → spanned tree → document → checks → Model. Pure: files are handed in; nothing here fails,
//! problems are collected.

mod analysis;

pub use analysis::{Analysis, Files, Settings, analyze};
