//! What became of a run's tests. Its JSON is a contract: `schemas/test.schema.json`.

use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Coverage, MomentRun};
use crate::expr::Certainty;
use crate::routing::Trace;

/// What became of a run's tests.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct TestReport {
    /// Of this document's form: 1.
    pub version: u32,
    /// The spec's file.
    pub spec: String,
    pub passed: usize,
    pub failed: usize,
    /// How many were left out by `--filter` or because other files were asked for.
    pub not_chosen: usize,
    /// In the order of the files.
    pub tests: Vec<TestResult>,
    /// None unless it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
}

/// What became of one test.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct TestResult {
    pub name: String,
    /// The file that it stands in.
    pub file: String,
    /// The line of its name, from 1.
    pub line: usize,
    /// The workflow, by name.
    pub workflow: String,
    /// The task's attributes as they are written, with names for sids.
    pub task: Map<String, Value>,
    pub status: TestStatus,
    /// The least certain of everything that the task's way depends on.
    pub certainty: Certainty,
    /// In the test's order.
    pub moments: Vec<MomentRun>,
    /// The whole way of the task; for a test that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
}

/// Whether a test passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestStatus {
    Passed,
    Failed,
}

/// The schema of a report's JSON, draft-07, as checked in at `schemas/test.schema.json`.
pub fn test_report_schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<TestReport>().to_value()
}
