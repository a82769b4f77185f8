//! What a listing has to know of an organization, and where the rest of it is in the text of its page.

use std::ops::Range;

use org42_types::{OrgFields, OrgId, OrgMember, Timestamp};

/// What a listing has to know of an organization.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// Where its document is in the text of the page.
    pub(crate) place: Range<usize>,
    /// Where the values of its typed members are, counted from the start of the document.
    pub(super) members: [Place; OrgMember::ALL.len()],
    pub(crate) key: RowKey,
    /// When it was created or changed last, as far as that is told.
    pub(crate) stamp: Option<Timestamp>,
    pub(crate) active: Option<bool>,
    pub(crate) blocked: Option<bool>,
}

/// A part of a document: its start and its end.
pub(super) type Place = (u32, u32);

impl Row {
    /// Returns the typed fields of the organization, in the text of the page that it was found in.
    pub(crate) fn fields<'a>(&self, page: &'a str) -> OrgFields<'a> {
        fields(&page[self.place.clone()], &self.members)
    }
}

/// Returns the typed fields of a document by their places in it.
pub(super) fn fields<'a>(
    document: &'a str,
    members: &[Place; OrgMember::ALL.len()],
) -> OrgFields<'a> {
    let text = |(start, end): Place| &document[start as usize..end as usize];
    OrgFields::of_texts(members.map(text))
}

/// What tells an organization from all others: its number, or the hash of its guid, since a server may choose long ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum RowKey {
    Id(OrgId),
    Guid(u64),
}

/// A page of which is known where its organizations are.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Scanned {
    /// How many organizations the server counts.
    pub(crate) total: Option<u64>,
    pub(crate) rows: Vec<Row>,
}
