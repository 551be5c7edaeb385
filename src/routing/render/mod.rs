//! A way as people read it: the filters that were tried and why, the targets with their workers,
//! the timeline, and the end in one sentence.

mod fold;
mod mermaid;
mod text;
mod words;

pub use mermaid::mermaid;
pub use text::{Options, task, text};
pub use words::{because, end, obstacle, state};
