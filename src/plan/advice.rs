//! What people should know: renames that were probably meant, and tasks that a rename leaves
//! behind.

use std::collections::{BTreeMap, BTreeSet};

use similar::TextDiff;

use super::Action;
use super::context::Context;
use super::draft::Findings;
use super::identity::{Pair, Paired};
use super::kinds::{same_queue, same_workflow};
use crate::model::{Address, Kind, Live, Workflow};

/// Adds every note.
pub(super) fn advise(cx: &Context<'_>, out: &mut Findings) {
    let identity = &cx.identity;
    propose(Kind::Activity, &identity.activities, out, |name, live| {
        let wanted = cx.desired.activities[name].available;
        alike(name, &live.name) && wanted.is_some() && wanted == live.value.available
    });
    propose(Kind::Queue, &identity.queues, out, |name, live| {
        same_queue(&cx.desired.queues[name], &cx.names.queue(&live.value))
    });
    propose(Kind::Workflow, &identity.workflows, out, |name, live| {
        same_workflow(&cx.desired.workflows[name], &cx.names.workflow(&live.value))
    });
    affected_tasks(cx, out);
}

fn alike(a: &str, b: &str) -> bool {
    likeness(a, b) >= 0.5
}

fn likeness(a: &str, b: &str) -> f32 {
    TextDiff::from_chars(a.to_lowercase(), b.to_lowercase()).ratio()
}

/// Notes each declared name that has nothing live and looks the same as one undeclared object. Of
/// several that look the same the one with the most similar name is proposed, if it is similar.
fn propose<T>(
    kind: Kind,
    paired: &Paired<'_, T>,
    out: &mut Findings,
    same: impl Fn(&str, &Live<T>) -> bool,
) {
    // Each is compared with each, so a plan that creates and leaves very many gets no advice.
    const PAIRS: usize = 10_000;
    let new: Vec<&String> = paired
        .declared
        .iter()
        .filter(|(_, pair)| matches!(pair, Pair::Absent))
        .map(|(name, _)| name)
        .collect();
    let free: Vec<&Live<T>> = paired
        .undeclared
        .iter()
        .copied()
        .filter(|live| !super::is_built_in(&Address::new(kind, live.name.clone())))
        .collect();
    if new.len() * free.len() > PAIRS {
        return;
    }
    let mut proposed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in new {
        let found: Vec<&str> =
            free.iter().filter(|live| same(name, live)).map(|live| live.name.as_str()).collect();
        let best = match found[..] {
            [] => continue,
            [one] => one,
            _ => {
                let similar = found.into_iter().filter(|old| alike(name, old));
                match similar.max_by(|a, b| likeness(name, a).total_cmp(&likeness(name, b))) {
                    Some(best) => best,
                    None => continue,
                }
            }
        };
        proposed.entry(best).or_default().push(name);
    }
    for (old, names) in proposed {
        let best = names.into_iter().max_by(|a, b| likeness(a, old).total_cmp(&likeness(b, old)));
        let Some(name) = best else { continue };
        let address = Address::new(kind, name);
        let was = Address::new(kind, old);
        let line = serde_json::Value::from(old);
        let plain = old.chars().all(|c| c.is_alphanumeric() || " _-".contains(c));
        let line = if plain { old.to_owned() } else { line.to_string() };
        let message = format!(
            "{address} would be created, and {was}, which the spec does not declare, looks the \
             same; if it is to be renamed, write `renamed_from: {line}` under {address}"
        );
        out.note("rename-proposed", address, message);
    }
}

/// Notes which task attributes hold the old name of a renamed queue: tasks that have it already
/// match no filter that is made for the new name.
fn affected_tasks(cx: &Context<'_>, out: &mut Findings) {
    let renamed: BTreeMap<&str, &str> = cx
        .identity
        .queues
        .declared
        .iter()
        .filter_map(|(name, pair)| Some((pair.live()?.name.as_str(), name.as_str())))
        .filter(|(old, new)| old != new)
        .collect();
    if renamed.is_empty() {
        return;
    }
    let deleted: BTreeSet<String> = out
        .drafts
        .iter()
        .filter(|draft| draft.change.action == Action::Delete)
        .filter_map(|draft| draft.change.sid.clone())
        .collect();
    let workflows = cx.identity.workflows.addressed(Kind::Workflow);
    for (live, address) in workflows.filter(|(live, _)| !deleted.contains(&live.sid)) {
        let before = compared(&live.value, &renamed);
        let after = cx
            .desired
            .workflows
            .get(&address.name)
            .filter(|workflow| workflow.filters.is_some())
            .map_or_else(|| before.clone(), |workflow| compared(workflow, &renamed));
        for (old, paths) in before {
            let queue = Address::new(Kind::Queue, renamed[old.as_str()]);
            let kept = after.get(&old).cloned().unwrap_or_default();
            let lost: Vec<&str> = paths.difference(&kept).map(String::as_str).collect();
            if !lost.is_empty() {
                let message = format!(
                    "tasks whose {} is {old} no longer match the filter of {address} for {queue}",
                    lost.join(" or ")
                );
                out.note("tasks-affected", queue, message);
            } else if !paths.is_empty() {
                let message = format!(
                    "{address} still compares {} with {old}, the old name of {queue}",
                    Vec::from_iter(paths).join(" and ")
                );
                out.note("tasks-affected", queue, message);
            }
        }
    }
}

/// For each old name the task attributes that a workflow's filters compare with it.
fn compared(
    workflow: &Workflow,
    renamed: &BTreeMap<&str, &str>,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let expressions = workflow.filters.iter().flatten().filter_map(|f| f.expression.as_ref());
    for expression in expressions {
        let (tree, _) = expression.parse();
        for comparison in tree.comparisons() {
            if renamed.contains_key(comparison.literal) {
                found
                    .entry(comparison.literal.to_owned())
                    .or_default()
                    .insert(comparison.path.to_string());
            }
        }
    }
    found
}
