//! The imperative shell: arguments, settings, streams, files, clock, exit codes.
//!
//! One file per command in `commands`; everything that decides something is in the other rooms.

mod args;
mod commands;
mod exit;
mod files;
mod in_process;
mod interrupt;
mod outputs;
mod progress;
mod streams;
mod target;
mod tasks;
mod workers;

pub use exit::Exit;
pub use in_process::InProcess;

use std::process::ExitCode;

use clap::Parser;
use serde_json::{Value, json};

use args::{Cli, Command};
use streams::Streams;

/// The whole program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            // A closed pipe is a quiet end, also for the help text.
            let _ = error.print();
            return exit.into();
        }
    };
    run(&cli).into()
}

fn run(cli: &Cli) -> Exit {
    let streams = Streams::new(cli.global.color, cli.global.quiet);
    let global = &cli.global;
    let done = match &cli.command {
        Command::Validate { format } => commands::validate::run(global, *format, &streams),
        Command::Show { expanded, format, what } => {
            commands::show::run(global, *expanded, *format, what, &streams)
        }
        Command::Explain { code } => commands::explain::run(code.as_deref(), &streams),
        Command::Schema { of } => commands::schema::run(*of, &streams),
        Command::Route { route, target } => {
            block_on(async { commands::route::run(global, target, route, &streams).await })
        }
        Command::Graph { workflows, expanded, format, out } => {
            let what = commands::graph::What { workflows, expanded: *expanded };
            commands::graph::run(global, what, *format, out.as_deref(), &streams)
        }
        Command::Test(test) => commands::test::run(global, test, &streams),
        Command::DiffRouting { from, tasks, verbose, target, plan, format } => {
            use commands::diff_routing::{Told, What};
            let told = if *verbose { Told::Traces } else { Told::Ways };
            let what = What { from: from.as_deref(), tasks: tasks.as_deref(), told };
            block_on(async {
                commands::diff_routing::run(global, target, plan, what, *format, &streams).await
            })
        }
        Command::Plan { target, plan, out, format } => block_on(async {
            commands::plan::run(global, target, plan, out.as_deref(), *format, &streams).await
        }),
        Command::Apply { saved, target, plan, auto_approve, no_progress, format } => {
            let how = commands::apply::How {
                auto_approve: *auto_approve,
                no_progress: *no_progress,
                format: *format,
            };
            block_on(async {
                commands::apply::run(global, target, plan, saved, how, &streams).await
            })
        }
        Command::Emulator { port, ephemeral, data, configuration, trouble } => block_on(async {
            let keep = if *ephemeral {
                commands::emulator::Keep::Nothing
            } else {
                commands::emulator::Keep::File(data.clone())
            };
            commands::emulator::run(global, *port, keep, *configuration, trouble, &streams).await
        }),
        Command::Completions { shell } => commands::completions::run(*shell, &streams),
    };
    done.unwrap_or_else(|failure| {
        streams.error(&failure.to_string());
        if cli.command.prints_json()
            && let Some(document) = &failure.document
        {
            streams.json(document);
        }
        failure.exit
    })
}

/// Why a command ended early: what to say, and the exit code.
#[derive(Debug)]
struct Failure {
    exit: Exit,
    message: String,
    help: Option<String>,
    /// What a machine format prints instead; none when stdout has its document.
    document: Option<Box<Value>>,
}

impl Failure {
    fn new(exit: Exit, message: impl ToString) -> Self {
        let message = message.to_string();
        let document = json!({ "version": 1, "exit": exit.number(), "error": message });
        Self { exit, message, help: None, document: Some(Box::new(document)) }
    }

    fn with_help(mut self, help: impl Into<String>) -> Self {
        let help = help.into();
        if let Some(document) = self.document.as_deref_mut() {
            document["help"] = json!(help);
        }
        self.help = Some(help);
        self
    }

    fn with_document(self, document: Option<Value>) -> Self {
        Self { document: document.map(Box::new), ..self }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.message.is_empty() {
            return Ok(());
        }
        writeln!(f, "error: {}", self.message)?;
        self.help.iter().try_for_each(|help| writeln!(f, "  help: {help}"))
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("the runtime needs nothing but threads and a poller")
        .block_on(future)
}
