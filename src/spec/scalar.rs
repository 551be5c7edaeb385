//! What a plain scalar means: YAML 1.2's core schema.

use serde_json::Number;

/// The meaning of a scalar without quotes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Plain {
    Null,
    Boolean(bool),
    Number(Number),
    /// `.inf` or `.nan`, which JSON does not have, or a number too large for it.
    NotFinite,
    String,
}

/// Reads a plain scalar. `0123` is the number 123; `yes` and `1_000` are strings.
pub(crate) fn resolve(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Null,
        "true" | "True" | "TRUE" => return Plain::Boolean(true),
        "false" | "False" | "FALSE" => return Plain::Boolean(false),
        ".nan" | ".NaN" | ".NAN" => return Plain::NotFinite,
        _ => {}
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Plain::NotFinite;
    }
    if let Some(number) = radix(text).or_else(|| decimal(text, unsigned)) {
        return Plain::Number(number);
    }
    if !is_float(unsigned) {
        return Plain::String;
    }
    // `1.` and `.5` are floats to YAML and to Rust.
    text.parse().ok().and_then(Number::from_f64).map_or(Plain::NotFinite, Plain::Number)
}

/// Whether the text is an integer whose leading zeros get lost.
pub(crate) fn has_leading_zero(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit())
}

/// `0o17`, `0xff`.
fn radix(text: &str) -> Option<Number> {
    let (digits, radix) = text
        .strip_prefix("0o")
        .map(|digits| (digits, 8))
        .or_else(|| text.strip_prefix("0x").map(|digits| (digits, 16)))?;
    // `from_str_radix` would take a sign.
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok().map(Number::from)
}

fn decimal(text: &str, unsigned: &str) -> Option<Number> {
    if unsigned.is_empty() || !unsigned.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if text.starts_with('-') {
        text.parse::<i64>().ok().map(Number::from)
    } else {
        unsigned.parse::<u64>().ok().map(Number::from)
    }
}

/// `[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?` or `\.[0-9]+(…)?`.
fn is_float(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let some_digits = |text: &str| !text.is_empty() && digits(text);
    let mantissa = match mantissa.split_once('.') {
        Some(("", fraction)) => some_digits(fraction),
        Some((whole, fraction)) => some_digits(whole) && digits(fraction),
        None => some_digits(mantissa),
    };
    let exponent = exponent
        .is_none_or(|exponent| some_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)));
    mantissa && exponent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_schema_decides_what_a_plain_scalar_is() {
        for text in ["yes", "no", "on", "1_000", "0b11", "1.2.3", "+", "-", ".", "e1", "2026-01-01"]
        {
            assert_eq!(resolve(text), Plain::String, "{text}");
        }
        for (text, number) in [
            ("0", "0"),
            ("-0", "0"),
            ("+7", "7"),
            ("0123", "123"),
            ("0o17", "15"),
            ("0xFF", "255"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("18446744073709551615", "18446744073709551615"),
            ("1.", "1.0"),
            (".5", "0.5"),
            ("-1.5e3", "-1500.0"),
            ("1e3", "1000.0"),
        ] {
            let Plain::Number(resolved) = resolve(text) else { panic!("{text} is no number") };
            assert_eq!(resolved.to_string(), number, "{text}");
        }
        for text in [".inf", "-.Inf", ".nan", "1e999"] {
            assert_eq!(resolve(text), Plain::NotFinite, "{text}");
        }
        assert_eq!(resolve("~"), Plain::Null);
        assert_eq!(resolve("TRUE"), Plain::Boolean(true));
    }

    #[test]
    fn leading_zeros_are_noticed_where_they_get_lost() {
        assert!(has_leading_zero("0123"));
        assert!(has_leading_zero("-007"));
        assert!(!has_leading_zero("0"));
        assert!(!has_leading_zero("0.5"));
        assert!(!has_leading_zero("0x10"));
    }
}
