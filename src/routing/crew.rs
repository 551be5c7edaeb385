//! The workers that tasks may go to, and who is in which queue.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::read::Read;
use super::{Router, Task, Trace, UnknownWorkflow, Worker, walk};
use crate::expr::{Certainty, Clock};

/// The workers there are.
#[derive(Clone, Copy, Debug)]
pub enum Workers<'a> {
    /// Nobody knows. A way is then that of a task for which nobody is free.
    Unknown,
    /// These and no others.
    Known(&'a [Worker]),
}

/// A router with workers, for many tasks: who is in a queue is found out once.
#[derive(Debug)]
pub struct Crew<'a> {
    pub(super) router: &'a Router<'a>,
    pub(super) workers: Workers<'a>,
    queues: BTreeMap<&'a str, OnceLock<Members>>,
}

/// Who is in a queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Members {
    /// Places in the list of workers, in its order.
    pub(super) inside: Vec<usize>,
    /// Those for whom that is not documented, inside or not.
    pub(super) doubtful: BTreeMap<usize, Certainty>,
    /// How many are in each activity, by name, and whether it is available.
    pub(super) activities: BTreeMap<(String, bool), usize>,
}

impl Members {
    /// Whether the worker at this place is inside.
    pub(super) fn holds(&self, at: usize) -> bool {
        self.inside.binary_search(&at).is_ok()
    }
}

impl<'a> Crew<'a> {
    pub(super) fn new(router: &'a Router<'a>, workers: Workers<'a>) -> Self {
        let queues = router.queues.keys().map(|name| (*name, OnceLock::new())).collect();
        Self { router, workers, queues }
    }

    /// The way of a task that is created at `created` in a workflow: every filter that is tried,
    /// and why workers are not offered the task.
    ///
    /// # Errors
    /// The workflow is not in the model.
    pub fn route(
        &self,
        workflow: &str,
        task: &Task,
        created: Clock,
    ) -> Result<Trace, UnknownWorkflow> {
        walk::route(self, workflow, task, created, walk::Detail::Reasons)
    }

    /// The same way, told in short, which is faster: without the filters that did not take the
    /// task and the workers who are not offered it. `leans_on` and `certainty` are the same.
    ///
    /// # Errors
    /// The workflow is not in the model.
    pub fn way(
        &self,
        workflow: &str,
        task: &Task,
        created: Clock,
    ) -> Result<Trace, UnknownWorkflow> {
        walk::route(self, workflow, task, created, walk::Detail::Way)
    }

    /// The workers, and who of them is in a queue; none when the model does not declare it or
    /// nobody knows the workers.
    pub(super) fn people(&self, queue: &str) -> Option<(&'a [Worker], &Members)> {
        let Workers::Known(workers) = self.workers else { return None };
        let read = &self.router.queues.get(queue)?.expression;
        Some((workers, self.queues.get(queue)?.get_or_init(|| self.find(workers, read))))
    }

    fn find(&self, workers: &[Worker], read: &Read) -> Members {
        let mut members = Members::default();
        for (at, worker) in workers.iter().enumerate() {
            let scope = read.worker(worker, &self.router.sids);
            let (holds, certainty) = read.holds(&scope);
            if certainty > Certainty::Documented {
                members.doubtful.insert(at, certainty);
            }
            if holds {
                members.inside.push(at);
                let activity = (worker.activity.clone(), worker.available);
                *members.activities.entry(activity).or_default() += 1;
            }
        }
        members
    }

    /// The names of the workers in a queue, in the order in which the workers were given; none
    /// when the model does not declare the queue or nobody knows the workers.
    pub fn queue(&self, queue: &str) -> Option<Vec<&'a str>> {
        let (workers, members) = self.people(queue)?;
        Some(members.inside.iter().map(|&at| workers[at].name.as_str()).collect())
    }
}
