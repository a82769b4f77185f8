//! The creation of an organization.

use std::fmt;

use org42::{CreateOrg, Org};

use crate::admin::Admin;
use crate::change::applied::Applied;
use crate::change::new_org::NewOrg;
use crate::change::preview::Preview;
use crate::change::step::named;
use crate::error::Result;
use crate::refusal::Refusal;

#[derive(Clone, Debug)]
pub(crate) struct Step {
    new: NewOrg,
    parent: Org,
    options: CreateOrg,
}

impl Step {
    pub(super) async fn plan(admin: &Admin, new: NewOrg) -> Result<Self> {
        let parent = match &new.parent {
            Some(parent) => admin.find(parent).await?,
            None => admin.top().await?,
        };
        let options = new.options(&parent);
        Ok(Self {
            new,
            parent,
            options,
        })
    }

    pub(super) fn parent(&self) -> &Org {
        &self.parent
    }

    pub(super) async fn preview(&self, admin: &Admin) -> Result<Preview> {
        let mut preview = Preview::of(self.to_string());
        preview
            .refusals
            .extend(self.refused_by(admin, &self.parent).await?);
        let invalid = self.options.check(&self.new.name).err();
        preview.refusals.extend(invalid.map(Refusal::Invalid));
        Ok(preview)
    }

    async fn refused_by(&self, admin: &Admin, parent: &Org) -> Result<Option<Refusal>> {
        let boxed = || Box::new(parent.clone());
        if parent.active == Some(false) || parent.blocked == Some(true) {
            return Ok(Some(Refusal::ParentClosed { parent: boxed() }));
        }
        let tree = admin.tree().await?;
        let is_same = |sibling: &Org| sibling.org_name == self.new.name.trim();
        let taken = tree.children(parent).any(is_same);
        Ok(taken.then(|| Refusal::NameTaken {
            parent: boxed(),
            name: self.new.name.clone(),
        }))
    }

    pub(super) async fn apply(self, admin: &Admin) -> Result<Applied> {
        let orgs = admin.client().orgs();
        let created = orgs.create_org(self.new.name, self.options).await?;
        Ok(Applied::Created(Box::new(created.into_value())))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "create {:?} below {}",
            self.new.name,
            named(&self.parent)
        )
    }
}
