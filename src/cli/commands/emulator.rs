//! `flexctl emulator`: the embedded TaskRouter over HTTP, on loopback.

use std::net::Ipv4Addr;
use std::time::Duration;

use camino::Utf8PathBuf;

use crate::cli::args::{ConfigurationOf, Global, TroubleArgs};
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure, target};
use crate::emulator::{Emulator, Faults, Options, Others, Product, Seed};

/// What outlives the process.
#[derive(Debug)]
pub(in crate::cli) enum Keep {
    Nothing,
    /// A file; none for the usual one beside the spec.
    File(Option<Utf8PathBuf>),
}

pub(in crate::cli) async fn run(
    global: &Global,
    port: u16,
    keep: Keep,
    configuration: ConfigurationOf,
    trouble: &TroubleArgs,
    streams: &Streams,
) -> Result<Exit, Failure> {
    let options = Options {
        seed: Seed::Demo,
        configuration: match configuration {
            ConfigurationOf::Conversations => Product::Conversations,
            ConfigurationOf::Flex => Product::Flex,
        },
        faults: match trouble.faults {
            Some(seed) => Faults::none().random(seed, trouble.fault_rate, Others::Write),
            None => Faults::none(),
        },
        latency: Duration::from_millis(trouble.latency),
        ..Options::default()
    };
    let (emulator, place) = match keep {
        Keep::Nothing => (Emulator::in_memory(options), "nothing is kept".to_owned()),
        Keep::File(path) => {
            let path =
                path.unwrap_or_else(|| target::data_file(&global.file, global.env.as_deref()));
            (target::open_emulator(&path, options)?, format!("data in {path}"))
        }
    };
    let refused = |error: std::io::Error| {
        Failure::new(Exit::Usage, format!("cannot listen on 127.0.0.1:{port}: {error}"))
            .with_help("choose another --port; 0 takes a free one")
    };
    let listener =
        tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    streams.data(&format!("listening on http://{address}"));
    streams.talk(&format!(
        "{place}\n\
         account {}, token {} (no secrets: they open nothing but this)\n\
         Ctrl-C stops it.",
        emulator.account_sid(),
        emulator.auth_token(),
    ));
    let interrupted = async {
        // Without a signal handler the process ends all the same.
        let _ = tokio::signal::ctrl_c().await;
    };
    emulator.serve(listener, interrupted).await.map_err(refused)?;
    Ok(Exit::Done)
}
