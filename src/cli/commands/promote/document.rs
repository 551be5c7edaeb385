//! The JSON of a promotion. It is a contract: `schemas/promotion.schema.json`.

use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use super::overlay::Overlay;
use super::steps::Step;
use crate::model::Address;
use crate::plan::{Promotion, Undeclared};

/// What `--format json` prints.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Promotion")]
pub(super) struct Document<'a> {
    /// The version of this format: 1.
    version: u32,
    /// The name of the environment that values come from.
    from: &'a str,
    /// And of that where they are to go.
    to: &'a str,
    /// Each value that differs, and what carries it over.
    differences: &'a [Step],
    /// Objects of the spec that are live in `from` alone: an apply creates them.
    only_from: &'a [Address],
    /// Objects of the spec that are not live in `from`.
    not_in_from: &'a [Address],
    /// Objects that the spec does not declare, where they are not the same in both.
    undeclared: &'a [Undeclared],
    /// The files that would change, or have changed.
    files: Vec<&'a str>,
    /// What would be written into them, as a unified diff.
    diff: &'a str,
    /// Whether it was written.
    written: bool,
}

impl<'a> Document<'a> {
    pub(super) fn new(
        found: &'a Promotion,
        [from, to]: [&'a str; 2],
        steps: &'a [Step],
        overlay: &'a Overlay,
        diff: &'a str,
        written: &[String],
    ) -> Self {
        let Promotion { only_from, not_in_from, undeclared, .. } = found;
        Self {
            version: 1,
            from,
            to,
            differences: steps,
            only_from,
            not_in_from,
            undeclared,
            files: overlay.changed().map(|(file, ..)| file).collect(),
            diff,
            written: !written.is_empty(),
        }
    }
}

/// The schema of that, draft-07, as checked in at `schemas/promotion.schema.json`.
pub(in crate::cli::commands) fn schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<Document<'_>>().to_value()
}
