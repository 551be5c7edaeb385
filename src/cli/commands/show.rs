//! `flexctl show`: what the spec declares, after variables, includes and expansion.

use camino::Utf8Path;
use serde_json::{Map, Value, json};

use super::{load, saved};
use crate::cli::args::{Global, YamlOrJson, covered};
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};
use crate::live::{self, Sids};
use crate::model::{Address, AddressPattern, Kind, Model, Part, Resource, Text, Workflow};
use crate::plan::render;
use crate::text::shown_lines;

pub(in crate::cli) fn run(
    global: &Global,
    expanded: bool,
    format: YamlOrJson,
    what: &[String],
    streams: &Streams,
) -> Result<Exit, Failure> {
    if let [file] = what
        && Utf8Path::new(file).is_file()
    {
        return saved_plan(Utf8Path::new(file), format, streams);
    }
    let only: Result<Vec<AddressPattern>, _> = what.iter().map(|text| text.parse()).collect();
    let only = &*only.map_err(|error| {
        let help = "give addresses such as queue.Sales, or the file of a saved plan";
        Failure::new(Exit::Usage, error).with_help(help)
    })?;
    let (_, desired) = load::desired(global, streams)?;
    let document = if expanded {
        match format {
            YamlOrJson::Yaml => {
                workflows(&desired, only, |_, workflow| value(&without_origins(workflow)))
            }
            YamlOrJson::Json => workflows(&desired, only, configuration),
        }
    } else {
        overview(&desired, only)
    };
    match format {
        YamlOrJson::Json => streams.json(&document),
        YamlOrJson::Yaml => {
            let text = serde_yaml::to_string(&document).map_err(|error| {
                Failure::new(Exit::Usage, format!("cannot be written as YAML: {error}"))
            })?;
            streams.data(&text);
        }
    }
    Ok(Exit::Done)
}

/// A plan that was saved, as it was shown.
fn saved_plan(file: &Utf8Path, format: YamlOrJson, streams: &Streams) -> Result<Exit, Failure> {
    let saved = saved::read(file)?;
    match format {
        YamlOrJson::Json => streams.json(&saved.plan),
        YamlOrJson::Yaml => {
            let options = render::Options { color: streams.color_data(), width: streams.width() };
            let text = render::text(&saved.plan, &options);
            let heading = shown_lines(&saved::heading(file, &saved));
            streams.data(&format!("{heading}\n\n{text}"));
        }
    }
    Ok(Exit::Done)
}

/// Workflow name → what `of` makes of it.
fn workflows(
    desired: &Model,
    only: &[AddressPattern],
    of: impl Fn(&Address, &Workflow) -> Value,
) -> Value {
    let chosen = desired.workflows.iter().filter_map(|(name, workflow)| {
        let address = Address::new(Kind::Workflow, name.clone());
        covered(only, &address).then(|| (name.clone(), of(&address, workflow)))
    });
    chosen.collect::<Map<_, _>>().into()
}

/// TaskRouter's own document, with `${queue['Sales'].sid}` where a sid will stand.
fn configuration(address: &Address, workflow: &Workflow) -> Value {
    let mut sids = Sids::default();
    for reference in Resource::Workflow(workflow.clone()).references() {
        let shown = Text::from_iter([Part::Sid(reference.clone())]).to_string();
        sids.insert(reference, shown);
    }
    live::configuration(address, workflow, &sids)
        .expect("every address that the workflow refers to was given a text")
}

/// Every resource by kind and name, workflows with the names of their filters.
fn overview(desired: &Model, only: &[AddressPattern]) -> Value {
    let mut document = Map::new();
    let mut add = |address: Address, shown: Value| {
        if covered(only, &address) {
            let kind = document.entry(address.kind.plural()).or_insert_with(|| json!({}));
            kind[&address.name] = shown;
        }
    };
    for (name, activity) in &desired.activities {
        add(Address::new(Kind::Activity, name.clone()), value(activity));
    }
    for (name, channel) in &desired.task_channels {
        add(Address::new(Kind::TaskChannel, name.clone()), value(channel));
    }
    for (name, queue) in &desired.queues {
        add(Address::new(Kind::Queue, name.clone()), value(queue));
    }
    for (name, workflow) in &desired.workflows {
        let mut shown = value(workflow);
        if let Some(filters) = &workflow.filters {
            shown["filters"] = filters.iter().map(|filter| filter.name.clone()).collect();
        }
        add(Address::new(Kind::Workflow, name.clone()), shown);
    }
    for (name, worker) in &desired.workers {
        add(Address::new(Kind::Worker, name.clone()), value(worker));
    }
    for ((kind, name), role) in &desired.roles {
        add(Address::new(Kind::Role, format!("{kind}/{name}")), value(role));
    }
    document.into()
}

fn value(resource: &impl serde::Serialize) -> Value {
    serde_json::to_value(resource).expect("resources are JSON with string keys")
}

/// The workflow without the marks of where its filters were generated.
fn without_origins(workflow: &Workflow) -> Workflow {
    let mut workflow = workflow.clone();
    for filter in workflow.filters.iter_mut().flatten() {
        filter.origin = None;
    }
    workflow
}
