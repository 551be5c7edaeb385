//! What every kind's comparison looks at.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::{Identity, Pair};
use super::names::Names;
use super::{Options, is_built_in};
use crate::model::{Activity, Address, Kind, Live, Model, Resource, Snapshot, aside_name};

/// The two sides, and how their names belong together.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) desired: &'a Model,
    pub(super) live: &'a Snapshot,
    pub(super) options: &'a Options,
    pub(super) identity: Identity<'a>,
    pub(super) names: Names,
    /// Activities that get a successor in this plan, and remains of an earlier run that got
    /// theirs: live name → the declared activity that follows.
    pub(super) replaced: BTreeMap<String, Address>,
    /// Such remains, each with the declared activity that follows.
    pub(super) remains: Vec<(&'a Live<Activity>, Address)>,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        desired: &'a Model,
        live: &'a Snapshot,
        options: &'a Options,
        mut identity: Identity<'a>,
        mut names: Names,
    ) -> Self {
        let mut replaced = BTreeMap::new();
        let mut remains = Vec::new();
        for name in desired.activities.keys() {
            let aside = aside_name(name);
            let address = Address::new(Kind::Activity, name);
            identity.activities.undeclared.retain(|live| {
                let remain = live.name == aside;
                if remain {
                    names.alias(Kind::Activity, &live.name, name);
                    replaced.insert(live.name.clone(), address.clone());
                    remains.push((*live, address.clone()));
                }
                !remain
            });
        }
        for (name, activity) in &desired.activities {
            let live = identity.activities.declared.get(name).and_then(Pair::live);
            if let Some(live) = live
                && activity.available.is_some()
                && activity.available != live.value.available
            {
                replaced.insert(live.name.clone(), Address::new(Kind::Activity, name));
            }
        }
        Self { desired, live, options, identity, names, replaced, remains }
    }

    /// The reasons to send a live resource again although it looks unchanged: it refers to an
    /// activity that is replaced.
    pub(super) fn reasons(&self, live: &Resource) -> Vec<String> {
        if self.replaced.is_empty() {
            return Vec::new();
        }
        let successors: BTreeSet<&Address> = live
            .references()
            .iter()
            .filter(|address| address.kind == Kind::Activity)
            .filter_map(|address| self.replaced.get(&address.name))
            .collect();
        successors.into_iter().map(|address| format!("{address} is replaced")).collect()
    }

    /// Whether a live field or expression names an activity that is replaced.
    pub(super) fn is_replaced(&self, activity: &str) -> bool {
        self.replaced.contains_key(activity)
    }

    /// Why an address is never deleted or replaced, if so.
    pub(super) fn protection(&self, address: &Address) -> Option<String> {
        if is_built_in(address) {
            return Some("it is one of Flex's own".to_owned());
        }
        let pattern = self.desired.protect.by(address)?;
        Some(format!("`protect` holds {pattern}"))
    }

    /// Whether `--allow-replace` names it.
    pub(super) fn may_replace(&self, address: &Address) -> bool {
        self.options.allow_replace.iter().any(|pattern| pattern.matches(address))
    }
}
