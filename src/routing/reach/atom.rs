//! Comparisons, as sets of the values for which they hold.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Value, json};

use super::values::{Line, Real, Values};
use crate::expr::{Certainty, CompareOp, Expr, Literal, Node, Path, Scope, Segment, evaluate};

/// A comparison. Each is here once, whichever way round it was written.
#[derive(Clone, Debug)]
pub(super) struct Atom<'e> {
    /// In canonical form, an attribute that is compared with a constant on the left.
    pub(super) text: String,
    pub(super) subject: Subject<'e>,
    /// Whether it may hold at one moment and not at another.
    pub(super) timed: bool,
    comparison: &'e Expr,
}

/// What decides a comparison.
#[derive(Clone, Debug)]
pub(super) enum Subject<'e> {
    /// Constants alone.
    Constant { holds: bool, certainty: Certainty },
    /// Two attributes: it holds or not, and nothing more is known.
    Opaque,
    /// One attribute.
    Path(OfPath<'e>),
}

/// A comparison between an attribute and a constant. It holds for a value that is in `values` and
/// of which the fact, if there is one, is as asked.
#[derive(Clone, Debug)]
pub(super) struct OfPath<'e> {
    pub(super) path: usize,
    pub(super) form: Form<'e>,
    pub(super) values: Values<'e>,
}

/// Which argument a comparison allows beside its set of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form<'e> {
    /// The value is equal to one of some constants.
    Equal,
    /// The value is before or after a constant.
    Order,
    /// Nothing.
    Other,
    /// A fact about arrays: whether this one is among the elements.
    Has(Fact, bool),
    /// A fact about strings: whether this one is a part.
    Contains(Fact, &'e str),
}

/// Something that is true or false of a value and that a set of values does not tell.
pub(super) type Fact = usize;

/// All comparisons of some expressions, numbered.
#[derive(Debug, Default)]
pub(super) struct Atoms<'e> {
    table: Vec<Atom<'e>>,
    by_text: HashMap<String, usize>,
    paths: Vec<&'e Path>,
    by_path: HashMap<&'e Path, usize>,
    facts: HashMap<(usize, String), Fact>,
}

/// One value for every path.
struct Probe(Value);

impl Scope for Probe {
    fn lookup<'a>(&'a self, _: &Path) -> Cow<'a, Value> {
        Cow::Borrowed(&self.0)
    }
}

impl<'e> Atoms<'e> {
    pub(super) fn get(&self, atom: usize) -> &Atom<'e> {
        &self.table[atom]
    }

    pub(super) fn path(&self, path: usize) -> &'e Path {
        self.paths[path]
    }

    /// The number of a comparison, which must be one that was read without errors.
    pub(super) fn add(
        &mut self,
        comparison: &'e Expr,
        op: CompareOp,
        sides: [&'e Expr; 2],
    ) -> usize {
        let lacks = op == CompareOp::NotIn && is_path(sides[1]) && !is_path(sides[0]);
        let (op, [left, right]) = orient(op, sides);
        let text =
            if lacks { format!("{right} {op} {left}") } else { format!("{left} {op} {right}") };
        if let Some(known) = self.by_text.get(&text) {
            return *known;
        }
        let timed = comparison.paths().any(|(path, _)| is_timed(path));
        let subject = self.subject(comparison, op, left, right, lacks);
        let number = self.table.len();
        self.table.push(Atom { text: text.clone(), subject, timed, comparison });
        self.by_text.insert(text, number);
        number
    }

    fn subject(
        &mut self,
        comparison: &'e Expr,
        op: CompareOp,
        left: &'e Expr,
        right: &'e Expr,
        lacks: bool,
    ) -> Subject<'e> {
        if comparison.paths().next().is_none() {
            let evaluation = evaluate(comparison, &Probe(Value::Null));
            let quoted_key = matches!(left.node, Node::Literal(Literal::String(_)));
            let certainty = if quoted_key { Certainty::Unspecified } else { evaluation.certainty };
            return Subject::Constant { holds: evaluation.holds(), certainty };
        }
        let (Node::Path(path), true) = (&left.node, is_plain(right)) else {
            return Subject::Opaque;
        };
        let path = self.path_number(path);
        let fact = |atoms: &mut Self, kind: &str| {
            let next = atoms.facts.len();
            *atoms.facts.entry((path, format!("{kind} {right}"))).or_insert(next)
        };
        let form = match (op, &right.node) {
            (CompareOp::Equal, Node::Literal(_)) | (CompareOp::In, Node::List(_)) => Form::Equal,
            (CompareOp::Contains, Node::Literal(Literal::String(part))) if !part.is_empty() => {
                Form::Contains(fact(self, "contains"), part)
            }
            (CompareOp::Has, Node::Literal(_)) => Form::Has(fact(self, "has"), true),
            (CompareOp::NotIn, Node::Literal(_)) if lacks => Form::Has(fact(self, "has"), false),
            (
                CompareOp::Less
                | CompareOp::LessOrEqual
                | CompareOp::Greater
                | CompareOp::GreaterOrEqual,
                Node::Literal(Literal::Number(_) | Literal::String(_)),
            ) => Form::Order,
            _ => Form::Other,
        };
        let values = values(comparison, form, &|holds, _| holds);
        Subject::Path(OfPath { path, form, values })
    }

    fn path_number(&mut self, path: &'e Path) -> usize {
        let next = self.paths.len();
        let number = *self.by_path.entry(path).or_insert(next);
        if number == next {
            self.paths.push(path);
        }
        number
    }
}

impl<'e> Atom<'e> {
    /// For which values the comparison may hold, when only results that are at least as certain
    /// as `trust` are relied on. Only for comparisons of one attribute.
    pub(super) fn may(&self, of: &OfPath<'e>, trust: Certainty) -> Values<'e> {
        if trust == Certainty::Unspecified {
            return of.values.clone();
        }
        values(self.comparison, of.form, &|holds, certainty| match of.form {
            // Whatever is equal to a constant is as good as that constant: no reading makes two
            // constants equal that are not alike, and those that are alike are not argued with.
            Form::Equal => holds,
            // Every plausible reading orders and searches what it can convert as the values that it
            // converts to.
            Form::Order | Form::Contains(..) if trust >= Certainty::Assumed => holds,
            _ => holds || certainty > trust,
        })
    }

    /// For which values the comparison surely holds (as far as its fact does).
    pub(super) fn must(&self, of: &OfPath<'e>, trust: Certainty) -> Values<'e> {
        if trust == Certainty::Unspecified {
            return of.values.clone();
        }
        values(self.comparison, of.form, &|holds, certainty| match of.form {
            Form::Order | Form::Contains(..) if trust >= Certainty::Assumed => holds,
            _ => holds && certainty <= trust,
        })
    }

    /// The constants in it.
    pub(super) fn constants(&self) -> impl Iterator<Item = &'e Literal> {
        let mut found = Vec::new();
        self.comparison.walk(&mut |expr| {
            if let Node::Literal(literal) = &expr.node {
                found.push(literal);
            }
        });
        found.into_iter()
    }
}

/// Whether a path is a variable that time alone changes.
pub(super) fn is_timed(path: &Path) -> bool {
    matches!(&path.segments[..], [Segment::Key(first), _, ..] if first == "taskrouter")
}

/// A constant, or a list of constants.
fn is_plain(expr: &Expr) -> bool {
    match &expr.node {
        Node::Literal(_) => true,
        Node::List(elements) => {
            elements.iter().all(|element| matches!(element.node, Node::Literal(_)))
        }
        _ => false,
    }
}

/// The comparison with the attribute on the left; of two attributes, with the first in the order
/// of their names. `'a' NOT IN tags` stays a NOT IN, only
/// turned.
fn orient(op: CompareOp, [left, right]: [&Expr; 2]) -> (CompareOp, [&Expr; 2]) {
    let turned = match op {
        CompareOp::Equal | CompareOp::NotEqual => op,
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        CompareOp::Has => CompareOp::In,
        CompareOp::In => CompareOp::Has,
        CompareOp::NotIn if is_path(left) => return (op, [left, right]),
        CompareOp::NotIn => CompareOp::NotIn,
        CompareOp::Contains => return (op, [left, right]),
    };
    let turn = match (is_path(left), is_path(right)) {
        (false, true) => true,
        (true, true) => left.to_string() > right.to_string(),
        _ => false,
    };
    if turn { (turned, [right, left]) } else { (op, [left, right]) }
}

fn is_path(expr: &Expr) -> bool {
    matches!(expr.node, Node::Path(_))
}

/// Which results to take.
type Select<'a> = &'a dyn Fn(bool, Certainty) -> bool;

/// The values for which a comparison of one attribute with a constant gives a result that is
/// taken. The evaluator itself is asked, once for each kind of values that it treats alike.
fn values<'e>(comparison: &'e Expr, form: Form<'e>, select: Select<'_>) -> Values<'e> {
    let take = |value: Value| {
        let evaluation = evaluate(comparison, &Probe(value));
        select(evaluation.holds(), evaluation.certainty)
    };
    let Node::Compare(_, left, right) = &comparison.node else { return Values::all(false) };
    let constant = if matches!(left.node, Node::Path(_)) { right } else { left };
    let (numbers, strings) = match &constant.node {
        Node::List(elements) => lines_of_list(elements, &take),
        Node::Literal(literal) => lines_of(literal, form, &take),
        _ => (Line::all(false), Line::all(false)),
    };
    Values {
        null: take(Value::Null),
        no: take(false.into()),
        yes: take(true.into()),
        numbers,
        strings,
        arrays: if matches!(form, Form::Has(..)) { true } else { take(json!([])) },
        objects: take(json!({})),
    }
}

type Lines<'e> = (Line<Real>, Line<&'e str>);

fn lines_of<'e>(literal: &'e Literal, form: Form<'e>, take: &dyn Fn(Value) -> bool) -> Lines<'e> {
    let numbers = match literal {
        Literal::Number(at) => Line::around(
            Real(*at),
            [at.next_down(), *at, at.next_up()].map(|number| take(number.into())),
        ),
        other => Line::all(take(other_number([other]).into())),
    };
    let strings = match literal {
        Literal::String(_) if matches!(form, Form::Contains(..)) => Line::all(true),
        Literal::String(at) => {
            // Nothing is before the empty string.
            let (below, above) = (String::new(), format!("{at}~"));
            Line::around(at.as_str(), [below, at.clone(), above].map(|string| take(string.into())))
        }
        other => Line::all(take(other_string([other]).into())),
    };
    (numbers, strings)
}

fn lines_of_list<'e>(elements: &'e [Expr], take: &dyn Fn(Value) -> bool) -> Lines<'e> {
    let literals = || {
        elements.iter().filter_map(|element| match &element.node {
            Node::Literal(literal) => Some(literal),
            _ => None,
        })
    };
    let mut numbers: Vec<Real> = literals()
        .filter_map(|literal| match literal {
            Literal::Number(number) => Some(Real(*number)),
            _ => None,
        })
        .collect();
    let mut strings: Vec<&str> = literals()
        .filter_map(|literal| match literal {
            Literal::String(string) => Some(string.as_str()),
            _ => None,
        })
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    strings.sort_unstable();
    strings.dedup();
    // A value that is in the list is alike for every such value, and so is one that is not.
    let number = numbers.first().is_some_and(|number| take(number.0.into()));
    let string = strings.first().is_some_and(|string| take((*string).into()));
    let other = (take(other_number(literals()).into()), take(other_string(literals()).into()));
    (line(&numbers, number, other.0), line(&strings, string, other.1))
}

/// Points that are in or not, and everything else.
fn line<T: Ord + Copy>(points: &[T], within: bool, outside: bool) -> Line<T> {
    match (within, outside) {
        (false, false) => Line::all(false),
        (true, true) => Line::all(true),
        (true, false) => Line::points(points),
        (false, true) => Line::points(points).complement(),
    }
}

/// A number that none of the constants is like.
fn other_number<'a>(literals: impl IntoIterator<Item = &'a Literal>) -> f64 {
    let numbers = literals.into_iter().filter_map(|literal| match literal {
        Literal::Number(number) => Some(*number),
        Literal::String(text) => text.trim().parse().ok(),
        Literal::Boolean(_) | Literal::Null => None,
    });
    let numbers: Vec<f64> = numbers.collect();
    let mut other = 7.25;
    while numbers.contains(&other) {
        other += 1.0;
    }
    other
}

/// A string that none of the constants is like.
fn other_string<'a>(literals: impl IntoIterator<Item = &'a Literal>) -> String {
    let longest = literals.into_iter().map(|literal| match literal {
        Literal::String(text) => text.len(),
        _ => 0,
    });
    "~".repeat(longest.max().unwrap_or_default() + 1)
}
