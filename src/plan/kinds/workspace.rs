//! The workspace. It is never created or deleted here.

use crate::model::{Address, Resource, Workspace};
use crate::plan::Stage;
use crate::plan::context::Context;
use crate::plan::draft::{Difference, Findings};
use crate::plan::fields::Fields;

/// The fields that name activities are a change of their own, after the activities.
pub(super) fn compare(cx: &Context<'_>, out: &mut Findings) {
    let raw = &cx.live.workspace.value;
    let live = cx.names.workspace(raw);
    let Workspace {
        sid: _,
        friendly_name,
        event_callback_url,
        events_filter,
        multi_task_enabled,
        prioritize_queue_order,
        default_activity,
        timeout_activity,
    } = &cx.desired.workspace;

    if *multi_task_enabled == Some(false) && live.multi_task_enabled == Some(true) {
        out.refuse(
            "one-way",
            Address::workspace(),
            "multitasking cannot be switched off again".to_owned(),
            "leave `multi_task_enabled` out, or write `multi_task_enabled: true`".to_owned(),
        );
    }
    let mut fields = Fields::of_live();
    let write = Workspace {
        sid: None,
        friendly_name: fields.owned(
            "friendly_name",
            friendly_name.as_ref(),
            Some(live.friendly_name.as_ref().unwrap_or(&cx.live.workspace.name)),
        ),
        event_callback_url: fields.owned(
            "event_callback_url",
            event_callback_url.as_ref(),
            live.event_callback_url.as_ref(),
        ),
        events_filter: fields.owned(
            "events_filter",
            events_filter.as_ref(),
            live.events_filter.as_ref(),
        ),
        multi_task_enabled: fields.owned(
            "multi_task_enabled",
            multi_task_enabled.as_ref(),
            live.multi_task_enabled.as_ref(),
        ),
        prioritize_queue_order: fields.owned(
            "prioritize_queue_order",
            prioritize_queue_order.as_ref(),
            live.prioritize_queue_order.as_ref(),
        ),
        default_activity: None,
        timeout_activity: None,
    };
    let sid = cx.live.workspace.sid.as_str();
    out.update(Difference {
        address: Address::workspace(),
        stage: Stage::Main,
        sid,
        name: "",
        fields,
        filters: Vec::new(),
        reasons: Vec::new(),
        write: Resource::Workspace(write),
    });

    let mut fields = Fields::of_live();
    let again = |raw: &Option<String>| raw.as_deref().is_some_and(|name| cx.is_replaced(name));
    let mut activity = |field, wanted: &Option<String>, live: Option<&String>, raw| {
        let differs = fields.owned(field, wanted.as_ref(), live);
        differs.or_else(|| if again(raw) { live.cloned() } else { None })
    };
    let write = Workspace {
        default_activity: activity(
            "default_activity",
            default_activity,
            live.default_activity.as_ref(),
            &raw.default_activity,
        ),
        timeout_activity: activity(
            "timeout_activity",
            timeout_activity,
            live.timeout_activity.as_ref(),
            &raw.timeout_activity,
        ),
        ..Workspace::default()
    };
    let draft = Difference {
        address: Address::workspace(),
        stage: Stage::References,
        sid,
        name: "",
        fields,
        filters: Vec::new(),
        reasons: cx.reasons(&Resource::Workspace(raw.clone())),
        write: Resource::Workspace(write),
    };
    out.update(draft);
}
