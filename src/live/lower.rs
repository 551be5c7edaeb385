//! From names to sids: the parameters that create or update a resource.

use super::names::is_sid;
use super::request::Form;
use super::{Sids, configuration};
use crate::model::{
    Activity, Address, Kind, PermissionSet, Queue, Resource, Role, TaskChannel, Text, Worker,
    WorkerChannel, Workflow, Workspace,
};

/// Why a resource cannot be put into a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LowerError {
    /// What it refers to is not there.
    #[error("{of} refers to {missing}, whose sid is not known")]
    UnknownSid { of: Address, missing: Address },
    /// The API has no such operation.
    #[error("{of} cannot be {what} through the API")]
    Impossible { of: Address, what: &'static str },
    /// The value is not one of the address's kind.
    #[error("{0} was given a value of another kind")]
    OtherKind(Address),
}

/// The parameters that create a resource: its name, and the fields that are given.
pub(super) fn create(
    address: &Address,
    resource: &Resource,
    sids: &Sids,
) -> Result<Form, LowerError> {
    let name = |key| (key, address.name.clone());
    let mut form = match resource {
        Resource::Workspace(_) | Resource::Capacity(_) => Form::new(),
        Resource::TaskChannel(_) => vec![name("UniqueName")],
        Resource::Role(_) => {
            let (kind, name) = address.name.split_once('/').unwrap_or(("", &address.name));
            vec![("FriendlyName", name.to_owned()), ("Type", kind.to_owned())]
        }
        _ => vec![name("FriendlyName")],
    };
    if let Resource::Activity(Activity { available: Some(available), .. }) = resource {
        form.push(("Available", available.to_string()));
    }
    form.extend(parameters(address, resource, sids)?);
    // Without one TaskRouter refuses the workflow.
    if matches!(resource, Resource::Workflow(_)) {
        form.retain(|(key, _)| *key != "ReEvaluateTasks");
        if form.iter().all(|(key, _)| *key != "Configuration") {
            let empty = configuration::lower(&[], None, &Default::default(), address, sids)?;
            form.push(("Configuration", empty));
        }
    }
    // A new workspace has no activities of ours yet.
    if matches!(resource, Resource::Workspace(_)) {
        form.retain(|(key, _)| !matches!(*key, "DefaultActivitySid" | "TimeoutActivitySid"));
    }
    // An empty value clears a field, and a new resource has nothing to clear; but an empty
    // TargetWorkers matches nobody, where a missing one matches everybody.
    form.retain(|(key, value)| !value.is_empty() || *key == "TargetWorkers");
    Ok(form)
}

/// The parameters that update a resource: a new name when there is one, and the fields given.
pub(super) fn update(
    address: &Address,
    resource: &Resource,
    new_name: Option<&str>,
    sids: &Sids,
) -> Result<Form, LowerError> {
    let mut form = Form::new();
    if let Some(name) = new_name {
        if matches!(address.kind, Kind::TaskChannel | Kind::Capacity | Kind::Role) {
            return Err(LowerError::Impossible { of: address.clone(), what: "renamed" });
        }
        form.push(("FriendlyName", name.to_owned()));
    }
    form.extend(parameters(address, resource, sids)?);
    Ok(form)
}

/// The fields that can be sent at any time and are given.
fn parameters(address: &Address, resource: &Resource, sids: &Sids) -> Result<Form, LowerError> {
    let mut form = Form::new();
    let mut put = |key, value: Option<String>| form.extend(value.map(|value| (key, value)));
    match resource {
        Resource::Workspace(workspace) => {
            let Workspace {
                sid: _,
                friendly_name,
                event_callback_url,
                events_filter,
                multi_task_enabled,
                prioritize_queue_order,
                default_activity,
                timeout_activity,
            } = workspace;
            put("FriendlyName", friendly_name.clone());
            put("EventCallbackUrl", event_callback_url.clone());
            put("EventsFilter", events_filter.as_ref().map(|events| events.join(",")));
            put("MultiTaskEnabled", shown(multi_task_enabled.as_ref()));
            put("PrioritizeQueueOrder", shown(prioritize_queue_order.as_ref()));
            put("DefaultActivitySid", activity(default_activity.as_deref(), address, sids)?);
            put("TimeoutActivitySid", activity(timeout_activity.as_deref(), address, sids)?);
        }
        // Fixed at creation: `available`, which an update would ignore without a word.
        Resource::Activity(Activity { sid: _, renamed_from: _, available: _ }) => {}
        Resource::TaskChannel(channel) => {
            let TaskChannel { sid: _, friendly_name, channel_optimized_routing } = channel;
            put("FriendlyName", friendly_name.clone());
            put("ChannelOptimizedRouting", shown(channel_optimized_routing.as_ref()));
        }
        Resource::Queue(queue) => {
            let Queue {
                sid: _,
                renamed_from: _,
                target_workers,
                max_reserved_workers,
                task_order,
                reservation_activity,
                assignment_activity,
            } = queue;
            let target_workers = target_workers.as_ref().map(|e| text(&e.text, address, sids));
            put("TargetWorkers", target_workers.transpose()?);
            put("MaxReservedWorkers", shown(max_reserved_workers.as_ref()));
            put("TaskOrder", shown(task_order.as_ref()));
            let reservation = activity(reservation_activity.as_deref(), address, sids)?;
            put("ReservationActivitySid", reservation);
            let assignment = activity(assignment_activity.as_deref(), address, sids)?;
            put("AssignmentActivitySid", assignment);
        }
        Resource::Workflow(workflow) => {
            let Workflow {
                sid: _,
                renamed_from: _,
                assignment_callback_url,
                fallback_assignment_callback_url,
                task_reservation_timeout,
                re_evaluate_tasks,
                ignore_filters: _,
                filters,
                default_filter,
                extra,
                unreadable: _,
            } = workflow;
            if filters.is_some() || default_filter.is_some() {
                let filters = filters.as_deref().unwrap_or_default();
                let default_filter = default_filter.as_ref().and_then(Option::as_ref);
                let document = configuration::lower(filters, default_filter, extra, address, sids)?;
                put("Configuration", Some(document));
            }
            put("AssignmentCallbackUrl", assignment_callback_url.clone());
            put("FallbackAssignmentCallbackUrl", fallback_assignment_callback_url.clone());
            put("TaskReservationTimeout", shown(task_reservation_timeout.as_ref()));
            put("ReEvaluateTasks", shown(re_evaluate_tasks.as_ref()));
        }
        Resource::Worker(worker) => {
            let Worker { sid: _, activity: name, attributes } = worker;
            put("ActivitySid", activity(name.as_deref(), address, sids)?);
            if !attributes.is_empty() {
                put("Attributes", Some(serde_json::Value::Object(attributes.clone()).to_string()));
            }
        }
        Resource::Capacity(WorkerChannel { capacity, available }) => {
            put("Capacity", shown(capacity.as_ref()));
            put("Available", shown(available.as_ref()));
        }
        Resource::Role(Role { permissions }) => {
            let (PermissionSet::Include(all) | PermissionSet::Exactly(all)) = permissions;
            form.extend(all.iter().map(|permission| ("Permission", permission.clone())));
        }
    }
    Ok(form)
}

fn shown<T: ToString>(value: Option<&T>) -> Option<String> {
    value.map(T::to_string)
}

/// The sid of an activity that `of` names; empty for none.
fn activity(name: Option<&str>, of: &Address, sids: &Sids) -> Result<Option<String>, LowerError> {
    let Some(name) = name else { return Ok(None) };
    if name.is_empty() {
        return Ok(Some(String::new()));
    }
    let address = Address::new(Kind::Activity, name);
    match sid(&address, of, sids) {
        // One of two live activities with one name is known by its sid.
        Err(_) if is_sid(name) => Ok(Some(name.to_owned())),
        found => Ok(Some(found?.to_owned())),
    }
}

/// The sid of an address that `of` refers to.
pub(super) fn sid<'a>(
    address: &Address,
    of: &Address,
    sids: &'a Sids,
) -> Result<&'a str, LowerError> {
    sids.get(address)
        .ok_or_else(|| LowerError::UnknownSid { of: of.clone(), missing: address.clone() })
}

/// A text with sids in the places of addresses.
pub(super) fn text(text: &Text, of: &Address, sids: &Sids) -> Result<String, LowerError> {
    let mut unknown = None;
    let text = text.render(|address| match sid(address, of, sids) {
        Ok(sid) => sid.to_owned(),
        Err(error) => {
            unknown.get_or_insert(error);
            String::new()
        }
    });
    unknown.map_or(Ok(text), Err)
}
