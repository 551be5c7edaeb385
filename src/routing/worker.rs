//! A worker, as routing sees one.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::expr::ChannelLoad;
use crate::model::{
    self, Address, CapacityMatcher, CapacityMode, CapacityRule, Expression, Kind, Live, Model,
    Snapshot,
};

/// A worker, as routing sees one.
#[derive(Clone, Debug, PartialEq)]
pub struct Worker {
    /// A made-up one for a worker that is not live: [`super::stand_in`] of its address.
    pub sid: String,
    /// Friendly name.
    pub name: String,
    /// The activity, by name.
    pub activity: String,
    /// Whether that activity is available for tasks.
    pub available: bool,
    pub attributes: Map<String, Value>,
    /// By the task channel's unique name. One that is not here has [`Channel::default`]: TaskRouter
    /// gives every worker every channel.
    pub channels: BTreeMap<String, Channel>,
    /// Seconds since the worker was last given a task; who waits longest comes first. None when
    /// that is not known.
    pub idle: Option<u64>,
}

/// A worker's channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Whether the worker may get tasks of the channel at all.
    pub available: bool,
    pub load: ChannelLoad,
}

/// Available for one task, with none: how TaskRouter makes a worker channel.
impl Default for Channel {
    fn default() -> Self {
        let load = ChannelLoad { configured_capacity: 1, assigned_tasks: 0, reservations: 0 };
        Self { available: true, load }
    }
}

impl Channel {
    /// Whether there is room for one more task.
    pub fn has_room(&self) -> bool {
        self.load.reservations < self.load.configured_capacity
    }
}

impl Worker {
    /// An available worker without attributes, whose sid is made up from the name.
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            sid: super::stand_in(&Address::new(Kind::Worker, name.clone())),
            name,
            activity: AVAILABLE.to_owned(),
            available: true,
            attributes: Map::new(),
            channels: BTreeMap::new(),
            idle: None,
        }
    }

    /// The worker's channel for tasks of this task channel.
    pub fn channel(&self, task_channel: &str) -> Channel {
        self.channels.get(task_channel).copied().unwrap_or_default()
    }

    /// Whether the worker may be given a task of this task channel now.
    pub fn is_free(&self, task_channel: &str) -> bool {
        let channel = self.channel(task_channel);
        self.available && channel.available && channel.has_room()
    }

    /// The workers that a model declares, by name. Those without an activity are available;
    /// capacities are as the capacity rules would set them on new workers without tasks.
    pub fn declared(model: &Model) -> Vec<Self> {
        let rules: Vec<_> = model.capacities.iter().map(CapacityRule::matcher).collect();
        let worker = |(name, declared): (&String, &model::Worker)| {
            let activity = declared.activity.as_deref().unwrap_or(AVAILABLE);
            let mut attributes = declared.attributes.clone();
            attributes.retain(|_, value| !value.is_null());
            let mut worker = Self {
                activity: activity.to_owned(),
                available: is_available(model, activity),
                attributes,
                ..Self::named(name.as_str())
            };
            if let Some(sid) = &declared.sid {
                worker.sid.clone_from(sid);
            }
            worker.with_capacities(&rules)
        };
        model.workers.iter().map(worker).collect()
    }

    /// The worker with the channels that the model's capacity rules would give it, were it new.
    /// Those that it has already stay.
    #[must_use]
    pub fn ruled(self, model: &Model) -> Self {
        let rules: Vec<_> = model.capacities.iter().map(CapacityRule::matcher).collect();
        self.with_capacities(&rules)
    }

    fn with_capacities(mut self, rules: &[CapacityMatcher]) -> Self {
        let live = Live {
            sid: self.sid.clone(),
            name: self.name.clone(),
            value: model::Worker {
                sid: None,
                activity: Some(self.activity.clone()),
                attributes: self.attributes.clone(),
            },
            untouched: true,
        };
        for matcher in rules.iter().filter(|matcher| matcher.matches(&live)) {
            for (name, rule) in &matcher.rule.channels {
                self.channels.entry(name.clone()).or_insert_with(|| new_channel(rule));
            }
        }
        self
    }

    /// The workers of a snapshot, in its order, with no tasks.
    pub fn live(snapshot: &Snapshot) -> Vec<Self> {
        let available = |name: &str| {
            let mut named = snapshot.activities.iter().filter(|activity| activity.name == name);
            named.next().is_some_and(|activity| activity.value.available == Some(true))
        };
        let worker = |live: &Live<model::Worker>| {
            let activity = live.value.activity.clone().unwrap_or_default();
            let channels = snapshot.worker_channels.get(&live.sid);
            let channel = |channel: &Live<model::WorkerChannel>| {
                let new = Channel::default();
                let capacity = channel.value.capacity.unwrap_or(new.load.configured_capacity);
                let load = ChannelLoad { configured_capacity: capacity, ..new.load };
                let available = channel.value.available.unwrap_or(new.available);
                (channel.name.clone(), Channel { available, load })
            };
            Self {
                sid: live.sid.clone(),
                name: live.name.clone(),
                available: available(&activity),
                activity,
                attributes: live.value.attributes.clone(),
                channels: channels.into_iter().flatten().map(channel).collect(),
                idle: None,
            }
        };
        snapshot.workers.iter().map(worker).collect()
    }
}

/// What a rule makes of a channel that TaskRouter has just made.
fn new_channel(rule: &model::ChannelCapacity) -> Channel {
    let new = Channel::default();
    let capacity = new.load.configured_capacity;
    let configured_capacity = match rule.mode {
        CapacityMode::Enforce(_) | CapacityMode::Initial(_) | CapacityMode::Bounds(..) => {
            rule.mode.wanted(capacity, true).unwrap_or(capacity)
        }
        CapacityMode::Ignore => capacity,
    };
    let load = ChannelLoad { configured_capacity, ..new.load };
    Channel { available: rule.available.unwrap_or(new.available), load }
}

/// The activity of a worker for whom the spec gives none.
const AVAILABLE: &str = "Available";

/// Whether an activity is available for tasks: as declared, else as Flex makes those of this name,
/// else as TaskRouter makes new ones, which is not.
pub fn is_available(model: &Model, activity: &str) -> bool {
    let declared = model.activities.get(activity).and_then(|activity| activity.available);
    declared.unwrap_or(matches!(activity, AVAILABLE | "Idle"))
}

/// The sid that stands for a resource until TaskRouter gives it one: two letters and 32
/// hexadecimal digits that depend on nothing but the address. Expressions that name the resource
/// as `${queue['Sales'].sid}` are evaluated with it.
pub fn stand_in(address: &Address) -> String {
    Expression::stand_in_sid(address)
}
