//! What tests of several themes share.

pub(crate) mod console;
pub(crate) mod desk;
pub(crate) mod fleet;
pub(crate) mod served;
pub(crate) mod servers;
pub(crate) mod snapshot;
pub(crate) mod spec;
pub(crate) mod specs;
pub(crate) mod spelling;
pub(crate) mod trip;
pub(crate) mod upheaval;
pub(crate) mod wire;
pub(crate) mod world;
pub(crate) mod xml;
