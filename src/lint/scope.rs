//! Attributes that nothing has where the expression stands.

use super::declared::Declared;
use super::finding::Finding;
use super::reading::{Reading, Readings, Sees, Side, dotted};
use crate::expr::{Path, Segment};
use crate::model::{Kind, Model};
use crate::text::{TextRange, nearest};

/// What follows `taskrouter.`.
const CLOCK: [&str; 4] = ["currentTime", "currentHour", "currentMin", "dayOfWeek"];
/// What follows `workers.`, beside the sids of activities.
const COUNTS: [&str; 2] = ["available", "unavailable"];
/// A worker's fields that are no attributes.
pub(super) const WORKER_FIELDS: [&str; 4] =
    ["sid", "friendly_name", "activity_sid", "activity_name"];
/// What follows `worker.channel.NAME.`.
const CHANNEL_FIELDS: [&str; 3] =
    ["configured_capacity", "assigned_tasks", "available_capacity_percentage"];
/// The task channels that a Flex workspace is born with.
const BUILT_IN_CHANNELS: [&str; 6] = ["default", "voice", "chat", "sms", "video", "email"];

/// Finds them in every expression and in the paths that stand alone.
pub(super) fn check(readings: &Readings, declared: &Declared, found: &mut Vec<Finding>) {
    for reading in &readings.expressions {
        let look = Look { model: readings.model, reading, declared };
        for (path, range) in reading.tree.paths() {
            found.extend(look.path(path, range));
        }
    }
}

struct Look<'a> {
    model: &'a Model,
    reading: &'a Reading,
    declared: &'a Declared<'a>,
}

impl Look<'_> {
    fn path(&self, path: &Path, range: TextRange) -> Option<Finding> {
        self.clock(path, range)
            .or_else(|| self.prefix(path, range))
            .or_else(|| self.counts(path, range))
            .or_else(|| self.worker(path, range))
    }

    /// A path that begins as none does here.
    fn prefix(&self, path: &Path, range: TextRange) -> Option<Finding> {
        let [Segment::Key(root), rest @ ..] = &path.segments[..] else { return None };
        let place = || self.reading.place(self.model);
        let at = self.reading.at(TextRange::new(range.start, range.start + root.len()));
        let bare = path.to_string().split_once('.').map(|(_, bare)| bare.to_owned());
        match (self.reading.sees, root.as_str(), bare) {
            (Sees::Task, "worker", Some(_)) if !self.declared.holds(Side::Task, &path.segments) => {
                let message =
                    format!("`{path}` names nothing in {}: no worker is known there", place());
                Some(Finding::new("worker-attribute-in-filter", self.reading.at(range), message).with_help(
                    "a filter sees the task alone; the expression of its targets compares task and \
                     worker",
                ))
            }
            (Sees::Worker, "task", Some(_))
                if !self.declared.holds(Side::Worker, &path.segments) =>
            {
                let message =
                    format!("`{path}` names nothing in {}: no task is known there", place());
                Some(Finding::new("task-attribute-in-queue", self.reading.at(range), message).with_help(
                    "this expression sees workers alone; the expression of a target compares task \
                     and worker",
                ))
            }
            (Sees::Task, "task", Some(bare))
                if !self.declared.holds(Side::Task, &path.segments) =>
            {
                let message = format!(
                    "`task.` stands before an attribute in {}: there attributes have no prefix",
                    place()
                );
                Some(
                    Finding::new("attribute-prefix", at, message)
                        .with_help(format!("write `{bare}`")),
                )
            }
            (Sees::Worker | Sees::Task, ..) => None,
            (Sees::Both, "task" | "worker", _) if !rest.is_empty() => None,
            (Sees::Both, "taskrouter", _) if !rest.is_empty() => None,
            (Sees::Counts, "workers", _) if !rest.is_empty() => None,
            (sees, ..) => {
                let roots: &[&str] = match sees {
                    Sees::Counts => &["workers"],
                    _ => &["task", "worker"],
                };
                let message = format!(
                    "`{root}` names nothing in {}: attributes begin with `{}.` there",
                    place(),
                    roots.join(".` or `")
                );
                let near = nearest(root, roots.iter().copied()).filter(|_| !rest.is_empty());
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if sees == Sees::Counts => {
                        "a skip condition sees `workers.available`, `workers.unavailable` and \
                         `workers.SID` of an activity, and nothing else"
                            .to_owned()
                    }
                    None => self.side_of(path),
                };
                Some(Finding::new("attribute-prefix", at, message).with_help(help))
            }
        }
    }

    /// What to write for a bare path in a target.
    fn side_of(&self, path: &Path) -> String {
        let on = |side| self.declared.holds(side, &path.segments);
        match (on(Side::Task), on(Side::Worker)) {
            (true, false) => format!("write `task.{path}`"),
            (false, true) => format!("write `worker.{path}`"),
            _ => format!("write `worker.{path}` or `task.{path}`"),
        }
    }

    /// A variable of the time that there is not, or where there is no time.
    fn clock(&self, path: &Path, range: TextRange) -> Option<Finding> {
        let [Segment::Key(root), Segment::Key(name), rest @ ..] = &path.segments[..] else {
            return None;
        };
        if root != "taskrouter" {
            return None;
        }
        let place = self.reading.place(self.model);
        let at = self.reading.at(range);
        let known = CLOCK.contains(&name.as_str()) && rest.is_empty();
        let (message, help) = match self.reading.sees {
            Sees::Worker | Sees::Counts if known => (
                format!("`{path}` names nothing in {place}: the time is not known there"),
                "filters and the expressions of targets know the time".to_owned(),
            ),
            Sees::Task | Sees::Both if !known => (
                format!("`{path}` in {place} is no variable of TaskRouter"),
                match nearest(name, CLOCK) {
                    Some(near) if rest.is_empty() => format!("did you mean `taskrouter.{near}`?"),
                    _ => format!("there are `taskrouter.{}`", CLOCK.join("`, `taskrouter.")),
                },
            ),
            _ => return None,
        };
        Some(Finding::new("taskrouter-variable", at, message).with_help(help))
    }

    /// A count of workers that there is not.
    fn counts(&self, path: &Path, range: TextRange) -> Option<Finding> {
        let (Side::Counts, segments) = self.reading.attribute(path)? else { return None };
        let known = match segments {
            [Segment::Key(key)] => COUNTS.contains(&key.as_str()) || key.starts_with("WA"),
            _ => false,
        };
        if known {
            return None;
        }
        let message = format!("`{path}` in {} counts nothing", self.reading.place(self.model));
        let help = match nearest(&dotted(segments), COUNTS) {
            Some(near) => format!("did you mean `workers.{near}`?"),
            None => "there are `workers.available`, `workers.unavailable`, and `workers.SID` with \
                     the sid of an activity"
                .to_owned(),
        };
        Some(Finding::new("skip-if-count", self.reading.at(range), message).with_help(help))
    }

    /// A field of a worker that there is not.
    fn worker(&self, path: &Path, range: TextRange) -> Option<Finding> {
        let (side @ (Side::Worker | Side::Task), segments) = self.reading.attribute(path)? else {
            return None;
        };
        let prefixed = segments.len() < path.segments.len();
        let [Segment::Key(first), rest @ ..] = segments else { return None };
        if self.declared.declares(side, segments) {
            return None;
        }
        let place = self.reading.place(self.model);
        let at = self.reading.at(range);
        let find = |message: String, help: String| {
            Some(Finding::new("worker-field", at.clone(), message).with_help(help))
        };
        if first == "attributes" && prefixed && !rest.is_empty() {
            let message = format!("`{path}` in {place} looks for an attribute named `attributes`");
            let direct = path.to_string().replacen(".attributes.", ".", 1);
            return Some(Finding::new("attributes-key", at, message).with_help(format!(
                "attributes stand directly after the prefix: write `{direct}`"
            )));
        }
        if side != Side::Worker || !prefixed {
            return None;
        }
        match (first.as_str(), rest) {
            ("channel", [Segment::Key(channel), rest @ ..]) => {
                let named = || {
                    let declared = self.model.task_channels.keys().map(String::as_str);
                    declared.chain(BUILT_IN_CHANNELS)
                };
                if !named().any(|name| name == channel) && !self.model.task_channels.is_empty() {
                    let near = nearest(channel, named());
                    let help = match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "declare it under `task_channels`".to_owned(),
                    };
                    return find(
                        format!("`{path}` in {place} asks for an unknown task channel `{channel}`"),
                        help,
                    );
                }
                match rest {
                    [] => None,
                    [Segment::Key(field)] if CHANNEL_FIELDS.contains(&field.as_str()) => None,
                    rest => {
                        let help = match nearest(&dotted(rest), CHANNEL_FIELDS) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => format!("a channel has `{}`", CHANNEL_FIELDS.join("`, `")),
                        };
                        find(format!("`{path}` in {place} is nothing that a channel has"), help)
                    }
                }
            }
            (first, []) if !WORKER_FIELDS.contains(&first) => {
                let near =
                    WORKER_FIELDS.into_iter().find(|field| letters(field) == letters(first))?;
                find(
                    format!("`{path}` in {place} is spelt like no field of a worker"),
                    format!(
                        "the field is {}.`{near}`; declare `{first}` under `attributes: worker:` if it is an attribute",
                        Kind::Worker.word()
                    ),
                )
            }
            _ => None,
        }
    }
}

/// The letters alone, small: `friendlyName` and `friendly_name` have the same.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
