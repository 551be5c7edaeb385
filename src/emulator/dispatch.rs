//! What becomes of tasks: where they stand in their workflows, to whom they are offered, and what
//! happens when time passes. Where a task goes is asked of `routing`, in plain JSON.
//!
//! Nothing runs by itself: before a request is answered, everything happens that was due until
//! then ([`Store::catch_up`]), each at its own moment; after a write, tasks are offered to whoever is
//! free now ([`Store::settle`]).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::auth::Actor;
use super::reservation::{Reservation, State};
use super::store::{Contents, Record, Store};
use super::task::{Status, Task};
use super::worker::Worker;
use super::worker_channel;
use super::workflow::Workflow;
use super::workspace::Workspace;
use crate::routing;

/// How often a task may be offered.
const MOST_OFFERS: u32 = 1000;
/// A task that is assigned longer than this is deleted. Milliseconds.
const LONGEST_WORK: i64 = 86_400_000;
/// How long an ended task is kept. Milliseconds.
const KEPT: i64 = 300_000;

/// What is due.
enum Due {
    Task(Box<Task>),
    Reservation(Reservation),
}

impl Store {
    /// Whether anything may become due.
    pub(super) fn has_tasks(&self) -> bool {
        self.contents.values().any(|contents| contents.tasks.len() > 0)
    }

    /// Lets everything happen that was due until now, in order.
    pub(super) fn catch_up(&mut self) {
        let now = self.clock.now().as_millisecond();
        while let Some((at, workspace, due)) = self.next_due(now) {
            self.standing = Timestamp::from_millisecond(at).ok();
            let actor = self.actor.replace(Actor::taskrouter(&workspace));
            match due {
                Due::Task(task) => self.task_is_due(*task, at),
                Due::Reservation(row) => {
                    let owner = self.get::<Workspace>("", &workspace);
                    let activity = owner.map(|found| found.timeout_activity_sid.clone());
                    self.turn_down(&row, State::Timeout, activity.as_deref());
                }
            }
            self.settle();
            self.actor = actor;
        }
        self.standing = None;
    }

    /// What is due first, not after `now`; with its moment and its workspace.
    fn next_due(&self, now: i64) -> Option<(i64, String, Due)> {
        let mut first: Option<(i64, String, Due)> = None;
        let mut consider = |at: i64, workspace: &str, due: &dyn Fn() -> Due| {
            if at <= now && first.as_ref().is_none_or(|(earliest, ..)| at < *earliest) {
                first = Some((at, workspace.to_owned(), due()));
            }
        };
        for (workspace, contents) in &self.contents {
            for task in contents.tasks.iter() {
                consider(task_due(task), workspace, &|| Due::Task(Box::new(task.clone())));
            }
            for row in contents.reservations.iter().filter(|row| row.state == State::Pending) {
                consider(row.until_ms, workspace, &|| Due::Reservation(row.clone()));
            }
        }
        first
    }

    fn task_is_due(&mut self, task: Task, at: i64) {
        match task.status {
            Status::Pending | Status::Reserved if at >= expiry(&task) => {
                self.end(task, Status::Canceled, Some("Task TTL Exceeded".to_owned()));
            }
            Status::Pending => self.walk(&task, &mut None),
            Status::Assigned | Status::Wrapping => {
                let description = format!("Task {} deleted by the system", task.head.sid);
                let event = task.event(self, "task.system-deleted", description);
                self.note(vec![event]);
                self.forget_task(&task);
            }
            Status::Reserved | Status::Completed | Status::Canceled => self.forget_task(&task),
        }
    }

    /// Offers tasks to whoever is free, the most important first and the oldest among equals.
    pub(super) fn settle(&mut self) {
        if !std::mem::take(&mut self.unsettled) {
            return;
        }
        let workspaces: Vec<String> = self.contents.keys().cloned().collect();
        for workspace in workspaces {
            let Some(contents) = self.contents.get(&workspace) else { continue };
            let pending = contents.tasks.iter().filter(|task| task.status == Status::Pending);
            let mut pending: Vec<Task> = pending.cloned().collect();
            pending.sort_by_key(|task| (u32::MAX - task.priority, task.created_ms));
            let actor = self.actor.replace(Actor::taskrouter(&workspace));
            let mut center = None;
            for task in pending {
                self.walk(&task, &mut center);
            }
            self.actor = actor;
        }
        // What was done just now gives nobody new to anybody.
        self.unsettled = false;
    }

    /// A new task enters its workflow.
    pub(super) fn enter(&mut self, mut task: Task) {
        let Some(contents) = self.contents.get(&task.head.parent) else { return };
        let way = self.way(&task, &center(contents, self.moment()));
        let entered = task.event(self, "workflow.entered", format!("Task {}", task.head.sid));
        let mut told = vec![entered];
        told.extend(self.take_place(&mut task, &way));
        self.note(told);
        self.put(task.clone());
        if let Some(reason) = end_of(&way) {
            self.end(task, Status::Canceled, Some(reason.to_owned()));
        }
    }

    /// A task that waits goes where it goes now. `center` is made when it is needed, and unmade when it
    /// is no longer true.
    fn walk(&mut self, task: &Task, center_now: &mut Option<Value>) {
        let Some(contents) = self.contents.get(&task.head.parent) else { return };
        let moment = self.moment();
        let now = center_now.get_or_insert_with(|| center(contents, moment));
        let way = self.way(task, now);
        let mut next = task.clone();
        let told = self.take_place(&mut next, &way);
        self.note(told);
        if let Some(reason) = end_of(&way) {
            self.end(next, Status::Canceled, Some(reason.to_owned()));
            return;
        }
        let workers: Vec<String> =
            serde_json::from_value(way["workers"].clone()).unwrap_or_default();
        if way["outcome"] == "reserved" && !workers.is_empty() {
            *center_now = None;
            self.offer(next, &workers);
        } else if next.place != task.place {
            next.revision += 1;
            self.update(next);
        }
    }

    fn way(&self, task: &Task, center: &Value) -> Value {
        let Some(contents) = self.contents.get(&task.head.parent) else { return Value::Null };
        let channel = contents.task_channels.get(&task.task_channel_sid);
        let given = json!({
            "attributes": task.parsed_attributes(),
            "task_channel": channel.map(Record::name).unwrap_or_default(),
            "priority": task.priority,
            "timeout": task.timeout,
            "created": task.created_ms.div_euclid(1000),
            "age": task.age(self.moment()),
            "entered": task.entered,
            "place": task.place,
        });
        routing::onward(&task.routed_by(contents), center, &given).unwrap_or_default()
    }

    /// Writes down where a task stands, and tells what has happened on the way.
    fn take_place(&self, task: &mut Task, way: &Value) -> Vec<super::event::Happening> {
        let mut told = Vec::new();
        let sid = task.head.sid.clone();
        let came_to = way["came_to"].as_array().map_or(&[][..], Vec::as_slice);
        let left = !came_to.is_empty() || end_of(way).is_some();
        let is_over = task.deadline().is_some_and(|age| age <= task.age(self.moment()));
        if left && is_over && task.task_queue_sid.is_some() {
            told.push(task.event(self, "task-queue.timeout", format!("Task {sid} timed out")));
        }
        task.place = way["place"].clone();
        if let Some(priority) = way["priority"].as_u64() {
            task.priority = u32::try_from(priority).unwrap_or(u32::MAX);
        }
        let queue = way["place"]["queue"].as_str();
        if let Some(queue) = queue.filter(|queue| task.task_queue_sid.as_deref() != Some(queue)) {
            let was_in_one = task.task_queue_sid.replace(queue.to_owned()).is_some();
            task.task_queue_entered_date = Some(self.moment_stamp());
            let event_type = if was_in_one { "task-queue.moved" } else { "task-queue.entered" };
            told.push(task.event(self, event_type, format!("Task {sid} entered TaskQueue")));
        }
        for step in came_to {
            let description = format!("Task {sid} matched a workflow target");
            let event = task.event(self, "workflow.target-matched", description);
            told.push(event.with("workflow_filter_name", step["filter_name"].clone()));
        }
        let ended = match (way["outcome"].as_str(), way["cause"].as_str()) {
            (Some("canceled"), Some("skipped")) => Some("workflow.skipped"),
            (Some("canceled"), _) => Some("workflow.timeout"),
            _ => None,
        };
        if let Some(event_type) = ended {
            told.push(task.event(self, event_type, format!("Task {sid} left its Workflow")));
        }
        told
    }

    fn offer(&mut self, mut task: Task, workers: &[String]) {
        task.offers += 1;
        if task.offers > MOST_OFFERS {
            let reason = format!("Task was assigned {MOST_OFFERS} times");
            self.end(task, Status::Canceled, Some(reason));
            return;
        }
        let workspace = task.head.parent.clone();
        let workflow = self.get::<Workflow>(&workspace, &task.workflow_sid);
        let seconds = workflow.map_or(120, |found| found.task_reservation_timeout);
        task.status = Status::Reserved;
        task.revision += 1;
        let task_sid = task.head.sid.clone();
        self.update(task);
        for worker_sid in workers {
            let Some(worker) = self.get::<Worker>(&workspace, worker_sid) else { continue };
            let worker_name = worker.friendly_name.clone();
            let row = Reservation {
                head: self.head::<Reservation>(&workspace),
                task_sid: task_sid.clone(),
                worker_sid: worker_sid.clone(),
                worker_name,
                state: State::Pending,
                until_ms: self.moment().as_millisecond() + i64::from(seconds) * 1000,
                revision: 0,
            };
            self.put(row);
        }
    }

    /// A worker takes a task, and nobody else does.
    pub(super) fn accept(&mut self, row: &Reservation) {
        let Some(mut task) = self.get::<Task>(&row.head.parent, &row.task_sid).cloned() else {
            return;
        };
        self.set_state(row, State::Accepted);
        for other in self.offers_of(&task) {
            if other.state == State::Pending && other.head.sid != row.head.sid {
                self.set_state(&other, State::Rescinded);
            }
        }
        let now = self.moment().as_millisecond();
        if let Some(worker) = self.get::<Worker>(&row.head.parent, &row.worker_sid) {
            let worker = Worker { assigned_ms: now, ..worker.clone() };
            self.put(worker);
        }
        task.status = Status::Assigned;
        task.assigned_ms = Some(now);
        task.revision += 1;
        self.update(task);
    }

    /// A worker does not take a task, and goes to an activity. When nobody else is asked, the task
    /// waits again.
    pub(super) fn turn_down(&mut self, row: &Reservation, state: State, activity: Option<&str>) {
        self.set_state(row, state);
        let workspace = &row.head.parent;
        let worker = self.get::<Worker>(workspace, &row.worker_sid);
        if let (Some(worker), Some(activity)) = (worker, activity)
            && worker.activity_sid != activity
        {
            let mut worker = worker.clone();
            activity.clone_into(&mut worker.activity_sid);
            worker.date_status_changed = self.moment_stamp();
            worker.revision += 1;
            self.update(worker);
        }
        let Some(mut task) = self.get::<Task>(workspace, &row.task_sid).cloned() else { return };
        let is_asked = self.offers_of(&task).iter().any(|offer| offer.state == State::Pending);
        if task.status == Status::Reserved && !is_asked {
            task.status = Status::Pending;
            task.revision += 1;
            self.update(task);
        }
    }

    /// A worker wraps a task up, or is done with it.
    pub(super) fn finish(&mut self, row: &Reservation, state: State) {
        self.set_state(row, state);
        let task = self.get::<Task>(&row.head.parent, &row.task_sid).cloned();
        match task {
            Some(task) if state == State::Completed => self.end(task, Status::Completed, None),
            Some(task) => self.wrap_up(task),
            None => {}
        }
    }

    /// A task's work is done but for the rest.
    pub(super) fn wrap_up(&mut self, mut task: Task) {
        for offer in self.offers_of(&task) {
            if offer.state == State::Accepted {
                self.set_state(&offer, State::Wrapping);
            }
        }
        task.status = Status::Wrapping;
        task.revision += 1;
        self.update(task);
    }

    /// A task ends, and its offers with it.
    pub(super) fn end(&mut self, mut task: Task, status: Status, reason: Option<String>) {
        let offers = self.offers_of(&task);
        task.status = status;
        task.reason = reason.or(task.reason);
        task.ended_ms = Some(self.moment().as_millisecond());
        task.configuration = None;
        task.revision += 1;
        self.update(task);
        for offer in offers.iter().filter(|offer| offer.state.is_open()) {
            let done = status == Status::Completed && offer.state != State::Pending;
            self.set_state(offer, if done { State::Completed } else { State::Canceled });
        }
    }

    /// A task is deleted by a client.
    pub(super) fn discard(&mut self, task: &Task) {
        for offer in self.offers_of(task).iter().filter(|offer| offer.state.is_open()) {
            self.set_state(offer, State::Canceled);
        }
        self.remove::<Task>(&task.head.parent, &task.head.sid);
        self.forget_task(task);
    }

    /// Takes away what is left of a task.
    fn forget_task(&mut self, task: &Task) {
        for offer in self.offers_of(task) {
            self.expire::<Reservation>(&task.head.parent, &offer.head.sid);
        }
        self.expire::<Task>(&task.head.parent, &task.head.sid);
        self.unsettled = true;
    }

    /// A workflow has a new configuration. Tasks that it still decides about keep the one they have,
    /// or, those that are not offered to anybody, begin again with the new one.
    pub(super) fn revise(&mut self, workflow: &Workflow, before: &str, re_evaluate: ReEvaluate) {
        let workspace = &workflow.head.parent;
        let Some(contents) = self.contents.get(workspace) else { return };
        let routed = contents.tasks.named(&workflow.head.sid).filter(|t| t.status.is_routed());
        let tasks: Vec<Task> = routed.cloned().collect();
        for mut task in tasks {
            if re_evaluate == ReEvaluate::Yes && task.status == Status::Pending {
                task.configuration = None;
                task.place = Value::Null;
                task.entered = task.age(self.moment());
            } else if task.configuration.is_none() && workflow.configuration != before {
                task.configuration = Some(before.to_owned());
            } else {
                continue;
            }
            task.revision += 1;
            self.put(task);
        }
    }

    /// The pending reservations of a worker.
    pub(super) fn pending_offers(&self, workspace: &str, worker: &str) -> Vec<Reservation> {
        let Some(rows) = Reservation::rows(self, workspace) else { return Vec::new() };
        rows.named(worker).filter(|row| row.state == State::Pending).cloned().collect()
    }

    fn offers_of(&self, task: &Task) -> Vec<Reservation> {
        let rows = Reservation::rows(self, &task.head.parent);
        let of = |row: &&Reservation| row.task_sid == task.head.sid;
        rows.map(|rows| rows.iter().filter(of).cloned().collect()).unwrap_or_default()
    }

    fn set_state(&mut self, row: &Reservation, state: State) {
        self.update(Reservation { state, revision: row.revision + 1, ..row.clone() });
    }
}

/// Whether tasks that wait take a workflow's new configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReEvaluate {
    Yes,
    No,
}

impl Task {
    fn parsed_attributes(&self) -> Value {
        // A task that is not in the store yet has not been read.
        match &self.parsed {
            Value::Object(_) => self.parsed.clone(),
            _ => serde_json::from_str(&self.attributes).unwrap_or_else(|_| json!({})),
        }
    }
}

/// When a task's own time is over.
fn expiry(task: &Task) -> i64 {
    task.created_ms + i64::from(task.timeout) * 1000
}

/// When something happens to a task by itself.
fn task_due(task: &Task) -> i64 {
    match task.status {
        Status::Pending => {
            let left = task.deadline().map(|age| task.created_ms + i64::from(age) * 1000);
            left.map_or(expiry(task), |left| left.min(expiry(task)))
        }
        Status::Reserved => expiry(task),
        Status::Assigned | Status::Wrapping => {
            task.assigned_ms.unwrap_or(task.created_ms) + LONGEST_WORK
        }
        Status::Completed | Status::Canceled => task.ended_ms.unwrap_or(task.created_ms) + KEPT,
    }
}

/// Why a way ends, if it does.
fn end_of(way: &Value) -> Option<&'static str> {
    match (way["outcome"].as_str()?, way["cause"].as_str()) {
        ("canceled", Some("skipped")) => {
            Some("Task canceled because all Workflow targets were skipped")
        }
        ("canceled", _) => Some("Task canceled on Workflow timeout"),
        ("unrouted", _) => Some("Task canceled because it matched no Workflow filter"),
        _ => None,
    }
}

/// Queues, activities, channels and workers, as routing wants them.
fn center(contents: &Contents, now: Timestamp) -> Value {
    let queues: Map<String, Value> = contents
        .task_queues
        .iter()
        .map(|queue| {
            let given = json!({
                "target_workers": queue.target_workers,
                "max_reserved_workers": queue.max_reserved_workers,
            });
            (queue.head.sid.clone(), given)
        })
        .collect();
    let activities: Map<String, Value> = contents
        .activities
        .iter()
        .map(|activity| (activity.friendly_name.clone(), activity.head.sid.as_str().into()))
        .collect();
    let channels: Vec<&str> = contents.task_channels.iter().map(Record::name).collect();
    let worker = |worker: &Worker| {
        let activity = contents.activities.get(&worker.activity_sid);
        let channels: Map<String, Value> = contents
            .task_channels
            .iter()
            .map(|channel| {
                let setting = worker.channels.get(&channel.head.sid);
                let load = worker_channel::load(contents, worker, channel);
                let given = json!({
                    "available": setting.is_none_or(|setting| setting.available),
                    "capacity": worker_channel::capacity(setting),
                    "assigned": load.assigned,
                    "reservations": load.open,
                });
                (channel.unique_name.clone(), given)
            })
            .collect();
        let attributes = if worker.parsed.is_object() { worker.parsed.clone() } else { json!({}) };
        let idle = now.as_millisecond().saturating_sub(worker.assigned_ms) / 1000;
        json!({
            "sid": worker.head.sid,
            "name": worker.friendly_name,
            "activity": activity.map(Record::name).unwrap_or_default(),
            "available": activity.is_some_and(|activity| activity.available),
            "attributes": attributes,
            "channels": channels,
            "idle": idle.max(0),
        })
    };
    let workers: Vec<Value> = contents.workers.iter().map(worker).collect();
    json!({
        "queues": queues, "activities": activities, "task_channels": channels, "workers": workers,
    })
}
