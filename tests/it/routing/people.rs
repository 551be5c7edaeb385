//! Who may be offered a task, what is not known, and what a way leans on.

use std::collections::BTreeMap;

use flexctl::expr::{Certainty, ChannelLoad};
use flexctl::model::{Address, Kind, Model};
use flexctl::routing::{
    Channel, Choice, End, Gap, KnownWorkerFound, Obstacle, Outcome, Router, Task, Trace, Unknown,
    Worker, Workers, live_sids,
};
use serde_json::{Value, json};

use super::{model, noon, route, task, way};
use crate::support::snapshot::snapshot_of;

const CENTER: &str = "
activities: { Available: { available: true }, Lunch: { available: false } }
task_channels: { chat: {} }
queues:
  Everyone: { target_workers: 1==1, max_reserved_workers: 2 }
  Skilled: { target_workers: level > 0 }
  Nobody: { target_workers: 1==0 }
";

fn center(workflow: &str) -> Model {
    model(&format!("{CENTER}\nworkflows:\n  Main:\n{workflow}"))
}

/// A workflow with one filter for all, with these targets.
fn targets(targets: &str) -> Model {
    center(&format!(
        "    filters:\n      - {{ name: all, expression: 1==1, targets: [{targets}] }}\n    \
         default_filter: null\n"
    ))
}

fn worker(name: &str, attributes: &Value) -> Worker {
    let attributes = attributes.as_object().expect("attributes are an object").clone();
    Worker { attributes, ..Worker::named(name) }
}

/// A channel with room for `configured_capacity`, of which `reservations` are taken.
fn channel(configured_capacity: u32, reservations: u32) -> Channel {
    let load = ChannelLoad { configured_capacity, assigned_tasks: 0, reservations };
    Channel { available: true, load }
}

fn leans(trace: &Trace) -> Vec<Choice> {
    trace.leans_on.iter().map(|lean| lean.choice).collect()
}

/// The obstacles of each worker of the only target.
fn obstacles(trace: &Trace) -> Vec<(&str, &[Obstacle])> {
    let (_, step) = trace.targets().next().expect("a target");
    step.workers.iter().map(|worker| (worker.name.as_str(), &worker.obstacles[..])).collect()
}

#[test]
fn every_obstacle_of_a_worker_is_told() {
    let model = targets(
        "{ queue: Everyone, expression: worker.level >= 2, known_worker_friendly_name: task.who }",
    );
    let mut ann = worker("ann", &json!({"level": 1}));
    (ann.activity, ann.available) = ("Lunch".to_owned(), false);
    ann.channels.insert("chat".to_owned(), Channel { available: false, ..channel(2, 2) });
    let task = Task { task_channel: "chat".to_owned(), ..task(&json!({"who": "bea"})) };
    let trace = way(&model, &task, &[ann, worker("bea", &json!({"level": 2}))]);
    let [("bea", []), ("ann", told)] = obstacles(&trace)[..] else { panic!("{trace:#?}") };
    let [
        Obstacle::Activity { activity },
        Obstacle::Channel { .. },
        Obstacle::Capacity { configured_capacity: 2, reservations: 2, .. },
        Obstacle::KnownWorker { attribute, value },
        Obstacle::Expression(verdict),
    ] = told
    else {
        panic!("{told:?}")
    };
    assert_eq!(
        (activity.as_str(), attribute.as_str(), value),
        ("Lunch", "task.who", &json!("bea"))
    );
    assert_eq!(verdict.because[0].values, BTreeMap::from([("worker.level".to_owned(), json!(1))]));
}

#[test]
fn capacity_counts_by_the_channel_of_the_task() {
    let model = targets("{ queue: Everyone }");
    let mut ann = Worker::named("ann");
    ann.channels.insert("chat".to_owned(), channel(3, 3));
    ann.channels.insert("voice".to_owned(), channel(0, 0));
    let outcome = |task_channel: &str| {
        let task = Task { task_channel: task_channel.to_owned(), ..Task::default() };
        way(&model, &task, std::slice::from_ref(&ann)).at(0).outcome
    };
    assert_eq!(outcome("chat"), Outcome::Waiting);
    assert_eq!(outcome("voice"), Outcome::Waiting);
    assert_eq!(outcome("email"), Outcome::Reserved, "every worker has every channel");
}

#[test]
fn a_target_sees_fields_and_channels_and_a_skip_condition_counts_activities_only() {
    let model = targets(
        "{ queue: Everyone, expression: \"worker.sid == task.who AND \
         worker.activity_sid == '${activity['Available'].sid}' AND \
         worker.channel.chat.available_capacity_percentage < 50\", skip_if: workers.available > 0 }, \
         { queue: Nobody }",
    );
    let mut ann = Worker::named("ann");
    ann.channels.insert("chat".to_owned(), channel(3, 2));
    let people = [ann.clone(), Worker::named("bea")];
    let task = task(&json!({"who": ann.sid}));
    let task = Task { task_channel: "chat".to_owned(), ..task };
    assert_eq!(way(&model, &task, &people).at(0).workers, ["ann"]);
    ann.channels.insert("chat".to_owned(), channel(3, 3));
    let state = way(&model, &task, &[ann]);
    let state = state.at(0);
    assert_eq!((state.queue, state.target), (Some("Nobody"), Some(1)), "capacity does not count");
}

#[test]
fn a_worker_has_every_channel_that_there_is() {
    let place = |channel: &str| {
        let expression = format!("worker.channel.{channel}.available_capacity_percentage == 100");
        let model = targets(&format!("{{ queue: Everyone, expression: {expression} }}"));
        way(&model, &Task::default(), &[Worker::named("ann")]).at(0).outcome
    };
    assert_eq!(place("chat"), Outcome::Reserved);
    assert_eq!(place("voice"), Outcome::Reserved);
    assert_eq!(place("carrier_pigeon"), Outcome::Waiting);
}

#[test]
fn whoever_is_idle_longest_comes_first_among_equals_and_as_many_are_offered_as_the_queue_has() {
    let model = targets("{ queue: Everyone, order_by: worker.level DESC }");
    let idle = |name: &str, level: Value, idle| Worker {
        idle: Some(idle),
        ..worker(name, &json!({"level": level}))
    };
    let people = [
        idle("low", json!(1), 900),
        idle("none", json!(null), 901),
        idle("odd", json!("9"), 902),
        idle("high", json!(7), 5),
        idle("equal", json!(7), 6),
    ];
    let trace = way(&model, &Task::default(), &people);
    assert_eq!(trace.at(0).workers, ["equal", "high", "low", "odd", "none"]);
    assert_eq!((trace.at(0).offered, leans(&trace)), (2, vec![Choice::NoInteger]));
    assert_eq!(trace.unknown.len(), 0);
}

#[test]
fn who_comes_first_is_not_known_where_idle_times_would_decide() {
    let model = targets("{ queue: Skilled, order_by: worker.level DESC }");
    let people = |levels: &[i64]| {
        let named = levels.iter().zip('a'..);
        named.map(|(l, name)| worker(&name.to_string(), &json!({"level": l}))).collect::<Vec<_>>()
    };
    let unknown = |levels: &[i64]| way(&model, &Task::default(), &people(levels)).unknown;
    assert!(unknown(&[3, 2, 2]).is_empty());
    let queue = "Skilled".to_owned();
    assert_eq!(unknown(&[2, 3, 3]).into_iter().collect::<Vec<_>>(), [Unknown::Idle { queue }]);
}

#[test]
fn only_doubts_that_could_change_the_way_are_told() {
    let model = targets("{ queue: Skilled, skip_if: workers.available == 0, timeout: 5 }");
    let certain = worker("certain", &json!({"level": 1}));
    let doubtful = worker("doubtful", &json!({"level": "1"}));
    let route = |people: &[Worker]| way(&model, &Task::default(), people);

    let offered = route(&[certain.clone(), doubtful.clone()]);
    assert_eq!((offered.certainty, leans(&offered)), (Certainty::Documented, vec![]));

    let waits = route(std::slice::from_ref(&doubtful));
    assert_eq!(waits.certainty, Certainty::Unspecified);
    assert_eq!(waits.leans_on[0].text, "`level > 0` does not hold where `level` is \"1\"");

    // Nobody is free, but who is in the queue decides whether it is skipped.
    let away = |worker: &Worker| Worker { available: false, ..worker.clone() };
    let lunch = route(&[away(&certain), away(&doubtful)]);
    assert_eq!(lunch.certainty, Certainty::Documented);
    let full = |worker: &Worker| {
        let channels = BTreeMap::from([("default".to_owned(), channel(1, 1))]);
        Worker { channels, ..worker.clone() }
    };
    let skip = route(&[full(&doubtful)]);
    assert_eq!(
        (skip.at(0).outcome, skip.certainty),
        (Outcome::Canceled(flexctl::routing::Cause::Skipped), Certainty::Unspecified,)
    );
}

#[test]
fn a_way_without_workers_is_that_of_a_task_for_which_nobody_is_free() {
    let model = targets(
        "{ queue: Everyone, timeout: 10, known_worker_sid: task.who }, \
         { queue: Everyone, skip_if: workers.available == 0 }, { queue: Skilled, timeout: 20 }",
    );
    let router = Router::new(&model);
    let task = task(&json!({"who": "WK1"}));
    let trace = router.route("Main", &task, noon(), Workers::Unknown).expect("Main is there");
    let places: Vec<Option<&str>> = [0, 10].map(|age| trace.at(age).queue).to_vec();
    assert_eq!(places, [Some("Everyone"), Some("Skilled")]);
    assert_eq!(trace.unknown.iter().collect::<Vec<_>>(), [&Unknown::Workers]);
    let steps: Vec<_> = trace.targets().map(|(_, step)| step).collect();
    assert!(steps.iter().all(|step| step.unknown == Some(Unknown::Workers)));
    let known = steps[0].known_worker.as_ref().map(|known| known.found);
    assert_eq!(known, Some(KnownWorkerFound::Unknown));
}

#[test]
fn what_the_model_does_not_hold_is_told_and_not_made_up() {
    let mut model = targets("{ queue: Everyone }");
    let gone = model.queues.remove("Everyone");
    let trace = way(&model, &Task::default(), &[Worker::named("ann")]);
    let queue = "Everyone".to_owned();
    assert_eq!(trace.unknown.iter().collect::<Vec<_>>(), [&Unknown::Queue { queue }]);
    assert_eq!(trace.at(0).outcome, Outcome::Waiting);

    model.queues.insert("Everyone".to_owned(), gone.expect("it was there"));
    let workflow = model.workflows.get_mut("Main").expect("it is there");
    let filters = workflow.filters.take().expect("they are there");
    workflow.default_filter = None;
    let trace = way(&model, &Task::default(), &[]);
    let unknown: Vec<_> = trace.unknown.iter().collect();
    assert_eq!(
        (unknown, &trace.end),
        (vec![&Unknown::Filters, &Unknown::DefaultFilter], &End::Unrouted)
    );

    let gap = |change: &dyn Fn(&mut flexctl::model::Workflow)| {
        let mut model = model.clone();
        let workflow = model.workflows.get_mut("Main").expect("it is there");
        workflow.filters = Some(filters.clone());
        change(workflow);
        way(&model, &Task::default(), &[]).end
    };
    let first = |workflow: &mut flexctl::model::Workflow| {
        workflow.filters.as_mut().expect("they are there").swap_remove(0)
    };
    for (end, reason) in [
        (gap(&|flow| flow.unreadable = Some("{".to_owned())), Gap::Unreadable),
        (
            gap(&|flow| {
                let mut filter = first(flow);
                filter.targets.clear();
                flow.filters = Some(vec![filter]);
            }),
            Gap::NoTargets,
        ),
        (
            gap(&|flow| {
                let mut filter = first(flow);
                filter.targets[0].queue = None;
                flow.filters = Some(vec![filter]);
            }),
            Gap::NoQueue,
        ),
    ] {
        assert_eq!(end, End::Unknown { age: 0, reason });
    }
}

#[test]
fn an_unknown_workflow_is_an_error() {
    let model = targets("{ queue: Everyone }");
    let error = Router::new(&model).route("Man", &Task::default(), noon(), Workers::Unknown);
    assert_eq!(error.expect_err("there is no such").to_string(), "there is no workflow `Man`");
}

const BY_SID: &str = "    filters:
      - { name: by sid, expression: \"target == '${queue['Skilled'].sid}'\", targets: [{ queue: Skilled }] }
";

#[test]
fn sids_that_are_known_count_and_are_shown_by_name() {
    let model = center(BY_SID);
    let address = Address::new(Kind::Queue, "Skilled");
    let known = "WQ0123456789abcdef0123456789abcdef";
    let made_up = flexctl::routing::stand_in(&address);
    let routers = [
        (Router::new(&model), made_up.as_str(), known),
        (Router::knowing(&model, [(address.clone(), known.to_owned())].into()), known, &made_up),
    ];
    for (router, right, wrong) in routers {
        assert_eq!(router.sid(&address), right);
        let route = |sid: &str| {
            let task = task(&json!({"target": sid}));
            router.route("Main", &task, noon(), Workers::Unknown).expect("Main is there")
        };
        assert_eq!(route(wrong).end, End::Unrouted);
        let trace = route(right);
        assert_eq!(trace.at(0).queue, Some("Skilled"));
        let flexctl::routing::Step::Filter(step) = &trace.steps[0] else { panic!("{trace:?}") };
        let name = "${queue['Skilled'].sid}";
        assert_eq!(step.verdict.expression, format!("target == '{name}'"));
        assert_eq!(step.verdict.because[0].text, format!("target == '{name}'"));
        assert_eq!(step.verdict.because[0].values["target"], json!(name));
    }
}

#[test]
fn a_snapshot_routes_by_its_own_sids() {
    let model = center(&format!(
        "{BY_SID}workers: {{ ann: {{ activity: Available, attributes: {{ level: 1 }} }} }}\n"
    ));
    let mut snapshot = snapshot_of(&model);
    for activity in &mut snapshot.activities {
        activity.value.available = Some(activity.name == "Available");
    }
    let (live, workers) = (snapshot.model(), Worker::live(&snapshot));
    let router = Router::knowing(&live, live_sids(&snapshot));
    let sid = snapshot.queues.iter().find(|queue| queue.name == "Skilled").map(|queue| &queue.sid);
    let task = task(&json!({"target": sid}));
    let trace =
        router.route("Main", &task, noon(), Workers::Known(&workers)).expect("Main is there");
    assert_eq!(trace.at(0).workers, ["ann"]);
}

#[test]
fn time_variables_go_by_the_age_of_the_task() {
    let model = center(
        "    filters:
      - { name: noon, expression: taskrouter.currentMin == 0, targets: [{ queue: Nobody, timeout: 120 }] }
      - { name: later, expression: taskrouter.currentMin == 2, targets: [{ queue: Everyone }] }
",
    );
    let trace = route(&model, &json!({}));
    assert_eq!(trace.at(120).filter, Some((1, "later")));
    assert!(trace.depends_on_time && leans(&trace).contains(&Choice::TimePasses));
    assert!(!route(&targets("{ queue: Everyone }"), &json!({})).depends_on_time);
}

#[test]
fn workers_are_declared_with_what_the_spec_makes_of_them() {
    let model = model(
        "
activities: { Focus: { available: true }, Away: {} }
task_channels: { chat: {} }
worker_capacities:
  - { name: first, workers: level == 1, channels: { chat: { capacity: 4, available: false } } }
  - { name: all, workers: 1==1, channels: { chat: 2, voice: { bounds: [3, 9] }, sms: { mode: ignore } } }
workers:
  ann: { activity: Focus, attributes: { level: 1, old: null } }
  bea: { activity: Away }
  cat: {}
",
    );
    let workers = Worker::declared(&model);
    let told: Vec<(&str, &str, bool)> =
        workers.iter().map(|w| (w.name.as_str(), w.activity.as_str(), w.available)).collect();
    let expected = [("ann", "Focus", true), ("bea", "Away", false), ("cat", "Available", true)];
    assert_eq!(told, expected);
    assert!(!workers[0].attributes.contains_key("old"));
    assert_eq!(workers[0].channel("chat"), Channel { available: false, ..channel(4, 0) });
    assert_eq!(workers[1].channel("chat"), channel(2, 0));
    assert_eq!(workers[1].channel("voice"), channel(3, 0));
    assert_eq!(workers[1].channel("sms"), channel(1, 0));
    assert_eq!(Worker::named("dee").ruled(&model).channel("chat"), channel(2, 0));
}
