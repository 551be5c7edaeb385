//! The picture for Graphviz.

use std::fmt::Write;

use super::node::{Column, Graph};
use crate::routing::visible::visible;
use crate::text::shorten;

/// Graphviz's text, read from left to right.
pub fn dot(graph: &Graph) -> String {
    let mut out = String::from(
        "digraph routing {\n  rankdir=LR;\n  ranksep=1.2;\n  \
         node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n  \
         edge [fontname=\"sans-serif\", fontsize=9, color=\"#64748b\"];\n",
    );
    for column in Column::ALL {
        let nodes: Vec<_> = graph.nodes.iter().filter(|node| node.column == column).collect();
        if nodes.is_empty() {
            continue;
        }
        writeln!(out, "  subgraph {{\n    rank=same;").expect("a String grows");
        for node in nodes {
            let detail = shorten(&node.detail, 60);
            let lines = [node.name.as_str(), &detail].into_iter().filter(|line| !line.is_empty());
            let label = quoted(lines);
            let tooltip = quoted(node.lines());
            let look = if node.marks.is_empty() {
                match column {
                    Column::Queue => ", style=\"rounded,bold\"",
                    Column::Workflow | Column::Filter | Column::Workers => "",
                }
            } else {
                ", style=\"rounded,dashed\", color=\"#c2410c\""
            };
            writeln!(out, "    {} [label={label}, tooltip={tooltip}{look}];", node.id)
                .expect("a String grows");
        }
        out.push_str("  }\n");
    }
    for edge in &graph.edges {
        let (from, to) = (&graph.nodes[edge.from].id, &graph.nodes[edge.to].id);
        let mut look = Vec::new();
        if edge.step > 0 {
            look.push(format!("style=dashed, label={}", quoted([edge.label.as_str()])));
        }
        if !edge.notes.is_empty() {
            look.push(format!("tooltip={}", quoted(edge.notes.iter().map(String::as_str))));
        }
        let look = if look.is_empty() { String::new() } else { format!(" [{}]", look.join(", ")) };
        writeln!(out, "  {from} -> {to}{look};").expect("a String grows");
    }
    out.push_str("}\n");
    out
}

/// The lines as one quoted string; Graphviz reads escapes and character entities in it.
fn quoted<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let lines: Vec<String> = lines
        .into_iter()
        .map(|line| visible(line).replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;"))
        .collect();
    format!("\"{}\"", lines.join("\\n"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn quotes_backslashes_and_entities_are_taken_as_they_are() {
        assert_eq!(quoted(["a \"b\" \\N", "&lt;\n"]), r#""a \"b\" \\N\n&amp;lt;\\n""#);
    }
}
