//! The organizations of a copy: their tree, and the marks that their states follow from.

use std::collections::{BTreeMap, HashMap};

use org42_types::{Org as OrgDocument, OrgId};

use super::{Copying, FOUNDED, MARKED, OrgSource, refused};
use crate::domain::{Mark, OrgRecord, Path, Revision};
use crate::error::StartError;

/// The fields of a document that are read separately.
const APART: [&str; 3] = ["settings", "settingsInherited", "deviceDefaults"];

impl Copying<'_> {
    /// Returns the organizations, parents before their children.
    ///
    /// # Errors
    ///
    /// When there is not exactly one top organization, ids are missing, or the tree is too deep or has a circle.
    pub(super) fn orgs(&self, source: &[OrgSource]) -> Result<Vec<OrgRecord>, StartError> {
        let mut documents: HashMap<OrgId, OrgDocument> = HashMap::new();
        for org in source {
            let mut fields = org.document();
            // Leaves out the largest fields, because there may be many organizations.
            fields.retain(|key, _| !APART.contains(&key.as_str()));
            let document = OrgDocument::from_document(&fields)
                .map_err(|reason| refused(reason.to_string()))?;
            let id = document
                .org_id
                .ok_or_else(|| refused("an organization has no orgId"))?;
            documents.insert(id, document);
        }
        let is_top = |org: &OrgDocument| {
            let parent = org.parent_org_id;
            parent.is_none_or(|parent| !documents.contains_key(&parent))
        };
        let tops: Vec<OrgId> = documents
            .iter()
            .filter(|(_, org)| is_top(org))
            .map(|(id, _)| *id)
            .collect();
        let [top] = tops[..] else {
            let count = tops.len();
            return Err(refused(format!(
                "a tenant has one top organization; of these {count} have no parent among them"
            )));
        };
        let mut children: BTreeMap<OrgId, Vec<OrgId>> = BTreeMap::new();
        for (id, org) in documents.iter().filter(|(id, _)| **id != top) {
            let parent = org.parent_org_id.unwrap_or(top);
            children.entry(parent).or_default().push(*id);
        }
        let mut orgs: Vec<OrgRecord> = Vec::new();
        let mut ways: Vec<(OrgId, Option<usize>)> = vec![(top, None)];
        while let Some((id, parent)) = ways.pop() {
            let Some(document) = documents.get(&id) else {
                continue;
            };
            let above = parent.map(|place| &orgs[place]);
            let above_document = above.and_then(|org| documents.get(&org.id));
            let org = self.org(document, above, above_document)?;
            if org.path.depth() > Path::MAX_DEPTH {
                return Err(refused("the tree is too deep for this authority"));
            }
            orgs.push(org);
            let place = orgs.len() - 1;
            let below = children.get(&id).into_iter().flatten();
            ways.extend(below.map(|child| (*child, Some(place))));
        }
        match orgs.len() == documents.len() {
            true => Ok(orgs),
            false => Err(refused("some organizations are above each other")),
        }
    }

    fn org(
        &self,
        document: &OrgDocument,
        parent: Option<&OrgRecord>,
        parent_document: Option<&OrgDocument>,
    ) -> Result<OrgRecord, StartError> {
        let missing = |what: &str| refused(format!("{:?} has no {what}", document.org_name));
        let id = document.org_id.ok_or_else(|| missing("orgId"))?;
        let was = |state: Option<bool>, usual: bool| state.unwrap_or(usual);
        let parent_active = parent_document.is_none_or(|parent| was(parent.active, true));
        let parent_blocked = parent_document.is_some_and(|parent| was(parent.blocked, false));
        let since = document.deactivation_date.unwrap_or(self.now);
        let earlier = parent_document
            .and_then(|parent| parent.deactivation_date)
            .is_some_and(|parent| since < parent);
        let is_off = !was(document.active, true) && (parent_active || earlier);
        let deactivated = is_off.then_some(Mark {
            revision: MARKED,
            at: since,
        });
        let is_blocked = was(document.blocked, false) && !parent_blocked;
        let ending = format!(" (deactivated {id})");
        let (name, notes, ext_ref, key) = match self.anonymize {
            false => (
                document.org_name.clone(),
                document.notes.value().cloned(),
                document.org_ext_ref.value().cloned(),
                document.registration_key.clone(),
            ),
            true => {
                let ending = if document.org_name.ends_with(&ending) {
                    &*ending
                } else {
                    ""
                };
                (format!("Organization {id}{ending}"), None, None, None)
            }
        };
        Ok(OrgRecord {
            id,
            uid: document.org_uid.clone().ok_or_else(|| missing("orgUid"))?,
            guid: document
                .org_guid
                .clone()
                .unwrap_or_else(|| self.entropy.org_guid()),
            parent_id: parent.map(|parent| parent.id),
            path: parent
                .map_or(Path::default(), |parent| parent.path.clone())
                .child(id),
            former_name: name
                .strip_suffix(&ending)
                .filter(|_| is_off)
                .map(str::to_owned),
            name,
            ext_ref: ext_ref.filter(|text| !text.is_empty()),
            notes: notes.filter(|text| !text.is_empty()),
            registration_key: key.unwrap_or_else(|| self.entropy.registration_key()),
            created_at: document.creation_date.unwrap_or(self.now),
            modified_at: document.modification_date.unwrap_or(self.now),
            blocked_at: if is_blocked {
                MARKED
            } else {
                Revision::default()
            },
            unblocked_at: Revision::default(),
            deactivated,
            last_deactivation: deactivated.map_or(Revision::default(), |mark| mark.revision),
            left_inactive: Vec::new(),
            activated_at: FOUNDED,
            revived_at: FOUNDED,
        })
    }
}
