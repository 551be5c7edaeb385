//! Deleting what tasks still need. TaskRouter refuses to delete a queue while tasks go by an
//! older configuration that names it; it is asked again until they are done, or the time is over.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::Event;
use super::run::{Site, Stopped, Trouble, delete};
use crate::live::{ApiError, LiveError, Reader, TasksOf, Transport, WaitingTask, WaitingTasks};
use crate::model::{Address, Kind, Resource};
use crate::plan::{Action, Change, Note, Plan, Stage};

/// The first wait; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(2);
/// No wait is longer.
const LONGEST: Duration = Duration::from_secs(15);
/// So often it is asked again although no task is to be seen: lists may lag behind.
const BLIND: u32 = 2;

/// What keeps an object from being deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The queue or the workflow.
    pub address: Address,
    /// How many tasks are pending or reserved in it,
    pub tasks: usize,
    /// and perhaps more.
    pub more: bool,
    /// The age of the oldest of them.
    pub oldest: Duration,
    /// When none is in it: how many in the workspace are old enough to go by an older configuration.
    pub elsewhere: usize,
}

impl Held {
    fn new(address: &Address, here: &WaitingTasks) -> Self {
        Self {
            address: address.clone(),
            tasks: here.tasks.len(),
            more: here.more,
            oldest: here.tasks.iter().map(|task| task.age).max().unwrap_or_default(),
            elsewhere: 0,
        }
    }

    /// The ways out.
    pub(super) fn advice(&self) -> String {
        let sender = match self.address.kind {
            Kind::Queue => "its workflows send nothing new to it, and ",
            _ => "",
        };
        // By now the workflows are changed, and tasks are evaluated again with a change only.
        let too_late = match self.address.kind {
            Kind::Queue => {
                "; `re_evaluate_tasks: true` moves tasks only in a run that changes their workflow"
            }
            _ => "",
        };
        format!(
            "{sender}it is as it was; apply again when the tasks are done, or wait longer with \
             --removal-timeout{too_late}"
        )
    }

    /// Whether no task is to be seen that may keep it.
    fn is_blind(&self) -> bool {
        self.tasks == 0 && self.elsewhere == 0
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, tasks, more, oldest, elsewhere } = self;
        if *tasks > 0 {
            let least = if *more { "at least " } else { "" };
            let noun = if *tasks == 1 { "task" } else { "tasks" };
            let oldest = whole(*oldest);
            return write!(f, "{least}{tasks} {noun} still in {address}, oldest {oldest}");
        }
        write!(f, "no task is in {address}")?;
        match elsewhere {
            0 => f.write_str(", and none is to be seen that may come to it"),
            1 => f.write_str(", but one elsewhere may still go by an older configuration"),
            more => write!(f, ", but {more} elsewhere may still go by an older configuration"),
        }
    }
}

/// `45s`, `4m`, `2h 10m`.
pub(super) fn whole(duration: Duration) -> String {
    let unit = if duration.as_secs() < 120 { 1 } else { 60 };
    let seconds = i64::try_from(duration.as_secs() / unit * unit).unwrap_or(i64::MAX);
    format!("{:#}", jiff::SignedDuration::from_secs(seconds))
}

/// How long a run waits for tasks, all deletions together.
#[derive(Debug)]
pub(super) struct Patience {
    most: Duration,
    /// The end, in the transport's time; none before the first refusal.
    until: Cell<Option<Duration>>,
}

impl Patience {
    pub(super) fn new(most: Duration) -> Self {
        Self { most, until: Cell::new(None) }
    }

    /// What is left of it.
    fn left(&self, now: Duration) -> Duration {
        let until = self.until.get().unwrap_or_else(|| now.saturating_add(self.most));
        self.until.set(Some(until));
        until.saturating_sub(now)
    }
}

/// Who hears of waits.
pub(super) type Observer<'a> = RefCell<&'a mut dyn FnMut(Event<'_>)>;

/// Where it is told who is waited for, and how long.
#[derive(Clone, Copy)]
pub(super) struct Teller<'a, 'o> {
    pub(super) observe: &'a Observer<'o>,
    pub(super) patience: &'a Patience,
}

/// Deletes an object, as soon as no task needs it any more.
pub(super) async fn remove<T: Transport>(
    site: &Site<'_, T>,
    change: &Change,
    teller: &Teller<'_, '_>,
) -> Result<(), Trouble> {
    let writer = site.writer;
    let began = writer.now();
    let (mut wait, mut blind) = (FIRST, 0);
    loop {
        let trouble = match delete(site, change).await {
            Ok(()) => return Ok(()),
            Err(trouble) => trouble,
        };
        let Some(refusal) = refused(&trouble).filter(|_| waits(site, change)).cloned() else {
            return Err(trouble);
        };
        let waited = writer.now().saturating_sub(began);
        if waited.is_zero() && named(site, change).await {
            return Err(trouble);
        }
        let Some(held) = held(site, change, waited).await else { return Err(trouble) };
        if held.is_blind() {
            blind += 1;
            if blind > BLIND {
                return Err(trouble);
            }
        }
        wait = wait.min(teller.patience.left(writer.now()));
        let mut over = wait.is_zero() || writer.is_late(wait) || writer.is_stopped();
        if !over {
            teller.observe.borrow_mut()(Event::Waiting(change, &held));
            writer.pause(wait).await;
            over = writer.is_stopped();
        }
        if over {
            let waited = writer.now().saturating_sub(began);
            return Err(Stopped::Held { held, waited, refusal }.into());
        }
        wait = (wait * 2).min(LONGEST);
    }
}

/// The refusal, when it is one of those that may pass.
fn refused(trouble: &Trouble) -> Option<&ApiError> {
    match &trouble.error {
        Stopped::Live(LiveError::Api(error)) if matches!(error.status, 400 | 409) => Some(error),
        _ => None,
    }
}

/// Whether tasks may be why it cannot be deleted. What the plan leaves a reference to is not
/// waited for.
fn waits<T>(site: &Site<'_, T>, change: &Change) -> bool {
    matches!(change.address.kind, Kind::Queue | Kind::Workflow) && !site.is_still_used
}

/// Whether a workflow names the queue. No waiting helps then.
async fn named<T: Transport>(site: &Site<'_, T>, change: &Change) -> bool {
    let (Kind::Queue, Some(sid)) = (change.address.kind, &change.sid) else { return false };
    let workflows = site.writer.workflows_naming(site.workspace, sid).await;
    workflows.is_ok_and(|workflows| !workflows.is_empty())
}

/// Which tasks are in the way; none when they cannot be listed.
async fn held<T: Transport>(site: &Site<'_, T>, change: &Change, waited: Duration) -> Option<Held> {
    let sid = change.sid.as_deref()?;
    let of = match change.address.kind {
        Kind::Workflow => TasksOf::Workflow(sid),
        _ => TasksOf::Queue(sid),
    };
    let here = site.writer.waiting_tasks(site.workspace, of).await.ok()?;
    let mut held = Held::new(&change.address, &here);
    if held.tasks == 0 && change.address.kind == Kind::Queue {
        let all = site.writer.waiting_tasks(site.workspace, TasksOf::Everybody).await.ok()?;
        // The others have come since, under the new configuration.
        held.elsewhere = all.tasks.iter().filter(|task| task.age >= waited).count();
    }
    Some(held)
}

/// What a plan should say of tasks that are in queues and workflows which it deletes: one request, or
/// none when it deletes none of them. Tasks that cannot be listed are not told of.
pub async fn tasks_in_the_way<T: Transport>(plan: &Plan, reader: &Reader<T>) -> Vec<Note> {
    let deleted: Vec<(&Address, &str)> = plan
        .changes
        .iter()
        .filter(|change| change.action == Action::Delete && change.stage == Stage::Main)
        .filter(|change| matches!(change.address.kind, Kind::Queue | Kind::Workflow))
        .filter_map(|change| Some((&change.address, change.sid.as_deref()?)))
        .collect();
    let of = match deleted[..] {
        [] => return Vec::new(),
        [(address, sid)] if address.kind == Kind::Workflow => TasksOf::Workflow(sid),
        [(_, sid)] => TasksOf::Queue(sid),
        _ => TasksOf::Everybody,
    };
    let Ok(waiting) = reader.waiting_tasks(&plan.workspace.sid, of).await else {
        return Vec::new();
    };
    let note = |(address, sid): (&Address, &str)| {
        let is_in = |task: &&WaitingTask| match address.kind {
            Kind::Workflow => task.workflow == sid,
            _ => task.queue == sid,
        };
        let tasks = waiting.tasks.iter().filter(is_in).cloned().collect();
        let held = Held::new(address, &WaitingTasks { tasks, more: waiting.more });
        let senders = senders(plan, &held, waiting.tasks.iter().filter(is_in));
        (held.tasks > 0).then(|| Note::tasks_waiting(address, &held, &senders))
    };
    deleted.into_iter().filter_map(note).collect()
}

/// The workflows of tasks in a queue which the plan changes without evaluating the tasks again.
fn senders<'a>(
    plan: &'a Plan,
    held: &Held,
    tasks: impl Iterator<Item = &'a WaitingTask>,
) -> Vec<&'a Address> {
    if held.address.kind != Kind::Queue {
        return Vec::new();
    }
    let of: BTreeSet<&str> = tasks.map(|task| task.workflow.as_str()).collect();
    let keeps = |change: &&Change| {
        change.sid.as_deref().is_some_and(|sid| of.contains(sid))
            && matches!(&change.write, Some(Resource::Workflow(workflow))
                if change.action == Action::Update && workflow.re_evaluate_tasks != Some(true))
    };
    plan.changes.iter().filter(keeps).map(|change| &change.address).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(tasks: usize, elsewhere: usize) -> String {
        let address = Address::new(Kind::Queue, "Old");
        let oldest = Duration::from_secs(250);
        Held { address, tasks, more: tasks == 1000, oldest, elsewhere }.to_string()
    }

    #[test]
    fn it_is_said_how_many_tasks_are_waited_for_and_since_when() {
        assert_eq!(held(3, 0), "3 tasks still in queue.Old, oldest 4m");
        assert_eq!(held(1, 0), "1 task still in queue.Old, oldest 4m");
        assert_eq!(held(1000, 0), "at least 1000 tasks still in queue.Old, oldest 4m");
        assert!(held(0, 2).ends_with("2 elsewhere may still go by an older configuration"));
        assert_eq!(whole(Duration::from_millis(45_900)), "45s");
        assert_eq!(whole(Duration::from_secs(7_800)), "2h 10m");
    }

    #[test]
    fn all_deletions_of_a_run_wait_for_one_time_together() {
        let patience = Patience::new(Duration::from_secs(120));
        assert_eq!(patience.left(Duration::from_secs(10)), Duration::from_secs(120));
        assert_eq!(patience.left(Duration::from_secs(100)), Duration::from_secs(30));
        assert_eq!(patience.left(Duration::from_secs(131)), Duration::ZERO);
        assert_eq!(Patience::new(Duration::ZERO).left(Duration::from_secs(1)), Duration::ZERO);
    }
}
