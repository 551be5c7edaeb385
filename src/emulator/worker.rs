//! Workers. The only kind here with revisions: `ETag` and `If-Match`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::activity::Activity;
use super::body::{Answer, Links, List, Render, document};
use super::call::Call;
use super::collection::Collection;
use super::event::Happening;
use super::expression;
use super::form::{Param, ParamKind, friendly_name, is_true, optional, required};
use super::paging::LARGE;
use super::refusal::Refusal;
use super::reservation::State;
use super::store::{Head, Record, Store};
use super::task_channel::TaskChannel;
use super::worker_channel::{self, Setting};
use super::workspace::{Workspace, workspace_url};

/// At most in one workspace.
const MOST: usize = 15_000;
/// Of the attributes, in characters.
const MOST_CHARACTERS: usize = 4096;

pub(super) const CREATE: &[Param] = &[
    required("FriendlyName", ParamKind::Text),
    optional("ActivitySid", ParamKind::Sid("WA")),
    optional("Attributes", ParamKind::Text),
];
pub(super) const UPDATE: &[Param] = &[
    optional("ActivitySid", ParamKind::Sid("WA")),
    optional("Attributes", ParamKind::Text),
    optional("FriendlyName", ParamKind::Text),
    optional("RejectPendingReservations", ParamKind::Boolean),
];
pub(super) const LIST: List = List {
    key: "workers",
    filters: &[
        optional("ActivityName", ParamKind::Text),
        optional("ActivitySid", ParamKind::Sid("WA")),
        optional("Available", ParamKind::Text),
        optional("FriendlyName", ParamKind::Text),
        optional("TargetWorkersExpression", ParamKind::Text),
        optional("TaskQueueName", ParamKind::Text),
        optional("TaskQueueSid", ParamKind::Sid("WQ")),
        optional("Ordering", ParamKind::Text),
    ],
    limit: LARGE,
};

/// Somebody who does tasks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Worker {
    pub(super) head: Head,
    pub(super) friendly_name: String,
    pub(super) activity_sid: String,
    /// As they were sent, to the byte.
    pub(super) attributes: String,
    pub(super) date_status_changed: String,
    /// Goes up with every write.
    pub(super) revision: u64,
    /// When it was last given a task, in milliseconds since 1970.
    #[serde(default)]
    pub(super) assigned_ms: i64,
    /// What was set of the worker's channels, by channel sid.
    pub(super) channels: BTreeMap<String, Setting>,
    /// `attributes`, read.
    #[serde(skip)]
    pub(super) parsed: Value,
}

impl Worker {
    /// One with the vendor's defaults.
    pub(super) fn new(head: Head, friendly_name: String, activity_sid: String) -> Self {
        Self {
            date_status_changed: head.date_created.clone(),
            head,
            friendly_name,
            activity_sid,
            attributes: "{}".to_owned(),
            revision: 0,
            assigned_ms: 0,
            channels: BTreeMap::new(),
            parsed: Value::Null,
        }
    }
}

impl Record for Worker {
    const TABLE: &'static str = "workers";
    const PREFIX: &'static str = "WK";
    const MOVES_TASKS: bool = true;

    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    /// A new name is not told.
    fn tell(store: &Store, before: Option<&Self>, after: Option<&Self>) -> Vec<Happening> {
        let Some(row) = after.or(before) else { return Vec::new() };
        let name = &row.friendly_name;
        let activity = store.get::<Activity>(&row.head.parent, &row.activity_sid);
        let event = |event_type, description| {
            Happening::new(&row.head, "worker", event_type, description)
                .with("worker_sid", row.head.sid.as_str())
                .with("worker_name", name.as_str())
                .with("worker_attributes", row.attributes.as_str())
                .with("worker_activity_sid", row.activity_sid.as_str())
                .with("worker_activity_name", activity.map(Record::name))
        };
        let (before, after) = match (before, after) {
            (Some(before), Some(after)) => (before, after),
            (None, _) => return vec![event("worker.created", format!("Worker {name} created"))],
            (_, None) => return vec![event("worker.deleted", format!("Worker {name} deleted"))],
        };
        let mut told = Vec::new();
        if before.activity_sid != after.activity_sid {
            let activity = activity.map(Record::name).unwrap_or_default();
            let description = format!("Worker {name} updated to {activity} Activity");
            told.push(event("worker.activity.update", description));
        }
        if before.attributes != after.attributes {
            let description = format!("Worker {name} attributes updated");
            told.push(event("worker.attributes.update", description));
        }
        for (channel, now) in &after.channels {
            let was = before.channels.get(channel);
            let found = store.get::<TaskChannel>(&row.head.parent, channel);
            let unique_name = found.map(Record::name).unwrap_or_default();
            let with = |event: Happening| {
                event
                    .with("task_channel_sid", channel.as_str())
                    .with("task_channel_unique_name", unique_name)
                    .with("worker_channel_capacity", now.capacity)
                    .with("worker_channel_available", now.available)
            };
            if worker_channel::capacity(was) != now.capacity {
                let capacity = now.capacity;
                let description = format!("Worker {name} {unique_name} capacity set to {capacity}");
                told.push(with(event("worker.capacity.update", description)));
            }
            if was.is_none_or(|was| was.available) != now.available {
                let state = if now.available { "available" } else { "unavailable" };
                let description = format!("Worker {name} {unique_name} channel made {state}");
                told.push(with(event("worker.channel.availability.update", description)));
            }
        }
        told
    }

    fn name(&self) -> &str {
        &self.friendly_name
    }

    fn derive(&mut self) {
        self.parsed = serde_json::from_str(&self.attributes).unwrap_or_default();
    }

    fn rows<'s>(store: &'s Store, parent: &str) -> Option<&'s Collection<Self>> {
        store.contents.get(parent).map(|contents| &contents.workers)
    }

    fn rows_mut<'s>(store: &'s mut Store, parent: &str) -> Option<&'s mut Collection<Self>> {
        store.contents.get_mut(parent).map(|contents| &mut contents.workers)
    }
}

document! {
    /// A worker as clients see it.
    WorkerDocument<'a> {
        account_sid: Option<&'a str>,
        activity_name: Option<&'a str>,
        activity_sid: Option<&'a str>,
        attributes: Option<&'a str>,
        available: Option<bool>,
        date_created: Option<&'a str>,
        date_status_changed: Option<&'a str>,
        date_updated: Option<&'a str>,
        friendly_name: Option<&'a str>,
        sid: Option<&'a str>,
        workspace_sid: Option<&'a str>,
        url: Option<String>,
        links: Option<Links>,
    }
}

impl Render for Worker {
    type Document<'a> = WorkerDocument<'a>;

    fn document<'a>(&'a self, store: &'a Store, call: &Call<'_>) -> WorkerDocument<'a> {
        let activity = store.get::<Activity>(&self.head.parent, &self.activity_sid);
        let workspace = workspace_url(&call.base, &self.head.parent);
        let workers = format!("{workspace}/Workers");
        let url = format!("{workers}/{}", self.head.sid);
        let links = Links::default()
            .with("channels", Some(format!("{url}/Channels")))
            .with("activity", Some(format!("{workspace}/Activities/{}", self.activity_sid)))
            .with("workspace", Some(workspace))
            .with("statistics", Some(format!("{workers}/Statistics")))
            .with("real_time_statistics", Some(format!("{workers}/RealTimeStatistics")))
            .with("cumulative_statistics", Some(format!("{workers}/CumulativeStatistics")))
            .with("worker_statistics", Some(format!("{url}/Statistics")))
            .with("worker_channels", Some(format!("{url}/Channels")))
            .with("reservations", Some(format!("{url}/Reservations")));
        WorkerDocument {
            account_sid: Some(&store.account_sid),
            activity_name: activity.map(Record::name),
            activity_sid: Some(&self.activity_sid),
            attributes: Some(&self.attributes),
            available: Some(activity.is_some_and(|activity| activity.available)),
            date_created: Some(&self.head.date_created),
            date_status_changed: Some(&self.date_status_changed),
            date_updated: Some(&self.head.date_updated),
            friendly_name: Some(&self.friendly_name),
            sid: Some(&self.head.sid),
            workspace_sid: Some(&self.head.parent),
            url: Some(url),
            links: Some(links),
        }
    }

    fn etag(&self) -> Option<String> {
        Some(format!("\"{}\"", self.revision))
    }
}

pub(super) fn list(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let contents = store.contents(call, call.param(0))?;
    let query = &call.query;
    let name = query.text("FriendlyName").map(str::to_lowercase);
    let activity_name = query.text("ActivityName");
    let activity_sid = query.text("ActivitySid");
    let available = query.text("Available").map(is_true);
    let expression = match query.text("TargetWorkersExpression") {
        None => None,
        Some(text) => Some(expression::read(text)?),
    };
    let queue_sid = query.text("TaskQueueSid").map(|sid| contents.task_queues.get(sid));
    let queue_name = query
        .text("TaskQueueName")
        .map(|name| contents.task_queues.named(name).find(|queue| queue.friendly_name == name));
    let queues = [queue_sid, queue_name];
    Answer::list(store, call, &contents.workers, &LIST, |row| {
        let activity = contents.activities.get(&row.activity_sid);
        name.as_ref().is_none_or(|name| row.friendly_name.to_lowercase() == *name)
            && activity_sid.is_none_or(|sid| row.activity_sid == sid)
            && activity_name
                .is_none_or(|name| activity.is_some_and(|found| found.friendly_name == name))
            && available
                .is_none_or(|wanted| activity.is_some_and(|found| found.available) == wanted)
            && expression.as_ref().is_none_or(|expr| expression::selects(expr, row, contents))
            && queues.iter().flatten().all(|queue| {
                let target = queue.and_then(|queue| queue.target.as_ref());
                target.is_some_and(|expr| expression::selects(expr, row, contents))
            })
    })
}

pub(super) fn fetch(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let worker = store.find::<Worker>(call, call.param(0), call.param(1))?;
    Ok(Answer::ok(store, call, worker))
}

pub(super) fn create(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let workspace = call.param(0);
    let rows = store.rows::<Worker>(call, workspace)?;
    let name = friendly_name(call.form.text("FriendlyName").unwrap_or_default())?;
    if rows.len() >= MOST {
        return Err(Refusal::invalid(format!("A Workspace can have at most {MOST} Workers")));
    }
    unused(rows, &name, None)?;
    let activity_sid = match activity(store, call, workspace)? {
        Some(sid) => sid,
        None => store.find::<Workspace>(call, "", workspace)?.default_activity_sid.clone(),
    };
    let attributes = attributes(call)?.unwrap_or_else(|| "{}".to_owned());
    let head = store.head::<Worker>(workspace);
    let worker = Worker { attributes, ..Worker::new(head, name, activity_sid) };
    store.put(worker.clone());
    Ok(Answer::created(store, call, &worker))
}

pub(super) fn update(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (workspace, sid) = (call.param(0), call.param(1));
    let mut worker = store.find::<Worker>(call, workspace, sid)?.clone();
    call.check_revision(worker.revision)?;
    if let Some(name) = call.form.text("FriendlyName") {
        worker.friendly_name = friendly_name(name)?;
        unused(store.rows(call, workspace)?, name, Some(sid))?;
    }
    if let Some(attributes) = attributes(call)? {
        worker.attributes = attributes;
    }
    if let Some(activity_sid) = activity(store, call, workspace)?
        && activity_sid != worker.activity_sid
    {
        worker.activity_sid = activity_sid;
        worker.date_status_changed = store.clock.stamp();
    }
    let rejects = call.form.boolean("RejectPendingReservations").unwrap_or(false);
    let now = store.get::<Activity>(workspace, &worker.activity_sid);
    if rejects && now.is_some_and(|activity| activity.available) {
        let message = "RejectPendingReservations needs an Activity that is not available";
        return Err(Refusal::invalid(message));
    }
    worker.revision += 1;
    store.update(worker);
    if rejects {
        for offer in store.pending_offers(workspace, sid) {
            store.turn_down(&offer, State::Rejected, None);
        }
    }
    fetch(store, call)
}

pub(super) fn delete(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (workspace, sid) = (call.param(0), call.param(1));
    let worker = store.find::<Worker>(call, workspace, sid)?;
    call.check_revision(worker.revision)?;
    let activity = store.get::<Activity>(workspace, &worker.activity_sid);
    if let Some(activity) = activity.filter(|activity| activity.available) {
        let (name, state) = (&worker.friendly_name, &activity.friendly_name);
        return Err(Refusal::invalid(format!(
            "Cannot delete Worker {sid} ({name}) because its Activity {state} is available"
        )));
    }
    let contents = store.contents(call, workspace)?;
    if contents.reservations.named(sid).any(|row| row.state.is_open()) {
        let name = &worker.friendly_name;
        return Err(Refusal::invalid(format!(
            "Cannot delete Worker {sid} ({name}) because it has Tasks"
        )));
    }
    store.remove::<Worker>(workspace, sid);
    Ok(Answer::deleted())
}

fn activity(store: &Store, call: &Call<'_>, workspace: &str) -> Result<Option<String>, Refusal> {
    let Some(sid) = call.form.text("ActivitySid") else { return Ok(None) };
    if store.get::<Activity>(workspace, sid).is_none() {
        let message = format!("ActivitySid '{sid}' is not an Activity of the Workspace");
        return Err(Refusal::invalid(message));
    }
    Ok(Some(sid.to_owned()))
}

fn attributes(call: &Call<'_>) -> Result<Option<String>, Refusal> {
    let Some(text) = call.form.text("Attributes") else { return Ok(None) };
    if text.chars().count() > MOST_CHARACTERS {
        let message = format!("Attributes must not exceed {MOST_CHARACTERS} characters");
        return Err(Refusal::invalid(message));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(_)) => Ok(Some(text.to_owned())),
        _ => Err(Refusal::invalid("Attributes is not a valid JSON object")),
    }
}

fn unused(rows: &Collection<Worker>, name: &str, own: Option<&str>) -> Result<(), Refusal> {
    if rows.named(name).any(|row| Some(&*row.head.sid) != own) {
        return Err(Refusal::invalid("Worker with the same friendly name already exists"));
    }
    Ok(())
}
