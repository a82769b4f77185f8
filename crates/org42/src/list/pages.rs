//! A listing, read page by page while it may change on the server.

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{FusedStream, Stream, StreamExt};
use org42_types::{Org, OrgPage, Timestamp};

use crate::answer::limits::Limits;
use crate::answer::response::Response;
use crate::answer::weight::megabytes;
use crate::call::trace::decided;
use crate::error::fault::Fault;
use crate::error::{Error, Result};
use crate::http::dates::now;
use crate::list::page_cursor::{PageCursor, Shortfall};
use crate::orgs::service::OrgService;

const LIST: &str = "list the organizations";

/// The pages of a listing of organizations, each fetched when it is asked for; a [`Stream`], and usable without one.
///
/// Nothing is sent before the first [`next`](Self::next). The listing ends after the last organization that the server
/// counts, also if the server's pages are smaller than requested; a page without organizations is left out. After the
/// end, and after an error, every further call returns `None`.
///
/// A future of [`next`](Self::next) may be dropped, as `select!` does: the next call continues with the same request.
///
/// The API has no snapshots. Organizations that come and go while the listing is read move others from one page to
/// another, and some servers change the size or the order of their pages. Each organization is returned once; when what
/// came does not add up to what the server counts, or something was changed meanwhile, the listing is read again and
/// what was missing is added, some times at most. If organizations are missing in the end, the last item is an error that
/// says how many ([`IncompleteListing`](crate::ErrorKind::IncompleteListing)), unless that is
/// [allowed](crate::GetAll::allow_partial). A listing that has far more than it counted at first, or repeats a page, is
/// an error, never a silent end.
///
/// Some servers list active organizations alone unless asked for others. So where no other has come, one request asks for
/// those that are not active, and they are listed too if there are any. Parameters of one's own are left as they are.
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
    state: State,
    limits: Limits,
    /// The server's first count of the listing.
    first_count: Option<u64>,
    /// How many organizations that the server counts have not come.
    missing: u64,
}

enum State {
    Between(Box<Reader>),
    Fetching(BoxFuture<'static, (Box<Reader>, Next)>),
    Over,
}

type Next = Result<Option<Response<OrgPage>>>;

/// The state needed to fetch the next page.
struct Reader {
    orgs: OrgService,
    size: u32,
    cursor: PageCursor,
    first_count: Option<u64>,
    /// Whether an organization that is not active has come.
    has_inactive: bool,
    /// Whether the server was asked for those alone.
    has_asked: bool,
    is_partial_allowed: bool,
    shortfall: Option<Shortfall>,
    is_over: bool,
    /// The last page that was asked for.
    last: u32,
}

fn local_time() -> Timestamp {
    Timestamp::from_millis(now().as_millisecond()).unwrap_or(Timestamp::EPOCH)
}

impl Reader {
    async fn fetch(mut self: Box<Self>) -> (Box<Self>, Next) {
        let next = self.next().await;
        (self, next)
    }

    async fn next(&mut self) -> Next {
        while let Some((number, size)) = self.cursor.next_request() {
            if number <= self.last {
                decided(format_args!(
                    "page {number} again: the listing does not add up yet"
                ));
            }
            self.last = number;
            let page = self.orgs.fetch_page(LIST, number, size).await?;
            if let Some(fresh) = self.take(number, page)? {
                return Ok(Some(fresh));
            }
        }
        if let Some(page) = self.inactive().await? {
            return Ok(Some(page));
        }
        self.shortfall = self.shortfall.or(self.cursor.shortfall());
        match self.shortfall.filter(|_| !self.is_over) {
            Some(short) if !self.is_partial_allowed => {
                self.is_over = true;
                Err(Error::new(LIST, Fault::Short(short)))
            }
            _ => Ok(None),
        }
    }

    /// Takes an answered page, and returns it with the organizations that are new; `None` if none is.
    fn take(&mut self, number: u32, page: Response<OrgPage>) -> Next {
        if !self.orgs.client.flavor().has_numbers() {
            // A listing in a single answer is complete, whatever its count says.
            self.cursor.end();
            self.first_count.get_or_insert(page.orgs.len() as u64);
        }
        self.has_inactive |= page.orgs.iter().any(|org| org.active == Some(false));
        let clock = &self.orgs.client.0.exchange.clock;
        let time = clock.now().unwrap_or_else(local_time);
        let mut fresh = self
            .cursor
            .accept(number, &page, time)
            .map_err(|message| Error::new(LIST, Fault::Listing(message)))?;
        self.first_count = self.first_count.or(self.cursor.total());
        Ok((!fresh.is_empty()).then(|| {
            page.map(|mut page| {
                page.orgs.retain(|org| fresh.take(org));
                page
            })
        }))
    }

    /// Looks for organizations that the server lists only when it is asked for those that are not active, once; returns
    /// the first page of them. Where some have come already, or parameters narrow the listing, there is nothing to ask.
    async fn inactive(&mut self) -> Next {
        let asks = !self.has_inactive && !self.orgs.is_narrowed() && !self.has_asked;
        if !asks || self.cursor.total() == Some(0) {
            return Ok(None);
        }
        self.has_asked = true;
        decided(format_args!(
            "those that are not active are asked for: none has come"
        ));
        let inactive = self.orgs.clone().with_param("active", false);
        let page = inactive.fetch_page(LIST, 1, self.size).await?;
        if !self.cursor.accept_inactive(&page) {
            return Ok(None);
        }
        self.shortfall = self.cursor.shortfall();
        let active = mem::replace(&mut self.cursor, PageCursor::new(self.size));
        self.cursor = PageCursor::after(self.size, active);
        self.last = 1;
        self.orgs = inactive;
        self.take(1, page)
    }
}

impl Pages {
    pub(crate) fn new(orgs: OrgService, page_size: u32, is_partial_allowed: bool) -> Self {
        Self {
            limits: *orgs.client.limits(),
            state: State::Between(Box::new(Reader {
                orgs,
                size: page_size,
                cursor: PageCursor::new(page_size),
                first_count: None,
                has_inactive: false,
                has_asked: false,
                is_partial_allowed,
                shortfall: None,
                is_over: false,
                last: 0,
            })),
            first_count: None,
            missing: 0,
        }
    }

    /// Fetches the next page; `None` after the last one and after an error.
    pub async fn next(&mut self) -> Option<Result<Response<OrgPage>>> {
        StreamExt::next(self).await
    }

    /// Returns how many organizations that the server counts have not come, once the listing is over: 0 unless the
    /// listing was cut short by an error or was [allowed](crate::GetAll::allow_partial) to be.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Returns the organizations of all pages, one by one.
    pub fn orgs(self) -> Orgs {
        Orgs {
            pages: self,
            page: Vec::new().into_iter(),
            around: 0,
        }
    }
}

impl Stream for Pages {
    type Item = Result<Response<OrgPage>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match mem::replace(&mut self.state, State::Over) {
                State::Over => return Poll::Ready(None),
                State::Between(reader) => self.state = State::Fetching(reader.fetch().boxed()),
                State::Fetching(mut fetch) => {
                    let Poll::Ready((reader, next)) = fetch.poll_unpin(context) else {
                        self.state = State::Fetching(fetch);
                        return Poll::Pending;
                    };
                    self.first_count = reader.first_count;
                    self.missing = reader
                        .shortfall
                        .map_or(0, |short| short.counted - short.came);
                    if let Ok(Some(_)) = next {
                        self.state = State::Between(reader);
                    }
                    return Poll::Ready(next.transpose());
                }
            }
        }
    }
}

impl FusedStream for Pages {
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Over)
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Pages");
        if let State::Between(reader) = &self.state {
            shown.field("cursor", &reader.cursor);
        }
        shown
            .field("is_over", &self.is_terminated())
            .finish_non_exhaustive()
    }
}

/// The organizations of a listing, one by one; a [`Stream`], and usable without one.
///
/// Each is a slice of the page that contained it; see [`Org::detach`]. As with [`Pages`], nothing comes after the end
/// or an error, and a future of [`next`](Self::next) may be dropped.
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
    pages: Pages,
    page: std::vec::IntoIter<Org>,
    /// How many bytes of the pages so far are kept in memory without belonging to an organization.
    around: usize,
}

impl Orgs {
    /// Returns the next organization; `None` after the last one and after an error.
    pub async fn next(&mut self) -> Option<Result<Org>> {
        StreamExt::next(self).await
    }

    /// Returns how many organizations that the server counts have not come; see [`Pages::missing`].
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.pages.missing()
    }

    /// Collects all organizations that are left, as long as they take no more memory than their number justifies; see
    /// [`listing_limit`](crate::ClientBuilder::listing_limit). Reading them one by one has no such limit.
    ///
    /// # Errors
    ///
    /// When a page cannot be read, or all of it takes too much memory; no part of the list is returned then.
    pub async fn try_collect(&mut self) -> Result<Vec<Org>> {
        self.collect_some(Some).await
    }

    /// Collects the organizations that `keep` accepts, within the limits of [`try_collect`](Self::try_collect).
    pub(crate) async fn collect_some(
        &mut self,
        mut keep: impl FnMut(Org) -> Option<Org>,
    ) -> Result<Vec<Org>> {
        let mut orgs = Vec::new();
        let mut taken: usize = 0;
        while let Some(org) = self.next().await {
            let Some(org) = keep(org?) else { continue };
            taken = taken.saturating_add(org.memory());
            let held = taken.saturating_add(self.around);
            let limits = &self.pages.limits;
            let most = limits.collected(self.pages.first_count, orgs.len());
            if held > most {
                let message = format!(
                    "{} organizations and the next take {} in memory, and no more than {} is taken for a listing of their number",
                    orgs.len(),
                    megabytes(held),
                    megabytes(most)
                );
                return Err(Error::new(LIST, Fault::Listing(message)));
            }
            orgs.push(org);
        }
        Ok(orgs)
    }

    /// Takes the organizations out of a page. If the page is mostly something else, they are copied, so that they do
    /// not keep it in memory.
    fn turn_to(&mut self, page: Response<OrgPage>) {
        let length = page.text().len();
        let mut orgs = page.into_value().orgs;
        let own: usize = orgs.iter().map(|org| org.as_json().len()).sum();
        match own < length / 2 {
            true => orgs = orgs.into_iter().map(Org::detach).collect(),
            false => self.around = self.around.saturating_add(length.saturating_sub(own)),
        }
        self.page = orgs.into_iter();
    }
}

impl Stream for Orgs {
    type Item = Result<Org>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(org) = self.page.next() {
                return Poll::Ready(Some(Ok(org)));
            }
            match ready!(self.pages.poll_next_unpin(context)) {
                Some(Ok(page)) => self.turn_to(page),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl FusedStream for Orgs {
    fn is_terminated(&self) -> bool {
        self.page.len() == 0 && self.pages.is_terminated()
    }
}

impl fmt::Debug for Orgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Orgs")
            .field("pages", &self.pages)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::limits::Size;
    use crate::list::rows::page_in;
    use org42_types::ByteString;

    /// Turns to a page with this much around its one organization, which is kept as it is or copied.
    fn turned_to(padding: usize) -> (bool, usize) {
        let text = format!(
            r#"{{"metadata":"{}","orgs":[{{"orgId":1,"notes":"{}"}}]}}"#,
            "x".repeat(padding),
            "y".repeat(1000)
        );
        let text = ByteString::from(text);
        let bounds = Limits::default().of(Size::Rows(1));
        let page = page_in(&text, &bounds).unwrap().unwrap();
        let place = page.orgs[0].as_json().as_ptr();
        let client = crate::Client::builder("localhost").api_client("a", "b");
        let mut orgs = client.build().unwrap().orgs().get_all().orgs();
        orgs.turn_to(Response::new(page).with_text(text.to_string()));
        let same = orgs.page.as_slice()[0].as_json().as_ptr() == place;
        (same, orgs.around)
    }

    #[test]
    fn a_page_that_is_mostly_something_else_is_not_kept_alive() {
        let (is_slice, around) = turned_to(500);
        assert!(is_slice && (500..600).contains(&around), "{around}");
        assert_eq!(turned_to(5000), (false, 0));
    }
}
