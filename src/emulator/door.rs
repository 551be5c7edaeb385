//! The emulator itself: requests in, responses out.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderValue, WWW_AUTHENTICATE};
use http::{Method, StatusCode};

use super::auth;
use super::body::Answer;
use super::call::Call;
use super::disk::{Disk, OpenError};
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
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    options: Options,
    store: RwLock<Store>,
    disk: Option<Disk>,
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
        let disk = Disk::open(path.as_ref())?;
        if let Some(store) = disk.load(&options)? {
            return Ok(Self::new(options, store, Some(disk)));
        }
        let mut store = Store::empty(&options, options.sid_seed());
        store.keeps_journal = true;
        seed::found_account(&mut store, options.seed);
        disk.commit(&store).map_err(|failure| OpenError::Unusable {
            path: path.as_ref().to_owned(),
            reason: failure.to_string(),
        })?;
        store.journal.clear();
        Ok(Self::new(options, store, Some(disk)))
    }

    fn new(options: Options, store: Store, disk: Option<Disk>) -> Self {
        let store = RwLock::new(store);
        let requests = Mutex::default();
        Self { shared: Arc::new(Shared { options, store, disk, requests }) }
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
        if self.shared.options.record_requests {
            let uri = request.uri();
            let record = RequestRecord {
                method: request.method().to_string(),
                path: uri.path().to_owned(),
                query: uri.query().unwrap_or_default().to_owned(),
                status: response.status().as_u16(),
            };
            self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).push(record);
        }
        response
    }

    fn answer(&self, request: &http::Request<Bytes>) -> Result<Answer, Refusal> {
        let options = &self.shared.options;
        auth::check(request.headers(), options)?;
        if request.body().len() > MOST_BYTES {
            return Err(Refusal::too_large());
        }
        let mut call = Call::new(request);
        let operation = routes::find(request.method().as_str(), &mut call, options.configuration)?;
        call.query.check(operation.query, "query string")?;
        call.form.check(operation.form, "post body")?;
        match operation.handler {
            Handler::Read(read) => {
                let store = self.shared.store.read().unwrap_or_else(PoisonError::into_inner);
                read(&store, &call)
            }
            Handler::Write(write) => {
                let mut store = self.shared.store.write().unwrap_or_else(PoisonError::into_inner);
                let answer = write(&mut store, &call)?;
                self.keep(&mut store)?;
                Ok(answer)
            }
        }
    }

    /// Brings the journal to the disk. What cannot be kept has not happened.
    fn keep(&self, store: &mut Store) -> Result<(), Refusal> {
        let Some(disk) = &self.shared.disk else { return Ok(()) };
        let Err(failure) = disk.commit(store) else {
            store.journal.clear();
            return Ok(());
        };
        if let Ok(Some(kept)) = disk.load(&self.shared.options) {
            *store = kept;
        }
        store.journal.clear();
        Err(Refusal::internal(format!("the write could not be kept: {failure}")))
    }
}

fn respond(method: &Method, outcome: Result<Answer, Refusal>) -> http::Response<Bytes> {
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
