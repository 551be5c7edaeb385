//! The blocks that editors offer, as they look before anything is typed into them.

use serde_json::Value;

/// The body of a snippet with its placeholders' own texts: `${1:Sales}` is `Sales`, and a text
/// behind `^` is a number.
pub fn filled(body: &Value) -> Value {
    match body {
        Value::String(text) => match text.strip_prefix('^') {
            Some(bare) => {
                let number = fill(bare);
                serde_json::from_str(&number).unwrap_or(Value::String(number))
            }
            None => fill(text).into(),
        },
        Value::Array(items) => items.iter().map(filled).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, value)| (fill(key), filled(value))).collect::<Value>()
        }
        other => other.clone(),
    }
}

fn fill(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('\\') {
            out.push_str(before);
            out.push_str("${");
            rest = after;
        } else {
            out.push_str(before);
            let (placeholder, after) = after.split_once('}').unwrap_or((after, ""));
            out.push_str(placeholder.split_once(':').map_or("", |(_, own)| own));
            rest = after;
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn placeholders_give_way_to_their_own_text_and_variables_stay() {
        let body =
            json!({ "${1:To} \\${queue.name}": { "timeout": "^${2:60}", "list": ["a ${3:b} c"] } });
        assert_eq!(
            filled(&body),
            json!({ "To ${queue.name}": { "timeout": 60, "list": ["a b c"] } })
        );
    }
}
