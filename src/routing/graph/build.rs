//! From a model to the boxes and lines of its picture.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use indexmap::IndexMap;

use super::fold;
use super::node::{Column, Edge, Graph, Node, passage};
use crate::expr;
use crate::model::{Filter, Model, Queue, Target, Workflow};
use crate::routing::{Crew, Router, Spot, Worker, Workers};

/// Names that a box lists; more are counted.
const NAMES: usize = 12;

/// What is to be in the picture.
#[derive(Clone, Debug, Default)]
pub struct Choice<'a> {
    /// Workflows by name, with the queues that they lead to; empty for everything there is.
    pub workflows: Vec<&'a str>,
    /// Whether filters that one rule made for many queues are boxes of their own.
    pub expanded: bool,
    /// Those who are counted among each queue's workers.
    pub workers: &'a [Worker],
    /// What is known against filters and queues.
    pub marks: BTreeMap<Spot, Vec<String>>,
}

/// The picture while it is made.
#[derive(Debug, Default)]
struct Draft<'a> {
    graph: Graph,
    ids: BTreeSet<String>,
    /// How many ids were made of one name.
    counts: BTreeMap<String, usize>,
    /// Queue → the target edges that lead there, still without their end.
    arrivals: BTreeMap<&'a str, Vec<Edge>>,
}

impl Graph {
    /// The picture of a model's routing.
    pub fn of(model: &Model, choice: &Choice) -> Self {
        let chosen = |name: &str| choice.workflows.is_empty() || choice.workflows.contains(&name);
        let workflows: Vec<_> =
            model.workflows.iter().filter(|(name, _)| chosen(name.as_str())).collect();
        let mut draft = Draft::default();
        for (name, workflow) in &workflows {
            draft.workflow(name, workflow, choice);
        }
        for (at, (name, workflow)) in workflows.iter().enumerate() {
            draft.filters(at, name, workflow, choice);
        }
        let reached: BTreeSet<&str> = draft.arrivals.keys().copied().collect();
        let mut queues = draft.queues_as_met();
        if choice.workflows.is_empty() {
            queues.extend(model.queues.keys().map(String::as_str).filter(|q| !reached.contains(q)));
        }
        let router = Router::new(model);
        let crew = router.crew(Workers::Known(choice.workers));
        let mut groups: IndexMap<Option<String>, Vec<usize>> = IndexMap::new();
        for name in queues {
            let queue = model.queues.get(name);
            let at = draft.queue(name, queue, choice);
            let expression = queue.and_then(workers_expression);
            groups.entry(expression).or_default().push(at);
        }
        for (expression, queues) in groups {
            draft.workers(expression.as_deref(), &queues, choice, &crew);
        }
        draft.graph
    }
}

impl<'a> Draft<'a> {
    /// Adds a box, with an id that no other has.
    fn node(&mut self, node: Node) -> usize {
        let mut id = node.id.clone();
        while !self.ids.insert(id.clone()) {
            let count = self.counts.entry(node.id.clone()).or_insert(1);
            *count += 1;
            id = format!("{}_{count}", node.id);
        }
        self.graph.nodes.push(Node { id, ..node });
        self.graph.nodes.len() - 1
    }

    fn edge(&mut self, from: usize, to: usize) {
        let edge = Edge { from, to, step: 0, label: String::new(), notes: Vec::new() };
        self.graph.edges.push(edge);
    }

    fn workflow(&mut self, name: &str, workflow: &Workflow, choice: &Choice) {
        let filters = workflow.filters.as_deref().unwrap_or_default().len();
        let mut notes = Vec::new();
        if let Some(timeout) = workflow.task_reservation_timeout {
            notes.push(format!("task_reservation_timeout {timeout}"));
        }
        let marks = marks(choice, [Spot::Workflow(name.to_owned())]);
        let detail = counted(filters, "filter");
        self.node(Node { detail, notes, marks, ..node(Column::Workflow, &[name], name) });
    }

    fn filters(&mut self, from: usize, name: &'a str, workflow: &'a Workflow, choice: &Choice) {
        let filters = workflow.filters.as_deref().unwrap_or_default();
        let runs = match choice.expanded {
            true => (0..filters.len()).map(|at| at..at + 1).collect(),
            false => fold::runs(filters),
        };
        for run in runs {
            let at = match &filters[run.clone()] {
                [filter] => self.filter(name, filter, run.start, choice),
                several => self.folded(name, several, &run, choice),
            };
            self.edge(from, at);
            for filter in &filters[run] {
                self.targets(at, &filter.targets);
            }
        }
        if let Some(target) = workflow.default_filter.iter().flatten().next() {
            let spot = Spot::DefaultFilter { workflow: name.to_owned() };
            let detail = "when no filter takes the task".to_owned();
            let at = self.node(Node {
                detail,
                marks: marks(choice, [spot]),
                is_default: true,
                ..node(Column::Filter, &[name, "default"], "default filter")
            });
            self.edge(from, at);
            self.targets(at, std::slice::from_ref(target));
        }
    }

    fn filter(&mut self, workflow: &str, filter: &Filter, at: usize, choice: &Choice) -> usize {
        let unnamed = format!("filter {}", at + 1);
        let name = if filter.name.is_empty() { &unnamed } else { &filter.name };
        let mut notes = vec![format!("filter {} of {workflow}", at + 1)];
        notes.extend(filter.targets.iter().enumerate().map(|(at, target)| words(at, target)));
        self.node(Node {
            detail: expression_of(filter),
            notes,
            marks: marks(choice, spots(workflow, at, filter)),
            ..node(Column::Filter, &[workflow, name], name)
        })
    }

    fn folded(
        &mut self,
        workflow: &str,
        filters: &[Filter],
        run: &Range<usize>,
        choice: &Choice,
    ) -> usize {
        let name = fold::common(filters.iter().map(|filter| filter.name.as_str()));
        let name = name.unwrap_or_else(|| "for each queue".to_owned());
        let expressions: Vec<String> = filters.iter().map(expression_of).collect();
        let expression = fold::common(expressions.iter().map(String::as_str));
        let mut detail = counted(filters.len(), "filter");
        detail.extend(expression.iter().flat_map(|expression| [", ", expression.as_str()]));
        let mut notes = vec![format!("filters {} to {} of {workflow}", run.start + 1, run.end)];
        notes.extend(filters.iter().take(NAMES).map(|filter| filter.name.clone()));
        if filters.len() > NAMES {
            notes.push(format!("and {} more", filters.len() - NAMES));
        }
        let spots =
            filters.iter().zip(run.clone()).flat_map(|(filter, at)| spots(workflow, at, filter));
        self.node(Node {
            detail,
            notes,
            marks: marks(choice, spots),
            ..node(Column::Filter, &[workflow, &name], &name)
        })
    }

    /// Notes where the targets of a box lead.
    fn targets(&mut self, from: usize, targets: &'a [Target]) {
        let mut queue = None;
        for (step, target) in targets.iter().enumerate() {
            queue = target.queue.as_ref().or(queue);
            let Some(queue) = queue else { continue };
            let (crate::model::QueueRef::Name(name) | crate::model::QueueRef::Sid(name)) = queue;
            let before = step.checked_sub(1).and_then(|before| targets.get(before));
            let label =
                before.map(|Target { timeout, skip_if, .. }| passage(*timeout, skip_if.is_some()));
            let edge = Edge {
                from,
                to: 0,
                step,
                label: label.unwrap_or_default(),
                notes: vec![words(step, target)],
            };
            let arrivals = self.arrivals.entry(name.as_str()).or_default();
            // A target that stays in its queue is no line of its own.
            match arrivals.last_mut().filter(|known| known.from == from) {
                Some(known) => {
                    if !known.notes.contains(&edge.notes[0]) {
                        known.notes.extend(edge.notes);
                    }
                    if edge.step < known.step {
                        (known.step, known.label) = (edge.step, edge.label);
                    }
                }
                None => arrivals.push(edge),
            }
        }
    }

    /// The queues that something leads to, in the order of what leads there first.
    fn queues_as_met(&self) -> Vec<&'a str> {
        let mut met: Vec<(usize, usize, &str)> = self
            .arrivals
            .iter()
            .filter_map(|(queue, edges)| {
                edges.iter().map(|edge| (edge.from, edge.step, *queue)).min()
            })
            .collect();
        met.sort_unstable();
        met.into_iter().map(|(_, _, queue)| queue).collect()
    }

    fn queue(&mut self, name: &'a str, queue: Option<&Queue>, choice: &Choice) -> usize {
        let arrivals = self.arrivals.remove(name).unwrap_or_default();
        let mut notes = Vec::new();
        if let Some(order) = queue.and_then(|queue| queue.task_order) {
            notes.push(format!("task_order {order}"));
        }
        if let Some(max) = queue.and_then(|queue| queue.max_reserved_workers) {
            notes.push(format!("max_reserved_workers {max}"));
        }
        let mut marks = marks(choice, [Spot::Queue(name.to_owned())]);
        if arrivals.is_empty() && marks.is_empty() {
            marks.push("no filter leads here".to_owned());
        }
        let at = self.node(Node { notes, marks, ..node(Column::Queue, &[name], name) });
        self.graph.edges.extend(arrivals.into_iter().map(|edge| Edge { to: at, ..edge }));
        at
    }

    /// Adds those whom an expression matches; none is left alone by the spec.
    fn workers(
        &mut self,
        expression: Option<&str>,
        queues: &[usize],
        choice: &Choice,
        crew: &Crew,
    ) {
        let queue = self.graph.nodes[queues[0]].name.clone();
        let names = crew.queue(&queue).unwrap_or_default();
        let nobody = expression.is_some_and(|text| text.is_empty() || never(text));
        let name = match names.as_slice() {
            _ if nobody => "nobody".to_owned(),
            [] if choice.workers.is_empty() => "workers".to_owned(),
            [] => "no declared worker".to_owned(),
            [one] => (*one).to_owned(),
            _ if names.len() == choice.workers.len() => format!("all {} workers", names.len()),
            _ => format!("{} of {} workers", names.len(), choice.workers.len()),
        };
        let mut notes: Vec<String> =
            names.iter().take(NAMES).map(|name| (*name).to_owned()).collect();
        if names.len() > NAMES {
            notes.push(format!("and {} more", names.len() - NAMES));
        }
        let at = self.node(Node {
            detail: expression.unwrap_or("left alone by the spec").to_owned(),
            notes,
            ..node(Column::Workers, &[&queue], &name)
        });
        for queue in queues {
            self.edge(*queue, at);
        }
    }
}

fn node(column: Column, names: &[&str], name: &str) -> Node {
    let kind = match column {
        Column::Workflow => "workflow",
        Column::Filter => "filter",
        Column::Queue => "queue",
        Column::Workers => "workers",
    };
    let mut id = kind.to_owned();
    for name in names {
        id.push('_');
        for c in name.chars() {
            match c.is_ascii_alphanumeric() {
                true => id.push(c.to_ascii_lowercase()),
                false if id.ends_with('_') => {}
                false => id.push('_'),
            }
        }
    }
    Node {
        id: id.trim_end_matches('_').to_owned(),
        column,
        name: name.to_owned(),
        detail: String::new(),
        notes: Vec::new(),
        marks: Vec::new(),
        is_default: false,
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn expression_of(filter: &Filter) -> String {
    filter.expression.as_ref().map(|e| e.canonical().to_string()).unwrap_or_default()
}

fn workers_expression(queue: &Queue) -> Option<String> {
    queue.target_workers.as_ref().map(|e| e.canonical().to_string())
}

fn never(expression: &str) -> bool {
    expr::parse(expression).0.is_always_false()
}

/// The filter and its targets.
fn spots(workflow: &str, filter: usize, of: &Filter) -> Vec<Spot> {
    let workflow = workflow.to_owned();
    let targets = (0..of.targets.len()).map(|target| Spot::Target {
        workflow: workflow.clone(),
        filter,
        target,
    });
    std::iter::once(Spot::Filter { workflow: workflow.clone(), filter }).chain(targets).collect()
}

fn marks(choice: &Choice, spots: impl IntoIterator<Item = Spot>) -> Vec<String> {
    let mut marks = Vec::new();
    for spot in spots {
        for mark in choice.marks.get(&spot).into_iter().flatten() {
            if !marks.contains(mark) {
                marks.push(mark.clone());
            }
        }
    }
    marks
}

/// A target on one line: `target 2: Sales if worker.level > 3, priority 10`.
fn words(at: usize, target: &Target) -> String {
    let Target {
        queue,
        expression,
        priority,
        timeout,
        order_by,
        skip_if,
        known_worker_sid,
        known_worker_friendly_name,
        extra: _,
    } = target;
    let queue = queue.as_ref().map_or("the same queue".to_owned(), ToString::to_string);
    let mut out = format!("target {}: {queue}", at + 1);
    let known = known_worker_sid.as_ref().or(known_worker_friendly_name.as_ref());
    for (word, value) in [
        (" if", expression.as_ref().map(ToString::to_string)),
        (", known worker", known.cloned()),
        (", priority", priority.map(|priority| priority.to_string())),
        (", timeout", timeout.map(|timeout| timeout.to_string())),
        (", order by", order_by.clone()),
        (", skip if", skip_if.as_ref().map(ToString::to_string)),
    ] {
        if let Some(value) = value {
            out.push_str(&format!("{word} {value}"));
        }
    }
    out
}
