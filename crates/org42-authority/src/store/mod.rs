//! The storage of a tenant: one narrow trait and its backends; no rule is decided here.
//!
//! A backend answers questions about one consistent [`ReadView`]. A change is submitted as a [`Write`]: when its turn
//! comes, it decides on the very state that is shown to it, and its decision is committed. Several writes that wait
//! share one durable commit. The decisions are up to the rules of [`domain`](crate::domain). Every backend passes the
//! same `conformance` suite, which is behind the feature of that name.

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod error;
pub mod files;
mod journal;
mod lookup;
mod sqlite;
mod view;
mod write;
mod writer;

use std::path::Path;

#[cfg(test)]
pub(crate) use sqlite::noted::take_rows as rows_read;

pub use error::{Cause, StoreError};
pub use lookup::{DeviceLookup, OrgLookup, UserLookup, Window, username_key};
pub use sqlite::Sqlite;
pub use view::{ReadView, See};
pub use write::{Draft, Extent, Reply, Sessions, Verdict, Write};

/// How many changes a commit may have: with the tenant's own row it writes at most 1,000 rows, which every database
/// of the PostgreSQL family can take. A write of [`Extent::Whole`] is not bound by it.
pub const MAX_CHANGES: usize = 999;

/// The storage of one tenant.
pub trait Store: Send + Sync + 'static {
    /// Calls `look` with one consistent state of the tenant: commits that happen meanwhile are not seen.
    ///
    /// # Errors
    ///
    /// When the storage fails, or the error that `look` returns.
    ///
    /// # Deadlock
    ///
    /// `look` must not use the store itself: a backend may have to keep every other request waiting until it is done.
    fn read(
        &self,
        look: &mut dyn FnMut(&dyn ReadView) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;

    /// Calls `look` as [`read`](Self::read) does if that can be begun at once, on a connection that is there already and
    /// that nothing else uses; returns whether it was called. For look-ups so short that handing them to another thread
    /// would take longer.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    fn read_at_once(
        &self,
        look: &mut dyn FnMut(&dyn ReadView) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        let _ = look;
        Ok(false)
    }

    /// Puts a write at the end of the line and returns at once, without waiting for anything.
    ///
    /// When its turn comes, the store begins a transaction, locks the tenant, lets the write [decide](Write::decide)
    /// on the present state, and commits. Writes that wait at the same time may share one commit, in the order in
    /// which they came: each sees what those before it have decided. Each is [answered](Write::done) once, when its
    /// decision and those before it are durable. A write that fails does not affect the others; where a commit fails
    /// for all of them, they are run again, one by one.
    fn submit(&self, write: Box<dyn Write>);

    /// Writes the whole tenant, as it is now, into a new file that only its owner may read. [`files::open`] opens it,
    /// whatever the backend that wrote it.
    ///
    /// # Errors
    ///
    /// When the file exists already or cannot be written, or the storage fails.
    fn export(&self, file: &Path) -> Result<(), StoreError> {
        self.read(&mut |view| files::write(file, view))
    }

    /// Completes what is on disk, so that the next process can open the tenant. Nothing is committed afterwards.
    fn close(&self) {}
}
