//! Whole specs, as they are written.

use std::path::Path;

use flexctl::import::{Layout, Options};

use super::{import_of, shown, snapshot, whole};
use crate::support::world::World;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect("the file is checked in")
}

#[test]
fn a_fresh_account_has_nothing_to_declare() {
    insta::assert_snapshot!(whole(&World::new()));
}

#[test]
fn what_the_spec_of_the_repository_applied_comes_back() {
    let world = World::of(&read("flex.yaml"));
    insta::assert_snapshot!(whole(&world));
}

#[test]
fn what_every_example_applied_comes_back_and_plans_empty() {
    for entry in std::fs::read_dir(root().join("examples")).expect("examples can be listed") {
        let folder = entry.expect("an entry can be read").path();
        let path = folder.join("flex.yaml");
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if text.contains("${var.") || text.contains("include:") || text.contains("${env.") {
            continue;
        }
        whole(&World::of(&text));
    }
}

#[test]
fn a_spec_can_be_split_into_files() {
    let world = World::of(&read("flex.yaml"));
    let options = Options { layout: Layout::Split, ..Options::default() };
    insta::assert_snapshot!(shown(&import_of(&snapshot(&world), &options)));
}

#[test]
fn only_some_objects_and_the_names_of_what_they_refer_to() {
    let world = World::of(&read("flex.yaml"));
    let only = |patterns: &[&str]| Options {
        only: patterns.iter().map(|pattern| pattern.parse().expect("a pattern")).collect(),
        ..Options::default()
    };
    let import = import_of(&snapshot(&world), &only(&["workflow.Inbound"]));
    insta::assert_snapshot!(shown(&import));
    let import = import_of(&snapshot(&world), &only(&["queue.S*", "activity.*"]));
    insta::assert_snapshot!(shown(&import));
}
