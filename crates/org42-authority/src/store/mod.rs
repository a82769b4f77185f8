//! Where a tenant is kept: one narrow trait and its backends; no rule is decided here.
//!
//! A backend answers questions about one consistent [`ReadView`]. To change something a [`Write`] is handed in: it waits
//! for its turn, is shown the very state that it decides on, and what it decides is committed. Several that wait share
//! one durable commit. What is decided is the business of the rules of [`domain`](crate::domain). Every backend passes
//! the same `conformance` suite, which is behind the feature of that name.

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod error;
pub mod files;
mod lookup;
mod sqlite;
mod view;
mod write;
mod writer;

use std::path::Path;

pub use error::{Cause, StoreError};
pub use lookup::{DeviceLookup, OrgLookup, UserLookup, Window, username_key};
pub use sqlite::Sqlite;
pub use view::{ReadView, See};
pub use write::{Draft, Extent, Reply, Sessions, Verdict, Write};

/// No commit has more changes than this: with the tenant's own row it writes at most 1,000 rows, which every database
/// of the PostgreSQL family can take.
pub const MAX_CHANGES: usize = 999;

/// Keeps a tenant.
pub trait Store: Send + Sync + 'static {
    /// Shows `look` one consistent state of the tenant: what is committed meanwhile stays out of sight.
    ///
    /// # Errors
    ///
    /// When the storage fails, or what `look` returns.
    ///
    /// # Deadlock
    ///
    /// `look` must not use the store itself: a backend may have to keep every other request waiting until it is done.
    fn read(
        &self,
        look: &mut dyn FnMut(&dyn ReadView) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;

    /// Puts a write at the end of the line and returns at once, without waiting for anything.
    ///
    /// When it is its turn, the store begins a transaction, locks the tenant, lets the write
    /// [decide](Write::decide) on the state that it finds, and commits. Writes that wait at the same time may share one
    /// commit, in the order in which they came: each sees what those before it have decided. Each is
    /// [answered](Write::done) once, when what it and those before it have decided is durable. Whatever becomes of one,
    /// the others are not affected; where a commit fails for all of them, they are run again, one by one.
    fn submit(&self, write: Box<dyn Write>);

    /// Writes the whole tenant, as it is now, into a new file that only its owner may read. [`files::open`] opens it,
    /// whatever the backend that wrote it.
    ///
    /// # Errors
    ///
    /// When the file is there already or cannot be written, or the storage fails.
    fn export(&self, file: &Path) -> Result<(), StoreError> {
        self.read(&mut |view| files::write(file, view))
    }

    /// Puts everything where the next one who opens the tenant looks for it. Nothing is committed afterwards.
    fn close(&self) {}
}
