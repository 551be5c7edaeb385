//! What a client sees of a request when things go wrong.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;

use super::auth::Actor;
use super::door::{Emulator, respond};
use super::faults::{Edit, Fault};
use super::refusal::Refusal;

/// What a client sees of one request.
#[derive(Debug)]
pub struct Conduct {
    /// How long it takes.
    pub after: Duration,
    /// None when the connection breaks.
    pub response: Option<http::Response<Bytes>>,
}

impl Emulator {
    /// Answers one request in the way that [`super::Options::faults`] and
    /// [`super::Options::latency`] want. [`Emulator::handle`] knows neither.
    pub fn meet(&self, request: http::Request<Bytes>) -> Conduct {
        let options = &self.shared.options;
        let number = self.shared.met.fetch_add(1, Ordering::Relaxed);
        let mut conduct = Conduct { after: options.latency, response: None };
        let (mut refusal, mut done, mut heard, mut stale) = (None, true, true, false);
        let faults = self.faults().of(number);
        for fault in faults {
            match fault {
                Fault::TooMany { retry_after } => {
                    refusal = Some((Refusal::too_many(), retry_after));
                }
                Fault::Unavailable => refusal = Some((Refusal::unavailable(), None)),
                Fault::ErrorAfter => {
                    let message = "something went wrong after the request was carried out";
                    self.handle(request.clone());
                    refusal = Some((Refusal::internal(message), None));
                }
                Fault::CutBefore => (done, heard) = (false, false),
                Fault::CutAfter => heard = false,
                Fault::Slow(more) => conduct.after += more,
                Fault::Stale => stale = request.method() == http::Method::GET,
                Fault::Foreign(edit) => self.edit(&edit),
                Fault::SomeForeign => {
                    self.some_edit(number).iter().for_each(|edit| self.edit(edit));
                }
            }
        }
        conduct.response = match refusal {
            Some((refusal, retry_after)) => {
                let mut response = respond(request.method(), Err(refusal));
                if let Some(seconds) = retry_after {
                    response.headers_mut().insert(RETRY_AFTER, seconds.into());
                }
                self.record(&request, response.status());
                Some(response)
            }
            None if !done => None,
            None => Some(match self.past().filter(|_| stale) {
                Some(past) => {
                    let response = past.handle(request.clone());
                    self.record(&request, response.status());
                    response
                }
                None => self.handle(request),
            }),
        };
        conduct.response = conduct.response.filter(|_| heard);
        conduct
    }

    /// The account as it was before the last write.
    fn past(&self) -> Option<Self> {
        let past = self.shared.past.lock().unwrap_or_else(PoisonError::into_inner);
        past.clone().map(|store| Self::new(self.shared.options.clone(), store, None))
    }

    /// Somebody else's write; what is refused does not happen.
    fn edit(&self, edit: &Edit) {
        let request = http::Request::builder()
            .method(edit.method.as_str())
            .uri(edit.path.as_str())
            .body(Bytes::from(edit.form.clone()));
        if let Ok(request) = request {
            // Nobody waits for its answer.
            let _ = self.answer_to(&request, Actor::somebody());
        }
    }

    /// What a supervisor or a plugin might do now; none when there is nothing to do it to.
    fn some_edit(&self, number: u64) -> Option<Edit> {
        let store = self.shared.store.read().unwrap_or_else(PoisonError::into_inner);
        let workspace = store.workspaces.iter().next()?.head.sid.clone();
        let contents = store.contents.get(&workspace)?;
        let base = format!("/v1/Workspaces/{workspace}");
        let turn = usize::try_from(number / 4).unwrap_or(0);
        let pick =
            |sids: Vec<&str>| sids.get(turn % sids.len().max(1)).map(|sid| (*sid).to_owned());
        let (path, form) = match number % 4 {
            0 => {
                let sid = pick(contents.task_queues.iter().map(|q| q.head.sid.as_str()).collect())?;
                (format!("{base}/TaskQueues/{sid}"), format!("MaxReservedWorkers={}", 2 + turn % 9))
            }
            1 => {
                let sid = pick(contents.workflows.iter().map(|w| w.head.sid.as_str()).collect())?;
                let form = format!("TaskReservationTimeout={}", 200 + turn % 99);
                (format!("{base}/Workflows/{sid}"), form)
            }
            2 => {
                let sid = pick(contents.workers.iter().map(|w| w.head.sid.as_str()).collect())?;
                let worker = contents.workers.get(&sid)?;
                let mut attributes: serde_json::Value = serde_json::from_str(&worker.attributes)
                    .ok()
                    .filter(serde_json::Value::is_object)
                    .unwrap_or_else(|| serde_json::json!({}));
                attributes["seen_by_somebody"] = number.into();
                let attributes = attributes.to_string();
                let form: String = form_urlencoded::Serializer::new(String::new())
                    .append_pair("Attributes", &attributes)
                    .finish();
                (format!("{base}/Workers/{sid}"), form)
            }
            _ => {
                let form = format!("FriendlyName=Somebody+{number}&TargetWorkers=1%3D%3D0");
                (format!("{base}/TaskQueues"), form)
            }
        };
        Some(Edit { method: "POST".to_owned(), path, form })
    }
}
