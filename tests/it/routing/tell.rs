//! A trace as a text that people can review.

use std::fmt::Write as _;

use flexctl::routing::{FilterStep, Obstacle, Step, TargetStep, Trace, Verdict, WorkerStep};

/// Everything that a trace says.
pub(super) fn tell(trace: &Trace) -> String {
    let mut out = String::new();
    let task = &trace.task;
    let attributes = serde_json::to_string(&task.attributes).expect("attributes are JSON");
    line(&mut out, 0, format!("task {attributes} in {}", trace.workflow));
    line(
        &mut out,
        0,
        format!(
            "channel {}, priority {}, timeout {}, created {}",
            task.task_channel, task.priority, task.timeout, trace.created
        ),
    );
    for step in &trace.steps {
        match step {
            Step::Filter(step) => filter(&mut out, step),
            Step::DefaultFilter(step) => {
                line(&mut out, 0, format!("{:>5} default filter", step.age));
                target(&mut out, step);
            }
        }
    }
    line(&mut out, 0, format!("{:?}, {}", trace.end, trace.certainty));
    for lean in &trace.leans_on {
        line(&mut out, 1, format!("leans on: {} ({}, {})", lean.text, lean.certainty, lean.page));
    }
    for unknown in &trace.unknown {
        line(&mut out, 1, format!("not known: {unknown}"));
    }
    if trace.depends_on_time {
        line(&mut out, 1, "depends on the time".to_owned());
    }
    out
}

fn line(out: &mut String, depth: usize, text: String) {
    writeln!(out, "{}{text}", "      ".repeat(depth)).expect("strings take all text");
}

fn filter(out: &mut String, step: &FilterStep) {
    let FilterStep { filter, name, age, verdict, targets } = step;
    let takes = if verdict.holds { "takes it" } else { "does not" };
    line(out, 0, format!("{age:>5} filter {filter} `{name}` {takes}: {}", told(verdict)));
    targets.iter().for_each(|step| target(out, step));
}

fn target(out: &mut String, step: &TargetStep) {
    let inherited = if step.inherited { " (inherited)" } else { "" };
    let mut text = format!("{:>5} target {}: {}{inherited}", step.age, step.target, step.queue);
    if let Some(change) = step.priority {
        write!(text, ", priority {} -> {}", change.before, change.after).expect("text");
    }
    if let Some(deadline) = step.deadline {
        write!(text, ", timeout {} at {}", deadline.timeout, deadline.age).expect("text");
    }
    if !step.order_by.is_empty() {
        write!(text, ", by {}", step.order_by).expect("text");
    }
    line(out, 0, text);
    if let Some(unknown) = &step.unknown {
        line(out, 1, format!("not known: {unknown}"));
    }
    if let Some(known) = &step.known_worker {
        let error = known.found.error().map_or(String::new(), |code| format!(", error {code}"));
        let (attribute, value) = (&known.attribute, &known.value);
        line(
            out,
            1,
            format!("asks for {:?} {attribute} = {value}: {:?}{error}", known.by, known.found),
        );
    }
    for (place, WorkerStep { name, obstacles }) in step.workers.iter().enumerate() {
        let text = if obstacles.is_empty() {
            let offered = if place < step.offered { "is offered it" } else { "may be offered it" };
            format!("{name} {offered}")
        } else {
            let told: Vec<String> = obstacles.iter().map(obstacle).collect();
            format!("{name}: {}", told.join("; "))
        };
        line(out, 1, text);
    }
    line(out, 1, format!("{} more, {} elsewhere", step.not_shown, step.elsewhere));
    if let Some(skip_if) = &step.skip_if {
        line(out, 1, format!("skip_if: {}", told(&skip_if.verdict)));
    }
    line(out, 1, format!("{:?}", step.exit));
}

fn obstacle(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::Activity { activity } => format!("is {activity}"),
        Obstacle::Channel { task_channel } => format!("takes no {task_channel}"),
        Obstacle::Capacity { task_channel, configured_capacity, reservations } => {
            format!("has {reservations} of {configured_capacity} {task_channel}")
        }
        Obstacle::Expression(verdict) => told(verdict),
        Obstacle::KnownWorker { attribute, value } => format!("is not {attribute} = {value}"),
    }
}

fn told(verdict: &Verdict) -> String {
    let because: Vec<String> = verdict
        .because
        .iter()
        .map(|comparison| {
            let values = serde_json::to_string(&comparison.values).expect("values are JSON");
            format!("{} is {} with {values}", comparison.text, comparison.holds)
        })
        .collect();
    let time = if verdict.depends_on_time { ", by the time" } else { "" };
    format!(
        "{} is {}, {}{time}, for {}",
        verdict.expression,
        verdict.holds,
        verdict.certainty,
        because.join(" and ")
    )
}
