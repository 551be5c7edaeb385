//! The contact center that is planned: as large as a workspace can be.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use flexctl::cli::InProcess;
use flexctl::emulator::{self, Emulator};
use flexctl::live::{self, Client, Credentials, Endpoints, Scope, Sids};
use flexctl::model::Model;
use flexctl::spec::{self, Settings};
use flexctl::{apply as engine, generate, plan};

/// How many capacity rules, and teams of workers.
const TEAMS: usize = 20;

const HEAD: &str = "version: 1\nworkspace: { friendly_name: Flex Task Assignment }\n";

/// Queues, each with a filter in one of the workflows, and a capacity rule for each team.
pub(crate) fn spec(queues: usize, workflows: usize) -> String {
    let mut spec = HEAD.to_owned();
    let mut line = |text: std::fmt::Arguments<'_>| {
        spec.write_fmt(text).expect("writing to a string cannot fail");
    };
    line(format_args!("queues:\n"));
    for n in 0..queues {
        line(format_args!(
            "  Queue {n:05}: {{ target_workers: \"team == {} AND routing.skills HAS 'skill {n}'\" }}\n",
            n % TEAMS
        ));
    }
    line(format_args!("worker_capacities:\n"));
    for team in 0..TEAMS {
        line(format_args!(
            "  - {{ name: team {team}, workers: team == {team}, channels: {{ chat: {} }} }}\n",
            capacity(team)
        ));
    }
    line(format_args!("workflows:\n"));
    for workflow in 0..workflows {
        line(format_args!("  Workflow {workflow:03}:\n    filters:\n"));
        for n in (workflow..queues).step_by(workflows) {
            line(format_args!(
                "      - name: Topic {n}\n        expression: topic == 'topic {n}'\n        \
                 targets: [{{ queue: Queue {n:05}, timeout: 60 }}, {{ queue: Queue 00000 }}]\n"
            ));
        }
        line(format_args!("    default_filter: {{ queue: Queue 00000 }}\n"));
    }
    spec
}

/// Queues and nothing else.
pub(crate) fn queues_only(queues: usize) -> String {
    let mut spec = format!("{HEAD}queues:\n");
    for n in 0..queues {
        writeln!(spec, "  {}: {{ target_workers: {} }}", queue_name(n), target_workers(n))
            .expect("writing to a string cannot fail");
    }
    spec
}

pub(crate) fn queue_name(n: usize) -> String {
    format!("Queue {n:05}")
}

pub(crate) fn target_workers(n: usize) -> String {
    format!("level > {n}")
}

fn capacity(team: usize) -> u32 {
    2 + u32::try_from(team % 9).expect("less than nine")
}

/// Workers in teams, with some 200 bytes of attributes each and their team's capacity.
pub(crate) fn plant(emulator: &Emulator, workers: usize) {
    emulator.seed(|seeder| {
        for n in 0..workers {
            let team = n % TEAMS;
            let attributes = format!(
                r#"{{"full_name":"Worker {n}","contact_uri":"client:worker_{n}","email":"worker.{n}@example.com","languages":["en","de"],"team":{team},"routing":{{"skills":["skill {}","billing"],"levels":{{"billing":{}}}}}}}"#,
                n % 100,
                n % 5
            );
            let sid = seeder.worker(&format!("worker.{n}@example.com"), &attributes);
            seeder.set_capacity(&sid, "chat", capacity(team));
        }
    });
}

/// What a spec without errors wants.
pub(crate) fn desired(spec: &str) -> Model {
    let files = BTreeMap::from([("flex.yaml".to_owned(), spec.as_bytes().to_vec())]);
    let analysis = spec::analyze(&files, "flex.yaml", &Settings::default());
    generate::expand(analysis.model().expect("the spec has no errors"))
}

/// Brings the emulator to what the spec wants.
pub(crate) fn apply(emulator: &Emulator, spec: &str) {
    let desired = desired(spec);
    let client = Client::new(
        InProcess::new(emulator.clone()),
        Endpoints::at(InProcess::BASE_URL).expect("a loopback URL"),
        Credentials::new(emulator::ACCOUNT_SID, emulator::AUTH_TOKEN),
        1,
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime without threads").block_on(async {
        let snapshot = live::read(&client.reader(), &Scope::of(&desired)).await;
        let snapshot = snapshot.expect("the emulator answers");
        let plan = plan::diff(&desired, &snapshot, &plan::Options::default());
        let options = engine::Options { parallelism: 1, ..Default::default() };
        let mut sids = Sids::of(&snapshot);
        let report = engine::apply(&plan, &client.writer(), &mut sids, &options, &mut |_| {}).await;
        assert!(report.is_complete(), "{report:?}");
    });
}
