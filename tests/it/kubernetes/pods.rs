//! Plays pods: the built binary with the arguments, variables, secrets and volumes of a container, in the
//! folder that the image starts in. A Job goes on by its policy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use serde_yaml::Value as Yaml;

use super::manifests::{action, container, list, number, text, variables};
use crate::support::desk::{code, err, out};

/// What pods are given: volumes by the names of their sources, and secrets.
pub(super) struct Cluster {
    folder: tempfile::TempDir,
    secrets: BTreeMap<String, Vec<(String, String)>>,
}

/// How a Job has ended: all pods of each index, in their order.
#[derive(Debug)]
pub(super) struct Ended {
    pods: Vec<Vec<Output>>,
}

impl Ended {
    /// How each failed index ended, and after how many pods.
    pub(super) fn failed(&self) -> BTreeMap<usize, (i32, usize)> {
        let ends = self.pods.iter().map(|pods| (code(pods.last().expect("a pod")), pods.len()));
        ends.enumerate().filter(|(_, (exit, _))| *exit != 0).collect()
    }

    /// The environments that the last pod of each index has told of.
    pub(super) fn told(&self) -> Vec<Vec<String>> {
        let last = self.pods.iter().map(|pods| out(pods.last().expect("a pod")));
        last.map(|text| {
            // An apply tells of an environment twice: its plan, and what became of it.
            let heads = text.lines().filter_map(|line| line.strip_prefix("═══ "));
            heads.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
        })
        .collect()
    }

    /// The index whose pods told of an environment.
    pub(super) fn index_of(&self, name: &str) -> usize {
        let of = |names: &Vec<String>| names.iter().any(|one| one == name);
        self.told().iter().position(of).unwrap_or_else(|| panic!("{name} is in no share"))
    }

    /// Everything that was said.
    pub(super) fn logs(&self) -> String {
        self.pods.iter().flatten().map(|pod| out(pod) + &err(pod)).collect()
    }
}

impl Cluster {
    /// A cluster with the spec in its ConfigMap, and an empty volume for what is kept.
    pub(super) fn new(spec: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let cluster = Self { folder, secrets: BTreeMap::new() };
        for volume in ["flexctl-spec", "flexctl-state", "home"] {
            std::fs::create_dir(cluster.volume(volume)).expect("the folder is ours");
        }
        std::fs::write(cluster.volume("flexctl-spec").join("flex.yaml"), spec).expect("ours");
        cluster
    }

    pub(super) fn keep_secret(&mut self, name: &str, key: &str, value: &str) {
        self.secrets.entry(name.to_owned()).or_default().push((key.to_owned(), value.to_owned()));
    }

    /// Where the files of a ConfigMap or of a claim are.
    pub(super) fn volume(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The names of the files in a folder of a volume.
    pub(super) fn files(&self, volume: &str, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.volume(volume).join(folder));
        let entries = entries.into_iter().flatten().map(|entry| entry.expect("an entry"));
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The process of a pod's container.
    pub(super) fn command(&self, template: &Yaml) -> Command {
        let container = container(template);
        let mounts = self.mounts(template);
        let mut command = Command::new(env!("CARGO_BIN_EXE_flexctl"));
        command
            .env_clear()
            .env("HOME", self.volume("home"))
            .current_dir(placed(&mounts, &image_folder()))
            .stdin(Stdio::null());
        for source in list(&container["envFrom"]) {
            let (name, prefix) = (text(&source["secretRef"]["name"]), source["prefix"].as_str());
            let secret = self.secrets.get(name);
            assert!(
                secret.is_some() || source["secretRef"]["optional"] == true,
                "the pod would wait for {name}"
            );
            for (key, value) in secret.into_iter().flatten() {
                command.env(format!("{}{key}", prefix.unwrap_or_default()), value);
            }
        }
        for (name, value) in variables(container) {
            command.env(name, placed(&mounts, value));
        }
        command.args(list(&container["args"]).iter().map(|arg| placed(&mounts, text(arg))));
        command
    }

    /// Where a pod sees which volume.
    fn mounts(&self, template: &Yaml) -> Vec<(String, PathBuf)> {
        let volumes = list(&template["spec"]["volumes"]);
        let of = |mount: &Yaml| {
            let volume = volumes.iter().find(|volume| volume["name"] == mount["name"]);
            let volume = volume.expect("what is mounted is a volume of the pod");
            let config_map = volume["configMap"]["name"].as_str();
            let source = config_map.or(volume["persistentVolumeClaim"]["claimName"].as_str());
            (text(&mount["mountPath"]).to_owned(), self.volume(source.expect("a source")))
        };
        list(&container(template)["volumeMounts"]).iter().map(of).collect()
    }

    /// Runs the pods of an Indexed Job, as many at once and as often as it says.
    pub(super) fn run(&self, job: &Yaml) -> Ended {
        let pods_of = |index: u64| {
            let mut pods: Vec<Output> = Vec::new();
            loop {
                let mut command = self.command(&job["template"]);
                command.env("JOB_COMPLETION_INDEX", index.to_string());
                let pod = command.output().expect("the binary starts");
                let exit = code(&pod);
                pods.push(pod);
                let is_over = exit == 0
                    || action(job, exit) == "FailIndex"
                    || pods.len() as u64 > number(&job["backoffLimitPerIndex"]);
                if is_over {
                    return pods;
                }
            }
        };
        let next = AtomicU64::new(0);
        let work = || {
            let indices = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
            let indices = indices.take_while(|index| *index < number(&job["completions"]));
            indices.map(|index| (index, pods_of(index))).collect::<Vec<_>>()
        };
        let all: BTreeMap<u64, Vec<Output>> = std::thread::scope(|scope| {
            let nodes: Vec<_> =
                (0..number(&job["parallelism"])).map(|_| scope.spawn(work)).collect();
            nodes.into_iter().flat_map(|node| node.join().expect("a pod can be played")).collect()
        });
        let ended = Ended { pods: all.into_values().collect() };
        assert_eq!(self.files("flexctl-spec", ""), ["flex.yaml"], "a ConfigMap is read only");
        assert_eq!(self.files("home", ""), [""; 0], "the image is read only");
        ended
    }
}

/// A path in the pod as one on this machine; any other text as it is.
fn placed(mounts: &[(String, PathBuf)], text: &str) -> String {
    let place = mounts.iter().find_map(|(path, folder)| {
        let below = Path::new(text).strip_prefix(path).ok()?;
        Some(folder.join(below).display().to_string())
    });
    let is_share = text.strip_prefix('/').is_some_and(|of| of.parse::<u32>().is_ok());
    let is_path = text.starts_with('/') && !is_share;
    assert!(place.is_some() || !is_path, "{text} is on no volume");
    place.unwrap_or_else(|| text.to_owned())
}

/// The folder that the image starts in.
fn image_folder() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Containerfile");
    let text = std::fs::read_to_string(path).expect("the definition is checked in");
    assert!(text.contains("\nENTRYPOINT [\"/flexctl\"]\n"), "args are those of flexctl");
    let folder = text.lines().rev().find_map(|line| line.strip_prefix("WORKDIR "));
    folder.expect("the image starts in a folder").to_owned()
}
