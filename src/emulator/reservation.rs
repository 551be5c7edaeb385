//! Reservations: offers of tasks to workers. Seen from the task and from the worker.

use serde::{Deserialize, Serialize};

use super::activity::Activity;
use super::body::{Answer, Links, List, Render, document};
use super::call::Call;
use super::collection::Collection;
use super::event::Happening;
use super::form::{ParamKind, optional};
use super::paging::LARGE;
use super::refusal::Refusal;
use super::store::{Head, Record, Store};
use super::task::Task;
use super::worker::Worker;
use super::workspace::workspace_url;

pub(super) const STATUSES: ParamKind = ParamKind::Choice(&[
    "pending",
    "accepted",
    "rejected",
    "timeout",
    "canceled",
    "rescinded",
    "wrapping",
    "completed",
]);

pub(super) const OF_TASK: List = List {
    key: "reservations",
    filters: &[
        optional("ReservationStatus", STATUSES),
        optional("WorkerSid", ParamKind::Sid("WK")),
    ],
    limit: LARGE,
};
pub(super) const OF_WORKER: List =
    List { key: "reservations", filters: &[optional("ReservationStatus", STATUSES)], limit: LARGE };

/// What has become of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Pending,
    Accepted,
    Rejected,
    Timeout,
    Canceled,
    Rescinded,
    Wrapping,
    Completed,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Timeout => "timeout",
            Self::Canceled => "canceled",
            Self::Rescinded => "rescinded",
            Self::Wrapping => "wrapping",
            Self::Completed => "completed",
        }
    }

    /// Whether it takes from the worker's capacity.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Accepted | Self::Wrapping)
    }
}

/// An offer of a task to a worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Reservation {
    pub(super) head: Head,
    pub(super) task_sid: String,
    pub(super) worker_sid: String,
    pub(super) worker_name: String,
    pub(super) state: State,
    /// When nobody waits for an answer any more, in milliseconds since 1970.
    pub(super) until_ms: i64,
    /// Goes up with every write.
    pub(super) revision: u64,
}

impl Record for Reservation {
    const TABLE: &'static str = "reservations";
    const PREFIX: &'static str = "WR";
    const MOVES_TASKS: bool = true;

    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    /// Reservations are looked for by their worker.
    fn name(&self) -> &str {
        &self.worker_sid
    }

    fn tell(store: &Store, before: Option<&Self>, after: Option<&Self>) -> Vec<Happening> {
        let Some(row) = after else { return Vec::new() };
        if before.is_some_and(|before| before.state == row.state) {
            return Vec::new();
        }
        let event_type = match row.state {
            State::Pending => "reservation.created",
            State::Accepted => "reservation.accepted",
            State::Rejected => "reservation.rejected",
            State::Timeout => "reservation.timeout",
            State::Canceled => "reservation.canceled",
            State::Rescinded => "reservation.rescinded",
            State::Wrapping => "reservation.wrapup",
            State::Completed => "reservation.completed",
        };
        let done = event_type.split('.').next_back().unwrap_or_default();
        let description = format!("Worker {} reservation {} {done}", row.worker_name, row.head.sid);
        let event = match store.get::<Task>(&row.head.parent, &row.task_sid) {
            Some(task) => task.event(store, event_type, description),
            None => Happening::new(&row.head, "reservation", event_type, description),
        };
        let event = Happening { resource: ("reservation", row.head.sid.clone()), ..event }
            .with("reservation_sid", row.head.sid.as_str())
            .with("worker_sid", row.worker_sid.as_str())
            .with("worker_name", row.worker_name.as_str());
        vec![event]
    }

    fn rows<'s>(store: &'s Store, parent: &str) -> Option<&'s Collection<Self>> {
        store.contents.get(parent).map(|contents| &contents.reservations)
    }

    fn rows_mut<'s>(store: &'s mut Store, parent: &str) -> Option<&'s mut Collection<Self>> {
        store.contents.get_mut(parent).map(|contents| &mut contents.reservations)
    }
}

document! {
    /// A reservation as clients see it.
    ReservationDocument<'a> {
        account_sid: Option<&'a str>,
        date_created: Option<&'a str>,
        date_updated: Option<&'a str>,
        reservation_status: &'static str,
        sid: Option<&'a str>,
        task_sid: Option<&'a str>,
        worker_name: Option<&'a str>,
        worker_sid: Option<&'a str>,
        workspace_sid: Option<&'a str>,
        url: Option<String>,
        links: Option<Links>,
    }
}

impl Render for Reservation {
    type Document<'a> = ReservationDocument<'a>;

    fn document<'a>(&'a self, store: &'a Store, call: &Call<'_>) -> ReservationDocument<'a> {
        let workspace = workspace_url(&call.base, &self.head.parent);
        let task = format!("{workspace}/Tasks/{}", self.task_sid);
        let worker = format!("{workspace}/Workers/{}", self.worker_sid);
        let of_worker = call.path.contains("/Workers/");
        let owner = if of_worker { &worker } else { &task };
        ReservationDocument {
            account_sid: Some(&store.account_sid),
            date_created: Some(&self.head.date_created),
            date_updated: Some(&self.head.date_updated),
            reservation_status: self.state.word(),
            sid: Some(&self.head.sid),
            task_sid: Some(&self.task_sid),
            worker_name: Some(&self.worker_name),
            worker_sid: Some(&self.worker_sid),
            workspace_sid: Some(&self.head.parent),
            url: Some(format!("{owner}/Reservations/{}", self.head.sid)),
            links: Some(
                Links::default()
                    .with("task", Some(task))
                    .with("worker", Some(worker))
                    .with("workspace", Some(workspace)),
            ),
        }
    }

    fn etag(&self) -> Option<String> {
        Some(format!("\"{}\"", self.revision))
    }
}

pub(super) fn list_of_task(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (workspace, task) = (call.param(0), call.param(1));
    store.find::<Task>(call, workspace, task)?;
    let worker = call.query.text("WorkerSid");
    list(store, call, &OF_TASK, |row| {
        row.task_sid == task && worker.is_none_or(|wanted| row.worker_sid == wanted)
    })
}

pub(super) fn list_of_worker(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (workspace, worker) = (call.param(0), call.param(1));
    store.find::<Worker>(call, workspace, worker)?;
    list(store, call, &OF_WORKER, |row| row.worker_sid == worker)
}

fn list(
    store: &Store,
    call: &Call<'_>,
    list: &List,
    belongs: impl Fn(&Reservation) -> bool,
) -> Result<Answer, Refusal> {
    let rows = store.rows::<Reservation>(call, call.param(0))?;
    let state = call.query.text("ReservationStatus");
    Answer::list(store, call, rows, list, |row| {
        belongs(row) && state.is_none_or(|wanted| row.state.word() == wanted)
    })
}

/// The reservation that a path names, below its task or its worker.
fn find<'s>(store: &'s Store, call: &Call<'_>) -> Result<&'s Reservation, Refusal> {
    let row = store.find::<Reservation>(call, call.param(0), call.param(2))?;
    let owner = call.param(1);
    let belongs = row.task_sid == owner || row.worker_sid == owner;
    if belongs { Ok(row) } else { Err(call.not_found()) }
}

pub(super) fn fetch(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::ok(store, call, find(store, call)?))
}

/// `Instruction` is taken as far as it says no more than the status does.
pub(super) fn update(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let row = find(store, call)?.clone();
    call.check_revision(row.revision)?;
    let instructed = match call.form.text("Instruction").filter(|word| !word.is_empty()) {
        None => None,
        Some("accept") => Some("accepted"),
        Some("reject") => Some("rejected"),
        Some(other) => {
            let other = super::form::brief(other);
            return Err(Refusal::not_served(&format!("the Instruction {other}")));
        }
    };
    let Some(wanted) = call.form.text("ReservationStatus").or(instructed) else {
        return Err(Refusal::invalid("Missing required parameter ReservationStatus"));
    };
    let activity = call.form.text("WorkerActivitySid").filter(|sid| !sid.is_empty());
    if let Some(sid) = activity
        && store.get::<Activity>(call.param(0), sid).is_none()
    {
        let message = format!("WorkerActivitySid '{sid}' is not an Activity of the Workspace");
        return Err(Refusal::invalid(message));
    }
    match (wanted, row.state) {
        ("accepted", State::Pending) => store.accept(&row),
        ("rejected", State::Pending) => store.turn_down(&row, State::Rejected, activity),
        ("wrapping", State::Accepted) => store.finish(&row, State::Wrapping),
        ("completed", State::Accepted | State::Wrapping) => store.finish(&row, State::Completed),
        (wanted, is) => {
            return Err(Refusal::invalid(format!(
                "Cannot update reservation {} from {} to {wanted}.",
                row.head.sid,
                is.word()
            )));
        }
    }
    fetch(store, call)
}
