//! From sids to names: what the API answered, as the model has it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::names::Names;
use super::{configuration, fields};
use crate::model::{
    Activity, Address, Answer, Expression, Kind, Live, PermissionSet, Queue, QueueOrder, Role,
    RoleType, Snapshot, TaskChannel, WorkerChannel, Workflow, Workspace,
};

/// One object as the API answered it.
pub(super) type Raw = Map<String, Value>;

/// The key of an object's name.
pub(super) fn name_key(kind: Kind) -> &'static str {
    match kind {
        Kind::TaskChannel => "unique_name",
        Kind::Capacity => "task_channel_unique_name",
        Kind::Workspace
        | Kind::Activity
        | Kind::Queue
        | Kind::Workflow
        | Kind::Worker
        | Kind::Role => "friendly_name",
    }
}

/// Which address each object has, and its sid.
pub(super) fn addresses(kind: Kind, raw: &[Raw]) -> impl Iterator<Item = (Address, String)> {
    raw.iter().map(move |raw| {
        let name = fields::text(raw, name_key(kind)).unwrap_or_default();
        (Address::new(kind, name), sid(raw))
    })
}

/// The object's sid; every object was checked to have one.
pub(super) fn sid(raw: &Raw) -> String {
    fields::text(raw, "sid").unwrap_or_default()
}

fn live<T>(kind: Kind, raw: &Raw, value: T) -> Live<T> {
    let name = fields::text(raw, name_key(kind)).unwrap_or_default();
    Live { sid: sid(raw), name, value, untouched: untouched(raw) }
}

/// Whether the update date is the creation date. ISO 8601 as the API answers, RFC 2822 as parts
/// of its documentation say.
fn untouched(raw: &Raw) -> bool {
    let date = |key| fields::word(raw, key);
    is_one_moment(date("date_created").as_deref(), date("date_updated").as_deref())
}

/// Whether two dates are there and mean the same.
pub(super) fn is_one_moment(one: Option<&str>, other: Option<&str>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    let moment = |text: &str| -> Option<Timestamp> {
        let iso = text.parse().ok();
        iso.or_else(|| Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp()))
    };
    one == other && !one.is_empty() || moment(one).is_some_and(|one| moment(other) == Some(one))
}

/// Queues drain oldest first unless the API says otherwise.
fn order(raw: &Raw, key: &str) -> Option<QueueOrder> {
    let lifo = fields::word(raw, key).is_some_and(|order| order.eq_ignore_ascii_case("LIFO"));
    Some(if lifo { QueueOrder::Lifo } else { QueueOrder::Fifo })
}

/// Null and empty are the same to the API.
fn text(raw: &Raw, key: &str) -> Option<String> {
    Some(fields::text(raw, key).unwrap_or_default())
}

fn activity_name(raw: &Raw, key: &str, names: &Names) -> Option<String> {
    let sid = fields::word(raw, key).filter(|sid| !sid.is_empty());
    Some(sid.map(|sid| names.activity(&sid)).unwrap_or_default())
}

pub(super) fn workspace(raw: &Raw, names: &Names) -> Live<Workspace> {
    let events = fields::text(raw, "events_filter").unwrap_or_default();
    let events = events.split(',').map(str::trim).filter(|event| !event.is_empty());
    let value = Workspace {
        sid: None,
        friendly_name: text(raw, "friendly_name"),
        event_callback_url: text(raw, "event_callback_url"),
        events_filter: Some(events.map(str::to_owned).collect()),
        multi_task_enabled: fields::flag(raw, "multi_task_enabled"),
        prioritize_queue_order: order(raw, "prioritize_queue_order"),
        default_activity: activity_name(raw, "default_activity_sid", names),
        timeout_activity: activity_name(raw, "timeout_activity_sid", names),
    };
    live(Kind::Workspace, raw, value)
}

pub(super) fn activity(raw: &Raw) -> Live<Activity> {
    let available = fields::flag(raw, "available");
    live(Kind::Activity, raw, Activity { sid: None, renamed_from: None, available })
}

pub(super) fn task_channel(raw: &Raw) -> Live<TaskChannel> {
    let value = TaskChannel {
        sid: None,
        friendly_name: text(raw, "friendly_name"),
        channel_optimized_routing: Some(
            fields::flag(raw, "channel_optimized_routing").unwrap_or_default(),
        ),
    };
    live(Kind::TaskChannel, raw, value)
}

pub(super) fn queue(raw: &Raw, names: &Names) -> Live<Queue> {
    let target_workers = fields::word(raw, "target_workers").unwrap_or_default();
    let value = Queue {
        sid: None,
        renamed_from: None,
        target_workers: Some(Expression::new(names.text(&target_workers))),
        max_reserved_workers: fields::number(raw, "max_reserved_workers"),
        task_order: order(raw, "task_order"),
        reservation_activity: activity_name(raw, "reservation_activity_sid", names),
        assignment_activity: activity_name(raw, "assignment_activity_sid", names),
    };
    live(Kind::Queue, raw, value)
}

pub(super) fn workflow(raw: &Raw, names: &Names) -> Live<Workflow> {
    let text_of = fields::word(raw, "configuration").unwrap_or_default();
    let mut value = Workflow {
        assignment_callback_url: text(raw, "assignment_callback_url"),
        fallback_assignment_callback_url: text(raw, "fallback_assignment_callback_url"),
        task_reservation_timeout: fields::number(raw, "task_reservation_timeout"),
        ..Workflow::default()
    };
    match configuration::lift(&text_of, names) {
        Some(configuration) => {
            value.filters = Some(configuration.filters);
            value.default_filter = Some(configuration.default_filter);
            value.extra = configuration.extra;
        }
        None => value.unreadable = Some(text_of.into_owned()),
    }
    live(Kind::Workflow, raw, value)
}

pub(super) fn worker_channel(raw: &Raw) -> Live<WorkerChannel> {
    let value = WorkerChannel {
        capacity: fields::number(raw, "configured_capacity"),
        available: fields::flag(raw, "available"),
    };
    live(Kind::Capacity, raw, value)
}

/// None for a role of a type that Conversations does not document.
pub(super) fn role(raw: &Raw) -> Option<Live<(RoleType, Role)>> {
    let role_type = match fields::text(raw, "type")?.as_str() {
        "conversation" => RoleType::Conversation,
        "service" => RoleType::Service,
        _ => return None,
    };
    let permissions = raw.get("permissions").and_then(Value::as_array).into_iter().flatten();
    let permissions = permissions.filter_map(Value::as_str).map(str::to_owned).collect();
    let role = Role { permissions: PermissionSet::Exactly(permissions) };
    Some(live(Kind::Role, raw, (role_type, role)))
}

/// Everything that was read of a workspace but its workers, before sids become names.
#[derive(Clone, Debug, Default)]
pub(super) struct RawSnapshot {
    pub workspace: Raw,
    pub activities: Vec<Raw>,
    pub task_channels: Vec<Raw>,
    pub queues: Vec<Raw>,
    pub workflows: Vec<Raw>,
    pub roles: Vec<Raw>,
}

impl RawSnapshot {
    /// With names for sids, and all answers, to which `answers` are those of the workers.
    pub(super) fn lifted(
        self,
        mut answers: Vec<(String, Answer)>,
    ) -> (Snapshot, Vec<(String, Answer)>) {
        let names = self.names();
        let Self { workspace: raw, activities, task_channels, queues, workflows, roles } = self;
        let snapshot = Snapshot {
            account_sid: fields::text(&raw, "account_sid").unwrap_or_default(),
            activities: activities.iter().map(activity).collect(),
            task_channels: task_channels.iter().map(task_channel).collect(),
            queues: queues.iter().map(|raw| queue(raw, &names)).collect(),
            workflows: workflows.iter().map(|raw| workflow(raw, &names)).collect(),
            roles: roles.iter().filter_map(role).collect(),
            ..Snapshot::of(workspace(&raw, &names))
        };
        let kinds = [
            (Kind::Workspace, vec![raw]),
            (Kind::Activity, activities),
            (Kind::TaskChannel, task_channels),
            (Kind::Queue, queues),
            (Kind::Workflow, workflows),
            (Kind::Role, roles),
        ];
        answers.extend(kinds.into_iter().flat_map(|(kind, raw)| answered(kind, raw)));
        (snapshot, answers)
    }

    /// Names for what an expression or a reference may name. Workers are not among them.
    pub(super) fn names(&self) -> Names {
        Names::new(
            [(Address::workspace(), sid(&self.workspace))]
                .into_iter()
                .chain(addresses(Kind::Activity, &self.activities))
                .chain(addresses(Kind::TaskChannel, &self.task_channels))
                .chain(addresses(Kind::Queue, &self.queues))
                .chain(addresses(Kind::Workflow, &self.workflows)),
        )
    }
}

/// The answers by their sids.
fn answered(kind: Kind, raw: Vec<Raw>) -> impl Iterator<Item = (String, Answer)> {
    raw.into_iter().map(move |raw| (sid(&raw), Answer::Object(kind, raw)))
}

/// Worker channels by the worker's sid; what was answered of them goes to `answers`.
pub(super) fn worker_channels(
    raw: BTreeMap<String, Vec<Raw>>,
    answers: &mut Vec<(String, Answer)>,
) -> BTreeMap<String, Vec<Live<WorkerChannel>>> {
    let channels = raw.into_iter().map(|(worker, raw)| {
        let channels = raw.iter().map(worker_channel).collect();
        answers.extend(answered(Kind::Capacity, raw));
        (worker, channels)
    });
    channels.collect()
}
