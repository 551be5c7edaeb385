//! Forms and query strings: pairs in order, and the tables of parameters that they are held to.

use super::refusal::Refusal;

/// What a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// Any text.
    Text,
    /// An address; empty clears it.
    Url,
    /// `true`, `1` and `yes` are true, anything else is false.
    Boolean,
    /// A whole number.
    Integer,
    /// A sid with this prefix; empty clears it where that means something.
    Sid(&'static str),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// The parameter may be repeated.
    Texts,
}

/// One form or query parameter of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// In PascalCase.
    pub name: &'static str,
    /// What it holds.
    pub kind: ParamKind,
    /// Whether the operation is refused without it.
    pub required: bool,
}

/// A parameter that may be left out.
pub(super) const fn optional(name: &'static str, kind: ParamKind) -> Param {
    Param { name, kind, required: false }
}

/// A parameter that may not.
pub(super) const fn required(name: &'static str, kind: ParamKind) -> Param {
    Param { name, kind, required: true }
}

/// Decoded pairs in the order they came. Of a repeated key the last one counts, except where
/// all are wanted.
#[derive(Clone, Debug, Default)]
pub(super) struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Decodes `a=b&c=d`; bytes that are not UTF-8 are replaced.
    pub(super) fn decode(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The last value of a key.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a key.
    pub(super) fn texts(&self, name: &str) -> Vec<&str> {
        let values = self.0.iter().filter(|(key, _)| key == name);
        values.map(|(_, value)| value.as_str()).collect()
    }

    /// A boolean by TaskRouter's rule.
    pub(super) fn boolean(&self, name: &str) -> Option<bool> {
        self.text(name).map(is_true)
    }

    /// A whole number; the table has been checked.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.text(name).and_then(|text| text.trim().parse().ok())
    }

    /// Those of the table's parameters that are there, encoded in the order they came.
    pub(super) fn encode(&self, table: &[Param]) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        for (key, value) in &self.0 {
            if table.iter().any(|param| param.name == key) {
                out.append_pair(key, value);
            }
        }
        out.finish()
    }

    /// Holds the pairs to a table. Parameters that are not in it are ignored.
    pub(super) fn check(&self, table: &[Param], place: &str) -> Result<(), Refusal> {
        for param in table {
            match self.text(param.name) {
                None if param.required => {
                    let name = param.name;
                    let message = format!("Missing required parameter {name} in the {place}");
                    return Err(Refusal::invalid(message));
                }
                None => {}
                Some(value) => check(param, value)?,
            }
        }
        Ok(())
    }
}

fn check(param: &Param, value: &str) -> Result<(), Refusal> {
    let name = param.name;
    match param.kind {
        ParamKind::Text | ParamKind::Texts | ParamKind::Url | ParamKind::Boolean => Ok(()),
        ParamKind::Integer if value.trim().parse::<i64>().is_ok() => Ok(()),
        ParamKind::Integer => {
            Err(Refusal::invalid(format!("{name} must be an integer, not '{}'", brief(value))))
        }
        ParamKind::Sid(prefix) if value.is_empty() || is_sid(value, prefix) => Ok(()),
        ParamKind::Sid(_) => {
            Err(Refusal::invalid(format!("Invalid {name}: '{}' is not a sid", brief(value))))
        }
        ParamKind::Choice(choices) if choices.contains(&value) => Ok(()),
        ParamKind::Choice(choices) => Err(Refusal::invalid(format!(
            "Invalid {name}: '{}' is not one of {}",
            brief(value),
            choices.join(", ")
        ))),
    }
}

/// Whether a text means true.
pub(super) fn is_true(text: &str) -> bool {
    ["true", "1", "yes"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a text is a sid with this prefix.
pub(super) fn is_sid(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The beginning of a value, for a message.
pub(super) fn brief(value: &str) -> String {
    if value.chars().count() <= 60 {
        return value.to_owned();
    }
    let start: String = value.chars().take(60).collect();
    format!("{start}…")
}

/// A friendly name of 1 to 64 characters.
pub(super) fn friendly_name(name: &str) -> Result<String, Refusal> {
    if (1..=64).contains(&name.chars().count()) {
        Ok(name.to_owned())
    } else {
        Err(Refusal::friendly_name())
    }
}

/// A whole number within a range.
pub(super) fn within(
    pairs: &Pairs,
    name: &str,
    least: u32,
    most: u32,
) -> Result<Option<u32>, Refusal> {
    let Some(number) = pairs.integer(name) else { return Ok(None) };
    match u32::try_from(number) {
        Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
        _ => {
            let message = format!("{name} must be between {least} and {most}, not {number}");
            Err(Refusal::invalid(message))
        }
    }
}
