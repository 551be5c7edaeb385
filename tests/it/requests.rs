//! How many requests reading takes: the formula of `docs/requests.md`, and that a plan made from
//! little reading is the plan made from all of it.

use std::collections::BTreeMap;

use bytes::Bytes;
use flexctl::cli::InProcess;
use flexctl::emulator::{self, Emulator, Options, Seed, Seeder};
use flexctl::expr;
use flexctl::live::{
    self, Because, Budget, Client, Credentials, Endpoints, Pace, Remark, Scope, SendError,
    Transport,
};
use flexctl::model::{Model, Snapshot};
use flexctl::plan::{self, Plan};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::support::world::{desired, text};

/// An emulator with what `plant` puts into it.
fn planted(plant: impl FnOnce(&mut Seeder<'_>)) -> Emulator {
    let options = Options { seed: Seed::Bare, ..Options::deterministic() };
    let emulator = Emulator::in_memory(options);
    emulator.seed(plant);
    emulator
}

/// A reading, with what was said and asked.
struct Reading {
    snapshot: Snapshot,
    remarks: Vec<Remark>,
    /// Paths below the workspace, with their queries.
    requests: Vec<String>,
}

impl Reading {
    /// How many requests have this in them.
    fn count(&self, what: &str) -> usize {
        self.requests.iter().filter(|request| request.contains(what)).count()
    }
}

fn read_over<T: Transport>(emulator: &Emulator, transport: T, scope: &Scope<'_>) -> Reading {
    read_paced(emulator, transport, scope, Pace::default())
}

fn read_paced<T: Transport>(
    emulator: &Emulator,
    transport: T,
    scope: &Scope<'_>,
    pace: Pace,
) -> Reading {
    emulator.forget_requests();
    let endpoints = Endpoints::at(InProcess::BASE_URL).unwrap();
    let credentials = Credentials::new(emulator::ACCOUNT_SID, emulator::AUTH_TOKEN);
    let reader = Client::paced(transport, endpoints, credentials, 4, pace).reader();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut remarks = Vec::new();
    let mut tell = |remark: &Remark| remarks.push(remark.clone());
    let reading = live::read_aloud(&reader, scope, &mut tell);
    let snapshot = runtime.block_on(reading).unwrap();
    let requests = emulator.requests().into_iter();
    let requests = requests.map(|request| format!("{}?{}", request.path, request.query)).collect();
    Reading { snapshot, remarks, requests }
}

fn read(emulator: &Emulator, desired: &Model) -> Reading {
    read_over(emulator, InProcess::new(emulator.clone()), &Scope::of(desired))
}

fn read_exactly(emulator: &Emulator, desired: &Model) -> Reading {
    let scope = Scope { exact: true, ..Scope::of(desired) };
    read_over(emulator, InProcess::new(emulator.clone()), &scope)
}

fn plan(desired: &Model, reading: &Reading) -> Plan {
    plan::diff(desired, &reading.snapshot, &plan::Options::default())
}

/// A spec with these sections.
fn spec(sections: Value) -> Model {
    let mut spec =
        json!({ "version": 1, "workspace": { "friendly_name": "Flex Task Assignment" } });
    for (key, value) in sections.as_object().unwrap() {
        spec[key] = value.clone();
    }
    desired(&spec.to_string())
}

/// Workspace, activities, task channels, queues, workflows.
const ALWAYS: usize = 5;

/// Teams of agents, each with a capacity of its own.
struct Center {
    workers: usize,
    teams: usize,
}

impl Center {
    fn capacity(&self, team: usize) -> u32 {
        2 + u32::try_from(team % 9).unwrap()
    }

    fn plant(&self, seeder: &mut Seeder<'_>) -> Vec<String> {
        let worker = |n: usize| {
            let team = n % self.teams;
            let attributes = format!(r#"{{"team": {team}, "routing": {{"skills": ["s{team}"]}}}}"#);
            let sid = seeder.worker(&format!("agent {n}"), &attributes);
            seeder.set_capacity(&sid, "chat", self.capacity(team));
            sid
        };
        (0..self.workers).map(worker).collect()
    }

    /// A rule for each team, all about chat and every other about sms, which is as it is made.
    fn rules(&self) -> Value {
        let rule = |team: usize| {
            let mut channels = json!({ "chat": self.capacity(team) });
            if team.is_multiple_of(2) {
                channels["sms"] = json!({ "bounds": [1, 5] });
            }
            json!({ "name": format!("team {team}"), "workers": format!("team == {team}"), "channels": channels })
        };
        (0..self.teams).map(rule).collect()
    }
}

#[test]
fn without_drift_the_kinds_are_listed_at_once_and_nothing_else() {
    let emulator = planted(|seeder| {
        for n in 0..2500 {
            seeder.queue(&format!("Queue {n}"), "1==1");
        }
    });
    let reading = read(&emulator, &spec(json!({})));
    assert_eq!(reading.requests.len(), ALWAYS + 2, "three pages of queues");
    assert!(reading.requests.iter().all(|request| request.contains("PageSize=1000")));

    let admin = json!({
        "type": "service", "friendly_name": "admin",
        "permissions": { "include": ["createConversation"] },
    });
    let roles = spec(json!({ "conversations": { "roles": [admin] } }));
    let reading = read(&emulator, &roles);
    assert_eq!(reading.requests.len(), ALWAYS + 2 + 2, "Flex's configuration and a page of roles");
}

#[test]
fn five_thousand_queues_take_five_pages_whether_one_differs_or_none() {
    let emulator = planted(|seeder| {
        for n in 0..5000 {
            seeder.queue(&format!("Queue {n}"), "1==1");
        }
    });
    for (target, changes) in [("1==1", 0), ("2==2", 1)] {
        let queues = json!({ "Queue 77": { "target_workers": target } });
        let desired = spec(json!({ "queues": queues }));
        let reading = read(&emulator, &desired);
        assert_eq!(reading.requests.len(), ALWAYS + 4);
        assert_eq!(plan(&desired, &reading).changes.len(), changes);
    }
}

#[test]
fn each_rule_is_asked_once_and_each_drifted_worker_is_read() {
    let center = Center { workers: 300, teams: 20 };
    let mut sids = Vec::new();
    let emulator = planted(|seeder| sids = center.plant(seeder));
    let desired = spec(json!({ "worker_capacities": center.rules() }));
    let calm = read(&emulator, &desired);
    assert!(plan(&desired, &calm).is_empty(), "{}", text(&plan(&desired, &calm)));
    assert_eq!(calm.requests.len(), ALWAYS + 1 + 20);
    assert_eq!(calm.count("TargetWorkersExpression"), 20);
    assert_eq!(calm.snapshot.unread_channels, 300 * 6);
    assert_eq!(calm.remarks, []);

    emulator.seed(|seeder| seeder.set_capacity(&sids[42], "chat", 50));
    let drifted = read(&emulator, &desired);
    assert_eq!(drifted.requests.len(), ALWAYS + 1 + 20 + 1);
    assert_eq!(drifted.count(&format!("Workers/{}/Channels", sids[42])), 1);
    let plan = plan(&desired, &drifted);
    assert_eq!(plan.changes.len(), 1, "{}", text(&plan));
    assert_eq!(plan.changes[0].address.to_string(), "capacity.\"agent 42/chat\"");

    let exact = read_exactly(&emulator, &desired);
    assert_eq!(exact.requests.len(), ALWAYS + 1 + 300);
}

#[test]
fn fifteen_thousand_workers_and_twenty_rules_take_fewer_than_sixty_requests() {
    let center = Center { workers: 15_000, teams: 20 };
    let emulator = planted(|seeder| drop(center.plant(seeder)));
    let desired = spec(json!({ "worker_capacities": center.rules() }));
    let reading = read(&emulator, &desired);
    assert!(plan(&desired, &reading).is_empty());
    assert_eq!(reading.requests.len(), ALWAYS + 15 + 20);
}

/// Prints figures of `docs/performance.md`: `cargo test --release --test it -- --nocapture
/// at_the_default_budget`. Nothing really waits.
#[test]
fn fifteen_thousand_workers_at_the_default_budget() {
    let center = Center { workers: 15_000, teams: 20 };
    let latency = std::time::Duration::from_millis(50);
    let options = Options { seed: Seed::Bare, latency, ..Options::deterministic() };
    let emulator = Emulator::in_memory(options);
    emulator.seed(|seeder| drop(center.plant(seeder)));
    let desired = spec(json!({ "worker_capacities": center.rules() }));
    for (exact, requests, seconds) in [(false, 40, 14), (true, 15_020, 310)] {
        let scope = Scope { exact, ..Scope::of(&desired) };
        let transport = InProcess::new(emulator.clone());
        let pace = Pace { budget: Budget::new(50), ..Pace::default() };
        let reading = read_paced(&emulator, transport.clone(), &scope, pace);
        assert_eq!(reading.requests.len(), requests, "exact: {exact}");
        let took = transport.now().as_secs_f64().ceil();
        assert!((took - f64::from(seconds)).abs() <= 1.0, "exact: {exact}, {took} s");
    }
}

#[test]
fn what_no_question_can_ask_is_read_and_said_with_its_cost() {
    let plant = |seeder: &mut Seeder<'_>| {
        seeder.task_channel("pulled-chat", "Pulled Chat");
        for n in 0..30 {
            let level = if n < 20 { "7" } else { "\"7\"" };
            seeder.worker(&format!("agent {n}"), &format!(r#"{{"level": {level}}}"#));
        }
    };
    let long = format!("note != '{}' OR 1==1", "x".repeat(6000));
    let text = |text: &str| text.to_owned();
    for (workers, channels, expected) in [
        ("1==1", json!({ "pulled-chat": 1 }), Some((30, Because::Name(text("pulled-chat"))))),
        (
            "1==1",
            json!({ "chat": { "available": true } }),
            Some((30, Because::Available(text("chat")))),
        ),
        ("level > 3", json!({ "chat": 1 }), None),
        ("level != 7", json!({ "chat": 1 }), Some((10, Because::Unspecified))),
        (
            "worker.activity_name == 'Offline'",
            json!({ "chat": 1 }),
            Some((30, Because::Rule(text("a rule about `worker.activity_name`")))),
        ),
        (&long, json!({ "chat": 1 }), Some((30, Because::Long))),
        ("1==1", json!({ "chat": { "mode": "ignore" } }), None),
        ("1==1", json!({ "new-channel": 3 }), None),
    ] {
        let emulator = planted(plant);
        let rule = json!({ "name": "all", "workers": workers, "channels": channels });
        let channel = json!({ "new-channel": {}, "pulled-chat": {} });
        let desired = spec(json!({ "worker_capacities": [rule], "task_channels": channel }));
        let reading = read(&emulator, &desired);
        let remark =
            expected.map(|(workers, because)| Remark { rule: text("all"), workers, because });
        let read = remark.as_ref().map_or(0, |remark| remark.workers);
        assert_eq!(reading.remarks, Vec::from_iter(remark), "{workers} {channels}");
        assert_eq!(reading.count("/Channels?"), read, "{workers} {channels}");
        assert_eq!(plan(&desired, &reading), plan(&desired, &read_exactly(&emulator, &desired)));
    }
}

#[test]
fn a_rule_that_decides_for_few_among_many_is_not_asked_about() {
    let emulator = planted(|seeder| {
        for n in 0..2100 {
            let agent = n % 1000 != 0;
            let sid = seeder.worker(&format!("agent {n}"), &json!({ "agent": agent }).to_string());
            seeder.set_capacity(&sid, "chat", if agent { 4 } else { 1 });
        }
    });
    let rules = json!([
        { "name": "agents", "workers": "agent == true", "channels": { "chat": 4 } },
        { "name": "others", "workers": "1==1", "channels": { "chat": 1 } },
    ]);
    let desired = spec(json!({ "worker_capacities": rules }));
    let reading = read(&emulator, &desired);
    // All agents would be in the answer about the others, on three pages.
    assert_eq!(reading.count("TargetWorkersExpression"), 1);
    assert_eq!(reading.count("/Channels?"), 3);
    assert_eq!(reading.remarks, []);
    assert!(plan(&desired, &reading).is_empty());
}

/// A TaskRouter that takes everything that is unspecified in the other way, and has workers in its
/// answers whom nobody asked for.
#[derive(Clone)]
struct Contrary {
    inner: InProcess,
    attributes: BTreeMap<String, serde_json::Map<String, Value>>,
}

impl Contrary {
    fn hides(&self, rule: &str, worker: &Value) -> bool {
        let sid = worker["sid"].as_str().unwrap();
        let (tree, errors) = expr::parse(rule);
        assert_eq!(errors, [], "{rule}");
        let scope = expr::AttributeScope::worker(&self.attributes[sid]);
        expr::evaluate(&tree, &scope).certainty == expr::Certainty::Unspecified
    }
}

impl Transport for Contrary {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, SendError> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let question = form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == "TargetWorkersExpression")
            .map(|(_, text)| text.into_owned());
        let response = self.inner.send(request).await?;
        let Some(question) = question else { return Ok(response) };
        let mut body: Value = serde_json::from_slice(response.body()).unwrap();
        let (rule, _) = question.split_once(") AND (worker.channel.").unwrap();
        let workers = body["workers"].as_array_mut().unwrap();
        workers.retain(|worker| !self.hides(&rule[1..], worker));
        let stranger = self.attributes.keys().next().unwrap();
        workers.push(json!({ "sid": stranger }));
        workers.push(json!({ "sid": "WKffffffffffffffffffffffffffffffff" }));
        Ok(response.map(|_| Bytes::from(body.to_string())))
    }

    async fn wait(&self, duration: std::time::Duration) {
        self.inner.wait(duration).await;
    }

    fn now(&self) -> std::time::Duration {
        self.inner.now()
    }
}

const RULES: &[&str] = &[
    "1==1",
    "1==0",
    "team == 'a'",
    "worker.team != 'a'",
    "skills HAS 'x' AND team == 'b'",
    "skills HAS 'x' OR team == 'b' AND level > 3",
    "'y' NOT IN skills",
    "level >= 3",
    "level != 5",
    "friendly_name == 'w3' OR worker.friendly_name == 'w4'",
    "activity_name == 'Offline'",
    "worker.channel.chat.configured_capacity != 2",
];

fn attributes() -> impl Strategy<Value = Value> {
    let team = select(vec![json!("a"), json!("b"), json!("A"), Value::Null, json!(["a"])]);
    let skills = select(vec![json!(["x"]), json!(["x", "y"]), json!([]), json!("x"), Value::Null]);
    let level = select(vec![json!(1), json!(5), json!("5"), json!(true), Value::Null]);
    (team, skills, level).prop_map(|(team, skills, level)| {
        let mut attributes = json!({ "team": team, "skills": skills, "level": level });
        attributes.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        attributes
    })
}

fn wanted() -> impl Strategy<Value = Value> {
    let number = || 0..4_u32;
    prop_oneof![
        4 => number().prop_map(Value::from),
        1 => number().prop_map(|capacity| json!({ "capacity": capacity, "mode": "initial" })),
        2 => (number(), number()).prop_map(|(a, b)| json!({ "bounds": [a.min(b), a.max(b)] })),
        1 => Just(json!({ "mode": "ignore" })),
        1 => any::<bool>().prop_map(|available| json!({ "available": available })),
        1 => (number(), any::<bool>())
            .prop_map(|(capacity, available)| json!({ "capacity": capacity, "available": available })),
    ]
}

fn rule() -> impl Strategy<Value = Value> {
    let channels = select(vec!["chat", "voice", "sms", "pulled-chat", "new_channel"]);
    let channels = proptest::collection::btree_map(channels, wanted(), 1..4);
    (select(RULES), channels)
        .prop_map(|(workers, channels)| json!({ "workers": workers, "channels": channels }))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_plan_from_little_reading_is_the_plan_from_all_of_it(
        workers in vec((attributes(), vec((select(vec!["chat", "voice", "pulled-chat"]), 0..4_u32), 0..3)), 1..16),
        mut rules in vec(rule(), 1..5),
        declared in vec((0..16_usize, attributes()), 0..3),
    ) {
        let mut known = BTreeMap::new();
        let emulator = planted(|seeder| {
            seeder.task_channel("pulled-chat", "Pulled Chat");
            for (n, (attributes, capacities)) in workers.iter().enumerate() {
                let sid = seeder.worker(&format!("w{n}"), &attributes.to_string());
                for (channel, capacity) in capacities {
                    seeder.set_capacity(&sid, channel, *capacity);
                }
                known.insert(sid, attributes.as_object().unwrap().clone());
            }
        });
        for (n, rule) in rules.iter_mut().enumerate() {
            rule["name"] = json!(format!("rule {n}"));
        }
        let declared: serde_json::Map<String, Value> = declared
            .iter()
            .map(|(n, attributes)| (format!("w{n}"), json!({ "attributes": attributes })))
            .collect();
        let desired = spec(json!({
            "worker_capacities": rules,
            "workers": declared,
            "task_channels": { "new_channel": {}, "pulled-chat": {} },
            "limits": { "worker_capacities": { "updates": "40%" } },
        }));
        let exact = read_exactly(&emulator, &desired);
        let contrary = Contrary { inner: InProcess::new(emulator.clone()), attributes: known };
        let scope = Scope::of(&desired);
        for little in [read(&emulator, &desired), read_over(&emulator, contrary, &scope)] {
            prop_assert_eq!(plan(&desired, &exact), plan(&desired, &little), "{:#?}", little.requests);
            prop_assert!(little.requests.len() <= exact.requests.len() + rules.len());
            let apart = |reading: &Reading| {
                let known: usize = reading.snapshot.worker_channels.values().map(Vec::len).sum();
                known + reading.snapshot.unread_channels
            };
            prop_assert_eq!(apart(&exact), apart(&little));
        }
    }
}
