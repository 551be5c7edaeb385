//! Conditions of jobs and steps: `a.b == 'x' && !cancelled()`, `$A == "x" || $B != $C`.

/// Whether a condition holds. `value` tells what a name stands for.
pub(super) fn holds(condition: &str, value: &dyn Fn(&str) -> String) -> bool {
    let condition = condition.trim();
    let condition = condition.strip_prefix("${{").map_or(condition, |inner| {
        inner.strip_suffix("}}").expect("an expression is closed").trim()
    });
    condition.split("||").any(|all| all.split("&&").all(|one| term(one.trim(), value)))
}

fn term(term: &str, value: &dyn Fn(&str) -> String) -> bool {
    if let Some((left, right)) = term.split_once("==") {
        operand(left, value) == operand(right, value)
    } else if let Some((left, right)) = term.split_once("!=") {
        operand(left, value) != operand(right, value)
    } else {
        // What has happened so far is the runner's to know; these it only has to let through.
        assert!(["always()", "!cancelled()"].contains(&term), "unknown condition: {term}");
        true
    }
}

fn operand(text: &str, value: &dyn Fn(&str) -> String) -> String {
    let text = text.trim();
    let quoted = |quote| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    match quoted('\'').or_else(|| quoted('"')) {
        Some(literal) => literal.to_owned(),
        None => value(text),
    }
}
