//! The imperative shell: arguments, settings, streams, files, clock, exit codes.
//!
//! One file per command in `commands`; everything that decides something is in the other rooms.

mod args;
mod commands;
mod exit;
mod failure;
mod files;
mod form;
mod in_process;
mod interrupt;
mod journal;
mod outputs;
mod places;
mod progress;
mod streams;
mod target;
mod tasks;
mod workers;

pub use exit::Exit;
pub use in_process::InProcess;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use failure::Failure;
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
        Command::DiffRouting { from, tasks, verbose, target, plan, form } => {
            use commands::diff_routing::{Told, What};
            let told = if *verbose { Told::Traces } else { Told::Ways };
            let what = What { from: from.as_deref(), tasks: tasks.as_deref(), told };
            block_on(async {
                commands::diff_routing::run(global, target, plan, what, form, &streams).await
            })
        }
        Command::Import(args) => {
            block_on(async { commands::import::run(global, args, &streams).await })
        }
        Command::Plan { target, plan, out, journal, form } => block_on(async {
            let out = out.as_deref();
            commands::plan::run(global, target, plan, out, journal, form, &streams).await
        }),
        Command::Apply { saved, target, plan, auto_approve, no_progress, journal, form } => {
            let how = commands::apply::How {
                auto_approve: *auto_approve,
                no_progress: *no_progress,
                journal,
                form: *form,
            };
            block_on(async {
                commands::apply::run(global, target, plan, saved, how, &streams).await
            })
        }
        Command::Drift { target, drift } => {
            block_on(async { commands::drift::run(global, target, drift, &streams).await })
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
        if let Some(document) = failure.document(cli.command.form()) {
            streams.data(&document);
        }
        failure.exit
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("the runtime needs nothing but threads and a poller")
        .block_on(future)
}
