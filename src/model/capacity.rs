//! Rules for how many tasks of a channel a worker may hold.

use std::collections::BTreeMap;

use super::Expression;

/// For each worker and channel the first rule that matches the worker and names the channel
/// decides.
#[derive(Clone, Debug, PartialEq)]
pub struct CapacityRule {
    /// For people; shown as the reason.
    pub name: String,
    /// Which workers, over their attributes.
    pub workers: Expression,
    /// By the channel's unique name.
    pub channels: BTreeMap<String, ChannelCapacity>,
}

/// What a rule wants of one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelCapacity {
    /// How strictly the capacity is owned.
    pub mode: CapacityMode,
    /// Whether the worker may get tasks of the channel at all; `None` is left alone.
    pub available: Option<bool>,
}

/// How strictly a capacity is owned. People and plugins change capacities while they work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapacityMode {
    /// Always this many; `None` leaves the number alone (a rule that gives `available` only).
    Enforce(Option<u32>),
    /// This many as long as nobody has changed the worker channel since TaskRouter made it
    /// (its update date is its creation date).
    Initial(u32),
    /// At least the first, at most the second; what lies between is left alone.
    Bounds(u32, u32),
    /// Claimed and left alone, so that no later rule applies.
    Ignore,
}

impl CapacityMode {
    /// The capacity to set, when `live` is not as the mode wants it.
    /// `untouched`: nobody has changed the worker channel since TaskRouter made it.
    pub fn wanted(self, live: u32, untouched: bool) -> Option<u32> {
        let wanted = match self {
            Self::Enforce(capacity) => capacity?,
            Self::Initial(capacity) if untouched => capacity,
            Self::Bounds(low, high) => live.clamp(low, high.max(low)),
            Self::Initial(_) | Self::Ignore => live,
        };
        (wanted != live).then_some(wanted)
    }
}
