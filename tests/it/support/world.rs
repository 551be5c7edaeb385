//! A spec, an emulator, and the whole way between them, in process.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use flexctl::apply::{self, Report, Standing};
use flexctl::cli::InProcess;
use flexctl::diag::Severity;
use flexctl::emulator::{self, Emulator, Options};
use flexctl::live::{self, Client, Credentials, Deed, Endpoints, Scope, Sids};
use flexctl::model::{Model, Snapshot};
use flexctl::plan::saved::SavedPlan;
use flexctl::plan::{self, Plan};
use flexctl::spec::{self, Analysis, Settings};
use jiff::Timestamp;
use serde_json::Value;

use super::wire::{Sent, Wire};
use crate::emulator::Api;

/// Files in memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts(pub(crate) BTreeMap<String, String>);

impl spec::Files for Texts {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let text = self.0.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(text.clone().into_bytes())
    }

    fn glob(&self, _from: &str, pattern: &str) -> io::Result<Vec<String>> {
        let glob = wildmatch::WildMatch::new(pattern);
        Ok(self.0.keys().filter(|path| glob.matches(path)).cloned().collect())
    }
}

/// Reads a spec from one text.
pub(crate) fn analyze(spec: &str) -> Analysis {
    let files = Texts(BTreeMap::from([("flex.yaml".to_owned(), spec.to_owned())]));
    spec::analyze(&files, "flex.yaml", &Settings::default())
}

/// What a spec wants; it must have no errors.
pub(crate) fn desired(spec: &str) -> Model {
    let analysis = analyze(spec);
    let errors: Vec<_> = analysis
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .collect();
    let Some(model) = analysis.model() else { panic!("{errors:#?}\nin\n{spec}") };
    flexctl::generate::expand(model)
}

/// What the spec in a file wants, in one environment; it must have no errors.
pub(crate) fn desired_of(path: &camino::Utf8Path, settings: &Settings) -> (Model, Vec<String>) {
    let text = fs_err::read_to_string(path).expect("the spec can be read");
    let files = Texts(BTreeMap::from([("flex.yaml".to_owned(), text)]));
    let analysis = spec::analyze(&files, "flex.yaml", settings);
    let Some(model) = analysis.model() else { panic!("{:#?}", analysis.diagnostics) };
    let document: serde_yaml::Value =
        serde_yaml::from_str(&files.0["flex.yaml"]).expect("the spec is YAML");
    let environments = document["environments"].as_mapping().into_iter().flatten();
    let names = environments.map(|(name, _)| name.as_str().expect("a name").to_owned());
    (flexctl::generate::expand(model), names.collect())
}

/// An emulator and a client of it.
pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) wire: Wire,
    client: Client<Wire>,
    runtime: tokio::runtime::Runtime,
}

impl World {
    /// A fresh Flex account, the same in every run.
    pub(crate) fn new() -> Self {
        let options = Options { record_requests: false, ..Options::deterministic() };
        Self::with(Emulator::in_memory(options))
    }

    /// An account that this spec was applied to; its own writes are forgotten.
    pub(crate) fn of(spec: &str) -> Self {
        let world = Self::new();
        world.converge(spec);
        world
    }

    /// The account that an emulator holds.
    pub(crate) fn with(emulator: Emulator) -> Self {
        let wire = Wire::new(InProcess::new(emulator.clone()));
        let client = Client::new(
            wire.clone(),
            Endpoints::at(InProcess::BASE_URL).expect("a loopback URL"),
            Credentials::new(emulator::ACCOUNT_SID, emulator::AUTH_TOKEN),
            4,
        );
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime without threads");
        Self { emulator, wire, client, runtime }
    }

    /// What is live, as far as `desired` asks for it.
    pub(crate) fn read(&self, desired: &Model) -> Snapshot {
        self.runtime
            .block_on(live::read(&self.client.reader(), &Scope::of(desired)))
            .expect("the emulator answers")
    }

    /// The same with all workers.
    pub(crate) fn read_with_workers(&self, desired: &Model) -> Snapshot {
        let scope = Scope { workers: true, ..Scope::of(desired) };
        self.runtime
            .block_on(live::read(&self.client.reader(), &scope))
            .expect("the emulator answers")
    }

    /// Everything of the account, as the API answers it.
    pub(crate) fn export(&self) -> live::Export {
        let all = live::ExportScope {
            workers: true,
            worker_channels: true,
            roles: true,
            ..live::ExportScope::default()
        };
        self.runtime
            .block_on(live::export(&self.client.reader(), all))
            .expect("the emulator answers")
    }

    /// The plan of a spec without any option.
    pub(crate) fn plan(&self, spec: &str) -> Plan {
        self.plan_with(spec, &plan::Options::default())
    }

    /// The plan of a spec.
    pub(crate) fn plan_with(&self, spec: &str, options: &plan::Options) -> Plan {
        let desired = desired(spec);
        plan::diff(&desired, &self.read(&desired), options)
    }

    /// Plans and applies without any option.
    pub(crate) fn apply(&self, spec: &str) -> (Plan, Report) {
        self.apply_with(spec, &plan::Options::default())
    }

    /// Plans and applies, refused or not: refusals are the caller's to look at.
    pub(crate) fn apply_with(&self, spec: &str, options: &plan::Options) -> (Plan, Report) {
        self.apply_model(&desired(spec), options)
    }

    /// Plans and applies what a model wants.
    pub(crate) fn apply_model(&self, desired: &Model, options: &plan::Options) -> (Plan, Report) {
        let snapshot = self.read(desired);
        let plan = plan::diff(desired, &snapshot, options);
        let report = self.carry_out(&plan, &snapshot);
        (plan, report)
    }

    /// Applies a spec, after which nothing is left to do, and gives the plan.
    pub(crate) fn converge(&self, spec: &str) -> Plan {
        self.converge_with(spec, &plan::Options::default())
    }

    /// Applies a spec, after which nothing is left to do, and gives the plan.
    pub(crate) fn converge_with(&self, spec: &str, options: &plan::Options) -> Plan {
        let (plan, report) = self.apply_with(spec, options);
        assert_eq!(plan.refusals, [], "{spec}");
        assert!(report.is_complete(), "{:#?}\n{spec}", report.results);
        let again = self.plan_with(spec, options);
        assert!(again.is_empty(), "{}\n{spec}", text(&again));
        self.wire.take();
        plan
    }

    /// Applies a plan that was made from `snapshot`.
    pub(crate) fn carry_out(&self, plan: &Plan, snapshot: &Snapshot) -> Report {
        let options = apply::Options { parallelism: 4, ..Default::default() };
        let mut sids = Sids::of(snapshot);
        self.runtime.block_on(apply::apply(
            plan,
            &self.client.writer(),
            &mut sids,
            &options,
            &mut |_| {},
        ))
    }

    /// Who has changed these objects since then.
    pub(crate) fn deeds(&self, sids: &BTreeSet<String>, since: Timestamp) -> Vec<Deed> {
        let workspace = self.emulator.workspace_sid();
        self.runtime.block_on(self.client.reader().deeds(&workspace, sids, since))
    }

    /// Waits for something that is done in the world.
    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Whether a saved plan for `desired` still stands, and what was read to see it.
    pub(crate) fn standing(
        &self,
        saved: &SavedPlan,
        desired: &Model,
        options: &plan::Options,
    ) -> Standing {
        self.runtime
            .block_on(apply::standing(saved, desired, options, &self.client.reader()))
            .expect("the emulator answers")
    }

    /// The writes that went over the wire since the last time this or the wire was asked.
    pub(crate) fn writes(&self) -> Vec<Sent> {
        let mut sent = self.wire.take();
        sent.retain(|sent| sent.method != "GET");
        sent
    }

    /// What somebody else asks of the API, not over the wire. The path is below the workspace,
    /// as in `TaskQueues/WQ…`.
    pub(crate) fn ask(&self, method: &str, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let workspace = self.emulator.workspace_sid();
        let path = format!("/v1/Workspaces/{workspace}/{path}");
        let request = Api::request(method, path.trim_end_matches('/'), form);
        let response = self.emulator.handle(request);
        let body = serde_json::from_slice(response.body()).unwrap_or_default();
        (response.status().as_u16(), body)
    }

    /// Somebody else creates or updates something; gives the object.
    pub(crate) fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let (status, body) = self.ask("POST", path, form);
        assert!(matches!(status, 200 | 201), "{body}");
        body
    }

    /// All objects of a collection, as the API answers them.
    pub(crate) fn list(&self, collection: &str) -> Vec<Value> {
        let (_, body) = self.ask("GET", &format!("{collection}?PageSize=1000"), &[]);
        let key = body["meta"]["key"].as_str().unwrap_or_else(|| panic!("no list: {body}"));
        body[key].as_array().cloned().unwrap_or_default()
    }

    /// The object with this name (a channel's unique name), as the API answers it.
    pub(crate) fn object(&self, collection: &str, name: &str) -> Value {
        self.find(collection, name).unwrap_or_else(|| panic!("no {name} in {collection}"))
    }

    /// The same, if there is one.
    pub(crate) fn find(&self, collection: &str, name: &str) -> Option<Value> {
        let key = match collection {
            "TaskChannels" => "unique_name",
            path if path.ends_with("/Channels") => "task_channel_unique_name",
            _ => "friendly_name",
        };
        self.list(collection).into_iter().find(|object| object[key] == name)
    }

    /// The sid of the object with this name.
    pub(crate) fn sid(&self, collection: &str, name: &str) -> String {
        string(&self.object(collection, name)["sid"])
    }

    /// The live configuration of a workflow.
    pub(crate) fn configuration(&self, workflow: &str) -> Value {
        let text = string(&self.object("Workflows", workflow)["configuration"]);
        serde_json::from_str(&text).expect("a configuration is JSON")
    }

    /// Somebody else writes a workflow's configuration.
    pub(crate) fn set_configuration(&self, workflow: &str, configuration: &Value) {
        let path = format!("Workflows/{}", self.sid("Workflows", workflow));
        self.post(&path, &[("Configuration", &configuration.to_string())]);
    }
}

pub(crate) fn string(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no string")).to_owned()
}

/// A plan as people read it.
pub(crate) fn text(plan: &Plan) -> String {
    plan::render::text(plan, &plan::render::Options::default())
}

/// The codes of refusals and notes, with their addresses.
pub(crate) fn codes(plan: &Plan) -> Vec<String> {
    let refusals = plan.refusals.iter().map(|refusal| (&refusal.code, &refusal.address));
    let notes = plan.notes.iter().map(|note| (&note.code, &note.address));
    refusals.chain(notes).map(|(code, address)| format!("{code} {address}")).collect()
}
