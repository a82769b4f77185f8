//! The change of an organization's fields.

use std::fmt;

use org42::{Org, OrgChange, UpdateOrg};

use crate::admin::Admin;
use crate::change::applied::Applied;
use crate::change::org_edit::{FieldChange, OrgEdit, OrgField};
use crate::change::preview::Preview;
use crate::change::step::named;
use crate::error::{Error, Result};
use crate::refusal::Refusal;
use crate::target::Target;

#[derive(Clone, Debug)]
pub(crate) struct Step {
    org: Org,
    fields: Vec<FieldChange>,
    body: UpdateOrg,
}

impl Step {
    pub(super) async fn plan(admin: &Admin, org: &Target, edit: OrgEdit) -> Result<Self> {
        if edit.is_empty() {
            return Err(Error::NothingToDo("there is nothing to change".to_owned()));
        }
        let org = admin.find(org).await?;
        Ok(Self {
            fields: edit.fields(&org),
            body: edit.body(),
            org,
        })
    }

    pub(super) fn org(&self) -> &Org {
        &self.org
    }

    pub(super) async fn preview(&self, admin: &Admin) -> Result<Preview> {
        let mut preview = Preview::of(self.to_string());
        preview.fields.clone_from(&self.fields);
        preview
            .refusals
            .extend(self.body.check().err().map(Refusal::Invalid));
        preview.refusals.extend(self.refused_by(admin).await?);
        Ok(preview)
    }

    async fn refused_by(&self, admin: &Admin) -> Result<Option<Refusal>> {
        let is_name = |field: &&FieldChange| field.field == OrgField::Name;
        let Some(change) = self.fields.iter().find(is_name) else {
            return Ok(None);
        };
        let (name, tree) = (change.new.trim(), admin.tree().await?);
        let Some(parent) = tree.parent(&self.org) else {
            return Ok(None);
        };
        let is_other = |sibling: &Org| sibling.org_name == name && sibling.key() != self.org.key();
        let is_taken = tree.children(parent).any(is_other);
        Ok(is_taken.then(|| Refusal::NameTaken {
            parent: Box::new(parent.clone()),
            name: name.to_owned(),
        }))
    }

    pub(super) fn as_one_of_many(&self) -> (Org, OrgChange) {
        (self.org.clone(), OrgChange::Update(self.body.clone()))
    }

    pub(super) async fn apply(self, admin: &Admin) -> Result<Applied> {
        let orgs = admin.client().orgs();
        let updated = orgs.update_org(&self.org, self.body).await?;
        Ok(Applied::Updated(Box::new(updated.into_value())))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "update {}", named(&self.org))
    }
}
