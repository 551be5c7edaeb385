//! What happened in a workspace, and who did it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::auth::Actor;
use super::body::{Answer, List, Render, document};
use super::call::Call;
use super::collection::Collection;
use super::form::{Pairs, Param, ParamKind, optional};
use super::paging::LARGE;
use super::refusal::Refusal;
use super::store::{Head, Record, Store, sid};
use super::workspace::workspace_url;

/// How long an event is kept, as documented.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// At most in one workspace; the oldest go first.
const MOST: usize = 20_000;
/// How far a list looks back that names no date.
const MINUTES: i64 = 15;

const FILTERS: &[Param] = &[
    optional("EndDate", ParamKind::Text),
    optional("EventType", ParamKind::Text),
    optional("Minutes", ParamKind::Integer),
    optional("ReservationSid", ParamKind::Sid("WR")),
    optional("StartDate", ParamKind::Text),
    optional("TaskQueueSid", ParamKind::Sid("WQ")),
    optional("TaskSid", ParamKind::Sid("WT")),
    optional("WorkerSid", ParamKind::Sid("WK")),
    optional("WorkflowSid", ParamKind::Sid("WW")),
    optional("TaskChannel", ParamKind::Text),
    optional("Sid", ParamKind::Sid("EV")),
];
pub(super) const LIST: List = List { key: "events", filters: FILTERS, limit: LARGE };

/// The filters that ask for one field of an event's data.
const OF_DATA: &[(&str, &str)] = &[
    ("ReservationSid", "reservation_sid"),
    ("TaskQueueSid", "task_queue_sid"),
    ("TaskSid", "task_sid"),
    ("WorkerSid", "worker_sid"),
    ("WorkflowSid", "workflow_sid"),
];

/// Something that a write has done, before anybody has noted it down.
#[derive(Clone, Debug)]
pub(super) struct Happening {
    /// Where.
    pub(super) workspace: String,
    /// `activity.created`.
    pub(super) event_type: &'static str,
    /// For people.
    pub(super) description: String,
    /// What it happened to: `activity`, and its sid.
    pub(super) resource: (&'static str, String),
    /// The sids and names that lists are filtered by, and what is new.
    pub(super) data: Map<String, Value>,
}

impl Happening {
    /// Something that happened to a record.
    pub(super) fn new(
        head: &Head,
        resource_type: &'static str,
        event_type: &'static str,
        description: String,
    ) -> Self {
        Self {
            workspace: head.parent.clone(),
            event_type,
            description,
            resource: (resource_type, head.sid.clone()),
            data: Map::new(),
        }
    }

    /// With one more thing to know.
    pub(super) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.data.insert(key.to_owned(), value.into());
        self
    }
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) head: Head,
    pub(super) event_type: String,
    /// Milliseconds since 1970.
    pub(super) date_ms: i64,
    pub(super) description: String,
    pub(super) resource_type: String,
    pub(super) resource_sid: String,
    pub(super) data: Value,
    pub(super) actor: Actor,
}

impl Record for Event {
    const TABLE: &'static str = "events";
    const PREFIX: &'static str = "EV";

    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn name(&self) -> &str {
        &self.event_type
    }

    fn rows<'s>(store: &'s Store, parent: &str) -> Option<&'s Collection<Self>> {
        store.contents.get(parent).map(|contents| &contents.events)
    }

    fn rows_mut<'s>(store: &'s mut Store, parent: &str) -> Option<&'s mut Collection<Self>> {
        store.contents.get_mut(parent).map(|contents| &mut contents.events)
    }
}

document! {
    /// An event as clients see it.
    EventDocument<'a> {
        account_sid: Option<&'a str>,
        actor_sid: Option<&'a str>,
        actor_type: Option<&'a str>,
        actor_url: Option<String>,
        description: Option<&'a str>,
        event_data: Option<&'a Value>,
        event_date: Option<&'a str>,
        event_date_ms: Option<i64>,
        event_type: Option<&'a str>,
        resource_sid: Option<&'a str>,
        resource_type: Option<&'a str>,
        resource_url: Option<String>,
        sid: Option<&'a str>,
        source: Option<&'a str>,
        source_ip_address: Option<&'a str>,
        url: Option<String>,
        workspace_sid: Option<&'a str>,
    }
}

impl Render for Event {
    type Document<'a> = EventDocument<'a>;

    fn document<'a>(&'a self, store: &'a Store, call: &Call<'_>) -> EventDocument<'a> {
        let workspace = workspace_url(&call.base, &self.head.parent);
        let collection = match self.resource_type.as_str() {
            "activity" => "/Activities",
            "task-channel" => "/TaskChannels",
            "task-queue" => "/TaskQueues",
            "workflow" => "/Workflows",
            "worker" => "/Workers",
            _ => "/Tasks",
        };
        let of_task = self.data["task_sid"].as_str().unwrap_or_default();
        let reservation = (self.resource_type == "reservation")
            .then(|| format!("{workspace}/Tasks/{of_task}/Reservations/{}", self.resource_sid));
        let of = |sid: &str| {
            let whole = sid == self.head.parent;
            if whole { workspace.clone() } else { format!("{workspace}{collection}/{sid}") }
        };
        let is_here = self.actor.sid == self.head.parent;
        EventDocument {
            account_sid: Some(&store.account_sid),
            actor_sid: Some(&self.actor.sid),
            actor_type: Some(&self.actor.kind),
            actor_url: is_here.then(|| workspace.clone()),
            description: Some(&self.description),
            event_data: Some(&self.data),
            event_date: Some(&self.head.date_created),
            event_date_ms: Some(self.date_ms),
            event_type: Some(&self.event_type),
            resource_sid: Some(&self.resource_sid),
            resource_type: Some(&self.resource_type),
            resource_url: Some(reservation.unwrap_or_else(|| of(&self.resource_sid))),
            sid: Some(&self.head.sid),
            source: Some(&self.actor.source),
            source_ip_address: Some(&*self.actor.address).filter(|address| !address.is_empty()),
            url: Some(format!("{workspace}/Events/{}", self.head.sid)),
            workspace_sid: Some(&self.head.parent),
        }
    }
}

impl Store {
    /// Notes down what happened, when somebody has done it and the place is still there. An event
    /// is of the moment at which the clock was read last, so that it has the date of its write.
    pub(super) fn note(&mut self, happenings: Vec<Happening>) {
        for happening in happenings {
            let Some(actor) = self.actor.clone() else { return };
            let Some(contents) = self.contents.get(&happening.workspace) else { continue };
            let sequence = contents.events.iter().next_back().map_or(1, |e| e.head.sequence + 1);
            let seed = [happening.workspace.as_bytes(), &sequence.to_be_bytes()].concat();
            let at = self.moment();
            let date = self.moment_stamp();
            let workspace = happening.workspace.clone();
            self.put(Event {
                head: Head {
                    sid: sid(Event::PREFIX, &seed),
                    parent: happening.workspace,
                    sequence,
                    date_created: date.clone(),
                    date_updated: date,
                },
                event_type: happening.event_type.to_owned(),
                date_ms: at.as_millisecond(),
                description: happening.description,
                resource_type: happening.resource.0.to_owned(),
                resource_sid: happening.resource.1,
                data: Value::Object(happening.data),
                actor,
            });
            self.forget_old_events(&workspace, at);
        }
    }

    fn forget_old_events(&mut self, workspace: &str, now: Timestamp) {
        let oldest = oldest(now);
        while let Some(sid) = self.outdated(workspace, oldest) {
            self.expire::<Event>(workspace, &sid);
        }
    }

    /// The oldest event, when it is not to be kept.
    fn outdated(&self, workspace: &str, oldest: i64) -> Option<String> {
        let events = Event::rows(self, workspace)?;
        let first = events.iter().next()?;
        (events.len() > MOST || first.date_ms < oldest).then(|| first.head.sid.clone())
    }
}

/// The date of the oldest events that are kept, in milliseconds.
fn oldest(now: Timestamp) -> i64 {
    now.as_millisecond().saturating_sub(KEPT.as_millis() as i64)
}

pub(super) fn list(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let rows = store.rows::<Event>(call, call.param(0))?;
    let query = &call.query;
    let (start, end) = window(query, store.clock.now())?;
    let event_type = query.text("EventType");
    let own = query.text("Sid");
    let channel = query.text("TaskChannel");
    let of_data: Vec<(&str, &str)> =
        OF_DATA.iter().filter_map(|(param, key)| Some((*key, query.text(param)?))).collect();
    Answer::list(store, call, rows, &LIST, |row| {
        (start..=end).contains(&row.date_ms)
            && event_type.is_none_or(|wanted| row.event_type == wanted)
            && own.is_none_or(|wanted| row.head.sid == wanted)
            && of_data.iter().all(|(key, wanted)| row.data[*key] == **wanted)
            && channel.is_none_or(|wanted| {
                let keys = ["task_channel_sid", "task_channel_unique_name"];
                keys.into_iter().any(|key| row.data[key] == *wanted)
            })
    })
}

/// Between which dates events are wanted, in milliseconds, both included. `StartDate` counts more
/// than `Minutes`; the time of the day may be left out, and is then the day's first moment.
fn window(query: &Pairs, now: Timestamp) -> Result<(i64, i64), Refusal> {
    let end = date(query, "EndDate")?;
    let start = date(query, "StartDate")?;
    let minutes = query.integer("Minutes").unwrap_or(MINUTES);
    if minutes < 0 {
        return Err(Refusal::invalid(format!("Minutes must not be negative, not {minutes}")));
    }
    let back = minutes.saturating_mul(60_000);
    let from = end.unwrap_or(now).as_millisecond();
    let start = start.map_or(from.saturating_sub(back), Timestamp::as_millisecond);
    // A second is the finest that a date says.
    let end = end.map_or(i64::MAX, |end| end.as_millisecond().saturating_add(999));
    Ok((start.max(oldest(now)), end))
}

fn date(query: &Pairs, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = query.text(name) else { return Ok(None) };
    let at_midnight = || text.parse::<jiff::civil::Date>().ok()?.in_tz("UTC").ok();
    let found = text.parse::<Timestamp>().ok().or_else(|| Some(at_midnight()?.timestamp()));
    match found {
        Some(date) => Ok(Some(date)),
        None => {
            let text = super::form::brief(text);
            Err(Refusal::invalid(format!("{name} '{text}' is not an ISO 8601 date")))
        }
    }
}

pub(super) fn fetch(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let event = store.find::<Event>(call, call.param(0), call.param(1))?;
    Ok(Answer::ok(store, call, event))
}
