//! Activities. `available` is fixed at creation, so another value means another object.

use std::collections::BTreeSet;

use crate::model::{Activity, Address, Kind, Live, Resource};
use crate::plan::context::Context;
use crate::plan::draft::{Difference, Findings};
use crate::plan::fields::Fields;
use crate::plan::identity::Pair;
use crate::plan::{Action, Change, Stage};

pub(super) fn compare(cx: &Context<'_>, out: &mut Findings) {
    for (name, activity) in &cx.desired.activities {
        let address = Address::new(Kind::Activity, name);
        let Activity { sid: _, renamed_from: _, available } = activity;
        match &cx.identity.activities.declared[name] {
            Pair::Refused => {}
            Pair::Absent => {
                let mut fields = Fields::of_new();
                let write = Activity {
                    available: fields.owned("available", available.as_ref(), None),
                    ..Activity::default()
                };
                out.create(address, fields, Resource::Activity(write));
            }
            Pair::Live(live) => {
                let mut fields = Fields::of_live();
                fields.owned("available", available.as_ref(), live.value.available.as_ref());
                if !fields.is_empty() {
                    replace(cx, out, address, activity, live, fields);
                    continue;
                }
                let changed = out.update(Difference {
                    address,
                    stage: Stage::Main,
                    sid: &live.sid,
                    name: &live.name,
                    fields,
                    filters: Vec::new(),
                    reasons: Vec::new(),
                    write: Resource::Activity(Activity::default()),
                });
                out.unchanged += usize::from(!changed);
            }
        }
    }
    for (live, successor) in &cx.remains {
        let address = Address::new(Kind::Activity, live.name.clone());
        if let Some(why) = cx.protection(&address) {
            out.note("protected", address.clone(), format!("{address} is left alone: {why}"));
            continue;
        }
        let reason = format!("{successor} has taken its place in an earlier run");
        out.delete(address, Stage::Cleanup, &live.sid, Some(reason), BTreeSet::new());
    }
}

fn replace(
    cx: &Context<'_>,
    out: &mut Findings,
    address: Address,
    activity: &Activity,
    live: &Live<Activity>,
    fields: Fields,
) {
    let was = live.value.available.unwrap_or_default();
    if let Some(why) = cx.protection(&address) {
        out.refuse(
            "protected",
            address.clone(),
            format!(
                "`available` is fixed when an activity is created, and {address} may not be \
                 replaced: {why}"
            ),
            format!("write `available: {was}`, or declare an activity with another name"),
        );
    } else if !cx.may_replace(&address) {
        out.refuse(
            "replace-not-allowed",
            address.clone(),
            format!(
                "`available` is fixed when an activity is created, so {address} would be \
                 replaced by a new activity with a new sid"
            ),
            format!("allow it with `--allow-replace {address}`, or write `available: {was}`"),
        );
    }
    let write = Activity { available: activity.available, ..Activity::default() };
    out.push(Change {
        action: Action::Replace,
        stage: Stage::Main,
        sid: Some(live.sid.clone()),
        renamed_from: (live.name != address.name).then(|| live.name.clone()),
        fields: fields.changes,
        filters: Vec::new(),
        reasons: vec!["`available` is fixed at creation".to_owned()],
        write: Some(Resource::Activity(write)),
        after: Vec::new(),
        address: address.clone(),
    });
    let reason = format!("a new {address} has taken its place");
    out.delete(address, Stage::Cleanup, &live.sid, Some(reason), BTreeSet::new());
}
