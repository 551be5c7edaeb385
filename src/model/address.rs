//! Names for resources: `queue.Sales`, `workflow."Chat Transfer"`, `capacity.alice/chat`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

/// The kinds of things that are planned, in the order in which they are created.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The workspace itself; its address has no name.
    Workspace,
    /// By friendly name.
    Activity,
    /// By unique name.
    TaskChannel,
    /// A TaskQueue, by friendly name.
    Queue,
    /// By friendly name.
    Workflow,
    /// By friendly name.
    Worker,
    /// A worker channel, named `worker/channel`.
    Capacity,
    /// A Conversations role, named `type/friendly name`.
    Role,
}

impl Kind {
    /// Every kind, in order of creation.
    pub const ALL: [Self; 8] = [
        Self::Workspace,
        Self::Activity,
        Self::TaskChannel,
        Self::Queue,
        Self::Workflow,
        Self::Worker,
        Self::Capacity,
        Self::Role,
    ];

    /// The word in addresses and JSON: `task_channel`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Workspace => "workspace",
            Self::Activity => "activity",
            Self::TaskChannel => "task_channel",
            Self::Queue => "queue",
            Self::Workflow => "workflow",
            Self::Worker => "worker",
            Self::Capacity => "capacity",
            Self::Role => "role",
        }
    }

    /// The word for several: `task_channels`.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Workspace => "workspaces",
            Self::Activity => "activities",
            Self::TaskChannel => "task_channels",
            Self::Queue => "queues",
            Self::Workflow => "workflows",
            Self::Worker => "workers",
            Self::Capacity => "capacities",
            Self::Role => "roles",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Our name for one resource. Shown and stored as `kind.name`, quoted where the name needs it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// What it is.
    pub kind: Kind,
    /// Its name within the kind; empty for the workspace.
    pub name: String,
}

impl Address {
    /// The address of `name` among the resources of `kind`.
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into() }
    }

    /// The workspace.
    pub fn workspace() -> Self {
        Self::new(Kind::Workspace, "")
    }

    /// The capacity of one worker in one channel.
    pub fn capacity(worker: &str, channel: &str) -> Self {
        Self::new(Kind::Capacity, format!("{worker}/{channel}"))
    }

    /// Worker and channel of a capacity's address; a channel's name holds no slash.
    pub fn worker_and_channel(&self) -> Option<(&str, &str)> {
        if self.kind == Kind::Capacity { self.name.rsplit_once('/') } else { None }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_alphanumeric() || "_-@/+".contains(c);
        f.write_str(self.kind.word())?;
        if self.kind == Kind::Workspace && self.name.is_empty() {
            Ok(())
        } else if !self.name.is_empty() && self.name.chars().all(|c| plain(c) || c == '.') {
            write!(f, ".{}", self.name)
        } else {
            f.write_str(".\"")?;
            for c in self.name.chars() {
                if matches!(c, '"' | '\\') {
                    f.write_str("\\")?;
                }
                write!(f, "{c}")?;
            }
            f.write_str("\"")
        }
    }
}

/// Why a text is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The word before the point is no kind.
    #[error(
        "`{0}` is not a kind; the kinds are workspace, activity, task_channel, queue, workflow, worker, capacity, role"
    )]
    Kind(String),
    /// Nothing stands after the kind.
    #[error("`{0}` has no name; write it as in queue.Sales or workflow.\"Chat Transfer\"")]
    Name(String),
    /// A quote is opened and not closed, or something follows it.
    #[error("the quotes in `{0}` do not close at its end")]
    Quote(String),
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (word, rest) = match text.split_once('.') {
            Some((word, rest)) => (word, Some(rest)),
            None => (text, None),
        };
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.word() == word)
            .ok_or_else(|| AddressError::Kind(word.to_owned()))?;
        match rest {
            None if kind == Kind::Workspace => Ok(Self::workspace()),
            None | Some("") => Err(AddressError::Name(text.to_owned())),
            Some(rest) => Ok(Self::new(kind, unquote(rest, text)?)),
        }
    }
}

fn unquote(name: &str, whole: &str) -> Result<String, AddressError> {
    let Some(inner) = name.strip_prefix('"') else {
        return Ok(name.to_owned());
    };
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' if chars.as_str().is_empty() => return Ok(out),
            '"' => break,
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    Err(AddressError::Quote(whole.to_owned()))
}

impl Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Address {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Address".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A resource by our name: `queue.Sales`, `workflow.\"Chat Transfer\"`.",
        })
    }
}

/// An address whose name may hold `*` and `?`; the kind `*` stands for all kinds.
#[derive(Clone, Debug, PartialEq)]
pub struct AddressPattern {
    text: String,
    kind: Option<Kind>,
    name: WildMatch,
}

impl AddressPattern {
    /// Whether the pattern covers this address.
    pub fn matches(&self, address: &Address) -> bool {
        self.kind.is_none_or(|kind| kind == address.kind) && self.name.matches(&address.name)
    }
}

impl AddressPattern {
    /// Whether it can cover anything of this kind.
    pub fn is_about(&self, kind: Kind) -> bool {
        self.kind.is_none_or(|own| own == kind)
    }
}

impl fmt::Display for AddressPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for AddressPattern {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (kind, name) = match text.strip_prefix("*.") {
            Some(name) => (None, unquote(name, text)?),
            None if text == "*" => (None, "*".to_owned()),
            None => {
                let address: Address = text.parse()?;
                (Some(address.kind), address.name)
            }
        };
        Ok(Self { text: text.to_owned(), kind, name: WildMatch::new(&name) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_as_it_was_printed() {
        for name in ["Sales", "Chat Transfer", "a\"b\\c", "alice@example.com/chat", "1.5"] {
            let address = Address::new(Kind::Queue, name);
            assert_eq!(address.to_string().parse(), Ok(address));
        }
        assert_eq!("workspace".parse(), Ok(Address::workspace()));
        assert_eq!(
            Address::new(Kind::Workflow, "Chat Transfer").to_string(),
            "workflow.\"Chat Transfer\""
        );
    }

    #[test]
    fn a_pattern_covers_names_of_its_kind_only() {
        let pattern: AddressPattern = "workflow.*Voicemail*".parse().unwrap();
        assert!(pattern.matches(&Address::new(Kind::Workflow, "Old Voicemail 2")));
        assert!(!pattern.matches(&Address::new(Kind::Queue, "Voicemail")));
    }

    #[test]
    fn what_is_no_address_says_why() {
        assert_eq!("qeue.Sales".parse::<Address>(), Err(AddressError::Kind("qeue".into())));
        assert_eq!(
            "queue.\"Sal".parse::<Address>(),
            Err(AddressError::Quote("queue.\"Sal".into()))
        );
        assert_eq!("queue".parse::<Address>(), Err(AddressError::Name("queue".into())));
    }
}
