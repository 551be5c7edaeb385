//! The `task_channels` section.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Given;

/// A kind of work with a capacity of its own.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TaskChannel {
    /// Pins the live channel.
    #[schemars(extend("x-sid" = "TC"))]
    pub sid: Option<String>,

    /// The name that people see. 1 to 64 characters. A channel that has to be created without one
    /// gets its unique name.
    #[schemars(length(min = 1, max = 64), extend("examples" = ["Pulled Chat"]))]
    pub friendly_name: Option<String>,

    /// Whether the worker who has been idle longest *in this channel* comes first, in place of the
    /// one who has been idle longest in all channels.
    #[schemars(extend("default" = false))]
    pub channel_optimized_routing: Given<bool>,
}
