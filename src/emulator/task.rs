//! Tasks: what is kept of them and how they are shown. What happens to them is in `dispatch`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::body::{Answer, Links, List, Render, document};
use super::call::Call;
use super::collection::Collection;
use super::event::Happening;
use super::expression;
use super::form::{ParamKind, brief, optional};
use super::paging::LARGE;
use super::refusal::Refusal;
use super::store::{Contents, Head, Record, Store};
use super::task_channel::TaskChannel;
use super::task_queue::TaskQueue;
use super::workflow::Workflow;
use super::workflow_configuration as configuration;
use super::workspace::workspace_url;
use crate::expr;

pub(super) const LIST: List = List {
    key: "tasks",
    filters: &[
        optional("Priority", ParamKind::Integer),
        optional("AssignmentStatus", ParamKind::Texts),
        optional("WorkflowSid", ParamKind::Sid("WW")),
        optional("WorkflowName", ParamKind::Text),
        optional("TaskQueueSid", ParamKind::Sid("WQ")),
        optional("TaskQueueName", ParamKind::Text),
        optional("EvaluateTaskAttributes", ParamKind::Text),
        optional("RoutingTarget", ParamKind::Text),
        optional("Ordering", ParamKind::Text),
        optional("HasAddons", ParamKind::Boolean),
    ],
    limit: LARGE,
};

/// What has become of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Pending,
    Reserved,
    Assigned,
    Wrapping,
    Completed,
    Canceled,
}

impl Status {
    /// As the API spells it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Reserved => "reserved",
            Self::Assigned => "assigned",
            Self::Wrapping => "wrapping",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
        }
    }

    /// Whether the task's workflow still decides about it.
    pub(super) fn is_routed(self) -> bool {
        matches!(self, Self::Pending | Self::Reserved)
    }

    /// Whether nothing will happen to it any more.
    pub(super) fn has_ended(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled)
    }
}

/// Work for somebody.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Task {
    pub(super) head: Head,
    /// As they were sent, to the byte.
    pub(super) attributes: String,
    pub(super) status: Status,
    pub(super) priority: u32,
    pub(super) reason: Option<String>,
    pub(super) task_channel_sid: String,
    pub(super) workflow_sid: String,
    /// The workflow's configuration that the task goes by, where that is not the present one.
    pub(super) configuration: Option<String>,
    /// The queue that it was created for, past its workflow.
    pub(super) direct_queue: Option<String>,
    pub(super) routing_target: Option<String>,
    /// Where it stands in its workflow, as routing says it.
    pub(super) place: Value,
    pub(super) task_queue_sid: Option<String>,
    pub(super) task_queue_entered_date: Option<String>,
    /// Seconds.
    pub(super) timeout: u32,
    pub(super) virtual_start_time: String,
    /// Milliseconds since 1970, as all moments here.
    pub(super) created_ms: i64,
    /// The age at which it entered its workflow, in seconds.
    pub(super) entered: u32,
    pub(super) assigned_ms: Option<i64>,
    pub(super) ended_ms: Option<i64>,
    /// How often it was offered.
    pub(super) offers: u32,
    /// Goes up with every write.
    pub(super) revision: u64,
    /// The sids of the queues that an older configuration names.
    #[serde(skip)]
    pub(super) older_queues: BTreeSet<String>,
    /// `attributes`, read.
    #[serde(skip)]
    pub(super) parsed: Value,
}

impl Task {
    /// In seconds.
    pub(super) fn age(&self, now: Timestamp) -> u32 {
        let age = now.as_millisecond().saturating_sub(self.created_ms) / 1000;
        u32::try_from(age.max(0)).unwrap_or(u32::MAX)
    }

    /// The age at which it leaves the target that it waits in.
    pub(super) fn deadline(&self) -> Option<u32> {
        self.place["deadline"].as_u64().and_then(|age| u32::try_from(age).ok())
    }

    /// What it is routed by.
    pub(super) fn routed_by(&self, contents: &Contents) -> Value {
        if let Some(queue) = &self.direct_queue {
            return json!({ "task_routing": { "default_filter": { "queue": queue } } });
        }
        let present = || contents.workflows.get(&self.workflow_sid).map(|w| &w.configuration);
        let text = self.configuration.as_ref().or_else(present);
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// Whether a queue has to stay for it.
    pub(super) fn needs(&self, queue: &str) -> bool {
        let named = [&self.task_queue_sid, &self.direct_queue];
        self.status.is_routed()
            && (named.iter().any(|sid| sid.as_deref() == Some(queue))
                || self.older_queues.contains(queue))
    }

    /// An event about it.
    pub(super) fn event(
        &self,
        store: &Store,
        event_type: &'static str,
        description: String,
    ) -> Happening {
        let workspace = &self.head.parent;
        let queue = self.task_queue_sid.as_deref();
        let name = queue.and_then(|sid| store.get::<TaskQueue>(workspace, sid)).map(Record::name);
        let workflow = store.get::<Workflow>(workspace, &self.workflow_sid).map(Record::name);
        let channel = store.get::<TaskChannel>(workspace, &self.task_channel_sid);
        Happening::new(&self.head, "task", event_type, description)
            .with("task_sid", self.head.sid.as_str())
            .with("task_attributes", self.attributes.as_str())
            .with("task_priority", self.priority)
            .with("task_assignment_status", self.status.word())
            .with("task_channel_sid", self.task_channel_sid.as_str())
            .with("task_channel_unique_name", channel.map(Record::name))
            .with("workflow_sid", self.workflow_sid.as_str())
            .with("workflow_name", workflow)
            .with("task_queue_sid", queue)
            .with("task_queue_name", name)
    }
}

impl Record for Task {
    const TABLE: &'static str = "tasks";
    const PREFIX: &'static str = "WT";
    const MOVES_TASKS: bool = true;

    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    /// Tasks are looked for by their workflow.
    fn name(&self) -> &str {
        &self.workflow_sid
    }

    fn tell(store: &Store, before: Option<&Self>, after: Option<&Self>) -> Vec<Happening> {
        let Some(row) = after.or(before) else { return Vec::new() };
        let sid = &row.head.sid;
        let event = |event_type, done: &str| {
            vec![row.event(store, event_type, format!("Task {sid} {done}"))]
        };
        let (before, after) = match (before, after) {
            (Some(before), Some(after)) => (before, after),
            (None, _) => return event("task.created", "created"),
            (_, None) => return event("task.deleted", "deleted"),
        };
        if before.status != after.status {
            let reason = after.reason.as_deref().unwrap_or_default();
            return match after.status {
                Status::Canceled => event("task.canceled", &format!("canceled: {reason}")),
                Status::Wrapping => event("task.wrapup", "wrapping up"),
                Status::Completed => event("task.completed", "completed"),
                Status::Pending | Status::Reserved | Status::Assigned => Vec::new(),
            };
        }
        let is_edited = before.attributes != after.attributes
            || before.virtual_start_time != after.virtual_start_time
            || before.task_channel_sid != after.task_channel_sid
            || before.priority != after.priority && before.place == after.place;
        if is_edited { event("task.updated", "updated") } else { Vec::new() }
    }

    fn derive(&mut self) {
        self.parsed = serde_json::from_str(&self.attributes).unwrap_or_default();
        let older = self.configuration.as_deref();
        self.older_queues = older.map(configuration::queues).unwrap_or_default();
    }

    fn rows<'s>(store: &'s Store, parent: &str) -> Option<&'s Collection<Self>> {
        store.contents.get(parent).map(|contents| &contents.tasks)
    }

    fn rows_mut<'s>(store: &'s mut Store, parent: &str) -> Option<&'s mut Collection<Self>> {
        store.contents.get_mut(parent).map(|contents| &mut contents.tasks)
    }
}

document! {
    /// A task as clients see it.
    TaskDocument<'a> {
        account_sid: Option<&'a str>,
        age: u32,
        assignment_status: &'static str,
        attributes: Option<&'a str>,
        addons: Option<&'a str>,
        date_created: Option<&'a str>,
        date_updated: Option<&'a str>,
        task_queue_entered_date: Option<&'a str>,
        priority: u32,
        reason: Option<&'a str>,
        sid: Option<&'a str>,
        task_queue_sid: Option<&'a str>,
        task_queue_friendly_name: Option<&'a str>,
        task_channel_sid: Option<&'a str>,
        task_channel_unique_name: Option<&'a str>,
        timeout: u32,
        workflow_sid: Option<&'a str>,
        workflow_friendly_name: Option<&'a str>,
        workspace_sid: Option<&'a str>,
        url: Option<String>,
        links: Option<Links>,
        virtual_start_time: Option<&'a str>,
        ignore_capacity: Option<bool>,
        routing_target: Option<&'a str>,
    }
}

impl Render for Task {
    type Document<'a> = TaskDocument<'a>;

    fn document<'a>(&'a self, store: &'a Store, call: &Call<'_>) -> TaskDocument<'a> {
        let parent = &self.head.parent;
        let workspace = workspace_url(&call.base, parent);
        let url = format!("{workspace}/Tasks/{}", self.head.sid);
        let queue_sid = self.task_queue_sid.as_deref();
        let queue = queue_sid.and_then(|sid| store.get::<TaskQueue>(parent, sid));
        let workflow = store.get::<Workflow>(parent, &self.workflow_sid);
        let channel = store.get::<TaskChannel>(parent, &self.task_channel_sid);
        let links = Links::default()
            .with("task_queue", queue_sid.map(|sid| format!("{workspace}/TaskQueues/{sid}")))
            .with("workflow", Some(format!("{workspace}/Workflows/{}", self.workflow_sid)))
            .with("workspace", Some(workspace))
            .with("reservations", Some(format!("{url}/Reservations")));
        TaskDocument {
            account_sid: Some(&store.account_sid),
            age: self.age(store.moment()),
            assignment_status: self.status.word(),
            attributes: Some(&self.attributes),
            addons: Some("{}"),
            date_created: Some(&self.head.date_created),
            date_updated: Some(&self.head.date_updated),
            task_queue_entered_date: self.task_queue_entered_date.as_deref(),
            priority: self.priority,
            reason: self.reason.as_deref(),
            sid: Some(&self.head.sid),
            task_queue_sid: queue_sid,
            task_queue_friendly_name: queue.map(Record::name),
            task_channel_sid: Some(&self.task_channel_sid),
            task_channel_unique_name: channel.map(Record::name),
            timeout: self.timeout,
            workflow_sid: Some(&self.workflow_sid),
            workflow_friendly_name: workflow.map(Record::name),
            workspace_sid: Some(parent),
            url: Some(url),
            links: Some(links),
            virtual_start_time: Some(&self.virtual_start_time),
            ignore_capacity: Some(false),
            routing_target: self.routing_target.as_deref(),
        }
    }

    fn etag(&self) -> Option<String> {
        Some(format!("\"{}\"", self.revision))
    }
}

pub(super) fn list(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let contents = store.contents(call, call.param(0))?;
    let query = &call.query;
    let priority = query.integer("Priority");
    let statuses = query.texts("AssignmentStatus");
    let statuses: Vec<&str> = statuses.into_iter().flat_map(|text| text.split(',')).collect();
    let workflow = query.text("WorkflowSid");
    let workflow_name = query.text("WorkflowName");
    let queue = query.text("TaskQueueSid");
    let queue_name = query.text("TaskQueueName");
    let expression = match query.text("EvaluateTaskAttributes") {
        None => None,
        Some(text) => Some(expression::read(text)?),
    };
    let target = query.text("RoutingTarget");
    let has_addons = query.boolean("HasAddons").unwrap_or(false);
    let matches = |row: &Task| {
        let of = contents.workflows.get(&row.workflow_sid);
        let place = row.task_queue_sid.as_deref();
        let found = place.and_then(|sid| contents.task_queues.get(sid));
        !has_addons
            && priority.is_none_or(|wanted| i64::from(row.priority) == wanted)
            && (statuses.is_empty() || statuses.contains(&row.status.word()))
            && workflow.is_none_or(|wanted| row.workflow_sid == wanted)
            && workflow_name.is_none_or(|name| of.is_some_and(|w| w.friendly_name == name))
            && queue.is_none_or(|wanted| place == Some(wanted))
            && queue_name.is_none_or(|name| found.is_some_and(|q| q.friendly_name == name))
            && expression.as_ref().is_none_or(|e| expr::evaluate(e, &row.parsed).holds())
            && target.is_none_or(|wanted| row.routing_target.as_deref() == Some(wanted))
    };
    match query.text("Ordering").filter(|text| !text.is_empty()) {
        None => Answer::list(store, call, &contents.tasks, &LIST, matches),
        Some(text) => {
            let sorted = sorted(&contents.tasks, text)?;
            Answer::list(store, call, &sorted, &LIST, matches)
        }
    }
}

/// The tasks in the order that a list asks for: keys with directions, separated by commas.
fn sorted(tasks: &Collection<Task>, ordering: &str) -> Result<Collection<Task>, Refusal> {
    let invalid =
        || Refusal::invalid(format!("Invalid Ordering: '{}' cannot be sorted by", brief(ordering)));
    let mut keys = Vec::new();
    for key in ordering.split(',') {
        let (name, direction) = key.trim().split_once(':').unwrap_or((key.trim(), "asc"));
        let descends = match direction {
            "asc" => false,
            "desc" => true,
            _ => return Err(invalid()),
        };
        if !["DateCreated", "Priority", "VirtualStartTime"].contains(&name) {
            return Err(invalid());
        }
        keys.push((name, descends));
    }
    let both = ["DateCreated", "VirtualStartTime"];
    if both.iter().all(|name| keys.iter().any(|(key, _)| key == name)) {
        return Err(invalid());
    }
    let mut rows: Vec<&Task> = tasks.iter().collect();
    rows.sort_by(|a, b| {
        let mut order = std::cmp::Ordering::Equal;
        for (name, descends) in &keys {
            let by = match *name {
                "Priority" => a.priority.cmp(&b.priority),
                "VirtualStartTime" => a.virtual_start_time.cmp(&b.virtual_start_time),
                _ => a.head.sequence.cmp(&b.head.sequence),
            };
            order = order.then(if *descends { by.reverse() } else { by });
        }
        order
    });
    let mut sorted = Collection::default();
    for (place, row) in (1..).zip(rows) {
        let mut row = row.clone();
        row.head.sequence = place;
        sorted.put(row);
    }
    Ok(sorted)
}

pub(super) fn fetch(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let task = store.find::<Task>(call, call.param(0), call.param(1))?;
    Ok(Answer::ok(store, call, task))
}
