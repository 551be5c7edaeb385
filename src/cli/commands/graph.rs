//! `flexctl graph`: the routing as a picture.

use camino::Utf8Path;

use super::load;
use crate::cli::args::{Global, GraphFormat};
use crate::cli::files::replace_file;
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};
use crate::model::Model;
use crate::routing::graph::{self, Choice, Graph};
use crate::routing::{Worker, reach};
use crate::text;

/// What is to be in the picture.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct What<'a> {
    /// By name; empty for all.
    pub(in crate::cli) workflows: &'a [String],
    pub(in crate::cli) expanded: bool,
}

pub(in crate::cli) fn run(
    global: &Global,
    what: What,
    format: Option<GraphFormat>,
    out: Option<&Utf8Path>,
    streams: &Streams,
) -> Result<Exit, Failure> {
    let format = format.or_else(|| out.and_then(by_ending)).unwrap_or(GraphFormat::Mermaid);
    let (_, desired) = load::desired(global, streams)?;
    for name in what.workflows {
        check_workflow(&desired, name)?;
    }
    let workers = Worker::declared(&desired);
    // Who is not declared may be live, so that no queue is known to be empty.
    let findings = reach::reach(&desired, &reach::Options::default());
    let choice = Choice {
        workflows: what.workflows.iter().map(String::as_str).collect(),
        expanded: what.expanded,
        workers: &workers,
        marks: graph::marks(&findings),
    };
    let graph = Graph::of(&desired, &choice);
    let drawn = match format {
        GraphFormat::Mermaid => graph::mermaid(&graph),
        GraphFormat::Dot => graph::dot(&graph),
        GraphFormat::Svg => graph::svg(&graph),
        GraphFormat::Html => graph::html(&graph, &title(global, &desired)),
    };
    match out {
        None => streams.data(&drawn),
        Some(path) => {
            replace_file(path, drawn.as_bytes()).map_err(|error| {
                Failure::new(Exit::Failed, format!("cannot write {path}: {error}"))
            })?;
            streams.talk(&format!("wrote {path}"));
        }
    }
    Ok(Exit::Done)
}

fn by_ending(path: &Utf8Path) -> Option<GraphFormat> {
    Some(match path.extension()? {
        "mmd" | "mermaid" => GraphFormat::Mermaid,
        "dot" | "gv" => GraphFormat::Dot,
        "svg" => GraphFormat::Svg,
        "html" | "htm" => GraphFormat::Html,
        _ => return None,
    })
}

fn title(global: &Global, desired: &Model) -> String {
    match &desired.workspace.friendly_name {
        Some(name) => format!("{name} · {}", global.file),
        None => global.file.to_string(),
    }
}

/// Refuses a workflow that the spec does not declare, with the nearest that it does.
pub(super) fn check_workflow(desired: &Model, name: &str) -> Result<(), Failure> {
    if desired.workflows.contains_key(name) {
        return Ok(());
    }
    let known = || desired.workflows.keys().map(String::as_str);
    let failure = Failure::new(Exit::Usage, format!("there is no workflow `{name}`"));
    let help = match text::nearest(name, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if desired.workflows.is_empty() => "the spec declares none".to_owned(),
        None => format!("the spec declares {}", known().collect::<Vec<_>>().join(", ")),
    };
    Err(failure.with_help(help))
}
