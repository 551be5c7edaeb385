//! Task queues.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::activity::Activity;
use super::body::{Answer, Links, List, Render, document};
use super::call::Call;
use super::collection::Collection;
use super::event::Happening;
use super::expression;
use super::form::{Param, ParamKind, friendly_name, optional, required, within};
use super::paging::LARGE;
use super::refusal::Refusal;
use super::store::{Head, Record, Store};
use super::workspace::workspace_url;
use crate::expr::{self, Expr};

/// At most in one workspace.
const MOST: usize = 5000;

const ORDERS: ParamKind = ParamKind::Choice(&["FIFO", "LIFO"]);

pub(super) const CREATE: &[Param] = &[
    required("FriendlyName", ParamKind::Text),
    optional("TargetWorkers", ParamKind::Text),
    optional("MaxReservedWorkers", ParamKind::Integer),
    optional("TaskOrder", ORDERS),
    optional("ReservationActivitySid", ParamKind::Sid("WA")),
    optional("AssignmentActivitySid", ParamKind::Sid("WA")),
];
pub(super) const UPDATE: &[Param] = &[
    optional("FriendlyName", ParamKind::Text),
    optional("TargetWorkers", ParamKind::Text),
    optional("ReservationActivitySid", ParamKind::Sid("WA")),
    optional("AssignmentActivitySid", ParamKind::Sid("WA")),
    optional("MaxReservedWorkers", ParamKind::Integer),
    optional("TaskOrder", ORDERS),
];
pub(super) const LIST: List = List {
    key: "task_queues",
    filters: &[
        optional("FriendlyName", ParamKind::Text),
        optional("EvaluateWorkerAttributes", ParamKind::Text),
        optional("WorkerSid", ParamKind::Sid("WK")),
        optional("Ordering", ParamKind::Text),
    ],
    limit: LARGE,
};

/// Where tasks wait for workers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct TaskQueue {
    pub(super) head: Head,
    pub(super) friendly_name: String,
    /// None selects nobody.
    pub(super) target_workers: Option<String>,
    pub(super) max_reserved_workers: u32,
    pub(super) task_order: String,
    pub(super) reservation_activity_sid: Option<String>,
    pub(super) assignment_activity_sid: Option<String>,
    /// `target_workers`, read.
    #[serde(skip)]
    pub(super) target: Option<Expr>,
}

impl TaskQueue {
    /// One with the vendor's defaults.
    pub(super) fn new(head: Head, friendly_name: String) -> Self {
        Self {
            head,
            friendly_name,
            target_workers: Some("1==1".to_owned()),
            max_reserved_workers: 1,
            task_order: "FIFO".to_owned(),
            reservation_activity_sid: None,
            assignment_activity_sid: None,
            target: None,
        }
    }
}

impl Record for TaskQueue {
    const TABLE: &'static str = "task_queues";
    const PREFIX: &'static str = "WQ";
    const MOVES_TASKS: bool = true;

    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    /// Of updates only those of the expression are told.
    fn tell(_: &Store, before: Option<&Self>, after: Option<&Self>) -> Vec<Happening> {
        let Some(row) = after.or(before) else { return Vec::new() };
        let (event_type, done) = match (before, after) {
            (None, _) => ("task-queue.created", "created"),
            (_, None) => ("task-queue.deleted", "deleted"),
            (Some(before), Some(after)) if before.target_workers == after.target_workers => {
                return Vec::new();
            }
            _ => ("task-queue.expression.updated", "expression updated"),
        };
        let description = format!("TaskQueue {} {done}", row.friendly_name);
        let event = Happening::new(&row.head, "task-queue", event_type, description)
            .with("task_queue_sid", row.head.sid.as_str())
            .with("task_queue_name", row.friendly_name.as_str())
            .with("task_queue_target_expression", row.target_workers.as_deref());
        vec![event]
    }

    fn name(&self) -> &str {
        &self.friendly_name
    }

    fn derive(&mut self) {
        self.target = self.target_workers.as_deref().map(|text| expr::parse(text).0);
    }

    fn rows<'s>(store: &'s Store, parent: &str) -> Option<&'s Collection<Self>> {
        store.contents.get(parent).map(|contents| &contents.task_queues)
    }

    fn rows_mut<'s>(store: &'s mut Store, parent: &str) -> Option<&'s mut Collection<Self>> {
        store.contents.get_mut(parent).map(|contents| &mut contents.task_queues)
    }
}

document! {
    /// A task queue as clients see it.
    TaskQueueDocument<'a> {
        account_sid: Option<&'a str>,
        assignment_activity_sid: Option<&'a str>,
        assignment_activity_name: Option<&'a str>,
        date_created: Option<&'a str>,
        date_updated: Option<&'a str>,
        friendly_name: Option<&'a str>,
        max_reserved_workers: u32,
        reservation_activity_sid: Option<&'a str>,
        reservation_activity_name: Option<&'a str>,
        sid: Option<&'a str>,
        target_workers: Option<&'a str>,
        task_order: &'a str,
        url: Option<String>,
        workspace_sid: Option<&'a str>,
        links: Option<Links>,
    }
}

impl Render for TaskQueue {
    type Document<'a> = TaskQueueDocument<'a>;

    fn document<'a>(&'a self, store: &'a Store, call: &Call<'_>) -> TaskQueueDocument<'a> {
        let activity = |sid: &'a Option<String>| {
            sid.as_deref().and_then(|sid| store.get::<Activity>(&self.head.parent, sid))
        };
        let assignment = activity(&self.assignment_activity_sid);
        let reservation = activity(&self.reservation_activity_sid);
        let workspace = workspace_url(&call.base, &self.head.parent);
        let queues = format!("{workspace}/TaskQueues");
        let url = format!("{queues}/{}", self.head.sid);
        let activity_url = |found: Option<&Activity>| {
            found.map(|a| format!("{workspace}/Activities/{}", a.head.sid))
        };
        let own = |last: &str| Some(format!("{url}/{last}"));
        let links = Links::default()
            .with("assignment_activity", activity_url(assignment))
            .with("reservation_activity", activity_url(reservation))
            .with("workspace", Some(workspace.clone()))
            .with("statistics", own("Statistics"))
            .with("real_time_statistics", own("RealTimeStatistics"))
            .with("cumulative_statistics", own("CumulativeStatistics"))
            .with("list_statistics", Some(format!("{queues}/Statistics")))
            .with("bulk_real_time_statistics", Some(format!("{queues}/RealTimeStatistics")));
        TaskQueueDocument {
            account_sid: Some(&store.account_sid),
            assignment_activity_sid: self.assignment_activity_sid.as_deref(),
            assignment_activity_name: assignment.map(Record::name),
            date_created: Some(&self.head.date_created),
            date_updated: Some(&self.head.date_updated),
            friendly_name: Some(&self.friendly_name),
            max_reserved_workers: self.max_reserved_workers,
            reservation_activity_sid: self.reservation_activity_sid.as_deref(),
            reservation_activity_name: reservation.map(Record::name),
            sid: Some(&self.head.sid),
            target_workers: self.target_workers.as_deref(),
            task_order: &self.task_order,
            url: Some(url),
            workspace_sid: Some(&self.head.parent),
            links: Some(links),
        }
    }
}

pub(super) fn list(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let contents = store.contents(call, call.param(0))?;
    let name = call.query.text("FriendlyName");
    let attributes = match call.query.text("EvaluateWorkerAttributes") {
        None => None,
        Some(text) => Some(evaluated_attributes(text)?),
    };
    let worker = call.query.text("WorkerSid").map(|sid| contents.workers.get(sid));
    Answer::list(store, call, &contents.task_queues, &LIST, |row| {
        name.is_none_or(|name| row.friendly_name == name)
            && attributes.as_ref().is_none_or(|attributes| {
                let target = row.target.as_ref();
                target.is_some_and(|expr| expr::evaluate(expr, attributes).holds())
            })
            && worker.is_none_or(|worker| {
                let (Some(worker), Some(target)) = (worker, &row.target) else { return false };
                expression::selects(target, worker, contents)
            })
    })
}

pub(super) fn fetch(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let queue = store.find::<TaskQueue>(call, call.param(0), call.param(1))?;
    Ok(Answer::ok(store, call, queue))
}

pub(super) fn create(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let workspace = call.param(0);
    let rows = store.rows::<TaskQueue>(call, workspace)?;
    let name = friendly_name(call.form.text("FriendlyName").unwrap_or_default())?;
    if rows.len() >= MOST {
        return Err(Refusal::invalid(format!("A Workspace can have at most {MOST} TaskQueues")));
    }
    unused(rows, &name, None)?;
    let mut queue = TaskQueue::new(store.head::<TaskQueue>(workspace), name);
    fill(store, call, &mut queue)?;
    store.put(queue.clone());
    Ok(Answer::created(store, call, &queue))
}

pub(super) fn update(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (workspace, sid) = (call.param(0), call.param(1));
    let mut queue = store.find::<TaskQueue>(call, workspace, sid)?.clone();
    if let Some(name) = call.form.text("FriendlyName") {
        queue.friendly_name = friendly_name(name)?;
        unused(store.rows(call, workspace)?, name, Some(sid))?;
    }
    fill(store, call, &mut queue)?;
    store.update(queue);
    fetch(store, call)
}

pub(super) fn delete(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (workspace, sid) = (call.param(0), call.param(1));
    let queue = store.find::<TaskQueue>(call, workspace, sid)?;
    let contents = store.contents(call, workspace)?;
    if let Some(user) = contents.workflows.iter().find(|row| row.queues.contains(sid)) {
        let (name, user_sid, user_name) =
            (&queue.friendly_name, &user.head.sid, &user.friendly_name);
        return Err(Refusal::invalid(format!(
            "Cannot delete TaskQueue {sid} ({name}) because it is part of Workflow {user_sid} \
             ({user_name})"
        )));
    }
    let held = contents.tasks.iter().filter(|task| task.needs(sid)).count();
    if held > 0 {
        let name = &queue.friendly_name;
        return Err(Refusal::invalid(format!(
            "Cannot delete TaskQueue {sid} ({name}) because {held} Tasks are still processing \
             against it"
        )));
    }
    store.remove::<TaskQueue>(workspace, sid);
    Ok(Answer::deleted())
}

/// Takes over everything but the name.
fn fill(store: &Store, call: &Call<'_>, queue: &mut TaskQueue) -> Result<(), Refusal> {
    if let Some(text) = call.form.text("TargetWorkers") {
        queue.target_workers = if text.is_empty() {
            None
        } else {
            expression::read(text)?;
            Some(text.to_owned())
        };
    }
    if let Some(most) = within(&call.form, "MaxReservedWorkers", 1, 50)? {
        queue.max_reserved_workers = most;
    }
    if let Some(order) = call.form.text("TaskOrder") {
        order.clone_into(&mut queue.task_order);
    }
    for (param, field) in [
        ("ReservationActivitySid", &mut queue.reservation_activity_sid),
        ("AssignmentActivitySid", &mut queue.assignment_activity_sid),
    ] {
        match call.form.text(param) {
            None => {}
            Some("") => *field = None,
            Some(sid) if store.get::<Activity>(&queue.head.parent, sid).is_some() => {
                *field = Some(sid.to_owned());
            }
            Some(sid) => {
                let message = format!("{param} '{sid}' is not an Activity of the Workspace");
                return Err(Refusal::invalid(message));
            }
        }
    }
    Ok(())
}

fn unused(rows: &Collection<TaskQueue>, name: &str, own: Option<&str>) -> Result<(), Refusal> {
    let taken = rows.named(name).any(|row| row.name() == name && Some(&*row.head.sid) != own);
    if taken {
        return Err(Refusal::invalid("TaskQueue with the same friendly name already exists"));
    }
    Ok(())
}

fn evaluated_attributes(text: &str) -> Result<Value, Refusal> {
    match serde_json::from_str(text) {
        Ok(attributes @ Value::Object(_)) => Ok(attributes),
        _ => Err(Refusal::invalid("EvaluateWorkerAttributes is not a valid JSON object")),
    }
}
