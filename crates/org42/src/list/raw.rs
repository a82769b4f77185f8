//! The pages of a listing as they come: for those who pass organizations on, or need few of their fields.

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::stream::{FusedStream, Stream, StreamExt};
use org42_types::{ByteString, Org, OrgFields, OrgId};

use crate::answer::response::Response;
use crate::error::Result;
use crate::list::listed::Listed;
use crate::list::listing::Listing;
use crate::list::row::{Row, RowKey};

/// The pages of a listing as they come, made by [`Pages::raw`](crate::Pages::raw): read in the same way and with the same
/// promises, but of each organization only the place in the page and a few facts are kept.
///
/// ```no_run
/// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
/// let mut pages = client.orgs().get_all().raw();
/// while let Some(page) = pages.next().await {
///     for org in page?.orgs() {
///         println!("{}", org.as_json());
///     }
/// }
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent until next() is called"]
pub struct RawPages {
    listing: Listing,
}

impl RawPages {
    pub(super) fn new(listing: Listing) -> Self {
        Self { listing }
    }

    /// Fetches the next page; `None` after the last one and after an error.
    pub async fn next(&mut self) -> Option<Result<Response<RawPage>>> {
        StreamExt::next(self).await
    }

    /// Returns how many organizations that the server counts have not come; see
    /// [`Pages::missing`](crate::Pages::missing).
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.listing.missing
    }
}

impl Stream for RawPages {
    type Item = Result<Response<RawPage>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let listed = ready!(self.listing.poll_next(context));
        Poll::Ready(listed.map(|listed| listed.map(raw)))
    }
}

fn raw(listed: Listed) -> Response<RawPage> {
    let Listed { answer, page } = listed;
    let page = RawPage {
        text: answer.text.clone(),
        rows: page.rows,
        total_count: page.total,
    };
    answer.with(page)
}

impl FusedStream for RawPages {
    fn is_terminated(&self) -> bool {
        self.listing.is_over()
    }
}

impl fmt::Debug for RawPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawPages")
            .field("listing", &self.listing)
            .finish_non_exhaustive()
    }
}

/// A page of organizations as it came.
#[derive(Clone)]
pub struct RawPage {
    text: ByteString,
    rows: Vec<Row>,
    total_count: Option<u64>,
}

impl RawPage {
    /// Returns the organizations of this page, in their order.
    pub fn orgs(&self) -> RawOrgs<'_> {
        RawOrgs {
            text: &self.text,
            rows: self.rows.iter(),
        }
    }

    /// Returns how many organizations the whole listing has; some servers do not say.
    #[must_use]
    pub fn total_count(&self) -> Option<u64> {
        self.total_count
    }
}

impl fmt::Debug for RawPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawPage")
            .field("orgs", &self.rows.len())
            .field("total_count", &self.total_count)
            .finish()
    }
}

/// The organizations of a [`RawPage`].
#[derive(Clone, Debug)]
#[must_use = "iterators do nothing unless they are used"]
pub struct RawOrgs<'a> {
    text: &'a ByteString,
    rows: std::slice::Iter<'a, Row>,
}

impl<'a> Iterator for RawOrgs<'a> {
    type Item = RawOrg<'a>;

    fn next(&mut self) -> Option<RawOrg<'a>> {
        let row = self.rows.next()?;
        Some(RawOrg {
            text: self.text,
            row,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

impl ExactSizeIterator for RawOrgs<'_> {}

/// One organization of a [`RawPage`].
#[derive(Clone, Copy)]
pub struct RawOrg<'a> {
    text: &'a ByteString,
    row: &'a Row,
}

impl<'a> RawOrg<'a> {
    /// Returns the text of the document as received, unknown fields included: one JSON object.
    #[must_use]
    pub fn as_json(&self) -> &'a str {
        &self.text[self.row.place.clone()]
    }

    /// Returns the number.
    #[must_use]
    pub fn org_id(&self) -> Option<OrgId> {
        match self.row.key {
            RowKey::Id(id) => Some(id),
            RowKey::Guid(_) => None,
        }
    }

    /// Returns the number as a text, or the guid where there is no number: unique in the tenant.
    #[must_use]
    pub fn key(&self) -> Cow<'a, str> {
        match self.org_id() {
            Some(id) => Cow::Owned(id.to_string()),
            None => self.fields().org_guid().unwrap_or_default(),
        }
    }

    /// Returns whether it is not deactivated.
    #[must_use]
    pub fn active(&self) -> Option<bool> {
        self.row.active
    }

    /// Returns whether it is blocked, by itself or from above.
    #[must_use]
    pub fn blocked(&self) -> Option<bool> {
        self.row.blocked
    }

    /// Returns the typed fields, borrowed from the page.
    #[must_use]
    pub fn fields(&self) -> OrgFields<'a> {
        self.row.fields(self.text)
    }

    /// Decodes the organization, whose document stays a slice of the page.
    ///
    /// # Errors
    ///
    /// When a value that has no type here cannot be built, such as a number that is too large.
    pub fn to_org(&self) -> serde_json::Result<Org> {
        Org::from_json(self.text.slice_ref(self.as_json()))
    }
}

/// Shows the key alone: the document holds the registration key.
impl fmt::Debug for RawOrg<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RawOrg").field(&self.row.key).finish()
    }
}
