//! What answers are made of: documents with a table of their fields, lists, nothing.

use http::StatusCode;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::call::Call;
use super::collection::Collection;
use super::form::Param;
use super::paging::{Limit, Page};
use super::refusal::Refusal;
use super::store::{Record, Store};

/// What a field of an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A string.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// An object of addresses.
    Links,
    /// A list.
    List,
    /// Any JSON value.
    Any,
}

/// One field of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// In snake case.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it can be `null`.
    pub nullable: bool,
}

/// A Rust type that stands in a document.
pub(super) trait Shaped {
    const KIND: FieldKind;
    const NULLABLE: bool = false;
}

impl Shaped for &str {
    const KIND: FieldKind = FieldKind::Text;
}
impl Shaped for String {
    const KIND: FieldKind = FieldKind::Text;
}
impl Shaped for bool {
    const KIND: FieldKind = FieldKind::Boolean;
}
impl Shaped for u32 {
    const KIND: FieldKind = FieldKind::Integer;
}
impl Shaped for i64 {
    const KIND: FieldKind = FieldKind::Integer;
}
impl Shaped for &serde_json::Value {
    const KIND: FieldKind = FieldKind::Any;
}
impl Shaped for Links {
    const KIND: FieldKind = FieldKind::Links;
}
impl<T> Shaped for &[T] {
    const KIND: FieldKind = FieldKind::List;
}
impl<T: Shaped> Shaped for Option<T> {
    const KIND: FieldKind = T::KIND;
    const NULLABLE: bool = true;
}

/// Declares a document and, from the same lines, the table of its fields.
macro_rules! document {
    ($(#[$meta:meta])* $name:ident<$life:lifetime> { $($field:ident $(as $json:literal)?: $kind:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, serde::Serialize)]
        pub(super) struct $name<$life> {
            $($(#[serde(rename = $json)])? pub(super) $field: $kind,)*
        }

        impl<$life> $name<$life> {
            /// Its fields.
            pub(super) const FIELDS: &'static [$crate::emulator::body::Field] = &[$(
                $crate::emulator::body::Field {
                    name: document!(@name $field $($json)?),
                    kind: <$kind as $crate::emulator::body::Shaped>::KIND,
                    nullable: <$kind as $crate::emulator::body::Shaped>::NULLABLE,
                },
            )*];
        }
    };
    (@name $field:ident $json:literal) => { $json };
    (@name $field:ident) => { stringify!($field) };
}
pub(super) use document;

/// Addresses by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Links(pub(super) Vec<(&'static str, Option<String>)>);

impl Links {
    /// `{base}/{last}` for each pair.
    pub(super) fn under(base: &str, links: &[(&'static str, &str)]) -> Self {
        let link = |(name, last): &(&'static str, &str)| (*name, Some(format!("{base}/{last}")));
        Self(links.iter().map(link).collect())
    }

    /// Adds one.
    pub(super) fn with(mut self, name: &'static str, link: Option<String>) -> Self {
        self.0.push((name, link));
        self
    }
}

impl Serialize for Links {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, link) in &self.0 {
            map.serialize_entry(name, link)?;
        }
        map.end()
    }
}

/// A record that clients see.
pub(super) trait Render: Record {
    /// The document.
    type Document<'a>: Serialize
    where
        Self: 'a;
    /// Builds it, with addresses as the caller knows them.
    fn document<'a>(&'a self, store: &'a Store, call: &Call<'_>) -> Self::Document<'a>;
    /// The revision, for the kinds that have one.
    fn etag(&self) -> Option<String> {
        None
    }
}

/// What is sent back.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
    pub(super) etag: Option<String>,
}

impl Answer {
    /// 200 with a resource.
    pub(super) fn ok<T: Render>(store: &Store, call: &Call<'_>, record: &T) -> Self {
        Self::resource(StatusCode::OK, store, call, record)
    }

    /// 201 with a resource.
    pub(super) fn created<T: Render>(store: &Store, call: &Call<'_>, record: &T) -> Self {
        Self::resource(StatusCode::CREATED, store, call, record)
    }

    /// 204.
    pub(super) fn deleted() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: Vec::new(), etag: None }
    }

    fn resource<T: Render>(status: StatusCode, store: &Store, call: &Call<'_>, record: &T) -> Self {
        let body = bytes(&record.document(store, call));
        Self { status, body, etag: record.etag() }
    }

    /// 200 with one page of the rows that match.
    pub(super) fn list<T: Render>(
        store: &Store,
        call: &Call<'_>,
        rows: &Collection<T>,
        list: &List,
        matches: impl Fn(&T) -> bool,
    ) -> Result<Self, Refusal> {
        let page = Page::read(&call.query, list, |sid| rows.place(sid))?;
        let selection = page.select(rows, matches);
        let mut body = Vec::with_capacity(1024 * (selection.rows.len() + 1));
        body.extend_from_slice(b"{\"meta\":");
        body.extend(bytes(&page.meta(call, list, &selection)));
        body.extend_from_slice(format!(",\"{}\":[", list.key).as_bytes());
        for (place, row) in selection.rows.iter().enumerate() {
            if place > 0 {
                body.push(b',');
            }
            write(&mut body, &row.document(store, call));
        }
        body.extend_from_slice(b"]}");
        Ok(Self { status: StatusCode::OK, body, etag: None })
    }
}

/// How a kind is listed.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    /// The member that holds the items.
    pub(super) key: &'static str,
    /// The filters.
    pub(super) filters: &'static [Param],
    /// How many items a page may hold.
    pub(super) limit: Limit,
}

fn write(out: &mut Vec<u8>, document: &impl Serialize) {
    serde_json::to_writer(out, document).expect("documents have string keys and no failing parts");
}

fn bytes(document: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    write(&mut out, document);
    out
}
