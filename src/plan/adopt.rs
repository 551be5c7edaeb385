//! Sids that somebody wrote into an expression by hand. The live side has names in their places,
//! so they get names here too; otherwise they would differ for ever.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::names::Names;
use crate::model::{
    Address, Expression, Filter, Kind, Live, Model, Part, Snapshot, Text, Workflow,
};

/// How long a sid is: two letters and 32 hexadecimal digits.
const SID: usize = 34;

/// The model with addresses for the live sids that stand in its expressions.
pub(super) fn adopt<'m>(desired: &'m Model, live: &Snapshot, names: &Names) -> Cow<'m, Model> {
    let queues = desired.queues.values().filter_map(|queue| queue.target_workers.as_ref());
    let workflows = desired.workflows.values().flat_map(Workflow::expressions);
    if !queues.chain(workflows).any(|expression| expression.text.parts().iter().any(holds_sid)) {
        return Cow::Borrowed(desired);
    }
    let known = known(live);
    let rename = |text: &Text| names.text(&name_sids(text, &known));
    let expression = |expression: &mut Option<Expression>| {
        if let Some(expression) = expression
            && expression.text.parts().iter().any(holds_sid)
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

/// The address of each live sid whose name no other object has.
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
    learn(&mut known, Kind::Worker, &live.workers);
    known
}

fn holds_sid(part: &Part) -> bool {
    matches!(part, Part::Str(text) if (0..text.len()).any(|at| sid_at(text, at).is_some()))
}

fn name_sids(text: &Text, known: &BTreeMap<&str, Address>) -> Text {
    let mut out = Text::default();
    for part in text.parts() {
        let Part::Str(plain) = part else {
            out.push(part.clone());
            continue;
        };
        let (mut from, mut at) = (0, 0);
        while at < plain.len() {
            match sid_at(plain, at).and_then(|sid| known.get(sid)) {
                Some(address) => {
                    out.push(Part::Str(plain[from..at].to_owned()));
                    out.push(Part::Sid(address.clone()));
                    at += SID;
                    from = at;
                }
                None => at += 1,
            }
        }
        out.push(Part::Str(plain[from..].to_owned()));
    }
    out
}

/// What has the shape of a sid at this byte, and is no part of a longer word.
fn sid_at(text: &str, at: usize) -> Option<&str> {
    let bytes = text.as_bytes();
    let word = |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let shape = |sid: &[u8]| {
        sid[..2].iter().all(u8::is_ascii_uppercase) && sid[2..].iter().all(u8::is_ascii_hexdigit)
    };
    let found = bytes.get(at..at + SID).is_some_and(shape);
    let alone = found && !word(at + SID) && !at.checked_sub(1).is_some_and(word);
    if alone { text.get(at..at + SID) } else { None }
}
