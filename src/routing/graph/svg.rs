//! The picture as an SVG that needs nothing else.

use std::fmt::Write;

use super::layout::{DETAIL_SIZE, Layout, NAME_SIZE, Place, fitting, inside, text_x};
use super::node::{Column, Edge, Graph, Node};
use crate::routing::visible::visible;

/// Light unless the reader prefers dark.
const STYLE: &str = include_str!("graph.css");

/// A whole document.
pub fn svg(graph: &Graph) -> String {
    let mut out = String::new();
    draw(graph, &mut out);
    out
}

/// The text as XML and HTML take it.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

pub(super) fn draw(graph: &Graph, out: &mut String) {
    let layout = Layout::of(graph);
    let Layout { width, height, places, columns } = &layout;
    write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-label=\"Routing\">\n\
         <style>\n{STYLE}</style>\n\
         <rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n"
    )
    .expect("a String grows");
    for (column, x) in columns {
        writeln!(out, "<text class=\"title\" x=\"{x:.1}\" y=\"32\">{}</text>", column.title())
            .expect("a String grows");
    }
    out.push_str("<g class=\"edges\">\n");
    for edge in &graph.edges {
        draw_edge(graph, edge, places, out);
    }
    out.push_str("</g>\n<g class=\"nodes\">\n");
    for (at, (node, place)) in graph.nodes.iter().zip(places).enumerate() {
        draw_node(at, node, place, out);
    }
    out.push_str("</g>\n</svg>\n");
}

fn draw_edge(graph: &Graph, edge: &Edge, places: &[Place], out: &mut String) {
    let Edge { from, to, step, label, notes } = edge;
    let (a, b) = (&places[*from], &places[*to]);
    let (x1, y1) = (a.x + a.width, a.y + a.height / 2.0);
    let (x2, y2) = (b.x, b.y + b.height / 2.0);
    let bend = (x2 - x1) / 2.0;
    let class = match (step, graph.nodes[*from].is_default) {
        (0, false) => "edge",
        (0, true) => "edge default",
        _ => "edge later",
    };
    let (from_name, to_name) = (&graph.nodes[*from].name, &graph.nodes[*to].name);
    let mut title = vec![format!("{from_name} → {to_name}")];
    title.extend((!label.is_empty()).then(|| label.clone()));
    title.extend(notes.iter().cloned());
    writeln!(
        out,
        "<path class=\"{class}\" data-from=\"{from}\" data-to=\"{to}\" d=\"M{x1:.1} {y1:.1}C{:.1} \
         {y1:.1} {:.1} {y2:.1} {x2:.1} {y2:.1}\"><title>{}</title></path>",
        x1 + bend,
        x2 - bend,
        lines(title.iter().map(String::as_str)),
    )
    .expect("a String grows");
}

fn draw_node(at: usize, node: &Node, place: &Place, out: &mut String) {
    let Place { x, y, width, height } = place;
    let kind = match node.column {
        Column::Workflow => "workflow",
        Column::Filter => "filter",
        Column::Queue => "queue",
        Column::Workers => "workers",
    };
    let default = if node.is_default { " default" } else { "" };
    let mark = if node.marks.is_empty() { "" } else { " mark" };
    let radius = if node.column == Column::Workers { height / 2.0 } else { 7.0 };
    write!(
        out,
        "<g class=\"node {kind}{default}{mark}\" data-at=\"{at}\"><title>{}</title>\
         <rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
         rx=\"{radius:.1}\"/>",
        lines(node.lines()),
    )
    .expect("a String grows");
    let room = inside(*width);
    let left = text_x(place);
    let name = escaped(&fitting(&visible(&node.name), NAME_SIZE * 1.06, room));
    write!(out, "<text class=\"name\" x=\"{left:.1}\" y=\"{:.1}\">{name}</text>", y + 20.0)
        .expect("a String grows");
    if !node.detail.is_empty() {
        let detail = escaped(&fitting(&visible(&node.detail), DETAIL_SIZE, room));
        write!(out, "<text class=\"detail\" x=\"{left:.1}\" y=\"{:.1}\">{detail}</text>", y + 36.0)
            .expect("a String grows");
    }
    if !node.marks.is_empty() {
        write!(out, "<text class=\"sign\" x=\"{:.1}\" y=\"{:.1}\">!</text>", x - 9.0, y + 11.0)
            .expect("a String grows");
    }
    out.push_str("</g>\n");
}

fn lines<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    lines.into_iter().map(escaped).collect::<Vec<_>>().join("\n")
}
