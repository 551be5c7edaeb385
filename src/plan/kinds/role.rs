//! Conversations roles. The API knows the whole set of permissions only.

use std::collections::BTreeSet;

use crate::model::{Address, Kind, PermissionSet, Resource, Role};
use crate::plan::Stage;
use crate::plan::context::Context;
use crate::plan::draft::{Difference, Findings};
use crate::plan::fields::Fields;
use crate::plan::identity::{Pair, role_key};

pub(super) fn compare(cx: &Context<'_>, out: &mut Findings) {
    for ((role_type, name), role) in &cx.desired.roles {
        let key = role_key(*role_type, name);
        let address = Address::new(Kind::Role, key.clone());
        let live = match &cx.identity.roles.declared[&key] {
            Pair::Refused => continue,
            Pair::Absent => None,
            Pair::Live(live) => Some(*live),
        };
        let Role { permissions } = role;
        let now = live.map(|live| {
            let (_, Role { permissions }) = &live.value;
            set(permissions).clone()
        });
        let wanted = match permissions {
            PermissionSet::Exactly(wanted) => wanted.clone(),
            PermissionSet::Include(wanted) => {
                wanted.iter().chain(now.iter().flatten()).cloned().collect()
            }
        };
        let mut fields = if live.is_some() { Fields::of_live() } else { Fields::of_new() };
        fields.owned("permissions", Some(&wanted), now.as_ref());
        let write = Resource::Role(Role { permissions: PermissionSet::Exactly(wanted) });
        let Some(live) = live else {
            out.create(address, fields, write);
            continue;
        };
        let changed = out.update(Difference {
            address,
            stage: Stage::Main,
            sid: &live.sid,
            name: "",
            fields,
            filters: Vec::new(),
            reasons: Vec::new(),
            write,
        });
        out.unchanged += usize::from(!changed);
    }
}

fn set(permissions: &PermissionSet) -> &BTreeSet<String> {
    let (PermissionSet::Include(set) | PermissionSet::Exactly(set)) = permissions;
    set
}
