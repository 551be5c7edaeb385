//! A workspace as the API answers it, document by document: what an import reads, from TaskRouter or
//! from a file.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::lift::{self, Raw, RawSnapshot};
use super::read::{complete, find_workspace, list, roles, worker_channels};
use super::workers::{self, WorkerRead};
use super::{LiveError, Reader, Scope, Transport, fields};
use crate::model::Snapshot;

/// What is to be read.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExportScope<'a> {
    /// Pins the workspace.
    pub workspace_sid: Option<&'a str>,
    /// Chooses it by friendly name when no sid is given; without both there has to be just one.
    pub workspace_name: Option<&'a str>,
    /// Whether workers are wanted.
    pub workers: bool,
    /// Whether their channels are wanted too: a request for each worker.
    pub worker_channels: bool,
    /// Whether Conversations roles are wanted.
    pub roles: bool,
}

/// The API's own documents of one workspace, kind by kind, in its order.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Export {
    workspace: Raw,
    activities: Vec<Raw>,
    task_channels: Vec<Raw>,
    task_queues: Vec<Raw>,
    workflows: Vec<Raw>,
    workers: Vec<Raw>,
    /// By the worker's sid.
    worker_channels: BTreeMap<String, Vec<Raw>>,
    roles: Vec<Raw>,
}

/// Why a text is not an export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Not JSON.
    #[error("it is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Something is not where it should be.
    #[error("{0}")]
    Shape(String),
}

/// Reads a workspace, document by document.
///
/// # Errors
/// The first thing that could not be read.
pub async fn export<T: Transport>(
    reader: &Reader<T>,
    wanted: ExportScope<'_>,
) -> Result<Export, LiveError> {
    let client = &reader.client;
    let (nobody, nothing) = (BTreeMap::new(), BTreeMap::new());
    let scope = Scope {
        workspace_sid: wanted.workspace_sid,
        workspace_name: wanted.workspace_name,
        workers: wanted.workers,
        declared_activities: &nothing,
        capacities: &[],
        declared_workers: &nobody,
        exact: true,
        channels_of: &[],
        roles: wanted.roles,
    };
    let workspace = find_workspace(client, &scope).await?;
    let workspace_sid = lift::sid(&workspace);
    let all = |collection, key| list(client, &workspace_sid, collection, key);
    let workflows = async {
        let workflows = all("Workflows", "workflows").await?;
        complete(client, &workspace_sid, "Workflows", "configuration", workflows).await
    };
    let workers = async {
        if !wanted.workers && !wanted.worker_channels {
            return Ok(Vec::new());
        }
        let workers = all("Workers", "workers").await?;
        complete(client, &workspace_sid, "Workers", "attributes", workers).await
    };
    let (activities, task_channels, task_queues, workflows, workers, roles) = tokio::try_join!(
        all("Activities", "activities"),
        all("TaskChannels", "channels"),
        all("TaskQueues", "task_queues"),
        workflows,
        workers,
        roles(client, &scope),
    )?;
    let sids: Vec<String> = workers.iter().map(lift::sid).collect();
    let asked: BTreeSet<&str> =
        sids.iter().map(String::as_str).filter(|_| wanted.worker_channels).collect();
    let worker_channels = worker_channels(client, &workspace_sid, &asked).await?;
    Ok(Export {
        workspace,
        activities,
        task_channels,
        task_queues,
        workflows,
        workers,
        worker_channels,
        roles,
    })
}

impl Export {
    /// Reads what [`Export`] is written as, and leniently what somebody has put together from the
    /// API's answers: a list may be a whole page, a kind may be missing, queues may stand under
    /// `queues` and channels under `channels`.
    ///
    /// # Errors
    /// Where it is not that.
    pub fn read(text: &str) -> Result<Self, ExportError> {
        let mut document: Map<String, Value> = match serde_json::from_str(text)? {
            Value::Object(document) => document,
            _ => return Err(shape("it is not an object with a list for each kind")),
        };
        let workspace = match document.shift_remove("workspace") {
            Some(workspace) => one(workspace)?,
            None => match list_of(&mut document, &["workspaces"])?.as_mut_slice() {
                [] => Raw::new(),
                [one] => std::mem::take(one),
                _ => return Err(shape("`workspaces` holds more than one; keep one of them")),
            },
        };
        let export = Self {
            workspace,
            activities: list_of(&mut document, &["activities"])?,
            task_channels: list_of(&mut document, &["task_channels", "channels"])?,
            task_queues: list_of(&mut document, &["task_queues", "queues"])?,
            workflows: list_of(&mut document, &["workflows"])?,
            workers: list_of(&mut document, &["workers"])?,
            worker_channels: worker_channels_of(&mut document)?,
            roles: list_of(&mut document, &["roles"])?,
        };
        match document.keys().next().filter(|_| export == Self::default()) {
            Some(key) => Err(shape(&format!("it holds no kind that is known; `{key}` is none"))),
            None => Ok(export),
        }
    }

    /// The same with names for sids.
    pub fn snapshot(&self) -> Snapshot {
        let Self {
            workspace,
            activities,
            task_channels,
            task_queues,
            workflows,
            workers,
            worker_channels,
            roles,
        } = self.clone();
        let raw = RawSnapshot {
            workspace,
            activities,
            task_channels,
            queues: task_queues,
            workflows,
            roles,
        };
        let workers = workers.into_iter().map(WorkerRead::of).collect();
        let (workers, of_workers) = workers::named(workers, &raw.names());
        let (snapshot, mut answers) = raw.lifted(of_workers);
        let worker_channels = lift::worker_channels(worker_channels, &mut answers);
        let answers = answers.into_iter().collect();
        Snapshot { workers, worker_channels, answers, ..snapshot }
    }
}

fn shape(what: &str) -> ExportError {
    ExportError::Shape(what.to_owned())
}

fn one(workspace: Value) -> Result<Raw, ExportError> {
    match workspace {
        Value::Object(workspace) => Ok(workspace),
        _ => Err(shape("`workspace` is not an object")),
    }
}

/// The objects under the first of these keys that is there; none without any.
fn list_of(document: &mut Map<String, Value>, keys: &[&str]) -> Result<Vec<Raw>, ExportError> {
    let found = keys.iter().find_map(|key| Some((*key, document.shift_remove(*key)?)));
    found.map_or(Ok(Vec::new()), |(key, value)| objects(key, value))
}

/// A list of objects with sids, or a page that holds one.
fn objects(key: &str, value: Value) -> Result<Vec<Raw>, ExportError> {
    let items = match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items,
        Value::Object(page) => {
            let mut lists = page.into_iter().filter_map(|(_, value)| match value {
                Value::Array(items) => Some(items),
                _ => None,
            });
            match (lists.next(), lists.next()) {
                (Some(items), None) => items,
                _ => return Err(shape(&format!("`{key}` is neither a list nor a page of one"))),
            }
        }
        _ => return Err(shape(&format!("`{key}` is not a list"))),
    };
    let object = |(at, item)| match item {
        Value::Object(object) if fields::some_text(&object, "sid").is_some() => Ok(object),
        Value::Object(_) => Err(shape(&format!("item {} of `{key}` has no `sid`", at + 1))),
        _ => Err(shape(&format!("item {} of `{key}` is not an object", at + 1))),
    };
    items.into_iter().enumerate().map(object).collect()
}

/// Lists by the worker's sid, or one list of objects that name their worker.
fn worker_channels_of(
    document: &mut Map<String, Value>,
) -> Result<BTreeMap<String, Vec<Raw>>, ExportError> {
    let key = "worker_channels";
    let mut by_worker: BTreeMap<String, Vec<Raw>> = BTreeMap::new();
    match document.shift_remove(key) {
        None | Some(Value::Null) => {}
        Some(Value::Object(lists)) => {
            for (worker, list) in lists {
                by_worker.insert(worker, objects(key, list)?);
            }
        }
        Some(list) => {
            for channel in objects(key, list)? {
                let worker = fields::some_text(&channel, "worker_sid")
                    .ok_or_else(|| shape("a worker channel has no `worker_sid`"))?;
                by_worker.entry(worker).or_default().push(channel);
            }
        }
    }
    Ok(by_worker)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_of_the_api_are_read_as_lists_and_as_pages() {
        let queue = json!({"sid": "WQ1", "friendly_name": "Sales"});
        for queues in [
            json!({"task_queues": [queue]}),
            json!({"queues": [queue]}),
            json!({"task_queues": {"meta": {"key": "task_queues"}, "task_queues": [queue]}}),
        ] {
            let export = Export::read(&queues.to_string()).unwrap();
            assert_eq!(export.snapshot().queues[0].name, "Sales", "{queues}");
            let again = serde_json::to_string(&export).unwrap();
            assert_eq!(Export::read(&again).unwrap(), export);
        }
    }

    #[test]
    fn what_is_no_export_says_why() {
        for (text, why) in [
            ("[]", "it is not an object with a list for each kind"),
            (r#"{"task_queues": 1}"#, "`task_queues` is not a list"),
            (r#"{"workflows": [{}]}"#, "item 1 of `workflows` has no `sid`"),
            (r#"{"workspace": []}"#, "`workspace` is not an object"),
            (r#"{"quues": []}"#, "it holds no kind that is known; `quues` is none"),
            (r#"{"worker_channels": [{"sid": "WC1"}]}"#, "a worker channel has no `worker_sid`"),
        ] {
            assert_eq!(Export::read(text).unwrap_err().to_string(), why);
        }
        assert!(Export::read("{").unwrap_err().to_string().starts_with("it is not JSON"));
    }
}
