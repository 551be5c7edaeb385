//! What every declared object has: a name, the name it had, a pinned sid.

use std::collections::BTreeMap;

use super::checker::Checker;
use super::place::Place;
use crate::diag::Diagnostic;
use crate::model::{Address, Kind};
use crate::spec::lower::string;
use crate::text::Span;

/// One declared object.
struct Object<'a> {
    name: &'a str,
    place: Place,
    sid: Option<&'a str>,
    renamed_from: Option<&'a str>,
}

/// Checks the objects of every kind.
pub(super) fn check(checker: &mut Checker) {
    for kind in [Kind::Activity, Kind::TaskChannel, Kind::Queue, Kind::Workflow, Kind::Worker] {
        let objects = objects(checker, kind);
        pinned(checker, &objects);
        renamed(checker, kind, &objects);
    }
    workers(checker);
}

fn objects<'a>(checker: &Checker<'a>, kind: Kind) -> Vec<Object<'a>> {
    let document = checker.document;
    let object =
        |section: &str, name: &'a str, sid: &'a Option<String>, was: Option<&'a String>| {
            let place = Place::section(section).key(name).called(Address::new(kind, name));
            Object { name, place, sid: sid.as_deref(), renamed_from: was.map(String::as_str) }
        };
    match kind {
        Kind::Activity => document
            .activities
            .iter()
            .map(|(name, it)| object("activities", name, &it.sid, it.renamed_from.as_ref()))
            .collect(),
        Kind::TaskChannel => document
            .task_channels
            .iter()
            .map(|(name, it)| object("task_channels", name, &it.sid, None))
            .collect(),
        Kind::Queue => document
            .queues
            .iter()
            .map(|(name, it)| object("queues", name, &it.sid, it.renamed_from.as_ref()))
            .collect(),
        Kind::Workflow => {
            let plain = document
                .workflows
                .iter()
                .map(|(name, it)| object("workflows", name, &it.sid, it.renamed_from.as_ref()));
            let transfers = document
                .transfers
                .iter()
                .map(|(name, it)| object("transfers", name, &it.sid, it.renamed_from.as_ref()));
            plain.chain(transfers).collect()
        }
        Kind::Worker => document
            .workers
            .iter()
            .map(|(name, it)| object("workers", name, &it.sid, None))
            .collect(),
        Kind::Workspace | Kind::Capacity | Kind::Role => Vec::new(),
    }
}

/// One live object cannot be two declared ones.
fn pinned(checker: &mut Checker, objects: &[Object]) {
    let mut seen: BTreeMap<&str, (Span, &Place)> = BTreeMap::new();
    for object in objects {
        let Some(sid) = object.sid else { continue };
        let span = checker.value(&object.place.key("sid"));
        if let Some((first, other)) = seen.insert(sid, (span, &object.place)) {
            let message = format!("{} and {other} are pinned to one sid", object.place);
            checker.report(
                Diagnostic::error("duplicate-sid", span, message)
                    .with_label(first, "the same sid")
                    .with_help("a live object can be only one of them"),
            );
        }
    }
}

fn renamed(checker: &mut Checker, kind: Kind, objects: &[Object]) {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for object in objects {
        let Some(old) = object.renamed_from.map(string) else { continue };
        let place = &object.place;
        let span = checker.value(&place.key("renamed_from"));
        if old == object.name {
            checker.report(
                Diagnostic::error("rename-clash", span, format!("{place} was renamed from itself"))
                    .with_help(
                        "`renamed_from` takes the name that the live object still has; take it out",
                    ),
            );
        } else if let Some(declared) = checker.declaration(kind, &old) {
            let message = format!("{place} was renamed from `{old}`, which is declared too");
            checker.report(
                Diagnostic::error("rename-clash", span, message)
                    .with_label(declared, "declared here")
                    .with_help("take out the old declaration, or `renamed_from`"),
            );
        } else if let Some(&first) = seen.get(&old) {
            let message = format!("{place} is the second that was renamed from `{old}`");
            checker.report(
                Diagnostic::error("rename-clash", span, message)
                    .with_label(first, "the first")
                    .with_help("one live object can become only one other"),
            );
        }
        seen.entry(old).or_insert(span);
    }
}

/// TaskRouter does not tell workers apart by upper and lower case.
fn workers(checker: &mut Checker) {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let names: Vec<&str> = checker.names.iter(Kind::Worker).collect();
    for name in names {
        let Some(first) = seen.insert(name.to_lowercase(), name) else { continue };
        let span = checker.declaration(Kind::Worker, name).unwrap_or_default();
        let label = checker.declaration(Kind::Worker, first).unwrap_or_default();
        let address = Address::new(Kind::Worker, name);
        let message = format!("{address} differs from `{first}` in upper and lower case only");
        checker.report(
            Diagnostic::error("duplicate-worker", span, message)
                .with_label(label, "the same worker to TaskRouter")
                .with_help("the names of workers are compared without case: keep one of the two"),
        );
    }
}
