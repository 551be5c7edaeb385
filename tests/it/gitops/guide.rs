//! The commands of `docs/gitops.md`, in their order.

use std::path::Path;

use super::tools_are_missing;
use crate::support::console::Page;
use crate::support::desk::{Desk, code, err};

#[test]
fn every_command_of_the_page_on_pipelines_works() {
    if tools_are_missing() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let desk = Desk::new(super::house::SPEC);
    std::fs::create_dir(desk.path("acme")).expect("the folder is ours");
    // What somebody has clicked together.
    std::fs::rename(desk.path("flex.yaml"), desk.path("acme/flex.yaml")).expect("it is ours");
    let applied = desk.emulated(&["apply", "--auto-approve", "--file", "acme/flex.yaml"]);
    assert_eq!(code(&applied), 0, "{}", err(&applied));
    std::fs::remove_file(desk.path("acme/flex.yaml")).expect("it is ours");
    std::os::unix::fs::symlink(root, desk.path("flexctl")).expect("the folder is ours");

    let ran = Page::open("gitops.md").run(&desk, "acme");
    assert!(ran > 25, "{ran}");
    for kept in [".github/workflows/flexctl-apply.yml", ".gitlab-ci.yml", "ci/flexctl/plan.sh"] {
        assert!(desk.path("acme").join(kept).exists(), "{kept}");
    }
}
