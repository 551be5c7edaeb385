//! After an apply there is nothing left to do, whatever was there before.

use flexctl::model::AddressPattern;
use flexctl::plan::{Options, Plan};
use proptest::prelude::*;

use crate::support::specs;
use crate::support::world::World;

fn allowing_everything() -> Options {
    let allow: AddressPattern = "activity.*".parse().expect("a pattern");
    Options { allow_replace: vec![allow], ..Options::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn a_random_spec_over_a_random_live_state_converges_in_one_apply(
        before in specs::spec(),
        wanted in specs::spec(),
    ) {
        let world = World::new();
        let options = allowing_everything();
        for spec in [before, wanted] {
            let spec = spec.to_string();
            // Flex's own workflow is not pruned, so its queue cannot be either.
            let possible = |plan: &Plan| plan.notes.iter().all(|note| note.code != "still-used");
            prop_assume!(possible(&world.plan(&spec, &options)));
            let (plan, report) = world.apply(&spec, &options);
            prop_assert!(plan.refusals.is_empty(), "{:#?}\n{spec}", plan.refusals);
            prop_assert!(report.is_complete(), "{:#?}\n{spec}", report.results);
            let again = world.plan(&spec, &options);
            prop_assert!(again.is_empty(), "{:#?}\n{spec}", again.changes);
        }
    }
}
