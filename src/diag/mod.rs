//! Problems in the spec: stable codes, severities, labels in files, help; and how they are shown.

mod codes;
mod diagnostic;
mod level;
mod registry;
mod render;

pub use diagnostic::{Code, Diagnostic, Label, Severity};
pub use level::{Level, Levels, Lint, LintError};
pub use registry::{Entry, explain, lints, reference, registry};
pub use render::{Colour, render_text, summary, to_json};
