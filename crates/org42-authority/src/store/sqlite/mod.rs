//! A tenant in one SQLite file, which several processes may have open at once, or in memory.

mod cells;
mod connection;
#[cfg(test)]
mod plans;
mod rows;
mod snapshot;
mod whole;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use self::cells::{Record, signed};
use self::connection::prepare;
use self::snapshot::View;
use super::{MAX_CHANGES, Snapshot, Store, StoreError};
use crate::tree::{Change, Revision, Tenant};

/// Keeps a tenant in one SQLite file, or in memory.
///
/// A commit that has returned survives the end of the process and of the machine's power. Reads and commits of several
/// processes go on side by side; one commit waits for the other.
pub struct Sqlite {
    writer: Mutex<Connection>,
    /// None in memory, where the writer's connection is the only one that sees the tenant.
    readers: Option<Readers>,
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.readers.as_ref().map(|readers| &readers.path);
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
        let writer = connection::writer(path)?;
        let readers = Readers {
            path: path.to_owned(),
            state: Mutex::default(),
            given_back: Condvar::new(),
        };
        Ok(Self {
            writer: Mutex::new(writer),
            readers: Some(readers),
        })
    }

    /// Makes an empty store that is gone when it is dropped.
    ///
    /// # Errors
    ///
    /// When there is not enough memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        Ok(Self {
            writer: Mutex::new(connection::in_memory()?),
            readers: None,
        })
    }
}

impl Store for Sqlite {
    fn read(
        &self,
        look: &mut dyn FnMut(&dyn Snapshot) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match &self.readers {
            None => show(&mut lock(&self.writer), look),
            Some(readers) => readers.with(|connection| show(connection, look)),
        }
    }

    fn commit(&self, seen: Revision, changes: &[Change]) -> Result<(), StoreError> {
        if changes.len() > MAX_CHANGES {
            return Err(StoreError::TooLarge(changes.len()));
        }
        let mut writer = lock(&self.writer);
        // Dropped without a commit, it rolls back.
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if revision(&transaction)?.unwrap_or_default() != seen {
            return Err(StoreError::Stale);
        }
        // Changes come in any order, also an organization's user before the organization.
        transaction.pragma_update(None, "defer_foreign_keys", true)?;
        for change in changes {
            write(&transaction, seen, change)?;
        }
        let mut advance = prepare(
            &transaction,
            "UPDATE tenant SET revision = ?1 WHERE revision = ?2",
        )?;
        if advance.execute([signed(seen.next().0)?, signed(seen.0)?])? == 0 {
            return Err(StoreError::failed(
                "the first commit of all creates the tenant",
            ));
        }
        drop(advance);
        Ok(transaction.commit()?)
    }

    fn save(&self, file: &Path) -> Result<(), StoreError> {
        whole::save(&lock(&self.writer), file)
    }

    fn load(&self, seen: Revision, file: &Path) -> Result<(), StoreError> {
        whole::load(&mut lock(&self.writer), seen, file)
    }
}

/// The connections that only read. Each has memory of its own, so there are not more than a few.
struct Readers {
    path: PathBuf,
    state: Mutex<Idle>,
    given_back: Condvar,
}

#[derive(Default)]
struct Idle {
    connections: Vec<Connection>,
    /// How many read at the moment.
    reading: usize,
}

/// A place among those who read, given back when it is dropped.
struct Place<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Readers {
    /// How many read at once; more wait for one of them.
    const MOST: usize = 16;
    /// How many are kept when nobody reads.
    const KEPT: usize = 6;

    fn with<T>(
        &self,
        look: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut place = self.place();
        let mut connection = match place.connection.take() {
            Some(idle) => idle,
            None => connection::reader(&self.path)?,
        };
        let seen = look(&mut connection);
        place.connection = Some(connection);
        seen
    }

    fn place(&self) -> Place<'_> {
        let mut state = lock(&self.state);
        while state.reading >= Self::MOST {
            state = self
                .given_back
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.reading += 1;
        Place {
            readers: self,
            connection: state.connections.pop(),
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.readers.state);
        state.reading -= 1;
        let usable = self.connection.take().filter(Connection::is_autocommit);
        if state.connections.len() < Readers::KEPT {
            state.connections.extend(usable);
        }
        drop(state);
        self.readers.given_back.notify_one();
    }
}

/// A panic leaves no transaction behind, so a connection can be used after it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn show(
    connection: &mut Connection,
    look: &mut dyn FnMut(&dyn Snapshot) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    // A snapshot begins with the first read, not with the transaction.
    revision(&transaction)?;
    look(&View(&transaction))
}

fn revision(connection: &Connection) -> Result<Option<Revision>, StoreError> {
    Ok(View(connection).tenant()?.map(|tenant| tenant.revision))
}

fn write(connection: &Connection, seen: Revision, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Tenant(tenant) => Tenant {
            revision: seen,
            ..tenant.clone()
        }
        .write(connection),
        Change::NextId(id) => {
            prepare(connection, "UPDATE tenant SET next_id = ?1")?.execute([id])?;
            Ok(())
        }
        Change::Org(org) => org.write(connection),
        Change::Deactivation(deactivation) => deactivation.write(connection),
        Change::HoldDays(hold) => hold.write(connection),
        Change::Settings(settings) => settings.write(connection),
        Change::User(user) => user.write(connection),
        Change::Device(device) => device.write(connection),
        Change::Archive(archive) => archive.write(connection),
        Change::ArchiveGone(guid) => {
            prepare(connection, "DELETE FROM archive WHERE guid = ?1")?.execute([guid])?;
            Ok(())
        }
        Change::AgentState(state) => state.write(connection),
        Change::ApiClient(client) => client.write(connection),
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy) => Self::failed(format!(
                "another program has kept the tenant's file locked for {} seconds ({error})",
                connection::PATIENCE.as_secs()
            )),
            _ => Self::failed(error),
        }
    }
}
