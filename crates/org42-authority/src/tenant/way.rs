//! Looks up the ways down to many organizations without reading any organization twice.

use std::collections::HashMap;

use org42_types::OrgId;

use crate::store::{OrgKey, Snapshot};
use crate::tree::{Org, OrgState, Path, Refusal};

/// What is known of the ways down in one snapshot.
pub(super) struct Ways<'a> {
    snapshot: &'a dyn Snapshot,
    known: HashMap<Path, (Org, OrgState)>,
    paths: HashMap<OrgId, Path>,
}

impl<'a> Ways<'a> {
    pub(super) fn new(snapshot: &'a dyn Snapshot) -> Self {
        Self {
            snapshot,
            known: HashMap::new(),
            paths: HashMap::new(),
        }
    }

    /// Takes over an organization whose state is known already.
    pub(super) fn learn(&mut self, org: Org, state: OrgState) {
        self.paths.insert(org.id, org.path.clone());
        self.known.insert(org.path.clone(), (org, state));
    }

    /// The organization at `path` and its state.
    pub(super) fn at(&mut self, path: &Path) -> Result<&(Org, OrgState), Refusal> {
        if !self.known.contains_key(path) {
            let mut state = OrgState::ABOVE_TOP;
            for org in self.snapshot.way_down(path)? {
                state = state.of_child(&org);
                self.learn(org, state.clone());
            }
        }
        self.known.get(path).ok_or(Refusal::OrgNotFound)
    }

    /// An organization by number, and its state.
    pub(super) fn of(&mut self, id: OrgId) -> Result<&(Org, OrgState), Refusal> {
        let path = match self.paths.get(&id) {
            Some(path) => path.clone(),
            None => {
                self.snapshot
                    .org(&OrgKey::Id(id))?
                    .ok_or(Refusal::OrgNotFound)?
                    .path
            }
        };
        self.at(&path)
    }

    /// The parent of an organization.
    pub(super) fn parent_of(&mut self, org: &Org) -> Result<Option<&Org>, Refusal> {
        match org.parent_id {
            Some(parent) => Ok(Some(&self.of(parent)?.0)),
            None => Ok(None),
        }
    }
}

/// The way down to one organization.
pub(super) fn way_to(snapshot: &dyn Snapshot, key: &OrgKey) -> Result<Vec<Org>, Refusal> {
    let org = snapshot.org(key)?.ok_or(Refusal::OrgNotFound)?;
    Ok(snapshot.way_down(&org.path)?)
}
