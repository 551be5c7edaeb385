//! Expressions as alternatives, each of comparisons that hold together.

use super::atom::{Atoms, Subject, is_timed};
use crate::expr::{Certainty, Expr, LogicOp, Node, flat};

/// Comparisons that hold together, in order of their numbers. An empty one always holds.
pub(super) type Cube = Vec<usize>;

/// How many alternatives an AND of ORs may have.
const MOST_PRODUCTS: usize = 128;

/// An expression that was read.
#[derive(Clone, Debug)]
pub(super) struct Formula {
    /// It holds when one of them does; none when there are too many to write down.
    pub(super) cubes: Option<Vec<Cube>>,
    /// The canonical text.
    pub(super) text: String,
    /// How certain it is that AND and OR are joined as the cubes have it.
    pub(super) certainty: Certainty,
    /// Whether it may hold at one moment and not at another.
    pub(super) timed: bool,
}

impl Formula {
    /// Reads a tree that has no errors.
    pub(super) fn new<'e>(tree: &'e Expr, text: String, atoms: &mut Atoms<'e>) -> Self {
        let loose = tree.loose_ands().next().is_some();
        let certainty = if loose { Certainty::Assumed } else { Certainty::Documented };
        let timed = tree.paths().any(|(path, _)| is_timed(path));
        Self { cubes: alternatives(tree, atoms), text, certainty, timed }
    }

    /// One that always holds.
    pub(super) fn everything() -> Self {
        let cubes = Some(vec![Cube::new()]);
        Self { cubes, text: String::new(), certainty: Certainty::Documented, timed: false }
    }

    /// Whether it holds for everything.
    pub(super) fn is_catch_all(&self) -> bool {
        self.cubes.as_ref().is_some_and(|cubes| cubes.iter().any(Vec::is_empty))
    }
}

fn alternatives<'e>(expr: &'e Expr, atoms: &mut Atoms<'e>) -> Option<Vec<Cube>> {
    match &expr.node {
        Node::Logic(LogicOp::Or, operands) => {
            let mut all = Vec::new();
            for operand in flat(LogicOp::Or, operands) {
                all.append(&mut alternatives(operand, atoms)?);
            }
            Some(all)
        }
        Node::Logic(LogicOp::And, operands) => {
            let mut products = vec![Cube::new()];
            for operand in flat(LogicOp::And, operands) {
                let cubes = alternatives(operand, atoms)?;
                if products.len() > 1
                    && cubes.len() > 1
                    && products.len() * cubes.len() > MOST_PRODUCTS
                {
                    return None;
                }
                products = products
                    .iter()
                    .flat_map(|product| cubes.iter().map(move |cube| union(product, cube)))
                    .collect();
            }
            Some(products)
        }
        Node::Compare(op, left, right) => {
            let atom = atoms.add(expr, *op, [left, right]);
            // What is worth the same in every reading need not be carried along.
            Some(match atoms.get(atom).subject {
                Subject::Constant { holds: true, certainty: Certainty::Documented } => {
                    vec![Cube::new()]
                }
                Subject::Constant { holds: false, certainty: Certainty::Documented } => Vec::new(),
                _ => vec![vec![atom]],
            })
        }
        Node::Literal(_) | Node::List(_) | Node::Path(_) | Node::Missing => None,
    }
}

fn union(left: &Cube, right: &Cube) -> Cube {
    let mut both = [left.as_slice(), right.as_slice()].concat();
    both.sort_unstable();
    both.dedup();
    both
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse;

    fn shown(text: &str) -> Vec<String> {
        let (tree, errors) = parse(text);
        assert_eq!(errors, [], "{text}");
        let mut atoms = Atoms::default();
        let cubes = Formula::new(&tree, text.to_owned(), &mut atoms).cubes;
        let show = |cube: &Cube| {
            cube.iter().map(|atom| atoms.get(*atom).text.clone()).collect::<Vec<_>>().join(" & ")
        };
        cubes.unwrap_or_else(|| panic!("{text} is too large")).iter().map(show).collect()
    }

    #[test]
    fn an_expression_is_multiplied_out() {
        assert_eq!(
            shown("(a == 1 OR b == 2) AND (c == 3 OR a == 1)"),
            ["a == 1 & c == 3", "a == 1", "b == 2 & c == 3", "a == 1 & b == 2"]
        );
        assert_eq!(shown("1==1 AND a == 1"), ["a == 1"]);
        assert_eq!(shown("1==1 OR a == 1"), ["", "a == 1"]);
        assert!(shown("1==0 AND (a == 1 OR b == 1)").is_empty());
    }

    #[test]
    fn both_ways_round_are_one_comparison() {
        for (left, right) in [
            ("'x' == a", "a = 'x'"),
            ("5 < a", "a > 5"),
            ("5 >= a", "a <= 5"),
            ("'x' IN tags", "tags HAS 'x'"),
            ("['x', 'y'] HAS a", "a IN ['x', 'y']"),
            ("b == a", "a == b"),
            ("b > a", "a < b"),
            ("b HAS a", "a IN b"),
        ] {
            assert_eq!(shown(left), shown(right));
        }
        for (left, right) in [
            ("'x' NOT IN a", "a NOT IN ['x']"),
            ("a CONTAINS 'x'", "'x' CONTAINS a"),
            ("a IN b", "b IN a"),
        ] {
            assert_ne!(shown(left), shown(right));
        }
    }

    #[test]
    fn long_ors_are_kept_and_large_products_given_up() {
        let or = |name: &str, count: usize| {
            let parts: Vec<String> = (0..count).map(|i| format!("{name} == {i}")).collect();
            format!("({})", parts.join(" OR "))
        };
        assert_eq!(shown(&or("a", 500)).len(), 500);
        assert_eq!(shown(&format!("{} AND b == 1", or("a", 500))).len(), 500);
        let text = format!("{} AND {}", or("a", 20), or("b", 20));
        let (tree, _) = parse(&text);
        assert_eq!(Formula::new(&tree, String::new(), &mut Atoms::default()).cubes, None);
    }
}
