//! What an edit means for one organization: decided once, then shown or written.

use org42::{Client, Org, OrgSettings, SettingChange, SettingKey, SettingsGroup, SettingsUpdate};

use super::edit::{Assignment, SettingsEdit};
use crate::error::Result;
use crate::report::{RowResult, SettingRow, rows_of};

/// What is to become of each value of an edit in one organization.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) org: Org,
    edit: SettingsEdit,
    /// As they were read.
    before: OrgSettings,
    /// With the changes.
    settings: OrgSettings,
    refused: Vec<(Option<SettingKey>, org42::Error)>,
}

/// Reads what an organization has, and decides what an edit means for it.
pub(crate) async fn decide(
    client: &Client,
    org: &Org,
    edit: &SettingsEdit,
) -> org42::Result<Decision> {
    let orgs = client.orgs();
    let before = orgs.get_settings_with(org, edit.needs()).await?;
    let mut settings = before.clone();
    let refused = edit.apply(&mut settings);
    Ok(Decision {
        org: org.clone(),
        edit: edit.clone(),
        before,
        settings,
        refused,
    })
}

impl Decision {
    /// The first reason why not all of it can be done.
    pub(crate) fn refused(&self) -> Option<&org42::Error> {
        self.refused.first().map(|(_, error)| error)
    }

    pub(crate) fn is_unchanged(&self) -> bool {
        self.settings.is_unchanged()
    }

    pub(crate) fn changes(&self) -> Vec<SettingChange> {
        self.settings.changes()
    }

    /// The groups that are inherited now and become the organization's own.
    pub(crate) fn ends_inheritance(&self) -> Vec<SettingsGroup> {
        let changes = self.changes();
        let mut ends: Vec<SettingsGroup> = changes
            .iter()
            .filter_map(|change| self.before.ends_inheritance(&change.key))
            .collect();
        ends.sort();
        ends.dedup();
        ends
    }

    /// Whether a setting is inherited now.
    fn is_inherited(&self, key: &SettingKey) -> bool {
        let found = self.before.get(key).ok();
        found.is_some_and(|found| found.inherited == Some(true))
    }

    fn refusal(&self, key: &SettingKey) -> Option<&org42::Error> {
        let mut refused = self.refused.iter();
        refused
            .find(|(refused, _)| refused.as_ref() == Some(key))
            .map(|(_, error)| error)
    }

    fn row(&self, value: &Assignment, result: RowResult) -> SettingRow {
        SettingRow::new(&self.org, &value.key, &value.value, result)
    }

    /// What would be written. Where a parent is going to have the value, one that inherits follows it.
    pub(crate) fn foreseen(
        &self,
        parent_will_have: impl Fn(&SettingKey) -> bool,
    ) -> Vec<SettingRow> {
        let changes = self.changes();
        let row = |value: &Assignment| {
            if let Some(error) = self.refusal(&value.key) {
                return self
                    .row(value, RowResult::Refused)
                    .because(error.to_string());
            }
            let Some(change) = changes.iter().find(|change| change.key == value.key) else {
                return self.row(value, RowResult::Unchanged);
            };
            let follows = self.is_inherited(&value.key) && parent_will_have(&value.key);
            match follows && !self.edit.is_own() {
                true => self
                    .row(value, RowResult::Unchanged)
                    .because("would follow its parent"),
                false => self
                    .row(value, RowResult::WouldBeWritten)
                    .instead_of(&change.old),
            }
        };
        self.edit.values().iter().map(row).collect()
    }

    /// What needs no writing: refused, or in force already.
    pub(crate) fn settled(&self) -> Vec<SettingRow> {
        let changes = self.changes();
        let values = || self.edit.values().iter();
        let refused = values().filter_map(|value| {
            let error = self.refusal(&value.key)?;
            Some(
                self.row(value, RowResult::Refused)
                    .because(error.to_string()),
            )
        });
        let is_settled = |value: &&Assignment| {
            self.refusal(&value.key).is_none()
                && !changes.iter().any(|change| change.key == value.key)
        };
        let unchanged = values()
            .filter(is_settled)
            .map(|value| self.row(value, RowResult::Unchanged));
        refused.chain(unchanged).collect()
    }

    /// Writes the changes, and returns what became of each.
    pub(crate) async fn write(&self, client: &Client) -> Result<(Vec<SettingRow>, SettingsUpdate)> {
        let update = client.orgs().update_settings(&self.settings).await?;
        Ok((rows_of(&self.org, &update), update))
    }

    /// The values that were to be changed and are not, since nothing was written.
    pub(crate) fn unwritten(&self, why: &str) -> Vec<SettingRow> {
        let changes = self.changes();
        let is_changed = |value: &&Assignment| changes.iter().any(|change| change.key == value.key);
        let values = self.edit.values().iter().filter(is_changed);
        values
            .map(|value| self.row(value, RowResult::Refused).because(why))
            .collect()
    }
}
