//! The workers that tasks may go to, as the command line chooses them.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::args::{Global, TargetArgs};
use super::{Exit, Failure, target, tasks};
use crate::expr;
use crate::live::{self, Scope};
use crate::model::{Address, CapacityRule, Model};
use crate::routing::{Router, Worker, Workers, given_worker, live_sids};
use crate::spec::{self, Environment};

/// Which workers there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// Those that the spec declares.
    Declared,
    /// Those of TaskRouter.
    Live,
    /// None at all.
    Nobody,
    /// Those of a file, as in routing tests.
    File(Utf8PathBuf),
}

/// The workers, and the sids that are known with them.
#[derive(Clone, Debug, Default)]
pub(super) struct Staff {
    /// None when nobody knows them.
    workers: Option<Vec<Worker>>,
    pub(super) sids: BTreeMap<Address, String>,
    /// For people: `3 declared workers`.
    pub(super) said: String,
}

impl std::str::FromStr for Which {
    type Err = std::convert::Infallible;

    /// A file is named like one, or begins with `@`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "declared" => Self::Declared,
            "live" => Self::Live,
            "none" => Self::Nobody,
            file => Self::File(file.strip_prefix('@').unwrap_or(file).into()),
        })
    }
}

impl Staff {
    /// As a router takes them.
    pub(super) fn workers(&self) -> Workers<'_> {
        self.workers.as_deref().map_or(Workers::Unknown, Workers::Known)
    }

    fn of(workers: Vec<Worker>, word: &str) -> Self {
        let said = match workers.len() {
            0 => "no workers".to_owned(),
            1 => format!("1 {word} worker"),
            count => format!("{count} {word} workers"),
        };
        Self { workers: Some(workers), sids: BTreeMap::new(), said }
    }
}

/// Finds the workers. Reads TaskRouter when they are to be live, and nothing but files otherwise.
pub(super) async fn find(
    which: &Which,
    model: &Model,
    global: &Global,
    target: &TargetArgs,
    environment: &Environment,
) -> Result<Staff, Failure> {
    match which {
        Which::Nobody => Ok(Staff::of(Vec::new(), "")),
        // Most come from single sign-on: that none is declared does not say that there are none.
        Which::Declared if model.workers.is_empty() => {
            Ok(Staff { said: "no workers declared".to_owned(), ..Staff::default() })
        }
        Which::Declared => Ok(Staff::of(Worker::declared(model), "declared")),
        Which::File(file) => {
            let text = tasks::document(file)?;
            let wrong = |error: &dyn std::fmt::Display| {
                Failure::new(Exit::Usage, format!("--workers {file}: {error}"))
            };
            // Within the bounds of a spec.
            spec::read_plain(&text).map_err(|error| wrong(&error))?;
            let workers = spec::read_workers(&text).map_err(|error| wrong(&error))?;
            let router = Router::new(model);
            let given = workers.iter().map(|worker| given_worker(worker, model, &router));
            Ok(Staff::of(given.collect(), "given"))
        }
        Which::Live => {
            let session = target::open(global, target, environment)?;
            let rules = available_workers(model);
            let scope = Scope {
                workers: true,
                capacities: &rules,
                declared_workers: &BTreeMap::new(),
                // How much somebody takes is wanted, and not whether that is as it should be.
                exact: true,
                roles: false,
                ..Scope::of(model)
            };
            let snapshot = live::read(&session.reader, &scope).await.map_err(target::failure)?;
            session.check_account(environment, &snapshot.account_sid)?;
            let staff = Staff::of(Worker::live(&snapshot), "live");
            Ok(Staff { sids: live_sids(&snapshot), ..staff })
        }
    }
}

/// A rule that matches those whose channels may matter, so that the channels of the others, who
/// are the most by far, are not read.
fn available_workers(model: &Model) -> Vec<CapacityRule> {
    let activities = model.activities.iter();
    let declared = activities.filter(|(_, activity)| activity.available == Some(true));
    let mut names: Vec<&str> = declared.map(|(name, _)| name.as_str()).collect();
    names.extend(["Available", "Idle"]);
    let names: Vec<String> = names.into_iter().filter_map(expr::quote).collect();
    let workers = format!("worker.activity_name IN [{}]", names.join(", "));
    let name = "whoever is available".to_owned();
    vec![CapacityRule { name, workers: workers.as_str().into(), channels: BTreeMap::new() }]
}
