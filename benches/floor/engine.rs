//! What a plan takes once the spec has been read: reading TaskRouter, and comparing.

use std::path::Path;
use std::time::Instant;

use flexctl::emulator;
use flexctl::live::{self, Client, Credentials, Endpoints, HttpTransport, Scope};
use flexctl::plan;

use crate::center;

/// Plans, and prints how long it took. Nothing differs.
pub(crate) fn plan(url: &str, spec: &Path, at_once: usize) {
    let desired = center::desired(&std::fs::read_to_string(spec).expect("the spec can be read"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime with threads");
    let start = Instant::now();
    let endpoints = Endpoints::at(url).expect("a loopback URL");
    let transport = HttpTransport::new(&endpoints, at_once).expect("an HTTP client");
    let credentials = Credentials::new(emulator::ACCOUNT_SID, emulator::AUTH_TOKEN);
    let reader = Client::new(transport, endpoints, credentials, at_once).reader();
    let snapshot = runtime.block_on(live::read(&reader, &Scope::of(&desired)));
    let snapshot = snapshot.expect("the emulator answers");
    let plan = plan::diff(&desired, &snapshot, &plan::Options::default());
    let seconds = start.elapsed().as_secs_f64();
    assert!(plan.is_empty(), "{:?}", plan.counts);
    println!("[0, 0, {seconds}]");
}
