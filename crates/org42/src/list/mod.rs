//! Listings, page by page: which page is next, which of its rows are new, and reading them within bounds; single
//! organizations are in `orgs`.

pub(crate) mod page_cursor;
pub(crate) mod pages;
pub(crate) mod rows;
