//! A tenant in one SQLite file, which several processes may have open at once, or in memory.

mod batch;
mod cells;
mod changes;
mod connection;
#[cfg_attr(not(unix), path = "kept_elsewhere.rs")]
mod kept;
#[cfg(test)]
pub(crate) mod noted;
#[cfg(test)]
mod plans;
mod readers;
mod rows;
mod view;
mod whole;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _};

use self::batch::Batch;
use self::kept::Kept;
use self::readers::Readers;
use self::view::View;
use super::journal::Journal;
use super::writer::{Ended, Failed, Transact, Writer};
use super::{ReadView, Store, StoreError, Write};
use crate::data::Gate;
use crate::domain::Revision;

pub(super) use self::whole::write;

/// A store that keeps a tenant in one SQLite file, or in memory.
///
/// A commit that was acknowledged survives the end of the process and a power failure. Reads and commits of several
/// processes go on side by side; one commit waits for the other.
pub struct Sqlite {
    // Dropped first: it completes the writes that still wait.
    writer: Writer,
    tenant: Arc<Connected>,
}

/// The connections to a tenant.
struct Connected {
    /// The connection that writes.
    writing: Mutex<Connection>,
    /// The connections that read; `None` in memory, where only the writing connection sees the tenant.
    readers: Option<Readers>,
    /// The state of the file, if the tenant is served from it.
    kept: Option<Kept>,
    /// What the commits of this process have touched.
    journal: Journal,
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.tenant.readers.as_ref().map(Readers::path);
        f.debug_struct("Sqlite")
            .field("path", &path)
            .finish_non_exhaustive()
    }
}

impl Sqlite {
    /// Opens the tenant's file, or makes an empty one that only its owner may read.
    ///
    /// # Errors
    ///
    /// When the file cannot be made or read, is no database, or was written by a newer version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let path = connection::named(path)?;
        Ok(Self::of(path.clone(), connection::writer(&path)?, None))
    }

    /// Makes a new file for a tenant that is written at one go, and of no use to anybody before it is
    /// [completed](Self::complete).
    pub(crate) fn founding(path: &Path) -> Result<Self, StoreError> {
        let path = connection::named(path)?;
        Ok(Self::of(path.clone(), connection::founding(&path)?, None))
    }

    /// Makes a tenant durable that was written at one go, when its store is closed.
    pub(crate) fn complete(path: &Path) -> Result<(), StoreError> {
        connection::complete(&connection::named(path)?)
    }

    /// Opens the tenant's file to serve it: a log that is removed meanwhile, or is missing after a crash, is noticed.
    pub(crate) fn kept(path: &Path, gate: &Gate) -> Result<Self, StoreError> {
        let (writing, kept) = Kept::open(path, gate)?;
        Ok(Self::of(path.to_owned(), writing, Some(kept)))
    }

    /// Refuses to found a tenant in place of one that was lost.
    pub(crate) fn expect_none(path: &Path) -> Result<(), StoreError> {
        kept::expect_none(path)
    }

    fn of(path: PathBuf, writing: Connection, kept: Option<Kept>) -> Self {
        Self::over(Connected {
            writing: Mutex::new(writing),
            readers: Some(Readers::of(path)),
            kept,
            journal: Journal::default(),
        })
    }

    /// Makes an empty store that is gone when it is dropped.
    ///
    /// # Errors
    ///
    /// When there is not enough memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        Ok(Self::over(Connected {
            writing: Mutex::new(connection::in_memory()?),
            readers: None,
            kept: None,
            journal: Journal::default(),
        }))
    }

    fn over(tenant: Connected) -> Self {
        let tenant = Arc::new(tenant);
        Self {
            writer: Writer::over(tenant.clone()),
            tenant,
        }
    }

    /// Limits the growth of the file to about `bytes` from now on, as if the disk were full then.
    #[cfg(any(test, feature = "conformance"))]
    #[doc(hidden)]
    pub fn limit(&self, bytes: u64) -> Result<(), StoreError> {
        connection::limit(&lock(&self.tenant.writing), bytes)
    }
}

impl Connected {
    fn is_whole(&self) -> bool {
        self.kept.as_ref().is_none_or(Kept::is_whole)
    }

    fn may_change(&self, writing: &Connection) -> Result<(), StoreError> {
        match &self.kept {
            Some(kept) => kept.may_change(writing),
            None => Ok(()),
        }
    }

    /// Records a commit, before it is acknowledged.
    fn changed(&self, writing: &Connection, revision: Revision) -> Result<(), StoreError> {
        match &self.kept {
            Some(kept) => kept.changed(writing, revision),
            None => Ok(()),
        }
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.close();
    }
}

impl Connected {
    fn close(&self) {
        let writing = lock(&self.writing);
        if let Some(readers) = &self.readers {
            readers.close_idle();
        }
        if let Some(kept) = &self.kept {
            kept.close(&writing);
        }
    }
}

impl Transact for Connected {
    fn transact(&self, writes: &mut [Box<dyn Write>]) -> Result<Vec<Ended>, Failed> {
        let mut writing = lock(&self.writing);
        self.may_change(&writing).map_err(Failed::Begin)?;
        let done = batch::transact(&mut writing, writes, &self.journal);
        if match &done {
            Ok(batch) => batch.lacked_room,
            Err(Failed::Begin(error) | Failed::Transaction(error)) => {
                matches!(error, StoreError::NoRoom(_))
            }
        } {
            connection::make_room(&writing);
        }
        let Batch {
            mut ends, revision, ..
        } = done?;
        if let Some(revision) = revision
            && let Err(error) = self.changed(&writing, revision)
        {
            ends.fill(Err(error));
        }
        Ok(ends)
    }
}

impl Store for Sqlite {
    fn read(
        &self,
        look: &mut dyn FnMut(&dyn ReadView) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if let Some(readers) = &self.tenant.readers
            && readers.with(
                || self.tenant.is_whole(),
                |connection| show(connection, &self.tenant.journal, look),
            )?
        {
            return Ok(());
        }
        // In memory there is no other connection, and a new connection to a file whose log was removed would see
        // another log.
        show(&mut lock(&self.tenant.writing), &self.tenant.journal, look)
    }

    fn read_at_once(
        &self,
        look: &mut dyn FnMut(&dyn ReadView) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        match &self.tenant.readers {
            Some(readers) => {
                readers.with_idle(|connection| show(connection, &self.tenant.journal, look))
            }
            None => Ok(false),
        }
    }

    fn submit(&self, write: Box<dyn Write>) {
        self.writer.submit(write);
    }

    fn export(&self, file: &Path) -> Result<(), StoreError> {
        whole::save(&lock(&self.tenant.writing), file)
    }

    fn close(&self) {
        self.tenant.close();
    }
}

/// Locks a mutex, also after a panic: that leaves no transaction behind, so the connection can be used.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn show(
    connection: &mut Connection,
    journal: &Journal,
    look: &mut dyn FnMut(&dyn ReadView) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    // The transaction's snapshot begins with its first read, not with its start.
    let revision = revision(&transaction)?;
    look(&View::of_committed(&transaction, revision, journal))
}

fn revision(connection: &Connection) -> Result<Option<Revision>, StoreError> {
    let mut statement = connection::prepare(connection, "SELECT revision FROM tenant")?;
    let revision: Option<i64> = statement.query_row([], |row| row.get(0)).optional()?;
    let revision = revision.map(u64::try_from).transpose();
    Ok(revision.map_err(StoreError::failed)?.map(Revision))
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => Self::NoRoom(Arc::new(error)),
            Some(ErrorCode::DatabaseBusy) => Self::failed(format!(
                "another program has kept the tenant's file locked for {} seconds ({error})",
                connection::PATIENCE.as_secs()
            )),
            _ => Self::failed(error),
        }
    }
}
