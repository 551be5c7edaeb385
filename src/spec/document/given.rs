//! A key that may be left out, `null`, or a value.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

/// An owned field: left alone, reset to TaskRouter's default, or set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Given<T> {
    /// No key: the field is not owned.
    #[default]
    Absent,
    /// `null`: TaskRouter's documented default.
    Null,
    /// The value.
    Value(T),
}

impl<T> Given<T> {
    /// What to own: nothing, the default, or the value.
    pub fn or_default_to(self, default: impl Into<T>) -> Option<T> {
        match self {
            Self::Absent => None,
            Self::Null => Some(default.into()),
            Self::Value(value) => Some(value),
        }
    }

    /// The value, when one is given.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Absent | Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }

    /// The same over a reference.
    pub fn as_ref(&self) -> Given<&T> {
        match self {
            Self::Absent => Given::Absent,
            Self::Null => Given::Null,
            Self::Value(value) => Given::Value(value),
        }
    }

    /// The same with another value.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Given<U> {
        match self {
            Self::Absent => Given::Absent,
            Self::Null => Given::Null,
            Self::Value(value) => Given::Value(with(value)),
        }
    }

    /// Whether the key is not there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// Used with `#[serde(default)]`, which makes a missing key [`Given::Absent`].
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

/// The value's schema, marked for `schema` to add `null`.
impl<T: JsonSchema> JsonSchema for Given<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Given{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = generator.subschema_for::<T>();
        schema.insert(super::schema::NULLABLE.to_owned(), true.into());
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Owned {
        #[serde(default)]
        order: Given<String>,
    }

    #[test]
    fn a_missing_key_null_and_a_value_stay_apart() {
        let read = |text| serde_json::from_str::<Owned>(text).unwrap().order;
        assert_eq!(read("{}"), Given::Absent);
        assert_eq!(read(r#"{ "order": null }"#), Given::Null);
        assert_eq!(read(r#"{ "order": "LIFO" }"#), Given::Value("LIFO".to_owned()));
    }

    #[test]
    fn only_what_is_absent_is_left_alone() {
        assert_eq!(Given::<u32>::Absent.or_default_to(1_u32), None);
        assert_eq!(Given::<u32>::Null.or_default_to(1_u32), Some(1));
        assert_eq!(Given::Value(5).or_default_to(1), Some(5));
    }
}
