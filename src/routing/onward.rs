//! The way of a task from where it stands to where it waits now, with plain JSON in and out: for
//! whoever keeps tasks and workers of its own and asks again when something has happened.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::read::Leans;
use super::router::{Plan, TargetPlan};
use super::trace::{FilterStep, Step, TargetStep, Verdict};
use super::walk::{Detail, Past, Walk};
use super::{Cause, Channel, End, Gap, Router, TargetExit, Task, Worker, Workers};
use crate::expr::{Certainty, ChannelLoad, Clock};
use crate::model::{
    Activity, Address, Expression, Filter, Kind, Model, Queue, QueueRef, Target, TaskChannel,
    Workflow,
};

/// The name of the only workflow of the model that is made of a configuration.
const WORKFLOW: &str = "";

/// A call center, as far as it matters for where tasks go.
#[derive(Debug, Deserialize)]
struct Center {
    /// By sid.
    queues: BTreeMap<String, GivenQueue>,
    /// The sid by the name.
    activities: BTreeMap<String, String>,
    /// Unique names.
    task_channels: Vec<String>,
    workers: Vec<GivenWorker>,
}

#[derive(Debug, Deserialize)]
struct GivenQueue {
    /// None selects nobody.
    target_workers: Option<String>,
    max_reserved_workers: u32,
}

#[derive(Debug, Deserialize)]
struct GivenWorker {
    sid: String,
    name: String,
    /// By name.
    activity: String,
    available: bool,
    attributes: Map<String, Value>,
    /// By unique name.
    channels: BTreeMap<String, GivenChannel>,
    /// Seconds since the last task.
    idle: u64,
}

#[derive(Debug, Deserialize)]
struct GivenChannel {
    available: bool,
    capacity: u32,
    assigned: u32,
    reservations: u32,
}

/// A task on its way.
#[derive(Debug, Deserialize)]
struct GivenTask {
    attributes: Map<String, Value>,
    task_channel: String,
    priority: u32,
    timeout: u32,
    /// Seconds since 1970.
    created: i64,
    age: u32,
    /// From an earlier answer; none at the beginning.
    place: Option<Place>,
    /// At the beginning: the age that counts as none for the targets' timeouts.
    entered: u32,
}

/// A target that a task waits in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// None in the default filter.
    filter: Option<usize>,
    target: usize,
    /// By sid.
    queue: String,
    /// The age at which the target is left.
    deadline: Option<u32>,
    /// The sum of the timeouts so far.
    allowed: u32,
    timed_out: bool,
    skipped: bool,
}

/// Where the task is.
#[derive(Debug, Serialize)]
struct Answer {
    outcome: &'static str,
    /// Why it is cancelled.
    cause: Option<Cause>,
    priority: u32,
    /// None where it has ended.
    place: Option<Place>,
    /// The sids of those who are offered it.
    workers: Vec<String>,
    /// The targets that it has come to, without the one where it stood.
    came_to: Vec<CameTo>,
}

/// A target that the task has come to.
#[derive(Debug, Serialize)]
struct CameTo {
    /// None for the default filter.
    filter: Option<usize>,
    filter_name: String,
    target: usize,
    queue: String,
    exit: TargetExit,
}

/// Where a task is at the age that it has.
///
/// - `configuration`: a workflow's configuration, with sids, as TaskRouter takes it.
/// - `center`: `queues` by sid with `target_workers` (null for nobody) and
///   `max_reserved_workers`; `activities`, the sid by the name; `task_channels`; `workers` with
///   `sid`, `name`, `activity`, `available`, `attributes`, `idle` seconds, and `channels` by
///   unique name with `available`, `capacity`, `assigned` and `reservations`.
/// - `task`: `attributes`, `task_channel`, `priority`, `timeout`, `created` in seconds since 1970,
///   `age`, `entered` (the age at which it entered the workflow) and `place`, from an earlier
///   answer or null.
///
/// The answer has an `outcome` (`reserved`, `waiting`, `canceled`, `unrouted` or `unknown`), the
/// `cause` of a cancellation, the `priority`, the `place` with its `queue` and `deadline`, the
/// `workers` who are offered the task, and the targets that it `came_to`.
///
/// # Errors
/// `center` or `task` are not of this form.
pub fn onward(
    configuration: &Value,
    center: &Value,
    task: &Value,
) -> Result<Value, serde_json::Error> {
    let center = Center::deserialize(center)?;
    let given = GivenTask::deserialize(task)?;
    let workflow = workflow(configuration);
    let named: BTreeSet<&str> = workflow.targets().filter_map(queue_of).collect();
    let model = model(&center, &named, &workflow);
    let sids = center.activities.iter();
    let sids = sids.map(|(name, sid)| (Address::new(Kind::Activity, name.as_str()), sid.clone()));
    let router = Router::knowing(&model, sids.collect());
    let workers: Vec<Worker> = center.workers.iter().map(worker).collect();
    let crew = router.crew(Workers::Known(&workers));
    let task = Task {
        attributes: given.attributes,
        task_channel: given.task_channel,
        priority: given.priority,
        timeout: given.timeout,
    };
    let mut walk = Walk {
        crew: &crew,
        task: &task,
        created: Clock::from_unix(given.created),
        detail: Detail::Way,
        age: given.age,
        now: Some(given.age),
        priority: task.priority,
        allowed: given.entered,
        past: Past::default(),
        certainty: Certainty::Documented,
        leans: Leans::default(),
        depends_on_time: false,
        unknown: BTreeSet::new(),
    };
    let plan = router.workflows.get(WORKFLOW).expect("the model was made with this workflow");
    let mut steps = Vec::new();
    let end = match &given.place {
        None => walk.workflow(plan, &mut steps),
        Some(place) => walk.resume(plan, place, &mut steps),
    };
    let stays = given.place.as_ref().filter(|place| place.deadline.is_none_or(|d| d > given.age));
    let sid = |name: &String| {
        let mut named = center.workers.iter().filter(|worker| worker.name == *name);
        named.next().map(|worker| worker.sid.clone())
    };
    let mut answer = Answer {
        outcome: "unknown",
        cause: None,
        priority: walk.priority,
        place: None,
        workers: Vec::new(),
        came_to: came_to(&steps),
    };
    if stays.is_some() && !answer.came_to.is_empty() {
        answer.came_to.remove(0);
    }
    match end {
        End::Reserved { workers, offered, .. } => {
            answer.outcome = "reserved";
            answer.workers = workers.iter().take(offered).filter_map(sid).collect();
            answer.place = walk.place(&steps);
        }
        End::Waiting { .. } => {
            answer.outcome = "waiting";
            answer.place = walk.place(&steps);
        }
        End::Canceled { cause, .. } => (answer.outcome, answer.cause) = ("canceled", Some(cause)),
        End::Unrouted => answer.outcome = "unrouted",
        End::Unknown { .. } => {}
    }
    serde_json::to_value(answer)
}

impl Walk<'_> {
    /// From a target that the task waits in.
    fn resume(&mut self, plan: &Plan, place: &Place, steps: &mut Vec<Step>) -> End {
        self.allowed = place.allowed;
        self.past.timed_out = place.timed_out;
        self.past.skipped = place.skipped;
        let is_over = place.deadline.is_some_and(|deadline| deadline <= self.age);
        if is_over {
            self.past.timed_out = true;
            self.past.last = Some(Cause::WorkflowTimeout);
        }
        let queue = QueueRef::Name(place.queue.clone());
        let lost = End::Unknown { age: self.age, reason: Gap::NoTargets };
        let Some(index) = place.filter else {
            let Some(target) = plan.default_filter.as_ref().filter(|_| !is_over) else {
                return End::Canceled { age: self.age, cause: Cause::WorkflowTimeout };
            };
            let step = self.look(target, 0, &queue);
            let end = self.leave(&step).unwrap_or(lost);
            steps.push(Step::DefaultFilter(step));
            return end;
        };
        let Some(filter) = plan.filters.get(index) else { return lost };
        let mut targets = Vec::new();
        let end = if is_over {
            self.targets_from(filter, place.target + 1, Some(&queue), &mut targets)
        } else {
            let Some(target) = filter.targets.get(place.target) else { return lost };
            let step = self.look(target, place.target, &queue);
            let end = self.leave(&step);
            targets.push(step);
            end
        };
        steps.push(Step::Filter(FilterStep {
            filter: index,
            name: filter.filter.name.clone(),
            age: self.age,
            // It was asked when it took the task.
            verdict: Verdict {
                expression: String::new(),
                holds: true,
                certainty: Certainty::Documented,
                because: Vec::new(),
                depends_on_time: false,
            },
            targets,
        }));
        end.unwrap_or_else(|| self.workflow_from(plan, index + 1, steps))
    }

    /// Looks for workers again, in a target that the task is in.
    fn look(&mut self, plan: &TargetPlan, index: usize, queue: &QueueRef) -> TargetStep {
        let priority = self.priority;
        self.allowed = self.allowed.saturating_sub(plan.target.timeout.unwrap_or(0));
        let step = self.enter(plan, index, queue);
        self.priority = priority;
        step
    }

    /// Where the task is after these steps.
    fn place(&self, steps: &[Step]) -> Option<Place> {
        let (filter, step) = match steps.last()? {
            Step::Filter(step) => (Some(step.filter), step.targets.last()?),
            Step::DefaultFilter(step) => (None, step),
        };
        Some(Place {
            filter,
            target: step.target,
            queue: step.queue.clone(),
            deadline: step.deadline.map(|deadline| deadline.age),
            allowed: self.allowed,
            timed_out: self.past.timed_out,
            skipped: self.past.skipped,
        })
    }
}

fn came_to(steps: &[Step]) -> Vec<CameTo> {
    let step = |filter: Option<(usize, &String)>, step: &TargetStep| CameTo {
        filter: filter.map(|(index, _)| index),
        filter_name: filter.map(|(_, name)| name.clone()).unwrap_or_default(),
        target: step.target,
        queue: step.queue.clone(),
        exit: step.exit,
    };
    let mut all = Vec::new();
    for one in steps {
        match one {
            Step::Filter(filter) => {
                let of = Some((filter.filter, &filter.name));
                all.extend(filter.targets.iter().map(|target| step(of, target)));
            }
            Step::DefaultFilter(target) => all.push(step(None, target)),
        }
    }
    all
}

fn queue_of(target: &Target) -> Option<&str> {
    match target.queue.as_ref()? {
        QueueRef::Name(name) | QueueRef::Sid(name) => Some(name),
    }
}

/// The model of one workflow. Resources go by their sids there, since the configuration does.
fn model(center: &Center, queues: &BTreeSet<&str>, workflow: &Workflow) -> Model {
    let queue = |(sid, given): (&String, &GivenQueue)| {
        let target = given.target_workers.as_deref().unwrap_or("1==0");
        let queue = Queue {
            target_workers: Some(Expression::from(target)),
            max_reserved_workers: Some(given.max_reserved_workers),
            ..Queue::default()
        };
        (sid.clone(), queue)
    };
    let named = |(sid, _): &(&String, &GivenQueue)| queues.contains(sid.as_str());
    let activities = center.activities.keys();
    let channels = center.task_channels.iter();
    Model {
        queues: center.queues.iter().filter(named).map(queue).collect(),
        activities: activities.map(|name| (name.clone(), Activity::default())).collect(),
        task_channels: channels.map(|name| (name.clone(), TaskChannel::default())).collect(),
        workflows: BTreeMap::from([(WORKFLOW.to_owned(), workflow.clone())]),
        ..Model::default()
    }
}

fn worker(given: &GivenWorker) -> Worker {
    let channel = |(name, given): (&String, &GivenChannel)| {
        let GivenChannel { available, capacity, assigned, reservations } = *given;
        let load =
            ChannelLoad { configured_capacity: capacity, assigned_tasks: assigned, reservations };
        (name.clone(), Channel { available, load })
    };
    Worker {
        sid: given.sid.clone(),
        name: given.name.clone(),
        activity: given.activity.clone(),
        available: given.available,
        attributes: given.attributes.clone(),
        channels: given.channels.iter().map(channel).collect(),
        idle: Some(given.idle),
    }
}

/// A configuration; what is not of the documented form is as if it were not there.
fn workflow(configuration: &Value) -> Workflow {
    let routing = &configuration["task_routing"];
    let filter = |filter: &Value| {
        let names = ["filter_friendly_name", "friendly_name", "friendlyName"];
        Filter {
            name: names.iter().find_map(|key| filter[*key].as_str()).unwrap_or_default().to_owned(),
            expression: filter["expression"].as_str().map(Expression::from),
            targets: filter["targets"].as_array().into_iter().flatten().map(target).collect(),
            ..Filter::default()
        }
    };
    let default = &routing["default_filter"];
    Workflow {
        filters: Some(routing["filters"].as_array().into_iter().flatten().map(filter).collect()),
        default_filter: Some(default.is_object().then(|| target(default))),
        ..Workflow::default()
    }
}

fn target(target: &Value) -> Target {
    let text = |key: &str| target[key].as_str().map(str::to_owned);
    let number = |key: &str| match &target[key] {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64().and_then(|number| u32::try_from(number).ok()),
    };
    Target {
        queue: text("queue").map(QueueRef::Name),
        expression: target["expression"].as_str().map(Expression::from),
        priority: number("priority"),
        timeout: number("timeout"),
        order_by: text("order_by"),
        skip_if: target["skip_if"].as_str().map(Expression::from),
        known_worker_sid: text("known_worker_sid"),
        known_worker_friendly_name: text("known_worker_friendly_name"),
        ..Target::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn center(available: bool) -> Value {
        let worker = json!({
            "sid": "WK1", "name": "ana", "activity": "Available", "available": available,
            "attributes": { "skill": "b" }, "channels": {}, "idle": 5,
        });
        json!({
            "queues": {
                "WQ1": { "target_workers": "skill == 'a'", "max_reserved_workers": 1 },
                "WQ2": { "target_workers": "skill == 'b'", "max_reserved_workers": 1 },
                "WQ3": { "target_workers": null, "max_reserved_workers": 1 },
            },
            "activities": { "Available": "WA1" },
            "task_channels": ["default"],
            "workers": [worker],
        })
    }

    fn configuration() -> Value {
        json!({ "task_routing": {
            "filters": [
                { "expression": "x == 1", "targets": [
                    { "queue": "WQ1", "timeout": "10", "priority": 3 },
                    { "queue": "WQ2", "timeout": 20 },
                ] },
                { "expression": "x == 2", "targets": [{ "queue": "WQ2" }] },
                { "expression": "x == 1", "targets": [{ "queue": "WQ3", "timeout": 1 }] },
            ],
            "default_filter": { "queue": "WQ3" },
        } })
    }

    fn task(age: u32, place: &Value, attributes: Value) -> Value {
        json!({
            "attributes": attributes, "task_channel": "default", "priority": 0, "timeout": 100,
            "created": 0, "age": age, "entered": 0, "place": place,
        })
    }

    fn way(age: u32, place: &Value, available: bool) -> Value {
        onward(&configuration(), &center(available), &task(age, place, json!({ "x": 1 }))).unwrap()
    }

    #[test]
    fn a_task_goes_on_from_where_it_stands() {
        let first = way(0, &Value::Null, true);
        assert_eq!(first["outcome"], "waiting");
        assert_eq!(first["priority"], 3);
        assert_eq!(first["place"]["queue"], "WQ1");
        assert_eq!(first["place"]["deadline"], 10);
        let still = way(9, &first["place"], true);
        assert_eq!(still["place"], first["place"]);
        assert_eq!(still["came_to"], json!([]));
        // The deadlines add up: 30 is that of the second target.
        let next = way(10, &first["place"], false);
        assert_eq!(next["place"]["queue"], "WQ2");
        assert_eq!(next["place"]["deadline"], 30);
        assert_eq!(next["came_to"].as_array().unwrap().len(), 1);
        let offered = way(12, &next["place"], true);
        assert_eq!(offered["outcome"], "reserved");
        assert_eq!(offered["workers"], json!(["WK1"]));
        // The filter after the next one takes it too; the default filter does not count.
        let later = way(30, &next["place"], false);
        assert_eq!(later["place"]["filter"], 2);
        let end = way(31, &later["place"], false);
        assert_eq!(end["outcome"], "canceled");
        assert_eq!(end["cause"], "workflow_timeout");
    }

    #[test]
    fn a_task_that_is_looked_at_late_leaves_all_targets_that_it_has_outlived() {
        let first = way(0, &Value::Null, false);
        assert_eq!(way(30, &first["place"], false)["place"]["filter"], 2);
        assert_eq!(way(32, &first["place"], false)["outcome"], "canceled");
    }

    #[test]
    fn what_no_filter_takes_waits_in_the_default_filter() {
        let way = onward(&configuration(), &center(true), &task(0, &Value::Null, json!({})));
        let way = way.unwrap();
        assert_eq!((&way["outcome"], &way["place"]["queue"]), (&json!("waiting"), &json!("WQ3")));
        let nothing = json!({ "task_routing": { "filters": [] } });
        let way = onward(&nothing, &center(true), &task(0, &Value::Null, json!({}))).unwrap();
        assert_eq!(way["outcome"], "unrouted");
        assert!(onward(&nothing, &json!({}), &json!({})).is_err());
    }

    #[test]
    fn a_task_that_enters_later_is_given_its_timeouts_from_then_on() {
        let mut late = task(500, &Value::Null, json!({ "x": 1 }));
        late["entered"] = 500.into();
        late["timeout"] = 86_400.into();
        let way = onward(&configuration(), &center(false), &late).unwrap();
        assert_eq!(way["place"]["deadline"], 510);
    }
}
