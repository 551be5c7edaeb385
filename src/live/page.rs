//! One page of a list. Where the list goes on is found out before the items are read, so that the
//! next page is on its way meanwhile.

use std::collections::BTreeMap;
use std::fmt;

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

/// From here on, in bytes, a page is read beside the requests.
const LARGE: usize = 1 << 16;

/// The key of `meta` that holds the next page.
const NEXT: &str = "next_page_url";

/// A page whose items are still text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Page {
    key: String,
    items: Bytes,
    /// The next page, as the API wrote it.
    pub(super) next: Option<String>,
}

impl Page {
    /// Finds the items under the key that `meta` names, else under `key`, else in the only list
    /// there is.
    pub(super) fn of(body: &Bytes, key: &str) -> Result<Self, String> {
        let parts: BTreeMap<String, &RawValue> = match serde_json::from_slice(body) {
            Ok(parts) => parts,
            Err(error) => return Err(answer::object(body).err().unwrap_or(error.to_string())),
        };
        let meta =
            parts.get("meta").map(|meta| serde_json::from_str::<Map<String, Value>>(meta.get()));
        let meta = meta.and_then(Result::ok);
        let named = meta.as_ref().and_then(|meta| fields::text(meta, "key"));
        let next = meta.as_ref().and_then(|meta| fields::some_text(meta, NEXT));
        let is_list = |key: &String| parts.get(key).is_some_and(|part| part.get().starts_with('['));
        let mut lists = parts.keys().filter(|key| is_list(key));
        let only = lists.next().filter(|_| lists.next().is_none()).cloned();
        let found = named.into_iter().chain([key.to_owned()]).chain(only).find(is_list);
        let Some(key) = found else { return Err(format!("a list without `{key}`")) };
        let items = body.slice_ref(parts[&key].get().as_bytes());
        Ok(Self { key, items, next })
    }

    /// The items, each of which is read from an object.
    pub(super) fn items<I: DeserializeOwned>(&self) -> Result<Vec<I>, String> {
        let key = &self.key;
        serde_json::from_slice(&self.items).map_err(|error| {
            if error.is_data() {
                format!("something in `{key}` that is not an object")
            } else {
                format!("something in `{key}` that is not JSON: {error}")
            }
        })
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
        deserializer.deserialize_map(Useful).map(Self)
    }
}

struct Useful;

impl<'de> Visitor<'de> for Useful {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut item = Raw::new();
        while let Some(key) = entries.next_key::<String>()? {
            if SKIPPED.contains(&key.as_str()) {
                entries.next_value::<IgnoredAny>()?;
            } else {
                item.insert(key, entries.next_value()?);
            }
        }
        Ok(item)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(body: &str) -> Result<(Vec<Raw>, Option<String>), String> {
        let page = Page::of(&Bytes::copy_from_slice(body.as_bytes()), "channels")?;
        Ok((page.items()?.into_iter().map(|Item(item)| item).collect(), page.next))
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
