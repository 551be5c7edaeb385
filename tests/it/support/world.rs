//! A spec, an emulator, and the whole way between them, in process.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::AtomicBool;

use flexctl::apply::{self, Report};
use flexctl::cli::InProcess;
use flexctl::diag::Severity;
use flexctl::emulator::{self, Emulator};
use flexctl::live::{self, Client, Credentials, Endpoints, Scope, Sids};
use flexctl::model::{Model, Snapshot};
use flexctl::plan::{self, Plan};
use flexctl::spec::{self, Analysis, Settings};

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

/// An emulator and a client of it.
pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) client: Client<InProcess>,
    runtime: tokio::runtime::Runtime,
}

impl World {
    /// A fresh Flex account.
    pub(crate) fn new() -> Self {
        Self::with(Emulator::in_memory(emulator::Options::default()))
    }

    /// The account that an emulator holds.
    pub(crate) fn with(emulator: Emulator) -> Self {
        let client = Client::new(
            InProcess::new(emulator.clone()),
            Endpoints::at(InProcess::BASE_URL).expect("a loopback URL"),
            Credentials::new(emulator::ACCOUNT_SID, emulator::AUTH_TOKEN),
            4,
        );
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime without threads");
        Self { emulator, client, runtime }
    }

    /// What is live, as far as `desired` asks for it.
    pub(crate) fn read(&self, desired: &Model) -> Snapshot {
        let scope = Scope { workers: true, ..Scope::of(desired) };
        self.runtime
            .block_on(live::read(&self.client.reader(), &scope))
            .expect("the emulator answers")
    }

    /// The plan of a spec.
    pub(crate) fn plan(&self, spec: &str, options: &plan::Options) -> Plan {
        let desired = desired(spec);
        plan::diff(&desired, &self.read(&desired), options)
    }

    /// Plans and applies.
    pub(crate) fn apply(&self, spec: &str, options: &plan::Options) -> (Plan, Report) {
        let desired = desired(spec);
        let snapshot = self.read(&desired);
        let plan = plan::diff(&desired, &snapshot, options);
        let report = self.carry_out(&plan, &snapshot);
        (plan, report)
    }

    /// Applies a plan that was made from `snapshot`.
    pub(crate) fn carry_out(&self, plan: &Plan, snapshot: &Snapshot) -> Report {
        let stop = AtomicBool::new(false);
        let options = apply::Options { parallelism: 4, stop: &stop };
        let mut sids = Sids::of(snapshot);
        self.runtime.block_on(apply::apply(
            plan,
            &self.client.writer(),
            &mut sids,
            &options,
            &mut |_| {},
        ))
    }
}
