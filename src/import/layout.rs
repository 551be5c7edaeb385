//! Sections as files.

use std::collections::{BTreeMap, BTreeSet};

use super::unit::Unit;
use super::yaml::{self, Line, Node, Part, directive};

/// How the spec is spread over files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// One file.
    #[default]
    Whole,
    /// Queues in `queues/`, each workflow in a file of its own in `workflows/`, workers in
    /// `workers/`; everything else in the file that includes them.
    Split,
}

/// A file of the spec.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct File {
    /// Relative to the folder of the first one; the first one's name is the caller's to choose.
    pub(super) path: String,
    pub(super) lines: Vec<Line>,
}

impl File {
    pub(super) fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{}\n", line.text)).collect()
    }

    /// What a line is about; lines count from 1.
    pub(super) fn unit(&self, line: usize) -> Option<&Unit> {
        self.lines.get(line.checked_sub(1)?)?.unit.as_ref()
    }
}

/// The files of these sections, the first one first.
pub(super) fn files(main: &str, head: &[String], sections: Vec<Part>, layout: Layout) -> Vec<File> {
    match layout {
        Layout::Whole => vec![file(main, "./", head, sections)],
        Layout::Split => split(main, head, sections),
    }
}

fn split(main: &str, head: &[String], sections: Vec<Part>) -> Vec<File> {
    let mut kept = Vec::new();
    let mut apart: BTreeMap<String, Vec<Part>> = BTreeMap::new();
    let mut slugs = BTreeSet::new();
    for section in sections {
        let name = section.key.clone().unwrap_or_default();
        match (name.as_str(), section.node) {
            ("queues" | "workers", node) => {
                let path = format!("{name}/{name}.yaml");
                apart.entry(path).or_default().push(Part { node, ..section });
            }
            ("workflows" | "transfers", Node::Map(parts)) => {
                for mut part in parts {
                    part.apart = false;
                    let slug = slug(part.key.as_deref().unwrap_or_default(), &mut slugs);
                    let one = Part::entry(&name, Node::Map(vec![part]));
                    apart.entry(format!("workflows/{slug}.yaml")).or_default().push(one);
                }
            }
            (_, node) => kept.push(Part { node, ..section }),
        }
    }
    let folders: BTreeSet<String> = apart
        .keys()
        .filter_map(|path| Some(format!("{}/*.yaml", path.split_once('/')?.0)))
        .collect();
    if !folders.is_empty() {
        let include = Node::texts(folders.iter().map(String::as_str));
        let after_version = usize::from(!kept.is_empty());
        kept.insert(after_version, Part::entry("include", include));
    }
    let first = file(main, "./", head, kept);
    let others = apart.into_iter().map(|(path, sections)| file(&path, "../", &[], sections));
    std::iter::once(first).chain(others).collect()
}

fn file(path: &str, up: &str, head: &[String], sections: Vec<Part>) -> File {
    let mode = directive(&format!("yaml-language-server: $schema={up}flex.schema.json"));
    let mut whole = vec![mode];
    whole.extend(head.iter().cloned());
    let sections: Vec<Part> = sections
        .into_iter()
        .enumerate()
        .map(|(at, section)| if at == 0 { section } else { section.apart() })
        .collect();
    File { path: path.to_owned(), lines: yaml::document(&whole, &sections) }
}

/// A name for a file, in letters that every file system takes.
fn slug(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    let slug = slug.trim_end_matches('-');
    let slug = if slug.is_empty() { "workflow" } else { slug };
    let slug: String = slug.chars().take(60).collect();
    let mut candidate = slug.clone();
    let mut number = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{slug}-{number}");
        number += 1;
    }
    candidate
}
