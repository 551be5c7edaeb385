//! Names for sids.

use std::collections::BTreeMap;

use crate::model::{Address, Part, QueueRef, Text};

/// How long a sid is: two letters and 32 hexadecimal digits.
const SID: usize = 34;

/// The address that each sid stands for. A name that two objects share stands for neither.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    by_sid: BTreeMap<String, Address>,
}

impl Names {
    /// Names for these resources.
    pub(super) fn new(resources: impl IntoIterator<Item = (Address, String)>) -> Self {
        let mut by_address: BTreeMap<Address, Vec<String>> = BTreeMap::new();
        for (address, sid) in resources {
            by_address.entry(address).or_default().push(sid);
        }
        let unique = by_address.into_iter().filter_map(|(address, sids)| {
            let [sid] = <[String; 1]>::try_from(sids).ok()?;
            Some((sid, address))
        });
        Self { by_sid: unique.collect() }
    }

    /// The queue with this sid.
    pub(super) fn queue(&self, sid: &str) -> QueueRef {
        match self.by_sid.get(sid) {
            Some(address) => QueueRef::Name(address.name.clone()),
            None => QueueRef::Sid(sid.to_owned()),
        }
    }

    /// The name of the activity with this sid; the sid itself when its name is not unique.
    pub(super) fn activity(&self, sid: &str) -> String {
        self.by_sid.get(sid).map_or_else(|| sid.to_owned(), |address| address.name.clone())
    }

    /// The text with addresses for the sids that are known.
    pub(super) fn text(&self, text: &str) -> Text {
        let mut out = Text::default();
        let (mut from, mut at) = (0, 0);
        while at + SID <= text.len() {
            match sid_at(text, at).and_then(|sid| self.by_sid.get(sid)) {
                Some(address) => {
                    out.push(Part::Str(text[from..at].to_owned()));
                    out.push(Part::Sid(address.clone()));
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

/// The sid that begins at a byte and is no part of a longer word.
fn sid_at(text: &str, at: usize) -> Option<&str> {
    let bytes = text.as_bytes();
    let word = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let alone = !at.checked_sub(1).is_some_and(|before| word(bytes.get(before)))
        && !word(bytes.get(at + SID));
    let sid = text.get(at..at + SID).filter(|_| alone)?;
    is_sid(sid).then_some(sid)
}

/// Whether a text has the shape of a sid.
pub(super) fn is_sid(text: &str) -> bool {
    text.len() == SID
        && text.as_bytes()[..2].iter().all(u8::is_ascii_uppercase)
        && text.as_bytes()[2..].iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    fn sid(prefix: &str, n: u32) -> String {
        format!("{prefix}{n:032x}")
    }

    fn names() -> Names {
        Names::new([
            (Address::new(Kind::Queue, "Sales"), sid("WQ", 1)),
            (Address::new(Kind::Queue, "Twin"), sid("WQ", 2)),
            (Address::new(Kind::Queue, "Twin"), sid("WQ", 3)),
            (Address::new(Kind::Activity, "Break"), sid("WA", 1)),
        ])
    }

    #[test]
    fn known_sids_in_a_text_become_addresses() {
        let text = format!(
            "a == '{}' AND workers.{} > 0 OR é != '{}' OR x{} == 1",
            sid("WQ", 1),
            sid("WA", 1),
            sid("WQ", 9),
            sid("WQ", 1)
        );
        assert_eq!(
            names().text(&text).to_string(),
            format!(
                "a == '${{queue['Sales'].sid}}' AND workers.${{activity['Break'].sid}} > 0 OR é != '{}' OR x{} == 1",
                sid("WQ", 9),
                sid("WQ", 1)
            )
        );
    }

    #[test]
    fn a_name_that_two_queues_share_stands_for_neither() {
        assert_eq!(names().queue(&sid("WQ", 1)), QueueRef::Name("Sales".into()));
        assert_eq!(names().queue(&sid("WQ", 2)), QueueRef::Sid(sid("WQ", 2)));
        assert_eq!(names().activity(&sid("WA", 7)), sid("WA", 7));
    }
}
