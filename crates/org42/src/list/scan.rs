//! Finds the organizations in the text of a page, in one pass and without building any of them.
//!
//! A whole page as JSON values takes ten times the memory of its text, and a tenant of the gateway is one page. So only
//! what a listing has to know of each organization is kept, and where its document is in the text.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use org42_types::OrgMember;
use serde::de::{self, IgnoredAny};
use serde_json::value::RawValue;

use crate::answer::envelope::reports_problems;
use crate::answer::limits::Bounds;
use crate::answer::weight::weight_over;
use crate::list::row::{Place, Row, RowKey, Scanned, fields};
use crate::list::skim::Skim;

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

/// Finds the organizations in an answer; `None` if the envelope reports problems.
pub(crate) fn scan(
    text: &str,
    bounds: &Bounds,
    hashes: &RandomState,
) -> Result<Option<Scanned>, Wrong> {
    let mut reader = Reader {
        text,
        skim: Skim::new(text),
        bounds,
        hashes,
        alike: Vec::new(),
    };
    reader.page().map_err(|wrong| match wrong {
        // Read as a whole, it is told where in the text it is no JSON.
        Wrong::Unreadable(error) if !error.is_data() => {
            let whole = serde_json::from_str::<IgnoredAny>(text);
            Wrong::Unreadable(whole.err().unwrap_or(error))
        }
        wrong => wrong,
    })
}

fn wrong(message: &str) -> Wrong {
    Wrong::Unreadable(de::Error::custom(message))
}

/// The members of a page that were read so far. What is wrong with them counts only if the page does.
#[derive(Default)]
struct Page {
    total: Option<Option<u64>>,
    orgs: Option<Vec<Row>>,
    wrong: Option<Wrong>,
}

impl Page {
    fn read(&mut self, name: &str, reader: &mut Reader<'_>) -> Result<(), Wrong> {
        let is_known = match name {
            "totalCount" => {
                let count = count(reader.skim.skip()?);
                let is_known = self.total.is_some();
                match count {
                    Ok(count) => self.total = Some(count),
                    Err(error) => drop(self.wrong.get_or_insert(error.into())),
                }
                is_known
            }
            "orgs" => {
                let is_known = self.orgs.is_some();
                self.orgs = Some(reader.orgs(&mut self.wrong)?);
                is_known
            }
            _ => {
                reader.skim.skip()?;
                false
            }
        };
        if is_known {
            self.wrong
                .get_or_insert_with(|| wrong("a member of the page is there twice"));
        }
        Ok(())
    }

    fn scanned(self) -> Result<Scanned, Wrong> {
        match (self.wrong, self.orgs) {
            (Some(wrong), _) => Err(wrong),
            (None, None) => Err(wrong("the page has no orgs")),
            (None, Some(rows)) => Ok(Scanned {
                total: self.total.flatten(),
                rows,
            }),
        }
    }
}

/// Reads a count: a number, or one in quotes. One that cannot be a count, such as -1, says nothing; what is no number at
/// all belongs to another document.
fn count(text: &str) -> serde_json::Result<Option<u64>> {
    let quoted: Option<String> = serde_json::from_str(text).unwrap_or_default();
    let number = quoted.as_deref().unwrap_or(text).trim();
    let whole = || number.strip_suffix(".0")?.parse().ok();
    match number.parse().ok().or_else(whole) {
        Some(count) => Ok(Some(count)),
        None if number == "null" || number.parse::<f64>().is_ok() => Ok(None),
        None => Err(de::Error::custom("a count is a number")),
    }
}

/// A place in the text of a page.
struct Reader<'a> {
    text: &'a str,
    skim: Skim<'a>,
    bounds: &'a Bounds,
    hashes: &'a RandomState,
    /// The members of the last organization, in their order: those of the next one are alike, so comparing is enough.
    alike: Vec<Known<'a>>,
}

/// How many members are remembered: more than any server's organizations have.
const MOST_ALIKE: usize = 128;

/// A member that was read.
#[derive(Clone, Copy)]
struct Known<'a> {
    /// Its name as it stands in the text, with the colon behind it.
    name: &'a str,
    member: Option<OrgMember>,
    value: &'a str,
}

impl<'a> Reader<'a> {
    /// Reads the whole page; `None` if it reports problems.
    fn page(&mut self) -> Result<Option<Scanned>, Wrong> {
        if self.skim.next_byte() != Some(b'{') {
            let whole: &RawValue = serde_json::from_str(self.text)?;
            return match reports_problems(whole.get()) {
                true => Ok(None),
                false => Err(wrong("a page is an object")),
            };
        }
        let mut bare = Page::default();
        let mut enveloped: Option<Page> = None;
        let mut reported = [false; 2];
        let mut members = Members::default();
        while let Some(name) = members.next(self)? {
            match &*name {
                "data" => enveloped = self.data()?,
                "error" => reported[0] = self.skim.skip()? != "null",
                "errors" => reported[1] = !["null", "[]"].contains(&self.skim.skip()?),
                name => bare.read(name, self)?,
            }
        }
        match (self.skim.next_byte(), reported) {
            (Some(_), _) => Err(self.broken("there is something behind the page")),
            (None, [false, false]) => enveloped.unwrap_or(bare).scanned().map(Some),
            (None, _) => Ok(None),
        }
    }

    #[inline]
    fn take(&mut self, expected: u8) -> Result<(), Wrong> {
        match self.skim.take(expected) {
            true => Ok(()),
            false => Err(self.broken("something is missing")),
        }
    }

    /// Returns what is wrong with the text: what the library says of it as a whole, since that is what people know.
    #[cold]
    fn broken(&self, message: &str) -> Wrong {
        match serde_json::from_str::<IgnoredAny>(self.text) {
            Err(error) => error.into(),
            Ok(_) => wrong(message),
        }
    }

    /// Reads what is in an envelope; `None` for null.
    fn data(&mut self) -> Result<Option<Page>, Wrong> {
        let mut page = Page::default();
        if self.skim.next_byte() != Some(b'{') {
            if self.skim.skip()? == "null" {
                return Ok(None);
            }
            page.wrong = Some(wrong("a page is an object"));
            return Ok(Some(page));
        }
        let mut members = Members::default();
        while let Some(name) = members.next(self)? {
            page.read(&name, self)?;
        }
        Ok(Some(page))
    }

    /// Reads a list of organizations. What is wrong with one does not keep the others from being read.
    fn orgs(&mut self, is_wrong: &mut Option<Wrong>) -> Result<Vec<Row>, Wrong> {
        let mut rows = Vec::new();
        if self.skim.next_byte() != Some(b'[') {
            self.skim.skip()?;
            is_wrong.get_or_insert_with(|| wrong("the orgs are a list"));
            return Ok(rows);
        }
        self.take(b'[')?;
        if self.skim.take(b']') {
            return Ok(rows);
        }
        loop {
            self.skim.next_byte();
            match self.org()? {
                Ok(row) => rows.push(row),
                Err(error) => drop(is_wrong.get_or_insert(error)),
            }
            let (weight, most) = (
                size_of_val(rows.as_slice()),
                self.bounds.of_rows(self.skim.at()),
            );
            if weight > most {
                return Err(Wrong::TooMuch { weight, most });
            }
            if self.skim.take(b']') {
                return Ok(rows);
            }
            self.take(b',')?;
        }
    }

    /// Reads the name of a member that the organization before had not at this place.
    fn unlike(&mut self, place: usize) -> Result<Known<'a>, Wrong> {
        let start = self.skim.at();
        let member = OrgMember::named(&self.skim.text()?);
        self.take(b':')?;
        let known = Known {
            name: &self.text[start..self.skim.at()],
            member,
            value: "",
        };
        if place < MOST_ALIKE {
            self.alike.truncate(place);
            self.alike.push(known);
        }
        Ok(known)
    }

    fn org(&mut self) -> Result<Result<Row, Wrong>, Wrong> {
        let start = self.skim.at();
        if self.skim.next_byte() != Some(b'{') {
            self.skim.skip()?;
            return Ok(Err(wrong("an organization is an object")));
        }
        let mut values = [Place::default(); OrgMember::ALL.len()];
        let mut members = Members::default();
        for place in 0.. {
            if !members.has_next(self)? {
                break;
            }
            let mut known = match self.alike.get(place) {
                Some(known) if self.skim.takes(known.name) => *known,
                _ => self.unlike(place)?,
            };
            if known.member.is_some() || !self.skim.takes_value(known.value) {
                known.value = self.skim.skip()?;
                if let Some(alike) = self.alike.get_mut(place) {
                    *alike = known;
                }
            }
            if let Some(member) = known.member {
                let end = self.skim.at() - start;
                values[member as usize] = place_of(end - known.value.len(), end);
            }
        }
        Ok(self.row(start..self.skim.at(), values))
    }

    fn row(
        &self,
        place: Range<usize>,
        members: [Place; OrgMember::ALL.len()],
    ) -> Result<Row, Wrong> {
        let most = self.bounds.row;
        if let Some(weight) = weight_over(&self.text[place.clone()], most) {
            return Err(Wrong::TooMuch { weight, most });
        }
        let fields = fields(&self.text[place.clone()], &members);
        let by_guid = || Some(RowKey::Guid(self.hashes.hash_one(fields.org_guid()?)));
        let Some(key) = fields.org_id().map(RowKey::Id).or_else(by_guid) else {
            let message = "an organization has an orgId or an orgGuid, this document has neither";
            return Err(wrong(message));
        };
        Ok(Row {
            place,
            members,
            key,
            stamp: fields.creation_date().max(fields.modification_date()),
            active: fields.active(),
            blocked: fields.blocked(),
        })
    }
}

/// Returns a place in a document; none in one that is longer than any limit.
fn place_of(start: usize, end: usize) -> Place {
    let place = u32::try_from(start).ok().zip(u32::try_from(end).ok());
    place.unwrap_or_default()
}

/// Goes from member to member of an object, whose opening brace is next at first.
#[derive(Default)]
struct Members {
    is_begun: bool,
}

impl Members {
    /// Returns the name of the next member, whose value is next then; `None` after the closing brace.
    fn next<'a>(&mut self, reader: &mut Reader<'a>) -> Result<Option<Cow<'a, str>>, Wrong> {
        if !self.has_next(reader)? {
            return Ok(None);
        }
        let name = reader.skim.text()?;
        reader.take(b':')?;
        Ok(Some(name))
    }

    /// Returns whether there is another member, whose name is next then.
    #[inline]
    fn has_next(&mut self, reader: &mut Reader<'_>) -> Result<bool, Wrong> {
        let is_first = !std::mem::replace(&mut self.is_begun, true);
        if is_first {
            reader.take(b'{')?;
        }
        if reader.skim.take(b'}') {
            return Ok(false);
        }
        if !is_first {
            reader.take(b',')?;
        }
        reader.skim.next_byte();
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::limits::{Limits, Size};
    use org42_types::{OrgFields, OrgId};

    fn read(text: &str) -> Result<Option<Scanned>, Wrong> {
        let bounds = Limits::default().of(Size::Rows(500));
        scan(text, &bounds, &RandomState::new())
    }

    #[test]
    fn a_page_is_read_in_its_envelope_and_bare() {
        for text in [
            r#"{"metadata":{"x":[1]},"data":{"totalCount":9,"orgs":[{"orgId":7,"x":1.50}]},"error":null}"#,
            r#" {"orgs":[ {"orgId":7,"x":1.50} ],"totalCount":9} "#,
            r#"{"data":null,"orgs":[{"orgId":7,"x":1.50}],"totalCount":"9","errors":[]}"#,
            r#"{"data":[1],"data":{"x":1,"orgs":[{"orgId":7,"x":1.50}],"total\u0043ount":9.0}}"#,
        ] {
            let page = read(text).unwrap().unwrap();
            assert_eq!((page.total, page.rows.len()), (Some(9), 1), "{text}");
            let place = page.rows[0].place.clone();
            assert_eq!(&text[place], r#"{"orgId":7,"x":1.50}"#);
            assert_eq!(page.rows[0].key, RowKey::Id(OrgId::from(7)));
        }
        let empty = read(r#"{"data":{"orgs":[ ]}}"#).unwrap().unwrap();
        assert_eq!(empty, Scanned::default());
    }

    /// Members of organizations, alike and not, with values that begin like others.
    const MEMBERS: [&str; 14] = [
        r#""orgId":7"#,
        r#""orgId": 71"#,
        r#""orgName":"Paris""#,
        r#""orgName" : "Par\"is""#,
        r#""orgN\u0061me":"Lyon""#,
        r#""active":true"#,
        r#""active":false"#,
        r#""x":1"#,
        r#""x":12"#,
        r#""x":{"a":[1,2]}"#,
        r#""x":{"a":[1,2],"b":"}"}"#,
        r#""y":"a""#,
        r#""y":"ab""#,
        r#""creationDate":"2020-01-01T00:00:00.000Z""#,
    ];

    proptest::proptest! {
        #[test]
        fn each_organization_is_read_as_if_it_were_the_only_one(
            orgs in proptest::collection::vec(proptest::collection::vec(0..MEMBERS.len(), 0..6), 1..8)
        ) {
            let documents = orgs.iter().map(|members| {
                let members: Vec<&str> = members.iter().map(|member| MEMBERS[*member]).collect();
                format!(r#"{{{}}}"#, [&members[..], &[r#""orgGuid":"g""#]].concat().join(","))
            });
            let documents: Vec<String> = documents.collect();
            let text = format!(r#"{{"orgs":[{}]}}"#, documents.join(" ,"));
            let page = read(&text).unwrap().unwrap();
            proptest::prop_assert_eq!(page.rows.len(), documents.len());
            for (row, document) in page.rows.iter().zip(&documents) {
                proptest::prop_assert_eq!(&text[row.place.clone()], document);
                let alone = OrgFields::read(document).unwrap();
                let fields = row.fields(&text);
                proptest::prop_assert_eq!(fields.texts(), alone.texts());
                proptest::prop_assert_eq!(row.active, alone.active());
            }
        }
    }

    #[test]
    fn what_is_no_page_is_an_error() {
        for (text, is_json) in [
            ("", false),
            ("<html>", false),
            ("[1,2]", true),
            ("[null,null]", true),
            ("{}", true),
            (r#"{"data":[1,[]]}"#, true),
            (r#"{"orgs":[1]}"#, true),
            (r#"{"orgs":{}}"#, true),
            (r#"{"orgs":[{}]}"#, true),
            (r#"{"orgs":[],"orgs":[]}"#, true),
            (r#"{"orgs":[],"totalCount":[]}"#, true),
            (r#"{"orgs":[],}"#, false),
            (r#"{"orgs":[{"orgId":7},]}"#, false),
            (r#"{"orgs":[{"orgId":7} {"orgId":8}]}"#, false),
            (r#"{"orgs":[{"orgId":7}]"#, false),
            (r#"{"orgs":[{"orgId":7}]}}"#, false),
            (r#"{"orgs":[{"orgId":7]}"#, false),
            (r#"{"orgs" [{"orgId":7}]}"#, false),
        ] {
            match read(text) {
                Err(Wrong::Unreadable(error)) => {
                    assert_eq!(error.is_data(), is_json, "{text}: {error}")
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_reports_problems_is_no_page_whatever_else_it_has() {
        for text in [
            r#"{"error":[]}"#,
            r#"{"data":{"orgs":[1]},"error":"no"}"#,
            r#"{"orgs":[],"errors":[{"code":"X"}]}"#,
            r#"[{"name":"SYSTEM","description":null}]"#,
        ] {
            assert_eq!(read(text).unwrap(), None, "{text}");
        }
    }

    #[test]
    fn what_would_fill_the_memory_is_refused() {
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
        let rows = vec![r#"{"orgId":7}"#; 4_000_000].join(",");
        let wrong = read(&format!(r#"{{"orgs":[{rows}]}}"#)).unwrap_err();
        assert!(
            matches!(wrong, Wrong::TooMuch { weight, most } if weight > most && most > document),
            "{wrong:?}"
        );
    }
}
