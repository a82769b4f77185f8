//! The organizations above another, read to find which of them provides the settings that it inherits.

use org42_types::OrgId;
use serde::Deserialize;
use serde_json::Value;

use crate::settings::document::org_document::{Document, path};
use crate::settings::edit::effective::Origin;
use crate::settings::keys::places::SettingsGroup;

/// The organizations above, and the settings groups that they provide.
#[derive(Clone, Debug, Default)]
pub(crate) struct Above {
    orgs: Vec<Origin>,
    providers: Vec<(SettingsGroup, Origin)>,
}

impl Above {
    /// Reads these documents of organizations, ordered from the nearest to the top one.
    pub(crate) fn new(documents: &[Document], is_top_last: bool) -> Self {
        let orgs: Vec<Origin> = documents.iter().map(origin).collect();
        let provider = |group: &SettingsGroup| {
            let own = documents.iter().position(|org| is_own(org, *group));
            // The top organization provides what it claims to inherit: nothing is above it.
            let last = documents.len().checked_sub(1).filter(|_| is_top_last);
            let place = own.or(last)?;
            Some((*group, orgs.get(place)?.clone()))
        };
        let providers = SettingsGroup::SWITCHED
            .iter()
            .filter_map(provider)
            .collect();
        Self { orgs, providers }
    }

    pub(crate) fn provider(&self, group: SettingsGroup) -> Option<Origin> {
        let mut all = self.providers.iter();
        let found = all.find(|(known, _)| *known == group)?;
        Some(found.1.clone())
    }

    pub(crate) fn named(&self, id: OrgId) -> Option<Origin> {
        let mut all = self.orgs.iter();
        all.find(|org| org.org_id == Some(id)).cloned()
    }
}

/// Returns the number of the organization above.
pub(crate) fn parent(org: &Document) -> Option<OrgId> {
    OrgId::deserialize(org.get(&path("parentOrgId"))?).ok()
}

fn origin(org: &Document) -> Origin {
    Origin {
        org_id: org
            .get(&path("orgId"))
            .and_then(|id| OrgId::deserialize(id).ok()),
        org_uid: org
            .get(&path("orgUid"))
            .and_then(|uid| Deserialize::deserialize(uid).ok()),
        org_name: org
            .get(&path("orgName"))
            .and_then(|name| name.as_str().map(str::to_owned)),
    }
}

/// Returns whether an organization has its own values for a group.
fn is_own(org: &Document, group: SettingsGroup) -> bool {
    let switch = group.switch();
    let at = switch.as_ref().map(|switch| switch.wire_name().to_owned());
    let member = at.as_deref().and_then(|at| at.strip_prefix("settings."));
    let settings = org.get(&path("settings"));
    member.and_then(|member| settings?.get(member)) == Some(&Value::Bool(false))
}
