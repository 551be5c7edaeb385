//! From rules to filters, checked against workflows as they are found in the wild.

use std::collections::BTreeMap;

use flexctl::generate;
use flexctl::model::{
    ChoiceOrder, Dialect, Filter, FilterTemplate, ForEachQueue, Hole, Kind, Part, Queue,
    QueueChoice, QueueRef, Rule, Target, TargetTemplate, Template, Text, Transfer,
    TransferOverride, TransferTarget, WorkerRoute, Workflow,
};
use serde_json::{Value, json};

use crate::support::world;

type Spec = flexctl::model::Model<Rule>;

fn transfer(dialect: Dialect) -> Transfer {
    Transfer {
        dialect,
        filter_name: None,
        worker: Some(WorkerRoute {
            queue: "Everyone".to_owned(),
            filter_name: None,
            target: TransferTarget::default(),
        }),
        target: TransferTarget::default(),
        queues: QueueChoice::default(),
        overrides: BTreeMap::new(),
    }
}

fn spec(queues: &[&str], rules: Vec<Rule>) -> Spec {
    let workflow = Workflow { filters: Some(rules), ..Workflow::default() };
    Spec {
        queues: queues.iter().map(|name| ((*name).to_owned(), Queue::default())).collect(),
        workflows: BTreeMap::from([("W".to_owned(), workflow)]),
        ..Spec::default()
    }
}

fn filters(queues: &[&str], rules: Vec<Rule>) -> Vec<Filter> {
    let model = generate::expand(&spec(queues, rules));
    model.workflows["W"].filters.clone().expect("the workflow owns its filters")
}

#[test]
fn every_filter_has_its_source_in_the_same_place() {
    let each = |filters| {
        Rule::ForEachQueue(ForEachQueue {
            queues: QueueChoice::default(),
            overrides: BTreeMap::new(),
            filters,
        })
    };
    let template = |name: &str| FilterTemplate {
        name: Text::from(name).into(),
        expression: None,
        targets: vec![],
    };
    let rules = vec![
        Rule::Transfer(transfer(Dialect::Conversation)),
        Rule::Filter(Filter { name: "plain".to_owned(), ..Filter::default() }),
        each(vec![template("one"), template("two")]),
        Rule::Transfer(Transfer { worker: None, ..transfer(Dialect::QueueSid) }),
    ];
    let queues = ["B", "A"];
    let filters = filters(&queues, rules.clone());
    let sources = generate::sources(&rules, &queues);
    let told: Vec<String> = filters
        .iter()
        .zip(&sources)
        .map(|(filter, source)| {
            let queue = filter.origin.as_ref().and_then(|origin| origin.queue.as_deref());
            assert_eq!(queue, source.queue, "{}", filter.name);
            format!("{} {} {}", source.rule, source.template, filter.name)
        })
        .collect();
    assert_eq!(sources.len(), filters.len());
    assert_eq!(
        told,
        [
            "0 0 Transfer to worker",
            "0 0 Transfer to queue - A",
            "0 0 Transfer to queue - B",
            "1 0 plain",
            "2 0 one",
            "2 1 two",
            "2 0 one",
            "2 1 two",
            "3 0 Transfer to queue - A",
            "3 0 Transfer to queue - B",
        ]
    );
}

/// One line for each filter: name, expression, targets.
fn lines(filters: &[Filter]) -> String {
    let mut out = String::new();
    for filter in filters {
        let expression = filter.expression.as_ref().map(ToString::to_string).unwrap_or_default();
        out.push_str(&format!("{} | {expression}", filter.name));
        for target in &filter.targets {
            let fields: Vec<String> = [
                target.queue.as_ref().map(ToString::to_string),
                target.expression.as_ref().map(|e| format!("if {e}")),
                target.priority.map(|p| format!("priority {p}")),
                target.timeout.map(|t| format!("timeout {t}")),
                target.skip_if.as_ref().map(|e| format!("skip if {e}")),
                target.known_worker_sid.as_ref().map(|w| format!("known {w}")),
            ]
            .into_iter()
            .flatten()
            .collect();
            out.push_str(&format!(" -> {}", fields.join(", ")));
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

#[test]
fn a_conversation_transfer_asks_for_the_worker_first_and_then_for_each_queue() {
    let out =
        filters(&["Sales", "Everyone"], vec![Rule::Transfer(transfer(Dialect::Conversation))]);
    insta::assert_snapshot!(lines(&out), @"
    Transfer to worker | transferTargetType == 'worker' -> Everyone, known task.transferTargetSid
    Transfer to queue - Everyone | transferQueueName == 'Everyone' -> Everyone, if worker.sid NOT IN task.workerSidsInConversation
    Transfer to queue - Sales | transferQueueName == 'Sales' -> Sales, if worker.sid NOT IN task.workerSidsInConversation
    ");
}

#[test]
fn a_transfer_by_sid_compares_the_sid_of_the_queue() {
    let out = filters(&["Sales"], vec![Rule::Transfer(transfer(Dialect::QueueSid))]);
    insta::assert_snapshot!(lines(&out), @"
    Transfer to worker | transferTargetType == 'worker' -> Everyone, known task.targetSid
    Transfer to queue - Sales | transferTargetType == 'queue' AND targetSid == '${queue['Sales'].sid}' -> Sales, if worker.sid != task.ignoreAgent
    ");
    let address = out[1].expression.as_ref().and_then(|e| e.text.addresses().next()).cloned();
    assert_eq!(address, Some(flexctl::model::Address::new(Kind::Queue, "Sales")));
}

#[test]
fn fields_and_overrides_go_over_the_generated_targets() {
    let rule = Transfer {
        worker: Some(WorkerRoute {
            queue: "Everyone".to_owned(),
            filter_name: None,
            target: TransferTarget { priority: Some(150), ..TransferTarget::default() },
        }),
        target: TransferTarget { priority: Some(10), ..TransferTarget::default() },
        queues: QueueChoice {
            include: vec!["*".to_owned()],
            exclude: vec!["Voice*".to_owned()],
            ..QueueChoice::default()
        },
        overrides: BTreeMap::from([
            (
                "Survey".to_owned(),
                TransferOverride { to: Some("Everyone".to_owned()), ..TransferOverride::default() },
            ),
            (
                "Sales".to_owned(),
                TransferOverride {
                    filter_name: None,
                    to: None,
                    targets: Some(vec![
                        Target { timeout: Some(60), ..Target::default() },
                        Target {
                            queue: Some(QueueRef::Name("Everyone".to_owned())),
                            ..Target::default()
                        },
                    ]),
                },
            ),
        ]),
        ..transfer(Dialect::ProgrammableChat)
    };
    let last = Filter { name: "Rest".to_owned(), ..Filter::default() };
    let out = filters(
        &["Everyone", "Sales", "Survey", "Voicemail"],
        vec![Rule::Transfer(rule), Rule::Filter(last)],
    );
    insta::assert_snapshot!(lines(&out), @"
    Transfer to worker | transferTargetType == 'worker' -> Everyone, priority 150, known task.transferTargetSid
    Transfer to queue - Everyone | transferQueueName == 'Everyone' -> Everyone, if worker.contact_uri != task.ignoreWorkerContactUri, priority 10
    Transfer to queue - Sales | transferQueueName == 'Sales' -> Sales, if worker.contact_uri != task.ignoreWorkerContactUri, priority 10, timeout 60 -> Everyone
    Transfer to queue - Survey | transferQueueName == 'Survey' -> Everyone, if worker.contact_uri != task.ignoreWorkerContactUri, priority 10
    Rest |
    ");
}

#[test]
fn a_name_with_an_apostrophe_stands_in_double_quotes() {
    let out = filters(&["Men's Wear"], vec![Rule::Transfer(transfer(Dialect::Conversation))]);
    let expression = out[1].expression.as_ref().map(ToString::to_string);
    assert_eq!(expression.as_deref(), Some("transferQueueName == \"Men's Wear\""));
}

#[test]
fn what_looks_like_a_reference_and_is_none_is_sent_as_it_is() {
    let model = world::desired(
        "
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues:
  Everyone: { target_workers: 1==1 }
workflows:
  W:
    filters:
      - for_each_queue:
          filters:
            - name: $${x} for ${queue.name}
              expression: queue == '${queue.name}'
              targets: [{ queue: \"${queue.name}\" }]
",
    );
    let filters = model.workflows["W"].filters.clone().expect("owned");
    assert_eq!(filters[0].name, "${x} for Everyone");
}

#[test]
fn a_for_each_makes_its_filters_where_it_stands() {
    let text = |holes: &[Hole]| Template { holes: holes.to_vec() };
    let part = |s: &str| Hole::Part(Part::Str(s.to_owned()));
    let rule = ForEachQueue {
        queues: QueueChoice {
            include: vec!["*".to_owned()],
            exclude: vec!["Everyone".to_owned()],
            ..QueueChoice::default()
        },
        overrides: BTreeMap::from([(
            "Survey".to_owned(),
            TransferOverride { to: Some("Everyone".to_owned()), ..TransferOverride::default() },
        )]),
        filters: vec![FilterTemplate {
            name: text(&[part("Internal call - "), Hole::QueueName]),
            expression: Some(text(&[part("callToQueue == '"), Hole::QueueName, part("'")])),
            targets: vec![TargetTemplate {
                queue: Some(text(&[Hole::QueueName])),
                skip_if: Some(text(&[part("workers.available == 0")])),
                ..TargetTemplate::default()
            }],
        }],
    };
    let plain = |name: &str| Rule::Filter(Filter { name: name.to_owned(), ..Filter::default() });
    let out = filters(
        &["Survey", "Sales", "Everyone"],
        vec![plain("First"), Rule::ForEachQueue(rule), plain("Last")],
    );
    insta::assert_snapshot!(lines(&out), @"
    First |
    Internal call - Sales | callToQueue == 'Sales' -> Sales, skip if workers.available == 0
    Internal call - Survey | callToQueue == 'Survey' -> Everyone, skip if workers.available == 0
    Last |
    ");
    let origin = out[1].origin.as_ref().expect("a generated filter knows its origin");
    assert_eq!((origin.rule.as_str(), origin.queue.as_deref()), ("for_each_queue", Some("Sales")));
}

/// A workflow of the fixtures with its names and sids normalised: the queue's own name stands in
/// the place of its sid, and the filters' names are dropped.
fn fixture(file: &str, queues: &[&str]) -> Option<Value> {
    let Ok(folder) = std::env::var("FLEXCTL_FIXTURES_DIR") else {
        eprintln!("skipped: FLEXCTL_FIXTURES_DIR is not set");
        return None;
    };
    let path = std::path::Path::new(&folder).join("workflows").join(file);
    let text = std::fs::read_to_string(path).expect("the fixture is there");
    let mut value: Value = serde_json::from_str(&text).expect("the fixture is JSON");
    let mut filters = value["task_routing"]["filters"].take();
    for (filter, queue) in filters.as_array_mut().expect("filters").iter_mut().zip(queues) {
        filter.as_object_mut().expect("a filter").remove("filter_friendly_name");
        filter["targets"][0]["queue"] = json!(queue);
    }
    Some(filters)
}

fn as_json(filters: &[Filter]) -> Value {
    let target = |target: &Target| {
        let mut out = serde_json::Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            out.extend(value.map(|value| (key.to_owned(), value)));
        };
        put("queue", target.queue.as_ref().map(|q| json!(q.to_string())));
        put("expression", target.expression.as_ref().map(|e| json!(e.to_string())));
        put("priority", target.priority.map(|p| json!(p)));
        put("timeout", target.timeout.map(|t| json!(t)));
        put("known_worker_sid", target.known_worker_sid.as_ref().map(|w| json!(w)));
        Value::Object(out)
    };
    filters
        .iter()
        .map(|filter| {
            json!({
                "expression": filter.expression.as_ref().map(ToString::to_string),
                "targets": filter.targets.iter().map(target).collect::<Vec<_>>(),
            })
        })
        .collect()
}

#[test]
fn the_programmable_chat_dialect_makes_the_plugins_own_workflow() {
    let queues = ["Everyone", "Outbound Communications", "Parked Calls"];
    let file = "fpt_chat-transfer_programmable-chat.json";
    let places = ["Everyone", "Everyone", "Parked Calls", "Outbound Communications"];
    let Some(fixture) = fixture(file, &places) else { return };
    let made = filters(&queues, vec![Rule::Transfer(transfer(Dialect::ProgrammableChat))]);
    assert_same_but_for_order(&as_json(&made), &fixture);
}

#[test]
fn the_conversation_dialect_makes_the_plugins_own_workflow() {
    let queues = ["Everyone", "Outbound", "Parked Calls"];
    let file = "fpt_conversation-transfer_cbm.json";
    let places = ["Everyone", "Everyone", "Parked Calls", "Outbound"];
    let Some(fixture) = fixture(file, &places) else { return };
    let made = filters(&queues, vec![Rule::Transfer(transfer(Dialect::Conversation))]);
    assert_same_but_for_order(&as_json(&made), &fixture);
}

/// The filter for a worker is first in both; those for queues exclude each other, and only their
/// order (by name here, by hand there) may differ.
fn assert_same_but_for_order(made: &Value, fixture: &Value) {
    let sorted = |value: &Value| {
        let mut filters = value.as_array().expect("filters").clone();
        filters[1..].sort_by_key(|filter| filter["expression"].to_string());
        filters
    };
    assert_eq!(made[0], fixture[0]);
    assert_eq!(sorted(made), sorted(fixture));
}

#[test]
fn filters_may_have_names_of_their_own_and_the_order_of_the_list() {
    let name = Template { holes: vec![Hole::Part(Part::Str("To ".to_owned())), Hole::QueueName] };
    let listed = ["Sales", "Survey", "Billing"].map(str::to_owned);
    let rule = Transfer {
        filter_name: Some(name),
        worker: Some(WorkerRoute {
            queue: "Everyone".to_owned(),
            filter_name: Some("To a person".to_owned()),
            target: TransferTarget::default(),
        }),
        queues: QueueChoice {
            include: listed.to_vec(),
            order: ChoiceOrder::AsIncluded,
            ..QueueChoice::default()
        },
        overrides: BTreeMap::from([(
            "Survey".to_owned(),
            TransferOverride {
                filter_name: Some("Ask them".to_owned()),
                ..TransferOverride::default()
            },
        )]),
        ..transfer(Dialect::Conversation)
    };
    let spec = spec(&["Billing", "Everyone", "Sales", "Survey"], vec![Rule::Transfer(rule)]);
    let expanded = generate::expand(&spec);
    let filters = expanded.workflows["W"].filters.as_deref().unwrap_or_default();
    let names: Vec<&str> = filters.iter().map(|filter| filter.name.as_str()).collect();
    assert_eq!(names, ["To a person", "To Sales", "Ask them", "To Billing"]);
}
