//! Which files of tests there are, and which tests were asked for.

use camino::{Utf8Path, Utf8PathBuf};
use wildmatch::WildMatch;

use crate::cli::{Exit, Failure};

/// How deep below the spec files of tests are looked for.
const MAX_DEPTH: usize = 16;
/// How many folders are looked into.
const MAX_FOLDERS: usize = 10_000;

/// The files of tests beside a spec and below, in order of their paths. Hidden folders, `target` and
/// `node_modules` are left out, and folders with a spec of their own.
pub(in crate::cli::commands) fn find(spec: &Utf8Path) -> Result<Vec<String>, Failure> {
    let folder = spec.parent().unwrap_or(Utf8Path::new(""));
    let mut search = Search { spec, found: Vec::new(), folders: 0 };
    search.look(folder, 0).map_err(|error| {
        let failure =
            Failure::new(Exit::Usage, format!("cannot look for tests below {folder}: {error}"));
        failure.with_help("name the files of tests: `flexctl test FILE`")
    })?;
    search.found.sort();
    Ok(search.found.into_iter().map(Utf8PathBuf::into_string).collect())
}

struct Search<'a> {
    spec: &'a Utf8Path,
    found: Vec<Utf8PathBuf>,
    /// How many were looked into.
    folders: usize,
}

impl Search<'_> {
    fn look(&mut self, folder: &Utf8Path, depth: usize) -> std::io::Result<()> {
        self.folders += 1;
        if self.folders > MAX_FOLDERS {
            let message = format!("there are more than {MAX_FOLDERS} folders");
            return Err(std::io::Error::other(message));
        }
        let here = if folder.as_str().is_empty() { Utf8Path::new(".") } else { folder };
        // The folder of the spec is the spec's to speak of; others may be closed to us.
        let Ok(entries) = here.read_dir_utf8() else { return Ok(()) };
        for entry in entries {
            // What has no name in UTF-8, or is gone by now, is no file of tests.
            let Ok(entry) = entry else { continue };
            let name = entry.file_name();
            let path = folder.join(name);
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                let own_spec = [self.spec.file_name().unwrap_or_default(), "flex.yaml"]
                    .iter()
                    .any(|name| path.join(name).is_file());
                let left_out = name.starts_with('.') || matches!(name, "target" | "node_modules");
                if !own_spec && !left_out && depth < MAX_DEPTH {
                    self.look(&path, depth + 1)?;
                }
            } else if (name.ends_with(".test.yaml") || name.ends_with(".test.yml"))
                && path != self.spec
            {
                self.found.push(path);
            }
        }
        Ok(())
    }
}

/// The files of tests that were asked for; each must be there.
pub(super) fn given(files: &[Utf8PathBuf]) -> Result<Vec<String>, Failure> {
    for file in files {
        if !file.is_file() {
            let failure = Failure::new(Exit::Usage, format!("there is no file {file}"));
            let help = format!("to choose tests by their names, say --filter '{file}'");
            return Err(failure.with_help(help));
        }
    }
    Ok(files.iter().map(|file| file.as_str().to_owned()).collect())
}

/// Whether a name is among those asked for: as a part of it, or by a glob over all of it.
pub(super) fn named(filters: &[String], name: &str) -> bool {
    filters.is_empty()
        || filters.iter().any(|filter| match filter.contains(['*', '?']) {
            true => WildMatch::new(filter).matches(name),
            false => name.contains(filter.as_str()),
        })
}
