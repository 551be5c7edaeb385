//! The JSON Schema of a spec, draft-07, made from the document types.

use serde_json::Value;

use super::Document;

/// Marks a schema that takes `null` too.
pub(super) const NULLABLE: &str = "x-nullable";
/// The words that a shorthand may be, with what each means.
pub(super) const WORDS: &str = "x-words";

/// The schema of `flex.yaml`.
pub fn schema() -> Value {
    schemars::generate::SchemaSettings::draft07()
        .into_generator()
        .into_root_schema_for::<Document>()
        .into()
}
