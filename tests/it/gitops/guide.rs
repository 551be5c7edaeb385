//! The commands of `docs/gitops.md`, in their order.

use std::path::Path;
use std::process::Command;

use super::tools_are_missing;
use crate::support::console;
use crate::support::desk::{Desk, code, err, out};

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

    let binary = Path::new(env!("CARGO_BIN_EXE_flexctl")).parent().expect("it is in a folder");
    let path = std::env::var("PATH").expect("there is a PATH");
    let commands = console::commands("gitops.md");
    for command in &commands {
        let output = Command::new("bash")
            .args(["-c", command])
            .current_dir(desk.path("acme"))
            .env_clear()
            .env("PATH", format!("{}:{path}", binary.display()))
            .env("HOME", desk.path(""))
            .env("FLEXCTL_TARGET", "emulator")
            .env("GIT_AUTHOR_NAME", "Anna")
            .env("GIT_AUTHOR_EMAIL", "anna@example.com")
            .env("GIT_COMMITTER_NAME", "Anna")
            .env("GIT_COMMITTER_EMAIL", "anna@example.com")
            .output()
            .expect("bash starts");
        assert_eq!(code(&output), 0, "{command}\n{}{}", out(&output), err(&output));
    }
    assert!(commands.len() > 25, "{commands:#?}");
    for kept in [".github/workflows/flexctl-apply.yml", ".gitlab-ci.yml", "ci/flexctl/plan.sh"] {
        assert!(desk.path("acme").join(kept).exists(), "{kept}");
    }
}
