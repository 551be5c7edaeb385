//! The document → the model, section by section.
//!
//! `null` becomes TaskRouter's documented default. Nothing is refused here: what has no meaning is
//! found by the checks, and a spec with errors gives no model away.

use super::text::{expression, sorted, string, text};
use super::workflow::workflows;
use crate::model::{self, Model, PermissionSet, QueueOrder, Rule};
use crate::spec::document::{self, Document, Given};

/// TaskRouter's own: the activity that a new workspace names in both of its fields.
const WORKSPACE_ACTIVITY: &str = "Offline";
/// TaskRouter's own: every worker.
const TARGET_WORKERS: &str = "1==1";
/// TaskRouter's own.
const MAX_RESERVED_WORKERS: u32 = 1;

/// What the document means, as far as it has a meaning.
pub(in crate::spec) fn lower(document: &Document) -> Model<Rule> {
    let Document {
        version: _,
        include: _,
        workspace: workspace_fields,
        variables: _,
        environments: _,
        expressions: _,
        attributes: _,
        activities,
        task_channels,
        queues,
        worker_capacities,
        workers,
        workflows: _,
        transfers: _,
        conversations,
        unmanaged,
        removed,
        protect,
        limits,
        lints: _,
        outputs,
        tests: _,
    } = document;
    Model {
        workspace: workspace(workspace_fields),
        activities: activities
            .iter()
            .map(|(name, value)| (name.clone(), activity(value)))
            .collect(),
        task_channels: task_channels
            .iter()
            .map(|(name, value)| (name.clone(), task_channel(value)))
            .collect(),
        queues: queues.iter().map(|(name, value)| (name.clone(), queue(value))).collect(),
        workflows: workflows(document),
        workers: workers.iter().map(|(name, value)| (name.clone(), worker(value))).collect(),
        capacities: worker_capacities.iter().map(capacity).collect(),
        roles: conversations
            .roles
            .iter()
            .map(|value| ((value.role_type, string(&value.friendly_name)), role(value)))
            .collect(),
        unmanaged: unmanaged.to_model(),
        removed: removed.iter().filter_map(|address| string(address).parse().ok()).collect(),
        protect: model::Protect {
            patterns: protect.iter().filter_map(|pattern| string(pattern).parse().ok()).collect(),
        },
        limits: limits.to_model(),
        outputs: outputs.iter().map(output).collect(),
    }
}

fn workspace(workspace: &document::Workspace) -> model::Workspace {
    let document::Workspace {
        friendly_name,
        sid,
        event_callback_url,
        events_filter,
        multi_task_enabled,
        prioritize_queue_order,
        default_activity,
        timeout_activity,
    } = workspace;
    model::Workspace {
        sid: sid.clone(),
        friendly_name: friendly_name.as_deref().map(string),
        event_callback_url: owned(event_callback_url, ""),
        events_filter: events_filter
            .as_ref()
            .map(|events| events.iter().map(|event| string(event)).collect::<Vec<_>>())
            .or_default_to(Vec::new()),
        multi_task_enabled: multi_task_enabled.or_default_to(true),
        prioritize_queue_order: prioritize_queue_order.or_default_to(QueueOrder::Fifo),
        default_activity: owned(default_activity, WORKSPACE_ACTIVITY),
        timeout_activity: owned(timeout_activity, WORKSPACE_ACTIVITY),
    }
}

fn activity(activity: &document::Activity) -> model::Activity {
    let document::Activity { sid, renamed_from, available } = activity;
    model::Activity {
        sid: sid.clone(),
        renamed_from: renamed_from.as_deref().map(string),
        available: available.or_default_to(false),
    }
}

fn task_channel(channel: &document::TaskChannel) -> model::TaskChannel {
    let document::TaskChannel { sid, friendly_name, channel_optimized_routing } = channel;
    model::TaskChannel {
        sid: sid.clone(),
        friendly_name: friendly_name.as_deref().map(string),
        channel_optimized_routing: channel_optimized_routing.or_default_to(false),
    }
}

fn queue(queue: &document::Queue) -> model::Queue {
    let document::Queue {
        sid,
        renamed_from,
        target_workers,
        max_reserved_workers,
        task_order,
        reservation_activity,
        assignment_activity,
    } = queue;
    model::Queue {
        sid: sid.clone(),
        renamed_from: renamed_from.as_deref().map(string),
        target_workers: target_workers
            .as_ref()
            .map(|workers| expression(workers))
            .or_default_to(TARGET_WORKERS),
        max_reserved_workers: max_reserved_workers.or_default_to(MAX_RESERVED_WORKERS),
        task_order: task_order.or_default_to(QueueOrder::Fifo),
        reservation_activity: owned(reservation_activity, ""),
        assignment_activity: owned(assignment_activity, ""),
    }
}

fn worker(worker: &document::Worker) -> model::Worker {
    let document::Worker { sid, activity, attributes } = worker;
    model::Worker {
        sid: sid.clone(),
        activity: activity.as_deref().map(string),
        attributes: sorted(attributes),
    }
}

fn capacity(rule: &document::CapacityRule) -> model::CapacityRule {
    let document::CapacityRule { name, workers, channels } = rule;
    model::CapacityRule {
        name: string(name),
        workers: expression(workers),
        channels: channels
            .iter()
            .map(|(channel, capacity)| (channel.clone(), capacity.to_model()))
            .collect(),
    }
}

fn role(role: &document::Role) -> model::Role {
    let strings = |permissions: &std::collections::BTreeSet<String>| {
        permissions.iter().map(|permission| string(permission)).collect()
    };
    let permissions = match &role.permissions {
        PermissionSet::Include(permissions) => PermissionSet::Include(strings(permissions)),
        PermissionSet::Exactly(permissions) => PermissionSet::Exactly(strings(permissions)),
    };
    model::Role { permissions }
}

fn output(output: &document::Output) -> model::Output {
    let document::Output { file, values } = output;
    model::Output {
        file: string(file),
        values: values
            .iter()
            .map(|(name, value)| match value {
                document::Scalar::String(value) => (name.clone(), text(value)),
                value => (name.clone(), value.to_string().into()),
            })
            .collect(),
    }
}

/// A field that holds a text.
fn owned(field: &Given<String>, default: &str) -> Option<String> {
    field.as_ref().map(|value| string(value)).or_default_to(default)
}
