//! Filters made by hand for each queue become one rule again.

use flexctl::import::Options;
use serde_json::{Value, json};

use super::{furnished, import_of, snapshot, whole};
use crate::support::world::World;

/// Queues in the order in which somebody clicked them together.
fn queues(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("Team {:02}", (n * 17 + 5) % count)).collect()
}

/// An account with a workflow of filters that are made from queues and their sids.
fn account(count: usize, filters: impl Fn(&[(String, String)], &str) -> Vec<Value>) -> World {
    furnished(|seeder| {
        let everyone = seeder.queue("All hands", "1==1");
        let made: Vec<(String, String)> = queues(count)
            .into_iter()
            .map(|name| {
                let workers = format!("routing.skills HAS '{name}'");
                (name.clone(), seeder.queue(&name, &workers))
            })
            .collect();
        let routing = json!({
            "filters": filters(&made, &everyone),
            "default_filter": { "queue": everyone },
        });
        let configuration = json!({ "task_routing": routing });
        seeder.workflow("Chat Transfer", &configuration.to_string());
    })
}

fn worker(path: &str, everyone: &str) -> Value {
    json!({
        "filter_friendly_name": "Assign to worker",
        "expression": "transferTargetType==\"worker\"",
        "targets": [{ "queue": everyone, "known_worker_sid": path }],
    })
}

fn filter(name: String, expression: String, workers: &str, sid: &str) -> Value {
    json!({
        "filter_friendly_name": name,
        "expression": expression,
        "targets": [{ "queue": sid, "expression": workers }],
    })
}

#[test]
fn forty_queues_of_every_dialect_fold_into_one_transfer() {
    let by_name = |queue: &str| format!("transferQueueName == \"{queue}\"");
    let conversation = account(40, |queues, everyone| {
        let made = queues.iter().map(|(queue, sid)| {
            let workers = "worker.sid NOT IN task.workerSidsInConversation";
            filter(format!("Assign to queue {queue}"), by_name(queue), workers, sid)
        });
        std::iter::once(worker("task.transferTargetSid", everyone)).chain(made).collect()
    });
    let programmable = account(40, |queues, everyone| {
        let made = queues.iter().map(|(queue, sid)| {
            let workers = "worker.contact_uri  !=  task.ignoreWorkerContactUri";
            filter(format!("Transfer to queue - {queue}"), by_name(queue), workers, sid)
        });
        std::iter::once(worker("task.transferTargetSid", everyone)).chain(made).collect()
    });
    let by_sid = account(40, |queues, everyone| {
        let made = queues.iter().map(|(queue, sid)| {
            let asked = format!("transferTargetType == 'queue' AND targetSid == '{sid}'");
            filter(queue.clone(), asked, "worker.sid != task.ignoreAgent", sid)
        });
        std::iter::once(worker("task.targetSid", everyone)).chain(made).collect()
    });
    for (world, dialect) in
        [(conversation, "conversation"), (programmable, "programmable_chat"), (by_sid, "queue_sid")]
    {
        let spec = whole(&world);
        let (_, transfers) = spec.split_once("\ntransfers:\n").expect(&spec);
        insta::assert_snapshot!(format!("forty_queues_{dialect}"), transfers);
        assert!(!spec.contains("\nworkflows:"), "{spec}");
    }
}

#[test]
fn in_the_order_of_the_names_no_name_has_to_be_said() {
    let world = account(12, |queues, _| {
        let mut queues = queues.to_vec();
        queues.sort();
        let made = queues.iter().map(|(queue, sid)| {
            let workers = "worker.sid NOT IN task.workerSidsInConversation";
            let asked = format!("transferQueueName == '{queue}'");
            filter(format!("Transfer to queue - {queue}"), asked, workers, sid)
        });
        made.collect()
    });
    let spec = whole(&world);
    let (_, transfers) = spec.split_once("\ntransfers:\n").expect(&spec);
    insta::assert_snapshot!(transfers, @r#"
      # Made from 12 filters.
      Chat Transfer:
        dialect: conversation
        queues: { exclude: [All hands] }
        default_filter: { queue: All hands }
    "#);
}

#[test]
fn queues_of_their_own_kind_are_overrides_and_what_follows_stays_a_filter() {
    let world = account(9, |queues, everyone| {
        let mut made: Vec<Value> = queues
            .iter()
            .map(|(queue, sid)| {
                let asked = format!("transferQueueName == '{queue}'");
                filter(format!("To {queue}"), asked, "worker.sid != task.me", sid)
            })
            .collect();
        made[2]["targets"][0]["queue"] = everyone.into();
        made[4]["targets"] = json!([
            { "queue": queues[4].1, "expression": "worker.sid != task.me", "timeout": "60" },
            { "queue": everyone },
        ]);
        made[5]["filter_friendly_name"] = "Fleet desk".into();
        made.insert(0, worker("task.transferTargetSid", everyone));
        made[0]["targets"][0]["priority"] = "150".into();
        made.push(json!({
            "friendlyName": "The rest",
            "expression": "transferQueueName == 'Team 01' OR vip == true",
            "targets": [{ "queue": everyone }],
        }));
        made
    });
    let spec = whole(&world);
    let (_, transfers) = spec.split_once("\ntransfers:\n").expect(&spec);
    insta::assert_snapshot!(transfers);
}

#[test]
fn families_that_are_no_transfer_become_for_each_rules_around_the_odd_ones() {
    let world = account(8, |queues, everyone| {
        let mut made = vec![json!({
            "filter_friendly_name": "To a person",
            "expression": "targetWorker != null AND callToQueue == null",
            "targets": [{ "queue": everyone, "expression": "task.targetWorker == worker.contact_uri" }],
        })];
        for (queue, sid) in queues {
            made.push(json!({
                "filter_friendly_name": format!("Call - {queue}"),
                "expression": format!("callToQueue == '{queue}'"),
                "targets": [{ "queue": sid, "timeout": 30 }, {}],
            }));
            made.push(json!({
                "filter_friendly_name": format!("Park - {queue}"),
                "expression": format!("originalRouting.queueSid == '{sid}'"),
                "targets": [{ "queue": sid }],
            }));
        }
        // Nothing can take its expression away again.
        made[7]["targets"] = json!([{ "queue": everyone, "expression": "1==1" }]);
        made
    });
    let spec = whole(&world);
    let (_, workflows) = spec.split_once("\nworkflows:\n").expect(&spec);
    insta::assert_snapshot!(workflows);
}

#[test]
fn a_fold_that_would_say_something_else_is_none() {
    // The names of queues are not those that the filters ask for.
    let world = account(6, |queues, _| {
        let made = queues.iter().enumerate().map(|(n, (_, sid))| {
            filter(format!("F{n}"), format!("transferQueueName == 'other {n}'"), "1==1", sid)
        });
        made.collect()
    });
    let spec = whole(&world);
    assert!(!spec.contains("for_each_queue") && !spec.contains("\ntransfers:"), "{spec}");
    assert_eq!(spec.matches("- name: F").count(), 6, "{spec}");
}

#[test]
fn a_name_with_both_quotes_stands_for_itself() {
    let world = furnished(|seeder| {
        let filters: Vec<Value> = ["A", "B", "it's \"so\"", "C's", "D"]
            .iter()
            .map(|name| {
                let sid = seeder.queue(name, "1==1");
                let asked = format!("targetSid == '{sid}'");
                filter(format!("To {name}"), asked, "worker.sid != task.ignoreAgent", &sid)
            })
            .collect();
        let configuration = json!({ "task_routing": { "filters": filters } });
        seeder.workflow("W", &configuration.to_string());
    });
    let spec = whole(&world);
    assert!(spec.contains("targetSid == '${queue.sid}'"), "{spec}");
    import_of(&snapshot(&world), &Options::default());
}
