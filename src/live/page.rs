//! One page of a list. Where the list goes on is found out before the items are read, so that the
//! next page is on its way meanwhile.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::answer;
use super::fields;
use super::lift::Raw;

/// What is the larger part of most items and of no use: URLs are made and not followed.
const SKIPPED: [&str; 2] = ["links", "url"];

/// More entries than most objects have.
const ENTRIES: usize = 16;

/// From here on, in bytes, a page is read beside the requests.
const LARGE: usize = 1 << 16;

/// The key of `meta` that holds the next page.
const NEXT: &str = "next_page_url";

/// A page whose items have been read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Page<I> {
    pub(super) items: Vec<I>,
    /// The next page, as the API wrote it.
    pub(super) next: Option<String>,
}

impl<I: DeserializeOwned> Page<I> {
    /// Finds the items under the key that `meta` names, else under `key`, else in the only list
    /// there is. Each is read from an object.
    pub(super) fn of(body: &[u8], key: &str) -> Result<Self, String> {
        // Nearly every answer has them under `key`, which takes one pass.
        Self::expected(body, key).map_or_else(|| Self::searched(body, key), Ok)
    }

    fn expected(body: &[u8], key: &str) -> Option<Self> {
        let expected = Expected { key, items: PhantomData };
        let mut body = serde_json::Deserializer::from_slice(body);
        let (items, meta) = body.deserialize_map(expected).ok()?;
        body.end().ok()?;
        let named = fields::text(&meta, "key");
        let next = fields::some_text(&meta, NEXT);
        items.filter(|_| named.is_none_or(|named| named == key)).map(|items| Self { items, next })
    }

    fn searched(body: &[u8], key: &str) -> Result<Self, String> {
        let parts: BTreeMap<String, &RawValue> = match serde_json::from_slice(body) {
            Ok(parts) => parts,
            Err(error) => return Err(answer::object(body).err().unwrap_or(error.to_string())),
        };
        let meta =
            parts.get("meta").map(|meta| serde_json::from_str::<Map<String, Value>>(meta.get()));
        let meta = meta.and_then(Result::ok).unwrap_or_default();
        let named = fields::text(&meta, "key");
        let next = fields::some_text(&meta, NEXT);
        let is_list = |key: &String| parts.get(key).is_some_and(|part| part.get().starts_with('['));
        let mut lists = parts.keys().filter(|key| is_list(key));
        let only = lists.next().filter(|_| lists.next().is_none()).cloned();
        let found = named.into_iter().chain([key.to_owned()]).chain(only).find(is_list);
        let Some(key) = found else { return Err(format!("a list without `{key}`")) };
        let items = serde_json::from_str(parts[&key].get()).map_err(|error| {
            if error.is_data() {
                format!("something in `{key}` that is not an object")
            } else {
                format!("something in `{key}` that is not JSON: {error}")
            }
        })?;
        Ok(Self { items, next })
    }
}

/// A body with its items under `key`: these, and `meta`.
struct Expected<'k, I> {
    key: &'k str,
    items: PhantomData<I>,
}

impl<'de, I: DeserializeOwned> Visitor<'de> for Expected<'_, I> {
    type Value = (Option<Vec<I>>, Map<String, Value>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of `{}`", self.key)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut items = None;
        let mut meta = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if key == self.key && items.is_none() {
                items = Some(entries.next_value()?);
            } else if key == "meta" {
                meta = entries.next_value()?;
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok((items, meta))
    }
}

/// The next page of a large body, when it can be told at a glance: the key is there once. What is
/// inside a string has backslashes before its quotes, so that only keys and whole strings are found.
/// Whoever relies on it holds it against [`Page::next`] later.
pub(super) fn glance(body: &Bytes) -> Option<Option<String>> {
    if body.len() < LARGE {
        return None;
    }
    let quoted = format!("\"{NEXT}\"");
    let mut places = memchr::memmem::find_iter(body, &quoted);
    let place = places.next().filter(|_| places.next().is_none())?;
    let rest = body[place + quoted.len()..].trim_ascii_start().strip_prefix(b":")?;
    let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Option<String>>();
    let next = values.next()?.ok()?;
    Some(next.filter(|next| !next.is_empty()))
}

/// An object without what is of no use.
pub(super) struct Item(pub(super) Raw);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries { skipped: &SKIPPED }).map(Self)
    }
}

/// A whole object.
pub(super) struct Whole(pub(super) Raw);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries { skipped: &[] }).map(Self)
    }
}

struct Entries {
    skipped: &'static [&'static str],
}

impl<'de> Visitor<'de> for Entries {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        // Made at once, since a map that grows is made again and again.
        let mut item = Vec::with_capacity(ENTRIES);
        while let Some(key) = entries.next_key::<String>()? {
            if self.skipped.contains(&key.as_str()) {
                entries.next_value::<IgnoredAny>()?;
            } else {
                item.push((key, entries.next_value()?));
            }
        }
        Ok(Raw::from_iter(item))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(body: &str) -> Result<(Vec<Raw>, Option<String>), String> {
        let Page { items, next } = Page::of(body.as_bytes(), "channels")?;
        Ok((items.into_iter().map(|Item(item)| item).collect(), next))
    }

    #[test]
    fn items_are_found_under_the_key_that_the_page_names() {
        let one = r#"{"meta": {"key": "channels", "next_page_url": null}, "channels": [{}]}"#;
        assert_eq!(page(one), Ok((vec![Raw::new()], None)));
        assert_eq!(page(r#"{"task_channels": [{}, {}]}"#).unwrap().0.len(), 2);
        let next = r#"{"channels":[],"meta":{"next_page_url":"https://x.example\/2"}}"#;
        assert_eq!(page(next), Ok((Vec::new(), Some("https://x.example/2".to_owned()))));
    }

    #[test]
    fn links_are_not_read_and_everything_else_is() {
        let (items, _) = page(
            r#"{"channels": [{"sid": "TC1", "links": {"a": [1]}, "url": "u", "x": {"url": 1}}]}"#,
        )
        .unwrap();
        assert_eq!(json!(items), json!([{ "sid": "TC1", "x": { "url": 1 } }]));
    }

    #[test]
    fn a_glance_at_a_large_page_finds_the_next_or_nothing() {
        let large = |meta: &str, item: &str| {
            let filler = "x".repeat(LARGE);
            Bytes::from(format!(r#"{{"meta":{{{meta}}},"channels":[{item}{{"sid":"{filler}"}}]}}"#))
        };
        let here = r#""next_page_url" : "https://x.example\/2?a=%22""#;
        assert_eq!(glance(&large(here, "")), Some(Some("https://x.example/2?a=%22".to_owned())));
        assert_eq!(glance(&large(r#""next_page_url":null"#, "")), Some(None));
        // A key of a worker's attributes is text within text.
        let attributes = r#"{"attributes": "{\"next_page_url\": \"u\"}"},"#;
        assert_eq!(glance(&large(r#""next_page_url":null"#, attributes)), Some(None));
        assert_eq!(glance(&large("", attributes)), None);
        assert_eq!(glance(&large(r#""next_page_url":null"#, r#"{"next_page_url":1},"#)), None);
        assert_eq!(glance(&Bytes::from_static(br#"{"next_page_url":null}"#)), None);
    }

    #[test]
    fn what_is_no_page_is_said() {
        for (body, what) in [
            (r#"{"meta": {}}"#, "a list without `channels`"),
            (r#"{"channels": [1]}"#, "something in `channels` that is not an object"),
            ("[]", "JSON that is not an object: []"),
            ("<html>", "something that is not JSON: <html>"),
            ("", "nothing where JSON was expected"),
        ] {
            assert_eq!(page(body).unwrap_err(), what, "{body}");
        }
        let surrogate = page(r#"{"channels": [{"sid": "\ud800"}]}"#).unwrap_err();
        assert!(surrogate.starts_with("something in `channels` that is not JSON"), "{surrogate}");
    }
}
