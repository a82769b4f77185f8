//! A listing as an iterator; which page comes next is decided in `list`.

use std::iter::FusedIterator;

use org42_types::{Org, OrgPage};

use crate::answer::response::Response;
use crate::blocking::runtime::Runtime;
use crate::error::Result;
use crate::list::{pages, raw};

/// The pages of a listing, as an iterator; see [`org42::Pages`](crate::Pages).
#[must_use = "nothing is sent until next() is called"]
#[derive(Debug)]
pub struct Pages {
    pages: pages::Pages,
    runtime: Runtime,
    is_over: bool,
}

impl Pages {
    pub(crate) fn new(pages: pages::Pages, runtime: Runtime) -> Self {
        Self {
            pages,
            runtime,
            is_over: false,
        }
    }

    /// Returns how many organizations that the server counts have not come, once the listing is over; see
    /// [`org42::Pages::missing`](crate::Pages::missing).
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.pages.missing()
    }

    /// Returns the same pages as they come; see [`org42::Pages::raw`](crate::Pages::raw).
    pub fn raw(self) -> RawPages {
        RawPages {
            pages: self.pages.raw(),
            runtime: self.runtime,
            is_over: false,
        }
    }

    /// Returns the organizations of all pages, one by one.
    pub fn orgs(self) -> Orgs {
        Orgs {
            orgs: self.pages.orgs(),
            runtime: self.runtime,
            is_over: false,
        }
    }
}

impl Iterator for Pages {
    type Item = Result<Response<OrgPage>>;

    fn next(&mut self) -> Option<Self::Item> {
        let pages = &mut self.pages;
        self.runtime
            .next(&mut self.is_over, async { Ok(pages.next().await) })
    }
}

/// The pages of a listing as they come, as an iterator; see [`org42::RawPages`](crate::RawPages).
#[must_use = "nothing is sent until next() is called"]
#[derive(Debug)]
pub struct RawPages {
    pages: raw::RawPages,
    runtime: Runtime,
    is_over: bool,
}

impl RawPages {
    /// Returns how many organizations that the server counts have not come, once the listing is over; see
    /// [`org42::Pages::missing`](crate::Pages::missing).
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.pages.missing()
    }
}

impl FusedIterator for RawPages {}

impl Iterator for RawPages {
    type Item = Result<Response<raw::RawPage>>;

    fn next(&mut self) -> Option<Self::Item> {
        let pages = &mut self.pages;
        self.runtime
            .next(&mut self.is_over, async { Ok(pages.next().await) })
    }
}

/// The organizations of a listing, as an iterator; see [`org42::Orgs`](crate::Orgs).
#[must_use = "nothing is sent until next() is called"]
#[derive(Debug)]
pub struct Orgs {
    orgs: pages::Orgs,
    runtime: Runtime,
    is_over: bool,
}

impl Orgs {
    /// Returns how many organizations that the server counts have not come, once the listing is over; see
    /// [`org42::Pages::missing`](crate::Pages::missing).
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.orgs.missing()
    }

    /// Calls [`org42::Orgs::try_collect`](crate::Orgs::try_collect) and blocks until all pages are read. Unlike this
    /// method, an iterator's own `collect` has no bound.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn try_collect(&mut self) -> Result<Vec<Org>> {
        self.runtime.wait(self.orgs.try_collect())
    }
}

impl FusedIterator for Orgs {}

impl FusedIterator for Pages {}

impl Iterator for Orgs {
    type Item = Result<Org>;

    fn next(&mut self) -> Option<Self::Item> {
        let orgs = &mut self.orgs;
        self.runtime
            .next(&mut self.is_over, async { Ok(orgs.next().await) })
    }
}
