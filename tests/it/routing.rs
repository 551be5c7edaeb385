//! Where tasks go, over specs.

use flexctl::expr::Clock;
use flexctl::generate;
use flexctl::model::Model;
use flexctl::routing::{End, Outcome, Router, Task, Worker, Workers};

use crate::support::spec::of_text;

/// What a spec without errors wants.
fn model(spec: &str) -> Model {
    let analysis = of_text(spec);
    let model = analysis.model().unwrap_or_else(|| panic!("{:#?}", analysis.diagnostics));
    generate::expand(model)
}

/// A Wednesday at noon.
fn noon() -> Clock {
    "2025-01-01T12:00:00Z".parse().expect("a moment")
}

#[test]
fn the_first_filter_that_holds_takes_the_task() {
    let model = model(
        "workspace: { friendly_name: W }
queues: { Sales: { target_workers: 1==1 }, Support: { target_workers: 1==1 } }
workflows:
  Main:
    filters:
      - { name: sales, expression: \"topic == 'sales'\", targets: [{ queue: Sales }] }
      - { name: support, expression: \"topic == 'support'\", targets: [{ queue: Support }] }",
    );
    let mut task = Task::default();
    task.attributes.insert("topic".to_owned(), "support".into());
    let router = Router::new(&model);
    let trace = router.route("Main", &task, noon(), Workers::Known(&[])).expect("it is there");
    let queue = "Support".to_owned();
    assert_eq!(trace.end, End::Waiting { since: 0, queue, until: 86_400 });
    assert_eq!(trace.at(86_399).filter, Some((1, "support")));
    let alice = [Worker::named("alice")];
    let trace = router.route("Main", &task, noon(), Workers::Known(&alice)).expect("it is there");
    assert_eq!(trace.at(0).outcome, Outcome::Reserved);
    assert_eq!(trace.at(0).workers, ["alice"]);
}
