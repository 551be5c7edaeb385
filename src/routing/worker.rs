//! A worker, as routing sees one.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::expr::ChannelLoad;

/// A worker, as routing sees one.
#[derive(Clone, Debug, PartialEq)]
pub struct Worker {
    /// A made-up one for a worker that is not live.
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
    /// Seconds since the worker was last given a task; who waits longest comes first.
    pub idle: u64,
}

/// A worker's channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Whether the worker may get tasks of the channel at all.
    pub available: bool,
    pub load: ChannelLoad,
}

/// Available for one task, with none.
impl Default for Channel {
    fn default() -> Self {
        let load = ChannelLoad { configured_capacity: 1, assigned_tasks: 0, reservations: 0 };
        Self { available: true, load }
    }
}

impl Worker {
    /// The worker's channel for tasks of this task channel.
    pub fn channel(&self, task_channel: &str) -> Channel {
        self.channels.get(task_channel).copied().unwrap_or_default()
    }
}
