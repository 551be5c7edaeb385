//! What lints say of workflow configurations found in public repositories, and where their tasks
//! go.

use flexctl::expr::{Clock, Expr};
use flexctl::lint;
use flexctl::model::Model;
use flexctl::routing::{Goal, Router, Task, Workers, task_witnesses};
use flexctl::spec::document::Attributes;

use super::configurations::read_configuration;
use super::*;

/// A Monday, 10:00.
const NOW: Clock = Clock::from_unix(4 * 86_400 + 10 * 3600);

#[tokio::test]
async fn real_workflows_are_linted_and_routed_and_every_lint_is_known() {
    let Some(folder) = std::env::var_os("FLEXCTL_FIXTURES_DIR") else {
        eprintln!("skipped: FLEXCTL_FIXTURES_DIR is not set");
        return;
    };
    let folder = std::path::Path::new(&folder).join("workflows");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    let (mut said, mut routed) = (String::new(), 0);
    for file in &files {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        // What stands before the first `_` is where it was found.
        let name = stem.split_once('_').map_or(&*stem, |(_, name)| name).to_owned();
        let workflow = read_configuration(std::fs::read_to_string(file).unwrap()).await;
        let workflows = BTreeMap::from([(name.clone(), workflow)]);
        let model = Model { workflows, ..Model::default() };
        for finding in lint::findings(&model, &Attributes::default()) {
            said.push_str(&format!("{finding}\n"));
        }
        routed += route(&model, &name);
    }
    assert!(files.len() > 20 && routed > 100, "{} files, {routed} tasks", files.len());
    insta::assert_snapshot!("lints_of_real_workflows", said);
}

/// Routes tasks for which the filters hold or just do not hold; says how many.
fn route(model: &Model, name: &str) -> usize {
    let router = Router::new(model);
    let filters = model.workflows[name].filters.iter().flatten();
    let trees: Vec<Expr> = filters.filter_map(|f| Some(f.expression.as_ref()?.parse().0)).collect();
    let mut tasks = vec![serde_json::Map::new()];
    for tree in &trees {
        tasks.extend(task_witnesses(&[Goal::met(tree)], NOW, 8));
        tasks.extend(task_witnesses(&[Goal::missed(tree)], NOW, 8));
    }
    for attributes in &tasks {
        let task = Task { attributes: attributes.clone(), ..Task::default() };
        let trace =
            router.route(name, &task, NOW, Workers::Unknown).expect("the workflow is there");
        assert!(trace.steps.len() <= trees.len() + 1);
    }
    tasks.len()
}

/// One expression in the place that it was found in; every other field is plain.
fn model_with(text: &str, used: &str) -> Model {
    let expression = |on: &str| Some(Expression::new(if used == on { text } else { "1==1" }));
    let plain = |on: &str| (used == on).then(|| text.to_owned());
    let target = Target {
        queue: Some(QueueRef::Name("Q".to_owned())),
        expression: expression("target"),
        skip_if: expression("skip_if").filter(|_| used == "skip_if"),
        order_by: plain("order_by"),
        known_worker_sid: plain("known_worker_sid"),
        ..Target::default()
    };
    let filter =
        Filter { expression: expression("filter"), targets: vec![target], ..Filter::default() };
    let workflow = Workflow { filters: Some(vec![filter]), ..Workflow::default() };
    let queue = Queue { target_workers: expression("queue.target_workers"), ..Queue::default() };
    Model {
        queues: BTreeMap::from([("Q".to_owned(), queue)]),
        workflows: BTreeMap::from([("W".to_owned(), workflow)]),
        ..Model::default()
    }
}

#[test]
fn real_expressions_are_linted_where_they_are_used_and_every_lint_is_known() {
    let Some(folder) = std::env::var_os("FLEXCTL_FIXTURES_DIR") else {
        eprintln!("skipped: FLEXCTL_FIXTURES_DIR is not set");
        return;
    };
    let file = std::path::Path::new(&folder).join("expressions.tsv");
    let text = std::fs::read_to_string(file).unwrap();
    let mut said = String::new();
    for line in text.lines() {
        let (text, uses) = line.split_once('\t').unwrap();
        for used in uses.split('/') {
            let found = lint::findings(&model_with(text, used), &Attributes::default());
            for finding in found {
                // What is said of the filters of so small a model is no news.
                let Some(range) = finding.at.range else { continue };
                let part = text.get(range.start..range.end).unwrap_or_default();
                said.push_str(&format!("{} in {used}: {part}\n", finding.code));
            }
        }
    }
    insta::assert_snapshot!("lints_of_real_expressions", said);
}
