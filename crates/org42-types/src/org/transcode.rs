//! Values that go straight from a deserializer to a serializer, or are read and dropped, without being built in
//! between.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};

/// Serializes what a deserializer of JSON reads. Works once, since reading uses the deserializer up.
pub(super) struct Transcode<D>(RefCell<Option<D>>);

impl<D> Transcode<D> {
    pub(super) fn new(deserializer: D) -> Self {
        Self(RefCell::new(Some(deserializer)))
    }
}

impl<'de, D: Deserializer<'de>> Serialize for Transcode<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let deserializer = self.0.borrow_mut().take();
        deserializer
            .ok_or_else(|| S::Error::custom("a value is read once"))?
            .deserialize_any(Forward(serializer))
            .map_err(S::Error::custom)
    }
}

/// Writes the value that it visits.
struct Forward<S>(S);

impl<'de, S: Serializer> Visitor<'de> for Forward<S> {
    type Value = S::Ok;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<S::Ok, E> {
        self.0.serialize_unit().map_err(E::custom)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<S::Ok, E> {
        self.0.serialize_bool(value).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<S::Ok, E> {
        self.0.serialize_u64(number).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<S::Ok, E> {
        self.0.serialize_i64(number).map_err(E::custom)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<S::Ok, E> {
        self.0.serialize_f64(number).map_err(E::custom)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<S::Ok, E> {
        self.0.serialize_str(text).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<S::Ok, A::Error> {
        let mut written = self
            .0
            .serialize_seq(items.size_hint())
            .map_err(de::Error::custom)?;
        while items.next_element_seed(Item(&mut written))?.is_some() {}
        written.end().map_err(de::Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<S::Ok, A::Error> {
        let mut written = self
            .0
            .serialize_map(members.size_hint())
            .map_err(de::Error::custom)?;
        while members.next_key_seed(Key(&mut written))?.is_some() {
            members.next_value_seed(Member(&mut written))?;
        }
        written.end().map_err(de::Error::custom)
    }
}

/// Writes the next item of a list.
struct Item<'a, S>(&'a mut S);
/// Writes the next key of an object.
struct Key<'a, S>(&'a mut S);
/// Writes the value that belongs to the last key.
struct Member<'a, S>(&'a mut S);

macro_rules! seed {
    ($($seed:ident: $writer:ident::$write:ident;)*) => {$(
        impl<'de, S: $writer> DeserializeSeed<'de> for $seed<'_, S> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                self.0.$write(&Transcode::new(deserializer)).map_err(de::Error::custom)
            }
        }
    )*};
}

seed! {
    Item: SerializeSeq::serialize_element;
    Key: SerializeMap::serialize_key;
    Member: SerializeMap::serialize_value;
}

/// A value that is read to its end, as strictly as if it were built, and dropped.
pub(super) struct Skipped;

impl<'de> de::Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Skip)
    }
}

/// Reads a value and drops it.
pub(super) struct Skip;

impl<'de> Visitor<'de> for Skip {
    type Value = Skipped;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E>(self) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_str<E>(self, _: &str) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Skipped, A::Error> {
        while items.next_element::<Skipped>()?.is_some() {}
        Ok(Skipped)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Skipped, A::Error> {
        while members.next_entry::<SkippedName, Skipped>()?.is_some() {}
        Ok(Skipped)
    }
}

/// The name of a member. Those that serde_json keeps to itself are refused: it would take a text under such a name for
/// a document, and build that too.
struct SkippedName;

impl<'de> de::Deserialize<'de> for SkippedName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Name)
    }
}

struct Name;

impl Visitor<'_> for Name {
    type Value = SkippedName;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<SkippedName, E> {
        match name.starts_with("$serde_json::private::") {
            true => Err(E::custom("a member has a reserved name")),
            false => Ok(SkippedName),
        }
    }
}
