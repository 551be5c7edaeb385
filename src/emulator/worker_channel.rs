//! A worker's channels: one for each task channel, there without being made. Only what was set
//! is kept; the rest follows from the worker and the channel.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::body::{Answer, List, Render, document};
use super::call::Call;
use super::collection::Collection;
use super::form::{Param, ParamKind, optional, within};
use super::paging::LARGE;
use super::refusal::Refusal;
use super::reservation::State;
use super::store::{Contents, Head, Record, Store, sid};
use super::task_channel::{self, TaskChannel};
use super::worker::Worker;
use super::workspace::workspace_url;

/// The most tasks at once on one channel.
const MOST: u32 = 50;

pub(super) const UPDATE: &[Param] =
    &[optional("Capacity", ParamKind::Integer), optional("Available", ParamKind::Boolean)];
pub(super) const LIST: List = List { key: "channels", filters: &[], limit: LARGE };

/// What was set of one channel of one worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Setting {
    pub(super) capacity: u32,
    pub(super) available: bool,
    pub(super) date_updated: String,
}

/// One channel of one worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WorkerChannel {
    head: Head,
    worker_sid: String,
    task_channel_sid: String,
    task_channel_unique_name: String,
    capacity: u32,
    available: bool,
    load: Load,
}

/// What a worker has to do on a channel.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Load {
    /// Accepted reservations.
    pub(super) assigned: u32,
    /// Pending, accepted and wrapping reservations.
    pub(super) open: u32,
}

impl WorkerChannel {
    fn new(contents: &Contents, worker: &Worker, channel: &TaskChannel) -> Self {
        let setting = worker.channels.get(&channel.head.sid);
        let date_created = worker.head.date_created.clone().max(channel.head.date_created.clone());
        let date_updated = setting.map_or(&date_created, |setting| &setting.date_updated).clone();
        let seed = [worker.head.sid.as_bytes(), channel.head.sid.as_bytes()].concat();
        Self {
            head: Head {
                sid: sid(Self::PREFIX, &seed),
                parent: worker.head.parent.clone(),
                sequence: channel.head.sequence,
                date_created,
                date_updated,
            },
            worker_sid: worker.head.sid.clone(),
            task_channel_sid: channel.head.sid.clone(),
            task_channel_unique_name: channel.unique_name.clone(),
            capacity: capacity(setting),
            available: setting.is_none_or(|setting| setting.available),
            load: load(contents, worker, channel),
        }
    }
}

impl Record for WorkerChannel {
    const TABLE: &'static str = "worker_channels";
    const PREFIX: &'static str = "WC";

    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn name(&self) -> &str {
        &self.task_channel_unique_name
    }

    fn rows<'s>(_store: &'s Store, _parent: &str) -> Option<&'s Collection<Self>> {
        None
    }

    fn rows_mut<'s>(_store: &'s mut Store, _parent: &str) -> Option<&'s mut Collection<Self>> {
        None
    }
}

document! {
    /// A worker's channel as clients see it.
    WorkerChannelDocument<'a> {
        account_sid: Option<&'a str>,
        assigned_tasks: u32,
        available: Option<bool>,
        available_capacity_percentage: u32,
        configured_capacity: u32,
        date_created: Option<&'a str>,
        date_updated: Option<&'a str>,
        sid: Option<&'a str>,
        task_channel_sid: Option<&'a str>,
        task_channel_unique_name: Option<&'a str>,
        worker_sid: Option<&'a str>,
        workspace_sid: Option<&'a str>,
        url: Option<String>,
    }
}

impl Render for WorkerChannel {
    type Document<'a> = WorkerChannelDocument<'a>;

    fn document<'a>(&'a self, store: &'a Store, call: &Call<'_>) -> WorkerChannelDocument<'a> {
        let workspace = workspace_url(&call.base, &self.head.parent);
        let (worker_sid, own_sid) = (&self.worker_sid, &self.head.sid);
        WorkerChannelDocument {
            account_sid: Some(&store.account_sid),
            assigned_tasks: self.load.assigned,
            available: Some(self.available),
            available_capacity_percentage: percentage(self.capacity, self.load),
            configured_capacity: self.capacity,
            date_created: Some(&self.head.date_created),
            date_updated: Some(&self.head.date_updated),
            sid: Some(own_sid),
            task_channel_sid: Some(&self.task_channel_sid),
            task_channel_unique_name: Some(&self.task_channel_unique_name),
            worker_sid: Some(worker_sid),
            workspace_sid: Some(&self.head.parent),
            url: Some(format!("{workspace}/Workers/{worker_sid}/Channels/{own_sid}")),
        }
    }
}

pub(super) fn list(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let worker = store.find::<Worker>(call, call.param(0), call.param(1))?;
    let contents = store.contents(call, call.param(0))?;
    let mut rows = Collection::default();
    for channel in store.rows::<TaskChannel>(call, call.param(0))?.iter() {
        rows.put(WorkerChannel::new(contents, worker, channel));
    }
    Answer::list(store, call, &rows, &LIST, |_| true)
}

pub(super) fn fetch(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (_, channel) = find(store, call)?;
    Ok(Answer::ok(store, call, &channel))
}

pub(super) fn update(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (worker, channel) = find(store, call)?;
    let mut worker = worker.clone();
    let setting = Setting {
        capacity: within(&call.form, "Capacity", 0, MOST)?.unwrap_or(channel.capacity),
        available: call.form.boolean("Available").unwrap_or(channel.available),
        date_updated: store.clock.stamp(),
    };
    worker.channels.insert(channel.task_channel_sid, setting);
    store.put(worker);
    fetch(store, call)
}

/// By its own sid, the task channel's sid, or the task channel's unique name.
fn find<'s>(store: &'s Store, call: &Call<'_>) -> Result<(&'s Worker, WorkerChannel), Refusal> {
    let worker = store.find::<Worker>(call, call.param(0), call.param(1))?;
    let contents = store.contents(call, call.param(0))?;
    let key = call.param(2);
    let channels = store.rows::<TaskChannel>(call, call.param(0))?;
    let found = match task_channel::by_sid_or_name(channels, key) {
        Some(channel) => Some(WorkerChannel::new(contents, worker, channel)),
        None => channels
            .iter()
            .map(|channel| WorkerChannel::new(contents, worker, channel))
            .find(|channel| channel.head.sid == key),
    };
    found.map(|channel| (worker, channel)).ok_or_else(|| call.not_found())
}

/// `worker.channel.NAME.FIGURE` in an expression.
pub(super) fn figure(contents: &Contents, worker: &Worker, name: &str, figure: &str) -> Value {
    let Some(channel) = task_channel::by_sid_or_name(&contents.task_channels, name) else {
        return Value::Null;
    };
    // A list evaluates this for each of many workers, so the channel itself is not made.
    let capacity = capacity(worker.channels.get(&channel.head.sid));
    match figure {
        "configured_capacity" => Value::from(capacity),
        "assigned_tasks" => Value::from(load(contents, worker, channel).assigned),
        "available_capacity_percentage" => {
            Value::from(percentage(capacity, load(contents, worker, channel)))
        }
        _ => Value::Null,
    }
}

/// One task at once, unless something else was set.
pub(super) fn capacity(setting: Option<&Setting>) -> u32 {
    setting.map_or(1, |setting| setting.capacity)
}

/// The free share of a capacity in whole percent, rounded down; of none there is nothing.
fn percentage(capacity: u32, load: Load) -> u32 {
    (100 * capacity.saturating_sub(load.open)).checked_div(capacity).unwrap_or(0)
}

/// What a worker has to do on a channel.
pub(super) fn load(contents: &Contents, worker: &Worker, channel: &TaskChannel) -> Load {
    let mut load = Load::default();
    for row in contents.reservations.named(&worker.head.sid).filter(|row| row.state.is_open()) {
        let task = contents.tasks.get(&row.task_sid);
        if task.is_some_and(|task| task.task_channel_sid == channel.head.sid) {
            load.open += 1;
            load.assigned += u32::from(row.state == State::Accepted);
        }
    }
    load
}
