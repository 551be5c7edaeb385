//! The way of a task through a workflow.

use std::collections::BTreeMap;

use super::trace::{
    Cause, Deadline, End, FilterStep, Obstacle, PriorityChange, SkipIf, Step, TargetExit,
    TargetStep, Trace, Verdict, WorkerStep,
};
use super::{Task, Worker};
use crate::expr::{self, AttributeScope, Certainty, Expr, Scope, TargetScope};
use crate::model::{Expression, Filter, Model, Target, Workflow};

/// A model's queues and workflows, read once and ready for many tasks.
#[derive(Clone, Debug)]
pub struct Router<'m> {
    queues: BTreeMap<&'m str, Read>,
    workflows: BTreeMap<&'m str, Plan<'m>>,
}

/// The workflow is not in the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no workflow `{0}`")]
pub struct UnknownWorkflow(pub String);

/// An expression that has been read. One with syntax errors never holds.
#[derive(Clone, Debug)]
struct Read {
    tree: Option<Expr>,
    canonical: String,
}

#[derive(Clone, Debug)]
struct Plan<'m> {
    workflow: &'m Workflow,
    filters: Vec<FilterPlan<'m>>,
    default_filter: Option<TargetPlan<'m>>,
}

#[derive(Clone, Debug)]
struct FilterPlan<'m> {
    filter: &'m Filter,
    expression: Read,
    targets: Vec<TargetPlan<'m>>,
}

#[derive(Clone, Debug)]
struct TargetPlan<'m> {
    target: &'m Target,
    expression: Option<Read>,
    skip_if: Option<Read>,
}

impl Read {
    fn new(expression: &Expression) -> Self {
        let (tree, errors) = expression.parse();
        let canonical = expression.canonical().to_string();
        Self { tree: errors.is_empty().then_some(tree), canonical }
    }

    fn verdict(&self, scope: &dyn Scope) -> Verdict {
        let (holds, certainty) = match &self.tree {
            Some(tree) => {
                let evaluation = expr::evaluate(tree, scope);
                (evaluation.holds(), evaluation.certainty)
            }
            None => (false, Certainty::Unspecified),
        };
        Verdict { expression: self.canonical.clone(), holds, certainty, because: Vec::new() }
    }
}

impl<'m> TargetPlan<'m> {
    fn new(target: &'m Target) -> Self {
        let expression = target.expression.as_ref().map(Read::new);
        Self { target, expression, skip_if: target.skip_if.as_ref().map(Read::new) }
    }
}

/// Where a task is, on its way.
struct Walk<'a> {
    task: &'a Task,
    workers: &'a [Worker],
    age: u32,
    /// The sum of the timeouts of the targets that the task came to.
    allowed: u32,
    priority: u32,
    certainty: Certainty,
}

impl<'m> Router<'m> {
    /// Reads every expression of the model once.
    pub fn new(model: &'m Model) -> Self {
        let queues = model.queues.iter().map(|(name, queue)| {
            let nobody = Expression::default();
            (name.as_str(), Read::new(queue.target_workers.as_ref().unwrap_or(&nobody)))
        });
        let workflows = model.workflows.iter().map(|(name, workflow)| {
            let filters = workflow.filters.iter().flatten().map(|filter| FilterPlan {
                filter,
                expression: Read::new(filter.expression.as_ref().unwrap_or(&Expression::default())),
                targets: filter.targets.iter().map(TargetPlan::new).collect(),
            });
            let default_filter =
                workflow.default_filter.iter().flatten().next().map(TargetPlan::new);
            (name.as_str(), Plan { workflow, filters: filters.collect(), default_filter })
        });
        Self { queues: queues.collect(), workflows: workflows.collect() }
    }

    /// The way of a task that is created now in a workflow.
    ///
    /// # Errors
    /// The workflow is not in the model.
    pub fn route(
        &self,
        workflow: &str,
        task: &Task,
        workers: &[Worker],
    ) -> Result<Trace, UnknownWorkflow> {
        let plan =
            self.workflows.get(workflow).ok_or_else(|| UnknownWorkflow(workflow.to_owned()))?;
        let mut walk = Walk {
            task,
            workers,
            age: 0,
            allowed: 0,
            priority: task.priority,
            certainty: Certainty::Documented,
        };
        let mut steps = Vec::new();
        let end = self.walk(plan, &mut walk, &mut steps);
        let certainty = walk.certainty;
        Ok(Trace { workflow: workflow.to_owned(), task: task.clone(), steps, end, certainty })
    }

    fn walk(&self, plan: &Plan, walk: &mut Walk, steps: &mut Vec<Step>) -> End {
        let _ = plan.workflow;
        let (mut timed_out, mut skipped) = (false, false);
        for (index, filter) in plan.filters.iter().enumerate() {
            let verdict = filter.expression.verdict(&AttributeScope::task(&walk.task.attributes));
            walk.certainty = walk.certainty.max(verdict.certainty);
            let mut step = FilterStep {
                filter: index,
                name: filter.filter.name.clone(),
                age: walk.age,
                verdict,
                targets: Vec::new(),
            };
            let mut queue = String::new();
            let mut end = None;
            if step.verdict.holds {
                for (at, target) in filter.targets.iter().enumerate() {
                    let target = self.target(walk, target, at, &mut queue);
                    let exit = target.exit;
                    end = end_of(&target, walk.task);
                    step.targets.push(target);
                    timed_out |= exit == TargetExit::TimedOut;
                    skipped |= exit == TargetExit::Skipped;
                    if end.is_some() {
                        break;
                    }
                }
            }
            steps.push(Step::Filter(step));
            if let Some(end) = end {
                return end;
            }
        }
        if timed_out {
            return End::Canceled { age: walk.age, cause: Cause::WorkflowTimeout };
        }
        if let Some(target) = &plan.default_filter {
            let step = self.target(walk, target, 0, &mut String::new());
            let end = end_of(&step, walk.task);
            steps.push(Step::DefaultFilter(step));
            return end.unwrap_or(End::Canceled { age: walk.age, cause: Cause::Skipped });
        }
        if skipped { End::Canceled { age: walk.age, cause: Cause::Skipped } } else { End::Unrouted }
    }

    fn target(
        &self,
        walk: &mut Walk,
        plan: &TargetPlan,
        index: usize,
        queue: &mut String,
    ) -> TargetStep {
        let Target { queue: own, priority, timeout, .. } = plan.target;
        if let Some(own) = own {
            *queue = own.to_string();
        }
        let before = walk.priority;
        walk.priority = priority.unwrap_or(before);
        let mut elsewhere = 0;
        let mut workers = Vec::new();
        let in_queue = self.queues.get(queue.as_str()).and_then(|read| read.tree.as_ref());
        for worker in walk.workers {
            let scope = AttributeScope::worker(&worker.attributes);
            if !in_queue.is_some_and(|tree| expr::evaluate(tree, &scope).holds()) {
                elsewhere += 1;
                continue;
            }
            let obstacles = obstacles(walk.task, worker, plan);
            workers.push(WorkerStep { name: worker.name.clone(), obstacles });
        }
        workers.sort_by_key(|worker| !worker.obstacles.is_empty());
        let found = workers.first().is_some_and(|worker| worker.obstacles.is_empty());
        let mut step = TargetStep {
            target: index,
            queue: queue.clone(),
            inherited: own.is_none(),
            age: walk.age,
            priority: priority.map(|after| PriorityChange { before, after }),
            workers,
            elsewhere,
            order_by: plan.target.canonical_order().unwrap_or_default(),
            skip_if: None,
            deadline: None,
            exit: TargetExit::Stays,
        };
        if let Some(timeout) = *timeout {
            walk.allowed = walk.allowed.saturating_add(timeout);
            step.deadline = Some(Deadline { timeout, age: walk.allowed });
        }
        if found {
            step.exit = TargetExit::Reserved;
            return step;
        }
        if let Some(skip_if) = &plan.skip_if {
            let counts = serde_json::json!({"workers": {"available": 0, "unavailable": 0}});
            let verdict = skip_if.verdict(&counts);
            let holds = verdict.holds;
            step.skip_if = Some(SkipIf { verdict });
            if holds {
                step.exit = TargetExit::Skipped;
                return step;
            }
        }
        if let Some(deadline) = step.deadline {
            walk.age = walk.age.max(deadline.age);
            step.exit = TargetExit::TimedOut;
        }
        step
    }
}

fn obstacles(task: &Task, worker: &Worker, plan: &TargetPlan) -> Vec<Obstacle> {
    let mut obstacles = Vec::new();
    if !worker.available {
        obstacles.push(Obstacle::Activity { activity: worker.activity.clone() });
    }
    if let Some(expression) = &plan.expression {
        let scope = TargetScope {
            task: AttributeScope::task(&task.attributes),
            worker: AttributeScope::worker(&worker.attributes).field("sid", worker.sid.as_str()),
        };
        let verdict = expression.verdict(&scope);
        if !verdict.holds {
            obstacles.push(Obstacle::Expression(verdict));
        }
    }
    obstacles
}

fn end_of(step: &TargetStep, task: &Task) -> Option<End> {
    let queue = step.queue.clone();
    match step.exit {
        TargetExit::Reserved => {
            let eligible = step.workers.iter().filter(|worker| worker.obstacles.is_empty());
            let workers = eligible.map(|worker| worker.name.clone()).collect();
            Some(End::Reserved { age: step.age, queue, workers })
        }
        TargetExit::Stays => Some(End::Waiting { since: step.age, queue, until: task.timeout }),
        TargetExit::Skipped | TargetExit::TimedOut => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Filter, Queue, QueueRef};

    #[test]
    fn the_first_filter_that_holds_takes_the_task() {
        let mut model = Model::default();
        for name in ["Sales", "Support"] {
            model.queues.insert(name.to_owned(), Queue::default());
        }
        let filter = |topic: &str| Filter {
            name: topic.to_owned(),
            expression: Some(format!("topic == '{topic}'").as_str().into()),
            targets: vec![Target {
                queue: Some(QueueRef::Name(topic.to_owned())),
                ..Target::default()
            }],
            ..Filter::default()
        };
        let filters = Some(vec![filter("Sales"), filter("Support")]);
        let workflow = Workflow { filters, ..Workflow::default() };
        model.workflows.insert("Main".to_owned(), workflow);
        let mut task = Task::default();
        task.attributes.insert("topic".to_owned(), "Support".into());
        let trace = Router::new(&model).route("Main", &task, &[]).expect("the workflow is there");
        let queue = "Support".to_owned();
        assert_eq!(trace.end, End::Waiting { since: 0, queue, until: 86_400 });
    }
}
