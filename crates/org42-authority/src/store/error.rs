//! The failures of a store.

use std::fmt;
use std::sync::Arc;

use super::MAX_CHANGES;
use crate::domain::TenantRefusal;

/// A failure of a store.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// More changes than one commit may have.
    TooLarge(usize),
    /// The database could not be written, perhaps because the disk is full. Nothing has changed.
    NoRoom(Cause),
    /// The database failed, or holds something invalid.
    Failed(Cause),
}

/// The cause of a failure. Several writes may have failed for the same cause.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

impl StoreError {
    /// Returns a failure of the database with this cause.
    pub fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failed(Arc::from(error.into()))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(rows) => write!(
                f,
                "{rows} changes are more than the {MAX_CHANGES} that one commit may have"
            ),
            Self::NoRoom(error) => write!(
                f,
                "the tenant's database could not be written, so nothing was changed: {error}"
            ),
            Self::Failed(error) => write!(f, "the tenant's database failed: {error}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<StoreError> for TenantRefusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoRoom(_) => Self::NoRoom(Arc::new(error)),
            _ => Self::Failed(Arc::new(error)),
        }
    }
}
