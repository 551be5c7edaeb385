//! Who changed what, and when, as far as TaskRouter's events say so.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::client::Client;
use super::endpoints::Product;
use super::page::{Item, Page};
use super::request::Call;
use super::{Reader, Transport, fields};

/// Events on a page: as many as TaskRouter gives.
const PAGE_SIZE: (&str, &str) = ("PageSize", "1000");
/// So many pages of one question are read; who has changed something is not worth more.
const MOST_PAGES: usize = 3;
/// Up to so many workers are asked about one by one. Their events are many, and those of all
/// workers many more.
const FEW_WORKERS: usize = 5;

/// One thing that somebody did to an object.
///
/// What it does not tell: which fields were changed (only the event's type narrows it down), and
/// everything that TaskRouter has no events for. There are none for a queue's name, order, activities and
/// reserved workers, for a worker's name, and for Conversations' roles. The words in `actor_type`
/// and `source`, and which `actor_sid` a user of the Console has, are not documented; they are
/// given as the API says them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The object: an activity, task channel, queue, workflow, worker or workspace.
    pub sid: String,
    /// When, as the API says it.
    pub at: Timestamp,
    /// Who: the sid of an account, an API key, a user, a workspace…
    pub actor: Option<String>,
    /// What kind of thing that is.
    pub actor_type: Option<String>,
    /// Where it came from, such as `api` or `console`.
    pub source: Option<String>,
    /// The IP address it came from.
    pub address: Option<String>,
    /// `task-queue.expression.updated`.
    pub event_type: String,
    /// In the API's own words.
    pub description: Option<String>,
}

/// What is asked for the objects of a kind: by their prefix, the types of events about them.
const TYPES: &[(&str, &[&str])] = &[
    ("WS", &["workspace.updated"]),
    ("WA", &["activity.created", "activity.updated", "activity.deleted"]),
    ("TC", &["task-channel.created", "task-channel.updated", "task-channel.deleted"]),
    ("WQ", &["task-queue.created", "task-queue.expression.updated", "task-queue.deleted"]),
    ("WW", &["workflow.created", "workflow.updated", "workflow.deleted"]),
    (
        "WK",
        &[
            "worker.created",
            "worker.attributes.update",
            "worker.activity.update",
            "worker.capacity.update",
            "worker.channel.availability.update",
            "worker.deleted",
        ],
    ),
];

impl<T: Transport> Reader<T> {
    /// What was done to these objects since a moment, oldest first. A capacity is asked about by the sid of
    /// its worker. Whatever cannot be found out is left out: this never fails, so that it
    /// cannot stop what only wants to tell more. TaskRouter keeps events for 30 days.
    ///
    /// One request for each type of event that objects of these kinds have (three a kind, six for
    /// workers), one page of 1,000 mostly; for up to five workers each is asked about by itself, since
    /// tasks are not asked for by type.
    pub async fn deeds(
        &self,
        workspace_sid: &str,
        sids: &BTreeSet<String>,
        since: Timestamp,
    ) -> Vec<Deed> {
        let since = Timestamp::from_second(since.as_second()).unwrap_or(since).to_string();
        let path = ["Workspaces", workspace_sid, "Events"];
        let mut questions = Vec::new();
        for (prefix, types) in TYPES {
            let about: Vec<&String> = sids.iter().filter(|sid| sid.starts_with(prefix)).collect();
            if about.is_empty() {
                continue;
            }
            let alone = *prefix == "WK" && about.len() <= FEW_WORKERS;
            let about = if alone { about.into_iter().map(Some).collect() } else { vec![None] };
            for (worker, event_type) in
                about.iter().flat_map(|worker| types.iter().map(move |found| (worker, found)))
            {
                let mut query = vec![("EventType", *event_type), ("StartDate", &since), PAGE_SIZE];
                query.extend(worker.map(|sid| ("WorkerSid", sid.as_str())));
                let url = self.client.endpoints().url(Product::TaskRouter, &path, &query);
                questions.push(Call::get(url));
            }
        }
        let answers = join_all(questions.iter().map(|call| pages(&self.client, call))).await;
        let mut deeds: BTreeMap<(Timestamp, String), Deed> = BTreeMap::new();
        for event in answers.iter().flatten() {
            let Some(deed) = deed(event) else { continue };
            if sids.contains(&deed.sid) {
                let place = fields::number_64(event, "event_date_ms");
                let exact = place.and_then(|ms| Timestamp::from_millisecond(ms).ok());
                let own = fields::text(event, "sid").unwrap_or_default();
                deeds.insert((exact.unwrap_or(deed.at), own), deed);
            }
        }
        deeds.into_values().collect()
    }
}

/// The deeds about each object, by its sid, oldest first: there may be as many objects as deeds.
pub fn by_object(deeds: &[Deed]) -> BTreeMap<&str, Vec<&Deed>> {
    let mut objects: BTreeMap<&str, Vec<&Deed>> = BTreeMap::new();
    for deed in deeds {
        objects.entry(&deed.sid).or_default().push(deed);
    }
    objects
}

/// The events of the first pages; those before whatever went wrong.
async fn pages<T: Transport>(client: &Client<T>, first: &Call) -> Vec<Map<String, Value>> {
    let mut call = first.clone();
    let mut events = Vec::new();
    for _ in 0..MOST_PAGES {
        let Ok(body) = client.call(&call).await else { break };
        let Ok(Page { items, next }) = Page::of(&body, "events") else { break };
        events.extend(items.into_iter().map(|Item(item)| item));
        match next.and_then(|next| url::Url::parse(&next).ok()) {
            // The credentials go where they went.
            Some(next) if next.origin() == first.url.origin() => call.url = next,
            _ => break,
        }
    }
    events
}

fn deed(event: &Map<String, Value>) -> Option<Deed> {
    let text = |key| fields::some_text(event, key);
    Some(Deed {
        sid: text("resource_sid")?,
        at: text("event_date")?.parse().ok()?,
        actor: text("actor_sid"),
        actor_type: text("actor_type"),
        source: text("source"),
        address: text("source_ip_address"),
        event_type: text("event_type")?,
        description: text("description"),
    })
}
