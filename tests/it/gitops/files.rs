//! What must be so in every file of the pipelines, whoever edits them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_yaml::Value as Yaml;

use super::house::examples;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(path: &Path) -> Yaml {
    let text = std::fs::read_to_string(path).unwrap_or_else(|_| panic!("{path:?} is there"));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|_| panic!("{folder:?} is there"));
    let mut all: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    all.retain(|path| path.extension().is_some_and(|found| found == ending));
    all.sort();
    assert!(!all.is_empty(), "there are files in {folder:?}");
    all
}

fn steps(of: &Yaml) -> impl Iterator<Item = &Yaml> {
    of["steps"].as_sequence().expect("it has steps").iter()
}

/// What a step of the action or of a workflow may not do.
fn check_step(step: &Yaml, place: &str) {
    if let Some(run) = step["run"].as_str() {
        assert!(!run.contains("${{"), "{place} puts an expression into shell text: {run}");
        assert!(!run.contains("set -x"), "{place} prints what it runs, secrets too");
    }
    if let Some(uses) = step["uses"].as_str() {
        let (name, version) = uses.split_once('@').expect("an action has a version");
        let is_commit = version.len() == 40 && version.bytes().all(|b| b.is_ascii_hexdigit());
        assert!(is_commit || name == "OWNER/flexctl", "{place} pins {name} to no commit");
    }
}

#[test]
fn workflows_ask_for_little_end_in_time_and_pin_what_they_use() {
    for path in files(&examples().join("github"), "yml") {
        let place = path.display().to_string();
        let workflow = yaml(&path);
        let permissions = serde_yaml::to_string(&workflow["permissions"]).expect("YAML");
        assert_eq!(permissions.trim(), "contents: read", "{place}");
        for (name, job) in workflow["jobs"].as_mapping().expect("it has jobs") {
            let name = name.as_str().expect("a name");
            let minutes = job["timeout-minutes"].as_u64();
            let minutes = minutes.unwrap_or_else(|| panic!("{place} {name} may run for ever"));
            if let Some(deadline) = job["env"]["FLEXCTL_DEADLINE"].as_str() {
                let deadline = deadline.strip_suffix('m').and_then(|text| text.parse().ok());
                let in_time = deadline.is_some_and(|deadline: u64| deadline + 5 <= minutes);
                assert!(in_time, "{place} {name} is cut off before its deadline");
            }
            assert_eq!(job["permissions"]["contents"], "read", "{place} {name}");
            for step in steps(job) {
                check_step(step, &format!("{place} {name}"));
                let needs = serde_yaml::to_string(&step["env"]).expect("YAML");
                let has_secrets = needs.contains("secrets.");
                assert!(!has_secrets || !job["environment"].is_null(), "{place} {name}");
            }
            // A secret of the whole job would be seen by every action in it.
            let env = serde_yaml::to_string(&job["env"]).expect("YAML");
            assert!(!env.contains("secrets.") && !env.contains("token"), "{place} {name}");
        }
    }
}

#[test]
fn the_action_takes_nothing_into_shell_text_and_no_secret_as_an_input() {
    let action = yaml(&root().join("action.yml"));
    for step in steps(&action["runs"]) {
        check_step(step, "action.yml");
        assert!(step["uses"].is_string() || step["shell"] == "bash", "a step names its shell");
    }
    for (name, _) in action["inputs"].as_mapping().expect("it has inputs") {
        let name = name.as_str().expect("a name");
        let secret = ["token", "secret", "key", "password"].iter().any(|word| name.contains(word));
        assert!(!secret, "{name}: inputs are shown in logs");
    }
}

#[test]
fn every_script_is_called_and_every_script_that_is_called_is_there() {
    let mut callers: Vec<_> = files(&examples().join("github"), "yml");
    callers.push(examples().join("gitlab/.gitlab-ci.yml"));
    callers.push(root().join("action.yml"));
    let mut called = BTreeSet::from(["lib.sh".to_owned()]);
    for path in callers {
        let text = std::fs::read_to_string(&path).expect("the file is there");
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"-./".contains(c));
        let scripts = words.filter(|word| word.ends_with(".sh") && word.contains('/'));
        called.extend(scripts.filter_map(|word| Some(word.rsplit_once('/')?.1.to_owned())));
    }
    called.remove(".sh");
    let there: BTreeSet<String> = files(&examples().join("scripts"), "sh")
        .iter()
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .collect();
    assert_eq!(called, there);
}

#[test]
fn pre_commit_runs_commands_that_exist() {
    let hooks = yaml(&root().join(".pre-commit-hooks.yaml"));
    let config = yaml(&examples().join("pre-commit/.pre-commit-config.yaml"));
    let used: Vec<_> = config["repos"][0]["hooks"]
        .as_sequence()
        .expect("it uses hooks")
        .iter()
        .map(|hook| hook["id"].as_str().expect("an id"))
        .collect();
    let desk = crate::support::desk::Desk::new(super::house::SPEC);
    for hook in hooks.as_sequence().expect("a list of hooks") {
        assert!(used.contains(&hook["id"].as_str().expect("an id")), "the example has all hooks");
        let entry = hook["entry"].as_str().expect("a command");
        let args: Vec<&str> = entry.split(' ').skip(1).collect();
        let ran = desk.run(&args);
        assert!(ran.status.success(), "{entry}: {}", crate::support::desk::err(&ran));
    }
}
