//! A change of state.

use std::fmt;

use org42::endpoints::{Access, Right};
use org42::{Lifecycle, Org, OrgChange};
use serde_json::Value;

use crate::admin::Admin;
use crate::change::applied::Applied;
use crate::change::preview::Preview;
use crate::change::reach::Reach;
use crate::change::step::named;
use crate::error::Result;
use crate::refusal::Refusal;
use crate::tree::Tree;

#[derive(Clone, Debug)]
pub(crate) struct Step {
    lifecycle: Lifecycle,
    org: Org,
}

impl Step {
    pub(super) fn new(lifecycle: Lifecycle, org: Org) -> Self {
        Self { lifecycle, org }
    }

    pub(super) fn org(&self) -> &Org {
        &self.org
    }

    pub(super) async fn preview(&self, admin: &Admin) -> Result<Preview> {
        let Self { lifecycle, org } = self;
        let tree = admin.tree().await?;
        let counted = admin.details(org).await?;
        let mut preview = self.facts(&tree, &counted);
        if lifecycle.is_reached_by(&counted) == Some(true) {
            // Nothing changes, so nothing refuses it.
            return Ok(preview);
        }
        let parent = tree.parent(org);
        let refusing = parent.filter(|parent| is_refused_below(*lifecycle, parent));
        preview.refusals.extend(refusing.map(|parent| {
            let parent = Box::new(parent.clone());
            Refusal::BelowClosed { parent }
        }));
        if self.locks_out(admin, &tree).await {
            let org = Box::new(org.clone());
            preview.refusals.push(Refusal::LocksOut { org });
        }
        Ok(preview)
    }

    /// Returns what it reaches, and what follows.
    pub(super) fn facts(&self, tree: &Tree, counted: &Org) -> Preview {
        let Self { lifecycle, org } = self;
        let document = counted.document();
        // The gateway may send texts.
        let count = |key: &str| match document.get(key)? {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let mut preview = Preview::of(self.to_string());
        preview.reach = Some(Reach {
            key: org.key(),
            path: tree.path_of(org),
            organizations_below: tree.subtree(org).len().saturating_sub(1),
            users: count("userCount"),
            devices: count("computerCount"),
        });
        preview.consequences.push((*lifecycle).into());
        preview
    }

    /// Returns the right that the route needs.
    pub(super) fn needs(&self) -> Option<Right> {
        match self.lifecycle.endpoint().access {
            Access::Right(right, _) => Some(right),
            _ => None,
        }
    }

    /// Returns whether it would close the tenant, or the organization of the person who is signed in.
    async fn locks_out(&self, admin: &Admin, tree: &Tree) -> bool {
        if !matches!(self.lifecycle, Lifecycle::Block | Lifecycle::Deactivate) {
            return false;
        }
        let has_parent = self.org.parent_org_id.is_some() || tree.parent(&self.org).is_some();
        if !has_parent {
            return true;
        }
        // Without it nothing more is known before sending.
        let Ok(mine) = admin.mine().await else {
            return false;
        };
        let is_mine = |org: &&Org| org.key() == mine.key();
        tree.subtree(&self.org).iter().any(is_mine)
    }

    pub(super) async fn apply(self, admin: &Admin) -> Result<Applied> {
        let orgs = admin.client().orgs();
        let after = orgs.change_state(&self.org, self.lifecycle).await?;
        Ok(self.applied(after.into_value()))
    }

    pub(super) fn as_one_of_many(&self) -> (Org, OrgChange) {
        (self.org.clone(), OrgChange::State(self.lifecycle))
    }

    pub(super) fn applied(self, after: Org) -> Applied {
        Applied::Lifecycle {
            lifecycle: self.lifecycle,
            before: Box::new(self.org),
            org: Box::new(after),
        }
    }
}

/// Returns whether the server refuses it below such a parent.
fn is_refused_below(lifecycle: Lifecycle, parent: &Org) -> bool {
    let is_blocked = parent.blocked == Some(true);
    match lifecycle {
        Lifecycle::Unblock => is_blocked,
        Lifecycle::Reactivate => is_blocked || parent.active == Some(false),
        _ => false,
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lifecycle, org } = self;
        write!(f, "{lifecycle} {}", named(org))
    }
}
