//! Strings that may name a resource whose sid is not known yet.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Address;

/// A piece of a [`Text`].
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// As it stands.
    Str(String),
    /// The sid of the resource with this address, put in when the text is sent.
    Sid(Address),
}

/// A string in which the sids of other resources are kept as addresses, so that a text from the
/// spec and one read from TaskRouter are equal when they mean the same.
///
/// Adjacent `Str` parts are always joined and empty ones dropped, so `==` is meaningful.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
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

    /// The same text with its addresses exchanged.
    #[must_use]
    pub fn map_addresses(&self, mut with: impl FnMut(&Address) -> Address) -> Self {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Str(text) => Part::Str(text.clone()),
                Part::Sid(address) => Part::Sid(with(address)),
            })
            .collect()
    }
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

/// As the user would write it: `targetSid == '${queue['Sales'].sid}'`.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Str(text) => f.write_str(text)?,
                Part::Sid(address) if address.name.is_empty() => {
                    write!(f, "${{{}.sid}}", address.kind)?;
                }
                Part::Sid(address) => write!(f, "${{{}['{}'].sid}}", address.kind, address.name)?,
            }
        }
        Ok(())
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
                Hole::QueueSid => Part::Sid(Address::new(super::Kind::Queue, queue)),
            })
            .collect()
    }
}

impl From<Text> for Template {
    fn from(text: Text) -> Self {
        Self { holes: text.parts.into_iter().map(Hole::Part).collect() }
    }
}
