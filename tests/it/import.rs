//! From what is live to a spec, and no further: its plan is empty.

mod binary;
mod folding;
mod guide;
mod hostile;
mod lifting;
mod page;
mod properties;
mod summary;
mod wild;

use std::collections::BTreeMap;

use flexctl::emulator::{Emulator, Options as EmulatorOptions, Seed, Seeder};
use flexctl::generate;
use flexctl::import::{self, Grade, Import, Options};
use flexctl::live::Export;
use flexctl::model::Snapshot;
use flexctl::plan;
use flexctl::spec::{self, Settings};
use serde_json::Value;

use crate::support::world::{Texts, World, text};

/// A world whose account somebody has furnished by hand, without Flex's own queue and workflow.
fn furnished(furnish: impl FnOnce(&mut Seeder<'_>)) -> World {
    let options = EmulatorOptions {
        record_requests: false,
        seed: Seed::Bare,
        ..EmulatorOptions::deterministic()
    };
    let emulator = Emulator::in_memory(options);
    emulator.seed(furnish);
    World::with(emulator)
}

/// Everything of the world's account.
fn snapshot(world: &World) -> Snapshot {
    world.export().snapshot()
}

/// What is said of a snapshot given as JSON.
fn of_json(document: &Value) -> (Snapshot, Import) {
    let snapshot = Export::read(&document.to_string()).expect("an export").snapshot();
    let import = import_of(&snapshot, &Options::default());
    (snapshot, import)
}

/// The import, which must plan empty.
fn import_of(snapshot: &Snapshot, options: &Options) -> Import {
    let import = import::import(snapshot, options);
    assert_eq!(import.faults, Vec::<String>::new(), "{}", shown(&import));
    let files: BTreeMap<String, String> = import.files.iter().cloned().collect();
    let analysis = spec::analyze(&Texts(files), &options.file, &Settings::default());
    let Some(model) = analysis.model() else {
        panic!("{:#?}\n{}", analysis.diagnostics, shown(&import))
    };
    let plan = plan::diff(&generate::expand(model), snapshot, &plan::Options::default());
    assert!(plan.is_empty() && plan.refusals.is_empty(), "{}\n{}", text(&plan), shown(&import));
    import
}

/// The import of a world's account, which must plan empty and say everything.
fn whole(world: &World) -> String {
    let import = import_of(&snapshot(world), &Options::default());
    assert!(import.is_whole(), "{:#?}\n{}", import.findings, shown(&import));
    import.files[0].1.clone()
}

fn shown(import: &Import) -> String {
    let files = import.files.iter().map(|(path, text)| format!("== {path}\n{text}"));
    files.collect()
}

/// What is left out, and what is kept with a word.
fn said(import: &Import) -> Vec<String> {
    let said = |finding: &import::Finding| match finding.grade {
        Grade::Kept => format!("kept: {finding}"),
        Grade::LeftOut => format!("left out: {finding}"),
    };
    import.findings.iter().map(said).collect()
}
