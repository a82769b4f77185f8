//! Some members of a document, read from its text: what is in no column is skipped and never built.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::text::cell;

/// Returns the cells of these columns; those that the document lacks are empty.
pub(super) fn cells(document: &str, columns: &[&str]) -> Vec<String> {
    let mut cells = vec![String::new(); columns.len()];
    let mut reader = serde_json::Deserializer::from_str(document);
    let columns = Columns {
        names: columns,
        cells: &mut cells,
    };
    // Decoding the organization has read this text once without an error.
    let _ = columns.deserialize(&mut reader);
    cells
}

/// Fills cells as it reads the members of an object.
struct Columns<'a> {
    names: &'a [&'a str],
    cells: &'a mut [String],
}

impl<'de> DeserializeSeed<'de> for Columns<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Columns<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(column) = members.next_key_seed(Column(self.names))? {
            match column {
                Some(column) => self.cells[column] = cell(Some(&members.next_value::<Value>()?)),
                None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// Returns which column has the name of a member, if any has.
struct Column<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Column<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Column<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|column| *column == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_those_of_the_whole_document() {
        let document = r#"{"x": [{"orgId": 9}], "orgId": 7, "orgN\u0061me": "A\tB", "notes": null, "active": true,
            "orgExtRef": {"b": [1, 2.50]}, "orgId": 8}"#;
        let whole: Value = serde_json::from_str(document).unwrap();
        let columns = [
            "orgName",
            "orgId",
            "notes",
            "none",
            "active",
            "orgExtRef",
            "x",
        ];
        let expected = columns.map(|column| cell(whole.get(column)));
        assert_eq!(cells(document, &columns), expected);
        assert_eq!(expected[..4], ["A\tB", "8", "", ""]);
    }
}
