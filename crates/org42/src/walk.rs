//! Which page of a listing to ask for next, and what of an answered page is new. No I/O.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use org42_types::OrgPage;

/// How many pages back an organization is recognized as seen before.
const WINDOW: usize = 16;

/// How many pages in a row may bring nothing new before the listing is taken for broken.
const PATIENCE: u32 = 3;

/// A reader's place in a listing.
pub(crate) struct Walk {
    size: u32,
    /// The page that comes after all that were read.
    next: u32,
    /// Earlier pages to read again, because organizations may have moved onto them.
    again: BTreeSet<u32>,
    /// How many organizations the server counted last.
    total: Option<u64>,
    /// How many it counted on the last page that went on, apart from those read again.
    counted: Option<u64>,
    /// The keys of what was on the last pages, by page.
    window: BTreeMap<u32, HashSet<String>>,
    stale_pages: u32,
    is_over: bool,
}

impl Walk {
    pub(crate) fn new(size: u32) -> Self {
        Self {
            size,
            next: 1,
            again: BTreeSet::new(),
            total: None,
            counted: None,
            window: BTreeMap::new(),
            stale_pages: 0,
            is_over: false,
        }
    }

    pub(crate) fn end(&mut self) {
        self.is_over = true;
    }

    /// The number and size of the page to ask for.
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

    /// Takes an answered page and gives the keys of what is new on it.
    pub(crate) fn accept(
        &mut self,
        number: u32,
        page: &OrgPage,
    ) -> Result<HashSet<String>, String> {
        self.total = page.total_count.or(self.total);
        let keys = page.keys();
        let fresh: HashSet<_> = keys
            .iter()
            .filter(|key| !self.window.values().any(|page| page.contains(*key)))
            .cloned()
            .collect();
        if number == self.next {
            self.check_progress(number, &keys, &fresh)?;
            self.go_on(number, page.orgs.len());
        }
        self.remember(number, keys);
        Ok(fresh)
    }

    fn go_on(&mut self, number: u32, found: usize) {
        if found > 0 {
            self.next += 1;
        }
        if found > 0 && number == 1 {
            // The server has its own idea of a page's size; it decides where the next page begins.
            self.size = u32::try_from(found).unwrap_or(u32::MAX);
        }
        self.read_again_if_shrunk(number);
        self.counted = self.total;
        if found == 0 && self.again.is_empty() {
            self.end();
        }
    }

    /// A listing that is empty before its end, or brings the same over and over, is broken; silence would lose
    /// organizations, and patience without end would never return.
    fn check_progress(
        &mut self,
        number: u32,
        keys: &HashSet<String>,
        fresh: &HashSet<String>,
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

    /// Whether all pages that the server counts have been read.
    fn has_read_to_the_end(&self) -> bool {
        let read = u64::from(self.next - 1) * u64::from(self.size);
        self.next > 1 && self.total.is_some_and(|total| read >= total)
    }

    fn remember(&mut self, number: u32, keys: HashSet<String>) {
        self.window.entry(number).or_default().extend(keys);
        while self.window.len() > WINDOW {
            self.window.pop_first();
        }
    }

    /// When fewer organizations are counted than before, those behind the missing ones have moved forward, perhaps onto
    /// pages that were read already. Only pages that are remembered can be read again without giving anything twice.
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

impl fmt::Debug for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk")
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

    /// Walks a listing that a function gives: the ids there are, and the number that is claimed, at each request.
    fn walk(
        size: u32,
        mut listing: impl FnMut(usize) -> (Vec<u32>, Option<u64>),
    ) -> Result<(Vec<u32>, usize), String> {
        let mut walk = Walk::new(size);
        let mut found = Vec::new();
        let mut requests = 0;
        while let Some((number, size)) = walk.next_request() {
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
            let fresh = walk.accept(number, &page)?;
            found.extend(fresh.iter().map(|key| key.parse::<u32>().unwrap()));
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
