//! Every code a diagnostic can have, with what it means.

use super::{Code, Severity, codes};

/// What there is to say about a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Stable: it is never renamed and never used for something else.
    pub code: Code,
    /// What is wrong, in a line.
    pub title: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Why it is wrong and what to do, in markdown.
    pub explanation: &'static str,
    /// A piece of a spec that has the problem, as YAML; empty where no spec shows it.
    pub example: &'static str,
}

impl Entry {
    /// Whether its level can be chosen: it is a warning about a spec.
    pub fn is_lint(&self) -> bool {
        lints().any(|lint| lint.code == self.code)
    }
}

/// The codes whose level can be chosen: warnings about a spec. Warnings in a plan are what the
/// plan is made of.
pub fn lints() -> impl Iterator<Item = &'static Entry> {
    let families = codes::FAMILIES.iter().filter(|(family, _)| *family != codes::PLANS);
    let entries = families.flat_map(|(_, entries)| entries.iter());
    entries.filter(|entry| entry.severity == Severity::Warning)
}

/// All codes, by family.
pub fn registry() -> impl Iterator<Item = &'static Entry> {
    codes::FAMILIES.iter().flat_map(|(_, entries)| entries.iter())
}

/// What a code means.
pub fn explain(code: &str) -> Option<&'static Entry> {
    registry().find(|entry| entry.code == code)
}

/// The reference of all codes, as checked in at `docs/diagnostics.md`.
pub fn reference() -> String {
    let mut out = INTRODUCTION.to_owned();
    for (family, entries) in codes::FAMILIES {
        out.push_str(&format!("\n## {family}\n"));
        for entry in *entries {
            let Entry { code, title, severity, explanation, example } = entry;
            let severity =
                if entry.is_lint() { "lint, warns".to_owned() } else { severity.to_string() };
            out.push_str(&format!("\n### {code}\n\n{title} ({severity}).\n\n{explanation}\n"));
            if !example.is_empty() {
                out.push_str(&format!("\n```yaml\n{}\n```\n", example.trim_end()));
            }
        }
    }
    out
}

const INTRODUCTION: &str = "\
# Diagnostics

<!-- Made from the registry of codes; `UPDATE_DOCS=1 cargo test --test it docs` writes it anew. -->

Every problem in a spec has a stable code, a place in a file, and mostly help. All problems of a
run are printed together, in the order of their places. `flexctl explain CODE` prints an entry of
this page. The level of a *lint* can be chosen, in the spec and on the command line: see
[lints](lints.md).

With `--format json` the same is one document (`schemas/diagnostics.schema.json`); SARIF and annotations
for pipelines are [other forms](formats.md) of it:

```json
{
  \"version\": 1,
  \"errors\": 1,
  \"warnings\": 0,
  \"diagnostics\": [
    {
      \"code\": \"unknown-key\",
      \"severity\": \"error\",
      \"message\": \"unknown key `taget_workers` in queue.Sales\",
      \"help\": \"did you mean `target_workers`?\",
      \"labels\": [
        {
          \"file\": \"flex.yaml\",
          \"start\": { \"line\": 4, \"column\": 5, \"offset\": 38 },
          \"end\": { \"line\": 4, \"column\": 18, \"offset\": 51 },
          \"text\": \"\"
        }
      ]
    }
  ]
}
```

The first label is where the problem is; further ones explain it. There is none where no file can
show the problem. Lines and columns count from 1, columns in characters; offsets are bytes from 0;
an end is the place after the last character. `help` is null where there is nothing to add.
`version` grows when the form changes in a way that readers have to know.
";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_there_once_and_says_something() {
        let mut seen = BTreeSet::new();
        for entry in registry() {
            assert!(seen.insert(entry.code), "{} is registered twice", entry.code);
            assert!(entry.code.bytes().all(|b| b.is_ascii_lowercase() || b"-8".contains(&b)));
            assert!(!entry.title.ends_with('.') && entry.title.len() > 10, "{}", entry.code);
            assert!(entry.explanation.ends_with('.'), "{}", entry.code);
        }
    }

    #[test]
    fn a_code_that_nobody_knows_is_not_explained() {
        assert!(explain("duplicate-key").is_some());
        assert!(explain("duplicate").is_none());
    }
}
