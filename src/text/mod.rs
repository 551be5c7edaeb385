//! Places in text: byte ranges, source files, lines and columns, nearest names; pages for terminals
//! and comments in markdown.
//!
//! Everything here is about text as such; it knows nothing of YAML, expressions or diagnostics.

pub mod markdown;
mod nearest;
pub mod page;
mod shorten;
mod shown;
mod source;
mod span;

pub use nearest::nearest;
pub use shorten::{first_of, shorten};
pub use shown::{shown, shown_lines};
pub use source::{LineColumn, SourceFile, Sources};
pub use span::{FileId, Span, TextRange};
