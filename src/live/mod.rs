//! The only client of the API: requests built apart from sending, responses, paging, transport;
//! lift (sids → names) and lower (names → sids).
//!
//! [`Reader`] cannot write. `plan` and `drift` hold one; only `apply` holds a [`Writer`].

mod client;
mod transport;

pub use client::{Endpoints, LiveError, Reader, Scope, Sids, Writer, read};
pub use transport::{SendError, Transport};
