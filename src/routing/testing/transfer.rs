//! Tests of a transfer's filters: each queue, in the attributes that the plugin sets.

use serde_json::{Map, Value, json};

use super::suggest::{Making, called};
use super::worker::{eligible, sid};
use crate::model::{
    Address, Dialect, Expectation, Filter, Kind, Moment, Part, QueueRef, RoutingTest, Target,
    TestWorker, Text, Transfer,
};

/// Who transfers, and who is there beside.
const FROM: &str = "ada";
const TO: &str = "bob";

/// The tests of one filter of a transfer; those of the filter for a worker come with the queues.
pub(super) fn tests(making: &mut Making<'_>, rule: &Transfer, index: usize, filter: &Filter) {
    let queue = filter.origin.as_ref().and_then(|origin| origin.queue.as_deref());
    let Some(queue) = queue else { return };
    let called = called(index, filter);
    let reached = reached(rule, queue);
    let name = |what: &str| format!("{}: a transfer to {what}", making.name);

    let test = RoutingTest {
        name: name(&format!("{queue} reaches {reached}")),
        ..making.test(to_queue(rule.dialect, queue))
    };
    let mut stops = making.stops(filter);
    if let Some(first) = stops.first_mut() {
        first.queue = Some(reached.to_owned());
    }
    let agents = agents(making, rule.dialect, filter);
    let others_name = name(&format!("{queue} is not offered to the agent who transfers"));
    let worker_name = name(&format!("an agent of {queue} reaches that agent"));
    match making.waiting(&test, filter, &stops) {
        Some(test) => making.keep(test),
        None => making.leave_out(called.clone(), format!("no task waits in {reached} first")),
    }
    let Some(agents) = agents else {
        return making.leave_out(called, format!("no worker could be made up who is in {reached}"));
    };

    if let Some(route) = &rule.worker {
        let expect = Expectation {
            filter: Some("Transfer to worker".to_owned()),
            queue: Some(route.queue.clone()),
            priority: route.target.priority,
            workers: Some(vec![TO.to_owned()]),
            ..Expectation::default()
        };
        let test = RoutingTest {
            name: worker_name,
            workers: Some(agents.to_vec()),
            moments: vec![Moment { at: 0, expect }],
            ..making.test(to_worker(rule.dialect, queue))
        };
        let why = format!("an agent of {reached} would not be reached in {}", route.queue);
        keep_if_it_passes(making, test, called.clone(), why);
    }

    let mut task = to_queue(rule.dialect, queue);
    task.extend(by(rule.dialect));
    let expect = Expectation {
        workers: Some(vec![TO.to_owned()]),
        ..stops.first().cloned().unwrap_or_default()
    };
    let test = RoutingTest {
        name: others_name,
        workers: Some(agents.to_vec()),
        moments: vec![Moment { at: 0, expect }],
        ..making.test(task)
    };
    let why = "the agent who transfers would be offered the task again".to_owned();
    keep_if_it_passes(making, test, called, why);
}

fn keep_if_it_passes(making: &mut Making<'_>, test: RoutingTest, what: String, why: String) {
    if making.passes(&test) {
        making.keep(test);
    } else {
        making.leave_out(what, why);
    }
}

/// The queue that tasks for `queue` go to, as the rule has it.
fn reached<'a>(rule: &'a Transfer, queue: &'a str) -> &'a str {
    let with = rule.overrides.get(queue);
    let given = with.and_then(|with| match &with.targets.as_ref()?.first()?.queue {
        Some(QueueRef::Name(name)) => Some(name.as_str()),
        Some(QueueRef::Sid(_)) | None => None,
    });
    given.or_else(|| with?.to.as_deref()).unwrap_or(queue)
}

/// Two workers who are alike, to whom tasks of the filter's first target may go.
fn agents(making: &Making<'_>, dialect: Dialect, filter: &Filter) -> Option<[TestWorker; 2]> {
    // What the target's expression says of the agent who transfers is what is to be tested.
    let target = Target { expression: None, ..filter.targets.first()?.clone() };
    let made = eligible(making.model, &target, &Map::new())?;
    let agent = |name: &str| {
        let mut attributes = made.attributes.clone();
        if dialect == Dialect::ProgrammableChat {
            attributes.insert("contact_uri".to_owned(), contact_uri(name).into());
        }
        TestWorker { name: name.to_owned(), attributes, ..made.clone() }
    };
    Some([agent(FROM), agent(TO)])
}

fn contact_uri(name: &str) -> String {
    format!("client:{name}")
}

/// The attributes of a task for a queue.
fn to_queue(dialect: Dialect, queue: &str) -> Map<String, Value> {
    let attributes = match dialect {
        Dialect::Conversation | Dialect::ProgrammableChat => {
            let name = queue.replace("${", "$${");
            json!({ "transferTargetType": "queue", "transferQueueName": name })
        }
        Dialect::QueueSid => {
            let sid = Text::from_iter([Part::Sid(Address::new(Kind::Queue, queue))]).to_string();
            json!({ "transferTargetType": "queue", "targetSid": sid })
        }
    };
    object(attributes)
}

/// The attributes of a task for the second worker. Programmable Chat's plugin may name a queue all
/// the same.
fn to_worker(dialect: Dialect, queue: &str) -> Map<String, Value> {
    let sid = sid(TO);
    object(match dialect {
        Dialect::Conversation => {
            json!({ "transferTargetType": "worker", "transferTargetSid": sid })
        }
        Dialect::ProgrammableChat => json!({
            "transferTargetType": "worker",
            "transferTargetSid": sid,
            "transferQueueName": queue.replace("${", "$${"),
        }),
        Dialect::QueueSid => json!({ "transferTargetType": "worker", "targetSid": sid }),
    })
}

/// The attributes that say that the first worker transfers the task.
fn by(dialect: Dialect) -> Map<String, Value> {
    object(match dialect {
        Dialect::Conversation => json!({ "workerSidsInConversation": [sid(FROM)] }),
        Dialect::ProgrammableChat => json!({ "ignoreWorkerContactUri": contact_uri(FROM) }),
        Dialect::QueueSid => json!({ "ignoreAgent": sid(FROM) }),
    })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
