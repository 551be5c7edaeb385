//! What a spec has applied comes back.

use flexctl::emulator::{Emulator, Options as EmulatorOptions, Seed};
use flexctl::import::Options;
use proptest::prelude::*;

use super::{import_of, shown, snapshot};
use crate::support::specs::{foreign, spec};
use crate::support::world::World;

fn fresh() -> World {
    let options = EmulatorOptions {
        record_requests: false,
        seed: Seed::Flex,
        ..EmulatorOptions::deterministic()
    };
    World::with(Emulator::in_memory(options))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_random_spec_made_of_a_random_account_plans_empty(
        spec in spec(), foreign in foreign(), workers in any::<bool>()
    ) {
        let world = fresh();
        foreign.settle(&world.emulator);
        world.apply(&spec.to_string());
        let options = Options { workers, ..Options::default() };
        import_of(&snapshot(&world), &options);
    }

    #[test]
    fn what_an_import_wrote_and_applied_gives_the_same_bytes(spec in spec()) {
        let world = fresh();
        world.converge(&spec.to_string());
        let options = Options { workers: true, ..Options::default() };
        let first = import_of(&snapshot(&world), &options);
        prop_assert!(first.is_whole(), "{:#?}", first.findings);
        let other = fresh();
        other.converge(&first.files[0].1);
        let second = import_of(&snapshot(&other), &options);
        prop_assert_eq!(shown(&first), shown(&second));
    }
}
