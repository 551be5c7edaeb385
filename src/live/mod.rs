//! The only client of the API: requests built apart from sending, responses, paging, transport;
//! lift (sids → names) and lower (names → sids).
//!
//! [`Reader`] cannot write. `plan` and `drift` hold one; only `apply` holds a [`Writer`]. Both
//! come from a [`Client`], which owns the transport, the credentials and the bound on how many
//! requests run at once.

mod answer;
mod budget;
mod client;
mod configuration;
mod create;
pub mod credentials;
mod endpoints;
mod events;
mod export;
mod fields;
mod find;
mod fingerprint;
mod form;
mod gate;
mod http_transport;
mod lift;
mod lower;
mod names;
mod page;
mod read;
mod request;
mod retry;
#[cfg(test)]
mod round_trip;
mod sids;
mod stop;
mod survey;
mod tasks;
mod transport;
mod workers;
mod write;

pub use answer::ApiError;
pub use budget::{Budget, Class, Heard, Rate, RateError};
pub use client::{Client, LiveError, Pace, Reader, Run, Writer};
pub use configuration::document as configuration;
pub use credentials::Credentials;
pub use endpoints::{EndpointError, Endpoints};
pub use events::{Deed, by_object};
pub use export::{Export, ExportError, ExportScope, export};
pub use find::Look;
pub use fingerprint::{wanted_by_create, wanted_by_update};
pub use gate::Gate;
pub use http_transport::{HttpTransport, Patience};
pub use lower::LowerError;
pub use read::{Scope, read, read_aloud};
pub use retry::{Answer, Object, Operation, Outcome, jitter, retry};
pub use sids::Sids;
pub use stop::Stop;
pub use survey::{Because, Remark};
pub use tasks::{TasksOf, WaitingTask, WaitingTasks};
pub use transport::{SendError, Transport};
pub use write::{Edit, Written};
