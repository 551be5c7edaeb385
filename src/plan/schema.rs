//! The JSON Schema of a plan.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Plan;

/// The schema of a plan's JSON, draft-07, as checked in at `schemas/plan.schema.json`.
pub fn plan_schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<Plan>().to_value()
}
