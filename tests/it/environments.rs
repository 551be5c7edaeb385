//! The commands of `docs/environments.md`, in their order: from one spec to a fleet in shares.

use std::path::Path;

use serde_json::Value;

use crate::gitops::tools_are_missing;
use crate::support::console::Page;
use crate::support::desk::Desk;

#[test]
fn every_command_of_the_page_on_environments_runs_and_prints_what_it_says() {
    if tools_are_missing() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let desk = Desk::new("");
    std::fs::create_dir(desk.path("acme")).expect("the folder is ours");
    std::os::unix::fs::symlink(root, desk.path("flexctl")).expect("the folder is ours");
    let page = Page::open("environments.md");
    // What the reader is told to save.
    desk.write("acme/flex.yaml", &format!("{}\n", page.blocks("yaml")[0]));

    let ran = page.run(&desk, "acme");
    assert!(ran > 20, "{ran}");
    let spec = desk.read("acme/flex.yaml");
    assert!(spec.contains("    variables: { hold_timeout: 20 }\n"), "promoted: {spec}");
    let fleet: Value =
        serde_json::from_str(&desk.read("acme/flexctl-out/fleet.json")).expect("a summary is JSON");
    assert_eq!(fleet.as_array().expect("a list").len(), 15, "{fleet:#}");
}
