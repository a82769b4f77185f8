//! The ways down to many organizations, looked up as a rule without reading any organization twice.

use std::collections::HashMap;
use std::rc::Rc;

use org42_types::OrgId;

use crate::domain::{OrgRecord, OrgState, TenantRefusal};
use crate::store::{OrgLookup, ReadView};

/// An organization with its state.
type Known = Rc<(OrgRecord, OrgState)>;

/// The organizations of one view that were already read, with their states.
pub(super) struct Ways<'a> {
    view: &'a dyn ReadView,
    known: HashMap<OrgId, Known>,
}

impl<'a> Ways<'a> {
    /// How many organizations are remembered. Neighbours share most of their ways, so a few are enough.
    const MOST: usize = 2_048;

    pub(super) fn new(view: &'a dyn ReadView) -> Self {
        Self {
            view,
            known: HashMap::new(),
        }
    }

    /// Returns an organization by number, with its state.
    pub(super) fn of(&mut self, id: OrgId) -> Result<Known, TenantRefusal> {
        if let Some(known) = self.known.get(&id) {
            return Ok(known.clone());
        }
        let org = self.view.org(&OrgLookup::Id(id))?;
        self.with_state(org.ok_or(TenantRefusal::OrgNotFound)?)
    }

    /// Returns the state of an organization, and the one above it, which is read if needed. Of organizations that come one
    /// after the other, only those with others below them are looked up again, so this one is not remembered.
    pub(super) fn state_of(
        &mut self,
        org: &OrgRecord,
    ) -> Result<(OrgState, Option<Known>), TenantRefusal> {
        let above = org.parent_id.map(|parent| self.of(parent)).transpose()?;
        let state = match &above {
            Some(above) => above.1.of_child(org),
            None => OrgState::ABOVE_TOP.of_child(org),
        };
        Ok((state, above))
    }

    /// Returns an organization with its state, reading those above it if needed.
    fn with_state(&mut self, org: OrgRecord) -> Result<Known, TenantRefusal> {
        let (state, _) = self.state_of(&org)?;
        if self.known.len() >= Self::MOST {
            self.known.clear();
        }
        let known = Rc::new((org, state));
        self.known.insert(known.0.id, known.clone());
        Ok(known)
    }

    /// Returns the ids on the way down to an organization, the top one first.
    pub(super) fn ids_down_to(&mut self, id: OrgId) -> Result<Vec<OrgId>, TenantRefusal> {
        let mut ids = vec![id];
        let mut next = self.of(id)?.0.parent_id;
        while let Some(above) = next {
            ids.push(above);
            next = self.of(above)?.0.parent_id;
        }
        ids.reverse();
        Ok(ids)
    }
}

/// Returns the organizations from the top one down to the one with this key.
pub(super) fn way_to(
    view: &dyn ReadView,
    key: &OrgLookup,
) -> Result<Vec<OrgRecord>, TenantRefusal> {
    let org = view.org(key)?.ok_or(TenantRefusal::OrgNotFound)?;
    Ok(view.way_down(&org.path)?)
}
