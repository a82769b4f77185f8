//! Reads a page of organizations row by row from its text.
//!
//! A whole page as JSON values takes ten times the memory of its text, and a tenant of the gateway is one page. So
//! each row is read by itself, and only its typed fields and a slice of the text are kept.

use std::fmt;

use org42_types::{ByteString, Org, OrgPage};
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::answer::envelope::content_of;
use crate::answer::limits::Bounds;
use crate::answer::weight::weight;

/// The reason why a page cannot be read.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// The page would take `weight` bytes of memory; the limit is `most`.
    TooMuch {
        weight: usize,
        most: usize,
    },
    Unreadable(serde_json::Error),
}

impl From<serde_json::Error> for Wrong {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    #[serde(borrow, default)]
    total_count: Option<&'a RawValue>,
    #[serde(borrow)]
    orgs: &'a RawValue,
}

/// Reads a count: a number, or one in quotes. One that cannot be a count, such as -1, says nothing; what is no number at
/// all belongs to another document.
fn count(text: &RawValue) -> serde_json::Result<Option<u64>> {
    let quoted: Option<String> = serde_json::from_str(text.get()).unwrap_or_default();
    let number = quoted.as_deref().unwrap_or(text.get()).trim();
    let whole = || number.strip_suffix(".0")?.parse().ok();
    match number.parse().ok().or_else(whole) {
        Some(count) => Ok(Some(count)),
        None if number == "null" || number.parse::<f64>().is_ok() => Ok(None),
        None => Err(de::Error::custom("a count is a number")),
    }
}

/// Reads the page in an answer; `None` if the envelope reports problems.
pub(crate) fn page_in(text: &ByteString, bounds: &Bounds) -> Result<Option<OrgPage>, Wrong> {
    let content = match content_of(text)? {
        None => return Ok(None),
        Some("null") => text,
        Some(content) => content,
    };
    let page: Page<'_> = object(content)?;
    let count = page.total_count.map(count).transpose()?.flatten();
    let mut rows = Rows {
        text,
        bounds,
        orgs: Vec::new(),
        taken: 0,
        paid: 0,
        too_much: None,
    };
    let read = rows.deserialize(&mut serde_json::Deserializer::from_str(page.orgs.get()));
    match rows.too_much {
        Some((weight, most)) => Err(Wrong::TooMuch { weight, most }),
        None => {
            read?;
            Ok(Some(OrgPage::new(rows.orgs, count)))
        }
    }
}

/// Reads some members of an object. Refuses everything else: serde would read an array as the members in their order.
fn object<'a, T: Deserialize<'a>>(text: &'a str) -> serde_json::Result<T> {
    let read = serde_json::from_str(text)?;
    match text.trim_start().starts_with('{') {
        true => Ok(read),
        false => Err(de::Error::custom("a page is an object")),
    }
}

/// The rows that were read so far.
struct Rows<'a> {
    /// The answer that the rows are slices of.
    text: &'a ByteString,
    bounds: &'a Bounds,
    orgs: Vec<Org>,
    /// The memory that they take, in bytes.
    taken: usize,
    /// The memory that the length of their text allows, in bytes.
    paid: usize,
    /// What was over the limit, if something was, and that limit.
    too_much: Option<(usize, usize)>,
}

/// The bytes of memory that a row may take for each byte of its text. Shorter rows than real ones take more.
const PAID: usize = 4;

impl Rows<'_> {
    fn take<E: de::Error>(&mut self, text: &str) -> Result<(), E> {
        let weight = weight(text);
        if weight > self.bounds.row {
            return self.refuse(weight, self.bounds.row);
        }
        let org = Org::from_json(self.text.slice_ref(text)).map_err(E::custom)?;
        self.taken = self.taken.saturating_add(org.memory());
        self.paid = self.paid.saturating_add(text.len().saturating_mul(PAID));
        let most = self.bounds.rows.saturating_add(self.paid);
        if self.taken > most {
            return self.refuse(self.taken, most);
        }
        self.orgs.push(org);
        Ok(())
    }

    fn refuse<E: de::Error>(&mut self, weight: usize, most: usize) -> Result<(), E> {
        self.too_much = Some((weight, most));
        Err(E::custom("it would take too much memory"))
    }
}

impl<'de> DeserializeSeed<'de> for &mut Rows<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for &mut Rows<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of organizations")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(row) = rows.next_element::<&RawValue>()? {
            self.take(row.get())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::limits::{Limits, Size};

    fn read(text: &str) -> Result<Option<OrgPage>, Wrong> {
        page_in(&text.into(), &Limits::default().of(Size::Rows(500)))
    }

    #[test]
    fn a_page_is_read_in_its_envelope_and_bare() {
        for text in [
            r#"{"metadata":{"x":[1]},"data":{"totalCount":9,"orgs":[{"orgId":7,"x":1.50}]},"error":null}"#,
            r#" {"orgs":[ {"orgId":7,"x":1.50} ],"totalCount":9} "#,
        ] {
            let page = read(text).unwrap().unwrap();
            assert_eq!((page.total_count, page.orgs.len()), (Some(9), 1));
            assert_eq!(page.orgs[0].as_json(), r#"{"orgId":7,"x":1.50}"#);
        }
    }

    #[test]
    fn what_is_no_page_is_an_error() {
        for text in [
            "",
            "[1,2]",
            "[null,null]",
            "{}",
            r#"{"data":[1,[]]}"#,
            r#"{"orgs":[1]}"#,
            r#"{"orgs":[{}]}"#,
        ] {
            let wrong = read(text);
            assert!(
                matches!(wrong, Err(Wrong::Unreadable(_))),
                "{text}: {wrong:?}"
            );
        }
        assert_eq!(read(r#"{"error":[]}"#).unwrap(), None);
    }

    #[test]
    fn what_would_fill_the_memory_is_not_built() {
        let hostile = format!(
            r#"{{"orgs":[{{"orgId":7,"x":[{}0]}}]}}"#,
            r#"{"":0},"#.repeat(20_000)
        );
        let document = Limits::default().document;
        let wrong = read(&hostile).unwrap_err();
        assert!(
            matches!(wrong, Wrong::TooMuch { weight, most } if weight > most && most == document),
            "{wrong:?}"
        );
        let rows = vec![r#"{"orgId":7}"#; 200_000].join(",");
        let many = read(&format!(r#"{{"orgs":[{rows}]}}"#));
        let wrong = many.unwrap_err();
        assert!(
            matches!(wrong, Wrong::TooMuch { weight, most } if weight > most && most > document),
            "{wrong:?}"
        );
        let row = format!(
            r#"{{"orgId":7,"orgName":"x","notes":"{}"}}"#,
            "x".repeat(200)
        );
        let ordinary = vec![row; 20_000].join(",");
        assert!(read(&format!(r#"{{"orgs":[{ordinary}]}}"#)).is_ok());
    }
}
