//! The JSON Schema of a comparison.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::RoutingDiff;

/// The schema of a comparison's JSON, draft-07, as checked in at
/// `schemas/routing-diff.schema.json`.
pub fn routing_diff_schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<RoutingDiff>().to_value()
}
