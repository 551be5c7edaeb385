//! Who changed what.

use std::collections::BTreeSet;

use flexctl::emulator::{Edit, Fault, Faults, SOMEBODY_SID};
use flexctl::live::Deed;
use jiff::Timestamp;

use super::{Canned, page, refused, sid};
use crate::support::world::World;

fn ask(world: &World, sids: &[&str]) -> Vec<Deed> {
    let sids: BTreeSet<String> = sids.iter().map(|sid| (*sid).to_owned()).collect();
    world.deeds(&sids, Timestamp::UNIX_EPOCH)
}

#[test]
fn a_foreign_edit_is_told_with_its_author() {
    let world = World::new();
    let queue = world.sid("TaskQueues", "Everyone");
    let workflow = world.sid("Workflows", "Assign to Anyone");
    let edit = |kind: &str, sid: &str, form: &str| {
        let path = format!("/v1/Workspaces/{}/{kind}/{sid}", world.emulator.workspace_sid());
        Fault::Foreign(Edit { method: "POST".to_owned(), path, form: form.to_owned() })
    };
    world.emulator.let_fail(
        Faults::none()
            .at(0, edit("Workflows", &workflow, "TaskReservationTimeout=7"))
            .at(0, edit("TaskQueues", &queue, "TargetWorkers=1%3D%3D0")),
    );
    let deeds = ask(&world, &[&queue, &workflow]);
    let told: Vec<_> = deeds.iter().map(|d| (d.sid.as_str(), d.event_type.as_str())).collect();
    assert_eq!(
        told,
        [(&*workflow, "workflow.updated"), (&*queue, "task-queue.expression.updated")]
    );
    for deed in &deeds {
        assert_eq!(deed.actor.as_deref(), Some(SOMEBODY_SID));
        assert_eq!(deed.source.as_deref(), Some("console"));
    }
    assert!(deeds[0].description.as_deref().unwrap().contains("Assign to Anyone"));
    assert!(ask(&world, &[&world.sid("Activities", "Break")]).is_empty());
}

#[test]
fn what_is_too_old_is_not_told() {
    let world = World::new();
    let queue = world.post("TaskQueues", &[("FriendlyName", "Sales")]);
    let sids = BTreeSet::from([queue["sid"].as_str().unwrap().to_owned()]);
    let at: Timestamp = queue["date_created"].as_str().unwrap().parse().unwrap();
    assert_eq!(world.deeds(&sids, at).len(), 1);
    let later = Timestamp::from_second(at.as_second() + 1).unwrap();
    assert!(world.deeds(&sids, later).is_empty());
}

#[test]
fn one_request_for_each_type_of_event_and_few_workers_by_themselves() {
    let canned = Canned::new(|_, _| page("events", serde_json::json!([])));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let sids = |prefix, count| (0..count).map(|n| sid(prefix, n)).collect::<BTreeSet<_>>();
    let asked = |sids: &BTreeSet<String>| {
        let before = canned.sent().len();
        let reader = canned.client().reader();
        runtime.block_on(reader.deeds(&sid("WS", 1), sids, Timestamp::UNIX_EPOCH));
        canned.sent().split_off(before)
    };
    let queues = asked(&sids("WQ", 300));
    assert_eq!(queues.len(), 3);
    let first = "GET /v1/Workspaces/WS00000000000000000000000000000001/Events?\
                 EventType=task-queue.created&StartDate=1970-01-01T00%3A00%3A00Z&PageSize=1000";
    assert_eq!(queues[0], first);
    assert_eq!(asked(&sids("WK", 2)).len(), 12);
    assert_eq!(asked(&sids("WK", 300)).len(), 6);
    assert!(asked(&sids("RL", 3)).is_empty());
}

#[test]
fn events_that_cannot_be_had_are_none() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for canned in [
        Canned::new(|_, _| refused(404, 20404, "not found")),
        Canned::new(|_, _| refused(403, 20403, "forbidden")),
        Canned::new(|_, _| super::ok(serde_json::json!({"events": "many"}))),
        Canned::new(|_, _| page("events", serde_json::json!([{"event_type": 7}, {}]))),
    ] {
        let reader = canned.client().reader();
        let sids = BTreeSet::from([sid("WQ", 1)]);
        let deeds = runtime.block_on(reader.deeds(&sid("WS", 1), &sids, Timestamp::UNIX_EPOCH));
        assert!(deeds.is_empty());
    }
}
