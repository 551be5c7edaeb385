//! Number constants.

use super::advice;

/// What a numeral turned out to be.
pub(super) enum Numeral {
    /// Digits, with a fraction or without; the value is exactly what was written.
    Exact(f64),
    /// Not one, and why.
    Bad(advice::Advice),
}

/// Reads `text`, which begins with a digit or with `-` and a digit.
pub(super) fn read(text: &str) -> Numeral {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !fraction.is_none_or(all_digits) {
        return Numeral::Bad(bad(text, whole, fraction));
    }
    let Ok(value) = text.parse::<f64>() else { return Numeral::Bad(bad(text, whole, fraction)) };
    let plain = plain(sign, whole, fraction.unwrap_or(""));
    let value = if plain == "0" { 0.0 } else { value };
    // Two numerals that TaskRouter may tell apart must not become one here.
    if value.is_finite() && value.to_string() == plain {
        Numeral::Exact(value)
    } else {
        Numeral::Bad(advice::inexact_number())
    }
}

/// Without leading and trailing zeros, and without the sign of zero.
fn plain(sign: &str, whole: &str, fraction: &str) -> String {
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    match (whole, fraction) {
        ("0", "") => "0".to_owned(),
        (whole, "") => format!("{sign}{whole}"),
        (whole, fraction) => format!("{sign}{whole}.{fraction}"),
    }
}

fn bad(text: &str, whole: &str, fraction: Option<&str>) -> advice::Advice {
    if fraction == Some("") && whole.bytes().all(|b| b.is_ascii_digit()) {
        return advice::number_ends_in_dot(text.trim_end_matches('.'));
    }
    let exponent = text.contains(['e', 'E']) && text.parse::<f64>().is_ok_and(f64::is_finite);
    if exponent { advice::exponent(text) } else { advice::key_begins_with_digit(text) }
}
