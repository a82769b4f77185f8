//! Decides which page of a listing to request next, and which organizations of an answered page are new. Does no I/O.

use std::fmt;
use std::hash::RandomState;

use org42_types::Timestamp;

use crate::list::reading::Reading;
use crate::list::row::{RowKey, Scanned};
use crate::list::seen::Seen;

/// The number of pages in a row that may bring nothing new before a first reading is given up.
const PATIENCE: u32 = 3;

/// How often a listing is read altogether, so that what moves about while it is read is found in the end.
const MOST_READINGS: u32 = 16;

/// How many readings in a row may bring nothing new.
const STALE_READINGS: u32 = 2;

/// The smallest page that is requested to go around a server whose pages vary.
const SMALLEST_PAGE: u32 = 10;

/// More organizations than any tenant has.
const MOST: u64 = 1_000_000;

/// The number of organizations that a listing may have beyond twice the server's first count, since it may grow while
/// it is read.
const GROWTH: u64 = 1_000;

/// A reader's place in a listing.
pub(crate) struct PageCursor {
    /// How many organizations were asked for a page.
    asked: u32,
    reading: Reading,
    /// How many readings there were, this one included.
    readings: u32,
    stale_readings: u32,
    /// How many organizations the server counted last.
    total: Option<u64>,
    /// The most organizations that the listing may have.
    most: u64,
    /// The keys of all that have come.
    seen: Seen,
    /// What the keys without a number are made with.
    hashes: RandomState,
    /// Whether the listing has changed while it was read, as far as it shows.
    is_disturbed: bool,
    /// How many organizations the smallest page had, of those before the end.
    smallest_page: u32,
    /// Whether everything has come that the server counted at the beginning of a reading.
    is_complete: bool,
    is_over: bool,
}

/// What a listing has come to when it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shortfall {
    /// How many organizations came.
    pub(crate) came: u64,
    /// How many the server counted.
    pub(crate) counted: u64,
    /// How often the listing was read.
    pub(crate) readings: u32,
}

impl PageCursor {
    pub(crate) fn new(size: u32) -> Self {
        Self {
            asked: size,
            reading: Reading::new(size),
            readings: 1,
            stale_readings: 0,
            total: None,
            most: MOST,
            seen: Seen::default(),
            hashes: RandomState::new(),
            is_disturbed: false,
            smallest_page: size,
            is_complete: false,
            is_over: false,
        }
    }

    pub(crate) fn end(&mut self) {
        self.is_over = true;
    }

    /// Returns how many organizations the server counted last.
    pub(crate) fn total(&self) -> Option<u64> {
        self.total
    }

    /// Returns the number of the last page of this reading, as far as it is known.
    pub(crate) fn last_page(&self) -> Option<u32> {
        self.reading.last_page(self.total)
    }

    /// Returns what the keys of organizations without a number are made with.
    pub(crate) fn hashes(&self) -> &RandomState {
        &self.hashes
    }

    /// Returns what is missing of a listing that is over; `None` if nothing is, as far as it shows.
    pub(crate) fn shortfall(&self) -> Option<Shortfall> {
        let (came, counted) = (self.seen.len() as u64, self.total?);
        (!self.is_complete && came < counted).then_some(Shortfall {
            came,
            counted,
            readings: self.readings,
        })
    }

    /// Returns the number and size of the next page to request; `None` at the end.
    pub(crate) fn next_request(&mut self) -> Option<(u32, u32)> {
        if !self.is_over && self.reading.is_at_the_end(self.total) {
            self.read_again_or_end();
        }
        match self.is_over {
            true => None,
            false => Some((self.reading.next, self.reading.size)),
        }
    }

    /// Takes an answered page, and the time that the server's clock showed, and leaves the new organizations on it.
    pub(crate) fn accept(
        &mut self,
        number: u32,
        page: &mut Scanned,
        time: Timestamp,
    ) -> Result<(), String> {
        self.check_count(page.total)?;
        let before = self.total;
        self.total = page.total.or(self.total);
        if number == 1 {
            self.reading.since = time;
            self.reading.counted = page.total;
        } else {
            self.is_disturbed |= self.total != before;
        }
        let keys: Vec<RowKey> = page.rows.iter().map(|row| row.key).collect();
        page.rows.retain(|row| {
            let is_new = self.seen.insert(row.key);
            let brought = &mut self.reading.keys;
            if brought.as_mut().map_or(is_new, |keys| keys.insert(row.key)) {
                match self.reading.is_touched(row) {
                    true => self.is_disturbed = true,
                    false => self.reading.still += 1,
                }
            }
            is_new
        });
        self.reading.brought += page.rows.len() as u64;
        self.check_progress(number, &keys, page.rows.is_empty())?;
        self.go_on(number, keys.len());
        self.reading.previous = keys;
        self.check_growth()
    }

    /// Takes the first page of the organizations that are not active, and returns whether one of them was not seen. A
    /// server that lists active ones alone has some; a server that ignores the question has none.
    pub(crate) fn accept_inactive(&mut self, page: &Scanned) -> bool {
        let mut inactive = page.rows.iter().filter(|row| row.active == Some(false));
        inactive.any(|row| !self.seen.contains(row.key))
    }

    /// Takes over what another listing of the same tenant has seen.
    pub(crate) fn after(size: u32, other: Self) -> Self {
        Self {
            seen: other.seen,
            hashes: other.hashes,
            // What came in the other one is new to this reading.
            reading: Reading::again(size),
            ..Self::new(size)
        }
    }

    /// Refuses a count that is impossible. The first count bounds the listing: a server that counts up as fast as it
    /// is read would never end it.
    fn check_count(&mut self, count: Option<u64>) -> Result<(), String> {
        let Some(count) = count else { return Ok(()) };
        if count > MOST {
            return Err(format!(
                "the server counts {count} organizations, more than any tenant has"
            ));
        }
        if self.total.is_none() {
            self.most = count.saturating_mul(2).saturating_add(GROWTH).min(MOST);
        }
        Ok(())
    }

    fn check_growth(&mut self) -> Result<(), String> {
        let came = self.seen.len() as u64;
        match came > self.most {
            true => Err(format!(
                "it has brought {came} organizations and goes on, although there should be no more than {}",
                self.most
            )),
            false => Ok(()),
        }
    }

    fn go_on(&mut self, number: u32, found: usize) {
        self.reading.next += 1;
        let found = u32::try_from(found).unwrap_or(u32::MAX);
        if found > 0 && number == 1 {
            // The server may have a smaller page; its size decides where the next page begins.
            self.reading.size = found;
        }
        if found > 0 && !self.reading.is_at_the_end(self.total) {
            self.smallest_page = self.smallest_page.min(found);
        }
        self.reading.empty_pages = match found {
            0 => self.reading.empty_pages + 1,
            _ => 0,
        };
        if found == 0 && self.total.is_none() {
            self.end();
        }
    }

    /// Refuses a listing that repeats itself, which would never end.
    fn check_progress(
        &mut self,
        number: u32,
        keys: &[RowKey],
        is_stale: bool,
    ) -> Result<(), String> {
        let is_first = self.readings == 1 && !self.is_disturbed;
        let is_stale = is_stale && !keys.is_empty();
        // A page that repeats another brings nothing new.
        if is_first && number > 1 && is_stale && are_same(&self.reading.previous, keys) {
            return Err(format!("page {number} repeats the page before it"));
        }
        self.reading.stale_pages = match is_stale {
            true => self.reading.stale_pages + 1,
            false => 0,
        };
        match is_first && self.reading.stale_pages > PATIENCE {
            true => Err(format!(
                "{} pages in a row bring nothing new, although there should be more",
                self.reading.stale_pages
            )),
            false => Ok(()),
        }
    }

    /// Ends the listing if it is complete, or reads it again: as it was at the beginning of this reading, it has come if
    /// as many organizations as were counted then have come unchanged; and a listing that stands still, if as many have
    /// come as are counted.
    fn read_again_or_end(&mut self) {
        let reading = &self.reading;
        let all_still = reading
            .counted
            .is_some_and(|counted| reading.still >= counted);
        let has_all = self.shortfall().is_none();
        let is_whole_answer = reading.next == 2 && has_all;
        if all_still || is_whole_answer || has_all && !self.is_disturbed {
            self.is_complete = true;
            return self.end();
        }
        self.stale_readings = match reading.brought {
            0 => self.stale_readings + 1,
            _ => 0,
        };
        // What goes on changing is complete in no moment; nothing is missing that stayed.
        let is_settled = has_all && self.stale_readings > 0;
        if is_settled || self.stale_readings >= STALE_READINGS || self.readings >= MOST_READINGS {
            return self.end();
        }
        self.readings += 1;
        self.is_disturbed = false;
        let size = self.smallest_page.max(SMALLEST_PAGE).min(self.asked);
        self.reading = Reading::again(size);
    }
}

/// Returns whether two pages have the same organizations, in any order.
fn are_same(one: &[RowKey], other: &[RowKey]) -> bool {
    let sorted = |keys: &[RowKey]| {
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        keys.dedup();
        keys
    };
    sorted(one) == sorted(other)
}

impl fmt::Debug for PageCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageCursor")
            .field("next", &self.reading.next)
            .field("size", &self.reading.size)
            .field("readings", &self.readings)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::limits::{Limits, Size};
    use crate::list::scan::scan;
    use serde_json::json;

    /// Returns a page with these documents.
    fn page(orgs: &[serde_json::Value], total: Option<u64>) -> Scanned {
        let text = json!({"totalCount": total, "orgs": orgs}).to_string();
        let bounds = Limits::default().of(Size::Rows(500));
        scan(&text, &bounds, &RandomState::new()).unwrap().unwrap()
    }

    fn dated(id: u32, is_new: bool) -> serde_json::Value {
        let year = if is_new { 2027 } else { 2020 };
        json!({"orgId": id, "orgName": "x", "creationDate": format!("{year}-01-01T00:00:00Z")})
    }

    fn start() -> Timestamp {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    /// Walks a listing that a function makes up: the ids there are, and the number that is claimed, at each request.
    fn walk(
        size: u32,
        mut listing: impl FnMut(usize) -> (Vec<u32>, Option<u64>),
    ) -> Result<(Vec<u32>, usize), String> {
        let mut cursor = PageCursor::new(size);
        let mut found = Vec::new();
        let mut requests = 0;
        while let Some((number, size)) = cursor.next_request() {
            let (ids, total) = listing(requests);
            requests += 1;
            assert!(requests < 200, "it never ends");
            let size = usize::try_from(size).unwrap();
            let skipped = usize::try_from(number - 1).unwrap() * size;
            let orgs: Vec<_> = ids
                .into_iter()
                .skip(skipped)
                .take(size)
                .map(|id| dated(id, false))
                .collect();
            let mut page = page(&orgs, total);
            cursor.accept(number, &mut page, start())?;
            found.extend(page.rows.iter().map(|row| match row.key {
                RowKey::Id(id) => id.get(),
                RowKey::Guid(hash) => panic!("{hash}"),
            }));
        }
        if let Some(short) = cursor.shortfall() {
            return Err(format!("{} of {}", short.came, short.counted));
        }
        found.sort_unstable();
        Ok((found, requests))
    }

    fn counted(ids: impl IntoIterator<Item = u32>) -> (Vec<u32>, Option<u64>) {
        let ids: Vec<u32> = ids.into_iter().collect();
        let total = u64::try_from(ids.len()).ok();
        (ids, total)
    }

    #[test]
    fn whatever_goes_away_and_whenever_nothing_else_is_missed() {
        for gone in [1..=1, 1..=4, 3..=12, 20..=23, 1..=20] {
            for after in 1..8 {
                let (found, _) = walk(4, |request| {
                    counted((1..=30).filter(|id| request < after || !gone.contains(id)))
                })
                .unwrap();
                let stayed = (1..=30).filter(|id| !gone.contains(id));
                for id in stayed {
                    let times = found.iter().filter(|found| **found == id).count();
                    assert_eq!(times, 1, "{id} when {gone:?} go after {after} requests");
                }
            }
        }
    }

    #[test]
    fn whatever_comes_and_whenever_nothing_else_is_missed_or_doubled() {
        for come in [1..=1, 1..=4, 1..=9, 15..=20] {
            for after in 1..8 {
                let (found, _) = walk(4, |request| {
                    counted((1..=30).filter(|id| request >= after || !come.contains(id)))
                })
                .unwrap();
                for id in 1..=30 {
                    let times = found.iter().filter(|found| **found == id).count();
                    let there = if come.contains(&id) { times } else { 1 };
                    assert!(times <= 1 && times == there, "{id}: {come:?} after {after}");
                }
            }
        }
    }

    #[test]
    fn it_needs_no_count_and_no_request_too_many() {
        let uncounted = |last: u32| move |_| ((1..=last).collect(), None);
        assert_eq!(walk(4, uncounted(0)).unwrap(), (vec![], 1));
        assert_eq!(walk(4, uncounted(8)).unwrap(), ((1..=8).collect(), 3));
        assert_eq!(walk(4, |_| counted(1..=8)).unwrap().1, 2);
        assert_eq!(walk(4, |_| counted(1..=9)).unwrap().1, 3);
    }

    /// Asks a server that has new organizations on each page, for as long as it takes.
    fn endless(count: impl Fn(u64) -> Option<u64>) -> (String, u64) {
        let mut cursor = PageCursor::new(500);
        for read in 0..10_000 {
            assert!(cursor.next_request().is_some());
            let orgs: Vec<_> = (0..500)
                .map(|row| json!({"orgId": read * 500 + row}))
                .collect();
            let number = u32::try_from(read + 1).unwrap();
            let mut page = page(&orgs, count(read * 500));
            if let Err(message) = cursor.accept(number, &mut page, start()) {
                return (message, read);
            }
        }
        panic!("it never ends");
    }

    #[test]
    fn a_listing_that_outgrows_its_count_ends() {
        let (message, pages) = endless(|read| Some(read + 1000));
        assert!(message.contains("no more than 3000"), "{message}");
        assert_eq!(pages, 6);
        let (message, pages) = endless(|_| Some(1_000_000_000_000));
        assert!(message.contains("more than any tenant"), "{message}");
        assert_eq!(pages, 0);
        let mut uncounted = PageCursor::new(500);
        uncounted.most = 0;
        let mut one = page(&[json!({"orgId": 1})], None);
        let message = uncounted.accept(1, &mut one, start()).unwrap_err();
        assert!(message.contains("goes on"), "{message}");
    }

    #[test]
    fn a_count_that_flaps_or_lies_ends_somehow() {
        let mut flip = false;
        let flapping = walk(4, |_| {
            flip = !flip;
            ((1..=30).collect(), Some(if flip { 30 } else { 26 }))
        });
        assert_eq!(flapping.unwrap().0.len(), 30);
        let too_many = walk(4, |_| ((1..=30).collect(), Some(99)));
        assert!(too_many.unwrap_err().contains("99"));
        let gone = walk(4, |request| match request {
            0 => counted(1..=30),
            _ => (vec![], Some(0)),
        });
        assert_eq!(gone.unwrap().0, [1, 2, 3, 4]);
    }
}
