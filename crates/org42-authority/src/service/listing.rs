//! Lists that are read row by row: only what a page needs stays in memory.

use std::collections::BinaryHeap;

use super::{Listing, PageOf};
use crate::domain::TenantRefusal;
use crate::store::{See, StoreError};

/// Passes rows of the store to a closure that may refuse; the first refusal ends the reading.
pub(super) fn each<T>(
    show: impl FnOnce(See<'_, T>) -> Result<(), StoreError>,
    mut see: impl FnMut(T) -> Result<(), TenantRefusal>,
) -> Result<(), TenantRefusal> {
    let mut refused = None;
    let shown = show(&mut |row| {
        see(row).map_err(|refusal| {
            refused = Some(refusal);
            StoreError::failed("the reading was ended")
        })
    });
    match refused {
        Some(refusal) => Err(refusal),
        None => Ok(shown?),
    }
}

/// Collects everything that a listing shows.
pub(super) fn collected<T>(
    show: impl FnOnce(&mut dyn FnMut(T) -> Result<(), TenantRefusal>) -> Result<u64, TenantRefusal>,
) -> Result<Listing<T>, TenantRefusal> {
    let mut rows = Vec::new();
    let total = show(&mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(Listing { total, rows })
}

/// A counter of rows that come in the order of a list, which finds those on a page.
pub(super) struct Passing {
    page: PageOf,
    pub(super) total: u64,
}

impl Passing {
    pub(super) fn new(page: PageOf) -> Self {
        Self { page, total: 0 }
    }

    /// Returns whether the next row is on the page.
    pub(super) fn next_is_shown(&mut self) -> bool {
        let place = self.total;
        self.total += 1;
        let window = self.page.window();
        place >= window.offset && place - window.offset < window.limit
    }
}

/// A collector of the keys on one page, from rows that come in any order.
pub(super) struct Sorting<K> {
    skip: usize,
    keep: usize,
    /// The least keys until now, as many as reach to the end of the page.
    least: BinaryHeap<K>,
    total: u64,
}

impl<K: Ord> Sorting<K> {
    pub(super) fn new(page: PageOf) -> Self {
        let window = page.window();
        let until = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        Self {
            skip: until(window.offset),
            keep: until(window.offset.saturating_add(window.limit)),
            least: BinaryHeap::new(),
            total: 0,
        }
    }

    pub(super) fn see(&mut self, key: K) {
        self.total += 1;
        if self.least.len() < self.keep {
            self.least.push(key);
        } else if let Some(mut greatest) = self.least.peek_mut().filter(|least| key < **least) {
            *greatest = key;
        }
    }

    /// Returns how many rows there were, and the keys of the page in their order.
    pub(super) fn page(self) -> (u64, impl Iterator<Item = K>) {
        (
            self.total,
            self.least.into_sorted_vec().into_iter().skip(self.skip),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(page: PageOf) -> (u64, Vec<u32>) {
        let mut sorting = Sorting::new(page);
        for key in [5, 1, 4, 2, 3] {
            sorting.see(key);
        }
        let (total, keys) = sorting.page();
        (total, keys.collect())
    }

    #[test]
    fn a_page_is_cut_from_what_came_in_any_order() {
        for (num, size, keys) in [
            (1, 2, vec![1, 2]),
            (2, 2, vec![3, 4]),
            (3, 2, vec![5]),
            (4, 2, vec![]),
            (1, u32::MAX, vec![1, 2, 3, 4, 5]),
            (u32::MAX, u32::MAX, vec![]),
        ] {
            assert_eq!(sorted(PageOf { num, size }), (5, keys), "{num} {size}");
        }
    }
}
