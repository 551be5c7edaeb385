//! A run that is wished to stop: nothing new is begun, what was begun is finished, and the report
//! is true.

use flexctl::apply::{self, Event, Outcome, Report};
use flexctl::emulator::{Emulator, Fault, Faults, Options};
use flexctl::live::{self, Budget, Scope, Sids, Transport};
use flexctl::plan;

use crate::support::trip::{Mishap, Trip};
use crate::support::upheaval;
use crate::support::world::{World, desired, string};

const SIX: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues: { A: {}, B: {}, C: {}, D: {}, E: {}, F: {} }
";

fn world() -> World {
    World::with(Emulator::in_memory(Options::deterministic()))
}

/// Plans and applies; `observe` hears what happens.
fn run(
    world: &World,
    trip: &Trip,
    budget: Budget,
    spec: &str,
    observe: &mut dyn FnMut(Event<'_>),
) -> Report {
    let desired = desired(spec);
    let client = trip.client(budget);
    world.wait(async {
        let snapshot = live::read(&client.reader(), &Scope::of(&desired)).await;
        let snapshot = snapshot.expect("the emulator answers");
        let plan = plan::diff(&desired, &snapshot, &upheaval::allowed());
        assert_eq!(plan.refusals, []);
        let mut sids = Sids::of(&snapshot);
        let options = apply::Options { parallelism: 4, ..Default::default() };
        apply::apply(&plan, &client.writer(), &mut sids, &options, observe).await
    })
}

#[test]
fn changes_that_wait_for_their_turn_are_skipped_at_once() {
    let world = world();
    let trip = Trip::new(&world.emulator, None);
    let budget = Budget::unlimited().with("queues=0.01".parse().expect("a rate"));
    let report = run(&world, &trip, budget, SIX, &mut |event| {
        if let Event::Finished(..) = event {
            trip.stop.wish();
        }
    });
    assert_eq!((report.totals.applied, report.totals.skipped), (1, 5), "{report:#?}");
    assert!(report.interrupted);
    assert!(trip.now().as_secs() < 100, "nobody waits for a turn that is not taken");
    assert_eq!(world.list("TaskQueues").len(), 2);
}

#[test]
fn a_change_that_waits_to_be_sent_again_is_skipped() {
    let world = world();
    let calm = Trip::new(&world.emulator, None);
    let wanted = desired(SIX);
    let reader = calm.client(Budget::unlimited()).reader();
    world.wait(live::read(&reader, &Scope::of(&wanted))).expect("the emulator answers");
    let first = calm.sent();
    let refused = Fault::TooMany { retry_after: Some(250) };
    world.emulator.let_fail(Faults::none().at(first, refused));
    let trip = Trip::new(&world.emulator, Some((first + 1, Mishap::Stop)));
    let report = run(&world, &trip, Budget::unlimited(), SIX, &mut |_| {});
    let Outcome::Skipped { because } = &report.results[0].outcome else { panic!("{report:#?}") };
    assert_eq!(because, "the run was interrupted");
    assert!(trip.now().as_secs() < 250);
    assert!(world.find("TaskQueues", "A").is_none());
}

#[test]
fn a_wish_to_stop_at_any_request_leaves_nothing_half_done_and_a_true_report() {
    let mut interrupted = 0;
    for at in 0.. {
        let world = world_before();
        let trip = Trip::new(&world.emulator, Some((at, Mishap::Stop)));
        let desired = desired(upheaval::AFTER);
        let client = trip.client(Budget::unlimited());
        let snapshot = world.read(&desired);
        let plan = plan::diff(&desired, &snapshot, &upheaval::allowed());
        let report = world.wait(async {
            let options = apply::Options { parallelism: 4, ..Default::default() };
            let mut sids = Sids::of(&snapshot);
            apply::apply(&plan, &client.writer(), &mut sids, &options, &mut |_| {}).await
        });
        if !trip.stop.is_wished() {
            assert!(report.is_complete() && at > 10, "{at} {report:#?}");
            break;
        }
        assert_eq!((report.totals.failed, report.totals.unknown), (0, 0), "{at} {report:#?}");
        let activities = world.list("Activities");
        let has = |name: &str| activities.iter().any(|a| string(&a["friendly_name"]) == name);
        assert!(has("Lunch"), "{at}: the replace was begun and not finished");
        let left = plan::diff(&desired, &world.read(&desired), &upheaval::allowed());
        for (change, result) in plan.changes.iter().zip(&report.results) {
            // The next plan may have the deletion of what was replaced under another address.
            let is_left = left.changes.iter().any(|other| match &change.sid {
                Some(sid) => (other.sid.as_ref(), other.action) == (Some(sid), change.action),
                None => other.address == change.address,
            });
            let applied = matches!(result.outcome, Outcome::Applied { .. });
            assert!(applied != is_left, "{at}: {result:?}\n{:#?}", left.changes);
        }
        interrupted += u64::from(report.interrupted);
        world.converge_with(upheaval::AFTER, &upheaval::allowed());
    }
    assert!(interrupted > 5, "{interrupted}");
}

fn world_before() -> World {
    let world = world();
    world.converge(upheaval::BEFORE);
    world
}
