//! An embedded TaskRouter: the API as a witness. It shares no type with `live` or `model`.

use bytes::Bytes;

/// A workspace provider that answers requests; cheap to clone, all clones share one store.
#[derive(Clone, Debug)]
pub struct Emulator {}

impl Emulator {
    /// Answers one request. Never panics on any input.
    pub fn handle(&self, _request: http::Request<Bytes>) -> http::Response<Bytes> {
        todo!()
    }
}
