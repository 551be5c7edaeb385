//! `flexctl import`: from what is live to a spec.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::load;
use crate::cli::args::{Global, ImportArgs};
use crate::cli::files::replace_file;
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure, target};
use crate::import::{self, Grade, Import, Layout, Options};
use crate::live::{self, Export, ExportScope, LiveError};
use crate::spec::Environment;

pub(in crate::cli) async fn run(
    global: &Global,
    args: &ImportArgs,
    streams: &Streams,
) -> Result<Exit, Failure> {
    let options = options(args);
    if let Some(out) = &args.out {
        refuse_to_overwrite(out, args.force)?;
    }
    let export = match &args.from {
        Some(file) => from_file(file)?,
        None => from_target(global, args, &options, streams).await?,
    };
    if let Some(file) = &args.export {
        let text = serde_json::to_string_pretty(&export).expect("our documents have string keys");
        return write_export(file, &text, args.force, streams);
    }
    let snapshot = export.snapshot();
    if let Some((pattern, near)) = options.unmatched(&snapshot) {
        let message = format!("`{pattern}` covers nothing that is live");
        let failure = Failure::new(Exit::Usage, message);
        return Err(match near {
            Some(near) => failure.with_help(format!("did you mean `{near}`?")),
            None => failure,
        });
    }
    let import = import::import(&snapshot, &options);
    tell(&import, streams);
    if !import.faults.is_empty() && !args.force {
        let message = format!("the spec would not be what is live: {}", import.faults.join("; "));
        return Err(Failure::new(Exit::Failed, message)
            .with_help("nothing was written; --force writes it as it is"));
    }
    match &args.out {
        None => streams.data(&import.files[0].1),
        Some(out) => {
            let written = write(out, &import, args.force)?;
            streams.talk(&format!("wrote {}", written.join(", ")));
        }
    }
    Ok(if import.is_whole() { Exit::Done } else { Exit::Failed })
}

fn options(args: &ImportArgs) -> Options {
    let name = args.out.as_deref().and_then(Utf8Path::file_name).unwrap_or("flex.yaml");
    Options {
        only: args.only.clone(),
        workers: args.workers,
        pin_workspace: args.workspace.as_deref().is_some_and(is_sid),
        layout: if args.split { Layout::Split } else { Layout::Whole },
        file: name.to_owned(),
    }
}

fn is_sid(text: &str) -> bool {
    text.len() == 34
        && text.starts_with("WS")
        && text[2..].bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn from_file(path: &Utf8Path) -> Result<Export, Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::new(Exit::Usage, format!("--from {path}: {error}"))
            .with_help("`flexctl import --export FILE` writes such a file")
    };
    let text = fs_err::read_to_string(path).map_err(|error| wrong(&error))?;
    Export::read(&text).map_err(|error| wrong(&error))
}

async fn from_target(
    global: &Global,
    args: &ImportArgs,
    options: &Options,
    streams: &Streams,
) -> Result<Export, Failure> {
    // An environment stands in a spec that is there already; without one none is needed.
    let environment = match &global.env {
        Some(_) => load::desired(global, streams)?.0.environment,
        None => Environment::default(),
    };
    let session = target::open(global, &args.target, &environment)?;
    let all = args.export.is_some();
    let capacities = !args.no_capacities && (all || options.needs_capacities());
    let workspace = args.workspace.as_deref();
    let scope = ExportScope {
        workspace_sid: workspace.filter(|text| is_sid(text)),
        workspace_name: workspace.filter(|text| !is_sid(text)),
        workers: all || options.workers,
        worker_channels: capacities,
        roles: all || options.needs_roles(),
    };
    let export = live::export(&session.reader, scope).await.map_err(|error| {
        let which =
            matches!(error, LiveError::WhichWorkspace { .. } | LiveError::SeveralWorkspaces { .. });
        let failure = target::failure(error);
        if which { failure.with_help("choose one with --workspace NAME or SID") } else { failure }
    })?;
    session.check_account(&environment, &export.snapshot().account_sid)?;
    Ok(export)
}

fn write_export(
    file: &Utf8Path,
    text: &str,
    force: bool,
    streams: &Streams,
) -> Result<Exit, Failure> {
    if file == "-" {
        streams.data(text);
        return Ok(Exit::Done);
    }
    refuse_to_overwrite(file, force)?;
    put(file, text)?;
    streams.talk(&format!("wrote {file}"));
    Ok(Exit::Done)
}

/// What is not as simple as it looks.
fn tell(import: &Import, streams: &Streams) {
    let of = |grade| import.findings.iter().filter(move |finding| finding.grade == grade);
    for finding in of(Grade::Kept) {
        streams.talk(&format!("warning: {finding}"));
    }
    for finding in of(Grade::LeftOut) {
        streams.error(&format!("not in the spec: {finding}"));
    }
    let left_out = of(Grade::LeftOut).count();
    if left_out > 0 {
        let (them, stay) = match left_out {
            1 => ("one thing".to_owned(), "stays as it is"),
            more => (format!("{more} things"), "stay as they are"),
        };
        streams.error(&format!(
            "{them} cannot be expressed and {stay} in TaskRouter; the spec says where"
        ));
    }
}

fn refuse_to_overwrite(path: &Utf8Path, force: bool) -> Result<(), Failure> {
    if force || !path.exists() {
        return Ok(());
    }
    Err(Failure::new(Exit::Refused, format!("{path} is there already"))
        .with_help("choose another file, or write over this one with --force"))
}

/// Writes every file, or none when one of them is in the way.
fn write(out: &Utf8Path, import: &Import, force: bool) -> Result<Vec<String>, Failure> {
    let folder = out.parent().unwrap_or(Utf8Path::new(""));
    let mut files: Vec<(Utf8PathBuf, &str)> = Vec::new();
    for (at, (path, text)) in import.files.iter().enumerate() {
        let path = if at == 0 { out.to_path_buf() } else { folder.join(path) };
        refuse_to_overwrite(&path, force)?;
        files.push((path, text));
    }
    refuse_strangers(&files[1..])?;
    for (path, text) in &files {
        put(path, text)?;
    }
    Ok(files.into_iter().map(|(path, _)| path.into_string()).collect())
}

/// A file that lies where all files are included would become a part of the spec.
fn refuse_strangers(files: &[(Utf8PathBuf, &str)]) -> Result<(), Failure> {
    let own: BTreeSet<&Utf8Path> = files.iter().map(|(path, _)| path.as_path()).collect();
    let folders: BTreeSet<&Utf8Path> = own.iter().filter_map(|path| path.parent()).collect();
    for folder in folders {
        let Ok(entries) = folder.read_dir_utf8() else { continue };
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            if path.extension() == Some("yaml") && !own.contains(path.as_path()) {
                let message = format!("{path} would become a part of the spec");
                return Err(Failure::new(Exit::Refused, message)
                    .with_help("move it away, or choose another folder with --out"));
            }
        }
    }
    Ok(())
}

fn put(path: &Utf8Path, text: &str) -> Result<(), Failure> {
    replace_file(path, text.as_bytes())
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot write {path}: {error}")))
}
