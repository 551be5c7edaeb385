//! `flexctl schema`.

use crate::cli::args::SchemaOf;
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};
use crate::routing::compare;

pub(in crate::cli) fn run(of: SchemaOf, streams: &Streams) -> Result<Exit, Failure> {
    match of {
        SchemaOf::Spec => streams.json(&crate::schema::flex_schema()),
        SchemaOf::Plan => streams.json(&crate::plan::plan_schema()),
        SchemaOf::SavedPlan => streams.json(&crate::plan::saved::saved_plan_schema()),
        SchemaOf::TestFile => streams.json(&crate::schema::test_file_schema()),
        SchemaOf::TestReport => streams.json(&crate::routing::testing::test_report_schema()),
        SchemaOf::RoutingDiff => streams.json(&compare::routing_diff_schema()),
        SchemaOf::Report => streams.json(&crate::apply::report_schema()),
        SchemaOf::Apply => streams.json(&super::apply::document_schema()),
        SchemaOf::Drift => streams.json(&crate::plan::drift_schema()),
        SchemaOf::Diagnostics => streams.json(&crate::diag::diagnostics_schema()),
        SchemaOf::Failure => streams.json(&Failure::schema()),
        SchemaOf::Promotion => streams.json(&super::promote::schema()),
        SchemaOf::Fleet => streams.json(&super::fleet::schema()),
        SchemaOf::Trace => streams.json(&crate::routing::trace_schema()),
    }
    Ok(Exit::Done)
}
