//! The change of settings, of one organization or of a subtree.

use std::fmt;

use org42::Org;

use crate::admin::Admin;
use crate::change::applied::Applied;
use crate::change::consequence::Consequence;
use crate::change::preview::Preview;
use crate::change::step::named;
use crate::error::{Error, Result};
use crate::progress::Observer;
use crate::refusal::Refusal;
use crate::report::SettingsReport;
use crate::settings::{Decision, Foreseen, SettingsEdit, Subtree, decide};
use crate::target::Target;
use crate::text::one_line;

/// The settings of one organization.
#[derive(Clone, Debug)]
pub(crate) struct One(Decision);

impl One {
    pub(super) async fn plan(admin: &Admin, org: &Org, edit: &SettingsEdit) -> Result<Self> {
        let decision = decide(admin.client(), org, edit, |_| false).await?;
        match decision.refused() {
            Some(error) => Err(error.clone().into()),
            None => Ok(Self(decision)),
        }
    }

    pub(super) fn org(&self) -> &Org {
        &self.0.org
    }

    pub(super) fn preview(&self) -> Preview {
        let Self(decision) = self;
        let mut preview = Preview::of(self.to_string());
        preview.settings = decision.changes();
        preview.rows = decision.foreseen();
        let ends = decision.ends_inheritance().into_iter();
        preview
            .consequences
            .extend(ends.map(Consequence::EndsInheritance));
        preview
    }

    pub(super) async fn apply(self, admin: &Admin) -> Result<Applied> {
        let Self(decision) = self;
        let (rows, errors) = decision.write(admin.client()).await?;
        complete(SettingsReport {
            errors,
            ..SettingsReport::new(rows)
        })
    }
}

impl fmt::Display for One {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "set the settings of {}", named(self.org()))
    }
}

/// The settings of an organization and all below it.
#[derive(Clone, Debug)]
pub(crate) struct Below(Subtree);

impl Below {
    pub(super) async fn plan(admin: &Admin, top: &Target, edit: SettingsEdit) -> Result<Self> {
        if edit.values().is_empty() {
            let message = "the API has no way back to the parent's values of this group";
            return Err(Error::InvalidInput(message.to_owned()));
        }
        let tree = admin.tree().await?;
        let top = admin.find(top).await?;
        let owned = |level: Vec<&Org>| level.into_iter().cloned().collect();
        Ok(Self(Subtree {
            levels: tree.levels(&top).into_iter().map(owned).collect(),
            path: tree.path_of(&top),
            top,
            edit,
        }))
    }

    pub(super) fn org(&self) -> &Org {
        &self.0.top
    }

    pub(super) fn count(&self) -> usize {
        self.0.count()
    }

    pub(super) async fn preview(
        &self,
        admin: &Admin,
        observer: &dyn Observer,
        is_allowed: bool,
    ) -> Preview {
        let foreseeing = self.0.foresee(admin.client(), observer, is_allowed);
        let Foreseen { report, ends } = foreseeing.await;
        let ends = ends.into_iter().map(Consequence::EndsInheritance);
        Preview {
            rows: report.rows,
            consequences: ends.collect(),
            refusals: report.errors.into_iter().map(Refusal::Unread).collect(),
            ..Preview::of(self.to_string())
        }
    }

    pub(super) async fn apply(self, admin: &Admin, observer: &dyn Observer) -> Result<Applied> {
        complete(self.0.write(admin.client(), observer).await)
    }
}

impl fmt::Display for Below {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Subtree { edit, path, .. } = &self.0;
        let values: Vec<String> = edit.values().iter().map(ToString::to_string).collect();
        let (values, path) = (values.join(", "), one_line(path, usize::MAX));
        let below = self.count().saturating_sub(1);
        write!(
            f,
            "set {} of {path} and {below} below it",
            one_line(&values, usize::MAX)
        )
    }
}

fn complete(report: SettingsReport) -> Result<Applied> {
    match report.is_complete() {
        true => Ok(Applied::Settings(report)),
        false => Err(Error::Partial(Box::new(report))),
    }
}
