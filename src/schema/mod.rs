//! JSON Schema and reference documentation, from the document types of `spec`.

mod reference;
mod snippet;

pub use reference::reference;
pub use snippet::filled;

/// The schema of `flex.yaml`, draft-07, as checked in at `schemas/flex.schema.json`.
pub fn flex_schema() -> serde_json::Value {
    crate::spec::document::schema()
}

/// The schema of `*.test.yaml`, draft-07, as checked in at `schemas/flex-test.schema.json`.
pub fn test_file_schema() -> serde_json::Value {
    crate::spec::document::test_schema()
}
