//! Strings that may name a resource whose sid is not known yet.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Address, Kind};

/// How long a sid is: two letters and 32 hexadecimal digits.
const SID: usize = 34;

/// A piece of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// As it stands.
    Str(String),
    /// The sid of the resource with this address, put in when the text is sent.
    Sid(Address),
}

/// A string in which the sids of other resources are kept as addresses, so that a text from the
/// spec and one read from TaskRouter are equal when they mean the same.
///
/// Adjacent `Str` parts are always joined and empty ones dropped, so `==` is meaningful. Shown and
/// stored as the user would write it, `targetSid == '${queue['Sales'].sid}'`, which reads back.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text {
    parts: Vec<Part>,
}

impl Text {
    /// The pieces, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Adds a piece at the end.
    pub fn push(&mut self, part: Part) {
        match (self.parts.last_mut(), part) {
            (_, Part::Str(next)) if next.is_empty() => {}
            (Some(Part::Str(last)), Part::Str(next)) => last.push_str(&next),
            (_, part) => self.parts.push(part),
        }
    }

    /// The addresses whose sids stand in this text.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.parts.iter().filter_map(|part| match part {
            Part::Str(_) => None,
            Part::Sid(address) => Some(address),
        })
    }

    /// The text with something else in the places of those addresses for which there is something.
    #[must_use]
    pub fn map_addresses(&self, mut other: impl FnMut(&Address) -> Option<Self>) -> Self {
        let mut out = Self::default();
        for part in &self.parts {
            let other = match part {
                Part::Str(_) => None,
                Part::Sid(address) => other(address),
            };
            match other {
                Some(other) => other.parts.into_iter().for_each(|part| out.push(part)),
                None => out.push(part.clone()),
            }
        }
        out
    }

    /// Whether something that has the shape of a sid stands in it as plain text.
    pub fn holds_sid(&self) -> bool {
        let holds = |text: &String| (0..text.len()).any(|at| sid_at(text, at).is_some());
        self.parts.iter().any(|part| matches!(part, Part::Str(text) if holds(text)))
    }

    /// The text with addresses in the places of the plain sids that `address` knows.
    #[must_use]
    pub fn with_sids_named(&self, address: &dyn Fn(&str) -> Option<Address>) -> Self {
        let mut out = Self::default();
        for part in &self.parts {
            let Part::Str(plain) = part else {
                out.push(part.clone());
                continue;
            };
            let (mut from, mut at) = (0, 0);
            while at < plain.len() {
                match sid_at(plain, at).and_then(address) {
                    Some(address) => {
                        out.push(Part::Str(plain[from..at].to_owned()));
                        out.push(Part::Sid(address));
                        at += SID;
                        from = at;
                    }
                    None => at += 1,
                }
            }
            out.push(Part::Str(plain[from..].to_owned()));
        }
        out
    }

    /// The whole string, with `sid` asked for each address.
    pub fn render<'a>(&'a self, mut sid: impl FnMut(&'a Address) -> String) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Str(text) => text.clone(),
                Part::Sid(address) => sid(address),
            })
            .collect()
    }
}

/// What has the shape of a sid at this byte, and is no part of a longer word.
fn sid_at(text: &str, at: usize) -> Option<&str> {
    let bytes = text.as_bytes();
    let word = |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let shape = |sid: &[u8]| {
        sid[..2].iter().all(u8::is_ascii_uppercase) && sid[2..].iter().all(u8::is_ascii_hexdigit)
    };
    let found = bytes.get(at..at + SID).is_some_and(shape);
    let alone = found && !word(at + SID) && !at.checked_sub(1).is_some_and(word);
    if alone { text.get(at..at + SID) } else { None }
}

impl FromIterator<Part> for Text {
    fn from_iter<I: IntoIterator<Item = Part>>(parts: I) -> Self {
        let mut text = Self::default();
        for part in parts {
            text.push(part);
        }
        text
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from_iter([Part::Str(text.to_owned())])
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::from_iter([Part::Str(text)])
    }
}

/// A literal `${` is doubled to `$${`. A name with an apostrophe stands in double quotes, as JSON
/// has them.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Str(text) => f.write_str(&text.replace("${", "$${"))?,
                Part::Sid(Address { kind, name }) if name.is_empty() => {
                    write!(f, "${{{}.sid}}", word(*kind))?;
                }
                Part::Sid(Address { kind, name }) if name.contains('\'') => {
                    let name = serde_json::Value::from(name.as_str());
                    write!(f, "${{{}[{name}].sid}}", word(*kind))?;
                }
                Part::Sid(Address { kind, name }) => {
                    write!(f, "${{{}['{name}'].sid}}", word(*kind))?;
                }
            }
        }
        Ok(())
    }
}

/// The word for a kind inside `${…}`, where a task channel is a `channel`.
fn word(kind: Kind) -> &'static str {
    if kind == Kind::TaskChannel { "channel" } else { kind.word() }
}

/// A text that holds a `${` which is no reference to a sid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` holds a reference that is not of the form ${{queue['NAME'].sid}}")]
pub struct TextError(String);

impl FromStr for Text {
    type Err = TextError;

    fn from_str(whole: &str) -> Result<Self, TextError> {
        let mut text = Self::default();
        let mut rest = whole;
        while let Some(at) = rest.find("${") {
            if rest[..at].ends_with('$') {
                text.push(Part::Str(format!("{}${{", &rest[..at - 1])));
                rest = &rest[at + 2..];
                continue;
            }
            text.push(Part::Str(rest[..at].to_owned()));
            let (address, after) =
                reference(&rest[at + 2..]).ok_or_else(|| TextError(whole.to_owned()))?;
            text.push(Part::Sid(address));
            rest = after;
        }
        text.push(Part::Str(rest.to_owned()));
        Ok(text)
    }
}

/// Reads `queue['Sales'].sid}`; gives what follows too.
fn reference(text: &str) -> Option<(Address, &str)> {
    let end = text.find(['[', '.'])?;
    let kind = Kind::ALL.into_iter().find(|kind| word(*kind) == &text[..end])?;
    let rest = &text[end..];
    if let Some(after) = rest.strip_prefix(".sid}") {
        return (kind == Kind::Workspace).then(|| (Address::workspace(), after));
    }
    let rest = rest.strip_prefix('[')?;
    let (name, rest) = match rest.strip_prefix('\'') {
        Some(rest) => rest.split_once('\'').map(|(name, rest)| (name.to_owned(), rest))?,
        None => {
            let mut strings = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            let name = strings.next()?.ok()?;
            (name, &rest[strings.byte_offset()..])
        }
    };
    Some((Address::new(kind, name), rest.strip_prefix("].sid}")?))
}

impl Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Text {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A string in which `${queue['Sales'].sid}` stands for a sid and `$${` \
                            for a literal `${`.",
        })
    }
}

/// A piece of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hole {
    /// As it stands, or a sid that does not depend on the queue.
    Part(Part),
    /// `${queue.name}`: the name of the queue that the filter is made for.
    QueueName,
    /// `${queue.sid}`: its sid.
    QueueSid,
}

/// A text of a for-each over queues, with holes for the queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// The pieces, in order.
    pub holes: Vec<Hole>,
}

impl Template {
    /// The text for one queue.
    pub fn fill(&self, queue: &str) -> Text {
        self.holes
            .iter()
            .map(|hole| match hole {
                Hole::Part(part) => part.clone(),
                Hole::QueueName => Part::Str(queue.to_owned()),
                Hole::QueueSid => Part::Sid(Address::new(Kind::Queue, queue)),
            })
            .collect()
    }
}

impl From<Text> for Template {
    fn from(text: Text) -> Self {
        Self { holes: text.parts.into_iter().map(Hole::Part).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_reads_back_as_it_was_printed() {
        for name in ["Sales", "VIP's", "both ' and \" and \\"] {
            let text = Text::from_iter([
                Part::Str("a == '".to_owned()),
                Part::Sid(Address::new(Kind::Queue, name)),
                Part::Str("' AND b == '${x}' AND c == '$${'".to_owned()),
                Part::Sid(Address::workspace()),
            ]);
            assert_eq!(text.to_string().parse(), Ok(text));
        }
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for text in ["${", "${queue}", "${queue['Sales}", "${queue['Sales'].name}", "${var.x}"] {
            assert!(text.parse::<Text>().is_err(), "{text}");
        }
    }
}
