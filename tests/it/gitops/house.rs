//! Where a pipeline is played: a repository, an emulator, a forge, and what everybody has said.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use flexctl::emulator::{ACCOUNT_SID, API_KEY_SECRET, API_KEY_SID, AUTH_TOKEN};
use serde_json::Value;

use super::forge::{Forge, TOKEN};
use crate::support::desk::{err, out};

/// The spec of the main branch at first.
pub(super) const SPEC: &str = include_str!("../../../examples/gitops/flex.yaml");

/// What a script can be told.
pub(super) type Variables = Vec<(String, String)>;

pub(super) struct House {
    folder: tempfile::TempDir,
    emulator: Child,
    pub(super) address: String,
    pub(super) forge: Forge,
    /// What the repository sets for every job.
    pub(super) variables: Variables,
    /// What jobs in an environment of the forge can ask for.
    pub(super) secrets: Variables,
    /// Everything that was printed.
    logs: String,
    checkouts: usize,
}

impl Drop for House {
    fn drop(&mut self) {
        // It has ended already when the test is over for another reason.
        let _ = self.emulator.kill();
        let _ = self.emulator.wait();
    }
}

impl House {
    /// A repository with `SPEC`, which is live, and with the pipeline: its files from `pipeline`, a
    /// folder of `examples/gitops`, at `place`.
    pub(super) fn new(pipeline: &str, place: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut emulator = Command::new(env!("CARGO_BIN_EXE_flexctl"))
            .args(["emulator", "--port", "0", "--ephemeral"])
            .env_clear()
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the emulator starts");
        let mut line = String::new();
        let stdout = emulator.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        let address = line.trim().trim_start_matches("listening on ").to_owned();
        let forge = Forge::start();
        let mut house = Self {
            folder,
            emulator,
            // In the place of Twilio.
            variables: vec![("FLEXCTL_TARGET".to_owned(), address.clone())],
            secrets: credentials(),
            address,
            forge,
            logs: String::new(),
            checkouts: 0,
        };
        house.keep_an_eye_on_curl();
        let origin = house.origin();
        std::fs::create_dir_all(&origin).expect("the folder is ours");
        house.git(&["init", "--quiet", "--initial-branch", "main"]);
        copy(&examples().join("scripts"), &origin.join("ci/flexctl"));
        copy(&examples().join(pipeline), &origin.join(place));
        house.commit(SPEC);
        let applied = house.flexctl(&["apply", "--auto-approve"]);
        assert!(applied.status.success(), "{}", err(&applied));
        house
    }

    /// Programs see each other's arguments: those of curl are written down.
    fn keep_an_eye_on_curl(&self) {
        let bin = self.folder.path().join("bin");
        std::fs::create_dir_all(&bin).expect("the folder is ours");
        let real =
            out(&Command::new("bash").args(["-c", "command -v curl"]).output().expect("bash"));
        let script = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$*\" >>'{}'\nexec {} \"$@\"\n",
            self.folder.path().join("curl.log").display(),
            real.trim()
        );
        std::fs::write(bin.join("curl"), script).expect("the folder is ours");
        let mut mode = std::fs::metadata(bin.join("curl")).expect("it is there").permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
        std::fs::set_permissions(bin.join("curl"), mode).expect("it is ours");
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn origin(&self) -> PathBuf {
        self.path("origin")
    }

    /// A program in a folder, with nothing of our surroundings but PATH.
    pub(super) fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var("PATH").expect("there is a PATH");
        command
            .env_clear()
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("HOME", self.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .args::<_, &str>([])
            .current_dir(folder)
            .stdin(Stdio::null());
        command
    }

    /// Git in the repository that everybody clones.
    pub(super) fn git(&mut self, args: &[&str]) -> String {
        let identity = ["-c", "user.name=Anna", "-c", "user.email=anna@example.com"];
        let output = self
            .command("git", &self.origin())
            .args(identity)
            .args(args)
            .output()
            .expect("git starts");
        assert!(output.status.success(), "git {args:?}: {}", err(&output));
        out(&output).trim().to_owned()
    }

    /// Commits the spec as it is to be on the branch that is checked out; gives the commit.
    pub(super) fn commit(&mut self, spec: &str) -> String {
        std::fs::write(self.origin().join("flex.yaml"), spec).expect("the folder is ours");
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", "Change the spec"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Begins a branch at main with this spec, or goes on with it; gives its head, and the merge of it
    /// that a pull request is tried as.
    pub(super) fn push(&mut self, branch: &str, spec: &str) -> (String, String) {
        let there = self.git(&["branch", "--list", branch]);
        match there.is_empty() {
            true => self.git(&["checkout", "--quiet", "-b", branch, "main"]),
            false => self.git(&["checkout", "--quiet", branch]),
        };
        let head = self.commit(spec);
        self.git(&["checkout", "--quiet", "--detach", "main"]);
        self.git(&["merge", "--quiet", "--no-ff", "--message", "Try", branch]);
        let tried = self.git(&["rev-parse", "HEAD"]);
        self.git(&["branch", "--force", &format!("tried-{branch}"), "HEAD"]);
        (head, tried)
    }

    /// Merges a branch into main; gives the merge.
    pub(super) fn merge(&mut self, branch: &str) -> String {
        self.git(&["checkout", "--quiet", "main"]);
        self.git(&["merge", "--quiet", "--no-ff", "--message", "Merge", branch]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A fresh clone at a commit, as every job has one.
    pub(super) fn checkout(&mut self, commit: &str) -> PathBuf {
        self.checkouts += 1;
        let folder = self.path(&format!("job{}", self.checkouts));
        let place = folder.display().to_string();
        self.git(&["clone", "--quiet", ".", &place]);
        self.git(&["-C", &place, "checkout", "--quiet", "--detach", commit]);
        folder
    }

    /// flexctl at the desk of somebody who may write, in the repository.
    pub(super) fn flexctl(&self, args: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_flexctl"), &self.origin())
            .args(args)
            .args(["--target", &self.address, "--env", "production"])
            .envs(credentials())
            .output()
            .expect("the binary starts")
    }

    /// Whether nothing is left to do for the spec that is checked out.
    pub(super) fn is_converged(&self) -> bool {
        self.flexctl(&["plan", "--detailed-exitcode"]).status.code() == Some(0)
    }

    /// Somebody edits a queue by hand, with the account's own token.
    pub(super) fn edit_queue(&self, name: &str, field: &str, value: &str) {
        let ask = |path: &str, form: &[String]| {
            let output = self
                .command("curl", self.folder.path())
                .args(["--silent", "--fail", "--user", &format!("{ACCOUNT_SID}:{AUTH_TOKEN}")])
                .args(form.iter().flat_map(|one| ["--data-urlencode", one]))
                .arg(format!("{}/v1/Workspaces{path}", self.address))
                .output()
                .expect("curl starts");
            assert!(output.status.success(), "{path}: {}", err(&output));
            serde_json::from_str::<Value>(&out(&output)).expect("JSON")
        };
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let workspaces = ask("?FriendlyName=Flex%20Task%20Assignment", &[]);
        let workspace = text(&workspaces["workspaces"][0]["sid"]);
        let queues = ask(&format!("/{workspace}/TaskQueues?FriendlyName={name}"), &[]);
        let queue = text(&queues["task_queues"][0]["sid"]);
        ask(&format!("/{workspace}/TaskQueues/{queue}"), &[format!("{field}={value}")]);
    }

    /// Remembers what was printed.
    pub(super) fn log(&mut self, text: &str) {
        self.logs.push_str(text);
    }

    /// No secret is in anything that anybody can see: logs, comments, issues, files, arguments.
    pub(super) fn has_kept_its_secrets(&self) {
        let curl = std::fs::read_to_string(self.path("curl.log")).unwrap_or_default();
        // The edit by hand is ours.
        let curl = curl.replace(AUTH_TOKEN, "");
        let held = format!("{:?}", self.forge.held());
        let mut seen = vec![("a log", self.logs.clone()), ("curl", curl), ("the forge", held)];
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.folder).expect("the folder is ours") {
            files_below(&entry.expect("an entry").path(), &mut files);
        }
        for file in &files {
            let text = std::fs::read(file).expect("the file is ours");
            if !file.ends_with("curl.log") {
                seen.push(("a file", String::from_utf8_lossy(&text).into_owned()));
            }
        }
        let mut secrets = vec![TOKEN, API_KEY_SECRET, AUTH_TOKEN];
        let lines = self.secrets.iter().flat_map(|(_, value)| value.lines());
        secrets.extend(lines.filter_map(|line| Some(line.split_once("_AUTH_TOKEN=")?.1)));
        for (place, text) in seen {
            for secret in &secrets {
                assert!(!text.contains(secret), "{place} holds {secret}:\n{text}");
            }
        }
    }
}

/// Twilio's own names, and values that open the emulator.
pub(super) fn credentials() -> Variables {
    [
        ("TWILIO_ACCOUNT_SID", ACCOUNT_SID),
        ("TWILIO_API_KEY", API_KEY_SID),
        ("TWILIO_API_SECRET", API_KEY_SECRET),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

pub(super) fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/gitops")
}

/// Copies a folder of files.
pub(super) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder is ours");
    for entry in std::fs::read_dir(from).unwrap_or_else(|_| panic!("{from:?} is there")) {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("it has a name"));
        match path.is_dir() {
            true => copy(&path, &to),
            false => drop(std::fs::copy(&path, to).expect("it can be copied")),
        }
    }
}

fn files_below(path: &Path, into: &mut Vec<PathBuf>) {
    // Programs, and git's own objects, which are compressed.
    if path.ends_with(".git") || path.is_symlink() {
        return;
    }
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("it can be listed") {
            files_below(&entry.expect("an entry").path(), into);
        }
    } else {
        into.push(path.to_owned());
    }
}

/// Now, as forges write it.
pub(super) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
