//! Detects documents in which an object has a name twice.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Returns whether an object in a text has a name twice: only the last one is read, and may hide what the first one
/// says.
pub(super) fn has_twins(text: &[u8]) -> bool {
    struct Names;
    struct Once;
    impl<'de> Deserialize<'de> for Once {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Names)
        }
    }
    impl<'de> Visitor<'de> for Names {
        type Value = Once;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a document")
        }

        fn visit_bool<E>(self, _: bool) -> Result<Once, E> {
            Ok(Once)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Once, E> {
            Ok(Once)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Once, E> {
            Ok(Once)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Once, E> {
            Ok(Once)
        }

        fn visit_str<E>(self, _: &str) -> Result<Once, E> {
            Ok(Once)
        }

        fn visit_unit<E>(self) -> Result<Once, E> {
            Ok(Once)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Once, A::Error> {
            while rows.next_element::<Once>()?.is_some() {}
            Ok(Once)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Once, A::Error> {
            let mut names = HashSet::new();
            while let Some((name, _)) = fields.next_entry::<String, Once>()? {
                if !names.insert(name) {
                    return Err(A::Error::custom("a name that is there twice"));
                }
            }
            Ok(Once)
        }
    }
    serde_json::from_slice::<Once>(text).is_err()
}
