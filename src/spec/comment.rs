//! What a comment stands beside.

use super::Analysis;
use super::tree::{Node, Value};
use crate::text::{FileId, Span};

/// Where something of the spec is, from its first byte to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extent {
    pub span: Span,
    /// Whether it is a single value: neither a list nor a map, nor one with its key.
    pub single: bool,
}

impl Analysis {
    /// Every entry of a map, from its key on, every item of a list, and every single value, in
    /// order of their places.
    pub fn extents(&self) -> Vec<Extent> {
        let mut extents = Vec::new();
        visit(&self.tree.root, &mut extents);
        extents.sort_unstable();
        extents
    }
}

fn visit(node: &Node, extents: &mut Vec<Extent>) {
    let mut add = |file: FileId, start: usize, node: &Node| {
        if node.span.file == file {
            let span = Span::new(file, start, node.span.range.end.max(start));
            extents.push(Extent { span, single: false });
        }
    };
    match &node.value {
        Value::Map(entries) => {
            for entry in entries.values() {
                add(entry.key.file, entry.key.range.start, &entry.node);
            }
            entries.values().for_each(|entry| visit(&entry.node, extents));
        }
        Value::List(items) => {
            for item in items {
                add(item.span.file, item.span.range.start, item);
            }
            items.iter().for_each(|item| visit(item, extents));
        }
        _ => extents.push(Extent { span: node.span, single: true }),
    }
}
