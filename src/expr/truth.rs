//! What a comparison is worth: the truth tables of `docs/expressions.md`.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use super::eval::Certainty::{Assumed, Documented, Unspecified};
use super::eval::{Scope, Verdict};
use super::{Certainty, CompareOp, Expr, Literal, Node};

const fn verdict(holds: bool, certainty: Certainty) -> Verdict {
    Verdict { holds, certainty }
}

/// An operand with its value, wherever that is kept.
pub(super) enum Held<'a> {
    Literal(&'a Literal),
    List(Vec<Held<'a>>),
    Attribute(Cow<'a, Value>, Certainty),
    /// Of a tree with syntax errors; never makes a comparison hold.
    Missing,
}

/// The value of an operand; attributes are borrowed, whatever their size.
pub(super) fn hold<'a>(expr: &'a Expr, scope: &'a dyn Scope) -> Held<'a> {
    match &expr.node {
        Node::Literal(literal) => Held::Literal(literal),
        Node::List(elements) => Held::List(elements.iter().map(|e| hold(e, scope)).collect()),
        Node::Path(path) => Held::Attribute(scope.lookup(path), scope.certainty(path)),
        Node::Logic(..) | Node::Compare(..) | Node::Missing => Held::Missing,
    }
}

/// A value as comparisons see it.
#[derive(Clone, Copy, Debug)]
enum View<'a> {
    Null,
    Boolean(bool),
    Number(Number),
    String(&'a str),
    Array,
    Object,
}

impl Held<'_> {
    fn view(&self) -> View<'_> {
        match self {
            Self::Literal(Literal::Null) | Self::Missing => View::Null,
            Self::Literal(Literal::Boolean(value)) => View::Boolean(*value),
            Self::Literal(Literal::Number(value)) => View::Number(Number::Float(*value)),
            Self::Literal(Literal::String(text)) => View::String(text),
            Self::List(_) => View::Array,
            Self::Attribute(value, _) => view(value),
        }
    }

    pub(super) fn is_true(&self) -> bool {
        matches!(self.view(), View::Boolean(true))
    }

    fn is_null_literal(&self) -> bool {
        matches!(self, Self::Literal(Literal::Null))
    }

    /// How far the operand can be trusted to be read as it is here.
    fn certainty(&self) -> Certainty {
        match self {
            Self::Literal(Literal::Number(value)) if *value < 0.0 => Assumed,
            Self::Attribute(_, certainty) => *certainty,
            Self::List(elements) => {
                elements.iter().map(Self::certainty).max().unwrap_or(Documented)
            }
            Self::Literal(_) | Self::Missing => Documented,
        }
    }

    /// Whether an array holds `wanted`; call it for arrays only.
    fn contains(&self, wanted: View<'_>) -> Verdict {
        let elements: &mut dyn Iterator<Item = View<'_>> = match self {
            Self::List(elements) => &mut elements.iter().map(Held::view),
            Self::Attribute(value, _) => &mut value.as_array().into_iter().flatten().map(view),
            Self::Literal(_) | Self::Missing => &mut std::iter::empty(),
        };
        let mut together = Documented;
        for element in elements {
            let same = equal(element, wanted);
            if same.holds {
                return same;
            }
            together = together.max(same.certainty);
        }
        verdict(false, together)
    }
}

fn view(value: &Value) -> View<'_> {
    match value {
        Value::Null => View::Null,
        Value::Bool(value) => View::Boolean(*value),
        Value::Number(number) => View::Number(Number::from(number)),
        Value::String(text) => View::String(text),
        Value::Array(_) => View::Array,
        Value::Object(_) => View::Object,
    }
}

/// `left op right`.
pub(super) fn compare(op: CompareOp, left: &Held<'_>, right: &Held<'_>) -> Verdict {
    if matches!(left, Held::Missing) || matches!(right, Held::Missing) {
        return verdict(false, Unspecified);
    }
    let Verdict { holds, certainty } = match op {
        CompareOp::Equal => equality(left, right, Wanted::Same),
        CompareOp::NotEqual => equality(left, right, Wanted::Different),
        CompareOp::Less => ordered(left, right, Ordering::is_lt),
        CompareOp::LessOrEqual => ordered(left, right, Ordering::is_le),
        CompareOp::Greater => ordered(left, right, Ordering::is_gt),
        CompareOp::GreaterOrEqual => ordered(left, right, Ordering::is_ge),
        CompareOp::Contains => substring(left.view(), right.view()),
        CompareOp::Has => member(right, left, Wanted::Same),
        CompareOp::In => member(left, right, Wanted::Same),
        CompareOp::NotIn => member(left, right, Wanted::Different),
    };
    verdict(holds, certainty.max(operands(op, left, right)))
}

/// How far the operands of a comparison can be trusted to be read as they are here.
fn operands(op: CompareOp, left: &Held<'_>, right: &Held<'_>) -> Certainty {
    let quoted = matches!(left, Held::Literal(Literal::String(_)));
    let key_like = match op {
        CompareOp::Has => true,
        CompareOp::In | CompareOp::NotIn => false,
        _ => matches!(right, Held::Literal(_) | Held::List(_)),
    };
    if quoted && key_like {
        // The documentation's own `"language" == "spanish"` surely means a key.
        Unspecified
    } else {
        left.certainty().max(right.certainty())
    }
}

/// Which answer makes the comparison hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Same,
    Different,
}

fn equality(left: &Held<'_>, right: &Held<'_>, wanted: Wanted) -> Verdict {
    let (a, b) = (left.view(), right.view());
    let presence = left.is_null_literal() || right.is_null_literal();
    let compound = |v| matches!(v, View::Array | View::Object);
    if compound(a) || compound(b) {
        return if presence {
            // The documentation tests an array attribute with `!= null`.
            verdict(wanted == Wanted::Different, Assumed)
        } else if matches!(a, View::Array) || matches!(b, View::Array) {
            verdict(false, Documented)
        } else {
            verdict(false, Unspecified)
        };
    }
    let same = equal(a, b);
    let null = |v| matches!(v, View::Null);
    let certainty = match (null(a), null(b)) {
        _ if presence => Documented,
        (true, true) => Assumed,
        // Under SQL's reading of NULL neither would hold.
        (true, false) | (false, true) if wanted == Wanted::Different => Assumed,
        (true, false) | (false, true) => Documented,
        (false, false) => same.certainty,
    };
    verdict(same.holds == (wanted == Wanted::Same), certainty)
}

/// Whether two values are the same: of one type, and equal. What another reading (without case,
/// or with conversion) would call equal is less certain to differ.
fn equal(a: View<'_>, b: View<'_>) -> Verdict {
    match (a, b) {
        (View::Null, View::Null) => verdict(true, Assumed),
        (View::Boolean(a), View::Boolean(b)) => verdict(a == b, Documented),
        (View::Number(a), View::Number(b)) => {
            verdict(a.order(b) == Some(Ordering::Equal), a.precision(b))
        }
        (View::String(a), View::String(b)) if a == b => verdict(true, Documented),
        (View::String(a), View::String(b)) => {
            let certainty = if a.eq_ignore_ascii_case(b) { Assumed } else { Documented };
            verdict(false, certainty)
        }
        (View::Array | View::Object, _) | (_, View::Array | View::Object) => {
            verdict(false, Unspecified)
        }
        (View::Null, _) | (_, View::Null) => verdict(false, Documented),
        (View::String(text), View::Number(number)) | (View::Number(number), View::String(text)) => {
            let alike = text
                .trim()
                .parse::<f64>()
                .is_ok_and(|value| number.order(Number::Float(value)) == Some(Ordering::Equal));
            verdict(false, if alike { Unspecified } else { Assumed })
        }
        (View::String(text), View::Boolean(flag)) | (View::Boolean(flag), View::String(text)) => {
            let alike = text.trim().eq_ignore_ascii_case(if flag { "true" } else { "false" });
            verdict(false, if alike { Unspecified } else { Assumed })
        }
        (View::Boolean(flag), View::Number(number))
        | (View::Number(number), View::Boolean(flag)) => {
            let bit = Number::Float(if flag { 1.0 } else { 0.0 });
            let alike = number.order(bit) == Some(Ordering::Equal);
            verdict(false, if alike { Unspecified } else { Assumed })
        }
    }
}

fn ordered(left: &Held<'_>, right: &Held<'_>, wanted: fn(Ordering) -> bool) -> Verdict {
    match (left.view(), right.view()) {
        (View::Number(a), View::Number(b)) => {
            verdict(a.order(b).is_some_and(wanted), a.precision(b))
        }
        (View::String(a), View::String(b)) => verdict(wanted(a.cmp(b)), Assumed),
        (View::Array, _) | (_, View::Array) => verdict(false, Documented),
        (View::Null, _) | (_, View::Null) => verdict(false, Assumed),
        _ => verdict(false, Unspecified),
    }
}

fn substring(whole: View<'_>, part: View<'_>) -> Verdict {
    match (whole, part) {
        (View::String(_), View::String("")) => verdict(true, Assumed),
        (View::String(whole), View::String(part)) => {
            let holds = whole.contains(part);
            let without_case = || whole.to_ascii_lowercase().contains(&part.to_ascii_lowercase());
            verdict(holds, if !holds && without_case() { Assumed } else { Documented })
        }
        (View::Array, _) | (_, View::Array) => verdict(false, Documented),
        (View::Null, _) | (_, View::Null) => verdict(false, Assumed),
        _ => verdict(false, Unspecified),
    }
}

/// `scalar IN array`, or its opposite.
fn member(scalar: &Held<'_>, array: &Held<'_>, wanted: Wanted) -> Verdict {
    match (scalar.view(), array.view()) {
        (View::Array | View::Object, View::Array) => verdict(false, Unspecified),
        (scalar, View::Array) => {
            let found = array.contains(scalar);
            let missing = matches!(scalar, View::Null);
            let certainty = match wanted {
                // A missing attribute is in no list; that it is therefore not in one, is a guess.
                Wanted::Different if missing => found.certainty.max(Assumed),
                _ => found.certainty,
            };
            verdict(found.holds == (wanted == Wanted::Same), certainty)
        }
        (View::Array, _) => verdict(false, Assumed),
        (_, View::Object) | (View::Object, _) => verdict(false, Unspecified),
        // A missing array is a scalar by the letter; NOT IN of a missing list may be meant to hold.
        (_, View::Null) if wanted == Wanted::Different => verdict(false, Unspecified),
        _ => verdict(false, Documented),
    }
}

/// A number that loses nothing of a JSON integer.
#[derive(Clone, Copy, Debug)]
enum Number {
    Integer(i128),
    Float(f64),
}

impl From<&serde_json::Number> for Number {
    fn from(number: &serde_json::Number) -> Self {
        match (number.as_i64(), number.as_u64()) {
            (Some(value), _) => Self::Integer(value.into()),
            (None, Some(value)) => Self::Integer(value.into()),
            (None, None) => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
        }
    }
}

/// The integer that a value is, however it is written; none when it is anything else.
pub(super) fn integer(value: &Value) -> Option<i128> {
    match view(value) {
        View::Number(number) => number.integer(),
        _ => None,
    }
}

impl Number {
    /// How it compares with `other`; none when one is not a number.
    fn order(self, other: Self) -> Option<Ordering> {
        if let (Some(a), Some(b)) = (self.small(), other.small()) {
            return a.partial_cmp(&b);
        }
        match (self.integer(), other.integer()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => self.float().partial_cmp(&other.float()),
        }
    }

    /// How far the order can be trusted: floating-point numbers cannot tell all great integers
    /// apart, and TaskRouter may use them.
    fn precision(self, other: Self) -> Certainty {
        if self.small().is_some() && other.small().is_some() {
            return Documented;
        }
        let alike = self.float().partial_cmp(&other.float()) == Some(Ordering::Equal);
        let equal = self.order(other) == Some(Ordering::Equal);
        if alike && !equal { Unspecified } else { Documented }
    }

    /// The number, when it lies among those whose integers floating-point numbers tell apart. Nearly
    /// all do, and they are compared fast.
    fn small(self) -> Option<f64> {
        const LIMIT: f64 = 9_007_199_254_740_991.0;
        let value = match self {
            Self::Integer(value) => i64::try_from(value).ok().map(Self::near)?,
            Self::Float(value) => value,
        };
        (value.abs() <= LIMIT).then_some(value)
    }

    #[expect(clippy::cast_precision_loss, reason = "exact where it is used: up to 2^53")]
    fn near(value: i64) -> f64 {
        value as f64
    }

    #[expect(clippy::cast_possible_truncation, reason = "only whole numbers below 2^63 are cast")]
    fn integer(self) -> Option<i128> {
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        match self {
            Self::Integer(value) => Some(value),
            Self::Float(value) if value.fract() == 0.0 && value.abs() < LIMIT => {
                Some(value as i128)
            }
            Self::Float(_) => None,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "compared with a number that is no integer")]
    fn float(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}
