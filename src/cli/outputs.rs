//! `outputs:` — files that are told sids after an apply. Other lines and comments are kept.

use camino::Utf8Path;

use super::files::replace_file;
use crate::live::Sids;
use crate::model::{Address, Output};

/// Why an output was not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutputError {
    /// A value names something that has no sid.
    #[error("{file}: {variable} needs the sid of {address}, which does not exist")]
    NoSid { file: String, variable: String, address: Address },
    /// The file could not be read or written.
    #[error("{file}: {reason}")]
    File { file: String, reason: std::io::Error },
}

/// Writes every output whose text changes; gives the paths that were written.
pub(super) fn write(
    outputs: &[Output],
    folder: &Utf8Path,
    sids: &Sids,
) -> (Vec<String>, Vec<OutputError>) {
    let mut written = Vec::new();
    let mut errors = Vec::new();
    for output in outputs {
        match write_one(output, folder, sids) {
            Ok(true) => written.push(folder.join(&output.file).into_string()),
            Ok(false) => {}
            Err(error) => errors.push(error),
        }
    }
    (written, errors)
}

fn write_one(output: &Output, folder: &Utf8Path, sids: &Sids) -> Result<bool, OutputError> {
    let file = || output.file.clone();
    let path = folder.join(&output.file);
    let mut values = Vec::new();
    for (variable, text) in &output.values {
        let missing = text.addresses().find(|address| sids.get(address).is_none());
        if let Some(address) = missing {
            let (variable, address) = (variable.clone(), address.clone());
            return Err(OutputError::NoSid { file: file(), variable, address });
        }
        let value = text.render(|address| sids.get(address).unwrap_or_default().to_owned());
        values.push((variable.as_str(), value));
    }
    let before = match fs_err::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(reason) => return Err(OutputError::File { file: file(), reason }),
    };
    let after = merge(&before, &values);
    if after == before {
        return Ok(false);
    }
    replace_file(&path, after.as_bytes())
        .map_err(|reason| OutputError::File { file: file(), reason })?;
    Ok(true)
}

/// `text` with each variable set: the last line that sets it is changed in place (quotes and a
/// leading `export` stay), a missing one is added at the end.
fn merge(text: &str, values: &[(&str, String)]) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for (variable, value) in values {
        let set = lines.iter_mut().rev().find_map(|line| {
            let changed = assign(line, variable, value)?;
            *line = changed;
            Some(())
        });
        if set.is_none() {
            if let Some(last) = lines.last_mut()
                && !last.ends_with('\n')
            {
                last.push('\n');
            }
            lines.push(format!("{variable}={value}\n"));
        }
    }
    lines.concat()
}

/// The line with the variable set to `value`, when it sets that variable.
fn assign(line: &str, variable: &str, value: &str) -> Option<String> {
    let indent = &line[..line.len() - line.trim_start().len()];
    let rest = line.trim_start();
    let (export, rest) = match rest.strip_prefix("export ") {
        Some(rest) => ("export ", rest.trim_start()),
        None => ("", rest),
    };
    let (name, old) = rest.split_once('=')?;
    if name.trim_end() != variable {
        return None;
    }
    let body = old.trim_end_matches(['\n', '\r']);
    let end = &old[body.len()..];
    let trimmed = body.trim_start();
    let quote = ['"', '\''].into_iter().find(|quote| trimmed.starts_with(*quote));
    let (quote, comment) = match quote {
        Some(quote) => {
            let after = trimmed[1..].find(quote).map_or("", |at| &trimmed[at + 2..]);
            (quote.to_string(), after)
        }
        None => (String::new(), body.find(" #").map_or("", |at| &body[at..])),
    };
    Some(format!("{indent}{export}{variable}={quote}{value}{quote}{comment}{end}"))
}

#[cfg(test)]
mod tests {
    use super::merge;

    #[test]
    fn other_lines_comments_quotes_and_order_are_kept() {
        let before = "# sids\nA=1\nexport WS=\"old\" # the workspace\r\nB='x'\nC=3";
        let after = merge(before, &[("WS", "WS2".into()), ("B", "y".into()), ("D", "4".into())]);
        assert_eq!(after, "# sids\nA=1\nexport WS=\"WS2\" # the workspace\r\nB='y'\nC=3\nD=4\n");
    }

    #[test]
    fn a_second_run_changes_nothing() {
        let values = [("WS", "WS2".to_owned())];
        let once = merge("WS_OTHER=1\n", &values);
        assert_eq!(once, "WS_OTHER=1\nWS=WS2\n");
        assert_eq!(merge(&once, &values), once);
    }

    #[test]
    fn the_last_of_two_lines_counts_as_a_shell_would_have_it() {
        assert_eq!(merge("A=1\nA=2\n", &[("A", "3".into())]), "A=1\nA=3\n");
    }
}
