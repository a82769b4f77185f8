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
