//! `flexctl route`: the way of one task, and why it goes there.

use super::graph::check_workflow;
use super::load;
use crate::cli::args::{Global, RouteArgs, TargetArgs, TraceFormat};
use crate::cli::streams::Streams;
use crate::cli::tasks::{self, Given};
use crate::cli::{Exit, Failure, workers};
use crate::expr::Clock;
use crate::model::{Address, Kind};
use crate::routing::{Router, Task, render, with_sids};
use crate::text::page::{self, Page, Span};

pub(in crate::cli) async fn run(
    global: &Global,
    target: &TargetArgs,
    args: &RouteArgs,
    streams: &Streams,
) -> Result<Exit, Failure> {
    let (analysis, desired) = load::desired(global, streams)?;
    check_workflow(&desired, &args.workflow)?;
    if args.format == TraceFormat::Json && args.at.is_some() {
        let failure = Failure::new(Exit::Usage, "--at marks a moment in a text or a picture");
        return Err(failure.with_help("the JSON document has the age of every step"));
    }
    let given = Given {
        task: args.task.as_deref(),
        file: args.task_file.as_deref(),
        pairs: &args.attributes,
    };
    let attributes = tasks::attributes(&given)?;
    tasks::check_names(&attributes, &desired)?;
    let staff =
        workers::find(&args.workers, &desired, global, target, &analysis.environment).await?;
    let router = Router::knowing(&desired, staff.sids.clone());
    let task = Task {
        attributes: with_sids(&attributes, &router),
        task_channel: args.task_channel.clone(),
        priority: args.priority,
        timeout: args.timeout,
    };
    let created = args.clock.unwrap_or_else(now);
    let trace = router
        .route(&args.workflow, &task, created, staff.workers())
        .map_err(|error| Failure::new(Exit::Usage, error))?;
    match args.format {
        TraceFormat::Json => streams.json(&trace),
        TraceFormat::Mermaid => streams.data(&render::mermaid(&trace, args.at)),
        TraceFormat::Text => {
            let page = page::Options { color: streams.color_data(), width: streams.width() };
            let options = render::Options { page, all: args.all, at: args.at };
            let said = render::task(&attributes, &task, &options.page);
            let way = render::text(&trace, &options);
            let workflow = Address::new(Kind::Workflow, args.workflow.clone());
            let heading = format!("{} → {workflow} ({})", global.file, staff.said);
            let mut head = Page::new(&page);
            head.line(0, 4, &[Span::plain(heading)]);
            streams.data(&format!("{}{said}\n{way}", head.finish()));
        }
    }
    Ok(Exit::Done)
}

fn now() -> Clock {
    Clock::from_unix(jiff::Timestamp::now().as_second())
}
