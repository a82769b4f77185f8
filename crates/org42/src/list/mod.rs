//! Listings, page by page: which page comes next, which of its rows are new, and reading them within limits. Single
//! organizations belong to `orgs`.

pub(crate) mod page_cursor;
pub(crate) mod pages;
mod reading;
pub(crate) mod rows;
