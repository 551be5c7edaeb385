//! The objects of the manifests.

use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use serde_yaml::Value as Yaml;

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/kubernetes")
}

/// An object, and the file that it is in.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) file: String,
    pub(super) yaml: Yaml,
}

impl Object {
    pub(super) fn kind(&self) -> &str {
        self.yaml["kind"].as_str().expect("an object has a kind")
    }

    pub(super) fn name(&self) -> &str {
        self.yaml["metadata"]["name"].as_str().expect("an object has a name")
    }

    /// What a Job is to do; a CronJob makes Jobs.
    pub(super) fn job(&self) -> Option<&Yaml> {
        match self.kind() {
            "Job" => Some(&self.yaml["spec"]),
            "CronJob" => Some(&self.yaml["spec"]["jobTemplate"]["spec"]),
            _ => None,
        }
    }

    /// Labels and spec of the pods that it makes.
    pub(super) fn template(&self) -> Option<&Yaml> {
        match self.kind() {
            "Deployment" => Some(&self.yaml["spec"]["template"]),
            _ => self.job().map(|job| &job["template"]),
        }
    }
}

/// Everything that is in the folder, in the order of the files.
pub(super) fn objects() -> Vec<Object> {
    let entries = std::fs::read_dir(folder()).expect("the folder is checked in");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    paths.retain(|path| !path.ends_with("flex.yaml"));
    paths.sort();
    let mut objects = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a file is text");
        let file = path.file_name().expect("it has a name").to_string_lossy().into_owned();
        for document in serde_yaml::Deserializer::from_str(&text) {
            let yaml =
                Yaml::deserialize(document).unwrap_or_else(|error| panic!("{file}: {error}"));
            objects.push(Object { file: file.clone(), yaml });
        }
    }
    assert!(objects.len() > 5, "{objects:?}");
    objects
}

/// The one object of a name and kind.
pub(super) fn object(kind: &str, name: &str) -> Object {
    let mut all = objects();
    all.retain(|object| object.kind() == kind && object.name() == name);
    assert_eq!(all.len(), 1, "{kind} {name}");
    all.remove(0)
}

/// The only container of a pod.
pub(super) fn container(template: &Yaml) -> &Yaml {
    let containers = list(&template["spec"]["containers"]);
    assert_eq!(containers.len(), 1, "a pod runs flexctl and nothing else");
    &containers[0]
}

/// The items of a list; of nothing, none.
pub(super) fn list(yaml: &Yaml) -> &[Yaml] {
    yaml.as_sequence().map(Vec::as_slice).unwrap_or_default()
}

pub(super) fn text(yaml: &Yaml) -> &str {
    yaml.as_str().unwrap_or_else(|| panic!("a text: {yaml:?}"))
}

pub(super) fn number(yaml: &Yaml) -> u64 {
    yaml.as_u64().unwrap_or_else(|| panic!("a number: {yaml:?}"))
}

/// The variables that a container is given literally.
pub(super) fn variables(container: &Yaml) -> impl Iterator<Item = (&str, &str)> {
    list(&container["env"]).iter().map(|one| (text(&one["name"]), text(&one["value"])))
}

/// What is done about a pod that ended with this exit code: `FailIndex`, or `Count`.
pub(super) fn action(job: &Yaml, exit: i32) -> &str {
    for rule in list(&job["podFailurePolicy"]["rules"]) {
        let codes = &rule["onExitCodes"];
        if codes.is_null() {
            continue;
        }
        assert_eq!(codes["operator"], "In", "nobody plays another operator");
        if list(&codes["values"]).contains(&Yaml::from(exit)) {
            return text(&rule["action"]);
        }
    }
    "Count"
}
