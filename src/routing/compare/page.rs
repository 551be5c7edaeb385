//! Differences as people read them.

use super::told::{task_line, way_line, workers_line};
use super::value::{Move, QueueShift, RoutingDiff, WorkerGroup};
use crate::expr::Certainty;
use crate::model::{Address, Kind};
use crate::text::markdown;
use crate::text::page::{Options, Page, Span};

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Detail {
    /// Lines after which the rest is counted only.
    lines: usize,
    /// Tasks of one difference.
    tasks: usize,
}

/// All differences, each line ended.
pub fn text(diff: &RoutingDiff, options: &Options) -> String {
    let mut page = Page::new(options);
    show(&mut page, diff, Detail { lines: usize::MAX, tasks: 12 });
    if diff.is_empty() {
        page.line(0, 0, &[Span::strong("No task goes elsewhere.")]);
    } else {
        page.blank();
    }
    let counts = diff.counts;
    let mut line = format!("{} tried", kinds(counts.tried));
    if !diff.moves.is_empty() {
        line.push_str(&format!("; {} of them elsewhere", counts.elsewhere));
    }
    if !diff.queues.is_empty() {
        let queues = if counts.queues == 1 { "queue" } else { "queues" };
        line.push_str(&format!("; other workers in {} {queues}", counts.queues));
    }
    page.line(0, 4, &[Span::plain(line)]);
    if counts.unseen > 0 {
        let queues = if counts.unseen == 1 { "queue" } else { "queues" };
        let text = format!("known workers were not looked at in {} {queues}", counts.unseen);
        page.line(0, 4, &[Span::changed("note: "), Span::plain(text)]);
    }
    for workflow in &diff.bounded {
        let workflow = Address::new(Kind::Workflow, workflow.clone());
        let text = format!("not every kind of task that could be made up for {workflow} was tried");
        page.line(0, 4, &[Span::changed("note: "), Span::plain(text)]);
    }
    page.finish()
}

/// Each difference by itself, as lines for a fence of a comment.
pub fn entries(diff: &RoutingDiff) -> Vec<String> {
    let entry = |entry: Entry<'_>| {
        let mut page = Page::new(&Options { color: false, width: 110 });
        entry.show(&mut page, Detail { lines: usize::MAX, tasks: 4 });
        page.finish().lines().map(markdown::line).collect::<Vec<_>>().join("\n")
    };
    Entry::all(diff).into_iter().map(entry).collect()
}

/// The section of a plan: about ten lines, and where to see the rest.
pub fn show_short(page: &mut Page, diff: &RoutingDiff) {
    if diff.is_empty() {
        return;
    }
    page.line(0, 0, &[Span::strong("Routing")]);
    let told = show(page, diff, Detail { lines: 8, tasks: 2 });
    let all = diff.counts.moves + diff.counts.queues + diff.gone.len();
    if told < all {
        let more = format!("and {} more: flexctl diff-routing", all - told);
        page.line(2, 4, &[Span::faint(more)]);
    }
    page.blank();
}

fn kinds(count: usize) -> String {
    if count == 1 { "1 kind of task".to_owned() } else { format!("{count} kinds of tasks") }
}

/// Shows what fits and says how many differences that were.
fn show(page: &mut Page, diff: &RoutingDiff, detail: Detail) -> usize {
    let mut told = 0;
    let mut lines = 0;
    for entry in Entry::all(diff) {
        let needs = entry.lines(detail);
        if told > 0 && lines + needs > detail.lines {
            break;
        }
        entry.show(page, detail);
        lines += needs;
        told += 1;
    }
    told
}

enum Entry<'d> {
    Gone(&'d String),
    Queue(&'d QueueShift),
    Move(&'d Move),
}

impl<'d> Entry<'d> {
    /// Queues and tasks in turn, so that neither hides the other where there is little room.
    fn all(diff: &'d RoutingDiff) -> Vec<Self> {
        let (mut moves, mut queues) = (diff.moves.iter(), diff.queues.iter());
        let mut entries: Vec<Self> = diff.gone.iter().map(Entry::Gone).collect();
        loop {
            let (queue, one) = (queues.next(), moves.next());
            if queue.is_none() && one.is_none() {
                return entries;
            }
            entries.extend(queue.map(Entry::Queue));
            entries.extend(one.map(Entry::Move));
        }
    }

    fn lines(&self, detail: Detail) -> usize {
        match self {
            Self::Gone(_) => 1,
            Self::Queue(shift) => {
                let groups = shift.leave.iter().chain(&shift.join).count();
                1 + groups + shift.tasks.len().min(detail.tasks)
            }
            Self::Move(one) => 1 + one.tasks.len().min(detail.tasks),
        }
    }

    fn show(&self, page: &mut Page, detail: Detail) {
        match self {
            Self::Gone(name) => {
                let address = Address::new(Kind::Workflow, (*name).clone()).to_string();
                let text = "  takes no tasks any more";
                page.line(2, 6, &[Span::removed("- "), Span::strong(address), Span::plain(text)]);
            }
            Self::Queue(shift) => show_queue(page, shift, detail),
            Self::Move(one) => show_move(page, one, detail),
        }
    }
}

fn doubt(certainty: Certainty) -> Span {
    match certainty {
        Certainty::Documented => Span::plain(""),
        certainty => Span::faint(format!("  ({certainty})")),
    }
}

fn show_move(page: &mut Page, one: &Move, detail: Detail) {
    let Move { workflow, tasks, more, before, after, differs, certainty } = one;
    let workflow = Address::new(Kind::Workflow, workflow.clone()).to_string();
    let head = [
        Span::changed("~ "),
        Span::strong(workflow),
        Span::plain("  "),
        Span::plain(way_line(before, differs)),
        Span::plain(" → "),
        Span::plain(way_line(after, differs)),
        doubt(*certainty),
    ];
    page.line(2, 6, &head);
    let (shown, rest) = tasks.split_at(tasks.len().min(detail.tasks));
    let more = more + rest.len();
    for (at, task) in shown.iter().enumerate() {
        let mut line = task_line(task);
        if at + 1 == shown.len() && more > 0 {
            line.push_str(&format!("   and {more} more"));
        }
        page.line(6, 8, &[Span::plain(line)]);
    }
}

fn show_queue(page: &mut Page, shift: &QueueShift, detail: Detail) {
    let QueueShift { queue, leave, join, known, tasks, more, certainty, .. } = shift;
    let address = Address::new(Kind::Queue, queue.clone()).to_string();
    let nothing = if tasks.is_empty() { "  (no task was found that comes here)" } else { "" };
    let head =
        [Span::changed("~ "), Span::strong(address), Span::faint(nothing), doubt(*certainty)];
    page.line(2, 6, &head);
    let group = |page: &mut Page, sign: Span, group: &Option<WorkerGroup>, what: &str| {
        if let Some(group) = group {
            let line = format!("{} {what}", workers_line(group, *known));
            page.line(4, 8, &[sign, Span::plain(line)]);
        }
    };
    let (lose, gain) = match tasks.is_empty() {
        true => ("are no longer in it", "are in it now"),
        false => ("no longer get", "now get"),
    };
    let both = leave.is_some() && join.is_some() && !tasks.is_empty();
    group(page, Span::removed("- "), leave, lose);
    group(page, Span::added("+ "), join, if both { "get instead" } else { gain });
    let (shown, rest) = tasks.split_at(tasks.len().min(detail.tasks));
    let more = more + rest.len();
    for (at, arrival) in shown.iter().enumerate() {
        let mut line = format!("{}  {}", arrival.workflow, task_line(&arrival.task));
        if at + 1 == shown.len() && more > 0 {
            line.push_str(&format!("   and {more} more"));
        }
        page.line(8, 10, &[Span::plain(line)]);
    }
}
