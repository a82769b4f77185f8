//! The pages of a listing that are requested before their turn, so that one is under way while another is read.

use std::collections::VecDeque;
use std::hash::RandomState;
use std::ops::RangeInclusive;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::answer::response::Answer;
use crate::call::trace::Span;
use crate::error::Result;
use crate::list::listed::Listed;
use crate::orgs::service::OrgService;

/// How many pages are under way at most.
const MOST: usize = 12;
/// The time in which a page is read; as many pages are under way as hide the way to the server behind it.
const READING: Duration = Duration::from_millis(8);
/// How many bytes the pages under way may have altogether, if they are like the first one.
const BYTES: usize = 16 * 1024 * 1024;

/// The pages that are under way, in the order of their numbers.
pub(super) struct Ahead {
    pages: VecDeque<Requested>,
    /// How many are under way at once.
    depth: usize,
    /// How many may be.
    most: usize,
}

/// A page that is under way; it is given up when it is dropped.
struct Requested {
    number: u32,
    size: u32,
    page: JoinHandle<Result<Listed>>,
}

impl Drop for Requested {
    fn drop(&mut self) {
        self.page.abort();
    }
}

impl Ahead {
    /// Returns a queue for as many pages at once as are wanted, if it is not too many.
    pub(super) fn new(wanted: Option<u8>) -> Self {
        Self {
            pages: VecDeque::new(),
            depth: 1,
            most: wanted.map_or(MOST, usize::from).clamp(1, MOST),
        }
    }

    /// Decides from the first page how many are requested at once: more, the longer the way to the server is, and fewer,
    /// the longer they are.
    pub(super) fn learn(&mut self, first: &Answer) {
        let ways = first.took.as_millis() / READING.as_millis();
        let hides = usize::try_from(ways).unwrap_or(MOST).saturating_add(3);
        let fits = BYTES / first.text.len().max(1);
        self.depth = hides.min(fits).clamp(1, self.most);
    }

    /// Requests as many of these pages as are to be under way. Those of other numbers or another size are given up.
    pub(super) fn reach(
        &mut self,
        orgs: &OrgService,
        hashes: &RandomState,
        numbers: RangeInclusive<u32>,
        size: u32,
    ) {
        let is_wanted = |page: &Requested| page.size == size && numbers.contains(&page.number);
        if !self.pages.iter().all(is_wanted) {
            self.pages.clear();
        }
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let next = self
            .pages
            .back()
            .map_or(*numbers.start(), |page| page.number + 1);
        let free = self.depth.saturating_sub(self.pages.len());
        for number in (next..=*numbers.end()).take(free) {
            let (orgs, hashes) = (orgs.clone(), hashes.clone());
            let span = Span::here();
            let fetch = async move { span.around(orgs.list_page(number, size, &hashes)).await };
            self.pages.push_back(Requested {
                number,
                size,
                page: runtime.spawn(fetch),
            });
        }
    }

    /// Returns the next page if it is under way and is this one. It brings nothing if it was given up.
    pub(super) fn next(
        &mut self,
        number: u32,
        size: u32,
    ) -> Option<impl Future<Output = Option<Result<Listed>>> + use<>> {
        let is_it = |page: &Requested| page.number == number && page.size == size;
        self.pages.front().filter(|page| is_it(page))?;
        let mut requested = self.pages.pop_front()?;
        Some(async move { (&mut requested.page).await.ok() })
    }
}
