//! Tenants in files of their own: exports, and tenants that are prepared in a file before they replace the served
//! one.
//!
//! The format is the same whatever the backend of the served tenant, so that an export outlives a change of backends.

use std::path::Path;
use std::sync::Arc;

use super::sqlite::{self, Sqlite};
use super::{ReadView, Store, StoreError};

/// Opens the tenant in `file`, or makes an empty store there that only the file's owner may read. A file of an older
/// version is migrated.
///
/// # Errors
///
/// When the file cannot be made or read, holds no tenant, or was written by a newer version.
pub fn open(file: &Path) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(Sqlite::open(file)?))
}

/// Writes everything that `view` shows into a new file that only its owner may read.
///
/// # Errors
///
/// When the file exists already or cannot be written, or the view holds no tenant.
pub fn write(file: &Path, view: &dyn ReadView) -> Result<(), StoreError> {
    sqlite::write(file, view)
}
