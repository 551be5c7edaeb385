//! Where boxes stand and how wide texts are.

use super::node::{Column, Graph, Node};

/// Pixels of one size of type.
pub(super) const NAME_SIZE: f64 = 13.0;
pub(super) const DETAIL_SIZE: f64 = 11.0;

const PADDING: f64 = 12.0;
const MARGIN: f64 = 24.0;
const HEADING: f64 = 36.0;
/// Between the columns, for the lines.
const ALLEY: f64 = 130.0;
const GAP: f64 = 10.0;
/// The most that boxes of a short column are spread.
const WIDE_GAP: f64 = 30.0;
/// Between the filters of two workflows.
const GROUP_GAP: f64 = 22.0;
const WIDEST: f64 = 340.0;
const NARROWEST: f64 = 110.0;

/// A box with its place, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Place {
    fn middle(&self) -> f64 {
        self.y + self.height / 2.0
    }
}

/// A picture with the place of each box.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    /// Beside [`Graph::nodes`].
    pub(super) places: Vec<Place>,
    /// The left edge of each column that has boxes.
    pub(super) columns: Vec<(Column, f64)>,
}

impl Layout {
    /// Filters stand below each other in their order, everything else as near as it can to what it
    /// is connected with.
    pub(super) fn of(graph: &Graph) -> Self {
        let mut layout = Self { width: 0.0, height: 0.0, places: Vec::new(), columns: Vec::new() };
        layout.places.resize(graph.nodes.len(), Place::default());
        let mut x = MARGIN;
        for column in Column::ALL {
            let of_column = || graph.nodes.iter().filter(|node| node.column == column);
            if of_column().next().is_none() {
                continue;
            }
            let width = of_column().map(width_of).fold(NARROWEST, f64::max).min(WIDEST);
            layout.columns.push((column, x));
            for (node, place) in graph.nodes.iter().zip(&mut layout.places) {
                if node.column == column {
                    let height = if node.detail.is_empty() { 32.0 } else { 46.0 };
                    *place = Place { x, y: 0.0, width, height };
                }
            }
            x += width + ALLEY;
        }
        layout.width = (x - ALLEY).max(NARROWEST) + MARGIN;
        // By node, the nodes that lines come from and go to.
        let (mut before, mut after) = (vec![Vec::new(); graph.nodes.len()], Vec::new());
        after.clone_from(&before);
        for edge in &graph.edges {
            before[edge.to].push(edge.from);
            after[edge.from].push(edge.to);
        }
        layout.stack_filters(graph, &before);
        for (column, beside) in
            [(Column::Workflow, &after), (Column::Queue, &before), (Column::Workers, &before)]
        {
            layout.follow(graph, column, beside);
        }
        let top = layout.places.iter().map(|place| place.y).fold(f64::INFINITY, f64::min);
        let down = MARGIN + HEADING - if top.is_finite() { top } else { 0.0 };
        for place in &mut layout.places {
            place.y += down;
        }
        let bottom = layout.places.iter().map(|place| place.y + place.height);
        layout.height = bottom.fold(HEADING + MARGIN, f64::max) + MARGIN;
        layout
    }

    fn stack_filters(&mut self, graph: &Graph, before: &[Vec<usize>]) {
        let mut y = 0.0;
        let mut above = None;
        for (at, node) in graph.nodes.iter().enumerate() {
            if node.column != Column::Filter {
                continue;
            }
            let workflow = before[at].first();
            if above.is_some_and(|above| above != workflow) {
                y += GROUP_GAP;
            }
            above = Some(workflow);
            self.places[at].y = y;
            y += self.places[at].height + GAP;
        }
    }

    /// Puts the boxes of a column beside those that they are connected with, in that order, moved
    /// apart as little as is needed.
    fn follow(&mut self, graph: &Graph, column: Column, beside: &[Vec<usize>]) {
        let mut wishes: Vec<(f64, usize)> = Vec::new();
        for (at, _) in graph.nodes.iter().enumerate().filter(|(_, node)| node.column == column) {
            let middles: Vec<f64> =
                beside[at].iter().map(|other| self.places[*other].middle()).collect();
            let wish = match middles.len() {
                // What nothing leads to stands at the end.
                0 => f64::MAX,
                count => middles.iter().sum::<f64>() / count as f64,
            };
            wishes.push((wish, at));
        }
        wishes.sort_by(|a, b| a.0.total_cmp(&b.0));
        // A short column is spread, so that its lines can be told apart.
        let filters = graph.nodes.iter().zip(&self.places);
        let filters = filters.filter(|(node, _)| node.column == Column::Filter);
        let tall = filters.map(|(_, place)| place.y + place.height).fold(0.0, f64::max);
        let heights: f64 = wishes.iter().map(|(_, at)| self.places[*at].height).sum();
        let gap = ((tall - heights) / wishes.len().max(1) as f64).clamp(GAP, WIDE_GAP);
        let last = wishes.iter().map(|(wish, _)| *wish).filter(|wish| *wish < f64::MAX);
        let last = last.fold(0.0, f64::max);
        // Neighbours that would overlap become a block that stands at the mean of their wishes.
        let mut blocks: Vec<Block> = Vec::new();
        for (wish, at) in wishes {
            let height = self.places[at].height + gap;
            let wish = if wish < f64::MAX { wish } else { last + height };
            let mut block = Block { top: wish - height / 2.0, height, members: vec![at] };
            while let Some(above) = blocks.pop_if(|above| above.top + above.height > block.top) {
                block = above.joined(block);
            }
            blocks.push(block);
        }
        for block in blocks {
            let mut y = block.top;
            for at in block.members {
                self.places[at].y = y;
                y += self.places[at].height + gap;
            }
        }
    }
}

/// Boxes that stand close below each other.
struct Block {
    top: f64,
    height: f64,
    members: Vec<usize>,
}

impl Block {
    fn joined(mut self, below: Self) -> Self {
        let count = |block: &Self| block.members.len() as f64;
        // Where the lower one would begin if the upper one stood where it wishes.
        let shift = below.top - self.height;
        let top =
            (self.top * count(&self) + shift * count(&below)) / (count(&self) + count(&below));
        self.members.extend(below.members);
        Self { top, height: self.height + below.height, members: self.members }
    }
}

fn width_of(node: &Node) -> f64 {
    let name = text_width(&node.name, NAME_SIZE) * 1.06;
    name.max(text_width(&node.detail, DETAIL_SIZE)) + 2.0 * PADDING + 2.0
}

/// About how wide a text is in the usual sans-serif types, rather more than less.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    text.chars().map(|c| em(c) * size).sum()
}

fn em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | 'I' => 0.32,
        'f' | 't' | 'r' | ' ' | '(' | ')' | '[' | ']' | '-' | '/' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' | '&' => 0.95,
        'A'..='Z' => 0.72,
        '=' | '<' | '>' | '+' => 0.66,
        c if c.is_ascii() => 0.58,
        // Letters of ideographic writing, and pictures.
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{ffff}' | '\u{1f000}'..='\u{3ffff}' => 1.05,
        _ => 0.66,
    }
}

/// The text, cut so that it is not wider than this.
pub(super) fn fitting(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut left = width - em('…') * size;
    let mut out: String = text
        .chars()
        .take_while(|c| {
            left -= em(*c) * size;
            left >= 0.0
        })
        .collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// The room for text in a box of this width.
pub(super) fn inside(width: f64) -> f64 {
    width - 2.0 * PADDING
}

/// Where text begins in a box.
pub(super) fn text_x(place: &Place) -> f64 {
    place.x + PADDING
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::graph::Edge;

    fn graph(columns: &[Column], edges: &[(usize, usize)]) -> Graph {
        let nodes = columns.iter().enumerate().map(|(at, column)| Node {
            id: format!("n{at}"),
            column: *column,
            name: format!("node {at}"),
            detail: "detail".repeat(at % 3),
            notes: Vec::new(),
            marks: Vec::new(),
            is_default: false,
        });
        let edge = |(from, to): &(usize, usize)| Edge {
            from: *from,
            to: *to,
            step: 0,
            label: String::new(),
            notes: Vec::new(),
        };
        Graph { nodes: nodes.collect(), edges: edges.iter().map(edge).collect() }
    }

    #[test]
    fn no_box_overlaps_another_and_all_are_inside() {
        use Column::{Filter, Queue, Workers, Workflow};
        let columns = [Workflow, Workflow, Filter, Filter, Filter, Queue, Queue, Queue, Workers];
        let edges = [(0, 2), (1, 3), (1, 4), (2, 6), (3, 5), (4, 5), (5, 8), (6, 8)];
        let layout = Layout::of(&graph(&columns, &edges));
        for (at, a) in layout.places.iter().enumerate() {
            assert!(a.x >= 0.0 && a.x + a.width <= layout.width);
            assert!(a.y >= HEADING && a.y + a.height <= layout.height, "{layout:?}");
            for b in &layout.places[at + 1..] {
                let apart = a.y + a.height <= b.y || b.y + b.height <= a.y;
                assert!(a.x != b.x || apart, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn a_text_is_cut_to_its_box_and_no_further() {
        assert_eq!(fitting("short", 10.0, 100.0), "short");
        let cut = fitting(&"word ".repeat(40), 10.0, 100.0);
        assert!(cut.ends_with('…') && text_width(&cut, 10.0) <= 100.0);
        assert!(text_width(&cut, 10.0) > 80.0);
    }

    #[test]
    fn nothing_at_all_can_be_laid_out() {
        let layout = Layout::of(&Graph::default());
        assert!(layout.width > 0.0 && layout.height > 0.0);
    }
}
