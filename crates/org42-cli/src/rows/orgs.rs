//! Organizations as rows, written as they come.

use std::borrow::Cow;

use org42::{Org, OrgFields, OrgMember as M, RawOrg};
use org42_admin::Tree;

use super::table::{CELL, Table};
use super::text::{no_csv, no_json, pretty};
use super::tree::tree;
use crate::args::{Filter, Output};
use crate::exit::Failure;

const NARROW: &[M] = &[M::OrgId, M::OrgName, M::Status, M::ParentOrgId];
/// The columns where organizations have no numbers.
const NARROW_GATEWAY: &[M] = &[M::OrgGuid, M::OrgName, M::Active, M::ParentOrgGuid];
const WIDE: &[M] = &[
    M::OrgId,
    M::OrgUid,
    M::OrgGuid,
    M::OrgName,
    M::Status,
    M::ParentOrgId,
    M::OrgExtRef,
    M::Notes,
    M::CreationDate,
];
/// The columns of organizations in CSV, which come first wherever a document has them.
pub(super) const CSV: &[M] = &[
    M::OrgId,
    M::OrgUid,
    M::OrgGuid,
    M::OrgName,
    M::OrgExtRef,
    M::Notes,
    M::Status,
    M::Active,
    M::Blocked,
    M::ParentOrgId,
    M::ParentOrgUid,
    M::ParentOrgGuid,
    M::CreationDate,
    M::ModificationDate,
    M::DeactivationDate,
];

/// An organization that can be a row.
pub(crate) trait Row {
    /// Returns the text of its document.
    fn json(&self) -> &str;
    /// Returns what programs know it by.
    fn key(&self) -> Cow<'_, str>;
    /// Returns its typed fields.
    fn fields(&self) -> OrgFields<'_>;
    /// Returns the whole of it, to be written in another form than it has.
    fn document(&self) -> Result<Cow<'_, Org>, Failure>;
}

impl Row for RawOrg<'_> {
    fn json(&self) -> &str {
        self.as_json()
    }

    fn key(&self) -> Cow<'_, str> {
        RawOrg::key(self)
    }

    fn fields(&self) -> OrgFields<'_> {
        RawOrg::fields(self)
    }

    fn document(&self) -> Result<Cow<'_, Org>, Failure> {
        self.to_org().map(Cow::Owned).map_err(no_json)
    }
}

impl Row for &Org {
    fn json(&self) -> &str {
        self.as_json()
    }

    fn key(&self) -> Cow<'_, str> {
        Cow::Owned(Org::key(self))
    }

    fn fields(&self) -> OrgFields<'_> {
        Org::fields(self)
    }

    fn document(&self) -> Result<Cow<'_, Org>, Failure> {
        Ok(Cow::Borrowed(self))
    }
}

/// Organizations on their way to the output: those whose form is known are written, and handed out piece by piece.
pub(crate) struct OrgRows {
    form: Form,
    out: Vec<u8>,
    count: u64,
}

enum Form {
    Ids,
    Jsonl,
    /// Whether something is written.
    Json(bool),
    /// Whether the header is written.
    Csv(bool),
    /// The columns, where they are not decided by the first organization, and the table, which begins with it.
    Table(Option<&'static [M]>, Option<(&'static [M], Table)>),
}

impl OrgRows {
    /// Begins to write organizations; as a table where they are to be a tree, which they are not here.
    pub(crate) fn new(output: Output) -> Self {
        Self {
            form: match output {
                Output::Ids => Form::Ids,
                Output::Jsonl => Form::Jsonl,
                Output::Json => Form::Json(false),
                Output::Csv => Form::Csv(false),
                Output::Wide => Form::Table(Some(WIDE), None),
                Output::Table | Output::Tree => Form::Table(None, None),
            },
            out: Vec::new(),
            count: 0,
        }
    }

    /// Returns how many organizations there are until now.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Adds organizations, as many as there are at once.
    pub(crate) fn extend<R: Row>(
        &mut self,
        orgs: impl IntoIterator<Item = R>,
    ) -> Result<(), Failure> {
        let (out, count) = (&mut self.out, &mut self.count);
        let orgs = orgs.into_iter().inspect(|_| *count += 1);
        match &mut self.form {
            Form::Ids => orgs.for_each(|org| {
                out.extend_from_slice(org.key().as_bytes());
                out.push(b'\n');
            }),
            Form::Jsonl => orgs.for_each(|org| line(org.json(), out)),
            Form::Json(is_begun) => {
                for org in orgs {
                    let before: &[u8] = if *is_begun { b"," } else { b"[" };
                    out.extend_from_slice(before);
                    *is_begun = true;
                    for line in pretty(&*org.document()?)?.lines() {
                        out.extend_from_slice(b"\n  ");
                        out.extend_from_slice(line.as_bytes());
                    }
                }
            }
            Form::Csv(is_begun) => {
                let mut writer = csv::Writer::from_writer(out);
                if !std::mem::replace(is_begun, true) {
                    let header = CSV.iter().map(|member| member.name());
                    writer.write_record(header).map_err(no_csv)?;
                }
                // Written at once, a record takes half the time of its fields one by one.
                let mut record = csv::ByteRecord::new();
                for org in orgs {
                    let fields = org.fields();
                    record.clear();
                    for member in CSV {
                        record.push_field(cell(fields.text(*member)).as_bytes());
                    }
                    writer.write_byte_record(&record).map_err(no_csv)?;
                }
                writer.flush().map_err(no_csv)?;
            }
            Form::Table(columns, table) => {
                for org in orgs {
                    let fields = org.fields();
                    let begin = || begun(*columns, fields.org_id().is_some());
                    let (columns, table) = table.get_or_insert_with(begin);
                    table.row(columns.iter().map(|member| cell(fields.text(*member))));
                }
            }
        }
        Ok(())
    }

    /// Returns what is ready to be written; it is forgotten with the next call.
    pub(crate) fn ready(&self) -> &[u8] {
        &self.out
    }

    /// Forgets what was ready.
    pub(crate) fn written(&mut self) {
        self.out.clear();
    }

    /// Completes the output.
    pub(crate) fn end(&mut self) -> Result<(), Failure> {
        // A header stands above no rows too.
        self.extend(std::iter::empty::<&Org>())?;
        match &mut self.form {
            Form::Ids | Form::Jsonl | Form::Csv(_) => {}
            Form::Json(false) => self.out.extend_from_slice(b"[]\n"),
            Form::Json(true) => self.out.extend_from_slice(b"\n]\n"),
            Form::Table(columns, table) => {
                let (_, table) = table.get_or_insert_with(|| begun(*columns, true));
                table.write(&mut self.out);
            }
        }
        Ok(())
    }
}

/// Writes a document on a line of its own.
fn line(json: &str, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(json.as_bytes());
    // Line breaks in a document are white space between its values; those in texts are written as escapes.
    let mut from = start;
    while let Some(place) = memchr::memchr2(b'\n', b'\r', &out[from..]) {
        out[from + place] = b' ';
        from += place + 1;
    }
    out.push(b'\n');
}

/// Begins a table.
fn begun(columns: Option<&'static [M]>, have_numbers: bool) -> (&'static [M], Table) {
    let narrow = match have_numbers {
        true => NARROW,
        false => NARROW_GATEWAY,
    };
    let columns = columns.unwrap_or(narrow);
    let header: Vec<&str> = columns.iter().map(|member| member.name()).collect();
    (columns, Table::new(&header, CELL))
}

/// Returns a value that stands in a document as a cell has it.
fn cell(json: &str) -> Cow<'_, str> {
    match json.as_bytes() {
        [] | b"null" => Cow::Borrowed(""),
        [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => {
            Cow::Borrowed(&json[1..json.len() - 1])
        }
        [b'"' | b'[' | b'{', ..] => match serde_json::from_str(json) {
            Ok(value) => Cow::Owned(super::text::cell(Some(&value))),
            Err(_) => Cow::Borrowed(json),
        },
        _ => Cow::Borrowed(json),
    }
}

/// Returns organizations as text; `filter` narrows a tree.
pub(crate) fn orgs(
    orgs: &[&Org],
    all: &Tree,
    filter: Filter,
    output: Output,
) -> Result<Vec<u8>, Failure> {
    if output == Output::Tree {
        return Ok(tree(all, None, filter).into_bytes());
    }
    let mut rows = OrgRows::new(output);
    rows.extend(orgs.iter().copied())?;
    rows.end()?;
    Ok(rows.out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_those_of_the_whole_document() {
        let document = r#"{"orgId": 7, "orgN\u0061me": "A\tB", "notes": null, "active": true,
            "orgExtRef": {"b": [1, 2.50]}, "orgId": 8, "status": "a\"b", "blocked": ""}"#;
        let fields = OrgFields::read(document).unwrap();
        let whole: serde_json::Value = serde_json::from_str(document).unwrap();
        for member in M::ALL {
            let expected = super::super::text::cell(whole.get(member.name()));
            assert_eq!(cell(fields.text(*member)), expected, "{member:?}");
        }
    }

    #[test]
    fn a_document_of_several_lines_is_one_line() {
        let org = Org::from_json("{\n\t\"orgId\": 7,\r\n\"notes\": \"a\\nb\"}").unwrap();
        let mut rows = OrgRows::new(Output::Jsonl);
        rows.extend([&org]).unwrap();
        rows.end().unwrap();
        let line = std::str::from_utf8(rows.ready()).unwrap();
        assert_eq!(line.lines().count(), 1);
        assert_eq!(Org::from_json(line.trim()).unwrap(), org);
    }
}
