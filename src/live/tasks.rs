//! The tasks that workflows still decide about, and the workflows that send tasks to a queue.

use std::time::Duration;

use super::client::{Client, protocol};
use super::endpoints::Product;
use super::page::{Item, Page};
use super::request::Call;
use super::{LiveError, Reader, Transport, Writer, fields};

/// As many as one page holds; how many more there are is not worth a request.
const PAGE_SIZE: (&str, &str) = ("PageSize", "1000");

/// Whose tasks are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TasksOf<'a> {
    /// Those in a queue, by its sid.
    Queue(&'a str),
    /// Those of a workflow, by its sid.
    Workflow(&'a str),
    /// All in the workspace.
    Everybody,
}

/// A task that is pending or reserved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingTask {
    pub age: Duration,
    /// By sid; empty for none.
    pub queue: String,
    /// By sid.
    pub workflow: String,
}

/// Tasks that are pending or reserved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaitingTasks {
    /// The first 1,000.
    pub tasks: Vec<WaitingTask>,
    /// Whether there are more of them.
    pub more: bool,
}

async fn waiting<T: Transport>(
    client: &Client<T>,
    workspace_sid: &str,
    of: TasksOf<'_>,
) -> Result<WaitingTasks, LiveError> {
    let mut query = vec![("AssignmentStatus", "pending"), ("AssignmentStatus", "reserved")];
    match of {
        TasksOf::Queue(sid) => query.push(("TaskQueueSid", sid)),
        TasksOf::Workflow(sid) => query.push(("WorkflowSid", sid)),
        TasksOf::Everybody => {}
    }
    query.push(PAGE_SIZE);
    let path = ["Workspaces", workspace_sid, "Tasks"];
    let call = Call::get(client.endpoints().url(Product::TaskRouter, &path, &query));
    let body = client.call(&call).await?;
    let Page { items, next } = Page::of(&body, "tasks").map_err(|what| protocol(&call, what))?;
    let tasks = items.iter().map(|Item(task)| WaitingTask {
        age: Duration::from_secs(u64::from(fields::number(task, "age").unwrap_or(0))),
        queue: fields::text(task, "task_queue_sid").unwrap_or_default(),
        workflow: fields::text(task, "workflow_sid").unwrap_or_default(),
    });
    Ok(WaitingTasks { tasks: tasks.collect(), more: next.is_some() })
}

impl<T: Transport> Reader<T> {
    /// Tasks that are pending or reserved; one request.
    ///
    /// # Errors
    /// They could not be listed.
    pub async fn waiting_tasks(
        &self,
        workspace_sid: &str,
        of: TasksOf<'_>,
    ) -> Result<WaitingTasks, LiveError> {
        waiting(&self.client, workspace_sid, of).await
    }
}

impl<T: Transport> Writer<T> {
    /// As [`Reader::waiting_tasks`].
    ///
    /// # Errors
    /// They could not be listed.
    pub async fn waiting_tasks(
        &self,
        workspace_sid: &str,
        of: TasksOf<'_>,
    ) -> Result<WaitingTasks, LiveError> {
        waiting(&self.client, workspace_sid, of).await
    }

    /// The names of the workflows whose configurations name a queue now.
    ///
    /// # Errors
    /// They could not be listed.
    pub async fn workflows_naming(
        &self,
        workspace_sid: &str,
        queue_sid: &str,
    ) -> Result<Vec<String>, LiveError> {
        let path = ["Workspaces", workspace_sid, "Workflows"];
        let url = self.client.endpoints().url(Product::TaskRouter, &path, &[PAGE_SIZE]);
        let mut workflows = self.client.list(url, "workflows").await?;
        workflows.retain(|workflow| {
            fields::text(workflow, "configuration").is_some_and(|text| text.contains(queue_sid))
        });
        Ok(workflows.iter().filter_map(|found| fields::text(found, "friendly_name")).collect())
    }

    /// The time of the writer's transport.
    pub fn now(&self) -> Duration {
        self.client.now()
    }

    /// Whether what is done after a wait would be done after the run's deadline.
    pub fn is_late(&self, wait: Duration) -> bool {
        self.client.is_late(wait)
    }

    /// Waits, as long as nobody wishes to stop.
    pub async fn pause(&self, wait: Duration) {
        self.client.pause(wait).await;
    }
}
