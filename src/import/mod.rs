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

use crate::model::{Address, AddressPattern, Kind, Live, Snapshot};
use crate::text::nearest;

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

    /// The first of `only` that covers nothing that is live, and an address that may have been
    /// meant. Workers, capacities and roles are not always read: patterns of theirs are believed.
    pub fn unmatched(&self, live: &Snapshot) -> Option<(String, Option<String>)> {
        fn of<T>(kind: Kind, list: &[Live<T>]) -> impl Iterator<Item = Address> {
            list.iter().map(move |one| Address::new(kind, one.name.as_str()))
        }
        let known: Vec<Address> = std::iter::once(Address::workspace())
            .chain(of(Kind::Activity, &live.activities))
            .chain(of(Kind::TaskChannel, &live.task_channels))
            .chain(of(Kind::Queue, &live.queues))
            .chain(of(Kind::Workflow, &live.workflows))
            .collect();
        let believed = [Kind::Worker, Kind::Capacity, Kind::Role];
        let idle = |pattern: &&AddressPattern| {
            !believed.iter().any(|kind| pattern.is_about(*kind))
                && !known.iter().any(|address| pattern.matches(address))
        };
        let pattern = self.only.iter().find(idle)?.to_string();
        let names: Vec<String> = known.iter().map(ToString::to_string).collect();
        let near = nearest(&pattern, names.iter().map(String::as_str)).map(str::to_owned);
        Some((pattern, near))
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
