//! Differences in single lines, for people.

use serde_json::{Map, Value};

use super::value::{Aspect, RoutingDiff, Stop, TaskShape, Way, WayEnd, WorkerGroup};
use crate::routing::duration;

/// Attributes in a line: `topic=sales language=de`.
pub fn attributes_line(attributes: &Map<String, Value>) -> String {
    let mut parts = Vec::new();
    flatten("", attributes, &mut parts);
    parts.join(" ")
}

fn flatten(prefix: &str, attributes: &Map<String, Value>, parts: &mut Vec<String>) {
    for (key, value) in attributes {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            Value::Object(map) if !map.is_empty() => flatten(&path, map, parts),
            value => parts.push(format!("{path}={}", plain(value))),
        }
    }
}

/// A text without quotes where it cannot be misread.
fn plain(value: &Value) -> String {
    let simple = |c: char| c.is_alphanumeric() || "_-.@+:/".contains(c);
    match value {
        Value::String(text) if !text.is_empty() && text.chars().all(simple) => {
            let misread = serde_json::from_str::<Value>(text).is_ok();
            if misread { value.to_string() } else { text.clone() }
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// A kind of task in a line: `topic=sales at 2024-01-01T10:00:00Z (test "a sale")`.
pub fn task_line(task: &TaskShape) -> String {
    let TaskShape { attributes, task_channel, priority, at, from } = task;
    let mut line = attributes_line(attributes);
    if line.is_empty() {
        line.push_str("(no attributes)");
    }
    if let Some(channel) = task_channel {
        line.push_str(&format!(" in channel {channel}"));
    }
    if let Some(priority) = priority {
        line.push_str(&format!(" with priority {priority}"));
    }
    if let Some(at) = at {
        line.push_str(&format!(" at {at}"));
    }
    if let Some(from) = from {
        line.push_str(&format!(" ({from})"));
    }
    line
}

/// A way in a line, with what differs and little else: `Sales until 30s, then Everyone`.
pub fn way_line(way: &Way, differs: &[Aspect]) -> String {
    let mut parts = Vec::with_capacity(way.stops.len() + 1);
    // A task begins with none, which needs no word where the queues say enough.
    let mut known = differs.contains(&Aspect::Queues).then_some(0);
    for one in &way.stops {
        let priority = (known != Some(one.priority)).then_some(one.priority);
        known = Some(one.priority);
        parts.push(stop(one, priority, differs));
    }
    match way.end {
        WayEnd::Waits => {}
        WayEnd::Canceled { age } => parts.push(format!("cancelled after {}", duration(age))),
        WayEnd::Unrouted => parts.push("nowhere: no filter takes it".to_owned()),
        WayEnd::Unknown => parts.push("nobody can tell".to_owned()),
    }
    parts.join(", then ")
}

fn stop(stop: &Stop, priority: Option<u32>, differs: &[Aspect]) -> String {
    let Stop { queue, until, expression, skip_if, order_by, known_worker, .. } = stop;
    let mut text = queue.clone();
    let mut add = |aspect, part: Option<String>| {
        if differs.contains(&aspect)
            && let Some(part) = part
        {
            text.push_str(&part);
        }
    };
    add(Aspect::Priority, priority.map(|priority| format!(" with priority {priority}")));
    add(Aspect::Timing, until.map(|age| format!(" until {}", duration(age))));
    add(Aspect::Workers, expression.as_ref().map(|e| format!(" for workers with {e}")));
    add(Aspect::Workers, known_worker.as_ref().map(|path| format!(" for the worker of {path}")));
    add(Aspect::Order, order_by.as_ref().map(|keys| format!(" by {keys}")));
    add(Aspect::Skip, skip_if.as_ref().map(|e| format!(" skipped if {e}")));
    text
}

/// The sums in a line: `3 kinds of tasks go elsewhere, other workers in 2 queues`.
pub fn elsewhere_line(diff: &RoutingDiff) -> String {
    let counted = |count: usize, one: &str, several: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {several}")),
    };
    let parts = [
        counted(
            diff.counts.elsewhere,
            "kind of task goes elsewhere",
            "kinds of tasks go elsewhere",
        ),
        counted(diff.counts.queues, "queue has other workers", "queues have other workers"),
        counted(diff.gone.len(), "workflow takes no tasks", "workflows take no tasks"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "no task goes elsewhere".to_owned() } else { parts.join(", ") }
}

/// Some workers in a line: `workers with routing.skills=[sales] (alice, and 3 more of 12 known)`.
pub fn workers_line(group: &WorkerGroup, known: usize) -> String {
    /// As many names as are told.
    const NAMES: usize = 3;
    let made_up = group.attributes.first().map(attributes_line);
    let total = group.names.len() + group.more;
    let (shown, _) = group.names.split_at(group.names.len().min(NAMES));
    let names = match total - shown.len() {
        0 => shown.join(", "),
        more => format!("{}, and {more} more", shown.join(", ")),
    };
    let what = match made_up {
        None => "workers".to_owned(),
        Some(line) if line.is_empty() => "workers without attributes".to_owned(),
        Some(line) => format!("workers with {line}"),
    };
    match (total, known) {
        (_, 0) => what,
        (0, known) => format!("{what} (none of {known} known)"),
        (_, known) => format!("{what} ({names} of {known} known)"),
    }
}
