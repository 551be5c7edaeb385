//! Markdown for comments on pull requests: text from anywhere cannot break it, and its length is
//! bounded.

mod comment;
mod escape;

pub use comment::{Comment, Item, Section};
pub use escape::{code, escape, html, line, paragraph, place, prose};
