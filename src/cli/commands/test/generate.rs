//! A file of tests, made up from the spec.

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::args::{Global, TestArgs};
use crate::cli::commands::load;
use crate::cli::files::replace_file;
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};
use crate::routing::testing::{LeftOut, Suggestions, suggest};
use crate::spec::{Analysis, write_tests};

/// How a file begins that may be written over.
const MARK: &str = "# Written by `flexctl test --generate`";

pub(super) fn run(global: &Global, args: &TestArgs, streams: &Streams) -> Result<Exit, Failure> {
    let (analysis, desired) = load::desired(global, streams)?;
    let rules = analysis.model().expect("a spec with errors has been refused");
    let Suggestions { tests, left_out } = suggest(rules, &desired);
    for LeftOut { workflow, what, why } in &left_out {
        streams.talk(&format!("left out: {what} of {workflow}: {why}"));
    }
    if tests.is_empty() {
        streams.talk("no tests to write: the spec declares no filters");
        return Ok(Exit::Done);
    }
    let folder = global.file.parent().unwrap_or(Utf8Path::new(""));
    let path = match &args.out {
        Some(path) if path == "-" => None,
        Some(path) => Some(path.clone()),
        None => Some(folder.join("generated.test.yaml")),
    };
    let beside = path.as_ref().is_some_and(|path| path.parent() == Some(folder));
    let text = format!(
        "{MARK} from {}; it is written over without asking.\n\
         # Tests of your own belong into the spec or into another *.test.yaml.\n\
         {}{}",
        global.file.file_name().unwrap_or_default(),
        schema_line(&analysis).filter(|_| beside).unwrap_or_default(),
        write_tests(&tests)
    );
    let Some(path) = path else {
        streams.data(&text);
        return Ok(Exit::Done);
    };
    let count = match tests.len() {
        1 => "1 test".to_owned(),
        count => format!("{count} tests"),
    };
    let said = match write(&path, &text, args.force)? {
        Written::New => format!("wrote {path}: {count}"),
        Written::Same => format!("{path} is up to date: {count}"),
    };
    streams.talk(&said);
    Ok(Exit::Done)
}

enum Written {
    New,
    Same,
}

/// Puts the text there, unless somebody else's stands there.
fn write(path: &Utf8PathBuf, text: &str, force: bool) -> Result<Written, Failure> {
    match std::fs::read(path) {
        Ok(before) if before == text.as_bytes() => return Ok(Written::Same),
        Ok(before) if !force && !before.starts_with(MARK.as_bytes()) => {
            let message = format!("{path} was not written by `flexctl test --generate`");
            let failure = Failure::new(Exit::Refused, message);
            let help = "choose another file with --out, or write over this one with --force";
            return Err(failure.with_help(help));
        }
        _ => {}
    }
    replace_file(path, text.as_bytes())
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot write {path}: {error}")))?;
    Ok(Written::New)
}

/// The line that tells editors the schema of the file, when the spec has one that tells its own.
fn schema_line(analysis: &Analysis) -> Option<String> {
    const SPEC: &str = "flex.schema.json";
    let (_, spec) = analysis.sources.iter().next()?;
    let line =
        spec.text.lines().take_while(|line| line.starts_with('#')).find(|line| {
            line.contains("yaml-language-server:") && line.trim_end().ends_with(SPEC)
        })?;
    let start = line.trim_end().strip_suffix(SPEC)?;
    Some(format!("{start}flex-test.schema.json\n"))
}
