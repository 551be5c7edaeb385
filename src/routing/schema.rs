//! The JSON Schema of a trace.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Trace;

/// The schema of a trace's JSON, draft-07, as checked in at `schemas/trace.schema.json`.
pub fn trace_schema() -> Value {
    SchemaSettings::draft07()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Trace>()
        .to_value()
}
