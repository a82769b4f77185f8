//! Listings, page by page: which page comes next, which of its rows are new, and reading them within limits. Single
//! organizations belong to `orgs`.

mod ahead;
mod listed;
mod listing;
pub(crate) mod page_cursor;
pub(crate) mod pages;
pub(crate) mod raw;
mod reading;
pub(crate) mod row;
pub(crate) mod scan;
mod seen;
mod skim;
