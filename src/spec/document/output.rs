//! The `outputs` section.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Scalar;

/// A file of `NAME=value` lines that is told sids after an apply. Its other lines and its comments
/// stay.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The path, relative to the spec's folder. It is created when it is not there.
    #[schemars(length(min = 1), extend("examples" = ["../serverless/.env"]))]
    pub file: String,

    /// The value of each variable in the file.
    ///
    /// Sids are written as `${workspace.sid}`, `${workflow['Chat Transfer'].sid}`,
    /// `${queue['Sales'].sid}`, `${channel['chat'].sid}` and `${activity['Break'].sid}`.
    #[schemars(extend("examples" = [{
        "TWILIO_FLEX_WORKSPACE_SID": "${workspace.sid}",
        "TWILIO_FLEX_CHAT_TRANSFER_WORKFLOW_SID": "${workflow['Chat Transfer'].sid}"
    }]))]
    pub values: IndexMap<String, Scalar>,
}
