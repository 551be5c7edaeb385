//! Activities.

use serde::{Deserialize, Serialize};

use super::body::{Answer, Links, List, Render, document};
use super::call::Call;
use super::collection::Collection;
use super::event::Happening;
use super::form::{Param, ParamKind, friendly_name, is_true, optional, required};
use super::options::RepeatedNames;
use super::paging::LARGE;
use super::refusal::Refusal;
use super::store::{Head, Record, Store};
use super::workspace::{Workspace, workspace_url};

/// At most in one workspace.
const MOST: usize = 100;

pub(super) const CREATE: &[Param] =
    &[required("FriendlyName", ParamKind::Text), optional("Available", ParamKind::Boolean)];
pub(super) const UPDATE: &[Param] = &[optional("FriendlyName", ParamKind::Text)];
pub(super) const LIST: List = List {
    key: "activities",
    filters: &[optional("FriendlyName", ParamKind::Text), optional("Available", ParamKind::Text)],
    limit: LARGE,
};

/// A state that workers are in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Activity {
    pub(super) head: Head,
    pub(super) friendly_name: String,
    pub(super) available: bool,
}

impl Record for Activity {
    const TABLE: &'static str = "activities";
    const PREFIX: &'static str = "WA";

    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn tell(_: &Store, before: Option<&Self>, after: Option<&Self>) -> Vec<Happening> {
        let Some(row) = after.or(before) else { return Vec::new() };
        let (event_type, done) = match (before, after) {
            (None, _) => ("activity.created", "created"),
            (_, None) => ("activity.deleted", "deleted"),
            _ => ("activity.updated", "updated"),
        };
        let description = format!("Activity {} {done}", row.friendly_name);
        let event = Happening::new(&row.head, "activity", event_type, description)
            .with("activity_sid", row.head.sid.as_str())
            .with("activity_name", row.friendly_name.as_str());
        vec![event]
    }

    fn name(&self) -> &str {
        &self.friendly_name
    }

    fn rows<'s>(store: &'s Store, parent: &str) -> Option<&'s Collection<Self>> {
        store.contents.get(parent).map(|contents| &contents.activities)
    }

    fn rows_mut<'s>(store: &'s mut Store, parent: &str) -> Option<&'s mut Collection<Self>> {
        store.contents.get_mut(parent).map(|contents| &mut contents.activities)
    }
}

document! {
    /// An activity as clients see it.
    ActivityDocument<'a> {
        account_sid: Option<&'a str>,
        available: Option<bool>,
        date_created: Option<&'a str>,
        date_updated: Option<&'a str>,
        friendly_name: Option<&'a str>,
        sid: Option<&'a str>,
        workspace_sid: Option<&'a str>,
        url: Option<String>,
        links: Option<Links>,
    }
}

impl Render for Activity {
    type Document<'a> = ActivityDocument<'a>;

    fn document<'a>(&'a self, store: &'a Store, call: &Call<'_>) -> ActivityDocument<'a> {
        let workspace = workspace_url(&call.base, &self.head.parent);
        ActivityDocument {
            account_sid: Some(&store.account_sid),
            available: Some(self.available),
            date_created: Some(&self.head.date_created),
            date_updated: Some(&self.head.date_updated),
            friendly_name: Some(&self.friendly_name),
            sid: Some(&self.head.sid),
            workspace_sid: Some(&self.head.parent),
            url: Some(format!("{workspace}/Activities/{}", self.head.sid)),
            links: Some(Links::default().with("workspace", Some(workspace))),
        }
    }
}

pub(super) fn list(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let rows = store.rows::<Activity>(call, call.param(0))?;
    let name = call.query.text("FriendlyName");
    let available = call.query.text("Available").map(is_true);
    Answer::list(store, call, rows, &LIST, |row| {
        name.is_none_or(|name| row.friendly_name == name)
            && available.is_none_or(|available| row.available == available)
    })
}

pub(super) fn fetch(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let activity = store.find::<Activity>(call, call.param(0), call.param(1))?;
    Ok(Answer::ok(store, call, activity))
}

pub(super) fn create(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let workspace = call.param(0);
    let rows = store.rows::<Activity>(call, workspace)?;
    let name = friendly_name(call.form.text("FriendlyName").unwrap_or_default())?;
    if rows.len() >= MOST {
        return Err(Refusal::invalid(format!("A Workspace can have at most {MOST} Activities")));
    }
    unused(store, rows, &name, None)?;
    let available = call.form.boolean("Available").unwrap_or(false);
    let head = store.head::<Activity>(workspace);
    let activity = Activity { head, friendly_name: name, available };
    store.put(activity.clone());
    Ok(Answer::created(store, call, &activity))
}

/// `Available` cannot be changed; sending it is no mistake and has no effect.
pub(super) fn update(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (workspace, sid) = (call.param(0), call.param(1));
    let mut activity = store.find::<Activity>(call, workspace, sid)?.clone();
    if let Some(name) = call.form.text("FriendlyName") {
        activity.friendly_name = friendly_name(name)?;
        unused(store, store.rows(call, workspace)?, name, Some(sid))?;
    }
    store.update(activity);
    fetch(store, call)
}

pub(super) fn delete(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (workspace, sid) = (call.param(0), call.param(1));
    let activity = store.find::<Activity>(call, workspace, sid)?;
    let contents = store.contents(call, workspace)?;
    let refuse = |reason: String| {
        let name = &activity.friendly_name;
        let message = format!("Cannot delete Activity {sid} ({name}) because {reason}");
        Err(Refusal::invalid(message))
    };
    if let Some(owner) = store.get::<Workspace>("", workspace) {
        if owner.default_activity_sid == sid {
            return refuse("it is the default Activity of the Workspace".to_owned());
        }
        if owner.timeout_activity_sid == sid {
            return refuse("it is the timeout Activity of the Workspace".to_owned());
        }
    }
    let queue = contents.task_queues.iter().find(|queue| {
        [&queue.reservation_activity_sid, &queue.assignment_activity_sid]
            .into_iter()
            .any(|used| used.as_deref() == Some(sid))
    });
    if let Some(queue) = queue {
        let (queue_sid, name) = (&queue.head.sid, &queue.friendly_name);
        return refuse(format!("TaskQueue {queue_sid} ({name}) uses it"));
    }
    if let Some(worker) = contents.workers.iter().find(|worker| worker.activity_sid == sid) {
        let (worker_sid, name) = (&worker.head.sid, &worker.friendly_name);
        return refuse(format!("Worker {worker_sid} ({name}) is in it"));
    }
    store.remove::<Activity>(workspace, sid);
    Ok(Answer::deleted())
}

fn unused(
    store: &Store,
    rows: &Collection<Activity>,
    name: &str,
    own: Option<&str>,
) -> Result<(), Refusal> {
    let taken = rows.named(name).any(|row| row.name() == name && Some(&*row.head.sid) != own);
    if taken && store.repeated_names == RepeatedNames::Refused {
        return Err(Refusal::invalid("Activity with the same friendly name already exists"));
    }
    Ok(())
}
