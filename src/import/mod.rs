//! From what is live to a spec that a person would have written.
//!
//! [`import`] is pure. It writes a spec, reads it back, expands it and plans it against the snapshot
//! it was made from. What the spec language refuses, or what would be a change, is left out with a
//! comment and a [`Finding`], and the spec is written again, until the plan is empty.

mod capacity;
mod draft;
mod filter;
mod finding;
mod fold;
mod kinds;
mod layout;
mod lift;
mod names;
mod role;
mod rule;
mod unit;
mod verify;
mod workflow;
mod write;
mod yaml;

pub use finding::{Finding, Grade};
pub use layout::Layout;
pub use verify::{Import, import};

use crate::model::{Address, AddressPattern, Kind};

/// What is wanted of an import.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only these; what they refer to is declared and not owned. Empty for all.
    pub only: Vec<AddressPattern>,
    /// Whether workers are declared with their attributes.
    pub workers: bool,
    /// Whether the workspace is pinned by its sid, since its name does not tell it.
    pub pin_workspace: bool,
    pub layout: Layout,
    /// The name of the file that the spec begins in.
    pub file: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            only: Vec::new(),
            workers: false,
            pin_workspace: false,
            layout: Layout::Whole,
            file: "flex.yaml".to_owned(),
        }
    }
}

impl Options {
    fn wants(&self, address: &Address) -> bool {
        self.only.is_empty() || self.only.iter().any(|pattern| pattern.matches(address))
    }

    /// Capacities are rules for many workers: `capacity.*` or `capacity.*/chat` asks for them.
    fn wants_capacities(&self, channel: &str) -> bool {
        self.wants(&Address::capacity("*", channel))
    }

    /// Whether workers and their channels have to be read.
    pub fn needs_capacities(&self) -> bool {
        self.only.is_empty() || self.only.iter().any(|pattern| pattern.is_about(Kind::Capacity))
    }

    /// Whether roles have to be read.
    pub fn needs_roles(&self) -> bool {
        self.only.is_empty() || self.only.iter().any(|pattern| pattern.is_about(Kind::Role))
    }
}
