//! Task channels. They are addressed by sid or by unique name.

use serde::{Deserialize, Serialize};

use super::body::{Answer, Links, List, Render, document};
use super::call::Call;
use super::collection::Collection;
use super::event::Happening;
use super::form::{Param, ParamKind, brief, friendly_name, optional, required};
use super::paging::LARGE;
use super::refusal::Refusal;
use super::store::{Head, Record, Store};
use super::workspace::workspace_url;

/// At most in one workspace, the built-in ones included.
const MOST: usize = 15;

/// Those that cannot be deleted: tasks without a channel and calls need them.
const FIXED: [&str; 2] = ["default", "voice"];

pub(super) const CREATE: &[Param] = &[
    required("FriendlyName", ParamKind::Text),
    required("UniqueName", ParamKind::Text),
    optional("ChannelOptimizedRouting", ParamKind::Boolean),
];
pub(super) const UPDATE: &[Param] = &[
    optional("FriendlyName", ParamKind::Text),
    optional("ChannelOptimizedRouting", ParamKind::Boolean),
];
pub(super) const LIST: List = List { key: "channels", filters: &[], limit: LARGE };

/// A kind of work.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct TaskChannel {
    pub(super) head: Head,
    pub(super) friendly_name: String,
    pub(super) unique_name: String,
    pub(super) channel_optimized_routing: bool,
}

impl Record for TaskChannel {
    const TABLE: &'static str = "task_channels";
    const PREFIX: &'static str = "TC";
    const MOVES_TASKS: bool = true;

    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn tell(_: &Store, before: Option<&Self>, after: Option<&Self>) -> Vec<Happening> {
        let Some(row) = after.or(before) else { return Vec::new() };
        let (event_type, done) = match (before, after) {
            (None, _) => ("task-channel.created", "created"),
            (_, None) => ("task-channel.deleted", "deleted"),
            _ => ("task-channel.updated", "updated"),
        };
        let description = format!("TaskChannel {} {done}", row.unique_name);
        let event = Happening::new(&row.head, "task-channel", event_type, description)
            .with("task_channel_sid", row.head.sid.as_str())
            .with("task_channel_unique_name", row.unique_name.as_str());
        vec![event]
    }

    fn name(&self) -> &str {
        &self.unique_name
    }

    fn rows<'s>(store: &'s Store, parent: &str) -> Option<&'s Collection<Self>> {
        store.contents.get(parent).map(|contents| &contents.task_channels)
    }

    fn rows_mut<'s>(store: &'s mut Store, parent: &str) -> Option<&'s mut Collection<Self>> {
        store.contents.get_mut(parent).map(|contents| &mut contents.task_channels)
    }
}

document! {
    /// A task channel as clients see it.
    TaskChannelDocument<'a> {
        account_sid: Option<&'a str>,
        date_created: Option<&'a str>,
        date_updated: Option<&'a str>,
        friendly_name: Option<&'a str>,
        sid: Option<&'a str>,
        unique_name: Option<&'a str>,
        workspace_sid: Option<&'a str>,
        channel_optimized_routing: Option<bool>,
        url: Option<String>,
        links: Option<Links>,
    }
}

impl Render for TaskChannel {
    type Document<'a> = TaskChannelDocument<'a>;

    fn document<'a>(&'a self, store: &'a Store, call: &Call<'_>) -> TaskChannelDocument<'a> {
        let workspace = workspace_url(&call.base, &self.head.parent);
        TaskChannelDocument {
            account_sid: Some(&store.account_sid),
            date_created: Some(&self.head.date_created),
            date_updated: Some(&self.head.date_updated),
            friendly_name: Some(&self.friendly_name),
            sid: Some(&self.head.sid),
            unique_name: Some(&self.unique_name),
            workspace_sid: Some(&self.head.parent),
            channel_optimized_routing: Some(self.channel_optimized_routing),
            url: Some(format!("{workspace}/TaskChannels/{}", self.head.sid)),
            links: Some(Links::default().with("workspace", Some(workspace))),
        }
    }
}

pub(super) fn list(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let rows = store.rows::<TaskChannel>(call, call.param(0))?;
    Answer::list(store, call, rows, &LIST, |_| true)
}

pub(super) fn fetch(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::ok(store, call, find(store, call)?))
}

pub(super) fn create(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let workspace = call.param(0);
    let rows = store.rows::<TaskChannel>(call, workspace)?;
    let friendly_name = friendly_name(call.form.text("FriendlyName").unwrap_or_default())?;
    let unique_name = unique_name(call.form.text("UniqueName").unwrap_or_default())?;
    if rows.len() >= MOST {
        return Err(Refusal::invalid(format!("A Workspace can have at most {MOST} TaskChannels")));
    }
    if rows.named(&unique_name).next().is_some() {
        return Err(Refusal::invalid("TaskChannel with the same unique name already exists"));
    }
    let channel_optimized_routing = call.form.boolean("ChannelOptimizedRouting").unwrap_or(false);
    let head = store.head::<TaskChannel>(workspace);
    let channel = TaskChannel { head, friendly_name, unique_name, channel_optimized_routing };
    store.put(channel.clone());
    Ok(Answer::created(store, call, &channel))
}

/// `UniqueName` cannot be changed; sending it is no mistake and has no effect.
pub(super) fn update(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let mut channel = find(store, call)?.clone();
    if let Some(name) = call.form.text("FriendlyName") {
        channel.friendly_name = friendly_name(name)?;
    }
    if let Some(value) = call.form.boolean("ChannelOptimizedRouting") {
        channel.channel_optimized_routing = value;
    }
    store.update(channel);
    fetch(store, call)
}

pub(super) fn delete(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let channel = find(store, call)?;
    let (sid, name) = (channel.head.sid.clone(), &channel.unique_name);
    if FIXED.contains(&name.as_str()) {
        let message = format!("Cannot delete TaskChannel {sid} because {name} is built in");
        return Err(Refusal::invalid(message));
    }
    let contents = store.contents(call, call.param(0))?;
    let open = contents.tasks.iter().filter(|task| !task.status.has_ended());
    let held = open.filter(|task| task.task_channel_sid == sid).count();
    if held > 0 {
        return Err(Refusal::invalid(format!(
            "Cannot delete TaskChannel {sid} ({name}) because {held} Tasks are on it"
        )));
    }
    store.remove::<TaskChannel>(call.param(0), &sid);
    Ok(Answer::deleted())
}

fn find<'s>(store: &'s Store, call: &Call<'_>) -> Result<&'s TaskChannel, Refusal> {
    let rows = store.rows::<TaskChannel>(call, call.param(0))?;
    by_sid_or_name(rows, call.param(1)).ok_or_else(|| call.not_found())
}

/// The channel with this sid or unique name.
pub(super) fn by_sid_or_name<'s>(
    rows: &'s Collection<TaskChannel>,
    key: &str,
) -> Option<&'s TaskChannel> {
    rows.get(key).or_else(|| rows.named(key).find(|row| row.unique_name == key))
}

/// Letters, digits, `_`, `$` and `-`, not beginning with a digit; at most 64 characters.
fn unique_name(name: &str) -> Result<String, Refusal> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '-');
    let starts = name.chars().next().is_some_and(|first| !first.is_ascii_digit());
    if starts && name.chars().all(good) && name.chars().count() <= 64 {
        return Ok(name.to_owned());
    }
    let name = brief(name);
    Err(Refusal::invalid(format!(
        "Invalid UniqueName '{name}': use letters, digits, _ and $, and do not start with a digit"
    )))
}
