//! Capacities of many workers as a few rules.

use serde_json::{Value, json};

use super::{of_json, shown};

/// What a worker has: name, attributes, and for each channel the capacity and whether it is open.
type Worker = (String, Value, Vec<(&'static str, u32, bool)>);

fn account(workers: Vec<Worker>) -> Value {
    let (mut people, mut channels) = (Vec::new(), serde_json::Map::new());
    for (at, (name, attributes, capacities)) in workers.into_iter().enumerate() {
        let sid = format!("WK{at:032x}");
        people.push(json!({
            "sid": sid, "friendly_name": name, "attributes": attributes.to_string(),
        }));
        let list = capacities.into_iter().map(|(channel, capacity, available)| {
            json!({
                "sid": format!("WC{at:032x}"), "task_channel_unique_name": channel,
                "configured_capacity": capacity, "available": available,
            })
        });
        channels.insert(sid, list.collect());
    }
    let names = ["voice", "chat", "pulled"];
    let kinds = names.map(|name| json!({ "sid": format!("TC{name}"), "unique_name": name }));
    json!({ "task_channels": kinds, "workers": people, "worker_channels": channels })
}

fn rules(workers: Vec<Worker>) -> String {
    let (_, import) = of_json(&account(workers));
    let spec = shown(&import);
    let section = spec.split_once("worker_capacities:").map(|(before, rules)| {
        let comments = before.rsplit("\n\n").next().unwrap_or_default();
        format!("{comments}worker_capacities:{rules}")
    });
    section.unwrap_or_default()
}

#[test]
fn as_taskrouter_makes_them_capacities_need_no_rule() {
    let workers = (0..5).map(|n| (format!("w{n}"), json!({}), vec![("voice", 1, true)]));
    assert_eq!(rules(workers.collect()), "");
}

#[test]
fn what_most_have_is_the_rule_for_everyone_and_the_others_are_told_apart_by_an_attribute() {
    let workers = (0..200).map(|n| {
        let senior = n % 4 == 0;
        let team = if senior { "senior" } else { "junior" };
        let skills = if n % 3 == 0 { json!(["chat", "fleet"]) } else { json!(["chat"]) };
        let attributes = json!({ "team": team, "routing": { "skills": skills }, "n": n });
        let voice = if n == 7 { (2, false) } else { (1, true) };
        let chat = if senior { 5 } else { 3 };
        let pulled = if n % 3 == 0 { 4 } else { 1 };
        let channels =
            vec![("voice", voice.0, voice.1), ("chat", chat, true), ("pulled", pulled, true)];
        (format!("w{n}@example.com"), attributes, channels)
    });
    insta::assert_snapshot!(rules(workers.collect()));
}

#[test]
fn a_summary_that_needs_hundreds_of_names_is_none() {
    let workers = (0..300)
        .map(|n: u32| (format!("w{n}"), json!({ "n": n }), vec![("chat", n * 7919 % 5, true)]));
    insta::assert_snapshot!(rules(workers.collect()));
}

#[test]
fn names_that_cannot_be_quoted_and_workers_without_the_channel_are_no_obstacle() {
    let workers = vec![
        ("it's \"me\"".to_owned(), json!({}), vec![("chat", 4, true)]),
        ("O'Neil".to_owned(), json!({}), vec![("chat", 2, true)]),
        ("c".to_owned(), json!({}), vec![("chat", 1, true)]),
        ("e".to_owned(), json!({}), vec![("chat", 2, true)]),
        ("d".to_owned(), json!({}), vec![]),
    ];
    insta::assert_snapshot!(rules(workers));
}
