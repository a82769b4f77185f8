//! Listings of organizations: which, in which order, and one page of them.

use std::cmp::Reverse;

use org42_types::OrgId;

use super::counts::Counts;
use super::listing::{Passing, Sorting, collected, each};
use super::orgs::{OrgIds, OrgView};
use super::outline::Outline;
use super::way::{Ways, way_to};
use super::{Listing, PageOf, Service};
use crate::domain::{OrgRecord, TenantRefusal};
use crate::store::{OrgLookup, ReadView, Window};

/// The organizations to list, and their order.
#[derive(Clone, Debug, Default)]
pub struct OrgQuery {
    /// The page.
    pub page: PageOf,
    /// Only this organization and those below it.
    pub under: Option<OrgLookup>,
    /// Only active organizations, or only inactive ones.
    pub active: Option<bool>,
    /// Only blocked organizations, or only those that are not.
    pub blocked: Option<bool>,
    /// Only organizations whose name starts with this, whatever the case of the letters, or with this registration
    /// key.
    pub search: Option<String>,
    /// The order.
    pub sort: OrgSort,
    /// Whether to count the contents of each organization.
    pub counts: bool,
}

/// The order of a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrgSort {
    /// The top organization, then by number.
    #[default]
    Number,
    /// By number, the largest first.
    NumberDown,
    /// By name.
    Name,
    /// By name, backwards.
    NameDown,
}

impl OrgQuery {
    /// Returns whether answering it needs to know something of every organization.
    pub(crate) fn needs_all(&self) -> bool {
        self.counts
            || self.under.is_some()
            || self.active.is_some()
            || self.blocked.is_some()
            || self.search.is_some()
            || self.sort != OrgSort::Number
    }

    /// Returns how many organizations match at and below `under`, and the ids of those on the page.
    fn page_of(
        &self,
        view: &dyn ReadView,
        outline: &Outline,
        under: &OrgRecord,
    ) -> Result<(u64, Vec<OrgId>), TenantRefusal> {
        let mut below = match under.parent_id {
            Some(_) => Some(outline.below(under.id)?),
            None => None,
        };
        let is_in = |place: &usize| {
            let state = outline.state(*place);
            self.active.is_none_or(|active| active == state.active)
                && self.blocked.is_none_or(|blocked| blocked == state.blocked)
                && below.as_mut().is_none_or(|below| below.has(*place))
        };
        let (total, places) = match self.searched(view, outline)? {
            Some(found) => self.sorted(outline, found.into_iter().filter(is_in)),
            None => self.sorted(outline, outline.listed().filter(is_in)),
        };
        let ids = places.into_iter().map(|place| outline.id(place));
        Ok((total, ids.collect()))
    }

    /// Returns the organizations that the search finds, in the order of listings; `None` without a search.
    fn searched(
        &self,
        view: &dyn ReadView,
        outline: &Outline,
    ) -> Result<Option<Vec<usize>>, TenantRefusal> {
        let Some(search) = &self.search else {
            return Ok(None);
        };
        let mut found: Vec<usize> = outline.named(search).collect();
        found.extend(outline.keyed(view, search)?);
        found.sort_unstable_by_key(|place| outline.listed_at(*place));
        found.dedup();
        Ok(Some(found))
    }

    /// Returns how many organizations there are, and those on the page. They come in the order of listings.
    fn sorted(&self, outline: &Outline, orgs: impl Iterator<Item = usize>) -> (u64, Vec<usize>) {
        let named = |place: usize| (outline.name(place), place);
        match self.sort {
            OrgSort::Number => {
                let (mut passing, mut shown) = (Passing::new(self.page), Vec::new());
                shown.extend(orgs.filter(|_| passing.next_is_shown()));
                (passing.total, shown)
            }
            OrgSort::NumberDown => by(self.page, orgs, Reverse, |key| key.0),
            OrgSort::Name => by(self.page, orgs, named, |(_, place)| place),
            OrgSort::NameDown => by(
                self.page,
                orgs,
                |place| Reverse(named(place)),
                |key| key.0.1,
            ),
        }
    }
}

/// Returns how many there are, and those on a page in the order of their keys.
fn by<K: Ord>(
    page: PageOf,
    orgs: impl Iterator<Item = usize>,
    key: impl Fn(usize) -> K,
    place: impl Fn(K) -> usize,
) -> (u64, Vec<usize>) {
    let mut sorting = Sorting::new(page);
    orgs.for_each(|org| sorting.see(key(org)));
    let (total, keys) = sorting.page();
    (total, keys.map(place).collect())
}

impl Service<'_> {
    /// Returns a page of organizations.
    ///
    /// # Errors
    ///
    /// When the organization to list below is unknown, or the storage fails.
    pub fn list_orgs(&self, query: &OrgQuery) -> Result<Listing<OrgView>, TenantRefusal> {
        collected(|see| self.each_org(query, see))
    }

    /// Passes a page of organizations to `see` one after the other; returns how many there are on all pages.
    ///
    /// # Errors
    ///
    /// When the organization to list below is unknown, the storage fails, or the error that `see` returns.
    pub fn each_org(
        &self,
        query: &OrgQuery,
        see: &mut dyn FnMut(OrgView) -> Result<(), TenantRefusal>,
    ) -> Result<u64, TenantRefusal> {
        self.look(|view| {
            let way = way_to(view, query.under.as_ref().unwrap_or(&OrgLookup::Top))?;
            let mut ways = Ways::new(view);
            let mut show = |(org, counts): (OrgRecord, Option<Counts>)| {
                let (state, parent) = ways.state_of(&org)?;
                see(OrgView {
                    counts,
                    parent: parent.map(|parent| OrgIds::of(&parent.0)),
                    org,
                    state,
                    settings: None,
                })
            };
            if !query.needs_all() {
                self.each_of_all(view, query.page.window(), |org| show((org, None)))?;
                return self.count_orgs(view);
            }
            let under = way.last().ok_or(TenantRefusal::OrgNotFound)?;
            let (total, page) = self.kept().outlined(view, &way, query.counts, |outline| {
                let (total, ids) = query.page_of(view, outline, under)?;
                let counts = |id| outline.counts_of(id).filter(|_| query.counts);
                let page = ids.into_iter().map(|id| (id, counts(id)));
                Ok((total, page.collect::<Vec<_>>()))
            })?;
            for (id, counts) in page {
                let org = view.org(&OrgLookup::Id(id))?;
                show((org.ok_or(TenantRefusal::OrgNotFound)?, counts))?;
            }
            Ok(total)
        })
    }

    /// Passes a part of the whole listing to `show`, beginning at an end that is known, so that the last page is read like
    /// the first.
    fn each_of_all(
        &self,
        view: &dyn ReadView,
        window: Window,
        mut show: impl FnMut(OrgRecord) -> Result<(), TenantRefusal>,
    ) -> Result<(), TenantRefusal> {
        let state = view.committed();
        let before = state.and_then(|state| self.kept().end_before(state, window.offset));
        let (mut last, mut count) = (None, window.offset);
        let show = |org: OrgRecord| {
            // The numbers of those that follow need not be larger than the top one's.
            last = Some(org.id).filter(|_| org.parent_id.is_some());
            count += 1;
            show(org)
        };
        match before {
            Some((skipped, after)) => {
                let offset = window.offset - skipped;
                let rest = Window { offset, ..window };
                each(|see| view.each_listed_org_after(after, rest, see), show)?;
            }
            None => each(|see| view.each_listed_org(window, see), show)?,
        }
        if let (Some(state), Some(last)) = (state, last) {
            self.kept().keep_end(state, count, last);
        }
        Ok(())
    }

    fn count_orgs(&self, view: &dyn ReadView) -> Result<u64, TenantRefusal> {
        let state = view.committed();
        if let Some(count) = state.and_then(|state| self.kept().orgs(state)) {
            return Ok(count);
        }
        let count = view.count_orgs()?;
        if let Some(state) = state {
            self.kept().keep_orgs(state, count);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::OrgCreation;
    use crate::{Authority, DEFAULT_ADMIN, Options, Sample};

    #[test]
    fn pages_that_begin_at_a_known_end_are_those_of_the_listing() {
        let sample = Sample::Orgs(60);
        let authority = Authority::in_memory(sample, DEFAULT_ADMIN, Options::default()).unwrap();
        let tenant = authority.tenant();
        let page = |num, size| {
            let page = PageOf { num, size };
            let query = OrgQuery {
                page,
                ..OrgQuery::default()
            };
            let listing = tenant.read().list_orgs(&query).unwrap();
            let ids = listing.rows.iter().map(|view| view.org.id);
            (listing.total, ids.collect::<Vec<_>>())
        };
        for round in 0..3 {
            let (total, all) = page(1, 1_000);
            assert_eq!((total, all.len()), (60 + round, 60 + round as usize));
            for num in [1, 2, 3, 9, 4, 8, 5, 6, 7, 20] {
                let expected = all.iter().skip((num - 1) * 7).take(7).copied();
                let (of_all, ids) = page(num as u32, 7);
                assert_eq!((of_all, ids), (total, expected.collect()), "page {num}");
            }
            let create = move |tenant: &crate::service::TenantDraft<'_>| {
                let name = Some(format!("New {round}"));
                let new = OrgCreation {
                    name,
                    ..OrgCreation::default()
                };
                tenant.create_org(&new).map(drop)
            };
            tenant.change_blocking(create).unwrap();
        }
    }
}
