//! The imperative shell: arguments, settings, streams, files, clock, exit codes.
//!
//! One file per command in `commands`; everything that decides something is in the other rooms.

mod accounts;
mod args;
mod commands;
mod environments;
mod exit;
mod failure;
mod files;
mod form;
mod in_process;
mod interrupt;
mod journal;
mod know;
mod outputs;
mod places;
mod progress;
mod several;
mod shard;
mod streams;
mod target;
mod tasks;
mod workers;

pub use exit::Exit;
pub use in_process::InProcess;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use commands::fleet::{Fleet, Plans};
use environments::Chosen;
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
    let done = dispatch(cli, &streams);
    done.unwrap_or_else(|failure| {
        streams.page(&failure.to_string());
        if let Some(document) = failure.document(cli.command.form()) {
            streams.data(&document);
        }
        failure.exit
    })
}

fn dispatch(cli: &Cli, streams: &Streams) -> Result<Exit, Failure> {
    let one = |command: &str| environments::one(&cli.global, command);
    let form = cli.command.form();
    match &cli.command {
        Command::Validate { share, format } => {
            several::run("validate", &cli.global, *share, form, streams, |global, streams| {
                commands::validate::run(global, *format, streams)
            })
        }
        Command::Show { expanded, format, what } => {
            commands::show::run(&one("show")?, *expanded, *format, what, streams)
        }
        Command::Explain { code } => commands::explain::run(code.as_deref(), streams),
        Command::Schema { of } => commands::schema::run(*of, streams),
        Command::Route { route, target } => {
            let global = one("route")?;
            block_on(async { commands::route::run(&global, target, route, streams).await })
        }
        Command::Graph { workflows, expanded, format, out } => {
            let what = commands::graph::What { workflows, expanded: *expanded };
            commands::graph::run(&one("graph")?, what, *format, out.as_deref(), streams)
        }
        Command::Test(test) if test.is_one_file() => {
            commands::test::run(&one("test")?, test, streams)
        }
        Command::Test(test) => {
            several::run("test", &cli.global, test.share, form, streams, |global, streams| {
                commands::test::run(global, test, streams)
            })
        }
        Command::DiffRouting { from, tasks, verbose, target, plan, form } => {
            use commands::diff_routing::{Told, What};
            let told = if *verbose { Told::Traces } else { Told::Ways };
            let what = What { from: from.as_deref(), tasks: tasks.as_deref(), told };
            let global = one("diff-routing")?;
            block_on(async {
                commands::diff_routing::run(&global, target, plan, what, form, streams).await
            })
        }
        Command::Import(args) => {
            let global = one("import")?;
            block_on(async { commands::import::run(&global, args, streams).await })
        }
        Command::Plan { target, plan, out, journal, form, fleet } => {
            match environments::choose(&cli.global, fleet, out.as_deref())? {
                Chosen::One(global) => block_on(async {
                    let out = out.as_deref();
                    commands::plan::run(&global, target, plan, out, journal, form, streams).await
                }),
                Chosen::Several(members) => block_on(async {
                    let fleet = Fleet { members: &members, target, args: fleet, form };
                    let plans = Plans { plan, journal };
                    commands::fleet::plan(fleet, plans, streams).await
                }),
            }
        }
        Command::Apply {
            saved,
            target,
            plan,
            fleet,
            auto_approve,
            no_progress,
            removal_timeout,
            journal,
            form,
        } => {
            let how = commands::apply::How {
                auto_approve: *auto_approve,
                no_progress: *no_progress,
                removal_timeout: *removal_timeout,
                journal,
                form: *form,
            };
            match environments::choose(&cli.global, fleet, saved.file.as_deref())? {
                Chosen::One(global) => block_on(async {
                    commands::apply::run(&global, target, plan, saved, how, streams).await
                }),
                Chosen::Several(members) => block_on(async {
                    let fleet = Fleet { members: &members, target, args: fleet, form };
                    let plans = Plans { plan, journal };
                    commands::fleet::apply(fleet, plans, how, streams).await
                }),
            }
        }
        Command::Drift { target, drift, fleet } if !drift.watch.watch => {
            match environments::choose(&cli.global, fleet, None)? {
                Chosen::One(global) => {
                    block_on(async { commands::drift::run(&global, target, drift, streams).await })
                }
                Chosen::Several(members) => block_on(async {
                    let form = &drift.form;
                    let fleet = Fleet { members: &members, target, args: fleet, form };
                    commands::fleet::drift(fleet, drift.exact, streams).await
                }),
            }
        }
        Command::Drift { target, drift, .. } => {
            let global = one("drift --watch")?;
            block_on(async { commands::drift::run(&global, target, drift, streams).await })
        }
        Command::Promote(args) => {
            block_on(async { commands::promote::run(&cli.global, args, streams).await })
        }
        Command::Emulator { port, ephemeral, data, configuration, trouble } => {
            let keep = if *ephemeral {
                commands::emulator::Keep::Nothing
            } else {
                commands::emulator::Keep::File(data.clone())
            };
            let global = one("emulator")?;
            block_on(async {
                commands::emulator::run(&global, *port, keep, *configuration, trouble, streams)
                    .await
            })
        }
        Command::Completions { shell } => commands::completions::run(*shell, streams),
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("the runtime needs nothing but threads and a poller")
        .block_on(future)
}
