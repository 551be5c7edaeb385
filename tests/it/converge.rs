//! After an apply there is nothing left to do, whatever was there before.

use std::collections::BTreeSet;

use flexctl::apply::Outcome;
use flexctl::emulator::{self, Emulator, Seed};
use flexctl::model::Address;
use flexctl::plan::{self, Action, Options, Plan};
use flexctl::spec::Settings;
use proptest::prelude::*;

use crate::support::specs;
use crate::support::world::{World, desired, desired_of, text};

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
        foreign in specs::foreign(),
        before in specs::spec(),
        wanted in specs::spec(),
    ) {
        let world = World::new();
        foreign.settle(&world.emulator);
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

/// The specs that people begin with, each in each of its environments.
#[test]
fn every_example_converges_in_each_of_its_environments() {
    let root = camino::Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    let examples = root.join("examples").read_dir_utf8().expect("there are examples");
    let examples = examples.map(|entry| entry.expect("a folder").path().join("flex.yaml"));
    let mut count = 0;
    for path in examples.chain([root.join("flex.yaml")]) {
        let mut settings = surroundings(None);
        let (_, environments) = desired_of(&path, &settings);
        for environment in environments.into_iter().map(Some).chain([None]) {
            settings.environment = environment;
            let (desired, _) = desired_of(&path, &settings);
            // In a new account, in the demonstration's, and after another environment.
            for seed in [Seed::Flex, Seed::Demo, Seed::Bare] {
                let options = emulator::Options { seed, ..emulator::Options::deterministic() };
                let world = World::with(Emulator::in_memory(options));
                let (plan, report) = world.apply_model(&desired, &Options::default());
                assert_eq!(plan.refusals, [], "{path} {settings:?}");
                assert!(report.is_complete(), "{path} {settings:?} {report:#?}");
                let again = plan::diff(&desired, &world.read(&desired), &Options::default());
                assert!(again.is_empty(), "{path} {settings:?}\n{}", text(&again));
            }
            count += 1;
        }
    }
    assert!(count > 8, "the examples were found");
}

fn surroundings(environment: Option<String>) -> Settings {
    // What the examples ask of their surroundings.
    let env = [("SUPERVISORS", "roles HAS 'supervisor'")];
    let env = env.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Settings { environment, env, ..Settings::default() }
}
