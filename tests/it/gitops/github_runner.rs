//! Plays jobs of GitHub workflows: their own `run` steps under bash, with the variables that a runner sets.
//! Actions of others are played by what they do: a checkout, an artifact kept or fetched.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use serde_yaml::Value as Yaml;

use super::conditions::holds;
use super::forge::TOKEN;
use super::house::{House, copy, now};
use crate::support::desk::{err, out};

pub(super) const REPOSITORY: &str = "acme/contact-center";

/// What there need not be.
const NOTHING: [&str; 4] = ["steps.", "inputs.", "secrets.", "github.event.pull_request."];

/// Why a workflow runs.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) name: &'static str,
    /// What is checked out.
    pub(super) sha: String,
    pub(super) pull_request: u64,
    /// The head and the base of the pull request.
    pub(super) head: String,
    pub(super) base: String,
    pub(super) from_fork: bool,
}

/// How a job has ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// None when its condition did not hold.
    pub(super) succeeded: Option<bool>,
    pub(super) log: String,
    /// The page of the run.
    pub(super) summary: String,
}

/// One job while it runs.
struct Job<'a> {
    house: &'a mut House,
    event: &'a Event,
    folder: PathBuf,
    /// What expressions mean by `env.X`, `matrix.X`, `secrets.X`, …
    values: BTreeMap<String, String>,
    /// Variables of the workflow and the job.
    env: Vec<(String, String)>,
    run: u64,
    failed: bool,
    log: String,
}

/// Plays a job of a workflow of the commit that is checked out.
pub(super) fn play(house: &mut House, workflow: &str, job: &str, event: &Event) -> Ended {
    play_one_of(house, workflow, job, event, ("environment", "production"))
}

/// The same of a job that there is for each value of its matrix.
pub(super) fn play_one_of(
    house: &mut House,
    workflow: &str,
    job: &str,
    event: &Event,
    matrix: (&str, &str),
) -> Ended {
    let folder = house.checkout(&event.sha);
    let run = house.forge.held().id();
    let path = folder.join(".github/workflows").join(workflow);
    let text = std::fs::read_to_string(path).expect("the workflow is checked in");
    let workflow: Yaml = serde_yaml::from_str(&text).expect("a workflow is YAML");
    let job = &workflow["jobs"][job];
    assert!(job.is_mapping(), "the workflow has this job");
    let values = values(house, event, job, matrix);
    let mut job_run = Job {
        house,
        event,
        folder,
        values,
        env: Vec::new(),
        run,
        failed: false,
        log: String::new(),
    };
    if let Some(condition) = job["if"].as_str()
        && !holds(condition, &|name| job_run.value(name))
    {
        return Ended { succeeded: None, log: String::new(), summary: String::new() };
    }
    for scope in [&workflow["env"], &job["env"]] {
        let env = job_run.pairs(scope);
        job_run.env.extend(env);
    }
    for step in job["steps"].as_sequence().expect("a job has steps") {
        job_run.step(step);
    }
    let Job { failed, log, folder, .. } = job_run;
    let summary = std::fs::read_to_string(folder.join("../summary")).unwrap_or_default();
    // The next job has a page of its own.
    drop(std::fs::remove_file(folder.join("../summary")));
    house.log(&log);
    house.log(&summary);
    Ended { succeeded: Some(!failed), log, summary }
}

/// What expressions can name. Secrets are those of an environment, and none of a fork's.
fn values(
    house: &House,
    event: &Event,
    job: &Yaml,
    matrix: (&str, &str),
) -> BTreeMap<String, String> {
    let fork = if event.from_fork { "somebody/contact-center" } else { REPOSITORY };
    let mut values: BTreeMap<String, String> = [
        ("github.event_name", event.name),
        ("github.repository", REPOSITORY),
        ("github.token", TOKEN),
        ("github.event.pull_request.head.repo.full_name", fork),
        ("github.event.pull_request.head.sha", &event.head),
        ("github.event.pull_request.base.sha", &event.base),
        ("runner.os", "Linux"),
        ("runner.arch", "X64"),
        ("runner.temp", "/nowhere"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    if event.name == "pull_request" {
        let number = event.pull_request.to_string();
        values.insert("github.event.pull_request.number".to_owned(), number);
    }
    let (name, value) = matrix;
    let all = job["strategy"]["matrix"][name].as_sequence().map_or(1, Vec::len);
    values.insert(format!("matrix.{name}"), value.to_owned());
    values.insert("strategy.job-total".to_owned(), all.to_string());
    let has_secrets = !event.from_fork && !job["environment"].is_null();
    values.extend(
        house
            .secrets
            .iter()
            .filter(|_| has_secrets)
            .map(|(name, value)| (format!("secrets.{name}"), value.clone())),
    );
    values
}

impl Job<'_> {
    fn value(&self, name: &str) -> String {
        match self.values.get(name) {
            Some(value) => value.clone(),
            // Those that a test does not play have done what they are there for.
            None if name.starts_with("needs.") => "success".to_owned(),
            None if NOTHING.iter().any(|of| name.starts_with(of)) => String::new(),
            None => panic!("the runner does not know {name}"),
        }
    }

    /// A text with its expressions filled in.
    fn filled(&self, text: &str) -> String {
        let mut parts = text.split("${{");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |all, part| {
            let (name, rest) = part.split_once("}}").expect("an expression is closed");
            all + &self.value(name.trim()) + rest
        })
    }

    fn pairs(&self, of: &Yaml) -> Vec<(String, String)> {
        let pairs = of.as_mapping().into_iter().flatten();
        pairs
            .map(|(name, value)| {
                let text = match value {
                    Yaml::String(text) => text.clone(),
                    other => serde_yaml::to_string(other).expect("a scalar").trim().to_owned(),
                };
                (name.as_str().expect("a name").to_owned(), self.filled(&text))
            })
            .collect()
    }

    fn step(&mut self, step: &Yaml) {
        let condition = step["if"].as_str().unwrap_or("!failed");
        let whatever = condition.contains("always()") || condition.contains("!cancelled()");
        if self.failed && !whatever {
            return;
        }
        if step["if"].is_string() && !holds(condition, &|name| self.value(name)) {
            return;
        }
        let with: BTreeMap<String, String> = self.pairs(&step["with"]).into_iter().collect();
        match step["uses"].as_str() {
            None => self.script(step, Path::new(env!("CARGO_MANIFEST_DIR"))),
            Some(uses) => match uses.split('@').next().expect("split gives one") {
                "actions/checkout" | "github/codeql-action/upload-sarif" => {
                    let sarif = with.get("sarif_file").map(|file| self.folder.join(file));
                    assert!(sarif.is_none_or(|file| file.exists()), "there is a log to upload");
                }
                "actions/upload-artifact" => self.upload(&with),
                "actions/download-artifact" => self.download(&with),
                "OWNER/flexctl" => self.action(&with),
                other => panic!("nobody plays {other}"),
            },
        }
    }

    /// This repository's own action, with the built binary.
    fn action(&mut self, with: &BTreeMap<String, String>) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(root.join("action.yml")).expect("there is an action");
        let action: Yaml = serde_yaml::from_str(&text).expect("an action is YAML");
        for (name, input) in action["inputs"].as_mapping().expect("it has inputs") {
            let name = name.as_str().expect("a name");
            let default = input["default"].as_str().expect("every input has a default");
            let value = with.get(name).map_or(default, String::as_str);
            self.values.insert(format!("inputs.{name}"), value.to_owned());
        }
        let built = env!("CARGO_BIN_EXE_flexctl").to_owned();
        self.values.insert("inputs.flexctl".to_owned(), built);
        for step in action["runs"]["steps"].as_sequence().expect("it has steps") {
            self.step(step);
        }
    }

    /// Runs a step under bash, and takes what it hands on.
    fn script(&mut self, step: &Yaml, action: &Path) {
        let place = |name: &str| self.folder.join("..").join(name);
        let (output, path) = (place("output"), place("path"));
        std::fs::write(&output, "").expect("the folder is ours");
        let text = step["run"].as_str().expect("a step runs or uses something");
        let folder = step["working-directory"].as_str().unwrap_or(".");
        let mut command = self.house.command("bash", &self.folder.join(self.filled(folder)));
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", text])
            .env("CI", "true")
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_ACTION_PATH", action)
            .env("GITHUB_API_URL", &self.house.forge.url)
            .env("GITHUB_SERVER_URL", "https://github.example")
            .env("GITHUB_REPOSITORY", REPOSITORY)
            .env("GITHUB_RUN_ID", self.run.to_string())
            .env("GITHUB_SHA", &self.event.sha)
            .env("GITHUB_OUTPUT", &output)
            .env("GITHUB_PATH", &path)
            .env("GITHUB_STEP_SUMMARY", place("summary"))
            .envs(self.house.variables.iter().cloned())
            .envs(self.env.iter().cloned());
        let added = std::fs::read_to_string(&path).unwrap_or_default();
        if let Some(added) = added.lines().last() {
            let bin = self.house.path("bin");
            let rest = std::env::var("PATH").expect("there is a PATH");
            command.env("PATH", format!("{}:{added}:{rest}", bin.display()));
        }
        for (name, value) in self.pairs(&step["env"]) {
            // The action's own input; without it the repository's variable counts.
            if name != "FLEXCTL_TARGET" || !value.is_empty() {
                command.env(name, value);
            }
        }
        let ran: Output = command.output().expect("bash starts");
        self.log.push_str(&format!("$ {text}\n{}{}", out(&ran), err(&ran)));
        self.failed |= !ran.status.success();
        let id = step["id"].as_str().unwrap_or("-");
        for line in std::fs::read_to_string(&output).expect("it is ours").lines() {
            let (name, value) = line.split_once('=').expect("NAME=VALUE");
            self.values.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
        }
    }

    fn upload(&mut self, with: &BTreeMap<String, String>) {
        let from = self.folder.join(&with["path"]);
        if !from.exists() {
            assert_eq!(with["if-no-files-found"], "ignore", "{from:?} is there");
            return;
        }
        let to = self.house.path("artifacts").join(self.run.to_string()).join(&with["name"]);
        // A single file is kept without its folders.
        match from.is_dir() {
            true => copy(&from, &to),
            false => {
                std::fs::create_dir_all(&to).expect("the folder is ours");
                let name = from.file_name().expect("a file has a name");
                std::fs::copy(&from, to.join(name)).expect("it can be copied");
            }
        }
        // Jobs of one run share their artifacts; the runner makes a run of each job.
        let shared = self.house.path("artifacts").join(&self.event.sha).join(&with["name"]);
        drop(std::fs::remove_dir_all(&shared));
        copy(&to, &shared);
        let artifact: Value = json!({
            "name": with["name"], "expired": false, "created_at": now(),
            "workflow_run": {
                "id": self.run, "head_sha": self.event.head,
                "repository_id": 1, "head_repository_id": if self.event.from_fork { 2 } else { 1 },
            },
        });
        self.house.forge.held().artifacts.push(artifact);
    }

    fn download(&mut self, with: &BTreeMap<String, String>) {
        let of = with.get("run-id").unwrap_or(&self.event.sha);
        if with.contains_key("run-id") {
            assert_eq!(with["github-token"], TOKEN, "another run's artifacts need a token");
        }
        let from = self.house.path("artifacts").join(of);
        let to = self.folder.join(&with["path"]);
        let Some(pattern) = with.get("pattern") else {
            return copy(&from.join(&with["name"]), &to);
        };
        // Each has a folder of its own.
        let start = pattern.strip_suffix('*').expect("nobody plays another pattern");
        for entry in std::fs::read_dir(&from).into_iter().flatten() {
            let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
            if name.starts_with(start) {
                copy(&from.join(&name), &to.join(&name));
            }
        }
    }
}
