//! Everything that is no workflow: the workspace, activities, channels, queues, workers.

use super::draft::Draft;
use super::unit::Unit;
use super::yaml::{Node, Part};
use crate::model::{
    Activity, Address, Expression, Kind, Live, Queue, QueueOrder, TaskChannel, Workspace,
};

/// TaskRouter's own: the activity of a new worker, and of one who let an offer time out.
const USUAL_ACTIVITY: &str = "Offline";

/// The activities of every Flex account, and whether workers in them get tasks.
const ACTIVITIES: [(&str, bool); 4] =
    [("Available", true), ("Unavailable", false), ("Break", false), ("Offline", false)];

/// The task channels of every Flex account, and what people see.
const CHANNELS: [(&str, &[&str]); 6] = [
    ("default", &["Default"]),
    ("voice", &["Voice"]),
    ("chat", &["Chat", "Programmable Chat"]),
    ("sms", &["SMS"]),
    ("video", &["Video"]),
    ("email", &["Email"]),
];

/// Whether every Flex account has this task channel; it need not be declared.
pub(super) fn is_built_in_channel(name: &str) -> bool {
    CHANNELS.iter().any(|(own, _)| *own == name)
}

/// The queue of every Flex account.
pub(super) const EVERYONE: &str = "Everyone";

pub(super) fn workspace(draft: &mut Draft<'_>) -> Option<Part> {
    let address = Address::workspace();
    let Live { sid, name, value, untouched: _ } = &draft.snapshot.workspace;
    let Workspace {
        sid: _,
        friendly_name: _,
        event_callback_url,
        events_filter,
        multi_task_enabled,
        prioritize_queue_order,
        default_activity,
        timeout_activity,
    } = value.clone();
    let mut parts = Vec::new();
    if !name.is_empty() {
        parts.push(Part::entry("friendly_name", Node::text(name)).about(Unit::whole(&address)));
    }
    if draft.options.pin_workspace && !sid.is_empty() {
        parts.push(Part::entry("sid", Node::text(sid)));
    }
    if draft.options.wants(&address) {
        let url = event_callback_url.filter(|url| !url.is_empty());
        parts.extend(
            url.and_then(|url| draft.field(&address, "event_callback_url", Node::text(&url))),
        );
        let mut events = events_filter.unwrap_or_default();
        events.sort_unstable();
        events.dedup();
        if !events.is_empty() {
            let node = Node::texts(events.iter().map(String::as_str));
            parts.extend(draft.field(&address, "events_filter", node));
        }
        if multi_task_enabled == Some(false) {
            parts.extend(draft.field(&address, "multi_task_enabled", Node::flag(false)));
        }
        if prioritize_queue_order == Some(QueueOrder::Lifo) {
            let node = Node::text(&QueueOrder::Lifo.to_string());
            parts.extend(draft.field(&address, "prioritize_queue_order", node));
        }
        let activities =
            [("default_activity", default_activity), ("timeout_activity", timeout_activity)];
        for (key, activity) in activities {
            if let Some(name) = activity.filter(|name| !name.is_empty() && name != USUAL_ACTIVITY) {
                parts.extend(draft.activity(&address, key, &name));
            }
        }
    }
    (!parts.is_empty()).then(|| Part::entry("workspace", Node::Map(parts)))
}

/// An object that is declared by its name, if it is declared at all.
fn object(
    draft: &mut Draft<'_>,
    address: &Address,
    (sid, pinned): (&str, bool),
    usual: bool,
    fields: impl FnOnce(&mut Draft<'_>) -> Vec<Part>,
) -> Option<Part> {
    let wanted = draft.options.wants(address);
    let needed = draft.needed.contains(address);
    if !needed && (!wanted || usual) {
        return None;
    }
    let unit = Unit::whole(address);
    if draft.refusal(&unit, "it is left out").is_some() {
        return None;
    }
    let mut parts = Vec::new();
    let mut above = Vec::new();
    if pinned {
        parts.push(Part::entry("sid", Node::text(sid)));
        above.push("Another one has the name too; the sid says which one is meant.".to_owned());
    }
    if wanted {
        parts.extend(fields(draft));
    }
    let node = match parts.len() {
        0 | 1 => Node::Inline(parts),
        _ => Node::Map(parts),
    };
    Some(Part::entry(&address.name, node).about(unit).under(above))
}

pub(super) fn activities(draft: &mut Draft<'_>) -> Vec<Part> {
    let named: Vec<_> = draft.names.activities.values().copied().collect();
    let part = |draft: &mut Draft<'_>, live: &Live<Activity>, pinned| {
        let address = Address::new(Kind::Activity, &live.name);
        let available = live.value.available;
        let usual = ACTIVITIES.iter().any(|(name, flag)| {
            *name == live.name && available.is_none_or(|available| available == *flag)
        });
        object(draft, &address, (&live.sid, pinned), usual && !pinned, |draft| {
            let flag = available.map(Node::flag);
            flag.and_then(|flag| draft.field(&address, "available", flag)).into_iter().collect()
        })
    };
    named.into_iter().filter_map(|named| part(draft, named.live, named.pinned)).collect()
}

pub(super) fn task_channels(draft: &mut Draft<'_>) -> Vec<Part> {
    let named: Vec<_> = draft.names.task_channels.values().copied().collect();
    let part = |draft: &mut Draft<'_>, live: &Live<TaskChannel>, pinned| {
        let address = Address::new(Kind::TaskChannel, &live.name);
        let TaskChannel { sid: _, friendly_name, channel_optimized_routing } = &live.value;
        let built_in = CHANNELS.iter().find(|(name, _)| *name == live.name);
        let friendly_name = friendly_name.as_deref().filter(|name| {
            let usual = built_in.map_or(*name == live.name, |(_, usual)| usual.contains(name));
            !name.is_empty() && !usual
        });
        let optimized = *channel_optimized_routing == Some(true);
        let usual = built_in.is_some() && friendly_name.is_none() && !optimized;
        object(draft, &address, (&live.sid, pinned), usual && !pinned, |draft| {
            let name = friendly_name.map(Node::text);
            let name = name.and_then(|name| draft.field(&address, "friendly_name", name));
            let key = "channel_optimized_routing";
            let flag = optimized.then(|| draft.field(&address, key, Node::flag(true))).flatten();
            name.into_iter().chain(flag).collect()
        })
    };
    named.into_iter().filter_map(|named| part(draft, named.live, named.pinned)).collect()
}

pub(super) fn queues(draft: &mut Draft<'_>) -> Vec<Part> {
    let named: Vec<_> = draft.names.queues.values().copied().collect();
    named.into_iter().filter_map(|named| queue(draft, named.live, named.pinned)).collect()
}

/// Who serves a queue is always said: it is what a queue is.
fn queue(draft: &mut Draft<'_>, live: &Live<Queue>, pinned: bool) -> Option<Part> {
    let address = Address::new(Kind::Queue, &live.name);
    let Queue {
        sid: _,
        renamed_from: _,
        target_workers,
        max_reserved_workers,
        task_order,
        reservation_activity,
        assignment_activity,
    } = &live.value;
    let workers = target_workers.as_ref();
    let limit = max_reserved_workers.filter(|limit| *limit != 1);
    let lifo = *task_order == Some(QueueOrder::Lifo);
    let activities = [
        ("reservation_activity", reservation_activity),
        ("assignment_activity", assignment_activity),
    ];
    let activities =
        activities.map(|(key, name)| (key, name.as_deref().filter(|name| !name.is_empty())));
    let usual = live.name == EVERYONE
        && workers.is_none_or(|workers| *workers == Expression::from("1==1"))
        && limit.is_none()
        && !lifo
        && activities.iter().all(|(_, name)| name.is_none());
    object(draft, &address, (&live.sid, pinned), usual && !pinned, |draft| {
        let mut parts = Vec::new();
        if let Some(workers) = workers {
            let unit = Unit::field(&address, "target_workers");
            if draft.refusal(&unit, "`target_workers` is left out").is_none() {
                parts.push(draft.expression(&address, "target_workers", workers).about(unit));
            }
        }
        let number = limit.map(Node::number);
        parts.extend(number.and_then(|n| draft.field(&address, "max_reserved_workers", n)));
        if lifo {
            let node = Node::text(&QueueOrder::Lifo.to_string());
            parts.extend(draft.field(&address, "task_order", node));
        }
        for (key, name) in activities {
            parts.extend(name.and_then(|name| draft.activity(&address, key, name)));
        }
        parts
    })
}

/// Attributes alone: in which activity somebody is, they choose themselves.
pub(super) fn workers(draft: &mut Draft<'_>) -> Vec<Part> {
    if !draft.options.workers {
        return Vec::new();
    }
    let named: Vec<_> = draft.names.workers.values().copied().collect();
    let mut parts = Vec::new();
    for named in named {
        let live = named.live;
        let address = Address::new(Kind::Worker, &live.name);
        parts.extend(object(draft, &address, (&live.sid, named.pinned), false, |draft| {
            let attributes = live.value.attributes.iter().filter(|(_, value)| !value.is_null());
            let mut attributes: Vec<_> = attributes.collect();
            attributes.sort_unstable_by_key(|(key, _)| key.as_str());
            let entries = attributes.into_iter().map(|(key, v)| Part::entry(key, Node::json(v)));
            let entries: Vec<Part> = entries.collect();
            let node = (!entries.is_empty()).then_some(Node::Map(entries));
            node.and_then(|node| draft.field(&address, "attributes", node)).into_iter().collect()
        }));
    }
    parts
}
