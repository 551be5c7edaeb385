//! The picture as a Mermaid flowchart.

use std::fmt::Write;

use super::node::{Column, Graph};
use crate::routing::mermaid::{quoted, quoted_lines};
use crate::text::shorten;

/// Mermaid's text. Pages that show Markdown draw it.
pub fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    for column in Column::ALL {
        for node in graph.nodes.iter().filter(|node| node.column == column) {
            let detail = shorten(&node.detail, 60);
            let lines = [node.name.as_str(), &detail].into_iter().filter(|line| !line.is_empty());
            let label = quoted_lines(lines);
            let shape = match column {
                Column::Workflow => format!("([{label}])"),
                Column::Filter => format!("[{label}]"),
                Column::Queue => format!("[({label})]"),
                Column::Workers => format!("({label})"),
            };
            let class = if node.marks.is_empty() { "" } else { ":::mark" };
            writeln!(out, "    {}{shape}{class}", node.id).expect("a String grows");
        }
    }
    for edge in &graph.edges {
        let (from, to) = (&graph.nodes[edge.from].id, &graph.nodes[edge.to].id);
        let arrow = match (edge.step, edge.label.as_str()) {
            (0, _) => "-->".to_owned(),
            (_, label) => format!("-. {} .->", quoted(label)),
        };
        writeln!(out, "    {from} {arrow} {to}").expect("a String grows");
    }
    if graph.nodes.iter().any(|node| !node.marks.is_empty()) {
        out.push_str("    classDef mark stroke:#c2410c,stroke-width:2px,stroke-dasharray:4 3\n");
    }
    out
}
