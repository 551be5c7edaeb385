//! What means the same makes the same plan, however it is written, on both sides.

use flexctl::plan::{FilterChange, Options, Plan};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::specs;
use crate::support::spelling::Speller;
use crate::support::world::{World, desired, string, text};

fn options() -> Options {
    Options { allow_replace: vec!["*".parse().expect("a pattern")], ..Options::default() }
}

/// What a plan does, without the wording of expressions.
fn shape(plan: &Plan) -> Vec<String> {
    let filter = |change: &FilterChange| match change {
        FilterChange::Added { position, filter } => format!("+{position} {}", filter.name),
        FilterChange::Removed { position, filter } => format!("-{position} {}", filter.name),
        FilterChange::Moved { name, from, to } => format!("{from}>{to} {name}"),
        FilterChange::Changed { name, position, fields } => {
            let fields: Vec<&str> = fields.iter().map(|field| field.field.as_str()).collect();
            format!("~{position} {name}: {}", fields.join(", "))
        }
    };
    let changes = plan.changes.iter().map(|change| {
        let fields: Vec<&str> = change.fields.iter().map(|field| field.field.as_str()).collect();
        let filters: Vec<String> = change.filters.iter().map(filter).collect();
        let (action, stage, reasons) = (change.action, change.stage, &change.reasons);
        format!(
            "{action:?} {} {stage:?} {fields:?} {filters:?} {reasons:?} {:?}",
            change.address, change.after
        )
    });
    let notes = plan.notes.iter().map(|note| format!("{} {}", note.code, note.address));
    changes.chain(notes).chain([format!("{:?} {:?}", plan.counts, plan.unmanaged)]).collect()
}

/// Somebody else writes everything in the workspace again, in other words.
fn respell(world: &World, speller: &mut Speller) {
    for workflow in world.list("Workflows") {
        let configuration = string(&workflow["configuration"]);
        let document = serde_json::from_str(&configuration).expect("a configuration is JSON");
        let path = format!("Workflows/{}", string(&workflow["sid"]));
        let again = speller.configuration(&document);
        world.post(&path, &[("Configuration", &again)]);
    }
    for queue in world.list("TaskQueues") {
        if let Some(workers) = queue["target_workers"].as_str() {
            let path = format!("TaskQueues/{}", string(&queue["sid"]));
            world.post(&path, &[("TargetWorkers", &speller.expression(workers))]);
        }
    }
}

fn few() -> ProptestConfig {
    ProptestConfig {
        cases: 100,
        max_shrink_iters: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn the_layout_of_the_yaml_never_changes_a_plan(
        before in specs::spec(),
        wanted in specs::spec(),
        seed in any::<u64>(),
    ) {
        let world = World::new();
        world.apply_with(&before.to_string(), &options());
        let plan = world.plan_with(&wanted.to_string(), &options());
        let yaml = Speller::new(seed).yaml(&wanted);
        prop_assert_eq!(&desired(&yaml), &desired(&wanted.to_string()), "{}", yaml);
        let again = world.plan_with(&yaml, &options());
        prop_assert_eq!(json!(again), json!(plan), "{}", yaml);
    }

    #[test]
    fn the_spelling_of_expressions_in_the_spec_never_changes_a_plan(
        before in specs::spec(),
        wanted in specs::spec(),
        seed in any::<u64>(),
    ) {
        let world = World::new();
        world.apply_with(&before.to_string(), &options());
        let mut speller = Speller::new(seed);
        for spec in [before, wanted] {
            let plan = world.plan_with(&spec.to_string(), &options());
            let respelled = speller.expressions(&spec);
            let again = world.plan_with(&respelled.to_string(), &options());
            prop_assert_eq!(shape(&again), shape(&plan), "{}\n{}", spec, respelled);
        }
    }

    #[test]
    fn the_spelling_of_what_is_live_never_changes_a_plan(
        before in specs::spec(),
        wanted in specs::spec(),
        seed in any::<u64>(),
    ) {
        let world = World::new();
        world.apply_with(&before.to_string(), &options());
        let specs = [before.to_string(), wanted.to_string()];
        let plans = specs.each_ref().map(|spec| world.plan_with(spec, &options()));
        respell(&world, &mut Speller::new(seed));
        for (spec, plan) in specs.iter().zip(plans) {
            let again = world.plan_with(spec, &options());
            prop_assert_eq!(shape(&again), shape(&plan), "{}\n{}", spec, text(&again));
        }
    }
}

const INBOUND: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues:
  Everyone: { target_workers: routing.skills HAS 'sales' AND level >= 2 }
workflows:
  Inbound:
    filters:
      - name: Leads
        expression: type == 'lead' AND value > 1000
        targets: [{ queue: Everyone, timeout: 60, priority: 5, skip_if: workers.available == 0 }, {}]
    default_filter: null
";

/// The live configuration of `INBOUND` as others write it.
fn spellings(queue: &str) -> Vec<Value> {
    let filter = |name: &str, targets: Value| json!({ "targets": targets, name: "Leads", "expression": "(type==\"lead\")and value>1000" });
    let targets = json!([
        { "skip_if": "workers.available  ==  0", "priority": "5", "timeout": "60", "queue": queue },
        {},
    ]);
    let nulls = json!([
        { "queue": queue, "priority": 5, "timeout": 60.0, "skip_if": "workers.available==0",
          "order_by": null, "expression": "", "known_worker_sid": null },
        { "queue": null, "priority": "", "timeout": null },
    ]);
    ["filter_friendly_name", "friendly_name", "friendlyName", "filterFriendlyName"]
        .into_iter()
        .flat_map(|name| [filter(name, targets.clone()), filter(name, nulls.clone())])
        .flat_map(|filter| {
            [
                json!({ "task_routing": { "filters": [filter.clone()] } }),
                json!({ "task_routing": { "default_filter": null, "filters": [filter.clone()] } }),
                json!({ "task_routing": { "default_filter": {}, "filters": [filter] } }),
            ]
        })
        .collect()
}

#[test]
fn a_workflow_in_the_words_of_others_is_the_same_workflow() {
    let probe = World::of(INBOUND);
    let everyone = probe.sid("TaskQueues", "Everyone");
    for configuration in spellings(&everyone) {
        // Put into the store as it is: TaskRouter has accepted much over the years.
        let world = World::of("version: 1\nworkspace: { friendly_name: Flex Task Assignment }\n");
        assert_eq!(world.sid("TaskQueues", "Everyone"), everyone);
        let path = format!("TaskQueues/{everyone}");
        world.post(&path, &[("TargetWorkers", "routing.skills has \"sales\"  and (level>=2)")]);
        let pretty = serde_json::to_string_pretty(&configuration).expect("JSON");
        for text_of in [configuration.to_string(), pretty] {
            world.emulator.seed(|seeder| seeder.workflow("Inbound", &text_of));
            let plan = world.plan(INBOUND);
            assert!(plan.is_empty(), "{}\n{text_of}", text(&plan));
            let path = format!("Workflows/{}", world.sid("Workflows", "Inbound"));
            world.ask("DELETE", &path, &[]);
        }
    }
}

#[test]
fn no_filters_are_no_filters_however_it_is_said() {
    let spec = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
workflows:
  Inbound: { filters: [], default_filter: null }
";
    for configuration in [
        "{}",
        r#"{"task_routing":null}"#,
        r#"{"task_routing":{}}"#,
        r#"{"task_routing":{"filters":null}}"#,
        r#"{ "task_routing" : { "default_filter" : {}, "filters" : [ ] } }"#,
    ] {
        let world = World::new();
        world.emulator.seed(|seeder| seeder.workflow("Inbound", configuration));
        let plan = world.plan(spec);
        assert!(plan.is_empty(), "{}\n{configuration}", text(&plan));
    }
}
