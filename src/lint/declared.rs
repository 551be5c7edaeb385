//! The declared attributes, and what is not among them.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::finding::{At, Finding};
use super::reading::{Readings, Sees, Side, dotted};
use super::scope::WORKER_FIELDS;
use crate::expr::Segment;
use crate::spec::document::{AttributeType, Attributes};
use crate::text::nearest;

/// For how many undeclared names the nearest one is looked for; each is held against every
/// declared name.
const MAX_SEARCHES: usize = 100;

type Names<'a> = BTreeMap<&'a str, AttributeType>;

/// Declared names by side; a side that is not there is not checked.
#[derive(Clone, Debug)]
pub(super) struct Declared<'a> {
    task: Option<Names<'a>>,
    worker: Option<Names<'a>>,
}

impl<'a> Declared<'a> {
    pub(super) fn new(attributes: &'a Attributes) -> Self {
        let names = |side: &'a Option<IndexMap<String, AttributeType>>| {
            Some(side.as_ref()?.iter().map(|(name, is)| (name.as_str(), *is)).collect())
        };
        Self { task: names(&attributes.task), worker: names(&attributes.worker) }
    }

    fn side(&self, side: Side) -> Option<&Names<'a>> {
        match side {
            Side::Task => self.task.as_ref(),
            Side::Worker => self.worker.as_ref(),
            Side::Clock | Side::Counts => None,
        }
    }

    /// Whether the spec says which attributes this side has.
    pub(super) fn knows(&self, side: Side) -> bool {
        self.side(side).is_some()
    }

    /// Whether the very path, what holds it or what it holds is declared.
    pub(super) fn holds(&self, side: Side, segments: &[Segment]) -> bool {
        self.find(side, segments).is_some()
    }

    /// Whether the path is declared by its own name.
    pub(super) fn declares(&self, side: Side, segments: &[Segment]) -> bool {
        self.side(side).is_some_and(|names| names.contains_key(dotted(segments).as_str()))
    }

    /// What is declared of a path; none when nothing is.
    pub(super) fn find(&self, side: Side, segments: &[Segment]) -> Option<Found<'a>> {
        let names = self.side(side)?;
        let whole = dotted(segments);
        let indexed = segments.iter().any(|segment| matches!(segment, Segment::Index(_)));
        if let Some((name, is)) = names.get_key_value(whole.as_str()) {
            return Some(match (is, indexed) {
                (_, false) => Found::Of(name, *is),
                (AttributeType::List, true) => Found::Inside,
                (_, true) => Found::Above(name, *is),
            });
        }
        let mut above = whole.as_str();
        while let Some((holder, _)) = above.rsplit_once('.') {
            above = holder;
            if let Some((name, is)) = names.get_key_value(holder) {
                let open = *is == AttributeType::Object;
                return Some(if open { Found::Inside } else { Found::Above(name, *is) });
            }
        }
        let below = format!("{whole}.");
        let next = names.range(below.as_str()..).next();
        next.is_some_and(|(name, _)| name.starts_with(&below)).then_some(Found::Holder)
    }
}

/// What is declared of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// The name itself.
    Of(&'a str, AttributeType),
    /// It lies in a declared list or object.
    Inside,
    /// It holds declared attributes.
    Holder,
    /// It lies in something that holds nothing.
    Above(&'a str, AttributeType),
}

/// Finds attributes that are not declared.
pub(super) fn check(readings: &Readings, declared: &Declared, found: &mut Vec<Finding>) {
    if !(declared.knows(Side::Task) || declared.knows(Side::Worker)) {
        return;
    }
    let mut nearby = Nearby { declared, known: BTreeMap::new() };
    for reading in &readings.expressions {
        for (path, range) in reading.tree.paths() {
            let Some((side, segments)) = reading.attribute(path) else { continue };
            let bare = reading.sees == Sees::Worker || reading.sees == Sees::Task;
            let place = || reading.place(readings.model);
            let at = || reading.at(range);
            found.extend(nearby.finding(side, segments, bare, &path.to_string(), at, place));
        }
    }
    for lone in &readings.paths {
        let Some((side, segments)) = lone.attribute() else { continue };
        let place = || lone.place(readings.model);
        let path = lone.path.to_string();
        found.extend(nearby.finding(side, segments, false, &path, || lone.at(), place));
    }
}

/// The nearest declared names, each looked for once.
struct Nearby<'a> {
    declared: &'a Declared<'a>,
    known: BTreeMap<(Side, String), Option<String>>,
}

impl Nearby<'_> {
    fn finding(
        &mut self,
        side: Side,
        segments: &[Segment],
        bare: bool,
        written: &str,
        at: impl Fn() -> At,
        place: impl Fn() -> String,
    ) -> Option<Finding> {
        let names = self.declared.side(side)?;
        let [Segment::Key(first), ..] = segments else { return None };
        let field = WORKER_FIELDS.contains(&first.as_str()) || first == "channel";
        if self.declared.holds(side, segments) || side == Side::Worker && field {
            return None;
        }
        let name = dotted(segments);
        let other = match side {
            Side::Task => Side::Worker,
            _ => Side::Task,
        };
        if bare && self.declared.holds(other, segments) {
            let (code, seen) = match side {
                Side::Task => ("worker-attribute-in-filter", "a filter sees the task alone"),
                _ => ("task-attribute-in-queue", "this expression sees workers alone"),
            };
            let message = format!(
                "`{written}` in {} is declared for {}, not for {}",
                place(),
                other.plural(),
                side.plural()
            );
            return Some(Finding::new(code, at(), message).with_help(format!(
                "{seen}; the expression of a target compares task and worker"
            )));
        }
        let room = self.known.len() < MAX_SEARCHES;
        let search = || match room {
            true => nearest(&name, names.keys().copied()).map(str::to_owned),
            false => None,
        };
        let near = self.known.entry((side, name.clone())).or_insert_with(search);
        let section = match side {
            Side::Task => "task",
            _ => "worker",
        };
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("declare `{name}` under `{section}` of `attributes`, with its type"),
        };
        let message = format!("`{written}` in {} is not declared for {}", place(), side.plural());
        Some(Finding::new("undeclared-attribute", at(), message).with_help(help))
    }
}
