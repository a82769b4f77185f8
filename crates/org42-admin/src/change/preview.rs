//! What a plan comes to, before it is carried out.

use std::fmt;

use org42::{Org, SettingChange};

use super::consequence::Consequence;
use super::lifecycle::{Lifecycle, Reach};
use super::org_edit::FieldChange;
use crate::error::{Error, Result};
use crate::refusal::Refusal;
use crate::report::SettingRow;
use crate::text::one_line;

/// What a plan comes to: facts about what it touches, what follows from it, and what would refuse it.
///
/// [`Display`](fmt::Display) says it in a few lines for people.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Preview {
    /// What is touched.
    pub facts: Facts,
    /// What follows from it.
    pub consequences: Vec<Consequence>,
    /// What would refuse it, as far as that is known before it is sent.
    pub refusals: Vec<Refusal>,
}

/// What a plan touches.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Facts {
    /// An organization would be created.
    #[non_exhaustive]
    Create {
        /// Its name.
        name: String,
        /// Below which one; the tenant's top organization if none was named.
        parent: Option<Box<Org>>,
    },
    /// Fields of an organization would be changed.
    #[non_exhaustive]
    Update {
        /// The organization as it is.
        org: Box<Org>,
        /// The fields.
        fields: Vec<FieldChange>,
    },
    /// The state of an organization, and of what is below it, would be changed.
    #[non_exhaustive]
    Lifecycle {
        /// The organization as it is.
        org: Box<Org>,
        /// What would be done.
        lifecycle: Lifecycle,
        /// What is reached by it.
        reach: Reach,
    },
    /// Settings of an organization would be written.
    #[non_exhaustive]
    Settings {
        /// The organization.
        org: Box<Org>,
        /// The settings that would be changed; those that go with them too.
        changes: Vec<SettingChange>,
        /// What is in force already.
        unchanged: Vec<SettingRow>,
    },
    /// Settings of an organization and all below it would be written.
    #[non_exhaustive]
    Subtree {
        /// The organization at the top.
        org: Box<Org>,
        /// Each setting of each organization.
        rows: Vec<SettingRow>,
    },
}

impl Preview {
    pub(super) fn new(facts: Facts) -> Self {
        Self {
            facts,
            consequences: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// Whether something would refuse it.
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

    /// Whether everything is as it is to be already: carrying it out would write nothing. Known of settings alone.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        match &self.facts {
            Facts::Settings { changes, .. } => changes.is_empty(),
            Facts::Subtree { rows, .. } => rows.iter().all(SettingRow::is_done),
            _ => false,
        }
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.facts.fmt(f)?;
        for consequence in &self.consequences {
            write!(f, "\n  {consequence}")?;
        }
        for refusal in &self.refusals {
            write!(f, "\n  {refusal}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create { name, parent } => {
                write!(f, "create {name:?} below ")?;
                match parent {
                    Some(parent) => write!(f, "{:?} (id {})", parent.org_name, parent.key()),
                    None => f.write_str("the top organization"),
                }
            }
            Self::Update { org, fields } => {
                write!(f, "set of {:?} (id {}):", org.org_name, org.key())?;
                let mut separator = " ";
                for field in fields {
                    write!(f, "{separator}{field}")?;
                    separator = ", ";
                }
                Ok(())
            }
            Self::Lifecycle {
                org,
                lifecycle,
                reach,
            } => {
                let path = one_line(&reach.path, usize::MAX);
                write!(f, "{lifecycle} {path} (id {}): {reach}", org.key())
            }
            Self::Settings { org, changes, .. } => {
                write!(f, "settings of {:?} (id {}):", org.org_name, org.key())?;
                for change in changes {
                    let what = one_line(&change.to_string(), usize::MAX);
                    write!(f, "\n  {what} {}", change.key.unit())?;
                }
                match changes.is_empty() {
                    true => f.write_str(" as they are to be already"),
                    false => Ok(()),
                }
            }
            Self::Subtree { org, rows } => {
                write!(f, "settings of {:?} and all below it:", org.org_name)?;
                for row in rows.iter().filter(|row| !row.is_done()) {
                    let name = &row.org_name;
                    write!(f, "\n  {name:?}: {}={} {}", row.key, row.new, row.result)?;
                }
                Ok(())
            }
        }
    }
}
