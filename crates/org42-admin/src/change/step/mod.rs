//! What a plan holds: the organizations that were found and what is to be sent, for each kind of change.

mod create;
mod lifecycle;
mod settings;
mod update;

use std::fmt;

use org42::endpoints::Right;
use org42::{Org, OrgChange};

use crate::admin::Admin;
use crate::change::Change;
use crate::change::applied::Applied;
use crate::change::preview::Preview;
use crate::error::Result;
use crate::progress::Observer;
use crate::refusal::Refusal;
use crate::report::RowResult;

/// What is changed where no organization was named.
pub(super) const TOP: &str = "the top organization";

/// Returns the name and the key of an organization: `"Paris" (id 42)`.
pub(super) fn named(org: &Org) -> String {
    format!("{:?} (id {})", org.org_name, org.key())
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Create(create::Step),
    Update(update::Step),
    Lifecycle(lifecycle::Step),
    Settings(settings::One),
    Subtree(settings::Below),
}

impl Step {
    pub(super) async fn plan(admin: &Admin, change: Change) -> Result<Self> {
        Ok(match change {
            Change::Create(new) => Self::Create(create::Step::plan(admin, new).await?),
            Change::Update(org, edit) => Self::Update(update::Step::plan(admin, &org, edit).await?),
            Change::Lifecycle(lifecycle, org) => {
                let org = admin.find(&org).await?;
                Self::Lifecycle(lifecycle::Step::new(lifecycle, org))
            }
            Change::Settings(org, edit) => {
                let org = admin.find(&org).await?;
                Self::Settings(settings::One::plan(admin, &org, &edit).await?)
            }
            Change::SubtreeSettings(org, edit) => {
                Self::Subtree(settings::Below::plan(admin, &org, edit).await?)
            }
        })
    }

    pub(super) fn org(&self) -> Option<&Org> {
        match self {
            Self::Create(step) => Some(step.parent()),
            Self::Update(step) => Some(step.org()),
            Self::Lifecycle(step) => Some(step.org()),
            Self::Settings(step) => Some(step.org()),
            Self::Subtree(step) => Some(step.org()),
        }
    }

    /// Returns the right that it needs over the organization; none if nothing would be sent.
    pub(super) fn needs(&self, preview: &Preview) -> Option<Right> {
        match self {
            Self::Create(_) => Some(Right::Create),
            Self::Update(_) => Some(Right::Change),
            Self::Lifecycle(step) => step.needs(),
            Self::Settings(_) | Self::Subtree(_) => {
                let mut rows = preview.rows.iter();
                let is_sent = rows.any(|row| row.result == RowResult::WouldBeWritten);
                is_sent.then_some(Right::Settings)
            }
        }
    }

    /// Returns it as a change to one of many organizations, if it is sent by one request.
    pub(super) fn as_one_of_many(&self) -> Option<(Org, OrgChange)> {
        match self {
            Self::Update(step) => Some(step.as_one_of_many()),
            Self::Lifecycle(step) => Some(step.as_one_of_many()),
            Self::Create(_) | Self::Settings(_) | Self::Subtree(_) => None,
        }
    }

    /// Returns what was done, of a change to one of many organizations.
    pub(super) fn applied(self, after: Org) -> Applied {
        match self {
            Self::Lifecycle(step) => step.applied(after),
            _ => Applied::Updated(Box::new(after)),
        }
    }

    pub(super) fn organizations(&self) -> usize {
        match self {
            Self::Subtree(step) => step.count(),
            _ => 1,
        }
    }

    pub(super) async fn preview(&self, admin: &Admin, observer: &dyn Observer) -> Result<Preview> {
        match self {
            Self::Create(step) => step.preview(admin).await,
            Self::Update(step) => step.preview(admin).await,
            Self::Lifecycle(step) => step.preview(admin).await,
            Self::Settings(step) => Ok(step.preview()),
            Self::Subtree(step) => Ok(step.preview(admin, observer, true).await),
        }
    }

    pub(super) async fn facts(&self, admin: &Admin, observer: &dyn Observer) -> Result<Preview> {
        match self {
            Self::Lifecycle(step) => {
                let tree = admin.tree().await?;
                Ok(step.facts(&tree, &admin.details(step.org()).await?))
            }
            _ => self.preview(admin, observer).await,
        }
    }

    /// Adds to a preview that the change is not allowed.
    pub(super) async fn refused(
        &self,
        admin: &Admin,
        preview: Preview,
        refusal: Refusal,
    ) -> Preview {
        let mut preview = match self {
            Self::Subtree(step) => step.preview(admin, &(), false).await,
            _ => preview,
        };
        preview.refuse(refusal);
        preview
    }

    pub(super) async fn apply(self, admin: &Admin, observer: &dyn Observer) -> Result<Applied> {
        match self {
            Self::Create(step) => step.apply(admin).await,
            Self::Update(step) => step.apply(admin).await,
            Self::Lifecycle(step) => step.apply(admin).await,
            Self::Settings(step) => step.apply(admin).await,
            Self::Subtree(step) => step.apply(admin, observer).await,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(step) => step.fmt(f),
            Self::Update(step) => step.fmt(f),
            Self::Lifecycle(step) => step.fmt(f),
            Self::Settings(step) => step.fmt(f),
            Self::Subtree(step) => step.fmt(f),
        }
    }
}
