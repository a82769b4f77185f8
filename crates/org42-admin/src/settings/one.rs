//! What an edit means for one organization: decided once, then shown or written.

use org42::{Client, Org, OrgSettings, SettingChange, SettingKey, SettingsGroup, SettingsUpdate};

use super::edit::{Assignment, SettingsEdit, is_switch};
use crate::error::Result;
use crate::report::{RowResult, SettingRow};

/// What is to become of each value of an edit in one organization.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) org: Org,
    /// As they were read.
    before: OrgSettings,
    /// With the changes.
    settings: OrgSettings,
    /// Each value of the edit: refused, unchanged, or to be written.
    rows: Vec<SettingRow>,
    /// Settings that go along with a value, and follow the parent by themselves instead.
    followers: Vec<SettingKey>,
    /// Whether the values become the organization's own even where they are inherited now.
    is_own: bool,
    refused: Option<org42::Error>,
}

/// Reads what an organization has, and decides what an edit means for it.
///
/// `parent_will_have` is for a dry run, where what is above is not written yet: an inherited setting that its parent is
/// going to have follows by itself. Of a setting in no group, servers do not say whether it is inherited.
pub(crate) async fn decide(
    client: &Client,
    org: &Org,
    edit: &SettingsEdit,
    parent_will_have: impl Fn(&SettingKey) -> bool,
) -> org42::Result<Decision> {
    let orgs = client.orgs();
    let before = orgs.get_settings_with(org, edit.needs()).await?;
    let mut settings = before.clone();
    let refused = edit.apply(&mut settings);
    let changes = settings.changes();
    let follows = |key: &SettingKey| match parent_will_have(key) {
        true => before.get(key).map_or(Some(false), |found| found.inherited),
        false => Some(false),
    };
    let row = |value: &Assignment| {
        let row = |result| SettingRow::new(org, &value.key, &value.value, result);
        let refusal = refused
            .iter()
            .find(|(key, _)| key.as_ref() == Some(&value.key));
        if let Some((_, error)) = refusal {
            return row(RowResult::Refused).because(error.to_string());
        }
        let Some(change) = changes.iter().find(|change| change.key == value.key) else {
            return row(RowResult::Unchanged);
        };
        let written = || row(RowResult::WouldBeWritten).instead_of(&change.old);
        // What becomes the organization's own by a switch has its value from above by then.
        let has_switch = || {
            let group = SettingsGroup::of(value.key.place());
            group.is_some_and(|group| group.switch().is_some())
        };
        match follows(&value.key) {
            Some(true) if !edit.is_own() || has_switch() => {
                row(RowResult::Unchanged).because("would follow its parent")
            }
            None => written().because("unless it follows its parent"),
            _ => written(),
        }
    };
    Ok(Decision {
        org: org.clone(),
        rows: edit.values().iter().map(row).collect(),
        followers: changes
            .iter()
            .filter(|change| !is_switch(&change.key) && parent_will_have(&change.key))
            .map(|change| change.key.clone())
            .collect(),
        before,
        settings,
        is_own: edit.is_own(),
        refused: refused.into_iter().next().map(|(_, error)| error),
    })
}

impl Decision {
    /// Returns the first reason why not all of it can be done.
    pub(crate) fn refused(&self) -> Option<&org42::Error> {
        self.refused.as_ref()
    }

    /// Returns the rows as a dry run shows them: each value of the edit, then the settings that go along.
    pub(crate) fn foreseen(&self) -> Vec<SettingRow> {
        let mut rows = self.rows.clone();
        let along = self.changes().into_iter().filter(|change| {
            let is_given = self.rows.iter().any(|row| row.key == change.key);
            !is_given && self.is_written_with(&change.key) && !self.followers.contains(&change.key)
        });
        let row = |change: SettingChange| {
            SettingRow::new(
                &self.org,
                &change.key,
                &change.new,
                RowResult::WouldBeWritten,
            )
            .instead_of(&change.old)
        };
        rows.extend(along.map(row));
        rows
    }

    /// Returns the groups that would end to be inherited, where what is written does not follow the parent by itself.
    pub(crate) fn would_end_inheritance(&self) -> Vec<SettingsGroup> {
        let changes = self.changes().into_iter();
        let ends = changes
            .filter(|change| self.is_written_with(&change.key))
            .filter_map(|change| self.before.ends_inheritance(&change.key));
        ends.collect()
    }

    /// Returns whether a setting goes along with what is written, rather than with what follows the parent by itself.
    fn is_written_with(&self, key: &SettingKey) -> bool {
        let mut rows = self.rows.iter();
        self.is_own
            || rows.any(|row| {
                row.result == RowResult::WouldBeWritten && row.key.place() == key.place()
            })
    }

    /// Returns whether nothing is to be written.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.settings.is_unchanged()
    }

    /// Returns what changes, with the settings that go along.
    pub(crate) fn changes(&self) -> Vec<SettingChange> {
        self.settings.changes()
    }

    /// Returns the keys that are going to have another value, written here or inherited from above.
    pub(crate) fn changing(&self) -> Vec<SettingKey> {
        let changes = self.changes();
        let keys = changes.into_iter().map(|change| change.key);
        keys.filter(|key| {
            let mut rows = self.rows.iter();
            let is_refused = rows.any(|row| row.key == *key && row.result == RowResult::Refused);
            // Whether a group is inherited is not inherited.
            !is_refused && !is_switch(key)
        })
        .collect()
    }

    /// Returns the groups that are inherited now and become the organization's own.
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

    /// Writes what is to be written, and returns the same rows with what became of them, then those of the settings that
    /// went along. Sends nothing where all is as it is to be.
    pub(crate) async fn write(
        &self,
        client: &Client,
    ) -> Result<(Vec<SettingRow>, Vec<org42::Error>)> {
        if self.is_unchanged() {
            return Ok((self.rows.clone(), Vec::new()));
        }
        let update = client.orgs().update_settings(&self.settings).await?;
        let errors = update.errors().cloned().collect();
        Ok((self.rows_after(&update), errors))
    }

    fn rows_after(&self, update: &SettingsUpdate) -> Vec<SettingRow> {
        let written = |row: &SettingRow| row.result == RowResult::WouldBeWritten;
        let mut along: Vec<SettingRow> = update
            .outcomes
            .iter()
            .map(|outcome| SettingRow::of_outcome(&self.org, &outcome.change, &outcome.result))
            .collect();
        let mut rows = self.rows.clone();
        for row in rows.iter_mut().filter(|row| written(row)) {
            *row = match along.iter().position(|outcome| outcome.key == row.key) {
                Some(place) => along.remove(place),
                None => row.clone().became(RowResult::Unknown),
            };
        }
        rows.extend(along);
        rows
    }

    /// Returns the rows as they are after a write that failed altogether.
    pub(crate) fn unwritten(&self, why: &str) -> Vec<SettingRow> {
        let row = |row: &SettingRow| match row.result {
            RowResult::WouldBeWritten => row.clone().became(RowResult::Refused).because(why),
            _ => row.clone(),
        };
        self.rows.iter().map(row).collect()
    }
}
