//! A listing that is read page by page while it may change on the server: what the forms in which it is handed out have in
//! common.

use std::fmt;
use std::mem;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use org42_types::Timestamp;

use crate::call::trace::decided;
use crate::error::fault::Fault;
use crate::error::{Error, Result};
use crate::http::dates::now;
use crate::list::ahead::Ahead;
use crate::list::listed::{LIST, Listed};
use crate::list::page_cursor::{PageCursor, Shortfall};
use crate::orgs::service::OrgService;

/// A listing, of which the next page is fetched when it is asked for.
pub(super) struct Listing {
    state: State,
    /// The server's first count of the listing.
    pub(super) first_count: Option<u64>,
    /// How many organizations that the server counts have not come.
    pub(super) missing: u64,
}

enum State {
    Between(Box<Reader>),
    Fetching(BoxFuture<'static, (Box<Reader>, Next)>),
    Over,
}

type Next = Result<Option<Listed>>;

/// The state needed to fetch the next page.
struct Reader {
    orgs: OrgService,
    size: u32,
    cursor: PageCursor,
    /// The pages that are under way.
    ahead: Ahead,
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
            let listed = self.fetch_page(number, size).await?;
            if let Some(fresh) = self.take(number, listed)? {
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

    /// Fetches a page, and those behind it that are known to be there.
    async fn fetch_page(&mut self, number: u32, size: u32) -> Result<Listed> {
        let last = self.cursor.last_page().unwrap_or(number);
        self.ahead
            .reach(&self.orgs, self.cursor.hashes(), number..=last, size);
        let fetched = match self.ahead.next(number, size) {
            Some(page) => page.await,
            None => None,
        };
        match fetched {
            Some(listed) => listed,
            None => {
                self.orgs
                    .list_page(number, size, self.cursor.hashes())
                    .await
            }
        }
    }

    /// Takes an answered page, and returns it with the organizations that are new; `None` if none is.
    fn take(&mut self, number: u32, mut listed: Listed) -> Next {
        let page = &mut listed.page;
        if number == 1 {
            self.ahead.learn(&listed.answer);
        }
        if !self.orgs.client.flavor().has_numbers() {
            // A listing in a single answer is complete, whatever its count says.
            self.cursor.end();
            self.first_count.get_or_insert(page.rows.len() as u64);
        }
        self.has_inactive |= page.rows.iter().any(|org| org.active == Some(false));
        let clock = &self.orgs.client.0.exchange.clock;
        let time = clock.now().unwrap_or_else(local_time);
        self.cursor
            .accept(number, page, time)
            .map_err(|message| Error::new(LIST, Fault::Listing(message)))?;
        self.first_count = self.first_count.or(self.cursor.total());
        Ok(Some(listed).filter(|listed| !listed.page.rows.is_empty()))
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
        let listed = inactive.list_page(1, self.size, self.cursor.hashes());
        let listed = listed.await?;
        if !self.cursor.accept_inactive(&listed.page) {
            return Ok(None);
        }
        self.shortfall = self.cursor.shortfall();
        let active = mem::replace(&mut self.cursor, PageCursor::new(self.size));
        self.cursor = PageCursor::after(self.size, active);
        self.last = 1;
        self.orgs = inactive;
        self.take(1, listed)
    }
}

impl Listing {
    pub(super) fn new(
        orgs: OrgService,
        page_size: u32,
        pages_at_once: Option<u8>,
        is_partial_allowed: bool,
    ) -> Self {
        Self {
            state: State::Between(Box::new(Reader {
                orgs,
                size: page_size,
                cursor: PageCursor::new(page_size),
                ahead: Ahead::new(pages_at_once),
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

    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Listed>>> {
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

    /// Ends the listing, since what came of it cannot be used.
    pub(super) fn end(&mut self) {
        self.state = State::Over;
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }
}

impl fmt::Debug for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Listing");
        if let State::Between(reader) = &self.state {
            shown.field("cursor", &reader.cursor);
        }
        shown
            .field("is_over", &self.is_over())
            .finish_non_exhaustive()
    }
}
