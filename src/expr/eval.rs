//! What an expression is worth for given attributes.
//!
//! Each rule is written down, with what the vendor says of it, in `docs/expressions.md`.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::truth::{Held, compare, hold};
use super::{Expr, Literal, LogicOp, Node, Path};

/// Where the values of paths come from. A missing attribute is [`Value::Null`].
pub trait Scope {
    /// The value of a path.
    fn lookup<'a>(&'a self, path: &Path) -> Cow<'a, Value>;

    /// How certain it is that the path means that value to TaskRouter, whatever the value is.
    fn certainty(&self, _path: &Path) -> Certainty {
        Certainty::Documented
    }
}

/// How far a result can be trusted to be TaskRouter's own.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// TaskRouter's documentation says so, in words or by example.
    Documented,
    /// Not said, but every plausible reading agrees or working systems rely on it.
    Assumed,
    /// Not said, and TaskRouter may well differ.
    Unspecified,
}

use Certainty::{Assumed, Documented, Unspecified};

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Documented => "documented",
            Assumed => "assumed",
            Unspecified => "unspecified",
        })
    }
}

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// What it is worth; only `true` selects.
    pub value: Value,
    /// Of the comparisons that decided, and of the precedence of AND and OR where that decided.
    pub certainty: Certainty,
}

impl Evaluation {
    /// Whether the expression selects.
    pub fn holds(&self) -> bool {
        self.value == Value::Bool(true)
    }
}

/// Evaluates `expr`. Never panics; linear in the size of the expression and of the values that
/// it names. Recurses as deep as the expression nests, which the parser bounds.
pub fn evaluate(expr: &Expr, scope: &dyn Scope) -> Evaluation {
    if matches!(expr.node, Node::Logic(..) | Node::Compare(..)) {
        let Verdict { holds, certainty } = judge(expr, scope, &mut ()).verdict();
        return Evaluation { value: Value::Bool(holds), certainty };
    }
    // The parser gives these only together with syntax errors.
    let value = match hold(expr, scope) {
        Held::Literal(Literal::Boolean(value)) => Value::Bool(*value),
        Held::Attribute(value, _) => value.into_owned(),
        Held::Literal(_) | Held::List(_) | Held::Missing => Value::Null,
    };
    Evaluation { value, certainty: Unspecified }
}

/// Whether something holds, and how far that can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) holds: bool,
    pub(super) certainty: Certainty,
}

/// Nobody says which of AND and OR binds tighter, so every plausible reading of what stands side by
/// side without parentheses is followed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Readings {
    /// AND binds tighter: what counts.
    pub(super) chosen: Verdict,
    /// OR binds tighter.
    or_tighter: Verdict,
    /// Neither does.
    left_to_right: Verdict,
}

impl Readings {
    /// Of what can be read in one way only.
    fn all(verdict: Verdict) -> Self {
        Self { chosen: verdict, or_tighter: verdict, left_to_right: verdict }
    }

    /// Whether another reading gives another result, or a less certain one.
    pub(super) fn differ(self) -> bool {
        let Verdict { holds, certainty } = self.chosen;
        [self.or_tighter, self.left_to_right]
            .into_iter()
            .any(|other| other.holds != holds || other.certainty > certainty)
    }

    /// What counts. Documented only when all readings are.
    pub(super) fn verdict(self) -> Verdict {
        let Verdict { holds, certainty } = self.chosen;
        let certainty = if self.differ() { certainty.max(Assumed) } else { certainty };
        Verdict { holds, certainty }
    }
}

/// Takes down what each part of an expression is worth, parents before their operands.
pub(super) trait Notes {
    /// Begins a part, and says where its note will be.
    fn open(&mut self) -> usize;
    /// Ends the part that was begun at `at`.
    fn close(&mut self, at: usize, verdict: Verdict);
}

/// Takes nothing down.
impl Notes for () {
    fn open(&mut self) -> usize {
        0
    }

    fn close(&mut self, _: usize, _: Verdict) {}
}

/// What `expr` is worth under each reading; the chosen one's verdicts go to `notes`.
pub(super) fn judge(expr: &Expr, scope: &dyn Scope, notes: &mut impl Notes) -> Readings {
    let at = notes.open();
    let readings = match &expr.node {
        Node::Logic(LogicOp::And, operands) => conjunction(operands, scope, notes),
        Node::Logic(LogicOp::Or, operands) => disjunction(operands, scope, notes),
        Node::Compare(op, left, right) => {
            Readings::all(compare(*op, &hold(left, scope), &hold(right, scope)))
        }
        Node::Literal(_) | Node::List(_) | Node::Path(_) | Node::Missing => {
            let holds = hold(expr, scope).is_true();
            Readings::all(Verdict { holds, certainty: Unspecified })
        }
    };
    notes.close(at, readings.chosen);
    readings
}

fn conjunction(operands: &[Expr], scope: &dyn Scope, notes: &mut impl Notes) -> Readings {
    let [mut chosen, mut or_tighter, mut left_to_right] = [Chain::new(LogicOp::And); 3];
    for operand in operands {
        let readings = judge(operand, scope, notes);
        chosen.add(readings.chosen);
        or_tighter.add(readings.or_tighter);
        left_to_right.add(readings.left_to_right);
    }
    Readings {
        chosen: chosen.verdict(),
        or_tighter: or_tighter.verdict(),
        left_to_right: left_to_right.verdict(),
    }
}

/// `a OR b AND c OR d` may also be `(a OR b) AND (c OR d)` or `((a OR b) AND c) OR d`.
fn disjunction(operands: &[Expr], scope: &dyn Scope, notes: &mut impl Notes) -> Readings {
    let [mut chosen, mut left_to_right] = [Chain::new(LogicOp::Or); 2];
    let (mut sums, mut sum) = (Chain::new(LogicOp::And), Chain::new(LogicOp::Or));
    for operand in operands {
        let factors = match &operand.node {
            Node::Logic(LogicOp::And, factors) if !operand.grouped => factors,
            _ => {
                let readings = judge(operand, scope, notes);
                chosen.add(readings.chosen);
                sum.add(readings.or_tighter);
                left_to_right.add(readings.left_to_right);
                continue;
            }
        };
        let at = notes.open();
        let mut product = Chain::new(LogicOp::And);
        for (i, factor) in factors.iter().enumerate() {
            let readings = judge(factor, scope, notes);
            product.add(readings.chosen);
            if i > 0 {
                sums.add(sum.verdict());
                sum = Chain::new(LogicOp::Or);
                left_to_right = left_to_right.wrap(LogicOp::And);
            }
            sum.add(readings.or_tighter);
            left_to_right.add(readings.left_to_right);
        }
        left_to_right = left_to_right.wrap(LogicOp::Or);
        notes.close(at, product.verdict());
        chosen.add(product.verdict());
    }
    sums.add(sum.verdict());
    Readings {
        chosen: chosen.verdict(),
        or_tighter: sums.verdict(),
        left_to_right: left_to_right.verdict(),
    }
}

/// Operands joined by one word, added one by one.
#[derive(Clone, Copy)]
struct Chain {
    /// What one operand alone decides: true for OR, false for AND.
    decisive: bool,
    /// The certainty of the most certain operand that decides alone.
    decided: Option<Certainty>,
    /// The certainty of the least certain of the others.
    together: Certainty,
}

impl Chain {
    fn new(op: LogicOp) -> Self {
        Self { decisive: op == LogicOp::Or, decided: None, together: Documented }
    }

    /// A chain of `op` whose first operand is what has been joined so far.
    fn wrap(self, op: LogicOp) -> Self {
        let mut chain = Self::new(op);
        chain.add(self.verdict());
        chain
    }

    fn add(&mut self, operand: Verdict) {
        if operand.holds == self.decisive {
            let most = self.decided.map_or(operand.certainty, |c| c.min(operand.certainty));
            self.decided = Some(most);
        } else {
            self.together = self.together.max(operand.certainty);
        }
    }

    /// One operand that decides alone makes the result as certain as it is; without one, all
    /// decide together.
    fn verdict(self) -> Verdict {
        match self.decided {
            Some(certainty) => Verdict { holds: self.decisive, certainty },
            None => Verdict { holds: !self.decisive, certainty: self.together },
        }
    }
}
