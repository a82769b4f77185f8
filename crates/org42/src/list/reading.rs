//! One reading of a listing; whether there is another is decided by the cursor.

use org42_types::Timestamp;

use super::row::{Row, RowKey};
use super::seen::Seen;

/// The number of pages in a row without anything that end a reading, whatever the server counts.
const EMPTY_PAGES: u32 = 2;

/// One reading of a listing, from its first page to its last.
pub(super) struct Reading {
    /// How many organizations are requested a page.
    pub(super) size: u32,
    /// The page after all that were read.
    pub(super) next: u32,
    /// When it began, by the server's clock.
    pub(super) since: Timestamp,
    /// How many organizations the server counted at its beginning.
    pub(super) counted: Option<u64>,
    /// How many different organizations it has brought that were not changed since it began.
    pub(super) still: u64,
    /// What it has brought; `None` in the first reading, which brings what is new and nothing else.
    pub(super) keys: Option<Seen>,
    /// How many organizations no reading before has brought.
    pub(super) brought: u64,
    /// The keys of the last page.
    pub(super) previous: Vec<RowKey>,
    pub(super) stale_pages: u32,
    pub(super) empty_pages: u32,
}

impl Reading {
    pub(super) fn new(size: u32) -> Self {
        Self {
            size,
            next: 1,
            since: Timestamp::EPOCH,
            counted: None,
            still: 0,
            keys: None,
            brought: 0,
            previous: Vec::new(),
            stale_pages: 0,
            empty_pages: 0,
        }
    }

    /// Returns another reading of the same listing.
    pub(super) fn again(size: u32) -> Self {
        Self {
            keys: Some(Seen::default()),
            ..Self::new(size)
        }
    }

    /// Returns the number of the last page, as far as it is known: not before the first page has shown how many
    /// organizations a page has.
    pub(super) fn last_page(&self, total: Option<u64>) -> Option<u32> {
        let pages = total?.div_ceil(u64::from(self.size).max(1));
        (self.next > 1).then(|| u32::try_from(pages).unwrap_or(u32::MAX))
    }

    /// Returns whether all pages that the server counts have been read.
    pub(super) fn is_at_the_end(&self, total: Option<u64>) -> bool {
        let read = u64::from(self.next - 1) * u64::from(self.size);
        self.next > 1 && total.is_some_and(|total| read >= total) || self.empty_pages >= EMPTY_PAGES
    }

    /// Returns whether an organization may have been created or changed since the first page was read.
    pub(super) fn is_touched(&self, org: &Row) -> bool {
        self.next > 1 && org.stamp.is_none_or(|last| last >= self.since)
    }
}
