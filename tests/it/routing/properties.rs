//! What is true of every way, over random models, workers and tasks, sound ones and broken ones.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use flexctl::expr::{AttributeScope, Clock, TargetScope, Timed, evaluate};
use flexctl::generate;
use flexctl::model::{Expression, Filter, Model, Queue, QueueRef, Target, Workflow};
use flexctl::routing::{
    Channel, End, Router, Step, TargetExit, Task, Trace, Worker, Workers, trace_schema,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::noon;
use crate::support::{spec, specs};

const QUEUES: [&str; 4] = ["Everyone", "Sales", "Support", "Lost"];
const WORKER_EXPRESSIONS: [&str; 8] = [
    "1==1",
    "1==0",
    "",
    "skills HAS 'sales'",
    "level >= 2",
    "level >= 2 OR skills HAS 'x' AND level < 9",
    "sid == 'WK1' OR friendly_name IN ['ann', 'bea']",
    "skills HAS",
];
const TASK_EXPRESSIONS: [&str; 11] = [
    "1==1",
    "",
    "topic == 'sales'",
    "topic == 'support' AND level > 1",
    "'sales' = topic",
    "topic IN ['SALES', 'support']",
    "topic != 'sales'",
    "topic == 'sales' OR topic == 'support' AND level == 2",
    "taskrouter.currentHour < 13",
    "task.topic == 'sales' AND taskrouter.dayOfWeek == 'Wed'",
    "topic = = 1",
];
const TARGET_EXPRESSIONS: [&str; 6] = [
    "1==1",
    "",
    "worker.level >= task.level",
    "worker.sid != task.who",
    "worker.channel.chat.assigned_tasks == 0 AND taskrouter.currentMin < 30",
    "NOT worker.level == 1",
];
const SKIPS: [&str; 4] = ["1==1", "workers.available == 0", "workers.unavailable > 1", "skip"];
const ORDERS: [&str; 3] = ["worker.level DESC", "worker.level ASC, worker.rank DESC", "level"];
const PATHS: [&str; 4] = ["task.who", "task.deep.who", "who", "{{task.who}}"];

fn expression(from: &'static [&'static str]) -> impl Strategy<Value = Option<Expression>> {
    option::weighted(0.7, select(from).prop_map(Expression::from))
}

fn maybe<T: Clone + std::fmt::Debug>(
    strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    option::weighted(0.4, strategy)
}

fn target() -> impl Strategy<Value = Target> {
    let queue = prop_oneof![
        9 => select(&QUEUES[..]).prop_map(|name| QueueRef::Name(name.to_owned())),
        1 => Just(QueueRef::Sid("WQ1".to_owned())),
    ];
    (
        option::weighted(0.8, queue),
        expression(&TARGET_EXPRESSIONS),
        maybe(0..9u32),
        maybe(prop_oneof![0..100u32, Just(u32::MAX)]),
        maybe(select(&ORDERS[..]).prop_map(str::to_owned)),
        maybe(select(&SKIPS[..]).prop_map(Expression::from)),
        option::weighted(0.2, select(&PATHS[..]).prop_map(str::to_owned)),
        option::weighted(0.2, select(&PATHS[..]).prop_map(str::to_owned)),
    )
        .prop_map(|(queue, expression, priority, timeout, order_by, skip_if, sid, name)| {
            Target {
                queue,
                expression,
                priority,
                timeout,
                order_by,
                skip_if,
                known_worker_sid: sid,
                known_worker_friendly_name: name,
                ..Target::default()
            }
        })
}

fn model() -> impl Strategy<Value = Model> {
    let queue = (expression(&WORKER_EXPRESSIONS), maybe(0..4u32)).prop_map(
        |(target_workers, max_reserved_workers)| Queue {
            target_workers,
            max_reserved_workers,
            ..Queue::default()
        },
    );
    let filter = (expression(&TASK_EXPRESSIONS), vec(target(), 0..4))
        .prop_map(|(expression, targets)| Filter { expression, targets, ..Filter::default() });
    (
        // `Lost` is declared nowhere.
        vec(queue, 3),
        option::weighted(0.9, vec(filter, 0..6)),
        option::weighted(0.8, maybe(target())),
        option::weighted(0.05, Just("{".to_owned())),
    )
        .prop_map(|(queues, filters, default_filter, unreadable)| {
            let workflow = Workflow { filters, default_filter, unreadable, ..Workflow::default() };
            Model {
                queues: QUEUES.iter().map(|name| (*name).to_owned()).zip(queues).collect(),
                workflows: [("Main".to_owned(), workflow)].into(),
                ..Model::default()
            }
        })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => select(vec!["sales", "Sales", "support", "WK1", "ann", "ANN"]).prop_map(Value::from),
        2 => (0..4i64).prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(json!(true)),
        1 => Just(json!(["sales"])),
        1 => Just(json!({"who": "ann"})),
    ]
}

fn attributes(keys: &'static [&'static str]) -> impl Strategy<Value = Map<String, Value>> {
    btree_map(select(keys), value(), 0..5)
        .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn task(keys: &'static [&'static str]) -> impl Strategy<Value = Task> {
    let channel = select(vec!["default", "chat"]).prop_map(str::to_owned);
    let timeout = prop_oneof![0..200u32, Just(86_400)];
    (attributes(keys), channel, 0..9u32, timeout).prop_map(
        |(attributes, task_channel, priority, timeout)| Task {
            attributes,
            task_channel,
            priority,
            timeout,
        },
    )
}

fn worker() -> impl Strategy<Value = Worker> {
    let keys = &["level", "skills", "rank"];
    (attributes(keys), any::<bool>(), 0..3u32, any::<bool>(), maybe(0..9u64)).prop_map(
        |(attributes, available, reservations, open, idle)| {
            let mut channel = Channel { available: open, ..Channel::default() };
            (channel.load.configured_capacity, channel.load.reservations) = (2, reservations);
            let channels = [("chat".to_owned(), channel)].into();
            Worker { attributes, available, channels, idle, ..Worker::named("") }
        },
    )
}

fn workers() -> impl Strategy<Value = Vec<Worker>> {
    vec(worker(), 0..6).prop_map(|mut workers| {
        for (at, worker) in workers.iter_mut().enumerate() {
            worker.name = ["ann", "bea", "cat", "dee", "eve", "fay"][at].to_owned();
            worker.sid = format!("WK{at}");
        }
        workers
    })
}

const KEYS: &[&str] = &["topic", "level", "who", "deep"];
/// Those that the expressions of random specs ask for.
const SPEC_KEYS: &[&str] = &[
    "type",
    "priority",
    "channelType",
    "vip",
    "selected_product",
    "transferTargetType",
    "transferQueueName",
    "targetSid",
    "callToQueue",
];

fn clock() -> impl Strategy<Value = Clock> {
    (0..86_400i64).prop_map(|seconds| noon().after(seconds))
}

static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    jsonschema::validator_for(&trace_schema()).expect("the schema of a trace is a schema")
});

/// What is true of a way by itself.
fn check_alone(trace: &Trace) -> Result<(), TestCaseError> {
    let json = serde_json::to_value(trace).expect("a trace is JSON");
    let errors: Vec<String> = VALIDATOR.iter_errors(&json).map(|e| e.to_string()).collect();
    prop_assert!(errors.is_empty(), "{:#?}", errors);
    let (mut age, mut last) = (0, None);
    for step in &trace.steps {
        if let Step::Filter(step) = step {
            prop_assert!(step.age >= age);
            prop_assert!(step.verdict.holds || step.targets.is_empty());
            prop_assert!(last < Some(step.filter));
            last = Some(step.filter);
        }
        age = age.max(match step {
            Step::Filter(step) => step.age,
            Step::DefaultFilter(step) => step.age,
        });
    }
    let (mut age, mut sum) = (0, 0u32);
    for (_, step) in trace.targets() {
        prop_assert!(step.age >= age && step.age <= trace.task.timeout);
        age = step.age;
        if let Some(deadline) = step.deadline {
            sum = sum.saturating_add(deadline.timeout);
            prop_assert_eq!(deadline.age, sum);
            prop_assert!(deadline.age >= step.age);
        }
        let may = step.workers.iter().take_while(|worker| worker.obstacles.is_empty()).count();
        prop_assert_eq!(may > 0, step.exit == TargetExit::Reserved);
        prop_assert!(step.offered <= may && (step.offered > 0) == (may > 0));
        prop_assert!(step.workers[may..].iter().all(|worker| !worker.obstacles.is_empty()));
    }
    match &trace.end {
        End::Waiting { since, until, .. } => prop_assert!(since <= until),
        End::Reserved { age, .. } | End::Canceled { age, .. } | End::Unknown { age, .. } => {
            prop_assert!(*age <= trace.task.timeout);
        }
        End::Unrouted => {}
    }
    let most = trace.leans_on.iter().map(|lean| lean.certainty).max();
    prop_assert!(most.is_none_or(|most| most <= trace.certainty));
    Ok(())
}

/// Whether an expression without references holds.
fn holds(expression: &Expression, scope: &dyn flexctl::expr::Scope) -> bool {
    let (tree, errors) = expression.parse();
    errors.is_empty() && evaluate(&tree, scope).holds()
}

fn fields<'a>(worker: &'a Worker) -> AttributeScope<'a> {
    let scope = AttributeScope::worker(&worker.attributes)
        .field("sid", worker.sid.as_str())
        .field("friendly_name", worker.name.as_str());
    worker.channels.iter().fold(scope, |scope, (name, channel)| scope.channel(name, channel.load))
}

/// Whether a worker is in a queue.
fn inside(model: &Model, queue: &str, worker: &Worker) -> bool {
    let Some(queue) = model.queues.get(queue) else { return false };
    queue.target_workers.as_ref().is_none_or(|expression| holds(expression, &fields(worker)))
}

/// Those who are offered the task may have it.
fn check_offers(model: &Model, workers: &[Worker], trace: &Trace) -> Result<(), TestCaseError> {
    let End::Reserved { age, queue, workers: offered, .. } = &trace.end else { return Ok(()) };
    let workflow = &model.workflows["Main"];
    let (filter, step) = trace.targets().last().expect("somebody is offered the task at a target");
    let target = match filter {
        Some((filter, _)) => {
            &workflow.filters.as_ref().expect("a filter")[filter].targets[step.target]
        }
        None => {
            workflow.default_filter.as_ref().and_then(Option::as_ref).expect("a default filter")
        }
    };
    for name in offered {
        let worker = workers.iter().find(|worker| worker.name == *name).expect("of those given");
        let channel = worker.channel(&trace.task.task_channel);
        prop_assert!(inside(model, queue, worker));
        prop_assert!(worker.available && channel.available);
        prop_assert!(channel.load.reservations < channel.load.configured_capacity);
        let both = TargetScope {
            task: AttributeScope::task(&trace.task.attributes),
            worker: fields(worker),
        };
        let scope = Timed { clock: trace.created.after(i64::from(*age)), scope: &both };
        let asked = target.expression.as_ref().filter(|e| !e.to_string().is_empty());
        prop_assert!(asked.is_none_or(|expression| holds(expression, &scope)));
    }
    Ok(())
}

/// Without what depends on how many workers there are elsewhere.
fn without_elsewhere(mut trace: Trace) -> Trace {
    for step in &mut trace.steps {
        match step {
            Step::Filter(step) => step.targets.iter_mut().for_each(|step| step.elsewhere = 0),
            Step::DefaultFilter(step) => step.elsewhere = 0,
        }
    }
    trace
}

proptest! {
    #[test]
    fn every_way_is_in_order_and_offers_to_those_who_may(
        model in model(), workers in workers(), task in task(KEYS), created in clock(),
    ) {
        let router = Router::new(&model);
        let crew = router.crew(Workers::Known(&workers));
        let trace = crew.route("Main", &task, created).expect("Main is there");
        check_alone(&trace)?;
        check_offers(&model, &workers, &trace)?;
        let again = router.route("Main", &task, created, Workers::Known(&workers));
        prop_assert_eq!(again.expect("Main is there"), trace);
    }

    #[test]
    fn a_way_told_in_short_is_the_same_way(
        model in model(), workers in workers(), task in task(KEYS), created in clock(),
    ) {
        let router = Router::new(&model);
        let crew = router.crew(Workers::Known(&workers));
        let whole = crew.route("Main", &task, created).expect("Main is there");
        let way = crew.way("Main", &task, created).expect("Main is there");
        check_alone(&way)?;
        prop_assert_eq!(&way.end, &whole.end);
        prop_assert_eq!(way.certainty, whole.certainty);
        prop_assert_eq!(&way.leans_on, &whole.leans_on);
        prop_assert_eq!(&way.unknown, &whole.unknown);
        prop_assert_eq!(way.depends_on_time, whole.depends_on_time);
        prop_assert_eq!(way.spots(), whole.spots());
        for (_, step) in whole.targets() {
            prop_assert_eq!(way.at(step.age), whole.at(step.age));
        }
    }

    #[test]
    fn a_worker_of_no_queue_changes_nothing(
        model in model(), mut workers in workers(), other in worker(), task in task(KEYS),
    ) {
        let other = Worker { name: "zoe".to_owned(), sid: "WK9".to_owned(), ..other };
        let used: BTreeSet<String> =
            model.workflows["Main"].targets().flat_map(|target| &target.queue).map(ToString::to_string).collect();
        prop_assume!(!used.iter().any(|queue| inside(&model, queue, &other)));
        let router = Router::new(&model);
        let route = |workers: &[Worker]| {
            without_elsewhere(router.route("Main", &task, noon(), Workers::Known(workers)).expect("Main"))
        };
        let without = route(&workers);
        workers.push(other);
        let with = route(&workers);
        prop_assert_eq!(with.steps, without.steps);
        prop_assert_eq!(with.end, without.end);
    }

    #[test]
    fn nobody_known_is_as_nobody_there(model in model(), task in task(KEYS)) {
        let router = Router::new(&model);
        let unknown = router.route("Main", &task, noon(), Workers::Unknown).expect("Main is there");
        check_alone(&unknown)?;
        let nobody = router.route("Main", &task, noon(), Workers::Known(&[])).expect("Main is there");
        prop_assert_eq!(unknown.end, nobody.end);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn every_workflow_of_a_valid_spec_is_followed(
        text in specs::spec(), workers in workers(), tasks in vec(task(SPEC_KEYS), 1..5),
    ) {
        let analysis = spec::verbatim(&text.to_string());
        let model = generate::expand(analysis.model().expect("random specs are valid"));
        let mut people = Worker::declared(&model);
        people.extend(workers);
        let router = Router::new(&model);
        let crew = router.crew(Workers::Known(&people));
        for (workflow, task) in model.workflows.keys().flat_map(|name| tasks.iter().map(move |task| (name, task))) {
            let trace = crew.route(workflow, task, noon()).expect("it is there");
            check_alone(&trace)?;
            let way = crew.way(workflow, task, noon()).expect("it is there");
            prop_assert_eq!(way.end, trace.end);
        }
    }
}

#[test]
fn the_schema_of_a_trace_refuses_what_is_no_trace() {
    let model =
        Model { workflows: [("Main".to_owned(), Workflow::default())].into(), ..Model::default() };
    let trace = Router::new(&model).route("Main", &Task::default(), noon(), Workers::Unknown);
    let mut json = serde_json::to_value(trace.expect("Main is there")).expect("JSON");
    assert!(VALIDATOR.is_valid(&json));
    json["end"] = json!({"outcome": "lost"});
    assert!(!VALIDATOR.is_valid(&json));
}
