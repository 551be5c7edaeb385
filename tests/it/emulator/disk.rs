//! The account in a file.

use flexctl::emulator::{Emulator, OpenError, Options, Seed};

use super::{Api, straight_to};

#[test]
fn everything_acknowledged_is_there_the_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/emulator.redb");
    let paths = [
        "Activities",
        "TaskChannels",
        "TaskQueues",
        "Workflows",
        "Workers",
        "Workers?Available=false",
    ];
    let (before, roles, flex) = {
        let api = Api::around(Emulator::open(&path, Options::deterministic()).unwrap());
        let queue = api.queue("Sales").sid();
        let form = [("FriendlyName", "Main"), ("Configuration", &straight_to(&queue))];
        api.post(&api.at("Workflows"), &form);
        let worker = api.worker("ana", r#"{"a":1}"#).sid();
        api.post(&api.at(&format!("Workers/{worker}/Channels/chat")), &[("Capacity", "7")]);
        api.post(&api.at("Activities"), &[("FriendlyName", "Lunch")]);
        api.delete(&api.at("TaskChannels/video"));
        api.emulator.seed(|seeder| seeder.queue("Planted", "1==1"));
        let channels = api.get(&api.at(&format!("Workers/{worker}/Channels"))).body;
        let mut lists: Vec<_> = paths.map(|kind| api.get(&api.at(kind)).body).into();
        lists.push(channels);
        (lists, api.get("/v1/Roles").body, api.get("flex:/v1/Configuration").body)
    };
    let api = Api::around(Emulator::open(&path, Options::deterministic()).unwrap());
    for (kind, body) in paths.iter().zip(&before) {
        assert_eq!(&api.get(&api.at(kind)).body, body, "{kind}");
    }
    let worker = api.sid_of("Workers", "friendly_name", "ana");
    let channels = api.get(&api.at(&format!("Workers/{worker}/Channels"))).body;
    assert_eq!(&channels, before.last().unwrap());
    assert_eq!(api.get("/v1/Roles").body, roles);
    assert_eq!(api.get("flex:/v1/Configuration").body, flex);

    let queue = api.sid_of("TaskQueues", "friendly_name", "Sales");
    let reply = api.delete(&api.at(&format!("TaskQueues/{queue}")));
    assert_eq!(reply.refusal(), (400, 20001), "what follows from the records is known again");
}

#[test]
fn a_sid_is_not_given_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emulator.redb");
    let first = {
        let api = Api::around(Emulator::open(&path, Options::deterministic()).unwrap());
        let sid = api.queue("A").sid();
        api.delete(&api.at(&format!("TaskQueues/{sid}")));
        sid
    };
    let api = Api::around(Emulator::open(&path, Options::deterministic()).unwrap());
    assert_ne!(api.queue("A").sid(), first);
}

#[test]
fn a_file_keeps_what_it_holds_whatever_the_options_say() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emulator.redb");
    drop(Emulator::open(&path, Options { seed: Seed::Demo, ..Options::default() }).unwrap());
    let options = Options { seed: Seed::Bare, ..Options::default() };
    let api = Api::around(Emulator::open(&path, options).unwrap());
    assert_eq!(api.get(&api.at("Workers")).column("sid").len(), 6);
}

#[test]
fn a_file_in_use_or_of_another_kind_or_account_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emulator.redb");
    let open = Emulator::open(&path, Options::default()).unwrap();
    let refused = |options| Emulator::open(&path, options).unwrap_err();
    assert!(matches!(refused(Options::default()), OpenError::Busy { .. }));
    drop(open);
    let account_sid = "AC00000000000000000000000000000002".to_owned();
    let error = refused(Options { account_sid, ..Options::default() });
    assert!(matches!(error, OpenError::OtherAccount { .. }), "{error}");
    fs_err::write(&path, "not a database").unwrap();
    let error = refused(Options::default());
    assert!(matches!(error, OpenError::Unusable { .. }), "{error}");
}
