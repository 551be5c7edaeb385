//! Which tasks go elsewhere: in a plan, by `flexctl diff-routing`, and whether it is so.

use flexctl::expr::Clock;
use flexctl::model::{Expression, Model, Text};
use flexctl::routing::compare::{
    Arrival, KnownWorkers, LIMIT, Move, Question, Renames, RoutingDiff, TaskShape, compare,
    routing_diff_schema,
};
use flexctl::routing::{Router, Step, TargetStep, Task, Trace, Worker, Workers};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::desk::{Desk, code, err, out};
use crate::support::specs;
use crate::support::world::{World, desired};

const SPEC: &str = r#"
version: 1
workspace: { friendly_name: Flex Task Assignment }
activities: { Available: { available: true } }
queues:
  Everyone: { target_workers: 1==1 }
  Sales: { target_workers: routing.skills HAS 'sales' }
  Support: { target_workers: routing.skills HAS 'support' }
workers:
  anna: { activity: Available, attributes: { routing: { skills: [sales] } } }
  ben: { activity: Available, attributes: { routing: { skills: [sales, support] } } }
  cora: { activity: Available, attributes: { routing: { skills: [support] } } }
workflows:
  Inbound:
    filters:
      - name: Sales
        expression: topic == 'sales'
        targets: [{ queue: Sales, timeout: 60, priority: 5 }, { queue: Everyone }]
      - name: Support
        expression: topic IN ['support', 'returns']
        targets: [{ queue: Support }]
    default_filter: { queue: Everyone }
transfers:
  Chat Transfer:
    dialect: conversation
    worker: { queue: Everyone }
    default_filter: { queue: Everyone }
"#;

/// A desk on which the spec was applied, and then changed.
fn changed(from: &str, to: &str) -> Desk {
    assert!(SPEC.contains(from), "{from}");
    let desk = Desk::new(SPEC);
    let applied = desk.emulated(&["apply", "--auto-approve"]);
    assert_eq!(code(&applied), 0, "{}", err(&applied));
    desk.write("flex.yaml", &SPEC.replace(from, to));
    desk
}

/// The section of a plan.
fn section(desk: &Desk) -> String {
    let plan = desk.emulated(&["plan"]);
    assert_eq!(code(&plan), 0, "{}", err(&plan));
    let text = out(&plan);
    text.split_once("\nRouting\n")
        .and_then(|(_, rest)| rest.split_once("\n\n"))
        .map_or_else(String::new, |(section, _)| section.to_owned())
}

#[test]
fn one_word_in_a_queue_shows_in_the_plan_who_gets_which_tasks_no_longer() {
    insta::assert_snapshot!(section(&changed("HAS 'sales'", "HAS 'sale'")));
}

#[test]
fn one_word_in_a_filter_shows_in_the_plan_which_tasks_go_elsewhere() {
    insta::assert_snapshot!(section(&changed("topic == 'sales'", "topic == 'sale'")));
}

#[test]
fn one_word_of_the_example_shows_in_its_plan() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("flex.yaml");
    let spec = std::fs::read_to_string(path).expect("the example is there");
    let desk = Desk::new(&spec);
    assert_eq!(code(&desk.emulated(&["apply", "--auto-approve"])), 0);
    desk.write("flex.yaml", &spec.replacen("HAS 'sales'", "HAS 'sale'", 1));
    insta::assert_snapshot!(section(&desk));
}

#[test]
fn what_changes_no_way_is_not_told() {
    let renamed = SPEC
        .replace("  Support: { target", "  Help: { renamed_from: Support, target")
        .replace("queue: Support }", "queue: Help }");
    for spec in [
        SPEC.replace("topic == 'sales'", "( topic=\"sales\" )"),
        SPEC.replace("name: Support\n", "name: Help\n"),
        // Transfers to Support are transfers to Help from then on.
        renamed,
    ] {
        assert_ne!(spec, SPEC);
        let desk = changed("version: 1", "version: 1");
        desk.write("flex.yaml", &spec);
        assert_eq!(section(&desk), "", "{spec}");
        let told = desk.emulated(&["diff-routing", "--detailed-exitcode"]);
        assert_eq!(code(&told), 0, "{}", out(&told));
    }
}

#[test]
fn another_order_priority_or_timeout_is_told_and_so_is_a_removed_filter() {
    let sales = "      - name: Sales
        expression: topic == 'sales'
        targets: [{ queue: Sales, timeout: 60, priority: 5 }, { queue: Everyone }]\n";
    let mut told = String::new();
    for (from, to) in [
        ("priority: 5", "priority: 9"),
        ("timeout: 60", "timeout: 90"),
        (sales, ""),
        ("topic IN ['support', 'returns']", "topic IN ['support']"),
        (
            "    filters:\n",
            "    filters:\n      - { name: VIP, expression: vip == true, targets: [{ queue: Support }] }\n",
        ),
    ] {
        told.push_str(&section(&changed(from, to)));
        told.push_str("\n\n");
    }
    insta::assert_snapshot!(told);
}

/// The document of `diff-routing` between two specs, as its schema says.
fn between(desk: &Desk, more: &[&str]) -> (i32, RoutingDiff) {
    let args = ["diff-routing", "--from", "old.yaml", "--format", "json", "--detailed-exitcode"];
    let done = desk.run(&[&args, more].concat());
    let document: Value = serde_json::from_slice(&done.stdout).expect("one document");
    let validator = jsonschema::validator_for(&routing_diff_schema()).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(&document).map(|e| e.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    (code(&done), serde_json::from_value(document).expect("it reads back"))
}

#[test]
fn two_specs_are_compared_offline() {
    let desk =
        Desk::new(&SPEC.replace("HAS 'support'", "HAS 'help'").replace("'returns'", "'rma'"));
    desk.write("old.yaml", SPEC);
    let (exit, diff) = between(&desk, &[]);
    assert_eq!((exit, diff.queues.len(), diff.moves.len()), (2, 1, 2));
    let text = desk.run(&["diff-routing", "--from", "old.yaml"]);
    assert_eq!(code(&text), 0);
    insta::assert_snapshot!(out(&text));
    let whole = out(&desk.run(&["diff-routing", "--from", "old.yaml", "-v"]));
    let (_, traces) = whole.split_once("in 1 queue\n").expect("the traces come after the counts");
    insta::assert_snapshot!("both_ways_whole", traces);
    desk.write("flex.yaml", SPEC);
    let (exit, diff) = between(&desk, &[]);
    assert_eq!(exit, 0);
    assert!(diff.is_empty());
}

#[test]
fn tasks_of_tests_and_of_files_are_followed() {
    let spec = SPEC.replace("topic == 'sales'", "topic == 'sales' AND region != 'north'");
    let tests = "
tests:
  - { name: from the north, workflow: Inbound, task: { topic: sales, region: north, x: 1 }, expect: { queue: Everyone } }
";
    let desk = Desk::new(&format!("{spec}{tests}"));
    desk.write("old.yaml", SPEC);
    let json = r#"[{"task": {"topic": "sales", "region": "north", "x": 2}}]"#;
    desk.write("tasks.json", json);
    desk.write(
        "tasks.jsonl",
        "{\"task\": {\"topic\": \"sales\", \"region\": \"north\", \"x\": 2}}\n",
    );
    desk.write("tasks.yaml", "- task: { topic: sales, region: north, x: 2 }\n");
    for file in ["tasks.json", "tasks.jsonl", "tasks.yaml"] {
        let (_, diff) = between(&desk, &["--tasks", file]);
        let [one] = &diff.moves[..] else { panic!("{diff:#?}") };
        let from: Vec<&str> = one.tasks.iter().filter_map(|task| task.from.as_deref()).collect();
        let expected = ["test \"from the north\"".to_owned(), format!("{file} 1")];
        assert_eq!(from, expected);
    }
    desk.write("bad.json", r#"[{"tasks": {}}]"#);
    let bad = desk.run(&["diff-routing", "--from", "old.yaml", "--tasks", "bad.json"]);
    assert_eq!(code(&bad), 64);
    assert!(err(&bad).contains("bad.json: unknown field"), "{}", err(&bad));
}

#[test]
fn the_filters_of_others_keep_their_place() {
    let world = World::of(SPEC);
    let mut configuration = world.configuration("Inbound");
    let theirs = json!({
        "filter_friendly_name": "Switchboard",
        "expression": "closed == true",
        "targets": [{ "queue": world.sid("TaskQueues", "Support") }],
    });
    let filters = configuration["task_routing"]["filters"].as_array_mut().expect("filters");
    filters.insert(0, theirs);
    world.set_configuration("Inbound", &configuration);
    let spec = SPEC
        .replace("    filters:\n", "    ignore_filters: [Switchboard]\n    filters:\n")
        .replace("topic == 'sales'", "topic == 'sale'");
    let diff = of_plan(&world, &spec);
    let tasks: Vec<&Map<String, Value>> =
        diff.moves.iter().flat_map(|one| &one.tasks).map(|task| &task.attributes).collect();
    assert_eq!(json!(tasks), json!([{"topic": "sales"}, {"topic": "sale"}]));
}

#[test]
fn two_queues_with_one_name_are_told_apart() {
    let world = World::of(SPEC);
    let twin = |workers: &str| {
        let mut sid = String::new();
        world.emulator.seed(|seeder| sid = seeder.queue("Twin", workers));
        sid
    };
    let (first, second) = (twin("1==1"), twin("1==0"));
    let mut configuration = world.configuration("Inbound");
    configuration["task_routing"]["default_filter"]["queue"] = first.as_str().into();
    world.set_configuration("Inbound", &configuration);
    let diff = of_plan(&world, SPEC);
    let queues: Vec<[&str; 2]> = diff
        .moves
        .iter()
        .map(|one| [&one.before, &one.after].map(|way| way.stops[0].queue.as_str()))
        .collect();
    assert_eq!(queues, [[first.as_str(), "Everyone"]]);
    assert_ne!(first, second);
}

/// What a plan would change.
fn of_plan(world: &World, spec: &str) -> RoutingDiff {
    let desired = desired(spec);
    let live = world.read(&desired);
    let plan = flexctl::plan::diff(&desired, &live, &flexctl::plan::Options::default());
    let after = flexctl::plan::outcome(&plan, &live);
    compare(&Question {
        before: &live.model(),
        after: &after.model(),
        renames: &Renames::between(&live, &after),
        tasks: &[],
        workers: &KnownWorkers::default(),
        limit: LIMIT,
    })
}

fn of_models(before: &Model, after: &Model) -> RoutingDiff {
    let renames = Renames::default();
    compare(&Question {
        before,
        after,
        renames: &renames,
        tasks: &[],
        workers: &KnownWorkers::default(),
        limit: 500,
    })
}

/// The task that a shape stands for, with sids in the places of names.
fn task(shape: &TaskShape) -> (Task, Clock) {
    fn sids(value: &Value) -> Value {
        match value {
            Value::String(plain) => match plain.parse::<Text>() {
                Ok(text) => Value::String(text.render(Expression::stand_in_sid)),
                Err(_) => value.clone(),
            },
            Value::Array(items) => items.iter().map(sids).collect(),
            Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), sids(v))).collect(),
            other => other.clone(),
        }
    }
    let attributes = shape.attributes.iter().map(|(key, value)| (key.clone(), sids(value)));
    let at = shape.at.as_deref().unwrap_or("2024-01-01T10:00:00Z");
    let task = Task { attributes: attributes.collect(), ..Task::default() };
    (task, at.parse().expect("a moment"))
}

/// Everything that a trace says of where the task is and what may happen there.
fn essence(model: &Model, trace: &Trace) -> String {
    let workflow = &model.workflows[&trace.workflow];
    let filters = workflow.filters.as_deref().unwrap_or_default();
    let mut priority = trace.task.priority;
    let mut stop = |step: &TargetStep, target: &flexctl::model::Target| {
        priority = step.priority.map_or(priority, |change| change.after);
        let until = step.deadline.map(|deadline| deadline.age);
        let expression = |e: &Option<Expression>| e.as_ref().map(Expression::canonical);
        let (only, skip) = (expression(&target.expression), expression(&target.skip_if));
        let known = (&target.known_worker_sid, &target.known_worker_friendly_name);
        let order = target.canonical_order();
        let details = format!("{only:?} {known:?} {skip:?} {order:?}");
        format!("{} {} {until:?} {priority} {details}", step.queue, step.age)
    };
    let mut stops = Vec::new();
    for step in &trace.steps {
        match step {
            Step::Filter(step) => {
                for target in &step.targets {
                    stops.push(stop(target, &filters[step.filter].targets[target.target]));
                }
            }
            Step::DefaultFilter(step) => {
                let target = workflow.default_filter.iter().flatten().next();
                stops.push(stop(step, target.expect("the task came to it")));
            }
        }
    }
    let end = format!("{:?}", trace.end);
    format!("{stops:?} {}", end.split('{').next().unwrap_or_default())
}

fn is_in(model: &Model, queue: &str, attributes: &Map<String, Value>) -> bool {
    let worker = Worker { attributes: attributes.clone(), ..Worker::named("") };
    let workers = [worker];
    let router = Router::new(model);
    let crew = router.crew(Workers::Known(&workers));
    crew.queue(queue).is_some_and(|names| !names.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        max_shrink_iters: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_routing_does_not_differ_from_itself(spec in specs::spec()) {
        let model = desired(&spec.to_string());
        let diff = of_models(&model, &model);
        prop_assert!(diff.is_empty(), "{:#?}", diff);
    }

    #[test]
    fn every_difference_that_is_told_is_one(before in specs::spec(), after in specs::spec()) {
        let (before, after) = (desired(&before.to_string()), desired(&after.to_string()));
        let diff = of_models(&before, &after);
        let routers = [Router::new(&before), Router::new(&after)];
        for Move { workflow, tasks, .. } in &diff.moves {
            for shape in tasks {
                let (task, at) = task(shape);
                let way = |router: &Router, model: &Model| {
                    let trace = router.route(workflow, &task, at, Workers::Unknown);
                    essence(model, &trace.expect("both have the workflow"))
                };
                let ways = (way(&routers[0], &before), way(&routers[1], &after));
                prop_assert_ne!(&ways.0, &ways.1, "{} {:?}", workflow, shape);
            }
        }
        for shift in &diff.queues {
            for (group, expected) in [(&shift.leave, (true, false)), (&shift.join, (false, true))] {
                for attributes in group.iter().flat_map(|group| &group.attributes) {
                    let found = (
                        is_in(&before, &shift.queue, attributes),
                        is_in(&after, &shift.queue, attributes),
                    );
                    prop_assert_eq!(found, expected, "{} {:?}", shift.queue, attributes);
                }
            }
            for Arrival { workflow, task: shape } in &shift.tasks {
                let (task, at) = task(shape);
                let trace = routers[1].route(workflow, &task, at, Workers::Unknown);
                let trace = trace.expect("it is there");
                let essence = essence(&after, &trace);
                prop_assert!(essence.contains(&shift.queue.replace('"', "\\\"")), "{}", essence);
            }
        }
    }
}
