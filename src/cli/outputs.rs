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
    #[error("cannot {action} {file}: {reason}")]
    File { action: &'static str, file: String, reason: String },
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
    let failed = |action, reason: String| OutputError::File { action, file: file(), reason };
    // The plain errors: the message names the file as the spec does.
    let before = match std::fs::read(&path) {
        Ok(bytes) => String::from_utf8(bytes)
            .map_err(|_| failed("change", "it is not UTF-8, and was left as it is".to_owned()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed("read", error.to_string())),
    };
    let after = merge(&before, &values);
    if after == before {
        return Ok(false);
    }
    replace_file(&path, after.as_bytes()).map_err(|error| failed("write", error.to_string()))?;
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
            lines.push(format!("{variable}={}\n", written(value, None)));
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
    let quote = trimmed.chars().next().filter(|c| matches!(c, '"' | '\''));
    let comment = match quote {
        Some(quote) => after_quoted(trimmed, quote),
        None => body.find(" #").map_or("", |at| &body[at..]),
    };
    let value = written(value, quote);
    Some(format!("{indent}{export}{variable}={value}{comment}{end}"))
}

/// What follows a value in quotes; a backslash escapes in double ones.
fn after_quoted(text: &str, quote: char) -> &str {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return &text[at + 1..];
        }
        escaped = quote == '"' && c == '\\' && !escaped;
    }
    ""
}

/// A value as shells and readers of `.env` files take it back unchanged: bare where nothing in it
/// means anything to them, in the quotes it had where they can stay.
fn written(value: &str, quote: Option<char>) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:@%+,=".contains(c);
    let literal_in_double = !value.contains(['"', '\\', '$', '`']);
    match quote {
        None if value.chars().all(plain) => value.to_owned(),
        Some('"') if literal_in_double => format!("\"{value}\""),
        _ if !value.contains('\'') => format!("'{value}'"),
        _ if literal_in_double => format!("\"{value}\""),
        _ => {
            let mut out = String::from("\"");
            for c in value.chars() {
                if matches!(c, '"' | '\\' | '$' | '`') {
                    out.push('\\');
                }
                out.push(c);
            }
            out.push('"');
            out
        }
    }
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
    fn a_value_that_means_something_to_a_shell_is_quoted_and_a_second_run_changes_nothing() {
        for (value, line) in [
            ("WQ1", "A=WQ1\n"),
            ("", "A=\n"),
            ("a b # c", "A='a b # c'\n"),
            ("$HOME", "A='$HOME'\n"),
            ("it's", "A=\"it's\"\n"),
            ("it's \"$1\"\\", "A=\"it's \\\"\\$1\\\"\\\\\"\n"),
        ] {
            let values = [("A", value.to_owned())];
            assert_eq!(merge("", &values), line);
            assert_eq!(merge(line, &values), line);
        }
        assert_eq!(merge("A='x' # y\n", &[("A", "it's".into())]), "A=\"it's\" # y\n");
    }

    #[test]
    fn the_last_of_two_lines_counts_as_a_shell_would_have_it() {
        assert_eq!(merge("A=1\nA=2\n", &[("A", "3".into())]), "A=1\nA=3\n");
    }
}
