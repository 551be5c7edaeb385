//! An embedded TaskRouter: the API as a witness. It shares no type with `live` or `model`; what
//! it serves is one table of operations ([`operations`]), which a test holds to the vendor's
//! OpenAPI documents.
//!
//! A request goes through [`Emulator::handle`], in process or over HTTP ([`Emulator::serve`]):
//! credentials, the table, the table's parameters, then the function of the kind. A request that is
//! met ([`Emulator::meet`]) may go wrong on the way ([`Faults`]). What the
//! vendor leaves open is decided in `docs/emulator.md`.

mod activity;
mod auth;
mod body;
mod call;
mod chat_service;
mod collection;
mod conduct;
mod conversations_configuration;
mod demo;
mod disk;
mod dispatch;
mod door;
mod event;
mod expression;
mod faults;
mod flex_configuration;
mod form;
mod options;
mod paging;
mod refusal;
mod reservation;
mod reservation_form;
mod role;
mod routes;
mod seed;
mod server;
mod store;
mod task;
mod task_channel;
mod task_queue;
mod task_write;
mod worker;
mod worker_channel;
mod workflow;
mod workflow_configuration;
mod workspace;

pub use auth::SOMEBODY_SID;
pub use body::{Field, FieldKind};
pub use conduct::Conduct;
pub use disk::OpenError;
pub use door::{Emulator, RequestRecord};
pub use faults::{Edit, Fault, Faults, Others};
pub use form::{Param, ParamKind};
pub use options::{
    ACCOUNT_SID, API_KEY_SECRET, API_KEY_SID, AUTH_TOKEN, Clock, Options, Product, RepeatedNames,
    Seed,
};
pub use routes::{Operation, operations, paths_not_served};
pub use seed::Seeder;
