//! The manifests of `examples/kubernetes`: what has to be so in all of them, and what their pods do, played
//! with the built binary. `tests/manifests` holds them to Kubernetes' own schemas.

mod files;
mod fleet;
mod manifests;
mod pods;
