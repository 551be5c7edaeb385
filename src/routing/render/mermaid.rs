//! A way as a Mermaid flowchart.

use std::fmt::Write;

use super::fold::{self, Shown};
use super::words::{because, end, is, literal, names, state};
use crate::routing::mermaid::{quoted, quoted_lines};
use crate::routing::{FilterStep, Step, TargetExit, TargetStep, Trace, duration};
use crate::text::shorten;

/// Characters of a line.
const LINE: usize = 70;

/// The picture while it is drawn: boxes below each other, each with a line to the next.
#[derive(Default)]
struct Chart {
    out: String,
    count: usize,
    /// The box that the next line comes from, and what stands at that line.
    from: String,
    label: String,
}

impl Chart {
    fn add(&mut self, shape: [&str; 2], lines: &[String], class: &str) {
        self.count += 1;
        let id = format!("step{}", self.count);
        let lines: Vec<String> = lines.iter().map(|line| shorten(line, LINE)).collect();
        let text = quoted_lines(lines.iter().map(String::as_str));
        let class = if class.is_empty() { String::new() } else { format!(":::{class}") };
        let [open, close] = shape;
        writeln!(self.out, "    {id}{open}{text}{close}{class}").expect("a String grows");
        if !self.from.is_empty() {
            let arrow = match self.label.as_str() {
                "" => "-->".to_owned(),
                label => format!("-- {} -->", quoted(&shorten(label, LINE))),
            };
            writeln!(self.out, "    {} {arrow} {id}", self.from).expect("a String grows");
        }
        self.label.clear();
        self.from = id;
    }
}

/// Mermaid's text. `at` is an age of the task to mark, in seconds.
pub fn mermaid(trace: &Trace, at: Option<u32>) -> String {
    let mut chart = Chart { out: "flowchart TD\n".to_owned(), ..Chart::default() };
    let attributes = literal(&trace.task.attributes.clone().into());
    let created = [format!("task in {}", trace.workflow), attributes];
    chart.add(["([", "])"], &created, "");
    for shown in fold::folded(&trace.steps) {
        match shown {
            Shown::Run(run) => add_run(run, &mut chart),
            Shown::One(Step::Filter(step)) => add_filter(step, &mut chart),
            Shown::One(Step::DefaultFilter(target)) => {
                chart.add(["[", "]"], &["✓ the default filter".to_owned()], "taken");
                add_target(target, &mut chart);
            }
        }
    }
    chart.add(["([", "])"], &[end(&trace.end)], "finish");
    if let Some(at) = at {
        let said = format!("at {}: {}", duration(at), state(&trace.at(at)));
        writeln!(chart.out, "    moment>{}]", quoted(&said)).expect("a String grows");
    }
    chart.out.push_str(
        "    classDef taken stroke:#059669,stroke-width:2px\n    \
         classDef passed stroke-dasharray:4 3\n    \
         classDef finish stroke-width:2px\n",
    );
    chart.out
}

fn add_run(run: &[Step], chart: &mut Chart) {
    let filters: Vec<&FilterStep> = fold::filters(run).collect();
    let (Some(first), Some(last)) = (filters.first(), filters.last()) else { return };
    let mut lines = vec![format!("✗ filters {} to {}", first.filter + 1, last.filter + 1)];
    let deciding = fold::deciding(run).into_iter().take(3);
    lines.extend(deciding.map(|(path, value)| format!("{path} {}", is(value))));
    chart.add(["[", "]"], &lines, "passed");
}

fn add_filter(step: &FilterStep, chart: &mut Chart) {
    let sign = if step.verdict.holds { '✓' } else { '✗' };
    let mut lines = vec![match step.name.as_str() {
        "" => format!("{sign} filter {}", step.filter + 1),
        name => format!("{sign} {name}"),
    }];
    lines.extend(because(&step.verdict).into_iter().take(3));
    chart.add(["[", "]"], &lines, if step.verdict.holds { "taken" } else { "passed" });
    for target in &step.targets {
        add_target(target, chart);
    }
}

fn add_target(step: &TargetStep, chart: &mut Chart) {
    let mut lines = vec![step.queue.clone()];
    if let Some(priority) = step.priority {
        lines.push(format!("priority {} → {}", priority.before, priority.after));
    }
    if let Some(deadline) = step.deadline {
        lines.push(format!("until {}", duration(deadline.age)));
    }
    let eligible: Vec<&str> = step
        .workers
        .iter()
        .filter(|worker| worker.obstacles.is_empty())
        .map(|worker| worker.name.as_str())
        .collect();
    let in_queue = step.workers.len() + step.not_shown;
    lines.push(match (&step.unknown, eligible.is_empty()) {
        (Some(_), _) => "workers not known".to_owned(),
        (None, false) => names(&eligible, 3),
        (None, true) if in_queue == 0 => "nobody in the queue".to_owned(),
        (None, true) => format!("none of {in_queue} is free"),
    });
    chart.add(["[(", ")]"], &lines, "");
    chart.label = match step.exit {
        TargetExit::Reserved | TargetExit::Stays => String::new(),
        TargetExit::Skipped => "skipped".to_owned(),
        TargetExit::TimedOut => {
            format!("after {}", duration(step.deadline.map_or(step.age, |deadline| deadline.age)))
        }
    };
}
