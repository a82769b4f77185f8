//! A listing, page by page, while it may change under the reader.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use org42_types::{Org, OrgPage};

use crate::error::{Error, Result};
use crate::fault::Fault;
use crate::orgs::OrgService;
use crate::response::Response;
use crate::walk::Walk;

const LIST: &str = "list the organizations";

/// The pages of a listing of organizations, fetched one by one as they are asked for.
///
/// Nothing is sent before the first [`next`](Self::next). It ends after the last organization that the server counts,
/// also when the server gives smaller pages than asked for; a page with no organization in it is not handed out.
///
/// The API has no snapshots. Organizations that come and go while the listing is read move others from one page to
/// another: one seen on a recent page (of the last 16) is not given twice, and when the server's count shrinks, pages are
/// read again so that those which moved forward are not missed. No more is promised. A listing that contradicts itself
/// (a page is empty before its end, or repeats the one before) is an error, never a silent end.
///
/// ```no_run
/// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
/// let mut pages = client.orgs().get_all();
/// while let Some(page) = pages.next().await {
///     for org in &page?.orgs {
///         println!("{}", org.org_name);
///     }
/// }
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent until next() is called"]
pub struct Pages {
    orgs: OrgService,
    walk: Walk,
}

impl Pages {
    pub(crate) fn new(orgs: OrgService, page_size: u32) -> Self {
        Self {
            orgs,
            walk: Walk::new(page_size),
        }
    }

    /// Asks for this many organizations per page; not 0. To be called before the first [`next`](Self::next).
    pub fn page_size(self, page_size: u32) -> Self {
        Self::new(self.orgs, page_size)
    }

    /// The next page, or `None` after the last one and after an error.
    pub async fn next(&mut self) -> Option<Result<Response<OrgPage>>> {
        let page = self.advance().await.transpose();
        if !matches!(page, Some(Ok(_))) {
            self.walk.end();
        }
        page
    }

    async fn advance(&mut self) -> Result<Option<Response<OrgPage>>> {
        while let Some((number, size)) = self.walk.next_request() {
            let page = self.orgs.fetch_page(LIST, number, size).await?;
            if !self.orgs.client.flavor().has_numbers() {
                self.walk.end();
            }
            let mut fresh = self
                .walk
                .accept(number, &page)
                .map_err(|message| Error::new(LIST, Fault::Listing(message)))?;
            if !fresh.is_empty() {
                return Ok(Some(page.map(|mut page| {
                    page.orgs.retain(|org| fresh.remove(&org.key()));
                    page
                })));
            }
        }
        Ok(None)
    }

    /// The same pages as a stream.
    #[must_use]
    pub fn into_stream(self) -> BoxStream<'static, Result<Response<OrgPage>>> {
        stream::unfold(self, async |mut pages| Some((pages.next().await?, pages))).boxed()
    }

    /// The organizations of all pages, one by one.
    pub fn orgs(self) -> Orgs {
        let pages = self.into_stream();
        Orgs(
            pages
                .flat_map(|page| {
                    stream::iter(match page {
                        Ok(page) => page.into_value().orgs.into_iter().map(Ok).collect(),
                        Err(error) => vec![Err(error)],
                    })
                })
                .boxed(),
        )
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("walk", &self.walk)
            .finish_non_exhaustive()
    }
}

/// The organizations of a listing, one by one; a [`Stream`], and usable without one.
///
/// ```no_run
/// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
/// let mut orgs = client.orgs().get_all().orgs();
/// while let Some(org) = orgs.next().await {
///     println!("{}", org?.org_name);
/// }
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent until next() is called"]
pub struct Orgs(BoxStream<'static, Result<Org>>);

impl Orgs {
    /// The next organization, or `None` after the last one and after an error.
    pub async fn next(&mut self) -> Option<Result<Org>> {
        self.0.next().await
    }

    /// All that are left.
    ///
    /// # Errors
    ///
    /// When a page cannot be read; then there is no part of a list.
    pub async fn collect(mut self) -> Result<Vec<Org>> {
        let mut orgs = Vec::new();
        while let Some(org) = self.next().await {
            orgs.push(org?);
        }
        Ok(orgs)
    }
}

impl Stream for Orgs {
    type Item = Result<Org>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl fmt::Debug for Orgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Orgs")
    }
}
