//! An expression as a resource holds it: verbatim, and equal to another by its canonical form.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Address, Part, Text};
use crate::expr;

/// How long a sid is: two letters and 32 hexadecimal digits.
const SID: usize = 34;

/// A TaskRouter expression. What is sent is the text as written; what is compared is
/// [`Expression::canonical`].
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Expression {
    /// Verbatim.
    pub text: Text,
}

impl Expression {
    /// An expression with this text.
    pub fn new(text: impl Into<Text>) -> Self {
        Self { text: text.into() }
    }

    /// The canonical spelling, or the trimmed text when it has syntax errors, with names for sids.
    pub fn canonical(&self) -> Text {
        let (plain, stand_ins) = self.stand_in();
        let canonical = expr::canonical(&plain);
        Text::with_addresses(&canonical, &stand_ins)
    }

    /// The tree, with a stand-in for each sid that is not known yet, and what is wrong with it.
    /// Ranges are into the string that [`Expression::stand_in`] gives.
    pub fn parse(&self) -> (expr::Expr, Vec<expr::SyntaxError>) {
        expr::parse(&self.stand_in().0)
    }

    /// The text with a made-up sid of the right shape for each address, and which is which.
    pub fn stand_in(&self) -> (String, Vec<(String, Address)>) {
        let mut stand_ins = Vec::new();
        let plain = self.text.render(|address| {
            let sid = Self::stand_in_sid(address);
            stand_ins.push((sid.clone(), address.clone()));
            sid
        });
        (plain, stand_ins)
    }

    /// Two letters and 32 hexadecimal digits that depend on nothing but the address.
    pub fn stand_in_sid(address: &Address) -> String {
        let prefix = match address.kind {
            super::Kind::Workspace => "WS",
            super::Kind::Activity => "WA",
            super::Kind::TaskChannel => "TC",
            super::Kind::Queue => "WQ",
            super::Kind::Workflow => "WW",
            super::Kind::Worker => "WK",
            super::Kind::Capacity => "WC",
            super::Kind::Role => "RL",
        };
        let digest = Sha256::digest(address.to_string());
        let mut sid = String::with_capacity(SID);
        sid.push_str(prefix);
        for byte in &digest[..16] {
            write!(sid, "{byte:02x}").expect("writing to a string cannot fail");
        }
        sid
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text || self.canonical() == other.canonical()
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl From<&str> for Expression {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl Text {
    /// A text with addresses for the made-up sids in it.
    pub fn with_addresses(text: &str, stand_ins: &[(String, Address)]) -> Self {
        let addresses: BTreeMap<&str, &Address> =
            stand_ins.iter().map(|(sid, address)| (sid.as_str(), address)).collect();
        let mut out = Self::default();
        let (mut from, mut at) = (0, 0);
        while at + SID <= text.len() && !addresses.is_empty() {
            match text.get(at..at + SID).and_then(|sid| addresses.get(sid)) {
                Some(address) => {
                    out.push(Part::Str(text[from..at].to_owned()));
                    out.push(Part::Sid((*address).clone()));
                    at += SID;
                    from = at;
                }
                None => at += 1,
            }
        }
        out.push(Part::Str(text[from..].to_owned()));
        out
    }
}
