//! What may happen to what the spec does not declare, and what is written afterwards.

use std::collections::BTreeMap;

use wildmatch::WildMatch;

use super::{Address, AddressPattern, Kind, Text};

/// What becomes of live objects of one kind that the spec does not declare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Named in the plan, left alone.
    #[default]
    Report,
    /// Left alone without a word.
    Ignore,
    /// Deleted.
    Prune,
    /// Those whose name matches one of the globs are deleted, the others reported.
    PruneMatching(Vec<String>),
}

impl Policy {
    /// Whether an undeclared object with this name is to be deleted.
    pub fn prunes(&self, name: &str) -> bool {
        match self {
            Self::Report | Self::Ignore => false,
            Self::Prune => true,
            Self::PruneMatching(globs) => {
                globs.iter().any(|glob| WildMatch::new(glob).matches(name))
            }
        }
    }
}

/// The policy for each kind. A kind that is not given is reported, but for workers, which mostly
/// come from single sign-on and are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unmanaged {
    /// By kind.
    pub kinds: BTreeMap<Kind, Policy>,
}

impl Unmanaged {
    /// The policy for a kind.
    pub fn policy(&self, kind: Kind) -> &Policy {
        let usual = if kind == Kind::Worker { &Policy::Ignore } else { &Policy::Report };
        self.kinds.get(&kind).unwrap_or(usual)
    }
}

/// Addresses that are never deleted or replaced.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Protect {
    /// As given in the spec.
    pub patterns: Vec<AddressPattern>,
}

impl Protect {
    /// The pattern that protects this address, if one does.
    pub fn by(&self, address: &Address) -> Option<&AddressPattern> {
        self.patterns.iter().find(|pattern| pattern.matches(address))
    }
}

/// A bound on how much of a kind one plan may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Percent of the live objects of the kind.
    Percent(u32),
    /// A number of objects.
    Count(u32),
}

/// The bounds for one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many may be updated.
    pub updates: Share,
    /// How many may be deleted.
    pub deletes: Share,
    /// Kinds with fewer live objects are not guarded.
    pub from: u32,
}

impl Default for Limit {
    fn default() -> Self {
        Self { updates: Share::Percent(30), deletes: Share::Percent(30), from: 10 }
    }
}

/// The guard against implausible plans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// For every kind that has no limit of its own.
    pub all: Limit,
    /// For one kind.
    pub kinds: BTreeMap<Kind, Limit>,
}

impl Limits {
    /// The limit for a kind.
    pub fn of(&self, kind: Kind) -> Limit {
        self.kinds.get(&kind).copied().unwrap_or(self.all)
    }
}

/// A file that is told sids after an apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The path, relative to the spec's folder.
    pub file: String,
    /// Variable name → value, in the spec's order.
    pub values: Vec<(String, Text)>,
}
