//! Task channels. The unique name is their identity and never changes.

use crate::model::{Address, Kind, Resource, TaskChannel};
use crate::plan::Stage;
use crate::plan::context::Context;
use crate::plan::draft::{Difference, Findings};
use crate::plan::fields::Fields;
use crate::plan::identity::Pair;

pub(super) fn compare(cx: &Context<'_>, out: &mut Findings) {
    for (name, channel) in &cx.desired.task_channels {
        let address = Address::new(Kind::TaskChannel, name);
        let pair = &cx.identity.task_channels.declared[name];
        let (mut fields, live) = match pair {
            Pair::Refused => continue,
            Pair::Absent => (Fields::of_new(), None),
            Pair::Live(live) => (Fields::of_live(), Some(*live)),
        };
        let none = TaskChannel::default();
        let value = live.map_or(&none, |live| &live.value);
        let TaskChannel { sid: _, friendly_name, channel_optimized_routing } = channel;
        // TaskRouter makes no channel without a friendly name.
        let needed = live.is_none().then_some(name);
        let write = TaskChannel {
            sid: None,
            friendly_name: fields.owned(
                "friendly_name",
                friendly_name.as_ref().or(needed),
                value.friendly_name.as_ref(),
            ),
            channel_optimized_routing: fields.owned(
                "channel_optimized_routing",
                channel_optimized_routing.as_ref(),
                value.channel_optimized_routing.as_ref(),
            ),
        };
        let write = Resource::TaskChannel(write);
        let Some(live) = live else {
            out.create(address, fields, write);
            continue;
        };
        if live.name != *name {
            out.refuse(
                "replace-not-allowed",
                address.clone(),
                format!(
                    "the unique name of a task channel is fixed when it is created; {} is named {}",
                    live.sid, live.name
                ),
                format!("declare it as {}, or leave `sid` out to create {name}", live.name),
            );
            continue;
        }
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
