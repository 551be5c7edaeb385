//! `flexctl route`: the way of one task, and why it goes there.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::support::desk::{Desk, code, err, out};
use crate::support::spec;

const SPEC: &str = r#"
version: 1
workspace: { friendly_name: Flex Task Assignment }
activities:
  Available: { available: true }
  Lunch: { available: false }
task_channels: { chat: {} }
queues:
  Everyone: { target_workers: 1==1 }
  Sales: { target_workers: routing.skills HAS 'sales', max_reserved_workers: 2 }
  Support: { target_workers: routing.skills HAS 'support' }
workers:
  anna: { activity: Available, attributes: { routing: { skills: [sales] }, level: 2 } }
  ben: { activity: Lunch, attributes: { routing: { skills: [sales, support] }, level: 5 } }
  cy: { activity: Available, attributes: { routing: { skills: [sales] }, level: 5 } }
  dora: { activity: Available, attributes: { routing: { skills: [sales] } } }
worker_capacities:
  - { name: no chats for dora, workers: friendly_name == 'dora', channels: { chat: 0 } }
workflows:
  Inbound:
    filters:
      - name: At night
        expression: taskrouter.currentHour >= 20
        targets: [{ queue: Support }]
      - name: Sales
        expression: topic == 'sales' AND vip == true
        targets:
          - { queue: Sales, priority: 10, timeout: 90, order_by: worker.level DESC, expression: worker.level > task.level }
          - { queue: Everyone, priority: 20, timeout: 30, skip_if: workers.available > 100 }
          - { timeout: 60, known_worker_friendly_name: task.agent }
      - name: Anything else
        expression: topic != null
        targets: [{ queue: Support, timeout: 600 }]
  Quiet:
    filters:
      - { name: One, expression: a == 1, targets: [{ queue: Support, timeout: 30 }] }
transfers:
  Chat Transfer:
    dialect: conversation
    worker: { queue: Everyone }
    default_filter: { queue: Everyone }
"#;

const NOON: [&str; 2] = ["--clock", "2026-04-14T12:00:00Z"];

fn route(args: &[&str]) -> String {
    let output = Desk::new(SPEC).run(&[&["route"], args, &NOON].concat());
    assert_eq!(code(&output), 0, "{}", err(&output));
    out(&output)
}

const SALE: [&str; 5] = ["Inbound", "topic=sales", "vip=true", "level=1", "--task-channel=chat"];

#[test]
fn a_way_names_who_is_offered_the_task_and_why_others_are_not() {
    insta::assert_snapshot!(route(&SALE));
}

#[test]
fn a_way_through_timeouts_has_its_ages_and_a_mark() {
    let args = ["Inbound", "topic=sales", "vip=true", "level=9", "agent=ben", "--at", "2m30s"];
    let desk = Desk::new(&SPEC.replace("activity: Available", "activity: Lunch"));
    let output = desk.run(&[&["route"], &args[..], &NOON].concat());
    insta::assert_snapshot!(out(&output));
    let mut command = desk.command(&[&["route"], &args[..], &NOON].concat());
    let narrow = command.env("COLUMNS", "48").output().expect("the binary starts");
    for line in out(&narrow).lines() {
        assert!(line.chars().count() <= 48, "{line}");
    }
    insta::assert_snapshot!("a_way_through_timeouts_in_48_columns", out(&narrow));
}

#[test]
fn many_filters_that_say_no_for_one_reason_are_one_line_unless_all_are_asked_for() {
    let spec = std::fs::read_to_string(spec::root().join("flex.yaml")).expect("it is checked in");
    let desk = Desk::new(&spec);
    let args = ["route", "Chat Transfer", "transferTargetType=queue", "transferQueueName=Workshop"];
    let folded = out(&desk.run(&args));
    assert!(folded.contains("✗ 2 to 10. 9 filters  transferQueueName is 'Workshop'"), "{folded}");
    let all = out(&desk.run(&[&args[..], &["--all"]].concat()));
    assert!(all.contains("✗ 3. Transfer to queue - Complaints"), "{all}");
    assert!(!all.contains("9 filters"), "{all}");
}

#[test]
fn every_end_is_a_sentence() {
    for (args, end) in [
        (&["Inbound", "topic=x"][..], "cancelled after 10m: the last timeout passed"),
        (&["Inbound"], "unrouted: no filter matched and there is no default filter"),
        (&["Quiet", "a=1", "--workers", "none"], "cancelled after 30s: "),
        (
            &["Quiet", "a=1", "--timeout", "20"],
            "waits in Support until the task's own timeout (20s)",
        ),
        (
            &["Chat Transfer", "--workers", "none"],
            "waits in Everyone until the task's own timeout (24h)",
        ),
        (&["Chat Transfer"], "offered to anna in Everyone; then cy and dora"),
    ] {
        let text = route(args);
        assert!(text.contains(&format!("\n⇒ {end}")), "{args:?}\n{text}");
    }
}

#[test]
fn what_a_way_leans_on_is_said_in_the_end() {
    let text = route(&["Inbound"]);
    assert!(text.contains("unspecified: a task that no filter takes"), "{text}");
    assert!(
        text.contains("depends on the time: created at 2026-04-14T12:00:00Z (Tue 12:00 in UTC)"),
        "{text}"
    );
    let desk = Desk::new(SPEC);
    let night = desk.run(&["route", "Inbound", "topic=x", "--clock", "2026-04-14T20:00:00Z"]);
    assert!(out(&night).contains("✓ 1. At night"), "{}", out(&night));
    // Without any declared worker nobody knows who there is.
    let begin = SPEC.find("workers:\n  anna").expect("workers");
    let end = SPEC.find("worker_capacities:").expect("capacities");
    let desk = Desk::new(&format!("{}{}", &SPEC[..begin], &SPEC[end..]));
    let text = out(&desk.run(&["route", "Chat Transfer"]));
    assert!(text.contains("not known: which workers there are"), "{text}");
}

#[test]
fn the_document_is_as_its_schema_says() {
    let path = spec::root().join("schemas/trace.schema.json");
    let schema = std::fs::read_to_string(path).expect("it is checked in");
    let schema = serde_json::from_str(&schema).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    for args in [&SALE[..], &["Inbound"], &["Quiet", "a=1"], &["Chat Transfer"]] {
        let text = route(&[args, &["--format", "json"]].concat());
        let document: Value = serde_json::from_str(&text).expect("one JSON document");
        let errors: Vec<String> =
            validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{args:?}: {errors:?}");
    }
}

#[test]
fn a_picture_of_a_way_in_mermaid() {
    insta::assert_snapshot!(route(&[&SALE[..], &["--format", "mermaid", "--at", "0"]].concat()));
}

#[test]
fn a_task_comes_inline_from_a_file_or_from_stdin() {
    let desk = Desk::new(SPEC);
    desk.write("task.json", "{\n\t\"topic\": \"sales\", \"vip\": true, \"level\": 1 }");
    desk.write("task.yaml", "topic: sales\nvip: true\nlevel: 1\n");
    let wanted = route(&SALE);
    let channel = ["--task-channel", "chat"];
    for given in [
        &["--task", "{ topic: sales, vip: true, level: 1 }"][..],
        &["--task", "@task.json"],
        &["--task-file", "task.yaml"],
        &["--task", "@task.json", "topic=sales"],
    ] {
        let output = desk.run(&[&["route", "Inbound"], given, &channel, &NOON].concat());
        assert_eq!(out(&output), wanted, "{given:?}: {}", err(&output));
    }
    let args = [&["route", "Inbound", "--task", "-"], &channel[..], &NOON].concat();
    let mut child = desk
        .command(&args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(desk.read("task.json").as_bytes()).expect("it reads");
    drop(stdin);
    assert_eq!(out(&child.wait_with_output().expect("it ends")), wanted);
}

#[test]
fn workers_come_from_a_file_as_in_routing_tests() {
    let desk = Desk::new(SPEC);
    desk.write(
        "workers.yaml",
        "eve: { attributes: { routing: { skills: [support] } }, channels: { default: { capacity: 1, assigned: 1 } } }\n\
         fay: { activity: Lunch, attributes: { routing: { skills: [support] } } }\n\
         gil: { attributes: { routing: { skills: [support] } }, idle: 10 }\n\
         hal: { attributes: { routing: { skills: [support] } }, idle: 20 }\n",
    );
    let args = ["route", "Quiet", "a=1", "--workers", "workers.yaml"];
    let text = out(&desk.run(&args));
    assert!(text.contains("⇒ offered to hal in Support; then gil"), "{text}");
    assert!(text.contains("✗ eve  full: 1 of 1 tasks of default"), "{text}");
    assert!(text.contains("✗ fay  in Lunch, not available"), "{text}");
    assert!(text.contains("(4 given workers)"), "{text}");
}

#[test]
fn live_workers_are_read_and_nothing_else_needs_an_account() {
    let desk = Desk::new(SPEC);
    let applied = desk.emulated(&["apply", "--auto-approve"]);
    assert_eq!(code(&applied), 0, "{}", err(&applied));
    let args = [&["route"], &SALE[..], &["--workers", "live"], &NOON].concat();
    let output = desk.emulated(&args);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let text = out(&output);
    assert!(text.contains("live workers)"), "{text}");
    assert!(text.contains("cy and anna"), "{text}");
    let everyone =
        SPEC.replace("target_workers: routing.skills HAS 'sales'", "target_workers: 1==1");
    desk.write("flex.yaml", &everyone.replace(", expression: worker.level > task.level", ""));
    let text = out(&desk.emulated(&args));
    assert!(text.contains("dora  no capacity for chat"), "{text}");
    // Only then.
    let refused = desk.run(&args);
    assert_eq!(code(&refused), 4, "{}", err(&refused));
}

#[test]
fn sids_are_written_by_name_and_shown_by_name() {
    let desk = Desk::new(&SPEC.replace("dialect: conversation", "dialect: queue_sid"));
    let args = ["route", "Chat Transfer", "transferTargetType=queue"];
    let text = out(&desk.run(&[&args[..], &["targetSid=${queue['Support'].sid}"]].concat()));
    assert!(text.contains("✓ 4. Transfer to queue - Support"), "{text}");
    assert!(text.contains("is the sid of queue.Support"), "{text}");
    assert!(!text.contains("WQ"), "{text}");
    let unknown = desk.run(&[&args[..], &["targetSid=${queue['Suport'].sid}"]].concat());
    assert_eq!(code(&unknown), 64);
    assert!(err(&unknown).contains("did you mean `Support`?"), "{}", err(&unknown));
}

#[test]
fn what_comes_from_outside_is_shown_and_not_obeyed() {
    let text = route(&["Quiet", "--task", "{\"a\": \"\\u001b[31mred\\u0007\"}"]);
    assert!(!text.contains('\u{1b}') && text.contains("\\u{1b}[31mred"), "{text}");
}

#[test]
fn wrong_usage_is_told_with_a_way_on() {
    let desk = Desk::new(SPEC);
    desk.write("bad.yaml", "anna: { atributes: {} }\n");
    for (args, said) in [
        (&["Inbuond"][..], "did you mean `Inbound`?"),
        (&["Inbound", "topic"], "is not KEY=VALUE"),
        (&["Inbound", "--task", "{\"a\": 1,, }"], "--task: "),
        (&["Inbound", "--task", "sales"], "no map of attributes"),
        (&["Inbound", "--task", "@missing.json"], "cannot read missing.json"),
        (&["Inbound", "--task", "{}", "--task-file", "x"], "cannot be used with"),
        (&["Inbound", "--at", "soon"], "write seconds"),
        (&["Inbound", "--clock", "noon"], "--clock"),
        (&["Inbound", "--workers", "bad.yaml"], "atributes"),
        (&["Inbound", "--workers", "nobody.yaml"], "cannot read nobody.yaml"),
        (&["Inbound", "--at", "5", "--format", "json"], "the age of every step"),
        (&[], "WORKFLOW"),
    ] {
        let output = desk.run(&[&["route"], args].concat());
        assert_eq!(code(&output), 64, "{args:?}: {}", err(&output));
        assert!(err(&output).contains(said), "{args:?}: {}", err(&output));
    }
    desk.write("flex.yaml", &SPEC.replace("queue: Support", "queue: Suport"));
    assert_eq!(code(&desk.run(&["route", "Inbound"])), 3);
}

#[test]
fn colour_is_for_those_who_ask() {
    let desk = Desk::new(SPEC);
    assert!(!out(&desk.run(&["route", "Inbound"])).contains('\x1b'));
    assert!(out(&desk.run(&["route", "Inbound", "--color", "always"])).contains('\x1b'));
}
