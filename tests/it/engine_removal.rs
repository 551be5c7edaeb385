//! Queues that tasks still need: workflows first, then the queue, as soon as no task needs it.

use std::collections::BTreeSet;
use std::time::Duration;

use flexctl::apply::{self, Event, Outcome, Report};
use flexctl::emulator::{Clock, Emulator, Options};
use flexctl::live::{self, Budget, Scope, Sids, Transport};
use flexctl::model::Kind;
use flexctl::plan::{self, Plan};
use jiff::Timestamp;
use serde_json::json;

use crate::support::desk::{Desk, code, err, out};
use crate::support::trip::Trip;
use crate::support::world::{World, codes, desired, string};

/// A task waits half a minute in Old, half a minute in Everyone, and is cancelled.
const BEFORE: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues: { Everyone: { target_workers: 1==1 }, Old: { target_workers: 1==1 } }
workflows:
  Inbound:
    filters:
      - name: all
        expression: 1==1
        targets: [{ queue: Old, timeout: 30 }, { queue: Everyone, timeout: 30 }]
";

const AFTER: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues: { Everyone: { target_workers: 1==1 } }
workflows:
  Inbound:
    filters: [{ name: all, expression: 1==1, targets: [{ queue: Everyone }] }]
unmanaged: { queues: prune }
limits: { deletes: 100% }
";

/// A call center in which nobody works and so many tasks wait.
fn center(tasks: usize, timeout: &str) -> World {
    let start = Timestamp::from_second(1_700_000_000).expect("a date");
    let options = Options { clock: Clock::fixed(start), ..Options::deterministic() };
    let world = World::with(Emulator::in_memory(options));
    world.converge(BEFORE);
    let workflow = world.sid("Workflows", "Inbound");
    for _ in 0..tasks {
        world.post("Tasks", &[("WorkflowSid", &workflow), ("Timeout", timeout)]);
    }
    world
}

struct Run {
    plan: Plan,
    report: Report,
    /// Who was waited for, each time.
    waits: Vec<String>,
    /// How long it took.
    time: Duration,
    requests: u64,
}

impl Run {
    fn of(world: &World, spec: &str, timeout: u64) -> Self {
        Self::on(&Trip::new(&world.emulator, None), world, spec, timeout)
    }

    fn on(trip: &Trip, world: &World, spec: &str, timeout: u64) -> Self {
        let desired = desired(spec);
        let client = trip.client(Budget::unlimited());
        let mut waits = Vec::new();
        world.wait(async {
            let reader = client.reader();
            let snapshot = live::read(&reader, &Scope::of(&desired)).await;
            let snapshot = snapshot.expect("the emulator answers");
            let mut plan = plan::diff(&desired, &snapshot, &plan::Options::default());
            plan.notes.extend(apply::tasks_in_the_way(&plan, &reader).await);
            assert_eq!(plan.refusals, []);
            let (before, began) = (trip.sent(), trip.now());
            let mut sids = Sids::of(&snapshot);
            let removal_timeout = Duration::from_secs(timeout);
            let options = apply::Options { parallelism: 4, removal_timeout, ..Default::default() };
            let report = apply::apply(&plan, &client.writer(), &mut sids, &options, &mut |event| {
                if let Event::Waiting(change, held) = event {
                    assert_eq!(change.address, held.address);
                    waits.push(held.to_string());
                }
            })
            .await;
            let time = trip.now().saturating_sub(began);
            Self { plan, report, waits, time, requests: trip.sent() - before }
        })
    }

    fn error(&self) -> (&str, &[String]) {
        let failed = self.report.results.iter().find_map(|result| match &result.outcome {
            Outcome::Failed { error, hints } => Some((error.as_str(), hints.as_slice())),
            _ => None,
        });
        failed.unwrap_or_else(|| panic!("{:#?}", self.report))
    }
}

fn is_there(world: &World, queue: &str) -> bool {
    world.find("TaskQueues", queue).is_some()
}

#[test]
fn a_queue_without_tasks_is_deleted_at_once_in_as_many_requests_as_planned() {
    let world = center(0, "60");
    let run = Run::of(&world, AFTER, 120);
    assert!(run.report.is_complete() && run.waits.is_empty() && run.plan.notes.is_empty());
    assert_eq!(run.requests, run.plan.requests() as u64);
}

#[test]
fn a_queue_is_deleted_when_its_tasks_are_done() {
    let world = center(3, "86400");
    world.emulator.pass(Duration::from_secs(10));
    let run = Run::of(&world, AFTER, 120);
    assert_eq!(codes(&run.plan), ["tasks-waiting queue.Old"]);
    let note = &run.plan.notes[0].message;
    assert!(note.starts_with("3 tasks still in queue.Old, oldest 10s"), "{note}");
    assert!(note.contains("`re_evaluate_tasks: true` under workflow.Inbound moves"), "{note}");
    assert!(run.report.is_complete(), "{:#?}", run.report);
    assert_eq!(run.waits[0], "3 tasks still in queue.Old, oldest 10s");
    // They go on to Everyone, and could have come back.
    let last = run.waits.last().expect("it has waited");
    let elsewhere =
        "no task is in queue.Old, but 3 elsewhere may still go by an older configuration";
    assert_eq!(last, elsewhere);
    let time = run.time.as_secs();
    assert!((50..=65).contains(&time), "{time} s for what is over after 50");
    assert!(!is_there(&world, "Old"));
    assert!(world.plan(AFTER).is_empty());
}

#[test]
fn tasks_that_are_evaluated_again_hold_nothing_up() {
    let world = center(3, "86400");
    let at_once = AFTER.replace("  Inbound:\n", "  Inbound:\n    re_evaluate_tasks: true\n");
    let run = Run::of(&world, &at_once, 120);
    assert!(run.report.is_complete() && run.waits.is_empty(), "{:#?}", run.report);
    assert!(!run.plan.notes[0].message.contains("re_evaluate"), "it says so already");
    assert_eq!(run.time, Duration::ZERO);
    assert!(!is_there(&world, "Old"));
    let queues: Vec<String> =
        world.list("Tasks").iter().map(|task| string(&task["task_queue_friendly_name"])).collect();
    assert_eq!(queues, ["Everyone"; 3]);
}

#[test]
fn tasks_are_evaluated_again_only_when_the_spec_asks_for_it() {
    let world = center(1, "86400");
    world.apply(AFTER);
    let sent = world.writes();
    let updates = sent.iter().filter(|sent| sent.path.contains("/Workflows/"));
    let asked: Vec<_> = updates.map(|sent| sent.param("ReEvaluateTasks")).collect();
    assert!(!asked.contains(&Some("true")), "{asked:?}");
}

#[test]
fn a_queue_that_tasks_need_for_too_long_stays_whole_and_the_next_run_finishes() {
    let world = center(2, "86400");
    // The first target has no end.
    let endless = BEFORE.replace("queue: Old, timeout: 30", "queue: Old");
    world.converge(&endless);
    let workflow = world.sid("Workflows", "Inbound");
    let task = world.post("Tasks", &[("WorkflowSid", &workflow)]);
    let old = world.object("TaskQueues", "Old");
    let run = Run::of(&world, AFTER, 120);
    assert_eq!(run.report.totals.failed, 1);
    assert_eq!(run.time, Duration::from_secs(120));
    let (error, hints) = run.error();
    assert!(
        error.starts_with("1 task still in queue.Old, oldest 2m, after a wait of 2m: "),
        "{error}"
    );
    assert!(error.contains("(HTTP 400, code 20001, DELETE"), "{error}");
    assert!(hints[0].contains("--removal-timeout"), "{hints:?}");
    // The workflow is as it is to be, so that saying it now would evaluate nothing again.
    assert!(hints[0].contains("only in a run that changes their workflow"), "{hints:?}");
    assert_eq!(world.object("TaskQueues", "Old"), old, "it is as it was");
    assert!(!world.configuration("Inbound").to_string().contains(&string(&old["sid"])));

    // Only the queue is left to do.
    let path = format!("Tasks/{}", string(&task["sid"]));
    world.post(&path, &[("AssignmentStatus", "canceled"), ("Reason", "late")]);
    let run = Run::of(&world, AFTER, 120);
    assert_eq!(run.plan.changes.len(), 1);
    assert!(run.report.is_complete() && run.waits.is_empty(), "{:#?}", run.report);
    assert!(world.plan(AFTER).is_empty());
}

#[test]
fn nobody_waits_who_is_not_to() {
    let world = center(1, "86400");
    let run = Run::of(&world, AFTER, 0);
    assert_eq!((run.time, run.waits.len()), (Duration::ZERO, 0));
    assert!(run.error().0.contains("after a wait of 0s"), "{}", run.error().0);
    assert!(is_there(&world, "Old"));
}

#[test]
fn a_wish_to_stop_ends_the_wait() {
    let world = center(1, "86400");
    let trip = Trip::new(&world.emulator, None);
    let desired = desired(AFTER);
    let client = trip.client(Budget::unlimited());
    let report = world.wait(async {
        let snapshot = live::read(&client.reader(), &Scope::of(&desired)).await;
        let snapshot = snapshot.expect("the emulator answers");
        let plan = plan::diff(&desired, &snapshot, &plan::Options::default());
        let mut sids = Sids::of(&snapshot);
        let options = apply::Options { parallelism: 4, ..Default::default() };
        apply::apply(&plan, &client.writer(), &mut sids, &options, &mut |event| {
            if matches!(event, Event::Waiting(..)) {
                trip.stop.wish();
            }
        })
        .await
    });
    assert!(report.interrupted);
    assert_eq!((report.totals.applied, report.totals.failed), (1, 1), "{report:#?}");
    assert!(trip.now() < Duration::from_secs(10));
    assert!(is_there(&world, "Old"));
}

#[test]
fn a_deadline_ends_the_wait_wherever_it_falls_and_leaves_nothing_half_done() {
    let mut ends = BTreeSet::new();
    for seconds in (0..30).chain([120]) {
        let world = center(1, "86400");
        let (wanted, deadline) = (desired(AFTER), Duration::from_secs(seconds));
        let snapshot = world.read(&wanted);
        let plan = plan::diff(&wanted, &snapshot, &plan::Options::default());
        let now = || (world.object("Workflows", "Inbound"), world.find("TaskQueues", "Old"));
        let before = now();
        let trip = Trip::new(&world.emulator, None);
        let budget = Budget::unlimited().with("1/s".parse().expect("a rate"));
        let writer = trip.client_until(budget, Some(deadline)).writer();
        let mut sids = Sids::of(&snapshot);
        let options = apply::Options { parallelism: 4, ..Default::default() };
        let report = world.wait(async {
            apply::apply(&plan, &writer, &mut sids, &options, &mut |_: Event<'_>| {}).await
        });
        assert!(trip.now() <= deadline, "nobody waits for nothing");
        let after = now();
        for result in &report.results {
            let (applied, why) = match &result.outcome {
                Outcome::Applied { .. } => (true, None),
                Outcome::Failed { error, .. } => (false, Some(error)),
                Outcome::Skipped { because } => (false, Some(because)),
                Outcome::Unknown { .. } => panic!("{result:?}"),
            };
            match result.address.kind {
                Kind::Workflow => assert_eq!(applied, before.0 != after.0, "{result:?}"),
                _ if applied => assert_eq!(after.1, None),
                _ => assert_eq!(before.1, after.1, "{result:?}"),
            }
            ends.insert(match why {
                None => "applied",
                Some(why) if why.contains("deadline") => "out of time",
                Some(why) if why.contains("1 task still in queue.Old, oldest ") => "held",
                // No time to look who is in the way.
                Some(why) if why.starts_with("Cannot delete TaskQueue") => "refused",
                Some(why) => panic!("{seconds}: {why}"),
            });
        }
        let next = Run::of(&world, AFTER, 600);
        assert!(next.report.is_complete(), "{:#?}", next.report);
        assert!(world.plan(AFTER).is_empty());
    }
    assert_eq!(ends.into_iter().collect::<Vec<_>>(), ["applied", "held", "out of time", "refused"]);
}

#[test]
fn a_queue_that_a_workflow_names_again_is_not_waited_for() {
    let world = center(1, "86400");
    let desired = desired(AFTER);
    let snapshot = world.read(&desired);
    let plan = plan::diff(&desired, &snapshot, &plan::Options::default());
    // After the plan somebody else takes the queue for a workflow of theirs.
    let old = world.sid("TaskQueues", "Old");
    let theirs = json!({ "task_routing": { "default_filter": { "queue": old } } }).to_string();
    world.post("Workflows", &[("FriendlyName", "Night"), ("Configuration", &theirs)]);
    let report = world.carry_out(&plan, &snapshot);
    let failed = report.results.iter().find_map(|result| match &result.outcome {
        Outcome::Failed { error, .. } => Some(error.as_str()),
        _ => None,
    });
    assert!(failed.is_some_and(|error| error.contains("part of Workflow")), "{report:#?}");
    let deletes = world.writes().into_iter().filter(|sent| sent.method == "DELETE").count();
    assert_eq!(deletes, 1);
}

#[test]
fn several_queues_wait_together() {
    let world = center(1, "86400");
    let more = BEFORE.replace(
        "queue: Old, timeout: 30 }",
        "queue: Old, timeout: 30 }, { queue: Older, timeout: 30 }, { queue: Oldest, timeout: 30 }",
    );
    let more = more.replace("queues: { ", "queues: { Older: {}, Oldest: {}, ");
    world.converge(&more);
    let workflow = world.sid("Workflows", "Inbound");
    world.post("Tasks", &[("WorkflowSid", &workflow), ("Timeout", "86400")]);
    let run = Run::of(&world, AFTER, 60);
    assert_eq!(run.report.totals.failed, 3, "{:#?}", run.report);
    assert_eq!(run.time, Duration::from_secs(60));
    // 120 s after its creation the task is out of its workflow.
    let run = Run::of(&world, AFTER, 120);
    assert!(run.report.is_complete(), "{:#?}", run.report);
    assert!(run.time < Duration::from_secs(75));
}

#[test]
fn a_workflow_is_deleted_when_its_tasks_are_done() {
    let world = center(2, "40");
    let nothing = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues: { Everyone: { target_workers: 1==1 }, Old: { target_workers: 1==1 } }
unmanaged: { workflows: { prune: [Inbound] } }
limits: { deletes: 100% }
";
    let run = Run::of(&world, nothing, 120);
    assert_eq!(codes(&run.plan), ["tasks-waiting workflow.Inbound"]);
    assert_eq!(run.waits[0], "2 tasks still in workflow.Inbound, oldest 0s");
    assert!(run.report.is_complete(), "{:#?}", run.report);
    assert!(world.find("Workflows", "Inbound").is_none());
}

#[test]
fn the_binary_says_who_is_waited_for_and_what_is_left_to_do() {
    // The clock goes on between the runs, and nothing hangs on how far.
    let desk = Desk::new(&BEFORE.replace("queue: Old, timeout: 30", "queue: Old, timeout: 900"));
    assert_eq!(code(&desk.emulated(&["apply", "--auto-approve"])), 0);
    let open = || {
        let path = desk.path(".flexctl/emulator.redb");
        World::with(Emulator::open(path, Options::default()).expect("nobody else has it"))
    };
    let world = open();
    let workflow = world.sid("Workflows", "Inbound");
    let off = [("ActivitySid", &*world.sid("Activities", "Offline"))];
    for worker in world.list("Workers") {
        world.post(&format!("Workers/{}", string(&worker["sid"])), &off);
    }
    world.post("Tasks", &[("WorkflowSid", &workflow)]);
    drop(world);

    desk.write("flex.yaml", AFTER);
    let planned = desk.emulated(&["plan"]);
    assert!(out(&planned).contains("1 task still in queue.Old"), "{}", out(&planned));
    let short = ["apply", "--auto-approve", "--removal-timeout", "5s"];
    let applied = desk.emulated(&short);
    assert_eq!(code(&applied), 1, "{}", err(&applied));
    assert!(err(&applied).contains("  waiting: 1 task still in queue.Old, oldest"));
    assert!(out(&applied).contains("failed   queue.Old: 1 task still in queue.Old"));
    assert!(out(&applied).contains("--removal-timeout"), "{}", out(&applied));
    let applied = desk.emulated(&["apply", "--auto-approve", "--removal-timeout", "20m"]);
    assert_eq!(code(&applied), 0, "{}{}", out(&applied), err(&applied));
    assert!(open().find("TaskQueues", "Old").is_none());
}
