//! A listing, page by page, while it may change under the reader.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use org42_types::{Org, OrgPage};

use crate::answer::limits::Limits;
use crate::answer::response::Response;
use crate::answer::weight::megabytes;
use crate::error::fault::Fault;
use crate::error::{Error, Result};
use crate::list::page_cursor::PageCursor;
use crate::orgs::service::OrgService;

const LIST: &str = "list the organizations";

/// The pages of a listing of organizations, fetched one by one as they are asked for.
///
/// Nothing is sent before the first [`next`](Self::next). It ends after the last organization that the server counts,
/// also when the server gives smaller pages than asked for; a page with no organization in it is not handed out.
///
/// The API has no snapshots. Organizations that come and go while the listing is read move others from one page to
/// another: one seen on a recent page (of the last 16) is not given twice, and when the server's count shrinks, pages are
/// read again so that those which moved forward are not missed. No more is promised. A listing that contradicts itself
/// (a page is empty before its end, repeats the one before, or the whole has far more organizations than it counted at
/// first) is an error, never a silent end.
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
    cursor: PageCursor,
    counted: Arc<Counted>,
}

/// How many organizations a listing has by the server's first count of it.
#[derive(Default)]
struct Counted(OnceLock<u64>);

impl Counted {
    fn note(&self, count: Option<u64>) {
        if let Some(count) = count {
            self.0.get_or_init(|| count);
        }
    }
}

impl Pages {
    pub(crate) fn new(orgs: OrgService, page_size: u32) -> Self {
        Self {
            orgs,
            cursor: PageCursor::new(page_size),
            counted: Arc::default(),
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
            self.cursor.end();
        }
        page
    }

    async fn advance(&mut self) -> Result<Option<Response<OrgPage>>> {
        while let Some((number, size)) = self.cursor.next_request() {
            let page = self.orgs.fetch_page(LIST, number, size).await?;
            if !self.orgs.client.flavor().has_numbers() {
                self.cursor.end();
                // What came is all there is, whatever it counts.
                self.counted.note(Some(page.orgs.len() as u64));
            }
            let mut fresh = self
                .cursor
                .accept(number, &page)
                .map_err(|message| Error::new(LIST, Fault::Listing(message)))?;
            self.counted.note(self.cursor.total());
            if !fresh.is_empty() {
                return Ok(Some(page.map(|mut page| {
                    page.orgs.retain(|org| fresh.take(org));
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
        let limits = self.orgs.client.0.transport.limits;
        let counted = Arc::clone(&self.counted);
        let stream = self.into_stream().flat_map(|page| {
            stream::iter(match page {
                Ok(page) => page.into_value().orgs.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            })
        });
        Orgs {
            stream: stream.boxed(),
            limits,
            counted,
        }
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("cursor", &self.cursor)
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
pub struct Orgs {
    stream: BoxStream<'static, Result<Org>>,
    limits: Limits,
    counted: Arc<Counted>,
}

impl Orgs {
    /// The next organization, or `None` after the last one and after an error.
    pub async fn next(&mut self) -> Option<Result<Org>> {
        self.stream.next().await
    }

    /// All that are left, as long as they take no more memory than organizations of their number should; see
    /// [`listing_limit`](crate::ClientBuilder::listing_limit). Reading them one by one has no such bound.
    ///
    /// # Errors
    ///
    /// When a page cannot be read, or it all takes too much memory; then there is no part of a list.
    pub async fn collect(mut self) -> Result<Vec<Org>> {
        let mut orgs = Vec::new();
        let mut taken: usize = 0;
        while let Some(org) = self.next().await {
            let org = org?;
            taken = taken.saturating_add(org.memory());
            let most = self
                .limits
                .collected(self.counted.0.get().copied(), orgs.len());
            if taken > most {
                let message = format!(
                    "{} organizations and the next take {} in memory, and no more than {} is taken for a listing of their number",
                    orgs.len(),
                    megabytes(taken),
                    megabytes(most)
                );
                return Err(Error::new(LIST, Fault::Listing(message)));
            }
            orgs.push(org);
        }
        Ok(orgs)
    }
}

impl Stream for Orgs {
    type Item = Result<Org>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.poll_next_unpin(context)
    }
}

impl fmt::Debug for Orgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Orgs")
    }
}
