//! What listings need of every organization: number, parent, name, state and what is in it.
//!
//! It is read once, and follows the commits of this process: only what a commit has touched is read again. So what a
//! listing costs does not depend on how many organizations are left out of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use org42_types::{OrgId, RegistrationKey};

use super::counts::Counts;
use super::listing::each;
use super::tally::Tally;
use crate::domain::{Device, OrgRecord, OrgState, Path, StatesInPathOrder, TenantRefusal, User};
use crate::store::{OrgLookup, ReadView, StoreError};

/// The organizations at and below one of them, in one state of the tenant. A place is an index into its lists, which are
/// ordered by number.
pub(super) struct Outline {
    under: Path,
    ids: Vec<OrgId>,
    /// The places of the parents; of the uppermost organization, its own.
    parents: Vec<u32>,
    /// An organization that is as its parent shares the memory of its state.
    states: Vec<Arc<OrgState>>,
    names: Vec<Name>,
    /// The places in the order of the names in lower case, then of the numbers.
    by_name: Vec<u32>,
    /// The registration keys that are not in one case of letters, in lower case, with their places: none as a rule.
    mixed_keys: BTreeSet<(String, u32)>,
    /// What is in each organization, once that was asked for.
    tally: Option<Tally>,
}

struct Name {
    name: Box<str>,
    /// The name in lower case, where that differs.
    lower: Option<Box<str>>,
}

impl Name {
    fn of(name: &str) -> Self {
        let lower = name.to_lowercase();
        Self {
            name: name.into(),
            lower: (lower != name).then(|| lower.into()),
        }
    }

    fn lower(&self) -> &str {
        self.lower.as_deref().unwrap_or(&self.name)
    }
}

impl Outline {
    /// Reads the organizations at and below the end of a way down.
    pub(super) fn of(view: &dyn ReadView, way: &[OrgRecord]) -> Result<Self, TenantRefusal> {
        let (uppermost, above) = way.split_last().ok_or(TenantRefusal::OrgNotFound)?;
        let mut states = StatesInPathOrder::new(OrgState::of_way(above));
        let mut all = Vec::new();
        view.each_org(&uppermost.path, &mut |org| {
            let state = states.of(&org);
            let name = Name::of(&org.name);
            all.push((org.id, org.parent_id, state, name, mixed(&org)));
            Ok(())
        })?;
        all.sort_unstable_by_key(|(id, ..)| *id);
        let mut outline = Self {
            under: uppermost.path.clone(),
            ids: all.iter().map(|(id, ..)| *id).collect(),
            parents: Vec::with_capacity(all.len()),
            states: Vec::with_capacity(all.len()),
            names: Vec::with_capacity(all.len()),
            by_name: Vec::new(),
            mixed_keys: BTreeSet::new(),
            tally: None,
        };
        for (id, parent, state, name, mixed_key) in all {
            let place = index(outline.parents.len())?;
            (outline.mixed_keys).extend(mixed_key.map(|key| (key, place)));
            let parent = parent.filter(|_| id != uppermost.id).unwrap_or(id);
            let parent = outline.place(parent)?;
            outline.parents.push(index(parent)?);
            outline.states.push(state);
            outline.names.push(name);
        }
        let count = index(outline.ids.len())?;
        let names = &outline.names;
        let mut by_name: Vec<u32> = (0..count).collect();
        by_name.sort_by_key(|place| names[*place as usize].lower());
        outline.by_name = by_name;
        Ok(outline)
    }

    /// Reads again what was touched since; returns whether it could follow.
    pub(super) fn follow(
        &mut self,
        view: &dyn ReadView,
        touched: &BTreeSet<OrgId>,
    ) -> Result<bool, TenantRefusal> {
        let mut orgs = Vec::new();
        for id in touched {
            let org = view.org(&OrgLookup::Id(*id))?;
            orgs.push(org.ok_or(TenantRefusal::OrgNotFound)?);
        }
        for org in &orgs {
            if self.ids.binary_search(&org.id).is_err() && !self.add(org)? {
                return Ok(false);
            }
        }
        // Parents come before their children.
        orgs.sort_by_key(|org| org.path.depth());
        for org in &orgs {
            self.see(view, org)?;
        }
        Ok(true)
    }

    /// Adds a new organization at the end, as an empty one that has no parent yet; returns whether that is its place.
    fn add(&mut self, org: &OrgRecord) -> Result<bool, TenantRefusal> {
        if self.ids.last().is_some_and(|last| *last > org.id) {
            return Ok(false);
        }
        let place = index(self.ids.len())?;
        self.ids.push(org.id);
        self.parents.push(place);
        self.states.push(Arc::new(OrgState::ABOVE_TOP));
        self.names.push(Name::of(&org.name));
        self.insert_by_name(place);
        if let Some(tally) = &mut self.tally {
            tally.add();
        }
        Ok(true)
    }

    /// Takes over what an organization is now.
    fn see(&mut self, view: &dyn ReadView, org: &OrgRecord) -> Result<(), TenantRefusal> {
        let place = self.place(org.id)?;
        let at = index(place)?;
        if *self.names[place].name != *org.name {
            self.by_name.remove(self.place_by_name(at));
            self.names[place] = Name::of(&org.name);
            self.insert_by_name(at);
        }
        self.mixed_keys.retain(|(_, other)| *other != at);
        self.mixed_keys.extend(mixed(org).map(|key| (key, at)));
        let parent = self.place(org.parent_id.unwrap_or(org.id))?;
        if let Some(tally) = &mut self.tally {
            tally.shift(place, parent, &self.parents);
        }
        self.parents[place] = index(parent)?;
        let above = match parent == place {
            true => Arc::new(OrgState::ABOVE_TOP),
            false => Arc::clone(&self.states[parent]),
        };
        if above.of_child(org) == *self.states[place] {
            return self.recount(view, place);
        }
        let mut states = StatesInPathOrder::new((*above).clone());
        let mut changed = Vec::new();
        view.each_org(&org.path, &mut |org| {
            changed.push((org.id, states.of(&org)));
            Ok(())
        })?;
        for (id, state) in changed {
            // One that is new is not known yet: its turn comes.
            if let Ok(place) = self.ids.binary_search(&id) {
                self.states[place] = state;
                self.recount(view, place)?;
            }
        }
        Ok(())
    }

    /// Returns where a place is, or belongs, in the order of names.
    fn place_by_name(&self, place: u32) -> usize {
        let key = |place: u32| (self.names[place as usize].lower(), place);
        (self.by_name).partition_point(|other| key(*other) < key(place))
    }

    fn insert_by_name(&mut self, place: u32) {
        self.by_name.insert(self.place_by_name(place), place);
    }

    fn place(&self, id: OrgId) -> Result<usize, TenantRefusal> {
        let found = self.ids.binary_search(&id);
        found.map_err(|_| TenantRefusal::OrgNotFound)
    }

    /// Reads every user and device, if what is in the organizations is not known yet.
    pub(super) fn count(&mut self, view: &dyn ReadView) -> Result<(), TenantRefusal> {
        if self.tally.is_some() {
            return Ok(());
        }
        let orgs = self.states.iter().map(|state| Counts::of_org(state));
        let mut own: Vec<Counts> = orgs.collect();
        let count = |user: User| {
            let place = self.place(user.org_id)?;
            own[place].add_user(&self.states[place], &user);
            Ok(())
        };
        each(|see| view.each_user(&self.under, None, see), count)?;
        let count = |(device, user): (Device, User)| {
            let place = self.place(user.org_id)?;
            own[place].add_device(&self.states[place], &user, &device);
            Ok(())
        };
        each(|see| view.each_device(&self.under, None, see), count)?;
        self.tally = Some(Tally::of(&own, &self.parents));
        Ok(())
    }

    /// Counts again what is in one organization itself.
    fn recount(&mut self, view: &dyn ReadView, place: usize) -> Result<(), TenantRefusal> {
        let Some(tally) = &mut self.tally else {
            return Ok(());
        };
        let org = &self.states[place];
        let mut own = Counts::of_org(org);
        for user in view.users_of(self.ids[place])? {
            own.add_user(org, &user);
            for device in view.devices_of(user.id)? {
                own.add_device(org, &user, &device);
            }
        }
        tally.set(place, own, &self.parents);
        Ok(())
    }

    /// Returns the counts of an organization and everything below it, if they were asked for.
    pub(super) fn counts_of(&self, id: OrgId) -> Option<Counts> {
        let place = self.ids.binary_search(&id).ok()?;
        Some(self.tally.as_ref()?.total(place))
    }

    /// Returns the places of all organizations in the order of listings: the top one, then by number.
    pub(super) fn listed(&self) -> impl Iterator<Item = usize> {
        let top = (0..self.ids.len()).find(|place| self.is_top(*place));
        let rest = (0..self.ids.len()).filter(move |place| Some(*place) != top);
        top.into_iter().chain(rest)
    }

    /// Returns the places of the organizations whose name starts with a text, whatever the case of the letters.
    pub(super) fn named(&self, start: &str) -> impl Iterator<Item = usize> {
        let start = start.to_lowercase();
        let lower = |place: &u32| self.names[*place as usize].lower();
        let first = self.by_name.partition_point(|place| lower(place) < &*start);
        let named = self.by_name[first..].iter();
        named
            .take_while(move |place| lower(place).starts_with(&start))
            .map(|place| *place as usize)
    }

    /// Returns the places of the organizations with a registration key, whatever the case of the letters.
    pub(super) fn keyed(
        &self,
        view: &dyn ReadView,
        key: &str,
    ) -> Result<Vec<usize>, TenantRefusal> {
        let lower = key.to_ascii_lowercase();
        let mixed = self.mixed_keys.range((lower.clone(), 0)..);
        let mixed = mixed.take_while(|(other, _)| *other == lower);
        let mut found: Vec<usize> = mixed.map(|(_, place)| *place as usize).collect();
        for stored in [key.to_ascii_uppercase(), lower.clone()] {
            // A key is read without the spaces around it, which are not in it.
            if let Ok(stored) = stored.parse::<RegistrationKey>()
                && stored.as_str().len() == key.len()
            {
                let org = view.org(&OrgLookup::RegistrationKey(stored))?;
                found.extend(org.and_then(|org| self.place(org.id).ok()));
            }
        }
        Ok(found)
    }

    /// Returns which places are at or below an organization.
    pub(super) fn below(&self, id: OrgId) -> Result<Below<'_>, TenantRefusal> {
        let mut known = vec![None; self.ids.len()];
        known[self.place(id)?] = Some(true);
        Ok(Below {
            parents: &self.parents,
            known,
        })
    }

    /// Returns a key that orders places as listings do: the top organization, then by number.
    pub(super) fn listed_at(&self, place: usize) -> (bool, usize) {
        (!self.is_top(place), place)
    }

    /// Returns whether an organization is the tenant's top one, and not merely the uppermost here.
    fn is_top(&self, place: usize) -> bool {
        self.under.depth() == 1 && self.parents[place] as usize == place
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn is_counted(&self) -> bool {
        self.tally.is_some()
    }

    pub(super) fn id(&self, place: usize) -> OrgId {
        self.ids[place]
    }

    pub(super) fn name(&self, place: usize) -> &str {
        &self.names[place].name
    }

    pub(super) fn state(&self, place: usize) -> &OrgState {
        &self.states[place]
    }
}

/// The places at and below one organization, found out as they are asked for.
pub(super) struct Below<'a> {
    parents: &'a [u32],
    known: Vec<Option<bool>>,
}

impl Below<'_> {
    pub(super) fn has(&mut self, place: usize) -> bool {
        let (mut at, mut way) = (place, Vec::new());
        let found = loop {
            if let Some(known) = self.known[at] {
                break known;
            }
            way.push(at);
            let parent = self.parents[at] as usize;
            if parent == at {
                break false;
            }
            at = parent;
        };
        for at in way {
            self.known[at] = Some(found);
        }
        found
    }
}

/// Returns the registration key of an organization in lower case, if it is in no one case of letters.
fn mixed(org: &OrgRecord) -> Option<String> {
    let key = org.registration_key.as_str();
    let lower = key.to_ascii_lowercase();
    (lower != key && key.to_ascii_uppercase() != key).then_some(lower)
}

fn index(place: usize) -> Result<u32, TenantRefusal> {
    u32::try_from(place).map_err(|error| StoreError::failed(error).into())
}

#[cfg(test)]
mod tests;
