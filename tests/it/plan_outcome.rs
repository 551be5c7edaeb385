//! What a plan says will be live is what is live afterwards.

use std::collections::BTreeMap;

use flexctl::model::{Live, Snapshot};
use flexctl::plan::{self, Options};
use proptest::prelude::*;

use crate::support::specs;
use crate::support::world::{World, desired, text};

/// The snapshot without what nobody can foretell: new sids, dates, and the API's order.
fn timeless(mut snapshot: Snapshot) -> Snapshot {
    fn list<T>(list: &mut [Live<T>]) {
        list.sort_by(|a, b| (&a.name, &a.sid).cmp(&(&b.name, &b.sid)));
        for live in list {
            live.sid = String::new();
            live.untouched = false;
        }
    }
    let names: BTreeMap<String, String> =
        snapshot.workers.iter().map(|live| (live.sid.clone(), live.name.clone())).collect();
    let channels = std::mem::take(&mut snapshot.worker_channels);
    // Those of workers whom no rule was about before were not read.
    for (worker, mut of_worker) in channels {
        list(&mut of_worker);
        snapshot.worker_channels.insert(names[&worker].clone(), of_worker);
    }
    list(&mut snapshot.activities);
    list(&mut snapshot.task_channels);
    list(&mut snapshot.queues);
    list(&mut snapshot.workflows);
    list(&mut snapshot.workers);
    list(&mut snapshot.roles);
    snapshot.workspace.untouched = false;
    snapshot.answers = flexctl::model::Answers::default();
    snapshot.unread_channels = 0;
    snapshot
}

fn differ(foretold: &Snapshot, read: &Snapshot) -> String {
    let (foretold, read) = (format!("{foretold:#?}"), format!("{read:#?}"));
    similar::TextDiff::from_lines(&foretold, &read).unified_diff().to_string()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        max_shrink_iters: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_a_plan_foretells_is_what_is_read_after_it(
        foreign in specs::foreign(),
        before in specs::spec(),
        wanted in specs::spec(),
    ) {
        let world = World::new();
        foreign.settle(&world.emulator);
        let options = Options {
            allow_replace: vec!["*".parse().expect("a pattern")],
            ..Options::default()
        };
        for spec in [before, wanted] {
            let desired = desired(&spec.to_string());
            let snapshot = world.read_with_workers(&desired);
            let plan = plan::diff(&desired, &snapshot, &options);
            let mut foretold = timeless(plan::outcome(&plan, &snapshot));
            world.carry_out(&plan, &snapshot);
            let mut read = timeless(world.read_with_workers(&desired));
            // Channels are read of those workers whom a rule is about, which may change.
            foretold.worker_channels.clear();
            read.worker_channels.clear();
            prop_assert!(foretold == read, "{}\n{}\n{}", text(&plan), differ(&foretold, &read), spec);
        }
    }
}
