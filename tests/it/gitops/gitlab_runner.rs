//! Plays jobs of GitLab pipelines: their own `script` and `after_script` under bash, with the variables that
//! a runner sets.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;
use serde_yaml::Value as Yaml;

use super::conditions::holds;
use super::forge::TOKEN;
use super::house::{House, copy, credentials, now};
use crate::support::desk::{err, out};

/// The project, and one that a fork is.
pub(super) const PROJECT: u64 = 1;
const FORK: u64 = 2;

/// Why a pipeline runs.
#[derive(Clone, Debug)]
pub(super) struct Pipeline {
    /// `merge_request_event`, `push`, `schedule`, `web`
    pub(super) source: &'static str,
    pub(super) id: u64,
    pub(super) sha: String,
    /// The commit that the merge request began at.
    pub(super) base: String,
    pub(super) merge_request: Option<u64>,
    pub(super) from_fork: bool,
}

/// How a job has ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// None when no rule lets it run.
    pub(super) succeeded: Option<bool>,
    /// Somebody has to press play.
    pub(super) manual: bool,
    pub(super) log: String,
}

/// A job with what it extends.
fn job(pipeline: &Yaml, name: &str) -> Yaml {
    let own = &pipeline[name];
    assert!(own.is_mapping(), "the pipeline has the job {name}");
    let mut all = match own["extends"].as_str() {
        Some(base) => job(pipeline, base),
        None => Yaml::Mapping(serde_yaml::Mapping::new()),
    };
    let into = all.as_mapping_mut().expect("a job is a mapping");
    for (key, value) in own.as_mapping().expect("a job is a mapping") {
        match (into.get_mut(key), value) {
            (Some(Yaml::Mapping(into)), Yaml::Mapping(more)) => into.extend(more.clone()),
            _ => drop(into.insert(key.clone(), value.clone())),
        }
    }
    all
}

/// Plays a job of the pipeline of the commit that it is of.
pub(super) fn play(house: &mut House, name: &str, of: &Pipeline) -> Ended {
    let folder = house.checkout(&of.sha);
    let text = std::fs::read_to_string(folder.join(".gitlab-ci.yml")).expect("it is checked in");
    let pipeline: Yaml = serde_yaml::from_str(&text).expect("a pipeline is YAML");
    let job = job(&pipeline, name);
    let id = house.forge.held().id();
    let env = variables(house, &pipeline, &job, of, id);
    let value = |name: &str| match name.strip_prefix('$') {
        Some(name) => env.get(name).cloned().unwrap_or_default(),
        None => panic!("unknown operand: {name}"),
    };
    let rules = job["rules"].as_sequence().expect("every job has rules");
    let rule = rules
        .iter()
        .find(|rule| rule["if"].as_str().is_none_or(|condition| holds(condition, &value)));
    let Some(rule) = rule else {
        return Ended { succeeded: None, manual: false, log: String::new() };
    };
    let manual = rule["when"] == "manual";
    for needed in job["needs"].as_sequence().into_iter().flatten() {
        let from = artifacts(house, of, needed.as_str().expect("the name of a job"));
        if from.exists() {
            copy(&from, &folder);
        }
    }
    let mut log = String::new();
    let mut succeeded = true;
    for part in ["script", "after_script"] {
        let lines = job[part].as_sequence().into_iter().flatten();
        let lines: Vec<_> = lines.map(|line| line.as_str().expect("a line of shell")).collect();
        let ran = house
            .command("bash", &folder)
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &lines.join("\n")])
            .envs(&env)
            .output()
            .expect("bash starts");
        log.push_str(&format!("$ {}\n{}{}", lines.join("\n$ "), out(&ran), err(&ran)));
        succeeded &= part != "script" || ran.status.success();
        assert!(ran.status.success() || part == "script", "{log}");
    }
    if succeeded || job["artifacts"]["when"] == "always" {
        keep(house, of, name, id, &job, &folder);
    }
    house.log(&log);
    Ended { succeeded: Some(succeeded), manual, log }
}

/// The variables of a job: the pipeline's, the job's, the runner's, and those of the project's settings,
/// which a fork does not get.
fn variables(
    house: &House,
    pipeline: &Yaml,
    job: &Yaml,
    of: &Pipeline,
    id: u64,
) -> BTreeMap<String, String> {
    let project = if of.from_fork { FORK } else { PROJECT };
    let mut all: BTreeMap<String, String> = [
        ("GITLAB_CI", "true"),
        ("CI", "true"),
        ("CI_API_V4_URL", &house.forge.url),
        ("CI_PROJECT_ID", &project.to_string()),
        ("CI_PIPELINE_SOURCE", of.source),
        ("CI_COMMIT_SHA", &of.sha),
        ("CI_JOB_URL", &format!("https://gitlab.example/jobs/{id}")),
        // A variable of the project, in the place of Twilio.
        ("FLEXCTL_TARGET", &house.address),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    if let Some(number) = of.merge_request {
        all.insert("CI_MERGE_REQUEST_IID".to_owned(), number.to_string());
        all.insert("CI_MERGE_REQUEST_PROJECT_ID".to_owned(), PROJECT.to_string());
        all.insert("CI_MERGE_REQUEST_SOURCE_PROJECT_ID".to_owned(), project.to_string());
        all.insert("CI_MERGE_REQUEST_DIFF_BASE_SHA".to_owned(), of.base.clone());
    }
    if !of.from_fork {
        all.insert("GITLAB_TOKEN".to_owned(), TOKEN.to_owned());
        // Their scope is an environment.
        all.extend(credentials().into_iter().filter(|_| !job["environment"].is_null()));
    }
    for scope in [&pipeline["variables"], &job["variables"]] {
        for (name, value) in scope.as_mapping().into_iter().flatten() {
            let value = value.as_str().expect("variables are texts");
            let value = match value.strip_prefix('$') {
                Some(other) => all.get(other).cloned().unwrap_or_default(),
                None => value.to_owned(),
            };
            all.insert(name.as_str().expect("a name").to_owned(), value);
        }
    }
    // In the folder of the image; here it is the built binary.
    let binary = Path::new(env!("CARGO_BIN_EXE_flexctl")).parent().expect("it is in a folder");
    let path = std::env::var("PATH").expect("there is a PATH");
    let path = format!("{}:{}:{path}", house.path("bin").display(), binary.display());
    all.insert("PATH".to_owned(), path);
    all
}

fn artifacts(house: &House, of: &Pipeline, job: &str) -> std::path::PathBuf {
    house.path("artifacts").join(of.id.to_string()).join(job)
}

/// Keeps a job's artifacts: for later jobs of the pipeline, and for whoever asks the API.
fn keep(house: &House, of: &Pipeline, name: &str, id: u64, job: &Yaml, folder: &Path) {
    for path in job["artifacts"]["paths"].as_sequence().into_iter().flatten() {
        let path = path.as_str().expect("a path");
        let (from, to) = (folder.join(path), artifacts(house, of, name).join(path));
        match from.is_dir() {
            true => copy(&from, &to),
            false => {
                std::fs::create_dir_all(to.parent().expect("it is in a folder")).expect("ours");
                std::fs::copy(&from, &to).expect("the file is there");
            }
        }
    }
    let mut held = house.forge.held();
    if let Ok(plan) = std::fs::read(folder.join("flexctl-out/plan.json")) {
        held.plans.insert(id, plan);
    }
    let project = if of.from_fork { FORK } else { PROJECT };
    held.artifacts.push(json!({
        "id": id, "name": name, "pipeline": of.id, "merge_request": of.merge_request,
        "project_id": project, "finished_at": now(),
    }));
}
