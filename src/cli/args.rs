//! What can be said on the command line.

use std::time::Duration;

use camino::Utf8PathBuf;
use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use super::commands::drift::DriftArgs;
pub(super) use super::environments::{FleetArgs, ShareArgs};
pub(super) use super::form::{
    Form, GraphFormat, PlanForm, PlanFormat, TestFormat, TextOrJson, TraceFormat, ValidateFormat,
    YamlOrJson,
};
pub(super) use super::know::{ROUTE_EXAMPLES, RouteArgs, TestArgs};
use crate::diag::Lint;
use crate::live::Rate;
use crate::model::{Address, AddressPattern};

/// `flexctl --help` on one screen; a test holds it to the commands there are.
const HELP: &str = "\
{about}

{usage-heading} {usage}

Write, offline
  validate     Checks the spec and prints every problem
  show         Prints what the spec declares (--expanded: the workflows as sent), or a saved plan
  explain      Explains a diagnostic code, or lists all of them
  schema       Prints a JSON Schema: of the spec, or of what a command reads and prints
Know, offline
  route        Shows where a task goes, and why: its filters, queues, workers and timeouts
  test         Runs routing tests; --coverage counts, --generate writes them
  graph        Draws workflows, filters, queues and workers
  diff-routing Shows which tasks go elsewhere after the plan, or than under another spec
Change
  import       Writes a spec for what is live; its plan is empty
  plan         Shows what an apply would change; --out FILE saves it
  apply        Plans, shows, asks, and makes the changes; or those of a saved plan
  drift        Shows what is live otherwise than the spec says; --watch: as a service
  promote      Shows what is live in one environment and not in another, and carries it over
Around
  emulator     Serves an embedded TaskRouter on loopback
  completions  Prints the completions of a shell

Options
{options}

Without an account:  flexctl apply --target emulator
Exit: 0 done, 1 failed, 2 changes or drift, 3 spec or tests, 4 API, 5 refused, 64 usage, 130 stopped
";

/// TaskRouter as code: plan and apply a Twilio Flex contact center from one YAML file.
#[derive(Debug, Parser)]
#[command(
    name = "flexctl",
    version,
    about,
    max_term_width = 100,
    disable_help_subcommand = true,
    help_template = HELP,
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub(super) struct Global {
    /// The spec.
    #[arg(
        short,
        long,
        global = true,
        display_order = 100,
        default_value = "flex.yaml",
        env = "FLEXCTL_FILE",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub(super) file: Utf8PathBuf,
    /// The environments to use: names or globs, may be repeated.
    #[arg(
        long = "env",
        global = true,
        display_order = 101,
        env = "FLEXCTL_ENV",
        hide_env_values = true,
        value_name = "NAME|GLOB",
        value_delimiter = ','
    )]
    pub(super) envs: Vec<String>,
    /// The one of them that is at work.
    #[arg(skip)]
    pub(super) env: Option<String>,
    /// Sets a variable of the spec; may be repeated.
    #[arg(long = "var", global = true, display_order = 102, value_name = "KEY=VALUE", value_parser = key_value)]
    pub(super) vars: Vec<(String, String)>,
    /// Variables from YAML or JSON files; repeatable.
    #[arg(
        long = "var-file",
        global = true,
        display_order = 103,
        env = "FLEXCTL_VAR_FILE",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub(super) var_files: Vec<Utf8PathBuf>,
    /// Silences a lint, or all `warnings`; may be repeated.
    #[arg(
        long,
        global = true,
        display_order = 104,
        env = "FLEXCTL_ALLOW",
        hide_env_values = true,
        value_name = "LINT",
        value_delimiter = ','
    )]
    pub(super) allow: Vec<Lint>,
    /// Tells a lint as a warning; may be repeated.
    #[arg(
        long,
        global = true,
        display_order = 105,
        env = "FLEXCTL_WARN",
        hide_env_values = true,
        value_name = "LINT",
        value_delimiter = ','
    )]
    pub(super) warn: Vec<Lint>,
    /// Takes a lint, or all `warnings`, for errors; repeatable.
    #[arg(
        long,
        global = true,
        display_order = 106,
        env = "FLEXCTL_DENY",
        hide_env_values = true,
        value_name = "LINT",
        value_delimiter = ','
    )]
    pub(super) deny: Vec<Lint>,
    /// When to use colour: `auto`, `always`, `never`.
    #[arg(
        long,
        global = true,
        display_order = 107,
        default_value = "auto",
        env = "FLEXCTL_COLOR",
        hide_env_values = true,
        hide_possible_values = true,
        value_name = "WHEN"
    )]
    pub(super) color: ColorWhen,
    /// Says nothing but results and errors.
    #[arg(
        short,
        long,
        global = true,
        display_order = 108,
        env = "FLEXCTL_QUIET",
        hide_env_values = true,
        value_parser = yes_or_no()
    )]
    pub(super) quiet: bool,
}

/// Where the API is, and as whom to talk to it.
#[derive(Debug, Args)]
pub(super) struct TargetArgs {
    /// Which TaskRouter: `live`, `emulator` (embedded, its data in `.flexctl/` beside the spec),
    /// or the URL of one (https, or loopback). Without it: live, when there are credentials.
    #[arg(long, env = "FLEXCTL_TARGET", hide_env_values = true, value_name = "live|emulator|URL")]
    pub(super) target: Option<String>,
    /// A profile of the Twilio CLI's configuration to take credentials from.
    #[arg(long, env = "FLEXCTL_PROFILE", hide_env_values = true, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// How many requests may be in flight at once.
    #[arg(long, default_value_t = 4, env = "FLEXCTL_PARALLELISM", hide_env_values = true, value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(super) parallelism: u16,
    /// The share of each of TaskRouter's limits that is left to those who serve customers.
    #[arg(long, default_value_t = 50, env = "FLEXCTL_RESERVE", hide_env_values = true, value_name = "PERCENT",
          value_parser = clap::value_parser!(u8).range(0..=95))]
    pub(super) reserve: u8,
    /// How many requests a second: `10/s` of each class, or `reads=20/s` (also searches, queues,
    /// writes); may be repeated. On this machine there is no bound but these.
    #[arg(
        long = "rate",
        env = "FLEXCTL_RATE",
        hide_env_values = true,
        value_name = "[CLASS=]N/s",
        value_delimiter = ','
    )]
    pub(super) rates: Vec<Rate>,
    /// Sends nothing more after this long: `90s`, `10m`, `1h`.
    #[arg(long, env = "FLEXCTL_DEADLINE", hide_env_values = true, value_name = "DURATION", value_parser = duration)]
    pub(super) deadline: Option<Duration>,
}

/// What a plan may hold.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// Allows this address to be replaced (glob); may be repeated.
    #[arg(long, env = "FLEXCTL_ALLOW_REPLACE", hide_env_values = true, value_name = "ADDRESS")]
    pub(super) allow_replace: Vec<AddressPattern>,
    /// Only changes of these addresses (glob); may be repeated. What they need has to be among them.
    #[arg(long, env = "FLEXCTL_ONLY", hide_env_values = true, value_name = "ADDRESS")]
    pub(super) only: Vec<AddressPattern>,
    /// No changes of these addresses (glob); may be repeated.
    #[arg(long, env = "FLEXCTL_EXCLUDE", hide_env_values = true, value_name = "ADDRESS")]
    pub(super) exclude: Vec<AddressPattern>,
    /// Deletes live queues, workflows, channels and activities that the spec does not declare.
    #[arg(long, env = "FLEXCTL_PRUNE", hide_env_values = true, value_parser = yes_or_no())]
    pub(super) prune: bool,
    /// Reads every capacity and asks nothing: one request for each worker that a rule is about.
    #[arg(long, env = "FLEXCTL_EXACT", hide_env_values = true, value_parser = yes_or_no())]
    pub(super) exact: bool,
    /// Exits with 2 when there are changes.
    #[arg(long, env = "FLEXCTL_DETAILED_EXITCODE", hide_env_values = true, value_parser = yes_or_no())]
    pub(super) detailed_exitcode: bool,
}

/// A plan that was saved.
#[derive(Debug, Args)]
pub(super) struct SavedArgs {
    /// A plan that `flexctl plan --out FILE` saved: carries out this one, without asking.
    #[arg(id = "saved", value_name = "FILE")]
    pub(super) file: Option<Utf8PathBuf>,
    /// Plans again when the saved plan no longer stands, shows the new plan, and asks.
    #[arg(long, requires = "saved")]
    pub(super) refresh: bool,
}

/// Where applies are written down.
#[derive(Debug, Args)]
pub(super) struct JournalArgs {
    /// The folder of the journals, if not `.flexctl/journal` beside the spec: every change is
    /// written down before it is made, for the next run to know when this one is cut off.
    #[arg(long, env = "FLEXCTL_JOURNAL", hide_env_values = true, value_name = "FOLDER")]
    pub(super) journal: Option<Utf8PathBuf>,
}

/// What goes wrong with the emulator on purpose.
#[derive(Debug, Args)]
pub(super) struct TroubleArgs {
    /// Lets requests go wrong: refusals, errors, cut connections, writes by others. The same seed
    /// and the same requests go wrong in the same way.
    #[arg(long, value_name = "SEED")]
    pub(super) faults: Option<u64>,
    /// At how many requests of a hundred.
    #[arg(long, value_name = "PERCENT", default_value_t = 20, requires = "faults",
          value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(super) fault_rate: u8,
    /// How long every answer takes, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(super) latency: u64,
}

const IMPORT_EXAMPLES: &str = "\
Examples:
  flexctl import --target live --out flex.yaml
  flexctl import --only 'workflow.*Transfer*'
  flexctl import --export flex.json && flexctl import --from flex.json --split --out flex.yaml";

/// What to read, and what to make of it.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    pub(super) target: TargetArgs,
    /// The file to write; stdout without it.
    #[arg(long, short, value_name = "FILE")]
    pub(super) out: Option<Utf8PathBuf>,
    /// Reads what `--export` wrote in place of TaskRouter.
    #[arg(long, value_name = "FILE", conflicts_with = "export")]
    pub(super) from: Option<Utf8PathBuf>,
    /// Writes what the API answers, as JSON, and no spec; `-` is stdout.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "split", "only", "workers"])]
    pub(super) export: Option<Utf8PathBuf>,
    /// Which workspace, by name or sid, when there are several.
    #[arg(long, value_name = "NAME|SID", env = "FLEXCTL_WORKSPACE", hide_env_values = true)]
    pub(super) workspace: Option<String>,
    /// Spreads the spec over `queues/`, `workflows/` and `workers/` beside --out.
    #[arg(long, requires = "out")]
    pub(super) split: bool,
    /// Only these addresses (globs); what they refer to is named and not owned. May be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) only: Vec<AddressPattern>,
    /// Declares workers and their attributes too.
    #[arg(long)]
    pub(super) workers: bool,
    /// Reads no capacities, which take a request for each worker.
    #[arg(long)]
    pub(super) no_capacities: bool,
    /// Writes over files, and writes a spec whose plan is not empty.
    #[arg(long)]
    pub(super) force: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Checks the spec, offline, and prints every problem.
    Validate {
        #[command(flatten)]
        share: ShareArgs,
        /// The form of stdout.
        #[arg(long, default_value = "text", env = "FLEXCTL_FORMAT", hide_env_values = true)]
        format: ValidateFormat,
    },
    /// Prints what the spec declares, after variables and includes.
    Show {
        /// Prints the workflows as they will be sent, with every generated filter.
        #[arg(long)]
        expanded: bool,
        /// `json` with --expanded is TaskRouter's own configuration document.
        #[arg(long, default_value = "yaml", env = "FLEXCTL_FORMAT", hide_env_values = true)]
        format: YamlOrJson,
        /// Only these addresses (globs); or a saved plan, which is shown instead.
        #[arg(value_name = "ADDRESS|FILE")]
        what: Vec<String>,
    },
    /// Explains a diagnostic code, or lists all of them.
    Explain {
        #[arg(value_name = "CODE")]
        code: Option<String>,
    },
    /// Prints a JSON Schema: of the spec, a file of tests, or a document that a command prints.
    Schema {
        #[arg(default_value = "spec")]
        of: SchemaOf,
    },
    /// Shows where a task of a workflow goes, and why.
    #[command(after_help = ROUTE_EXAMPLES)]
    Route {
        #[command(flatten)]
        route: RouteArgs,
        #[command(flatten)]
        target: TargetArgs,
    },
    /// Draws which workflows lead through which filters to which queues and workers.
    Graph {
        /// Only this workflow, with the queues that it leads to; may be repeated.
        #[arg(long = "workflow", value_name = "NAME")]
        workflows: Vec<String>,
        /// Shows every filter that a rule generated, not one box for the rule.
        #[arg(long)]
        expanded: bool,
        /// `mermaid` and `dot` are text for other tools; `svg` and `html` need nothing else.
        /// Without it the ending of --out decides, or it is `mermaid`.
        #[arg(long)]
        format: Option<GraphFormat>,
        /// Writes a file in place of stdout.
        #[arg(long, short, value_name = "FILE")]
        out: Option<Utf8PathBuf>,
    },
    /// Runs the tests of the spec and of the `*.test.yaml` files beside it and below.
    Test(TestArgs),
    /// Shows which tasks go elsewhere after the plan, or than under another spec.
    DiffRouting {
        /// The spec to compare with, offline, in place of what is live.
        #[arg(long, value_name = "FILE")]
        from: Option<Utf8PathBuf>,
        /// More tasks to follow: a list in JSON or YAML, or JSON lines; `-` is stdin.
        #[arg(long, value_name = "FILE")]
        tasks: Option<Utf8PathBuf>,
        /// Shows both ways of the first task of each difference whole, with the reasons.
        #[arg(long, short)]
        verbose: bool,
        #[command(flatten)]
        target: TargetArgs,
        #[command(flatten)]
        plan: PlanArgs,
        #[command(flatten)]
        form: PlanForm,
    },
    /// Writes a spec for what is live, as a person would have written it. Its plan is empty.
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportArgs),
    /// Shows what an apply would change.
    Plan {
        #[command(flatten)]
        target: TargetArgs,
        #[command(flatten)]
        plan: PlanArgs,
        /// Saves the plan, so that `flexctl apply FILE` carries out this one and no other.
        #[arg(long, value_name = "FILE")]
        out: Option<Utf8PathBuf>,
        #[command(flatten)]
        journal: JournalArgs,
        #[command(flatten)]
        form: PlanForm,
        #[command(flatten)]
        fleet: FleetArgs,
    },
    /// Plans, shows, asks, and makes the changes; or carries out a saved plan without asking.
    Apply {
        #[command(flatten)]
        saved: SavedArgs,
        #[command(flatten)]
        target: TargetArgs,
        #[command(flatten)]
        plan: PlanArgs,
        #[command(flatten)]
        fleet: FleetArgs,
        /// Does not ask.
        #[arg(long, short = 'y', env = "FLEXCTL_AUTO_APPROVE", hide_env_values = true, value_parser = yes_or_no())]
        auto_approve: bool,
        /// Draws no progress.
        #[arg(long, env = "FLEXCTL_NO_PROGRESS", hide_env_values = true, value_parser = yes_or_no())]
        no_progress: bool,
        /// Waits this long for tasks that still need what is to be deleted.
        #[arg(long, env = "FLEXCTL_REMOVAL_TIMEOUT", hide_env_values = true, value_name = "DURATION", default_value = "2m", value_parser = duration)]
        removal_timeout: Duration,
        #[command(flatten)]
        journal: JournalArgs,
        #[command(flatten)]
        form: PlanForm,
    },
    /// Shows what is live otherwise than the spec says, as far as the spec owns it.
    Drift {
        #[command(flatten)]
        target: TargetArgs,
        #[command(flatten)]
        drift: DriftArgs,
        #[command(flatten)]
        fleet: FleetArgs,
    },
    /// Shows what is live in one environment and not in another, and what would carry it over.
    Promote(PromoteArgs),
    /// Serves an embedded TaskRouter on loopback.
    Emulator {
        /// The port; 0 takes a free one.
        #[arg(long, default_value_t = 8787, env = "FLEXCTL_EMULATOR_PORT", hide_env_values = true)]
        port: u16,
        /// Keeps nothing on disk.
        #[arg(long)]
        ephemeral: bool,
        /// Where the data is kept, if not in `.flexctl/emulator.redb` beside the spec.
        #[arg(long, value_name = "FILE", conflicts_with = "ephemeral")]
        data: Option<Utf8PathBuf>,
        /// Who answers /v1/Configuration when the Host header does not say.
        #[arg(long, default_value = "flex", value_name = "PRODUCT")]
        configuration: ConfigurationOf,
        #[command(flatten)]
        trouble: TroubleArgs,
    },
    /// Prints the completions of a shell.
    Completions { shell: clap_complete::Shell },
}

/// From where to where.
#[derive(Debug, Args)]
pub(super) struct PromoteArgs {
    #[command(flatten)]
    pub(super) target: TargetArgs,
    /// The environment whose live values are to go on.
    #[arg(long, value_name = "ENVIRONMENT")]
    pub(super) from: String,
    /// The environment that is to get them.
    #[arg(long, value_name = "ENVIRONMENT")]
    pub(super) to: String,
    /// Writes what carries them over into the spec; nothing is applied.
    #[arg(long)]
    pub(super) write: bool,
    /// The form of stdout.
    #[arg(long, default_value = "text", env = "FLEXCTL_FORMAT", hide_env_values = true)]
    pub(super) format: TextOrJson,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorWhen {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    Spec,
    /// A file of tests.
    TestFile,
    Plan,
    /// The file of `plan --out`.
    SavedPlan,
    Report,
    /// What `test --format json` prints.
    TestReport,
    /// What `route --format json` prints.
    Trace,
    /// What `diff-routing --format json` prints.
    RoutingDiff,
    /// What `apply --format json` prints.
    Apply,
    /// What `drift --format json` prints.
    Drift,
    /// What `validate --format json` prints, and every command when the spec has errors.
    Diagnostics,
    /// What is printed where a run ended before it had a document.
    Failure,
    /// What `plan`, `apply` and `drift` print of several environments with `--format json`.
    Fleet,
    /// What `promote --format json` prints.
    Promotion,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ConfigurationOf {
    Conversations,
    Flex,
}

/// Of a flag's variable, which pipelines set to `1` as well as to `true`.
pub(super) fn yes_or_no() -> BoolishValueParser {
    BoolishValueParser::new()
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let duration: jiff::SignedDuration =
        text.parse().map_err(|_| format!("`{text}` is not a duration such as 90s, 10m or 1h"))?;
    Duration::try_from(duration).map_err(|_| format!("`{text}` is in the past"))
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not KEY=VALUE")),
    }
}

/// Whether any of the patterns covers the address; no patterns cover all.
pub(super) fn covered(only: &[AddressPattern], address: &Address) -> bool {
    only.is_empty() || only.iter().any(|pattern| pattern.matches(address))
}
