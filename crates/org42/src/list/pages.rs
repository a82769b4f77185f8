//! A listing, read page by page while it may change on the server.

use std::fmt;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::stream::{FusedStream, Stream, StreamExt};
use org42_types::{Org, OrgPage};

use crate::answer::limits::Limits;
use crate::answer::response::Response;
use crate::answer::weight::megabytes;
use crate::error::fault::Fault;
use crate::error::{Error, Result};
use crate::list::listed::LIST;
use crate::list::listing::Listing;
use crate::list::raw::RawPages;
use crate::orgs::service::OrgService;

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
    listing: Listing,
    limits: Limits,
}

impl Pages {
    pub(crate) fn new(
        orgs: OrgService,
        page_size: u32,
        pages_at_once: Option<u8>,
        allow_partial: bool,
    ) -> Self {
        Self {
            limits: *orgs.client.limits(),
            listing: Listing::new(orgs, page_size, pages_at_once, allow_partial),
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
        self.listing.missing
    }

    /// Returns the same pages as they come: nothing of their organizations is copied or decoded that is not asked for.
    pub fn raw(self) -> RawPages {
        RawPages::new(self.listing)
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
        let Some(listed) = ready!(self.listing.poll_next(context)) else {
            return Poll::Ready(None);
        };
        let decoded = listed.and_then(|listed| listed.answer.decode(listed.page));
        if decoded.is_err() {
            self.listing.end();
        }
        Poll::Ready(Some(decoded))
    }
}

impl FusedStream for Pages {
    fn is_terminated(&self) -> bool {
        self.listing.is_over()
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("listing", &self.listing)
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
        self.collect(|org| ControlFlow::Continue(keep(org))).await
    }

    /// Collects organizations, within the same limits, to the one of which `is_last` says so, or to the end.
    pub(crate) async fn collect_until(
        &mut self,
        mut is_last: impl FnMut(&Org) -> bool,
    ) -> Result<Vec<Org>> {
        let to_last = |org| match is_last(&org) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(Some(org)),
        };
        self.collect(to_last).await
    }

    async fn collect(
        &mut self,
        mut keep: impl FnMut(Org) -> ControlFlow<(), Option<Org>>,
    ) -> Result<Vec<Org>> {
        let mut orgs = Vec::new();
        let mut taken: usize = 0;
        while let Some(org) = self.next().await {
            let org = match keep(org?) {
                ControlFlow::Break(()) => break,
                ControlFlow::Continue(None) => continue,
                ControlFlow::Continue(Some(org)) => org,
            };
            taken = taken.saturating_add(org.memory());
            let held = taken.saturating_add(self.around);
            let limits = &self.pages.limits;
            let most = limits.collected(self.pages.listing.first_count, orgs.len());
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
    use org42_types::ByteString;

    /// Turns to a page with this much around its one organization, which is kept as it is or copied.
    fn turned_to(padding: usize) -> (bool, usize) {
        let text = format!(
            r#"{{"metadata":"{}","orgs":[{{"orgId":1,"notes":"{}"}}]}}"#,
            "x".repeat(padding),
            "y".repeat(1000)
        );
        let text = ByteString::from(text);
        let org = &text[text.find("{\"orgId\"").unwrap()..text.len() - 2];
        let org = Org::from_json(text.slice_ref(org)).unwrap();
        let page = OrgPage::new(vec![org], None);
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
