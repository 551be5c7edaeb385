//! Sids that somebody wrote into an expression by hand. The live side has names in their places,
//! so they get names here too; otherwise they would differ for ever.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::names::Names;
use crate::model::{Address, Expression, Filter, Kind, Live, Model, Snapshot, Text, Workflow};

/// The model with addresses for the live sids that stand in its expressions.
pub(super) fn adopt<'m>(desired: &'m Model, live: &Snapshot, names: &Names) -> Cow<'m, Model> {
    let queues = desired.queues.values().filter_map(|queue| queue.target_workers.as_ref());
    let workflows = desired.workflows.values().flat_map(Workflow::expressions);
    if !queues.chain(workflows).any(|expression| expression.text.holds_sid()) {
        return Cow::Borrowed(desired);
    }
    let known = known(live);
    let rename = |text: &Text| names.text(&text.with_sids_named(&|sid| known.get(sid).cloned()));
    let expression = |expression: &mut Option<Expression>| {
        if let Some(expression) = expression
            && expression.text.holds_sid()
        {
            expression.text = rename(&expression.text);
        }
    };
    let mut desired = desired.clone();
    for queue in desired.queues.values_mut() {
        expression(&mut queue.target_workers);
    }
    for workflow in desired.workflows.values_mut() {
        let filters = workflow.filters.iter_mut().flatten();
        let targets = filters.flat_map(|filter| {
            let Filter { expression: own, targets, .. } = filter;
            expression(own);
            targets
        });
        let default = workflow.default_filter.iter_mut().flatten();
        for target in targets.chain(default) {
            expression(&mut target.expression);
            expression(&mut target.skip_if);
        }
    }
    Cow::Owned(desired)
}

/// The address of each live sid whose name no other object has. Workers are not among them: their
/// sids stay in what is read live.
fn known(live: &Snapshot) -> BTreeMap<&str, Address> {
    fn learn<'a, T>(known: &mut BTreeMap<&'a str, Address>, kind: Kind, list: &'a [Live<T>]) {
        let mut holders: BTreeMap<&str, usize> = BTreeMap::new();
        for live in list {
            *holders.entry(&live.name).or_default() += 1;
        }
        let unique = list.iter().filter(|live| holders[live.name.as_str()] == 1);
        known.extend(unique.map(|l| (l.sid.as_str(), Address::new(kind, l.name.clone()))));
    }
    let mut known = BTreeMap::new();
    learn(&mut known, Kind::Activity, &live.activities);
    learn(&mut known, Kind::TaskChannel, &live.task_channels);
    learn(&mut known, Kind::Queue, &live.queues);
    learn(&mut known, Kind::Workflow, &live.workflows);
    known
}
