//! `flexctl drift`: what is live otherwise than the spec says; once, or for ever.

mod args;
pub(super) mod look;
mod metrics;
mod watch;

pub(in crate::cli) use self::args::DriftArgs;
use self::look::Look;
use crate::cli::args::{Global, PlanFormat, TargetArgs};
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};
use crate::plan::Drift;
use crate::plan::render::{Options, drift as render};
use crate::text::shown_lines;

pub(in crate::cli) async fn run(
    global: &Global,
    target: &TargetArgs,
    args: &DriftArgs,
    streams: &Streams,
) -> Result<Exit, Failure> {
    if args.watch.watch {
        return watch::run(global, target, args, streams).await;
    }
    let Look { drift, heading, .. } = look::look(global, target, args.exact, None, streams).await?;
    match args.form.format {
        PlanFormat::Json => streams.json(&drift),
        PlanFormat::Markdown => {
            streams.data(&render::markdown(&drift, &heading, args.form.max_chars()));
        }
        PlanFormat::Text => {
            streams.data(&text(&drift, &heading, streams));
        }
    }
    Ok(Exit::Drifted { objects: drift.objects.len() })
}

/// The drift for people, under its heading.
pub(super) fn text(drift: &Drift, heading: &str, streams: &Streams) -> String {
    let options = Options { color: streams.color_data(), width: streams.width() };
    format!("{}\n\n{}", shown_lines(heading), render::text(drift, &options))
}
