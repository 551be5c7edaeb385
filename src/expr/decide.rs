//! Why an expression is worth what it is worth.

use serde_json::{Map, Value};

use super::eval::{Notes, Scope, Verdict, judge};
use super::{Certainty, Expr, LogicOp, Node, evaluate};
use crate::text::TextRange;

/// The value of an expression, and the comparisons that decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Whether the expression selects.
    pub holds: bool,
    /// As [`evaluate`] gives it.
    pub certainty: Certainty,
    /// Whether the result, or its certainty, hangs on which of AND and OR binds tighter, because
    /// they stand side by side without parentheses.
    pub hangs_on_precedence: bool,
    /// The comparisons without which the result could be another: for a true OR or a false AND
    /// those of the one operand that decides, the most certain and then the first; otherwise those
    /// of all operands. In the order of their places.
    pub reasons: Vec<Reason>,
}

/// One comparison that decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Its bytes in the expression.
    pub range: TextRange,
    /// Its canonical spelling.
    pub text: String,
    /// Whether it holds.
    pub holds: bool,
    /// How far that can be trusted.
    pub certainty: Certainty,
    /// The paths that it names, in order, each with its whole value.
    pub values: Map<String, Value>,
}

/// Evaluates `expr` as [`evaluate`] does, and says why. Linear in the size of the expression and
/// of the values that the deciding comparisons name, which are copied.
pub fn decide(expr: &Expr, scope: &dyn Scope) -> Decision {
    if !matches!(expr.node, Node::Logic(..) | Node::Compare(..)) {
        let evaluation = evaluate(expr, scope);
        let (holds, certainty) = (evaluation.holds(), evaluation.certainty);
        return Decision { holds, certainty, hangs_on_precedence: false, reasons: Vec::new() };
    }
    let mut parts = Vec::new();
    let readings = judge(expr, scope, &mut parts);
    let mut reasons = Vec::new();
    collect(expr, &parts, scope, &mut reasons);
    let Verdict { holds, certainty } = readings.verdict();
    Decision { holds, certainty, hangs_on_precedence: readings.differ(), reasons }
}

/// What a part of an expression is worth, and how many notes it and its own parts have.
struct Part {
    verdict: Verdict,
    len: usize,
}

impl Notes for Vec<Part> {
    fn open(&mut self) -> usize {
        let unknown = Verdict { holds: false, certainty: Certainty::Unspecified };
        self.push(Part { verdict: unknown, len: 0 });
        self.len() - 1
    }

    fn close(&mut self, at: usize, verdict: Verdict) {
        self[at] = Part { verdict, len: self.len() - at };
    }
}

/// Adds the comparisons that decided `expr`, whose notes `parts` begins with.
fn collect(expr: &Expr, parts: &[Part], scope: &dyn Scope, reasons: &mut Vec<Reason>) {
    let Verdict { holds, certainty } = parts[0].verdict;
    let Node::Logic(op, operands) = &expr.node else {
        return reasons.push(Reason {
            range: expr.range,
            text: expr.canonical(),
            holds,
            certainty,
            values: expr
                .paths()
                .map(|(path, _)| (path.to_string(), scope.lookup(path).into_owned()))
                .collect(),
        });
    };
    let mut next = 1;
    let judged = operands.iter().map(|operand| {
        let own = &parts[next..];
        next += own[0].len;
        (operand, own)
    });
    if holds == (*op == LogicOp::Or) {
        let decisive = judged
            .filter(|(_, own)| own[0].verdict.holds == holds)
            .min_by_key(|(_, own)| own[0].verdict.certainty);
        if let Some((operand, own)) = decisive {
            collect(operand, own, scope, reasons);
        }
    } else {
        judged.for_each(|(operand, own)| collect(operand, own, scope, reasons));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse;
    use serde_json::json;

    fn decision(text: &str, attributes: &Value) -> Decision {
        let (tree, errors) = parse(text);
        assert_eq!(errors, [], "{text}");
        decide(&tree, attributes)
    }

    /// What decided, as the text has it.
    fn reasons<'a>(text: &'a str, attributes: &Value) -> Vec<&'a str> {
        let decision = decision(text, attributes);
        decision.reasons.iter().map(|r| &text[r.range.start..r.range.end]).collect()
    }

    #[test]
    fn one_operand_decides_or_all_of_them_do() {
        let attributes = json!({"a": 1, "b": 2, "n": "5"});
        for (text, expected) in [
            ("a=1", &["a=1"] as &[_]),
            ("a = 1 AND b = 2", &["a = 1", "b = 2"]),
            ("a = 1 AND b = 3 AND b = 4", &["b = 3"]),
            ("a = 2 OR b = 2 OR a = 1", &["b = 2"]),
            ("a = 2 OR b = 3", &["a = 2", "b = 3"]),
            ("(a = 2 OR b = 3) AND (a = 1 OR a = 2)", &["a = 2", "b = 3"]),
            ("(a = 1 OR b = 3) AND (a = 3 OR (b = 2 AND a = 1))", &["a = 1", "b = 2", "a = 1"]),
            ("n = 5 AND b = 3", &["b = 3"]),
            ("n = 5 AND c > 3 AND b = 3 AND b = 4", &["b = 3"]),
            ("n = 5 OR c > 3", &["n = 5", "c > 3"]),
            ("n != 5 OR c != 3 OR d != 3", &["c != 3"]),
        ] {
            assert_eq!(reasons(text, &attributes), expected, "{text}");
        }
    }

    #[test]
    fn a_reason_has_its_text_and_its_values() {
        let attributes = json!({"skills": ["es"], "want": "fr", "n": "5"});
        let decision = decision("want in  skills AND n = 5 and missing.key == 1", &attributes);
        assert!(!decision.holds);
        let [reason] = &decision.reasons[..] else { panic!("{decision:?}") };
        assert_eq!(reason.text, "want IN skills");
        assert!(!reason.holds && reason.certainty == Certainty::Documented);
        let values = json!({"want": "fr", "skills": ["es"]});
        assert_eq!(Value::Object(reason.values.clone()), values);
    }

    #[test]
    fn a_result_that_hangs_on_the_precedence_says_so() {
        let attributes = json!({"a": 1});
        let open = decision("a = 1 OR a = 2 AND a = 3", &attributes);
        assert!(open.holds && open.hangs_on_precedence && open.certainty == Certainty::Assumed);
        assert_eq!(open.reasons.len(), 1);
        for text in ["a = 1 OR (a = 2 AND a = 3)", "a = 2 OR a = 3 AND a = 4", "a = 2 OR a = 1"] {
            let settled = decision(text, &attributes);
            assert!(!settled.hangs_on_precedence, "{text}");
            assert_eq!(settled.certainty, Certainty::Documented, "{text}");
        }
    }

    #[test]
    fn a_text_with_mistakes_decides_without_a_panic() {
        for text in ["", "isVip", "a == 1 AND", "NOT a == 1 OR b", "(((", "a = 1 OR ['x']"] {
            let (tree, _) = parse(text);
            let decision = decide(&tree, &json!({"isVip": true}));
            let evaluation = evaluate(&tree, &json!({"isVip": true}));
            assert_eq!(
                (decision.holds, decision.certainty),
                (evaluation.holds(), evaluation.certainty)
            );
        }
    }
}
