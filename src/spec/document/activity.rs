//! The `activities` section.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Given;

/// What a worker can be doing.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Activity {
    /// Pins the live activity. Needed only when two have one name.
    #[schemars(extend("x-sid" = "WA"))]
    pub sid: Option<String>,

    /// The name that the live activity still has. It is renamed in place and keeps its sid.
    #[schemars(length(min = 1, max = 64))]
    pub renamed_from: Option<String>,

    /// Whether a worker in this activity can be offered tasks.
    ///
    /// TaskRouter fixes this at creation: a change means a new activity in the place of the old
    /// one, and a plan refuses that unless `--allow-replace activity.NAME` is given.
    #[schemars(extend("default" = false))]
    pub available: Given<bool>,
}
