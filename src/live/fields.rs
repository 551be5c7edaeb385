//! Fields of JSON objects, read leniently: strings for numbers, null for nothing.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

/// A string; a number in its own digits.
pub(super) fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    word(object, key).map(Cow::into_owned)
}

/// The same where it stands.
pub(super) fn word<'a>(object: &'a Map<String, Value>, key: &str) -> Option<Cow<'a, str>> {
    match object.get(key)? {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A string that is not empty.
pub(super) fn some_text(object: &Map<String, Value>, key: &str) -> Option<String> {
    word(object, key).filter(|text| !text.is_empty()).map(Cow::into_owned)
}

/// A whole number that fits, also one in a string or with a zero fraction.
pub(super) fn number(object: &Map<String, Value>, key: &str) -> Option<u32> {
    whole(object.get(key)?)
}

/// A whole number as large as a date in milliseconds.
pub(super) fn number_64(object: &Map<String, Value>, key: &str) -> Option<i64> {
    object.get(key)?.as_i64()
}

/// A whole number that fits, also one in a string or with a zero fraction.
pub(super) fn whole(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => from_number(number),
        Value::String(text) => from_number(&text.trim().parse().ok()?),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn from_number(number: &Number) -> Option<u32> {
    if let Some(whole) = number.as_u64() {
        return u32::try_from(whole).ok();
    }
    let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
    (0.0..=f64::from(u32::MAX)).contains(&float).then_some(float as u32)
}

/// A boolean, also in a string.
pub(super) fn flag(object: &Map<String, Value>, key: &str) -> Option<bool> {
    match object.get(key)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// An object.
pub(super) fn object<'a>(
    object: &'a Map<String, Value>,
    key: &str,
) -> Option<&'a Map<String, Value>> {
    object.get(key).and_then(Value::as_object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_read_from_strings_and_zero_fractions() {
        for (value, number) in [
            (json!(10), Some(10)),
            (json!("10"), Some(10)),
            (json!(" 10 "), Some(10)),
            (json!(10.0), Some(10)),
            (json!("10.0"), Some(10)),
            (json!(10.5), None),
            (json!(-1), None),
            (json!(4_294_967_296_u64), None),
            (json!("ten"), None),
            (json!(null), None),
        ] {
            assert_eq!(whole(&value), number, "{value}");
        }
    }
}
