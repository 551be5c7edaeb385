//! After an apply there is nothing left to do, whatever was there before.

use std::collections::BTreeSet;

use flexctl::apply::Outcome;
use flexctl::model::Address;
use flexctl::plan::{self, Action, Options, Plan};
use proptest::prelude::*;

use crate::support::specs;
use crate::support::world::{World, desired, text};

fn allowing_everything() -> Options {
    Options { allow_replace: vec!["*".parse().expect("a pattern")], ..Options::default() }
}

/// Flex's own workflow is never deleted, so a queue that it uses cannot be either: the plan says
/// so beforehand.
fn foretold(plan: &Plan) -> BTreeSet<&Address> {
    let notes = plan.notes.iter().filter(|note| note.code == "still-used");
    notes.map(|note| &note.address).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        max_shrink_iters: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_random_spec_over_a_random_live_state_converges_in_one_apply(
        before in specs::spec(),
        wanted in specs::spec(),
    ) {
        let world = World::new();
        let options = allowing_everything();
        for spec in [before, wanted] {
            let desired = desired(&spec.to_string());
            let (plan, report) = world.apply_model(&desired, &options);
            prop_assert!(plan.refusals.is_empty(), "{:#?}\n{spec}", plan.refusals);
            let foretold = foretold(&plan);
            for result in &report.results {
                let applied = matches!(result.outcome, Outcome::Applied { .. });
                let refused = result.action == Action::Delete && foretold.contains(&result.address);
                prop_assert_eq!(applied, !refused, "{:?}\n{}", result, spec);
            }
            let again = plan::diff(&desired, &world.read(&desired), &options);
            let left: BTreeSet<&Address> = again.changes.iter().map(|change| &change.address).collect();
            prop_assert_eq!(left, foretold, "{}\n{}", text(&again), spec);
        }
    }
}
