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

#[cfg(test)]
mod tests {
    use super::{Numeral, read};

    fn value(text: &str) -> Option<f64> {
        match read(text) {
            Numeral::Exact(value) => Some(value),
            Numeral::Bad(_) => None,
        }
    }

    #[test]
    fn different_numbers_never_become_one() {
        assert_eq!(value("9007199254740992"), Some(9_007_199_254_740_992.0));
        assert_eq!(value("9007199254740993"), None);
        assert_eq!(value("0.1"), Some(0.1));
        assert_eq!(value("0.10000000000000000001"), None);
        assert_eq!(value(&"9".repeat(400)), None);
    }

    #[test]
    fn needless_zeros_and_the_sign_of_zero_are_dropped() {
        assert_eq!(value("007.500"), Some(7.5));
        assert_eq!(value("-0.0").map(f64::is_sign_negative), Some(false));
        assert_eq!(value("-12.00"), Some(-12.0));
    }
}
