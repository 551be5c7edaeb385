//! One file per command.

pub(super) mod apply;
pub(super) mod completions;
pub(super) mod diff_routing;
pub(super) mod drift;
pub(super) mod emulator;
pub(super) mod explain;
pub(super) mod fleet;
mod given;
pub(super) mod graph;
pub(super) mod import;
pub(super) mod load;
pub(super) mod plan;
pub(super) mod promote;
pub(super) mod route;
mod saved;
pub(super) mod schema;
pub(super) mod show;
pub(super) mod test;
pub(super) mod validate;
