//! The pipelines of `examples/gitops`, played: their own workflow files, step by step, with git, an
//! emulator over HTTP, the built binary, and a forge that holds comments, issues and artifacts.

mod conditions;
mod files;
mod fleet;
mod forge;
mod github;
mod github_runner;
mod gitlab;
mod gitlab_runner;
mod guide;
mod house;

/// Says why a test does nothing: the scripts need programs that every runner has and a bare system has not.
/// With `FLEXCTL_PIPELINES=required`, as in `.ci/run`, that is a failure.
pub(crate) fn tools_are_missing() -> bool {
    let missing: Vec<_> = ["bash", "git", "curl", "jq"]
        .into_iter()
        .filter(|tool| std::process::Command::new(tool).arg("--version").output().is_err())
        .collect();
    if missing.is_empty() {
        return false;
    }
    let required = std::env::var_os("FLEXCTL_PIPELINES").is_some();
    assert!(!required, "the pipelines cannot be played without {missing:?}");
    eprintln!("skipped: the pipelines cannot be played without {missing:?}");
    true
}
