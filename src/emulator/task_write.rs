//! What clients do to tasks: create, update, delete.

use jiff::Timestamp;
use serde_json::Value;

use super::body::Answer;
use super::call::Call;
use super::form::{Param, ParamKind, brief, is_sid, optional, within};
use super::refusal::Refusal;
use super::store::{Record, Store};
use super::task::{Status, Task, fetch};
use super::task_channel::{self, TaskChannel};
use super::task_queue::TaskQueue;
use super::workflow::Workflow;

/// At most in one workspace.
const MOST: usize = 500_000;
/// Of the attributes, in characters.
const MOST_CHARACTERS: usize = 4096;
/// Seconds; two weeks.
const LONGEST: u32 = 1_209_600;
const HIGHEST: u32 = 2_147_483_647;

const STATUSES: ParamKind =
    ParamKind::Choice(&["pending", "reserved", "assigned", "canceled", "completed", "wrapping"]);

pub(super) const CREATE: &[Param] = &[
    optional("Timeout", ParamKind::Integer),
    optional("Priority", ParamKind::Integer),
    optional("TaskChannel", ParamKind::Text),
    optional("WorkflowSid", ParamKind::Sid("WW")),
    optional("Attributes", ParamKind::Text),
    optional("VirtualStartTime", ParamKind::Text),
    optional("RoutingTarget", ParamKind::Text),
    optional("IgnoreCapacity", ParamKind::Text),
    optional("TaskQueueSid", ParamKind::Sid("WQ")),
];
pub(super) const UPDATE: &[Param] = &[
    optional("Attributes", ParamKind::Text),
    optional("AssignmentStatus", STATUSES),
    optional("Reason", ParamKind::Text),
    optional("Priority", ParamKind::Integer),
    optional("TaskChannel", ParamKind::Text),
    optional("VirtualStartTime", ParamKind::Text),
];

pub(super) fn create(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let workspace = call.param(0);
    if store.rows::<Task>(call, workspace)?.len() >= MOST {
        return Err(Refusal::invalid(format!("A Workspace can have at most {MOST} Tasks")));
    }
    let routing_target = call.form.text("RoutingTarget").filter(|sid| !sid.is_empty());
    let workflow_sid = workflow(store, call, routing_target)?;
    let direct_queue = direct_queue(store, call, routing_target)?;
    let task_channel_sid = channel(store, call)?.unwrap_or_default();
    let attributes = attributes(call)?.unwrap_or_else(|| "{}".to_owned());
    let timeout = within(&call.form, "Timeout", 1, LONGEST)?.unwrap_or(86_400);
    let priority = within(&call.form, "Priority", 0, HIGHEST)?.unwrap_or(0);
    let head = store.head::<Task>(workspace);
    let created_ms = store.moment().as_millisecond();
    let virtual_start_time = virtual_start_time(store, call)?;
    let sid = head.sid.clone();
    let task = Task {
        virtual_start_time: virtual_start_time.unwrap_or_else(|| head.date_created.clone()),
        head,
        attributes,
        status: Status::Pending,
        priority,
        reason: None,
        task_channel_sid,
        workflow_sid,
        configuration: None,
        direct_queue,
        routing_target: routing_target.map(str::to_owned),
        place: Value::Null,
        task_queue_sid: None,
        task_queue_entered_date: None,
        timeout,
        created_ms,
        entered: 0,
        assigned_ms: None,
        ended_ms: None,
        offers: 0,
        revision: 0,
        older_queues: Default::default(),
        parsed: Value::Null,
    };
    store.enter(task);
    let task = store.find::<Task>(call, workspace, &sid)?;
    Ok(Answer::created(store, call, task))
}

pub(super) fn update(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (workspace, sid) = (call.param(0), call.param(1));
    let mut task = store.find::<Task>(call, workspace, sid)?.clone();
    call.check_revision(task.revision)?;
    let reason = call.form.text("Reason").filter(|reason| !reason.is_empty());
    if let Some(status) = call.form.text("AssignmentStatus") {
        if call.form.text("Attributes").is_some() {
            let message = "Attributes and AssignmentStatus cannot be updated in one request";
            return Err(Refusal::invalid(message));
        }
        change_status(store, task, status, reason)?;
        return fetch(store, call);
    }
    if task.status.has_ended() {
        let status = task.status.word();
        return Err(Refusal::invalid(format!("Cannot update task {sid} because it is {status}")));
    }
    if let Some(attributes) = attributes(call)? {
        task.attributes = attributes;
    }
    if let Some(priority) = within(&call.form, "Priority", 0, HIGHEST)? {
        task.priority = priority;
    }
    if call.form.text("TaskChannel").is_some_and(|channel| !channel.is_empty()) {
        task.task_channel_sid = channel(store, call)?.unwrap_or_default();
    }
    if let Some(date) = virtual_start_time(store, call)? {
        task.virtual_start_time = date;
    }
    if let Some(reason) = reason {
        task.reason = Some(reason.to_owned());
    }
    task.revision += 1;
    store.update(task);
    fetch(store, call)
}

/// Only an end can be given; the other statuses come about by reservations.
fn change_status(
    store: &mut Store,
    task: Task,
    wanted: &str,
    reason: Option<&str>,
) -> Result<(), Refusal> {
    let (sid, is) = (&task.head.sid, task.status);
    let of = format!("in workspace {} for account {}", task.head.parent, store.account_sid);
    let given = || match reason {
        Some(reason) => Ok(Some(reason.to_owned())),
        None => Err(Refusal::invalid("Missing required parameter Reason in the post body")),
    };
    match (wanted, is) {
        ("canceled", Status::Pending | Status::Reserved) => {
            let reason = given()?;
            store.end(task, Status::Canceled, reason);
        }
        ("canceled", _) => {
            return Err(Refusal::invalid(format!(
                "Cannot cancel task {sid} {of} because it is not pending or reserved."
            )));
        }
        ("completed", Status::Assigned | Status::Wrapping) => {
            let reason = given()?;
            store.end(task, Status::Completed, reason);
        }
        ("wrapping", Status::Assigned) => store.wrap_up(task),
        _ => {
            return Err(Refusal::invalid(format!(
                "Cannot update task {sid} {of} from {} to {wanted}.",
                is.word()
            )));
        }
    }
    Ok(())
}

pub(super) fn delete(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let task = store.find::<Task>(call, call.param(0), call.param(1))?.clone();
    call.check_revision(task.revision)?;
    store.discard(&task);
    Ok(Answer::deleted())
}

fn workflow(
    store: &Store,
    call: &Call<'_>,
    routing_target: Option<&str>,
) -> Result<String, Refusal> {
    let rows = store.rows::<Workflow>(call, call.param(0))?;
    let of_target = routing_target.filter(|sid| sid.starts_with("WW"));
    match of_target.or_else(|| call.form.text("WorkflowSid")).filter(|sid| !sid.is_empty()) {
        Some(sid) if rows.get(sid).is_some() => Ok(sid.to_owned()),
        Some(sid) => {
            let sid = brief(sid);
            let message = format!("WorkflowSid '{sid}' is not a Workflow of the Workspace");
            Err(Refusal::invalid(message))
        }
        None => match (rows.len(), rows.iter().next()) {
            (1, Some(only)) => Ok(only.head.sid.clone()),
            _ => Err(Refusal::invalid("WorkflowSid field is required")),
        },
    }
}

fn direct_queue(
    store: &Store,
    call: &Call<'_>,
    routing_target: Option<&str>,
) -> Result<Option<String>, Refusal> {
    let of_target = match routing_target {
        Some(sid) if is_sid(sid, "WQ") => Some(sid),
        Some(sid) if is_sid(sid, "WW") => None,
        Some(sid) if is_sid(sid, "WK") => {
            return Err(Refusal::not_served("RoutingTarget with the sid of a worker"));
        }
        Some(other) => {
            let message = format!("Invalid RoutingTarget: '{}'", brief(other));
            return Err(Refusal::invalid(message));
        }
        None => None,
    };
    let sid = of_target.or_else(|| call.form.text("TaskQueueSid")).filter(|sid| !sid.is_empty());
    match sid {
        None => Ok(None),
        Some(sid) if store.get::<TaskQueue>(call.param(0), sid).is_some() => {
            Ok(Some(sid.to_owned()))
        }
        Some(sid) => Err(Refusal::invalid(format!("'{sid}' is not a TaskQueue of the Workspace"))),
    }
}

fn channel(store: &Store, call: &Call<'_>) -> Result<Option<String>, Refusal> {
    let key = call.form.text("TaskChannel").filter(|key| !key.is_empty()).unwrap_or("default");
    let rows = store.rows::<TaskChannel>(call, call.param(0))?;
    match task_channel::by_sid_or_name(rows, key) {
        Some(channel) => Ok(Some(channel.head().sid.clone())),
        None => {
            let key = brief(key);
            let message = format!("TaskChannel '{key}' is not a TaskChannel of the Workspace");
            Err(Refusal::invalid(message))
        }
    }
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

/// Not in the future and not before 1900.
fn virtual_start_time(store: &Store, call: &Call<'_>) -> Result<Option<String>, Refusal> {
    const BEGINNING: i64 = -2_208_988_800;
    let given = call.form.text("VirtualStartTime").filter(|text| !text.is_empty());
    let Some(text) = given else { return Ok(None) };
    let date = text.parse::<Timestamp>().ok();
    let range = BEGINNING..=store.moment().as_second();
    match date.filter(|date| range.contains(&date.as_second())) {
        Some(date) => {
            let whole = Timestamp::from_second(date.as_second()).unwrap_or(date);
            Ok(Some(whole.to_string()))
        }
        None => Err(Refusal::invalid(format!("Invalid VirtualStartTime: '{}'", brief(text)))),
    }
}
