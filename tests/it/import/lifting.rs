//! Expressions that are repeated are said once.

use serde_json::{Value, json};

use super::{furnished, whole};

#[test]
fn a_long_expression_that_stands_there_many_times_is_defined_once() {
    let clauses = (0..12).map(|n| format!("task.customer.segment{n} != worker.refused.part{n}"));
    let long = clauses.collect::<Vec<_>>().join(" AND ");
    assert!(long.len() > 500);
    let world = furnished(|seeder| {
        let sid = seeder.queue("Fleet", "1==1");
        for workflow in 0..4 {
            let filters: Vec<Value> = (0..61)
                .map(|n| {
                    json!({
                        "filter_friendly_name": format!("F{n}"),
                        "expression": format!("kind == {n}"),
                        "targets": [{ "queue": sid, "expression": long }],
                    })
                })
                .collect();
            let configuration = json!({ "task_routing": { "filters": filters } });
            seeder.workflow(&format!("W{workflow}"), &configuration.to_string());
        }
    });
    let spec = whole(&world);
    assert_eq!(spec.matches("task.customer.segment11").count(), 1);
    assert_eq!(spec.matches("${expr.segment0_part0_segment1_part1}").count(), 244);
    let (_, rest) = spec.split_once("\nexpressions:\n").expect(&spec);
    insta::assert_snapshot!(rest.split("\n\n").next().unwrap_or_default());
}

#[test]
fn names_of_expressions_do_not_depend_on_what_else_there_is() {
    let not_in = "worker.sid NOT IN task.workerSidsInConversation AND worker.level > 3";
    let account = |more: usize| {
        furnished(|seeder| {
            let sid = seeder.queue("Fleet", "1==1");
            for n in 0..3 + more {
                let filter = json!({
                    "expression": format!("kind == {n}"),
                    "targets": [{ "queue": sid, "expression": not_in }],
                });
                let configuration = json!({ "task_routing": { "filters": [filter] } });
                seeder.workflow(&format!("W{n}"), &configuration.to_string());
            }
        })
    };
    for more in [0, 4] {
        let spec = whole(&account(more));
        assert!(spec.contains("expressions:\n  sid_worker_sids_in_conversation_level: "), "{spec}");
    }
}

#[test]
fn a_long_part_that_every_expression_has_is_defined_once() {
    let open = "(hours.open == true OR customer.segment == 'fleet' OR customer.vip == true)";
    let world = furnished(|seeder| {
        let sid = seeder.queue("Fleet", "1==1");
        let filters: Vec<Value> = (0..5)
            .map(|n| {
                json!({
                    "expression": format!("kind == {n} AND {open} AND language IN ['de']"),
                    "targets": [{ "queue": sid }],
                })
            })
            .collect();
        let configuration = json!({ "task_routing": { "filters": filters } });
        seeder.workflow("W", &configuration.to_string());
    });
    let spec = whole(&world);
    let line = "expression: kind == 4 AND (${expr.open_segment_fleet_vip}) AND language IN ['de']";
    assert!(spec.contains(line), "{spec}");
    assert_eq!(spec.matches("hours.open").count(), 1, "{spec}");
}
