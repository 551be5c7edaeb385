//! Workflows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::body::{Answer, Links, List, Render, document};
use super::call::Call;
use super::collection::Collection;
use super::dispatch::ReEvaluate;
use super::event::Happening;
use super::form::{Param, ParamKind, friendly_name, optional, required, within};
use super::options::RepeatedNames;
use super::paging::LARGE;
use super::refusal::Refusal;
use super::store::{Head, Record, Store};
use super::workflow_configuration as configuration;
use super::workspace::workspace_url;

/// At most in one workspace.
const MOST: usize = 1000;

pub(super) const CREATE: &[Param] = &[
    required("FriendlyName", ParamKind::Text),
    required("Configuration", ParamKind::Text),
    optional("AssignmentCallbackUrl", ParamKind::Url),
    optional("FallbackAssignmentCallbackUrl", ParamKind::Url),
    optional("TaskReservationTimeout", ParamKind::Integer),
];
pub(super) const UPDATE: &[Param] = &[
    optional("FriendlyName", ParamKind::Text),
    optional("AssignmentCallbackUrl", ParamKind::Url),
    optional("FallbackAssignmentCallbackUrl", ParamKind::Url),
    optional("Configuration", ParamKind::Text),
    optional("TaskReservationTimeout", ParamKind::Integer),
    optional("ReEvaluateTasks", ParamKind::Text),
];
pub(super) const LIST: List =
    List { key: "workflows", filters: &[optional("FriendlyName", ParamKind::Text)], limit: LARGE };

/// How tasks find a queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Workflow {
    pub(super) head: Head,
    pub(super) friendly_name: String,
    /// As it was sent, to the byte.
    pub(super) configuration: String,
    pub(super) assignment_callback_url: Option<String>,
    pub(super) fallback_assignment_callback_url: Option<String>,
    /// Seconds.
    pub(super) task_reservation_timeout: u32,
    /// The sids of the queues that the configuration names.
    #[serde(skip)]
    pub(super) queues: BTreeSet<String>,
}

impl Workflow {
    /// One with the vendor's defaults.
    pub(super) fn new(head: Head, friendly_name: String, configuration: String) -> Self {
        Self {
            head,
            friendly_name,
            configuration,
            assignment_callback_url: None,
            fallback_assignment_callback_url: None,
            task_reservation_timeout: 120,
            queues: BTreeSet::new(),
        }
    }
}

impl Record for Workflow {
    const TABLE: &'static str = "workflows";
    const PREFIX: &'static str = "WW";

    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn tell(_: &Store, before: Option<&Self>, after: Option<&Self>) -> Vec<Happening> {
        let Some(row) = after.or(before) else { return Vec::new() };
        let (event_type, done) = match (before, after) {
            (None, _) => ("workflow.created", "created"),
            (_, None) => ("workflow.deleted", "deleted"),
            _ => ("workflow.updated", "updated"),
        };
        let description = format!("Workflow {} {done}", row.friendly_name);
        let event = Happening::new(&row.head, "workflow", event_type, description)
            .with("workflow_sid", row.head.sid.as_str())
            .with("workflow_name", row.friendly_name.as_str());
        vec![event]
    }

    fn name(&self) -> &str {
        &self.friendly_name
    }

    fn derive(&mut self) {
        self.queues = configuration::queues(&self.configuration);
    }

    fn rows<'s>(store: &'s Store, parent: &str) -> Option<&'s Collection<Self>> {
        store.contents.get(parent).map(|contents| &contents.workflows)
    }

    fn rows_mut<'s>(store: &'s mut Store, parent: &str) -> Option<&'s mut Collection<Self>> {
        store.contents.get_mut(parent).map(|contents| &mut contents.workflows)
    }
}

document! {
    /// A workflow as clients see it.
    WorkflowDocument<'a> {
        account_sid: Option<&'a str>,
        assignment_callback_url: Option<&'a str>,
        configuration: Option<&'a str>,
        date_created: Option<&'a str>,
        date_updated: Option<&'a str>,
        document_content_type: Option<&'a str>,
        fallback_assignment_callback_url: Option<&'a str>,
        friendly_name: Option<&'a str>,
        sid: Option<&'a str>,
        task_reservation_timeout: u32,
        workspace_sid: Option<&'a str>,
        url: Option<String>,
        links: Option<Links>,
    }
}

impl Render for Workflow {
    type Document<'a> = WorkflowDocument<'a>;

    fn document<'a>(&'a self, store: &'a Store, call: &Call<'_>) -> WorkflowDocument<'a> {
        let workspace = workspace_url(&call.base, &self.head.parent);
        let url = format!("{workspace}/Workflows/{}", self.head.sid);
        let links = Links::under(
            &url,
            &[
                ("statistics", "Statistics"),
                ("real_time_statistics", "RealTimeStatistics"),
                ("cumulative_statistics", "CumulativeStatistics"),
            ],
        );
        WorkflowDocument {
            account_sid: Some(&store.account_sid),
            assignment_callback_url: self.assignment_callback_url.as_deref(),
            configuration: Some(&self.configuration),
            date_created: Some(&self.head.date_created),
            date_updated: Some(&self.head.date_updated),
            document_content_type: None,
            fallback_assignment_callback_url: self.fallback_assignment_callback_url.as_deref(),
            friendly_name: Some(&self.friendly_name),
            sid: Some(&self.head.sid),
            task_reservation_timeout: self.task_reservation_timeout,
            workspace_sid: Some(&self.head.parent),
            url: Some(url),
            links: Some(links),
        }
    }
}

pub(super) fn list(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let rows = store.rows::<Workflow>(call, call.param(0))?;
    let name = call.query.text("FriendlyName");
    Answer::list(store, call, rows, &LIST, |row| name.is_none_or(|name| row.friendly_name == name))
}

pub(super) fn fetch(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let workflow = store.find::<Workflow>(call, call.param(0), call.param(1))?;
    Ok(Answer::ok(store, call, workflow))
}

pub(super) fn create(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let workspace = call.param(0);
    let rows = store.rows::<Workflow>(call, workspace)?;
    let name = friendly_name(call.form.text("FriendlyName").unwrap_or_default())?;
    if rows.len() >= MOST {
        return Err(Refusal::invalid(format!("A Workspace can have at most {MOST} Workflows")));
    }
    unused(store, rows, &name, None)?;
    let head = store.head::<Workflow>(workspace);
    let mut workflow = Workflow::new(head, name, String::new());
    fill(store, call, &mut workflow)?;
    store.put(workflow.clone());
    Ok(Answer::created(store, call, &workflow))
}

pub(super) fn update(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (workspace, sid) = (call.param(0), call.param(1));
    let mut workflow = store.find::<Workflow>(call, workspace, sid)?.clone();
    if let Some(name) = call.form.text("FriendlyName") {
        workflow.friendly_name = friendly_name(name)?;
        unused(store, store.rows(call, workspace)?, name, Some(sid))?;
    }
    let before = workflow.configuration.clone();
    fill(store, call, &mut workflow)?;
    store.update(workflow.clone());
    let re_evaluate = match call.form.boolean("ReEvaluateTasks") {
        Some(true) => ReEvaluate::Yes,
        Some(false) | None => ReEvaluate::No,
    };
    store.revise(&workflow, &before, re_evaluate);
    fetch(store, call)
}

pub(super) fn delete(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (workspace, sid) = (call.param(0), call.param(1));
    let name = &store.find::<Workflow>(call, workspace, sid)?.friendly_name;
    let tasks = store.contents(call, workspace)?.tasks.named(sid);
    let held = tasks.filter(|task| task.status.is_routed()).count();
    if held > 0 {
        return Err(Refusal::invalid(format!(
            "Cannot delete Workflow {sid} ({name}) because {held} Tasks are still processing \
             against it"
        )));
    }
    store.remove::<Workflow>(workspace, sid);
    Ok(Answer::deleted())
}

/// Takes over everything but the name.
fn fill(store: &Store, call: &Call<'_>, workflow: &mut Workflow) -> Result<(), Refusal> {
    if let Some(text) = call.form.text("Configuration") {
        let contents = store.contents(call, &workflow.head.parent)?;
        configuration::check(text, |sid| contents.task_queues.get(sid).is_some())?;
        text.clone_into(&mut workflow.configuration);
    }
    for (param, field) in [
        ("AssignmentCallbackUrl", &mut workflow.assignment_callback_url),
        ("FallbackAssignmentCallbackUrl", &mut workflow.fallback_assignment_callback_url),
    ] {
        if let Some(url) = call.form.text(param) {
            *field = Some(url.to_owned()).filter(|url| !url.is_empty());
        }
    }
    if let Some(seconds) = within(&call.form, "TaskReservationTimeout", 1, 86400)? {
        workflow.task_reservation_timeout = seconds;
    }
    Ok(())
}

fn unused(
    store: &Store,
    rows: &Collection<Workflow>,
    name: &str,
    own: Option<&str>,
) -> Result<(), Refusal> {
    let taken = rows.named(name).any(|row| row.name() == name && Some(&*row.head.sid) != own);
    if taken && store.repeated_names == RepeatedNames::Refused {
        return Err(Refusal::invalid("Workflow with the same friendly name already exists"));
    }
    Ok(())
}
