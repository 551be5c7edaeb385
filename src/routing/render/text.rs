//! A way as text: what happens at which age of the task, from the top down.

use serde_json::{Map, Value};

use super::fold::{self, Shown};
use super::words::{because, end, is, known_worker, literal, names, obstacle, state};
use crate::expr::Certainty;
use crate::routing::{
    FilterStep, SkipIf, Step, TargetExit, TargetStep, Task, Trace, WorkerStep, duration,
};
use crate::text::page::{self, Page, Span};
use crate::text::shorten;

/// Characters of an attribute's value.
const VALUE: usize = 200;

/// How many comparisons, names and attributes are shown unless all are.
const FEW: usize = 3;
/// Columns for the age of the task, at least.
const GUTTER: usize = 5;

/// How to write it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub page: page::Options,
    /// Shows every filter and worker, none folded.
    pub all: bool,
    /// The age of the task, in seconds, to mark.
    pub at: Option<u32>,
}

/// One line, at an age of the task.
struct Row {
    age: u32,
    indent: usize,
    hang: usize,
    spans: Vec<Span>,
}

/// The whole way, each line ended. What it is the way of is the caller's to say.
pub fn text(trace: &Trace, options: &Options) -> String {
    let mut rows = Vec::new();
    match options.all {
        true => trace.steps.iter().for_each(|step| show_step(step, options, &mut rows)),
        false => {
            for shown in fold::folded(&trace.steps) {
                match shown {
                    Shown::One(step) => show_step(step, options, &mut rows),
                    Shown::Run(run) => show_run(run, &mut rows),
                }
            }
        }
    }
    if let Some(at) = options.at {
        mark(trace, at, &mut rows);
    }
    let mut page = Page::new(&options.page);
    draw(&rows, &mut page);
    page.blank();
    page.line(0, 2, &[Span::strong("⇒ "), Span::strong(end(&trace.end))]);
    doubts(trace, &mut page);
    page.finish()
}

/// The task itself, each line ended: `attributes`, as they were given, and what else it is
/// created with.
pub fn task(attributes: &Map<String, Value>, task: &Task, options: &page::Options) -> String {
    let Task { attributes: _, task_channel, priority, timeout } = task;
    let mut page = Page::new(options);
    let said = match attributes.is_empty() {
        true => "no attributes".to_owned(),
        false => attributes
            .iter()
            .map(|(key, value)| format!("{key}: {}", shorten(&literal(value), VALUE)))
            .collect::<Vec<_>>()
            .join(", "),
    };
    page.line(0, 6, &[Span::faint("task  "), Span::plain(said)]);
    let usual = Task::default();
    let mut more = vec![format!("channel {task_channel}")];
    more.extend((*priority != usual.priority).then(|| format!("priority {priority}")));
    more.extend((*timeout != usual.timeout).then(|| format!("timeout {}", duration(*timeout))));
    page.line(6, 6, &[Span::faint(more.join(", "))]);
    page.finish()
}

/// Puts the rows beside a line on which the ages stand.
fn draw(rows: &[Row], page: &mut Page) {
    let width = rows.iter().map(|row| duration(row.age).len()).fold(GUTTER, usize::max);
    let more = Span::faint(format!("{:>width$} │ ", ""));
    let mut before = None;
    for Row { age, indent, hang, spans } in rows {
        let first = match before {
            Some(before) if before == *age => more.clone(),
            _ => Span::faint(format!("{:>width$} ┼ ", duration(*age))),
        };
        before = Some(*age);
        page.beside([&first, &more], *indent, *hang, spans);
    }
}

/// Adds the line for the moment that is asked for, where it belongs.
fn mark(trace: &Trace, at: u32, rows: &mut Vec<Row>) {
    let spans = vec![
        Span::strong("◆ "),
        Span::plain("at this moment: "),
        Span::strong(state(&trace.at(at))),
    ];
    let place = rows.iter().position(|row| row.age > at).unwrap_or(rows.len());
    rows.insert(place, Row { age: at, indent: 0, hang: 2, spans });
}

fn show_step(step: &Step, options: &Options, rows: &mut Vec<Row>) {
    match step {
        Step::Filter(step) if step.verdict.holds => {
            show_taken(step, options, rows);
            for target in &step.targets {
                show_target(target, options, rows);
            }
        }
        Step::Filter(step) => show_passed(step, options, rows),
        Step::DefaultFilter(target) => {
            let spans = vec![Span::added("✓ "), Span::strong("the default filter")];
            rows.push(Row { age: target.age, indent: 0, hang: 2, spans });
            show_target(target, options, rows);
        }
    }
}

fn name(step: &FilterStep) -> String {
    match step.name.as_str() {
        "" => format!("filter {}", step.filter + 1),
        name => format!("{}. {name}", step.filter + 1),
    }
}

fn show_taken(step: &FilterStep, options: &Options, rows: &mut Vec<Row>) {
    let spans = vec![Span::added("✓ "), Span::strong(name(step))];
    rows.push(Row { age: step.age, indent: 0, hang: 2, spans });
    let reasons = because(&step.verdict);
    let shown = if options.all { reasons.len() } else { 2 * FEW };
    for reason in reasons.iter().take(shown) {
        rows.push(Row { age: step.age, indent: 4, hang: 6, spans: reason_spans(reason) });
    }
    if reasons.len() > shown {
        let more = format!("and {} more comparisons", reasons.len() - shown);
        rows.push(Row { age: step.age, indent: 4, hang: 6, spans: vec![Span::faint(more)] });
    }
}

fn show_passed(step: &FilterStep, options: &Options, rows: &mut Vec<Row>) {
    let mut spans = vec![Span::removed("✗ "), Span::plain(name(step)), Span::plain("  ")];
    let reasons = because(&step.verdict);
    let shown = if options.all { reasons.len() } else { FEW };
    for (at, reason) in reasons.iter().take(shown).enumerate() {
        if at > 0 {
            spans.push(Span::faint("; "));
        }
        spans.extend(reason_spans(reason));
    }
    if reasons.len() > shown {
        spans.push(Span::faint(format!("; and {} more", reasons.len() - shown)));
    }
    rows.push(Row { age: step.age, indent: 0, hang: 6, spans });
}

/// The comparison faint, what it was held against plain.
fn reason_spans(reason: &str) -> Vec<Span> {
    match reason.split_once("  ") {
        Some((comparison, value)) => {
            vec![Span::faint(comparison), Span::plain("  "), Span::plain(value)]
        }
        None => vec![Span::faint(reason)],
    }
}

fn show_run(run: &[Step], rows: &mut Vec<Row>) {
    let filters: Vec<&FilterStep> = fold::filters(run).collect();
    let (Some(first), Some(last)) = (filters.first(), filters.last()) else { return };
    let mut spans = vec![
        Span::removed("✗ "),
        Span::plain(format!("{} to {}.", first.filter + 1, last.filter + 1)),
        Span::plain(format!(" {} filters  ", filters.len())),
    ];
    let deciding = fold::deciding(run);
    let shown: Vec<String> =
        deciding.iter().take(FEW).map(|(path, value)| format!("{path} {}", is(value))).collect();
    spans.push(Span::plain(shown.join(", ")));
    if deciding.len() > FEW {
        spans.push(Span::faint(format!(", and {} more", deciding.len() - FEW)));
    }
    rows.push(Row { age: first.age, indent: 0, hang: 6, spans });
}

fn show_target(step: &TargetStep, options: &Options, rows: &mut Vec<Row>) {
    let age = step.age;
    let mut head = vec![Span::changed("→ "), Span::strong(&step.queue)];
    if step.inherited {
        head.push(Span::faint("  the same queue"));
    }
    if let Some(priority) = step.priority {
        let change = format!("  priority {} → {}", priority.before, priority.after);
        head.push(Span::plain(change));
    }
    if let Some(deadline) = step.deadline {
        let until = match deadline.age == step.age.saturating_add(deadline.timeout) {
            true => format!("  until {}", duration(deadline.age)),
            false => format!(
                "  until {} (timeout {}, counted from the task's creation with those before)",
                duration(deadline.age),
                duration(deadline.timeout)
            ),
        };
        head.push(Span::plain(until));
    }
    rows.push(Row { age, indent: 2, hang: 6, spans: head });
    let mut add = |spans: Vec<Span>| rows.push(Row { age, indent: 4, hang: 6, spans });
    if let Some(known) = &step.known_worker {
        add(vec![Span::plain(known_worker(known))]);
    }
    show_workers(step, options, &mut add);
    if let Some(SkipIf { verdict }) = &step.skip_if {
        let (sign, word) = match verdict.holds {
            true => (Span::changed("↷ "), "skipped"),
            false => (Span::faint("· "), "not skipped"),
        };
        let mut spans = vec![sign, Span::plain(format!("{word}: "))];
        for (at, reason) in because(verdict).iter().enumerate() {
            if at > 0 {
                spans.push(Span::faint("; "));
            }
            spans.extend(reason_spans(reason));
        }
        add(spans);
    }
    if let (TargetExit::TimedOut, Some(deadline)) = (step.exit, step.deadline) {
        let spans =
            vec![Span::changed("↷ "), Span::plain(format!("leaves {}: its timeout", step.queue))];
        rows.push(Row { age: deadline.age, indent: 4, hang: 6, spans });
    }
}

fn show_workers(step: &TargetStep, options: &Options, add: &mut impl FnMut(Vec<Span>)) {
    let names_shown = if options.all { usize::MAX } else { 2 * FEW };
    if let Some(unknown) = &step.unknown {
        add(vec![
            Span::changed("? "),
            Span::plain("not known: "),
            Span::plain(unknown.to_string()),
        ]);
        return;
    }
    let eligible: Vec<&str> = step
        .workers
        .iter()
        .filter(|worker| worker.obstacles.is_empty())
        .map(|worker| worker.name.as_str())
        .collect();
    if !eligible.is_empty() {
        let (first, then) = eligible.split_at(step.offered.min(eligible.len()));
        let mut spans = vec![Span::added("✓ "), Span::strong(names(first, names_shown))];
        if !then.is_empty() {
            spans.push(Span::plain(format!(", then {}", names(then, names_shown))));
        }
        if eligible.len() > 1 {
            spans.push(Span::faint(match step.order_by.as_str() {
                "" => "  longest idle first".to_owned(),
                order => format!("  by {order}, then longest idle first"),
            }));
        }
        add(spans);
    }
    for (why, who) in by_obstacle(&step.workers) {
        let mut spans =
            vec![Span::removed("✗ "), Span::plain(names(&who, names_shown)), Span::plain("  ")];
        spans.extend(reason_spans(&why));
        add(spans);
    }
    if step.not_shown > 0 {
        add(vec![Span::faint(format!("and {} more who are not free", step.not_shown))]);
    }
    let elsewhere = match (step.workers.is_empty(), step.elsewhere) {
        (true, 0) => "nobody is in the queue: there are no workers".to_owned(),
        (true, 1) => "nobody is in the queue: the one worker is not".to_owned(),
        (true, count) => format!("nobody is in the queue: none of {count} workers"),
        (false, 0) => return,
        (false, count) => {
            format!("{count} more {} not in the queue", if count == 1 { "is" } else { "are" })
        }
    };
    add(vec![Span::faint(elsewhere)]);
}

/// Workers who are kept from the task by the same, in the order of the first of them.
fn by_obstacle(workers: &[WorkerStep]) -> Vec<(String, Vec<&str>)> {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for worker in workers.iter().filter(|worker| !worker.obstacles.is_empty()) {
        let why: Vec<String> = worker.obstacles.iter().map(obstacle).collect();
        let why = why.join("; ");
        match groups.iter_mut().find(|(known, _)| *known == why) {
            Some((_, names)) => names.push(&worker.name),
            None => groups.push((why, vec![&worker.name])),
        }
    }
    groups
}

/// What the way leans on, one line each.
fn doubts(trace: &Trace, page: &mut Page) {
    let mut lines = Vec::new();
    for lean in &trace.leans_on {
        let word = match lean.certainty {
            Certainty::Documented => continue,
            Certainty::Assumed => "assumed",
            Certainty::Unspecified => "unspecified",
        };
        lines.push((word, format!("{} ({})", lean.text, lean.page)));
    }
    lines.extend(trace.unknown.iter().map(|unknown| ("not known", unknown.to_string())));
    if trace.depends_on_time {
        let clock = trace.created;
        let (day, hour, minute) = (clock.day_of_week(), clock.hour(), clock.minute());
        let said = format!("created at {clock} ({day} {hour:02}:{minute:02} in UTC)");
        lines.push(("depends on the time", said));
    }
    if !lines.is_empty() {
        page.blank();
    }
    for (word, line) in lines {
        page.line(0, 2, &[Span::changed(word), Span::faint(": "), Span::faint(line)]);
    }
}
