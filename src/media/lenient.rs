//! JSON members that never fail on their own: each is missing, of a wrong type, or given.
//!
//! Providers differ in whether a number is a number or a string, and send members nobody announced. serde's own type errors quote the
//! offending value, which may be a caller's; with these types the parser learns *which member* is wrong and the value stays out of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::dialect::WireError;

/// A member of a JSON object.
#[derive(Debug, Default)]
pub(super) enum Field<T> {
    /// Absent or `null`.
    #[default]
    Missing,
    /// There, but not what it should be.
    Wrong,
    /// As it should be.
    Given(T),
}

impl<T> Field<T> {
    /// The value, or an error that names the member.
    pub(super) fn required(self, field: &'static str) -> Result<T, WireError> {
        match self {
            Field::Given(value) => Ok(value),
            Field::Missing => Err(WireError::Missing { field }),
            Field::Wrong => Err(WireError::WrongType { field }),
        }
    }

    /// The value if there is one; a wrong one is still an error.
    pub(super) fn optional(self, field: &'static str) -> Result<Option<T>, WireError> {
        match self {
            Field::Given(value) => Ok(Some(value)),
            Field::Missing => Ok(None),
            Field::Wrong => Err(WireError::WrongType { field }),
        }
    }
}

/// What a member of a certain type makes of each kind of JSON value; everything not overridden is wrong.
pub(super) trait Member<'de>: Sized {
    fn from_text(_text: Cow<'de, str>) -> Field<Self> {
        Field::Wrong
    }
    fn from_integer(_number: i64) -> Field<Self> {
        Field::Wrong
    }
    fn from_object<A: MapAccess<'de>>(mut map: A) -> Result<Field<Self>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Wrong)
    }
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Field<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Wrong)
    }
}

struct MemberVisitor<T>(PhantomData<T>);

impl<'de, T: Member<'de>> Visitor<'de> for MemberVisitor<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Field<T>, E> {
        Ok(T::from_text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Field<T>, E> {
        Ok(T::from_text(Cow::Owned(text.to_owned())))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Field<T>, E> {
        Ok(T::from_integer(number))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Field<T>, E> {
        Ok(i64::try_from(number).map_or(Field::Wrong, T::from_integer))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Field<T>, E> {
        // 2^53: up to here a float that looks like an integer is one.
        Ok(
            if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 {
                T::from_integer(number as i64)
            } else {
                Field::Wrong
            },
        )
    }
    fn visit_bool<E>(self, _: bool) -> Result<Field<T>, E> {
        Ok(Field::Wrong)
    }
    fn visit_unit<E>(self) -> Result<Field<T>, E> {
        Ok(Field::Missing)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Field<T>, A::Error> {
        T::from_object(map)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Field<T>, A::Error> {
        T::from_list(list)
    }
}

impl<'de, T: Member<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor(PhantomData))
    }
}

/// A string, borrowed from the message unless it holds escapes.
#[derive(Debug)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Member<'de> for Text<'a> {
    fn from_text(text: Cow<'de, str>) -> Field<Self> {
        Field::Given(Text(text))
    }
}

/// A string kept for longer than the message; numbers are taken as their digits.
#[derive(Debug)]
pub(super) struct OwnedText(pub(super) String);

impl<'de> Member<'de> for OwnedText {
    fn from_text(text: Cow<'de, str>) -> Field<Self> {
        Field::Given(OwnedText(text.into_owned()))
    }
    fn from_integer(number: i64) -> Field<Self> {
        Field::Given(OwnedText(number.to_string()))
    }
}

/// A whole number, written as a number or as a string.
#[derive(Debug)]
pub(super) struct Integer(pub(super) i64);

impl<'de> Member<'de> for Integer {
    fn from_text(text: Cow<'de, str>) -> Field<Self> {
        text.parse()
            .map_or(Field::Wrong, |number| Field::Given(Integer(number)))
    }
    fn from_integer(number: i64) -> Field<Self> {
        Field::Given(Integer(number))
    }
}

impl Field<Integer> {
    /// The number if given; a negative or wrong one is an error.
    pub(super) fn count(self, field: &'static str) -> Result<Option<u64>, WireError> {
        self.optional(field)?
            .map(|Integer(n)| u64::try_from(n).map_err(|_| WireError::WrongType { field }))
            .transpose()
    }
}

/// A nested object.
#[derive(Debug)]
pub(super) struct Part<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Member<'de> for Part<T> {
    fn from_object<A: MapAccess<'de>>(map: A) -> Result<Field<Self>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|part| Field::Given(Part(part)))
    }
}

/// A list of strings; elements of other types are passed over.
#[derive(Debug)]
pub(super) struct Words(pub(super) Vec<String>);

impl<'de> Member<'de> for Words {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Field<Self>, A::Error> {
        let mut words = Vec::new();
        while let Some(word) = list.next_element::<Field<OwnedText>>()? {
            if let Field::Given(OwnedText(word)) = word {
                words.push(word);
            }
        }
        Ok(Field::Given(Words(words)))
    }
}

/// Custom parameters: `{"name": "value"}` or `[{"name": ..., "value": ...}]`; entries of other types are passed over.
#[derive(Debug)]
pub(super) struct Parameters(pub(super) BTreeMap<String, String>);

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct NamedValue {
    name: Field<OwnedText>,
    value: Field<OwnedText>,
}

impl<'de> Member<'de> for Parameters {
    fn from_object<A: MapAccess<'de>>(mut map: A) -> Result<Field<Self>, A::Error> {
        let mut parameters = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Field<OwnedText>>()? {
            if let Field::Given(OwnedText(value)) = value {
                parameters.insert(name, value);
            }
        }
        Ok(Field::Given(Parameters(parameters)))
    }
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Field<Self>, A::Error> {
        let mut parameters = BTreeMap::new();
        while let Some(entry) = list.next_element::<Field<Part<NamedValue>>>()? {
            if let Field::Given(Part(NamedValue {
                name: Field::Given(name),
                value: Field::Given(value),
            })) = entry
            {
                parameters.insert(name.0, value.0);
            }
        }
        Ok(Field::Given(Parameters(parameters)))
    }
}
