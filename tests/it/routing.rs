//! Where tasks go, held to `docs/routing.md`.

mod documentation;
mod people;
mod properties;
mod tell;
mod wild;
mod worked;

use flexctl::expr::Clock;
use flexctl::generate;
use flexctl::model::Model;
use flexctl::routing::{Router, Task, Trace, Worker, Workers};
use serde_json::Value;

use crate::support::spec::{of_text, report};

/// What a spec without errors wants; its version and its workspace are added.
fn model(spec: &str) -> Model {
    let analysis = of_text(&format!("workspace: {{ friendly_name: Center }}\n{spec}"));
    let model = analysis.model().unwrap_or_else(|| panic!("{}", report(&analysis)));
    generate::expand(model)
}

/// A Wednesday at noon.
fn noon() -> Clock {
    "2025-01-01T12:00:00Z".parse().expect("a moment")
}

/// A task with these attributes.
fn task(attributes: &Value) -> Task {
    let attributes = attributes.as_object().expect("attributes are an object").clone();
    Task { attributes, ..Task::default() }
}

/// The way of a task through the workflow `Main`, over the workers that the model declares.
fn route(model: &Model, attributes: &Value) -> Trace {
    way(model, &task(attributes), &Worker::declared(model))
}

/// The way of a task through the workflow `Main`.
fn way(model: &Model, task: &Task, workers: &[Worker]) -> Trace {
    let router = Router::new(model);
    router.route("Main", task, noon(), Workers::Known(workers)).expect("there is a workflow Main")
}
