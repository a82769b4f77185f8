//! Decides which page of a listing to request next, and which organizations of an answered page are new. Does no I/O.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use org42_types::{Org, OrgPage};

/// The number of past pages on which an organization is recognized.
const WINDOW: usize = 16;

/// The number of pages in a row that may bring nothing new before the listing counts as broken.
const PATIENCE: u32 = 3;

/// More organizations than any tenant has.
const MOST: u64 = 1_000_000;

/// The number of organizations that a listing may have beyond twice the server's first count, since it may grow while
/// it is read.
const GROWTH: u64 = 1_000;

/// The organizations of a page that were on no page before.
pub(crate) struct Fresh {
    keys: HashSet<u64>,
    hashes: RandomState,
}

impl Fresh {
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Returns whether an organization is one of the fresh ones; true once for each.
    pub(crate) fn take(&mut self, org: &Org) -> bool {
        self.keys.remove(&hash_of(org, &self.hashes))
    }
}

/// Returns the hash of an organization's id.
fn hash_of(org: &Org, hashes: &RandomState) -> u64 {
    match org.org_id {
        Some(id) => hashes.hash_one(id),
        None => hashes.hash_one(&org.org_guid),
    }
}

/// A reader's place in a listing.
pub(crate) struct PageCursor {
    size: u32,
    /// The page after all that were read.
    next: u32,
    /// Earlier pages to read again, because organizations may have moved onto them.
    again: BTreeSet<u32>,
    /// How many organizations the server counted last.
    total: Option<u64>,
    /// The server's count on the last page that was read in order, not again.
    counted: Option<u64>,
    /// The most organizations that the listing may have.
    most: u64,
    /// How many organizations were new, and so returned.
    given: u64,
    /// The keys on the last pages, by page. Only their hashes are kept: a server may choose long ones.
    window: BTreeMap<u32, HashSet<u64>>,
    hashes: RandomState,
    stale_pages: u32,
    is_over: bool,
}

impl PageCursor {
    pub(crate) fn new(size: u32) -> Self {
        Self {
            size,
            next: 1,
            again: BTreeSet::new(),
            total: None,
            counted: None,
            most: MOST,
            given: 0,
            window: BTreeMap::new(),
            hashes: RandomState::new(),
            stale_pages: 0,
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

    /// Returns the number and size of the next page to request; `None` at the end.
    pub(crate) fn next_request(&mut self) -> Option<(u32, u32)> {
        if self.is_over {
            return None;
        }
        let number = match self.again.pop_first() {
            Some(number) => number,
            None if self.has_read_to_the_end() => return None,
            None => self.next,
        };
        Some((number, self.size))
    }

    /// Takes an answered page and returns the new organizations on it.
    pub(crate) fn accept(&mut self, number: u32, page: &OrgPage) -> Result<Fresh, String> {
        self.check_count(page.total_count)?;
        self.total = page.total_count.or(self.total);
        let hashes = page.orgs.iter().map(|org| hash_of(org, &self.hashes));
        let keys: HashSet<u64> = hashes.collect();
        let is_fresh = |key: &&u64| !self.window.values().any(|page| page.contains(*key));
        let fresh: HashSet<u64> = keys.iter().filter(is_fresh).copied().collect();
        if number == self.next {
            self.check_progress(number, &keys, &fresh)?;
            self.go_on(number, page.orgs.len());
        }
        self.remember(number, keys);
        self.check_growth(fresh.len())?;
        Ok(Fresh {
            keys: fresh,
            hashes: self.hashes.clone(),
        })
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

    fn check_growth(&mut self, fresh: usize) -> Result<(), String> {
        self.given = self.given.saturating_add(fresh as u64);
        match self.given > self.most {
            true => Err(format!(
                "it has brought {} organizations and goes on, although there should be no more than {}",
                self.given, self.most
            )),
            false => Ok(()),
        }
    }

    fn go_on(&mut self, number: u32, found: usize) {
        if found > 0 {
            self.next += 1;
        }
        if found > 0 && number == 1 {
            // The server may have a smaller page; its size decides where the next page begins.
            self.size = u32::try_from(found).unwrap_or(u32::MAX);
        }
        self.read_again_if_shrunk(number);
        self.counted = self.total;
        if found == 0 && self.again.is_empty() {
            self.end();
        }
    }

    /// Refuses a listing that has an empty page before its end, which would lose organizations, or that repeats
    /// itself, which would never end.
    fn check_progress(
        &mut self,
        number: u32,
        keys: &HashSet<u64>,
        fresh: &HashSet<u64>,
    ) -> Result<(), String> {
        if let Some(total) = self.total
            && keys.is_empty()
            && !self.has_read_to_the_end()
            && total > 0
        {
            return Err(format!(
                "page {number} is empty, although the server counts {total} organizations"
            ));
        }
        let has_grown = self.counted.is_some() && self.total > self.counted;
        let previous = self.window.get(&(number - 1));
        if previous == Some(keys) && !has_grown {
            return Err(format!("page {number} repeats the page before it"));
        }
        self.stale_pages = if fresh.is_empty() {
            self.stale_pages + 1
        } else {
            0
        };
        match self.stale_pages > PATIENCE {
            true => Err(format!(
                "{} pages in a row bring nothing new, although there should be more",
                self.stale_pages
            )),
            false => Ok(()),
        }
    }

    /// Returns whether all pages that the server counts have been read.
    fn has_read_to_the_end(&self) -> bool {
        let read = u64::from(self.next - 1) * u64::from(self.size);
        self.next > 1 && self.total.is_some_and(|total| read >= total)
    }

    fn remember(&mut self, number: u32, keys: HashSet<u64>) {
        self.window.entry(number).or_default().extend(keys);
        while self.window.len() > WINDOW {
            self.window.pop_first();
        }
    }

    /// Notes pages to be read again when the server counts fewer organizations than before: those behind the missing
    /// ones have moved forward, perhaps onto pages that were read already. Only pages that are remembered can be read
    /// again without returning an organization twice.
    fn read_again_if_shrunk(&mut self, number: u32) {
        let (Some(before), Some(now)) = (self.counted, self.total) else {
            return;
        };
        let missing = before.saturating_sub(now);
        if missing == 0 {
            return;
        }
        let pages = missing.div_ceil(u64::from(self.size));
        let last = self.next - 1;
        let from = last.saturating_sub(u32::try_from(pages).unwrap_or(u32::MAX));
        let remembered = self.window.range(from..=last).map(|(page, _)| *page);
        self.again.extend(remembered.filter(|page| *page != number));
    }
}

impl fmt::Debug for PageCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageCursor")
            .field("next", &self.next)
            .field("size", &self.size)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
                .map(|id| json!({"orgId": id, "orgName": "x"}))
                .collect();
            let page = json!({"totalCount": total, "orgs": orgs});
            let page: OrgPage = serde_json::from_value(page).unwrap();
            let mut fresh = cursor.accept(number, &page)?;
            let new = page.orgs.iter().filter(|org| fresh.take(org));
            found.extend(new.map(|org| org.key().parse::<u32>().unwrap()));
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
            let orgs = (0..500)
                .map(|row| json!({"orgId": read * 500 + row}))
                .collect();
            let orgs: Vec<Org> = serde_json::from_value(orgs).unwrap();
            let number = u32::try_from(read + 1).unwrap();
            let page = OrgPage::new(orgs, count(read * 500));
            if let Err(message) = cursor.accept(number, &page) {
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
        uncounted.given = MOST;
        let orgs = serde_json::from_value(json!([{"orgId": 1}])).unwrap();
        let message = uncounted
            .accept(1, &OrgPage::new(orgs, None))
            .err()
            .unwrap();
        assert!(message.contains("1000000"), "{message}");
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
