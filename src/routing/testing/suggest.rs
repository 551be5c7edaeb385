//! Tests made up from a model's own rules: one for each filter, and for transfers those of
//! [`super::transfer`].
//!
//! What a test expects comes from the rule that it is made for, never from following a task. Each
//! is then run, and one that does not pass is left out with the reason.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::worker::{eligible, put, sid};
use super::{DEFAULT_CLOCK, Tester, transfer};
use crate::expr::{Clock, Expr};
use crate::model::{
    Address, Expectation, Expression, Filter, Model, Moment, QueueRef, RoutingTest, Rule, Target,
    Text, Workflow,
};
use crate::routing::{Goal, Router, Spot, Worker, moments, task_witness};

/// How often a task is made up again because an earlier filter takes it.
const MAX_TRIES: usize = 32;

/// Tests that pass, and what none could be made for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suggestions {
    /// In order of the workflows' names, then of the filters.
    pub tests: Vec<RoutingTest>,
    pub left_out: Vec<LeftOut>,
}

/// Something that no test could be made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// By name.
    pub workflow: String,
    /// The filter, for people: `filter Voicemail`.
    pub what: String,
    /// A lower-case fragment.
    pub why: String,
}

/// Tests for every filter of a model, and for every queue of its transfers. `rules` is the model
/// as it was written and `model` what its rules stand for.
pub fn suggest(rules: &Model<Rule>, model: &Model) -> Suggestions {
    let router = Router::new(model);
    let declared = Worker::declared(model);
    let tester = Tester::new(model, &router, &declared);
    let mut found = Suggestions::default();
    for (name, workflow) in &model.workflows {
        let rules = rules.workflows.get(name).and_then(|workflow| workflow.filters.as_ref());
        let transfer = rules.into_iter().flatten().find_map(|rule| match rule {
            Rule::Transfer(transfer) => Some(transfer),
            Rule::Filter(_) | Rule::ForEachQueue(_) => None,
        });
        let mut making = Making {
            tester: &tester,
            model,
            name,
            workflow,
            trees: workflow.filters.iter().flatten().map(tree).collect(),
            clocks: Vec::new(),
            stand_ins: stand_ins(model, workflow),
            found: &mut found,
        };
        making.clocks.push(DEFAULT_CLOCK);
        making.clocks.extend(moments(making.trees.iter().flatten()));
        for (index, filter) in workflow.filters.iter().flatten().enumerate() {
            let made_by_transfer =
                filter.origin.as_ref().is_some_and(|origin| origin.rule == "transfer");
            match transfer.filter(|_| made_by_transfer) {
                Some(rule) => transfer::tests(&mut making, rule, index, filter),
                None => making.filter(index, filter),
            }
        }
        making.default_filter();
    }
    distinct(&mut found.tests);
    found
}

/// Reports tell tests apart by their names.
fn distinct(tests: &mut [RoutingTest]) {
    let mut taken = BTreeSet::new();
    for test in tests {
        let name = test.name.clone();
        let mut number = 1;
        while !taken.insert(test.name.clone()) {
            number += 1;
            test.name = format!("{name} ({number})");
        }
    }
}

fn tree(filter: &Filter) -> Option<Expr> {
    let (tree, errors) = filter.expression.as_ref()?.parse();
    errors.is_empty().then_some(tree)
}

/// The made-up sids that the workflow's expressions, and those of the queues, are read with.
fn stand_ins(model: &Model, workflow: &Workflow) -> Vec<(String, Address)> {
    let queues = model.queues.values().filter_map(|queue| queue.target_workers.as_ref());
    let written: BTreeSet<&Address> =
        workflow.expressions().chain(queues).flat_map(|e| e.text.addresses()).collect();
    written.into_iter().map(|a| (Expression::stand_in_sid(a), a.clone())).collect()
}

/// Tests of one workflow in the making.
pub(super) struct Making<'a> {
    pub(super) tester: &'a Tester<'a>,
    pub(super) model: &'a Model,
    /// The workflow's.
    pub(super) name: &'a str,
    workflow: &'a Workflow,
    /// The filters' expressions; none for one that cannot be read.
    trees: Vec<Option<Expr>>,
    /// Moments at which the expressions may come to different values.
    clocks: Vec<Clock>,
    stand_ins: Vec<(String, Address)>,
    found: &'a mut Suggestions,
}

impl Making<'_> {
    /// A test that the filter takes a task, which then goes from target to target.
    fn filter(&mut self, index: usize, filter: &Filter) {
        let called = called(index, filter);
        let Some(tree) = self.trees[index].clone() else {
            return self.leave_out(called, "its expression cannot be read");
        };
        let Some((task, clock)) = self.task(vec![Goal::met(&tree)], Some(index)) else {
            let why = "no task was found that it takes and that no earlier filter takes";
            return self.leave_out(called, why);
        };
        let test = RoutingTest {
            name: format!("{}: {called} takes its tasks", self.name),
            clock,
            ..self.test(task)
        };
        let stops = self.stops(filter);
        match self.waiting(&test, filter, &stops).or_else(|| self.reserved(test, filter, &stops)) {
            Some(test) => self.keep(test),
            None => self.leave_out(called, "where its tasks wait could not be told beforehand"),
        }
    }

    /// Nobody is there, so that the task waits in one target after the other. `stops` is what holds
    /// in each.
    pub(super) fn waiting(
        &self,
        test: &RoutingTest,
        filter: &Filter,
        stops: &[Expectation],
    ) -> Option<RoutingTest> {
        let mut test = RoutingTest { workers: Some(Vec::new()), ..test.clone() };
        let mut at = 0u32;
        for (target, expect) in filter.targets.iter().zip(stops) {
            test.moments.push(Moment { at, expect: expect.clone() });
            if !self.passes(&test) {
                test.moments.pop();
                break;
            }
            let Some(timeout) = target.timeout else { break };
            at = at.saturating_add(timeout);
        }
        (!test.moments.is_empty()).then_some(test)
    }

    /// Somebody is there, who is offered the task in the first target.
    fn reserved(
        &self,
        mut test: RoutingTest,
        filter: &Filter,
        stops: &[Expectation],
    ) -> Option<RoutingTest> {
        let (target, expect) = (filter.targets.first()?, stops.first()?.clone());
        let worker = eligible(self.model, target, &test.task)?;
        if let Some(path) = &target.known_worker_sid {
            put(&mut test.task, path, sid(&worker.name))?;
        } else if let Some(path) = &target.known_worker_friendly_name {
            put(&mut test.task, path, worker.name.clone())?;
        }
        let expect = Expectation { worker: Some(worker.name.clone()), ..expect };
        test.workers = Some(vec![worker]);
        test.moments = vec![Moment { at: 0, expect }];
        self.passes(&test).then_some(test)
    }

    /// A test that the default filter takes what no filter does.
    fn default_filter(&mut self) {
        let Some(target) = self.workflow.default_filter.iter().flatten().next() else { return };
        let called = "the default filter".to_owned();
        let Some((task, clock)) = self.task(Vec::new(), None) else {
            return self.leave_out(called, "no task was found that no filter takes");
        };
        let expect = Expectation {
            filter: Some(Expectation::DEFAULT_FILTER.to_owned()),
            queue: queue_name(target),
            priority: target.priority,
            ..Expectation::default()
        };
        let test = RoutingTest {
            name: format!("{}: the default filter takes what no filter does", self.name),
            clock,
            moments: vec![Moment { at: 0, expect }],
            ..self.test(task)
        };
        if self.passes(&test) {
            self.keep(test);
        } else {
            self.leave_out(called, "a task that no filter takes does not wait there");
        }
    }

    /// What holds in each target of a filter when a task comes to it.
    pub(super) fn stops(&self, filter: &Filter) -> Vec<Expectation> {
        let same_name =
            self.workflow.filters.iter().flatten().filter(|other| other.name == filter.name);
        let known = !filter.name.is_empty() && same_name.count() == 1;
        let first =
            Expectation { filter: known.then(|| filter.name.clone()), ..Expectation::default() };
        let stops = filter.targets.iter().scan(first, |stop, target| {
            stop.queue = queue_name(target).or_else(|| stop.queue.take());
            stop.priority = target.priority.or(stop.priority);
            Some(stop.clone())
        });
        stops.collect()
    }

    /// A task that meets the goals and that the filter `index` takes, or none at all does; with the
    /// clock that it needs.
    fn task<'e>(
        &'e self,
        goals: Vec<Goal<'e>>,
        index: Option<usize>,
    ) -> Option<(Map<String, Value>, Option<Clock>)> {
        self.clocks.iter().find_map(|&clock| {
            let mut goals = goals.clone();
            for _ in 0..MAX_TRIES {
                let task = self.stored(task_witness(&goals, clock)?);
                let clock = (clock != DEFAULT_CLOCK).then_some(clock);
                let test = RoutingTest { clock, ..self.test(task) };
                let taken = self.taken_by(&test);
                if taken == index {
                    return Some((test.task, clock));
                }
                // Next time that filter must not take it.
                goals.push(Goal::missed(self.trees[taken?].as_ref()?));
            }
            None
        })
    }

    /// The first filter that takes the test's task, whatever becomes of it then.
    fn taken_by(&self, test: &RoutingTest) -> Option<usize> {
        match self.tester.run(test).ok()?.trace.spots().first()? {
            Spot::Filter { filter, .. } => Some(*filter),
            _ => None,
        }
    }

    /// A test of this workflow without a name and without workers.
    pub(super) fn test(&self, task: Map<String, Value>) -> RoutingTest {
        RoutingTest {
            workflow: self.name.to_owned(),
            task,
            workers: Some(Vec::new()),
            ..RoutingTest::default()
        }
    }

    /// Made-up attributes as a test holds them.
    pub(super) fn stored(&self, attributes: Map<String, Value>) -> Map<String, Value> {
        attributes.into_iter().map(|(key, value)| (key, self.stored_value(value))).collect()
    }

    fn stored_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Text::with_addresses(&text, &self.stand_ins).to_string().into(),
            Value::Array(items) => items.into_iter().map(|item| self.stored_value(item)).collect(),
            Value::Object(entries) => self.stored(entries).into(),
            value => value,
        }
    }

    pub(super) fn passes(&self, test: &RoutingTest) -> bool {
        self.tester.run(test).is_ok_and(|run| run.passed())
    }

    pub(super) fn keep(&mut self, test: RoutingTest) {
        self.found.tests.push(test);
    }

    pub(super) fn leave_out(&mut self, what: String, why: impl Into<String>) {
        let workflow = self.name.to_owned();
        self.found.left_out.push(LeftOut { workflow, what, why: why.into() });
    }
}

/// The filter, for people.
pub(super) fn called(index: usize, filter: &Filter) -> String {
    match filter.name.as_str() {
        "" => format!("filter {}", index + 1),
        name => format!("filter {name}"),
    }
}

/// The target's own queue, when it has a name.
pub(super) fn queue_name(target: &Target) -> Option<String> {
    match &target.queue {
        Some(QueueRef::Name(name)) => Some(name.clone()),
        Some(QueueRef::Sid(_)) | None => None,
    }
}
