use serde_json::json;

use super::*;
use crate::model::{Filter, Live, Queue, QueueRef, Target};

fn target(queue: &str) -> Target {
    Target { queue: Some(QueueRef::Name(queue.to_owned())), ..Target::default() }
}

fn filter(name: &str, expression: &str, queue: &str) -> Filter {
    Filter {
        name: name.to_owned(),
        expression: Some(expression.into()),
        targets: vec![target(queue)],
        ..Filter::default()
    }
}

fn queue(target_workers: &str) -> Queue {
    Queue { target_workers: Some(target_workers.into()), ..Queue::default() }
}

fn base() -> Model {
    let mut model = Model::default();
    for name in ["Sales", "Support", "Everyone"] {
        model.queues.insert(name.to_owned(), queue(&format!("skills HAS '{name}'")));
    }
    let filters = vec![
        filter("sales", "topic == 'sales'", "Sales"),
        filter("support", "topic == 'support' AND vip != true", "Support"),
    ];
    let workflow = Workflow {
        filters: Some(filters),
        default_filter: Some(Some(target("Everyone"))),
        ..Workflow::default()
    };
    model.workflows.insert("Inbound".to_owned(), workflow);
    model
}

fn filters(model: &mut Model) -> &mut Vec<Filter> {
    let workflow = model.workflows.get_mut("Inbound").expect("the base has it");
    workflow.filters.as_mut().expect("the base has filters")
}

fn ask(before: &Model, after: &Model) -> RoutingDiff {
    let renames = Renames::declared(before, after);
    compare(&Question {
        before,
        after,
        renames: &renames,
        tasks: &[],
        workers: &KnownWorkers::default(),
        limit: LIMIT,
    })
}

/// Each difference in a line.
fn lines(diff: &RoutingDiff) -> Vec<String> {
    let moves = diff.moves.iter().map(|one| {
        let ways = [&one.before, &one.after].map(|way| way_line(way, &one.differs));
        let tasks: Vec<String> = one.tasks.iter().map(task_line).collect();
        format!("{}: {}: {}", one.workflow, tasks.join(" | "), ways.join(" → "))
    });
    moves.collect()
}

#[test]
fn equal_routings_differ_in_nothing() {
    let mut after = base();
    filters(&mut after)[0].expression = Some("( topic=\"sales\" )".into());
    filters(&mut after)[1].name = "another name".to_owned();
    let diff = ask(&base(), &after);
    assert!(diff.is_empty(), "{diff:#?}");
    assert_eq!(diff.counts, DiffCounts::default());
}

#[test]
fn another_word_in_a_filter_is_told_with_both_ways() {
    let mut after = base();
    filters(&mut after)[0].expression = Some("topic == 'sale'".into());
    let diff = ask(&base(), &after);
    assert_eq!(
        lines(&diff),
        ["Inbound: topic=sales: Sales → Everyone", "Inbound: topic=sale: Everyone → Sales",]
    );
}

#[test]
fn a_bound_that_moves_is_found_between_the_bounds() {
    let mut before = base();
    filters(&mut before)[0].expression = Some("score > 5".into());
    let mut after = base();
    filters(&mut after)[0].expression = Some("score > 5.5".into());
    assert_eq!(lines(&ask(&before, &after)), ["Inbound: score=5.5: Sales → Everyone"]);
}

#[test]
fn a_task_that_two_filters_would_take_shows_their_order() {
    let mut before = base();
    filters(&mut before)[1].expression = Some("vip == true".into());
    let mut after = before.clone();
    filters(&mut after).swap(0, 1);
    assert_eq!(lines(&ask(&before, &after)), ["Inbound: topic=sales vip=true: Sales → Support"]);
}

#[test]
fn a_filter_above_a_catch_all_takes_from_it() {
    let mut before = base();
    filters(&mut before)[1].expression = Some("1==1".into());
    let mut after = before.clone();
    filters(&mut after).insert(1, filter("vip", "vip == true", "Everyone"));
    assert_eq!(lines(&ask(&before, &after)), ["Inbound: vip=true: Support → Everyone"]);
}

#[test]
fn priority_and_timeout_are_differences_and_names_of_filters_are_not() {
    let mut after = base();
    filters(&mut after)[0].targets[0].priority = Some(7);
    filters(&mut after)[1].targets[0].timeout = Some(60);
    filters(&mut after)[1].name = "other".to_owned();
    assert_eq!(
        lines(&ask(&base(), &after)),
        [
            "Inbound: topic=sales: Sales with priority 0 → Sales with priority 7",
            "Inbound: topic=support vip=false: Support → Support until 1m, then cancelled after 1m",
        ]
    );
}

#[test]
fn a_renamed_queue_is_the_same_queue() {
    let mut after = base();
    let renamed = Queue {
        renamed_from: Some("Sales".to_owned()),
        ..after.queues.remove("Sales").expect("the base has it")
    };
    after.queues.insert("Sales EMEA".to_owned(), renamed);
    filters(&mut after)[0].targets = vec![target("Sales EMEA")];
    assert!(ask(&base(), &after).is_empty());
    filters(&mut after)[0].targets[0].priority = Some(1);
    let lines = lines(&ask(&base(), &after));
    assert_eq!(lines, ["Inbound: topic=sales: Sales with priority 0 → Sales EMEA with priority 1"]);
}

#[test]
fn another_word_in_a_queue_moves_workers_and_names_the_tasks_that_wait_there() {
    let mut after = base();
    after.queues.insert("Sales".to_owned(), queue("skills HAS 'sale'"));
    let mut before = base();
    before.queues.insert("Sales".to_owned(), queue("skills HAS 'sales'"));
    let worker = |name: &str, skills: serde_json::Value| {
        let mut worker = crate::routing::worker_witness(&[]).expect("anybody");
        worker.name = name.to_owned();
        worker.attributes.insert("skills".to_owned(), skills);
        worker
    };
    let workers = vec![worker("alice", json!(["sales"])), worker("bob", json!(["x"]))];
    let workers = KnownWorkers { before: workers.clone(), after: workers };
    let renames = Renames::default();
    let question = Question {
        before: &before,
        after: &after,
        renames: &renames,
        tasks: &[],
        workers: &workers,
        limit: LIMIT,
    };
    let diff = compare(&question);
    assert_eq!(diff.moves, []);
    let [shift] = &diff.queues[..] else { panic!("{diff:#?}") };
    let leave = shift.leave.as_ref().expect("alice leaves");
    assert_eq!(workers_line(leave, shift.known), "workers with skills=[sales] (alice of 2 known)");
    let join = shift.join.as_ref().expect("others may come");
    assert_eq!(workers_line(join, shift.known), "workers with skills=[sale] (none of 2 known)");
    let tasks: Vec<String> = shift.tasks.iter().map(|one| task_line(&one.task)).collect();
    assert_eq!(tasks, ["topic=sales"]);
}

#[test]
fn a_queue_that_takes_the_name_of_another_is_not_that_one() {
    let live = |sid: &str, name: &str| Live {
        sid: sid.to_owned(),
        name: name.to_owned(),
        value: Queue::default(),
        untouched: true,
    };
    let mut renames = Renames::default();
    let before = [live("WQ1", "Sales"), live("WQ2", "Support")];
    renames.learn(Kind::Queue, &before, &[live("WQ1", "Support")]);
    let mut model = base();
    model.queues.remove("Everyone");
    let applied = renames.apply(&model);
    let names: Vec<&String> = applied.queues.keys().collect();
    assert_eq!(names, ["Support", "Support (as it was)"]);
    let queues: Vec<String> = applied.workflows["Inbound"]
        .targets()
        .filter_map(|target| Some(target.queue.as_ref()?.to_string()))
        .collect();
    assert_eq!(queues, ["Support", "Support (as it was)", "Everyone"]);
    assert_eq!(renames.earlier(Kind::Queue, "Support (as it was)"), "Support");
}

#[test]
fn tasks_are_made_up_at_the_moments_that_filters_ask_for() {
    let mut before = base();
    filters(&mut before)[0].expression = Some("taskrouter.currentHour >= 18".into());
    let mut after = base();
    filters(&mut after)[0].expression = Some("taskrouter.currentHour >= 19".into());
    assert_eq!(
        lines(&ask(&before, &after)),
        [
            "Inbound: (no attributes) at 2024-01-01T18:00:00Z: Sales → Everyone",
            "Inbound: topic=support vip=false at 2024-01-01T18:00:00Z: Sales → Support",
        ]
    );
}

#[test]
fn what_is_not_looked_at_is_counted() {
    let mut after = base();
    after.queues.insert("Sales".to_owned(), queue("skills HAS 'sale'"));
    let worker = crate::routing::Worker::named("alice");
    let workers = KnownWorkers { before: vec![worker.clone()], after: vec![worker] };
    let renames = Renames::default();
    let before = base();
    let diff = compare(&Question {
        before: &before,
        after: &after,
        renames: &renames,
        tasks: &[],
        workers: &workers,
        limit: 0,
    });
    assert_eq!((diff.counts.unseen, diff.queues.len()), (1, 1));
    assert_eq!(diff.bounded, ["Inbound"]);
}
