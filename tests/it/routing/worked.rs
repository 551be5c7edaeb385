//! Worked examples of the vendor's documentation, over contact centers of our own, with the whole
//! way as a snapshot.

use flexctl::model::Model;
use flexctl::routing::{Outcome, Task, Worker};
use serde_json::{Value, json};

use super::tell::tell;
use super::{model, noon, route, task, way};

const CENTER: &str = "
activities: { Available: { available: true }, Lunch: { available: false } }
queues:
  Everyone: { target_workers: 1==1 }
  Claims: { target_workers: \"routing.skills HAS 'claims'\" }
  Experts: { target_workers: routing.levels.claims >= 4 }
  Night: { target_workers: 1==0 }
workers:
  ada: { activity: Available, attributes: { routing: { skills: [claims], levels: { claims: 2 } } } }
  ben: { activity: Lunch, attributes: { routing: { skills: [claims], levels: { claims: 3 } } } }
  cleo: { activity: Lunch, attributes: { routing: { skills: [claims], levels: { claims: 5 } } } }
  dan: { activity: Available, attributes: { routing: { skills: [], levels: { claims: 0 } } } }
";

fn center(workflow: &str) -> Model {
    model(&format!("{CENTER}\nworkflows:\n  Main:\n{workflow}"))
}

/// The ways of tasks with these attributes, as text.
fn ways(model: &Model, tasks: &[Value]) -> String {
    let told: Vec<String> = tasks.iter().map(|task| tell(&route(model, task))).collect();
    told.join("\n")
}

/// docs/taskrouter/workflow-configuration: targets as escalation steps; a target without a queue
/// takes the one before it.
#[test]
fn an_escalation_inherits_the_queue() {
    let model = center(
        "
    filters:
      - name: Claims
        expression: topic == 'claim'
        targets:
          - { queue: Claims, expression: worker.routing.levels.claims >= 3, timeout: 60 }
          - { expression: worker.routing.levels.claims >= 2 AND task.amount > 1000, timeout: 60 }
          - { queue: Everyone, expression: worker.routing.levels.claims < 2 }
",
    );
    let (large, small) = (json!({"topic": "claim", "amount": 5000}), json!({"topic": "claim"}));
    insta::assert_snapshot!(ways(&model, &[large.clone(), small]));
    let trace = route(&model, &large);
    assert_eq!(trace.at(59).outcome, Outcome::Waiting);
    assert_eq!((trace.at(60).queue, trace.at(60).workers), (Some("Claims"), vec!["ada"]));
}

/// docs/taskrouter/workflow-configuration and api/task: a target's priority goes over the task's
/// own, and stays until another target sets one.
#[test]
fn a_priority_is_overwritten_and_stays() {
    let model = center(
        "
    filters:
      - name: Claims
        expression: topic == 'claim'
        targets:
          - { queue: Night, timeout: 10 }
          - { queue: Night, timeout: 10, priority: 3 }
          - { queue: Night, timeout: 10 }
          - { queue: Night, priority: 90 }
",
    );
    let urgent = Task { priority: 7, ..task(&json!({"topic": "claim"})) };
    let trace = way(&model, &urgent, &Worker::declared(&model));
    insta::assert_snapshot!(tell(&trace));
    let priorities: Vec<u32> =
        [0, 9, 10, 20, 30].map(|age| trace.at(age).priority).into_iter().collect();
    assert_eq!(priorities, [7, 7, 3, 3, 90]);
}

/// docs/taskrouter/workflow-configuration: out of time in one filter, a task goes on to the next
/// one that matches, and to no default filter.
#[test]
fn a_task_that_timed_out_goes_on_to_the_next_filter_that_matches() {
    let model = center(
        "
    filters:
      - { name: Large, expression: amount > 1000, targets: [{ queue: Experts, timeout: 30 }] }
      - { name: Small, expression: amount <= 1000, targets: [{ queue: Claims }] }
      - { name: Any, expression: topic == 'claim', targets: [{ queue: Night, timeout: 45 }] }
      - { name: Other, expression: topic == 'other', targets: [{ queue: Everyone }] }
    default_filter: { queue: Everyone }
",
    );
    let large = json!({"topic": "claim", "amount": 5000});
    insta::assert_snapshot!(ways(&model, std::slice::from_ref(&large)));
    let trace = route(&model, &large);
    let filter = |age| trace.at(age).filter.map(|(_, name)| name);
    assert_eq!([filter(0), filter(30)], [Some("Large"), Some("Any")]);
    assert!(matches!(trace.at(75).outcome, Outcome::Canceled(_)));
}

/// docs/taskrouter/workflow-configuration and worker-presence: the default filter is for tasks
/// that matched nothing, or were skipped out of all they matched.
#[test]
fn the_default_filter_takes_what_matched_nothing_or_was_skipped() {
    let model = center(
        "
    filters:
      - name: Experts
        expression: topic IN ['claim', 'late claim']
        targets:
          - { queue: Experts, skip_if: workers.available == 0, timeout: 20 }
          - { queue: Experts, skip_if: workers.unavailable > 5, timeout: 20 }
      - name: Night
        expression: topic == 'night'
        targets:
          - { queue: Night, skip_if: workers.available == 0 }
    default_filter: { queue: Everyone }
",
    );
    let topics = ["other", "night", "claim"].map(|topic| json!({"topic": topic}));
    insta::assert_snapshot!(ways(&model, &topics));
    assert!(route(&model, &topics[0]).at(0).default_filter);
    assert!(route(&model, &topics[1]).at(0).default_filter);
    assert!(!route(&model, &topics[2]).at(100).default_filter);
}

/// docs/taskrouter/workflow-configuration/known-agent-routing: a task that asks for a worker who
/// cannot take it waits for the target's timeout, whatever the reason.
#[test]
fn a_task_waits_for_the_worker_that_it_knows() {
    let model = center(
        "
    filters:
      - name: Same agent
        expression: topic == 'claim'
        targets:
          - { queue: Claims, known_worker_friendly_name: task.agent.name, timeout: 120 }
          - { queue: Claims }
",
    );
    let agents = [json!("ada"), json!("cleo"), json!("dan"), json!("zoe"), json!(null)];
    let mut tasks =
        agents.map(|agent| json!({"topic": "claim", "agent": {"name": agent}})).to_vec();
    tasks.push(json!({"topic": "claim"}));
    insta::assert_snapshot!(ways(&model, &tasks));
    assert_eq!(route(&model, &tasks[0]).at(0).workers, ["ada"]);
    for attributes in &tasks[1..] {
        let trace = route(&model, attributes);
        assert_eq!(trace.at(119).outcome, Outcome::Waiting, "{attributes}");
        assert_eq!(trace.at(120).workers, ["ada"], "{attributes}");
    }
}

/// docs/taskrouter/task-evaluation: deadlines are sums of timeouts, held against the task's age.
#[test]
fn timeouts_add_up_against_the_age_of_the_task() {
    let model = center(
        "
    filters:
      - name: Three queues
        expression: topic == 'claim'
        targets:
          - { queue: Experts, timeout: 10 }
          - { queue: Night, timeout: 10 }
          - { queue: Claims, expression: worker.routing.levels.claims > 2, timeout: 10 }
",
    );
    let trace = route(&model, &json!({"topic": "claim"}));
    insta::assert_snapshot!(tell(&trace));
    let deadlines: Vec<Option<u32>> =
        trace.targets().map(|(_, step)| step.deadline.map(|deadline| deadline.age)).collect();
    assert_eq!(deadlines, [Some(10), Some(20), Some(30)]);
    assert_eq!(trace.created, noon());
}
