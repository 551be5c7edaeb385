//! Tasks that are there already: those of the tests, and those of a file.

use std::collections::BTreeMap;
use std::io::Read;

use camino::Utf8Path;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::cli::{Exit, Failure};
use crate::expr::Clock;
use crate::model::{Address, Expression, Kind, Live, Snapshot, Text, keys};
use crate::routing::compare::{GivenTask, TaskShape};
use crate::spec::{self, Analysis};

/// The tasks of the spec's tests.
pub(super) fn of_tests(analysis: &Analysis) -> Vec<GivenTask> {
    let tests = analysis.tests().iter().map(|spec_test| &spec_test.test);
    tests
        .map(|test| GivenTask {
            workflow: Some(test.workflow.clone()),
            shape: TaskShape {
                attributes: test.task.clone(),
                task_channel: test.task_channel.clone(),
                priority: test.priority,
                at: None,
                from: Some(format!("test \"{}\"", test.name)),
            },
            clock: test.clock,
        })
        .collect()
}

/// What live sids stand for.
#[derive(Debug, Default)]
pub(super) struct Sids(BTreeMap<String, Address>);

impl Sids {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        fn learn<T>(sids: &mut Sids, kind: Kind, list: &[Live<T>]) {
            for (sid, name) in keys(list) {
                sids.0.insert(sid.to_owned(), Address::new(kind, name));
            }
        }
        let mut sids = Self::default();
        learn(&mut sids, Kind::Activity, &snapshot.activities);
        learn(&mut sids, Kind::Queue, &snapshot.queues);
        learn(&mut sids, Kind::Workflow, &snapshot.workflows);
        sids
    }

    /// The value with made-up sids in the places of live ones and of `${queue['Sales'].sid}`:
    /// tasks are followed with those.
    fn made_up(&self, value: Value) -> Value {
        match value {
            Value::String(plain) => {
                let text = plain.parse::<Text>().unwrap_or_else(|_| plain.as_str().into());
                let text = text.with_sids_named(&|sid| self.0.get(sid).cloned());
                Value::String(text.render(Expression::stand_in_sid))
            }
            Value::Array(items) => items.into_iter().map(|item| self.made_up(item)).collect(),
            Value::Object(map) => self.made_up_all(map).into(),
            other => other,
        }
    }

    fn made_up_all(&self, map: Map<String, Value>) -> Map<String, Value> {
        map.into_iter().map(|(key, value)| (key, self.made_up(value))).collect()
    }
}

/// A task of a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTask {
    /// None for every workflow.
    workflow: Option<String>,
    /// Its attributes.
    task: Map<String, Value>,
    task_channel: Option<String>,
    priority: Option<u32>,
    /// When it is created, as in RFC 3339.
    clock: Option<String>,
}

/// The tasks of a file: a list in JSON or YAML, or JSON lines; `-` is stdin.
pub(super) fn of_file(path: Option<&Utf8Path>, sids: &Sids) -> Result<Vec<GivenTask>, Failure> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::new(Exit::Usage, format!("--tasks {path}: {error}")).with_help(
            "a task is written as {\"workflow\": \"Inbound\", \"task\": {\"topic\": \"sales\"}}",
        )
    };
    let mut text = String::new();
    let read = if path == "-" {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        fs_err::read_to_string(path).map(|read| text = read)
    };
    read.map_err(|error| wrong(&error))?;
    let tasks = parse(&text).map_err(|error| wrong(&error))?;
    let given = |(at, task): (usize, FileTask)| {
        let clock = task.clock.as_deref().map(str::parse::<Clock>).transpose();
        let clock = clock.map_err(|error| wrong(&format!("task {}: {error}", at + 1)))?;
        Ok(GivenTask {
            workflow: task.workflow,
            shape: TaskShape {
                attributes: sids.made_up_all(task.task),
                task_channel: task.task_channel,
                priority: task.priority,
                at: None,
                from: Some(format!("{path} {}", at + 1)),
            },
            clock,
        })
    };
    tasks.into_iter().enumerate().map(given).collect()
}

fn parse(text: &str) -> Result<Vec<FileTask>, String> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if !lines.is_empty() && lines.iter().all(|line| line.starts_with('{') && line.ends_with('}')) {
        let line = |(at, line): (usize, &&str)| {
            serde_json::from_str(line).map_err(|error| format!("line {}: {error}", at + 1))
        };
        return lines.iter().enumerate().map(line).collect();
    }
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).map_err(|error| error.to_string());
    }
    // Within the bounds of a spec.
    spec::read_plain(text).map_err(|error| error.to_string())?;
    serde_yaml::from_str(text).map_err(|error| error.to_string())
}
