//! What holds for every plan, and the contract of its JSON.

use std::sync::LazyLock;

use flexctl::model::{
    Activity, Expression, Filter, Kind, Model, PermissionSet, Policy, Queue, QueueOrder, Role,
    RoleType, Snapshot, TaskChannel, Worker, Workflow,
};
use flexctl::plan::{FieldChange, FilterChange, Plan, plan_schema};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use crate::plan::diff;
use crate::support::snapshot::{filter, snapshot_of, target};

/// Expressions, each in two spellings that mean the same.
const SPELLINGS: [[&str; 2]; 6] = [
    ["1==1", " 1 = 1 "],
    ["routing.skills HAS 'sales'", "routing.skills  has \"sales\""],
    ["level > 3 AND team == 'night'", "(level>3) and (team = \"night\")"],
    ["topic IN ['a', 'b'] OR vip == true", "topic in [\"a\",'b']\n  or vip == TRUE"],
    ["skills CONTAINS 'x'", "skills contains   'x'"],
    ["a != null", "((a != NULL))"],
];

fn expression() -> impl Strategy<Value = Expression> {
    select(&SPELLINGS[..]).prop_map(|[plain, _]| plain.into())
}

fn respell(expression: &mut Expression) {
    let text = expression.to_string();
    if let Some([_, other]) = SPELLINGS.iter().find(|[plain, _]| *plain == text) {
        *expression = (*other).into();
    }
}

const QUEUES: [&str; 5] = ["Everyone", "Sales", "Support", "Billing's", "VIP \"gold\""];

fn queue() -> impl Strategy<Value = Queue> {
    let order = option::of(select(vec![QueueOrder::Fifo, QueueOrder::Lifo]));
    let activity = option::of(select(vec!["", "Lunch"]));
    (option::of(expression()), option::of(1..9_u32), order, activity).prop_map(
        |(target_workers, max_reserved_workers, task_order, activity)| Queue {
            target_workers,
            max_reserved_workers,
            task_order,
            reservation_activity: activity.map(str::to_owned),
            ..Queue::default()
        },
    )
}

fn some_filter() -> impl Strategy<Value = Filter> {
    let name = select(vec!["", "a", "b", "c", "d", "e"]);
    let targets = vec((select(&QUEUES[..]), option::of(expression()), option::of(0..3_u32)), 1..3);
    (name, option::of(expression()), targets).prop_map(|(name, expression, targets)| {
        let mut out = filter(name, "", "Everyone");
        out.expression = expression;
        out.targets = targets
            .into_iter()
            .map(|(queue, expression, priority)| {
                let mut target = target(queue);
                target.expression = expression;
                target.priority = priority;
                target
            })
            .collect();
        out
    })
}

fn workflow() -> impl Strategy<Value = Workflow> {
    let default = option::of(option::of(select(&QUEUES[..]).prop_map(target)));
    (option::of(vec(some_filter(), 0..7)), default, option::of(1..500_u32)).prop_map(
        |(filters, default_filter, task_reservation_timeout)| Workflow {
            filters,
            default_filter,
            task_reservation_timeout,
            ..Workflow::default()
        },
    )
}

fn worker() -> impl Strategy<Value = Worker> {
    let value = select(vec![json!(1), json!("x"), json!(null), json!(["a", "b"])]);
    btree_map(select(vec!["level", "skills"]), value, 0..3).prop_map(|attributes| Worker {
        attributes: attributes.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        ..Worker::default()
    })
}

fn owned<C: FromIterator<String>>(names: Vec<&str>) -> C {
    names.into_iter().map(str::to_owned).collect()
}

/// Every queue, and something of everything else.
fn model() -> impl Strategy<Value = Model> {
    let queues = vec(queue(), QUEUES.len());
    let workflows = btree_map(select(vec!["One", "Two", "Three"]), workflow(), 0..3);
    let workers = btree_map(select(vec!["alice", "Bob"]), worker(), 0..3);
    let events =
        option::of(subsequence(vec!["task.created", "task.canceled", "worker.created"], 0..3));
    let permissions = subsequence(vec!["a", "b", "c"], 0..3);
    (queues, workflows, workers, events, permissions).prop_map(
        |(queues, workflows, workers, events, permissions)| {
            let mut model = Model::default();
            model.workspace.events_filter = events.map(owned);
            for (name, available) in [("Lunch", false), ("Offline", false), ("Online", true)] {
                let activity = Activity { available: Some(available), ..Activity::default() };
                model.activities.insert(name.to_owned(), activity);
            }
            model.task_channels.insert("chat".to_owned(), TaskChannel::default());
            model.queues = QUEUES.iter().map(|name| (*name).to_owned()).zip(queues).collect();
            model.workflows = workflows.into_iter().map(|(n, w)| (n.to_owned(), w)).collect();
            model.workers = workers.into_iter().map(|(n, w)| (n.to_owned(), w)).collect();
            let permissions = PermissionSet::Exactly(owned(permissions));
            model.roles.insert((RoleType::Service, "admin".to_owned()), Role { permissions });
            for kind in Kind::ALL {
                model.unmanaged.kinds.insert(kind, Policy::Prune);
            }
            model.limits.all.from = u32::MAX;
            model
        },
    )
}

/// The same live side in other words and in another order.
fn in_other_words(mut now: Snapshot) -> Snapshot {
    fn blank(text: &mut Option<String>) {
        if text.as_ref().is_some_and(String::is_empty) {
            *text = None;
        }
    }
    now.activities.reverse();
    now.queues.rotate_left(2);
    now.workflows.reverse();
    now.workers.reverse();
    now.workspace.value.events_filter.iter_mut().for_each(|events| events.reverse());
    blank(&mut now.workspace.value.event_callback_url);
    for queue in &mut now.queues {
        queue.value.target_workers.iter_mut().for_each(respell);
        blank(&mut queue.value.reservation_activity);
    }
    for workflow in &mut now.workflows {
        let value = &mut workflow.value;
        blank(&mut value.assignment_callback_url);
        for filter in value.filters.iter_mut().flatten() {
            filter.expression.iter_mut().for_each(respell);
            for target in &mut filter.targets {
                target.expression.iter_mut().for_each(respell);
                target.order_by = Some(String::new());
            }
        }
        if value.filters.as_ref().is_some_and(Vec::is_empty) {
            value.filters = None;
        }
    }
    for worker in &mut now.workers {
        for value in worker.value.attributes.values_mut() {
            if value.is_number() {
                *value = json!(1.0);
            }
        }
    }
    now
}

/// A plan without the texts that were found live.
fn without_before(mut plan: Plan) -> Plan {
    fn forget(fields: &mut [FieldChange]) {
        fields.iter_mut().for_each(|field| field.before = Value::Null);
    }
    for change in &mut plan.changes {
        forget(&mut change.fields);
        for filter in &mut change.filters {
            match filter {
                FilterChange::Changed { fields, .. } => forget(fields),
                FilterChange::Removed { filter, .. } => *filter = Filter::default(),
                FilterChange::Added { .. } | FilterChange::Moved { .. } => {}
            }
        }
        // What is kept of the live side is sent back in the words that were found.
        if change.address.kind == Kind::Worker || change.address.kind == Kind::Workflow {
            change.write = None;
        }
    }
    plan.notes.clear();
    plan
}

static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    jsonschema::validator_for(&plan_schema()).expect("the schema of a plan is a schema")
});

proptest! {
    #[test]
    fn a_live_side_that_is_as_declared_needs_no_changes(model in model()) {
        let plan = diff(&model, &snapshot_of(&model));
        prop_assert!(plan.is_empty(), "{:#?}", plan.changes);
        prop_assert_eq!(plan.refusals, []);
        prop_assert_eq!(plan.notes, []);
    }

    #[test]
    fn spelling_and_order_of_the_live_side_change_no_plan(before in model(), wanted in model()) {
        let now = snapshot_of(&before);
        let other = in_other_words(now.clone());
        let (plan, other) = (diff(&wanted, &now), diff(&wanted, &other));
        prop_assert_eq!(without_before(plan), without_before(other));
    }

    #[test]
    fn a_plan_reads_back_from_its_json_as_its_schema_says(before in model(), wanted in model()) {
        let plan = diff(&wanted, &snapshot_of(&before));
        let json = serde_json::to_value(&plan).expect("a plan is JSON");
        prop_assert_eq!(&serde_json::from_value::<Plan>(json.clone()).expect("it reads back"), &plan);
        let errors: Vec<String> = VALIDATOR.iter_errors(&json).map(|e| e.to_string()).collect();
        prop_assert!(errors.is_empty(), "{:#?}", errors);
    }
}

#[test]
fn the_checked_in_schema_of_a_plan_is_fresh() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/plan.schema.json");
    let schema = serde_json::to_string_pretty(&plan_schema()).expect("a schema is JSON") + "\n";
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &schema).expect("the schema can be written");
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == schema, "schemas/plan.schema.json is stale: run with UPDATE_DOCS=1");
}

#[test]
fn the_schema_of_a_plan_refuses_what_is_no_plan() {
    let model = Model::default();
    let mut plan = serde_json::to_value(diff(&model, &snapshot_of(&model))).expect("JSON");
    assert!(VALIDATOR.is_valid(&plan));
    plan["changes"] = json!([{"address": "queue.Sales", "action": "explode"}]);
    assert!(!VALIDATOR.is_valid(&plan));
}
