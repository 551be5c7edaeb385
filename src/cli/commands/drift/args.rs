//! What `flexctl drift` can be asked for.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;

use crate::cli::args::{duration, yes_or_no};
use crate::cli::form::PlanForm;

/// What to look at, and for how long.
#[derive(Debug, Args)]
pub(in crate::cli) struct DriftArgs {
    /// Reads every capacity and asks nothing: one request for each worker that a rule is about.
    #[arg(long, env = "FLEXCTL_EXACT", hide_env_values = true, value_parser = yes_or_no())]
    pub(in crate::cli) exact: bool,
    #[command(flatten)]
    pub(in crate::cli) watch: WatchArgs,
    #[command(flatten)]
    pub(in crate::cli) form: PlanForm,
}

/// How to go on looking.
#[derive(Debug, Args)]
pub(in crate::cli) struct WatchArgs {
    /// Looks again and again, and serves /metrics, /healthz and /readyz.
    #[arg(long, env = "FLEXCTL_WATCH", hide_env_values = true, value_parser = yes_or_no())]
    pub(in crate::cli) watch: bool,
    /// How long to wait between two looks.
    #[arg(long, default_value = "60s", env = "FLEXCTL_INTERVAL", hide_env_values = true, value_name = "DURATION",
          value_parser = interval)]
    pub(in crate::cli) interval: Duration,
    /// Where to serve them.
    #[arg(
        long,
        default_value = "127.0.0.1:9464",
        env = "FLEXCTL_LISTEN",
        hide_env_values = true,
        value_name = "ADDRESS:PORT"
    )]
    pub(in crate::cli) listen: SocketAddr,
}

fn interval(text: &str) -> Result<Duration, String> {
    let interval = duration(text)?;
    if interval < Duration::from_millis(100) {
        return Err(format!("`{text}` is no time to wait"));
    }
    Ok(interval)
}
