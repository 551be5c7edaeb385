//! What `route` and `test` can be told on the command line.

use camino::Utf8PathBuf;
use clap::Args;

use super::args::{ShareArgs, TestFormat, TraceFormat};
use super::tasks::pair;
use super::workers::Which;
use crate::expr::Clock;

/// Which tests to run, and what to say of them.
#[derive(Debug, Args)]
pub(super) struct TestArgs {
    #[command(flatten)]
    pub(super) share: ShareArgs,
    /// Files of tests to run, in the place of the spec's own tests and of the files that are found.
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<Utf8PathBuf>,
    /// Only tests whose name holds this text, or is covered by this glob; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub(super) filter: Vec<String>,
    /// A line for each test.
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Says which filters and targets no test comes to.
    #[arg(long)]
    pub(super) coverage: bool,
    /// Exits with 3 when the tests come to fewer of the filters.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(super) min_coverage: Option<u8>,
    /// Writes a file of tests for every filter, and for every queue of every transfer.
    #[arg(long, conflicts_with_all = ["files", "filter", "verbose", "coverage", "min_coverage"])]
    pub(super) generate: bool,
    /// Writes over a file that `--generate` has not written.
    #[arg(long, requires = "generate")]
    pub(super) force: bool,
    /// The file to write: a report beside the text on stdout, or the generated tests
    /// (`generated.test.yaml` beside the spec without it, `-` for stdout).
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<Utf8PathBuf>,
    /// The form of the report; by the ending of `--out`, text without it.
    #[arg(long, env = "FLEXCTL_FORMAT", hide_env_values = true)]
    pub(super) format: Option<TestFormat>,
}

impl TestArgs {
    /// Whether one file is written, which cannot hold several environments.
    pub(super) fn is_one_file(&self) -> bool {
        self.generate || self.out.is_some()
    }
}

pub(super) const ROUTE_EXAMPLES: &str = "\
Examples:
  flexctl route 'Chat Transfer' transferTargetType=queue transferQueueName=Sales
  flexctl route Inbound --task '{ topic: workshop, language: de }' --task-channel chat --at 3m
  flexctl route Inbound --task @task.json --workers live --target live
  echo '{\"topic\": \"sales\"}' | flexctl route Inbound --task - --format mermaid";

/// A task, and who may be offered it.
#[derive(Debug, Args)]
pub(super) struct RouteArgs {
    /// The workflow that the task is created in.
    #[arg(value_name = "WORKFLOW")]
    pub(super) workflow: String,
    /// Attributes of the task, over those of --task. A value is YAML (`vip=true`, `skills=[a, b]`),
    /// a key may be a path (`customer.segment=fleet`), a sid a name (`q=${queue['Sales'].sid}`).
    #[arg(value_name = "KEY=VALUE", value_parser = pair)]
    pub(super) attributes: Vec<(String, serde_json::Value)>,
    /// The attributes of the task as JSON or YAML; `@FILE` reads a file, `-` reads stdin.
    #[arg(long, value_name = "ATTRIBUTES", allow_hyphen_values = true)]
    pub(super) task: Option<String>,
    /// A file with the attributes of the task, JSON or YAML.
    #[arg(long, value_name = "FILE", conflicts_with = "task")]
    pub(super) task_file: Option<Utf8PathBuf>,
    /// The unique name of the task's channel.
    #[arg(long, default_value = "default", value_name = "CHANNEL")]
    pub(super) task_channel: String,
    /// The priority that the task is created with.
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = clap::value_parser!(u32).range(..=2_147_483_647))]
    pub(super) priority: u32,
    /// The task's own timeout, in seconds or as in `2h`.
    #[arg(long, default_value = "24h", value_name = "TIME", value_parser = seconds)]
    pub(super) timeout: u32,
    /// Marks where the task is at this age, in seconds or as in `2m30s`.
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub(super) at: Option<u32>,
    /// When the task is created, as in RFC 3339; now, if not given.
    #[arg(long, value_name = "MOMENT")]
    pub(super) clock: Option<Clock>,
    /// Who there is: `declared` in the spec, `live` (read from --target), `none`, or those of a
    /// file: names with activity, attributes, channels and idle, as in routing tests.
    #[arg(long, default_value = "declared", value_name = "WHO")]
    pub(super) workers: Which,
    /// Shows every filter and worker, none folded.
    #[arg(long, short)]
    pub(super) all: bool,
    /// The form of stdout.
    #[arg(long, default_value = "text", env = "FLEXCTL_FORMAT", hide_env_values = true)]
    pub(super) format: TraceFormat,
}

/// Seconds: a plain number of them, or with units as in `2m30s`.
fn seconds(text: &str) -> Result<u32, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    let duration: jiff::SignedDuration =
        text.parse().map_err(|_| format!("`{text}` is no time; write seconds, or as in 2m30s"))?;
    u32::try_from(duration.as_secs()).map_err(|_| format!("`{text}` is no age"))
}
