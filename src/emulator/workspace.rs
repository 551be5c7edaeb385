//! Workspaces.

use serde::{Deserialize, Serialize};

use super::activity::Activity;
use super::body::{Answer, Links, List, Render, document};
use super::call::Call;
use super::collection::Collection;
use super::event::Happening;
use super::flex_configuration::FlexConfiguration;
use super::form::{Param, ParamKind, brief, friendly_name, optional, required};
use super::paging::LARGE;
use super::refusal::Refusal;
use super::seed;
use super::store::{Head, Record, Store};

/// At most in one account.
const MOST: usize = 5000;

const ORDERS: ParamKind = ParamKind::Choice(&["FIFO", "LIFO"]);

pub(super) const CREATE: &[Param] = &[
    required("FriendlyName", ParamKind::Text),
    optional("EventCallbackUrl", ParamKind::Url),
    optional("EventsFilter", ParamKind::Text),
    optional("MultiTaskEnabled", ParamKind::Boolean),
    optional("Template", ParamKind::Text),
    optional("PrioritizeQueueOrder", ORDERS),
];
pub(super) const UPDATE: &[Param] = &[
    optional("DefaultActivitySid", ParamKind::Sid("WA")),
    optional("EventCallbackUrl", ParamKind::Url),
    optional("EventsFilter", ParamKind::Text),
    optional("FriendlyName", ParamKind::Text),
    optional("MultiTaskEnabled", ParamKind::Boolean),
    optional("TimeoutActivitySid", ParamKind::Sid("WA")),
    optional("PrioritizeQueueOrder", ORDERS),
];
pub(super) const LIST: List =
    List { key: "workspaces", filters: &[optional("FriendlyName", ParamKind::Text)], limit: LARGE };

/// A workspace.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Workspace {
    pub(super) head: Head,
    pub(super) friendly_name: String,
    pub(super) default_activity_sid: String,
    pub(super) timeout_activity_sid: String,
    pub(super) event_callback_url: String,
    pub(super) events_filter: Option<String>,
    pub(super) multi_task_enabled: bool,
    pub(super) prioritize_queue_order: String,
}

impl Workspace {
    /// One with the vendor's defaults.
    pub(super) fn new(head: Head, friendly_name: String) -> Self {
        Self {
            head,
            friendly_name,
            default_activity_sid: String::new(),
            timeout_activity_sid: String::new(),
            event_callback_url: String::new(),
            events_filter: None,
            multi_task_enabled: true,
            prioritize_queue_order: "FIFO".to_owned(),
        }
    }
}

impl Record for Workspace {
    const TABLE: &'static str = "workspaces";
    const PREFIX: &'static str = "WS";

    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    /// One that is being furnished is not updated, and of one that is gone nobody can ask.
    fn tell(_: &Store, before: Option<&Self>, after: Option<&Self>) -> Vec<Happening> {
        let Some(row) = after else { return Vec::new() };
        let (event_type, done) = match before {
            None => ("workspace.created", "created"),
            Some(before) if before.default_activity_sid.is_empty() => return Vec::new(),
            Some(_) => ("workspace.updated", "updated"),
        };
        let description = format!("Workspace {} {done}", row.friendly_name);
        let event = Happening::new(&row.head, "workspace", event_type, description)
            .with("workspace_sid", row.head.sid.as_str())
            .with("workspace_name", row.friendly_name.as_str());
        vec![Happening { workspace: row.head.sid.clone(), ..event }]
    }

    fn name(&self) -> &str {
        &self.friendly_name
    }

    fn make_room(&self, store: &mut Store) {
        store.contents.entry(self.head.sid.clone()).or_default();
    }

    fn rows<'s>(store: &'s Store, _parent: &str) -> Option<&'s Collection<Self>> {
        Some(&store.workspaces)
    }

    fn rows_mut<'s>(store: &'s mut Store, _parent: &str) -> Option<&'s mut Collection<Self>> {
        Some(&mut store.workspaces)
    }
}

document! {
    /// A workspace as clients see it.
    WorkspaceDocument<'a> {
        account_sid: Option<&'a str>,
        date_created: Option<&'a str>,
        date_updated: Option<&'a str>,
        default_activity_name: Option<&'a str>,
        default_activity_sid: Option<&'a str>,
        event_callback_url: Option<&'a str>,
        events_filter: Option<&'a str>,
        friendly_name: Option<&'a str>,
        multi_task_enabled: Option<bool>,
        sid: Option<&'a str>,
        timeout_activity_name: Option<&'a str>,
        timeout_activity_sid: Option<&'a str>,
        prioritize_queue_order: &'a str,
        url: Option<String>,
        links: Option<Links>,
    }
}

impl Render for Workspace {
    type Document<'a> = WorkspaceDocument<'a>;

    fn document<'a>(&'a self, store: &'a Store, call: &Call<'_>) -> WorkspaceDocument<'a> {
        let activity = |sid: &str| store.get::<Activity>(&self.head.sid, sid);
        let default = activity(&self.default_activity_sid);
        let timeout = activity(&self.timeout_activity_sid);
        let url = workspace_url(&call.base, &self.head.sid);
        let links = Links::under(
            &url,
            &[
                ("activities", "Activities"),
                ("statistics", "Statistics"),
                ("real_time_statistics", "RealTimeStatistics"),
                ("cumulative_statistics", "CumulativeStatistics"),
                ("task_queues", "TaskQueues"),
                ("tasks", "Tasks"),
                ("workers", "Workers"),
                ("workflows", "Workflows"),
                ("task_channels", "TaskChannels"),
                ("events", "Events"),
            ],
        );
        WorkspaceDocument {
            account_sid: Some(&store.account_sid),
            date_created: Some(&self.head.date_created),
            date_updated: Some(&self.head.date_updated),
            default_activity_name: default.map(Record::name),
            default_activity_sid: default.map(|found| found.head.sid.as_str()),
            event_callback_url: Some(&self.event_callback_url),
            events_filter: self.events_filter.as_deref(),
            friendly_name: Some(&self.friendly_name),
            multi_task_enabled: Some(self.multi_task_enabled),
            sid: Some(&self.head.sid),
            timeout_activity_name: timeout.map(Record::name),
            timeout_activity_sid: timeout.map(|found| found.head.sid.as_str()),
            prioritize_queue_order: &self.prioritize_queue_order,
            url: Some(url),
            links: Some(links),
        }
    }
}

/// The address of a workspace.
pub(super) fn workspace_url(base: &str, sid: &str) -> String {
    format!("{base}/v1/Workspaces/{sid}")
}

pub(super) fn list(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let name = call.query.text("FriendlyName");
    Answer::list(store, call, &store.workspaces, &LIST, |row| {
        name.is_none_or(|name| row.friendly_name == name)
    })
}

pub(super) fn fetch(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::ok(store, call, store.find::<Workspace>(call, "", call.param(0))?))
}

pub(super) fn create(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let name = friendly_name(call.form.text("FriendlyName").unwrap_or_default())?;
    let template = match call.form.text("Template").unwrap_or("NONE") {
        "" | "NONE" | "EMPTY" => seed::Template::None,
        "FIFO" => seed::Template::Fifo,
        other => {
            let message = format!("Invalid Template: '{}' is not NONE or FIFO", brief(other));
            return Err(Refusal::invalid(message));
        }
    };
    if store.workspaces.len() >= MOST {
        return Err(Refusal::invalid(format!("A Project can have at most {MOST} Workspaces")));
    }
    let head = store.head::<Workspace>("");
    let sid = head.sid.clone();
    let mut workspace = Workspace::new(head, name);
    workspace.multi_task_enabled = call.form.boolean("MultiTaskEnabled").unwrap_or(true);
    copy_texts(&mut workspace, call);
    seed::furnish(store, workspace, template);
    let workspace = store.find::<Workspace>(call, "", &sid)?;
    Ok(Answer::created(store, call, workspace))
}

pub(super) fn update(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let mut workspace = store.find::<Workspace>(call, "", call.param(0))?.clone();
    if let Some(name) = call.form.text("FriendlyName") {
        workspace.friendly_name = friendly_name(name)?;
    }
    if let Some(enabled) = call.form.boolean("MultiTaskEnabled") {
        if workspace.multi_task_enabled && !enabled {
            let message = "A multi-tasking Workspace cannot be updated to single-tasking";
            return Err(Refusal::invalid(message));
        }
        workspace.multi_task_enabled = enabled;
    }
    for (param, field) in [
        ("DefaultActivitySid", &mut workspace.default_activity_sid),
        ("TimeoutActivitySid", &mut workspace.timeout_activity_sid),
    ] {
        if let Some(sid) = call.form.text(param) {
            if store.get::<Activity>(call.param(0), sid).is_none() {
                let message = format!("{param} '{sid}' is not an Activity of the Workspace");
                return Err(Refusal::invalid(message));
            }
            sid.clone_into(field);
        }
    }
    copy_texts(&mut workspace, call);
    store.update(workspace);
    fetch(store, call)
}

/// Takes everything in the workspace along. Flex's own stays.
pub(super) fn delete(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let sid = call.param(0);
    let name = &store.find::<Workspace>(call, "", sid)?.friendly_name;
    if FlexConfiguration::of(store).is_some_and(|flex| flex.names(sid)) {
        let message = format!("Cannot delete Workspace {sid} ({name}) because Flex uses it");
        return Err(Refusal::invalid(message));
    }
    store.remove_contents(sid);
    store.remove::<Workspace>("", sid);
    Ok(Answer::deleted())
}

fn copy_texts(workspace: &mut Workspace, call: &Call<'_>) {
    if let Some(url) = call.form.text("EventCallbackUrl") {
        url.clone_into(&mut workspace.event_callback_url);
    }
    if let Some(filter) = call.form.text("EventsFilter") {
        workspace.events_filter = Some(filter.to_owned()).filter(|filter| !filter.is_empty());
    }
    if let Some(order) = call.form.text("PrioritizeQueueOrder") {
        order.clone_into(&mut workspace.prioritize_queue_order);
    }
}
