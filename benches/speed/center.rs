//! Contact centers of any size: as specs, and as what an emulator holds.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use flexctl::apply;
use flexctl::cli::InProcess;
use flexctl::emulator::{self, Emulator};
use flexctl::generate;
use flexctl::live::{self, Client, Credentials, Endpoints, Scope, Sids};
use flexctl::model::{Model, Rule, Snapshot};
use flexctl::plan;
use flexctl::spec::{self, Analysis, Settings};
use tokio::runtime::{Builder, Runtime};

/// From a large contact center to the largest that TaskRouter holds, by queues.
pub(crate) const QUEUES: [usize; 3] = [500, 1500, 5000];
/// By workers.
pub(crate) const WORKERS: [usize; 3] = [1500, 5000, 15_000];

/// A transfer of 5,000 queues is more than one workflow can hold, so each region has its own.
const REGIONS: [&str; 4] = ["East", "North", "South", "West"];

/// A spec with this many queues, a filter for each in a transfer, and one for every tenth in a
/// workflow. One of the queues is for everybody.
pub(crate) fn spec(queues: usize) -> String {
    let names: Vec<String> =
        (1..queues).map(|i| format!("{} {i:05}", REGIONS[i % REGIONS.len()])).collect();
    let mut spec = "version: 1\nworkspace: { friendly_name: Flex Task Assignment }\n\
                    activities: { Available: {}, Offline: {} }\nqueues:\n  Everyone: \
                    { target_workers: 1==1 }\n"
        .to_owned();
    let mut line = |text: std::fmt::Arguments<'_>| {
        spec.write_fmt(text).expect("writing to a string cannot fail");
    };
    for (i, name) in names.iter().enumerate() {
        line(format_args!(
            "  {name}:\n    target_workers: routing.skills HAS 'skill {i}' AND level >= {}\n    \
             max_reserved_workers: {}\n    task_order: FIFO\n",
            i % 5,
            i % 50 + 1
        ));
    }
    line(format_args!("workflows:\n  Incoming:\n    filters:\n"));
    for (i, name) in names.iter().enumerate().step_by(10) {
        line(format_args!(
            "      - name: Topic {i}\n        expression: topic == 'topic {i}' AND priority > {}\n        \
             targets:\n          - {{ queue: {name}, timeout: 60 }}\n          \
             - {{ queue: Everyone, priority: 5 }}\n",
            i % 7
        ));
    }
    line(format_args!("transfers:\n"));
    for region in REGIONS {
        line(format_args!(
            "  Transfer {region}:\n    dialect: conversation\n    worker: {{ queue: Everyone }}\n    \
             queues:\n      include: [{region} *]\n      overrides:\n"
        ));
        for name in names.iter().filter(|name| name.starts_with(region)).step_by(5) {
            line(format_args!("        {name}: {{ to: Everyone }}\n"));
        }
    }
    spec
}

/// Reads a spec from memory.
pub(crate) fn analyze(spec: &str) -> Analysis {
    let files = BTreeMap::from([("flex.yaml".to_owned(), spec.as_bytes().to_vec())]);
    spec::analyze(&files, "flex.yaml", &Settings::default())
}

/// What a spec without errors means.
pub(crate) fn model(spec: &str) -> Model<Rule> {
    let analysis = analyze(spec);
    let model = analysis.model().unwrap_or_else(|| panic!("{:#?}", analysis.diagnostics));
    model.clone()
}

/// What a spec without errors wants.
pub(crate) fn desired(spec: &str) -> Model {
    generate::expand(&model(spec))
}

/// One thread that runs futures.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime without threads")
}

/// A client of an emulator that is called without a socket.
pub(crate) fn client(emulator: &Emulator) -> Client<InProcess> {
    Client::new(
        InProcess::new(emulator.clone()),
        Endpoints::at(InProcess::BASE_URL).expect("a loopback URL"),
        Credentials::new(emulator::ACCOUNT_SID, emulator::AUTH_TOKEN),
        4,
    )
}

/// What an emulator holds, as far as `desired` asks for it.
pub(crate) fn read(emulator: &Emulator, desired: &Model) -> Snapshot {
    let reading = async { live::read(&client(emulator).reader(), &Scope::of(desired)).await };
    runtime().block_on(reading).expect("the emulator answers")
}

/// An emulator with a new Flex account.
pub(crate) fn account() -> Emulator {
    Emulator::in_memory(emulator::Options::default())
}

/// Plans and applies to an emulator; every change succeeds.
pub(crate) fn apply(emulator: &Emulator, desired: &Model) {
    let snapshot = read(emulator, desired);
    let plan = plan::diff(desired, &snapshot, &plan::Options::default());
    let options = apply::Options { parallelism: 4, ..Default::default() };
    let (writer, mut sids) = (client(emulator).writer(), Sids::of(&snapshot));
    let report = runtime().block_on(apply::apply(&plan, &writer, &mut sids, &options, &mut |_| {}));
    assert_eq!(report.totals.applied, plan.changes.len());
}

/// A live contact center that is as the spec wants it.
pub(crate) fn applied(desired: &Model) -> Snapshot {
    let emulator = account();
    apply(&emulator, desired);
    read(&emulator, desired)
}
