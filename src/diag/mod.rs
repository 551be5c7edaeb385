//! Problems in the spec: stable codes, severities, labels in files, help; and how they are shown.

mod diagnostic;

pub use diagnostic::{Code, Diagnostic, Label, Severity};
