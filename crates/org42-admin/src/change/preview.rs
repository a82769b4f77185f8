//! What a plan comes to, before it is carried out.

use std::fmt;

use org42::SettingChange;

use super::consequence::Consequence;
use super::org_edit::FieldChange;
use super::reach::Reach;
use crate::error::{Error, Result};
use crate::refusal::Refusal;
use crate::report::{RowResult, SettingRow};
use crate::text::one_line;

/// What a plan comes to: what it touches, what follows from it, and what would refuse it. What does not belong to a kind of
/// change is empty.
///
/// [`Display`](fmt::Display) says it in a few lines for people.
///
/// ```no_run
/// # async fn run(plan: org42_admin::Plan) -> Result<(), org42_admin::Error> {
/// let preview = plan.preview().await?;
/// for row in &preview.rows {
///     println!("{} of {}: {}", row.key, row.org_name, row.result);
/// }
/// preview.check()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Preview {
    /// What is done to which organization, as the plan says it.
    pub title: String,
    /// What a change of state reaches.
    pub reach: Option<Reach>,
    /// The fields of an organization that change.
    pub fields: Vec<FieldChange>,
    /// The settings of one organization that change, those that go with them too.
    pub settings: Vec<SettingChange>,
    /// Each setting of each organization: unchanged, refused, or about to be written.
    pub rows: Vec<SettingRow>,
    /// What follows from it.
    pub consequences: Vec<Consequence>,
    /// What would refuse it, as far as that is known before it is sent.
    pub refusals: Vec<Refusal>,
}

impl Preview {
    pub(super) fn of(title: String) -> Self {
        Self {
            title,
            reach: None,
            fields: Vec::new(),
            settings: Vec::new(),
            rows: Vec::new(),
            consequences: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// Adds what refuses all of it.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        let why = refusal.to_string();
        for row in &mut self.rows {
            if row.result == RowResult::WouldBeWritten {
                *row = row.clone().became(RowResult::Refused).because(&*why);
            }
        }
        self.refusals.insert(0, refusal);
    }

    /// Returns whether something would refuse it.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !self.refusals.is_empty()
    }

    /// Returns the first refusal as an error.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if something would refuse the change.
    pub fn check(&self) -> Result<()> {
        match self.refusals.first() {
            Some(refusal) => Err(Error::Refused(Box::new(refusal.clone()))),
            None => Ok(()),
        }
    }

    /// Returns whether every setting is as it is to be already, so that nothing would be written.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let is_settled = |row: &SettingRow| row.result == RowResult::Unchanged;
        !self.rows.is_empty() && self.rows.iter().all(is_settled)
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)?;
        if let Some(reach) = &self.reach {
            let path = one_line(&reach.path, usize::MAX);
            write!(f, "\n  {path}: {reach}")?;
        }
        for field in &self.fields {
            write!(f, "\n  {field}")?;
        }
        for row in &self.rows {
            let (name, key, new) = (&row.org_name, &row.key, &row.new);
            let values = match &row.old {
                Some(old) => format!("{old} -> {new}"),
                None => new.to_string(),
            };
            let values = one_line(&values, usize::MAX);
            write!(f, "\n  {name:?}: {key}: {values}: {}", row.result)?;
            if !row.detail.is_empty() {
                write!(f, " ({})", one_line(&row.detail, usize::MAX))?;
            }
        }
        for consequence in &self.consequences {
            write!(f, "\n  {consequence}")?;
        }
        for refusal in &self.refusals {
            write!(f, "\n  {refusal}")?;
        }
        Ok(())
    }
}
