//! The emulator itself: requests in, responses out.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderValue, WWW_AUTHENTICATE};
use http::{Method, StatusCode};

use super::auth::{self, Actor};
use super::body::Answer;
use super::call::Call;
use super::disk::{Disk, OpenError};
use super::faults::Faults;
use super::options::Options;
use super::refusal::Refusal;
use super::routes::{self, Handler};
use super::seed::{self, Seeder};
use super::store::Store;

/// The largest body that is read, in bytes: a workflow's configuration, encoded at its worst.
pub(super) const MOST_BYTES: usize = 8 << 20;

/// An account with a workspace that answers requests; cheap to clone, all clones share one store.
#[derive(Clone, Debug)]
pub struct Emulator {
    pub(super) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) store: RwLock<Store>,
    /// As it was before the last write, when a fault may ask for it.
    pub(super) past: Mutex<Option<Store>>,
    /// What goes wrong from now on.
    pub(super) faults: RwLock<Faults>,
    /// How many requests were met under these faults.
    pub(super) met: AtomicU64,
    disk: Option<Disk>,
    /// Why the file cannot be used any more: what is in memory may not be in it.
    lost: OnceLock<String>,
    requests: Mutex<Vec<RequestRecord>>,
}

/// One request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// `GET`, `POST`, `DELETE`.
    pub method: String,
    /// Without the query string.
    pub path: String,
    /// The query string; empty when there is none.
    pub query: String,
    /// The answer's HTTP status.
    pub status: u16,
}

impl Emulator {
    /// An account that is gone when the last clone is.
    pub fn in_memory(options: Options) -> Self {
        let mut store = Store::empty(&options, options.sid_seed());
        seed::found_account(&mut store, options.seed);
        Self::new(options, store, None)
    }

    /// An account in a file, which is made when it is not there. Every write that was
    /// acknowledged is kept.
    ///
    /// # Errors
    /// The file is in use, is not an emulator's, or cannot be read or written.
    pub fn open(path: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        Self::on(Disk::open(path.as_ref())?, options)
    }

    fn on(disk: Disk, options: Options) -> Result<Self, OpenError> {
        if let Some(store) = disk.load(&options)? {
            return Ok(Self::new(options, store, Some(disk)));
        }
        let mut store = Store::empty(&options, options.sid_seed());
        store.keeps_journal = true;
        seed::found_account(&mut store, options.seed);
        disk.commit(&store).map_err(|failure| disk.unusable(failure.to_string()))?;
        store.journal.clear();
        Ok(Self::new(options, store, Some(disk)))
    }

    pub(super) fn new(options: Options, store: Store, disk: Option<Disk>) -> Self {
        let store = RwLock::new(store);
        let faults = RwLock::new(options.faults.clone());
        let (past, met, lost, requests) = Default::default();
        let shared = Shared { options, store, past, faults, met, disk, lost, requests };
        Self { shared: Arc::new(shared) }
    }

    /// The account.
    pub fn account_sid(&self) -> &str {
        &self.shared.options.account_sid
    }

    /// The account's token.
    pub fn auth_token(&self) -> &str {
        &self.shared.options.auth_token
    }

    /// The first workspace, which is Flex's; empty when there is none.
    pub fn workspace_sid(&self) -> String {
        let store = self.shared.store.read().unwrap_or_else(PoisonError::into_inner);
        store.workspaces.iter().next().map(|found| found.head.sid.clone()).unwrap_or_default()
    }

    /// The requests so far, oldest first; empty unless [`Options::record_requests`].
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Lets this go wrong from the next request on, which counts as the first.
    pub fn let_fail(&self, faults: Faults) {
        let mut current = self.shared.faults.write().unwrap_or_else(PoisonError::into_inner);
        *current = faults;
        self.shared.met.store(0, Ordering::Relaxed);
    }

    /// Lets time pass without anybody waiting: the clock goes on by this much.
    pub fn pass(&self, time: Duration) {
        self.shared.options.clock.pass(time);
    }

    pub(super) fn faults(&self) -> RwLockReadGuard<'_, Faults> {
        self.shared.faults.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts many resources into the first workspace at once, without requests and checks.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn seed<R>(&self, plant: impl FnOnce(&mut Seeder<'_>) -> R) -> R {
        let mut store = self.shared.store.write().unwrap_or_else(PoisonError::into_inner);
        let planted = plant(&mut Seeder::new(&mut store));
        self.keep(&mut store).expect("the emulator's file is writable");
        planted
    }

    /// Answers one request. Never panics on any input.
    pub fn handle(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let outcome = self.answer(&request);
        let response = respond(request.method(), outcome);
        self.record(&request, response.status());
        response
    }

    pub(super) fn record(&self, request: &http::Request<Bytes>, status: StatusCode) {
        if self.shared.options.record_requests {
            let uri = request.uri();
            let record = RequestRecord {
                method: request.method().to_string(),
                path: uri.path().to_owned(),
                query: uri.query().unwrap_or_default().to_owned(),
                status: status.as_u16(),
            };
            self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).push(record);
        }
    }

    fn answer(&self, request: &http::Request<Bytes>) -> Result<Answer, Refusal> {
        let actor = auth::check(request.headers(), &self.shared.options)?;
        self.answer_to(request, actor)
    }

    /// Answers a request of somebody who is known.
    pub(super) fn answer_to(
        &self,
        request: &http::Request<Bytes>,
        actor: Actor,
    ) -> Result<Answer, Refusal> {
        let options = &self.shared.options;
        if let Some(reason) = self.shared.lost.get() {
            return Err(Refusal::internal(format!("the emulator's file is lost: {reason}")));
        }
        if request.body().len() > MOST_BYTES {
            return Err(Refusal::too_large());
        }
        let mut call = Call::new(request);
        let operation = routes::find(request.method().as_str(), &mut call, options.configuration)?;
        call.query.check(operation.query, "query string")?;
        call.form.check(operation.form, "post body")?;
        match operation.handler {
            Handler::Read(read) => {
                self.catch_up()?;
                let store = self.shared.store.read().unwrap_or_else(PoisonError::into_inner);
                read(&store, &call)
            }
            Handler::Write(write) => {
                let mut store = self.shared.store.write().unwrap_or_else(PoisonError::into_inner);
                let past = self.faults().look_back().then(|| store.clone());
                if store.has_tasks() {
                    store.catch_up();
                }
                store.actor = Some(actor);
                let answer = write(&mut store, &call);
                store.settle();
                store.actor = None;
                self.keep(&mut store)?;
                let answer = answer?;
                if past.is_some() {
                    *self.shared.past.lock().unwrap_or_else(PoisonError::into_inner) = past;
                }
                Ok(answer)
            }
        }
    }

    /// Lets happen what was due, when there are tasks to which anything can happen.
    fn catch_up(&self) -> Result<(), Refusal> {
        let store = self.shared.store.read().unwrap_or_else(PoisonError::into_inner);
        if !store.has_tasks() {
            return Ok(());
        }
        drop(store);
        let mut store = self.shared.store.write().unwrap_or_else(PoisonError::into_inner);
        store.catch_up();
        self.keep(&mut store)
    }

    /// Brings the journal to the disk. What cannot be kept has not happened.
    fn keep(&self, store: &mut Store) -> Result<(), Refusal> {
        let Some(disk) = self.shared.disk.as_ref().filter(|_| !store.journal.is_empty()) else {
            return Ok(());
        };
        let Err(failure) = disk.commit(store) else {
            store.journal.clear();
            return Ok(());
        };
        match disk.load(&self.shared.options) {
            Ok(Some(kept)) => *store = kept,
            _ => drop(self.shared.lost.set(failure.to_string())),
        }
        store.journal.clear();
        Err(Refusal::internal(format!("the write could not be kept: {failure}")))
    }
}

pub(super) fn respond(method: &Method, outcome: Result<Answer, Refusal>) -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::new());
    let body = match outcome {
        Ok(answer) => {
            *response.status_mut() = answer.status;
            if let Some(etag) = answer.etag.and_then(|tag| HeaderValue::try_from(tag).ok()) {
                response.headers_mut().insert(ETAG, etag);
            }
            answer.body
        }
        Err(refusal) => {
            *response.status_mut() = refusal.status;
            let allow = refusal.allow.as_ref().and_then(|list| HeaderValue::try_from(list).ok());
            if let Some(allow) = allow {
                response.headers_mut().insert(ALLOW, allow);
            }
            if refusal.status == StatusCode::UNAUTHORIZED {
                let realm = HeaderValue::from_static("Basic realm=\"Twilio API\"");
                response.headers_mut().insert(WWW_AUTHENTICATE, realm);
            }
            refusal.body()
        }
    };
    if response.status() != StatusCode::NO_CONTENT {
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    if method != Method::HEAD {
        *response.body_mut() = Bytes::from(body);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicBool, Ordering};

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use redb::backends::InMemoryBackend;
    use redb::{Database, StorageBackend};

    use super::*;

    /// A disk that can be full.
    #[derive(Debug)]
    struct Fillable(InMemoryBackend, Arc<AtomicBool>);

    impl Fillable {
        fn room(&self) -> io::Result<()> {
            let full = self.1.load(Ordering::Relaxed);
            if full { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
        }
    }

    impl StorageBackend for Fillable {
        fn len(&self) -> io::Result<u64> {
            self.0.len()
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.0.read(offset, out)
        }

        fn set_len(&self, length: u64) -> io::Result<()> {
            self.room()?;
            self.0.set_len(length)
        }

        fn sync_data(&self) -> io::Result<()> {
            self.room()?;
            self.0.sync_data()
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.room()?;
            self.0.write(offset, data)
        }
    }

    #[test]
    fn a_write_that_cannot_be_kept_is_never_shown() {
        let full = Arc::new(AtomicBool::new(false));
        let backend = Fillable(InMemoryBackend::new(), Arc::clone(&full));
        let database = Database::builder().create_with_backend(backend).unwrap();
        let disk = Disk::new(database, PathBuf::from("emulator.redb"));
        let emulator = Emulator::on(disk, Options::deterministic()).unwrap();
        let queues = format!("/v1/Workspaces/{}/TaskQueues", emulator.workspace_sid());
        let credentials = format!("{}:{}", emulator.account_sid(), emulator.auth_token());
        let credentials = format!("Basic {}", STANDARD.encode(credentials));
        let send = |method: &str, form: &'static str| {
            let request = http::Request::builder()
                .method(method)
                .uri(&queues)
                .header("authorization", &credentials)
                .body(Bytes::from_static(form.as_bytes()))
                .unwrap();
            let response = emulator.handle(request);
            let body = String::from_utf8(response.body().to_vec()).unwrap();
            (response.status().as_u16(), body)
        };
        assert_eq!(send("POST", "FriendlyName=Kept").0, 201);
        full.store(true, Ordering::Relaxed);
        assert_eq!(send("POST", "FriendlyName=Unkept").0, 500);
        let (status, body) = send("GET", "");
        assert!(!body.contains("Unkept"), "{body}");
        assert!(status == 500 || body.contains("Kept"), "{status} {body}");
    }
}
