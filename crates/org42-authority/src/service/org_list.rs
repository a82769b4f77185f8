//! Listings of organizations: which, in which order, and one page of them.

use std::cmp::Reverse;

use org42_types::OrgId;

use super::counts::counts_below;
use super::listing::{Sorting, collected, each};
use super::orgs::{OrgIds, OrgView};
use super::way::{Ways, way_to};
use super::{Listing, PageOf, Service};
use crate::domain::{OrgRecord, OrgState, StatesInPathOrder, TenantRefusal};
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
    /// Returns whether answering it means reading every organization.
    pub(crate) fn needs_all(&self) -> bool {
        self.counts || self.is_narrowed()
    }

    fn is_narrowed(&self) -> bool {
        self.under.is_some()
            || self.active.is_some()
            || self.blocked.is_some()
            || self.search.is_some()
            || self.sort != OrgSort::Number
    }

    fn wants(&self, org: &OrgRecord, state: &OrgState) -> bool {
        self.active.is_none_or(|active| active == state.active)
            && self.blocked.is_none_or(|blocked| blocked == state.blocked)
            && self.search.as_deref().is_none_or(|search| {
                org.name.to_lowercase().starts_with(&search.to_lowercase())
                    || org.registration_key.as_str().eq_ignore_ascii_case(search)
            })
    }

    /// Returns how many organizations match at and below the end of a way down, and the ids of those on the page.
    fn page_of(
        &self,
        view: &dyn ReadView,
        way: Vec<OrgRecord>,
    ) -> Result<(u64, Vec<OrgId>), TenantRefusal> {
        let named = |org: &OrgRecord| (org.name.clone().into_boxed_str(), org.id);
        let by_number = |org: &OrgRecord| (org.parent_id.is_some(), org.id);
        match self.sort {
            OrgSort::Number => self.sorted(view, way, by_number, |(_, id)| id),
            OrgSort::NumberDown => self.sorted(view, way, |org| Reverse(org.id), |key| key.0),
            OrgSort::Name => self.sorted(view, way, named, |(_, id)| id),
            OrgSort::NameDown => self.sorted(view, way, |org| Reverse(named(org)), |key| key.0.1),
        }
    }

    fn sorted<K: Ord>(
        &self,
        view: &dyn ReadView,
        mut way: Vec<OrgRecord>,
        key: impl Fn(&OrgRecord) -> K,
        id: impl Fn(K) -> OrgId,
    ) -> Result<(u64, Vec<OrgId>), TenantRefusal> {
        let under = way.pop().ok_or(TenantRefusal::OrgNotFound)?;
        let mut states = StatesInPathOrder::new(OrgState::of_way(&way));
        let mut sorting = Sorting::new(self.page);
        view.each_org(&under.path, &mut |org| {
            if self.wants(&org, &states.of(&org)) {
                sorting.see(key(&org));
            }
            Ok(())
        })?;
        let (total, keys) = sorting.page();
        Ok((total, keys.map(id).collect()))
    }
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
            let counted = match way.last().filter(|_| query.counts) {
                Some(under) => Some(counts_below(view, under)?),
                None => None,
            };
            let mut ways = Ways::new(view);
            let mut show = |org: OrgRecord| {
                let (state, parent) = ways.state_of(&org)?;
                see(OrgView {
                    counts: counted.as_ref().and_then(|all| all.of(org.id)),
                    parent: parent.map(|parent| OrgIds::of(&parent.0)),
                    org,
                    state,
                    settings: None,
                })
            };
            if !query.is_narrowed() {
                self.each_of_all(view, query.page.window(), show)?;
                return self.count_orgs(view);
            }
            let (total, ids) = query.page_of(view, way)?;
            for id in ids {
                show(
                    view.org(&OrgLookup::Id(id))?
                        .ok_or(TenantRefusal::OrgNotFound)?,
                )?;
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
