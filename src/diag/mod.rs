//! Problems in the spec: stable codes, severities, labels in files, help; and how they are shown.

mod codes;
mod diagnostic;
mod github;
mod json;
mod level;
mod markdown;
mod place;
mod registry;
mod render;
mod sarif;

pub use diagnostic::{Code, Diagnostic, Label, Severity};
pub use github::{github_of_failure, to_github};
pub use json::{diagnostics_schema, to_json};
pub use level::{Level, Levels, Lint, LintError};
pub use markdown::to_markdown;
pub use place::Places;
pub use registry::{Entry, explain, lints, reference, registry};
pub use render::{Colour, one_line, render_text, summary};
pub use sarif::{sarif_of_failure, to_sarif};
