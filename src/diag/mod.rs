//! Problems in the spec: stable codes, severities, labels in files, help; and how they are shown.

mod codes;
mod diagnostic;
mod registry;
mod render;

pub use diagnostic::{Code, Diagnostic, Label, Severity};
pub use registry::{Entry, explain, reference, registry};
pub use render::{Colour, render_text, summary, to_json};
