//! The kinds that have no file of their own: the workspace, channels, queues, capacities, workers,
//! roles.

use std::collections::BTreeMap;

use super::checker::Checker;
use super::names::BUILT_IN_CHANNELS;
use super::place::Place;
use crate::diag::Diagnostic;
use crate::model::{Address, Kind};
use crate::spec::document::{Given, PERMISSIONS};
use crate::spec::lower::{json, string};
use crate::spec::tree::Value;
use crate::text::{Span, nearest};

/// TaskRouter's bound on the attributes of a worker, in characters of JSON.
const MAX_ATTRIBUTES: usize = 4096;

/// Checks the fields of each object.
pub(super) fn check(checker: &mut Checker) {
    workspace(checker);
    channels(checker);
    queues(checker);
    capacities(checker);
    workers(checker);
    roles(checker);
}

fn workspace(checker: &mut Checker) {
    let workspace = &checker.document.workspace;
    let place = Place::section("workspace").called("the workspace");
    let activities = [
        ("default_activity", &workspace.default_activity),
        ("timeout_activity", &workspace.timeout_activity),
    ];
    for (key, activity) in activities {
        if let Given::Value(activity) = activity {
            checker.name(Kind::Activity, &place.key(key), activity);
        }
    }
}

fn channels(checker: &mut Checker) {
    let section = Place::section("task_channels");
    let names: Vec<&str> = checker.names.iter(Kind::TaskChannel).collect();
    for name in names {
        if BUILT_IN_CHANNELS.contains(&name) {
            continue;
        }
        let place = section.key(name).called(Address::new(Kind::TaskChannel, name));
        let span = checker.key(&place);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '-');
        let digit = name.starts_with(|c: char| c.is_ascii_digit());
        if digit || !name.chars().all(plain) {
            let message = format!("`{name}` cannot be the unique name of {place}");
            checker.report(Diagnostic::error("channel-name", span, message).with_help(
                "a unique name is made of letters, digits, `_`, `$` and `-`, and does not begin \
                 with a digit; `friendly_name` takes any text",
            ));
        } else if name.contains('-') {
            let message = format!("the unique name of {place} holds a hyphen");
            checker.report(Diagnostic::warning("channel-name-hyphen", span, message).with_help(
                "the channel works, but no expression can name it: `worker.channel.NAME` does not \
                 take hyphens",
            ));
        }
    }
}

fn queues(checker: &mut Checker) {
    let section = Place::section("queues");
    for (name, queue) in &checker.document.queues {
        let place = section.key(name).called(Address::new(Kind::Queue, name));
        if let Given::Value(workers) = &queue.target_workers
            && !workers.trim().is_empty()
        {
            checker.expression(&place.key("target_workers"), workers, None);
        }
        let activities = [
            ("reservation_activity", &queue.reservation_activity),
            ("assignment_activity", &queue.assignment_activity),
        ];
        for (key, activity) in activities {
            if let Given::Value(activity) = activity {
                checker.name(Kind::Activity, &place.key(key), activity);
            }
        }
    }
}

fn capacities(checker: &mut Checker) {
    let section = Place::section("worker_capacities");
    for (index, rule) in checker.document.worker_capacities.iter().enumerate() {
        let place = section.item(index);
        let place = place.called(format!("capacity rule `{}`", string(&rule.name)));
        checker.expression(&place.key("workers"), &rule.workers, None);
        for channel in rule.channels.keys() {
            let channel_place = place.key("channels").key(channel);
            let span = checker.key(&channel_place);
            checker.name_at(Kind::TaskChannel, &channel_place, span, channel);
        }
    }
}

fn workers(checker: &mut Checker) {
    let section = Place::section("workers");
    for (name, worker) in &checker.document.workers {
        let place = section.key(name).called(Address::new(Kind::Worker, name));
        if let Some(activity) = &worker.activity {
            checker.name(Kind::Activity, &place.key("activity"), activity);
        }
        let attributes: serde_json::Map<_, _> =
            worker.attributes.iter().map(|(key, value)| (key.clone(), json(value))).collect();
        let length = serde_json::Value::Object(attributes).to_string().chars().count();
        if length > MAX_ATTRIBUTES {
            let message = format!("the attributes of {place} are {length} characters of JSON");
            let span = checker.key(&place.key("attributes"));
            checker.report(
                Diagnostic::error("attributes-too-long", span, message)
                    .with_help(format!("TaskRouter takes {MAX_ATTRIBUTES}")),
            );
        }
    }
}

fn roles(checker: &mut Checker) {
    let section = Place::section("conversations").key("roles");
    let mut seen: BTreeMap<(String, String), Span> = BTreeMap::new();
    for (index, role) in checker.document.conversations.roles.iter().enumerate() {
        let (role_type, name) = (role.role_type.to_string(), string(&role.friendly_name));
        let address = Address::new(Kind::Role, format!("{role_type}/{name}"));
        let place = section.item(index).called(&address);
        let span = checker.value(&place.key("friendly_name"));
        if let Some(first) = seen.insert((role_type, name), span) {
            checker.report(
                Diagnostic::error("duplicate-role", span, format!("{address} is declared twice"))
                    .with_label(first, "the first")
                    .with_help("write all its permissions into one entry"),
            );
        }
        let list = place.key("permissions");
        permissions(checker, &list);
        permissions(checker, &list.key("include"));
    }
}

/// Checks a list of permissions as it stands in the tree: the document holds a set. The schema
/// has looked for what is there twice.
fn permissions(checker: &mut Checker, list: &Place) {
    let tree = checker.tree;
    let Some(Value::List(items)) = tree.get(list.pointer()).map(|node| &node.value) else { return };
    for (index, item) in items.iter().enumerate() {
        let Some(text) = item.as_text() else { continue };
        let name = string(&text.value);
        let span = checker.value(&list.item(index));
        if !PERMISSIONS.contains(&name.as_str()) {
            let message = format!("unknown permission `{name}` in {list}");
            let help = match nearest(&name, PERMISSIONS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "it is sent as it is; the service refuses what it does not know".to_owned(),
            };
            checker
                .report(Diagnostic::warning("unknown-permission", span, message).with_help(help));
        }
    }
}
