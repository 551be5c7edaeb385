//! Filters that did not take the task, many at a time.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::routing::{FilterStep, Step};

/// Fewer filters than these are shown one by one.
const FEW: usize = 3;
/// More lines than these of one run become one.
const MANY: usize = 12;

/// What is shown of a way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shown<'t> {
    One(&'t Step),
    /// Filters that follow each other, and did not take the task.
    Run(&'t [Step]),
}

/// The steps of a way; where many filters for the same reason did not take the task, they are
/// one.
pub(super) fn folded(steps: &[Step]) -> Vec<Shown<'_>> {
    let mut shown = Vec::new();
    let mut from = 0;
    while from < steps.len() {
        let Some(first) = passed(&steps[from]) else {
            shown.push(Shown::One(&steps[from]));
            from += 1;
            continue;
        };
        let same_time = |step: &Step| passed(step).is_some_and(|step| step.age == first.age);
        let length = steps[from..].iter().take_while(|step| same_time(step)).count();
        let run = &steps[from..from + length];
        let parts = by_reason(run);
        match parts.len() > MANY {
            true => shown.push(Shown::Run(run)),
            false => shown.extend(parts),
        }
        from += length;
    }
    shown
}

/// Neighbours for the same reason together.
fn by_reason(run: &[Step]) -> Vec<Shown<'_>> {
    let mut parts = Vec::new();
    for same in run.chunk_by(|a, b| passed(a).map(values) == passed(b).map(values)) {
        match same.len() < FEW {
            true => parts.extend(same.iter().map(Shown::One)),
            false => parts.push(Shown::Run(same)),
        }
    }
    parts
}

/// A filter that did not take the task.
fn passed(step: &Step) -> Option<&FilterStep> {
    match step {
        Step::Filter(step) if !step.verdict.holds => Some(step),
        _ => None,
    }
}

/// The attributes that decided.
fn values(step: &FilterStep) -> BTreeMap<&str, &Value> {
    let values = step.verdict.because.iter().flat_map(|comparison| &comparison.values);
    values.map(|(path, value)| (path.as_str(), value)).collect()
}

/// The filters of a run.
pub(super) fn filters(run: &[Step]) -> impl Iterator<Item = &FilterStep> + Clone {
    run.iter().filter_map(passed)
}

/// The attributes that decided a run, those first that decided most.
pub(super) fn deciding(run: &[Step]) -> Vec<(&str, &Value)> {
    let mut counts: Vec<(&str, &Value, usize)> = Vec::new();
    for (path, value) in filters(run).flat_map(values) {
        match counts.iter_mut().find(|(known, ..)| *known == path) {
            Some((.., count)) => *count += 1,
            None => counts.push((path, value, 1)),
        }
    }
    counts.sort_by_key(|(.., count)| std::cmp::Reverse(*count));
    counts.into_iter().map(|(path, value, _)| (path, value)).collect()
}
