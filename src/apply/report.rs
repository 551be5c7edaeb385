//! What became of each change. Its JSON is a contract: `schemas/report.schema.json`.

use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::Address;
use crate::plan::{Action, Stage};

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// TaskRouter has it.
    Applied {
        /// The object's sid; none for what was deleted.
        #[serde(skip_serializing_if = "Option::is_none")]
        sid: Option<String>,
    },
    /// TaskRouter has refused it, and nothing of it happened unless `error` says so.
    Failed {
        /// The API's own words.
        error: String,
        /// What the plan knows about the reason.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        hints: Vec<String>,
    },
    /// The request was sent and no answer came: it may or may not have happened.
    Unknown {
        /// What broke.
        error: String,
    },
    /// Not tried.
    Skipped {
        /// Why, for people.
        because: String,
    },
}

/// A change and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "ChangeResult")]
pub struct Result {
    pub address: Address,
    pub action: Action,
    #[serde(default)]
    pub stage: Stage,
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// How many of each outcome.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Totals {
    pub applied: usize,
    pub failed: usize,
    pub unknown: usize,
    pub skipped: usize,
}

/// What became of a plan, change by change, in the plan's order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Report {
    /// The version of this format: 1.
    pub version: u32,
    pub results: Vec<Result>,
    pub totals: Totals,
    /// Whether the user stopped it before everything was tried.
    pub interrupted: bool,
}

impl Report {
    /// Sums up.
    pub fn new(results: Vec<Result>, interrupted: bool) -> Self {
        let mut totals = Totals::default();
        for result in &results {
            match result.outcome {
                Outcome::Applied { .. } => totals.applied += 1,
                Outcome::Failed { .. } => totals.failed += 1,
                Outcome::Unknown { .. } => totals.unknown += 1,
                Outcome::Skipped { .. } => totals.skipped += 1,
            }
        }
        Self { version: 1, results, totals, interrupted }
    }

    /// Whether every change was applied.
    pub fn is_complete(&self) -> bool {
        self.totals.applied == self.results.len()
    }
}

/// The schema of a report's JSON, draft-07, as checked in at `schemas/report.schema.json`.
pub fn report_schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<Report>().to_value()
}
