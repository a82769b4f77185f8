//! What became of each setting of each organization, or would become of it.

use std::fmt;

use org42::{Org, OrgId, SettingChange, SettingKey, SettingResult, SettingValue};
use serde::Serialize;

/// What became of one setting of one organization.
///
/// Serializes as a row of a table: `orgId`, `orgName`, `key`, `old`, `new`, `result`, `detail`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SettingRow {
    /// The organization's number.
    pub org_id: Option<OrgId>,
    /// The organization's name.
    pub org_name: String,
    /// Which setting.
    pub key: SettingKey,
    /// What was in force, where that matters.
    pub old: Option<SettingValue>,
    /// What is to be in force.
    pub new: SettingValue,
    /// What became of it.
    pub result: RowResult,
    /// Why.
    pub detail: String,
}

/// What became of a setting. [`Display`](fmt::Display) and serializing write its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum RowResult {
    /// It is in force: so the server answered when it was asked again afterwards.
    #[serde(rename = "written")]
    Written,
    /// It would be written, if the plan was carried out.
    #[serde(rename = "would be written")]
    WouldBeWritten,
    /// It was in force already.
    #[serde(rename = "unchanged")]
    Unchanged,
    /// It is not in force, or would not be.
    #[serde(rename = "refused")]
    Refused,
    /// It may be in force or not.
    #[serde(rename = "unknown")]
    Unknown,
}

impl RowResult {
    /// Returns the word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::WouldBeWritten => "would be written",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for RowResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl SettingRow {
    pub(crate) fn new(org: &Org, key: &SettingKey, new: &SettingValue, result: RowResult) -> Self {
        Self {
            org_id: org.org_id,
            org_name: org.org_name.clone(),
            key: key.clone(),
            old: None,
            new: new.clone(),
            result,
            detail: String::new(),
        }
    }

    pub(crate) fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    pub(crate) fn instead_of(mut self, old: &SettingValue) -> Self {
        self.old = Some(old.clone());
        self
    }

    pub(crate) fn became(mut self, result: RowResult) -> Self {
        self.result = result;
        self
    }

    pub(crate) fn of_outcome(org: &Org, change: &SettingChange, result: &SettingResult) -> Self {
        let (result, detail) = match result {
            SettingResult::Written => (RowResult::Written, ""),
            SettingResult::NotWritten(why) => (RowResult::Refused, why.as_str()),
            SettingResult::Unknown(why) => (RowResult::Unknown, why.as_str()),
            _ => (RowResult::Unknown, ""),
        };
        Self::new(org, &change.key, &change.new, result)
            .instead_of(&change.old)
            .because(detail)
    }

    /// Returns whether it is in force now, whether it was before or not.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.result, RowResult::Written | RowResult::Unchanged)
    }
}

/// What became of a change of settings: everything that was done, and everything that was not.
///
/// ```
/// # fn show(report: org42_admin::SettingsReport) {
/// for row in report.not_done() {
///     println!("{} of {}: {} ({})", row.key, row.org_name, row.result, row.detail);
/// }
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "settings may have been written in part"]
#[non_exhaustive]
pub struct SettingsReport {
    /// Each setting of each organization.
    pub rows: Vec<SettingRow>,
    /// The errors of the writes, where one organization was written.
    pub errors: Vec<org42::Error>,
    /// Whether it was [stopped](crate::Observer::is_stopped) before its end.
    pub is_stopped: bool,
}

impl SettingsReport {
    pub(crate) fn new(rows: Vec<SettingRow>) -> Self {
        Self {
            rows,
            ..Self::default()
        }
    }

    /// Returns whether every setting is in force, and nothing was left out.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.is_stopped && self.rows.iter().all(SettingRow::is_done)
    }

    /// Returns how many rows ended so.
    #[must_use]
    pub fn count(&self, result: RowResult) -> usize {
        self.rows.iter().filter(|row| row.result == result).count()
    }

    /// Returns what is in force now.
    pub fn done(&self) -> impl Iterator<Item = &SettingRow> {
        self.rows.iter().filter(|row| row.is_done())
    }

    /// Returns what is not in force, or not surely.
    pub fn not_done(&self) -> impl Iterator<Item = &SettingRow> {
        self.rows.iter().filter(|row| !row.is_done())
    }
}

/// How many settings were written, unchanged, refused and unknown.
impl fmt::Display for SettingsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} written, {} unchanged, {} refused, {} unknown",
            self.count(RowResult::Written),
            self.count(RowResult::Unchanged),
            self.count(RowResult::Refused),
            self.count(RowResult::Unknown),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_columns_of_the_table() {
        let org = serde_json::json!({"orgId": 7, "orgName": "Paris"});
        let org: Org = serde_json::from_value(org).unwrap();
        let key = SettingKey::of("archive_hold_days").unwrap();
        let value = SettingValue::Number(30);
        let row = SettingRow::new(&org, &key, &value, RowResult::WouldBeWritten);
        assert_eq!(
            serde_json::to_value(&row).unwrap(),
            serde_json::json!({"orgId": 7, "orgName": "Paris", "key": "archive_hold_days", "old": null, "new": 30,
                "result": "would be written", "detail": ""})
        );
        let row = row.instead_of(&SettingValue::Number(14));
        assert_eq!(serde_json::to_value(&row).unwrap()["old"], 14);
        for result in [RowResult::Written, RowResult::Refused, RowResult::Unknown] {
            assert_eq!(serde_json::json!(result), result.as_str());
        }
    }
}
