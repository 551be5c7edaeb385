//! What a comment stands beside.

use super::Analysis;
use super::tree::{Node, Value};
use crate::text::{FileId, TextRange};

impl Analysis {
    /// Whether a byte of a file lies inside a value that is no list and no map.
    pub fn is_text(&self, file: FileId, at: usize) -> bool {
        let mut found = false;
        visit(&self.tree.root, &mut |node| {
            let leaf = !matches!(node.value, Value::List(_) | Value::Map(_));
            let range = node.span.range;
            found |= leaf && node.span.file == file && range.start <= at && at < range.end;
        });
        found
    }

    /// From a line's first byte to the end of everything that begins on it.
    pub fn begins_on(&self, file: FileId, line: TextRange) -> TextRange {
        let mut range = line;
        let begins = |at: usize| line.start <= at && at <= line.end;
        let mut add = |node: &Node, start: usize| {
            if node.span.file == file && begins(start) {
                range = range.cover(TextRange::new(line.start, node.span.range.end));
            }
        };
        visit(&self.tree.root, &mut |node| match &node.value {
            Value::Map(entries) => entries.values().for_each(|entry| {
                if entry.key.file == file {
                    add(&entry.node, entry.key.range.start);
                }
            }),
            Value::List(items) => items.iter().for_each(|item| add(item, item.span.range.start)),
            _ => {}
        });
        range
    }
}

fn visit(node: &Node, with: &mut dyn FnMut(&Node)) {
    with(node);
    match &node.value {
        Value::Map(entries) => entries.values().for_each(|entry| visit(&entry.node, with)),
        Value::List(items) => items.iter().for_each(|item| visit(item, with)),
        _ => {}
    }
}
