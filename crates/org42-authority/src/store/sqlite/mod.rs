//! A tenant in one SQLite file, which several processes may have open at once, or in memory.

mod cells;
mod connection;
#[cfg_attr(not(unix), path = "kept_elsewhere.rs")]
mod kept;
#[cfg(test)]
mod plans;
mod readers;
mod rows;
mod snapshot;
mod whole;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use self::cells::{Record, signed};
use self::connection::prepare;
use self::kept::Kept;
use self::readers::Readers;
use self::snapshot::View;
use super::{MAX_CHANGES, ReadView, Sessions, Store, StoreError};
use crate::data::Gate;
use crate::domain::{Change, Revision, Tenant};

/// Keeps a tenant in one SQLite file, or in memory.
///
/// A commit that has returned survives the end of the process and of the machine's power. Reads and commits of several
/// processes go on side by side; one commit waits for the other.
pub struct Sqlite {
    writer: Mutex<Connection>,
    /// None in memory, where the writer's connection is the only one that sees the tenant.
    readers: Option<Readers>,
    /// Of a tenant that is served.
    kept: Option<Kept>,
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.readers.as_ref().map(Readers::path);
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

    /// Opens the tenant's file to serve it: a log that vanishes meanwhile, or is missing after a bad end, is noticed.
    pub(crate) fn kept(path: &Path, gate: &Gate) -> Result<Self, StoreError> {
        let (writer, kept) = Kept::open(path, gate)?;
        Ok(Self::of(path.to_owned(), writer, Some(kept)))
    }

    /// Refuses to found a tenant in the place of one that was lost.
    pub(crate) fn expect_none(path: &Path) -> Result<(), StoreError> {
        kept::expect_none(path)
    }

    fn of(path: PathBuf, writer: Connection, kept: Option<Kept>) -> Self {
        Self {
            writer: Mutex::new(writer),
            readers: Some(Readers::of(path)),
            kept,
        }
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
            kept: None,
        })
    }

    fn is_whole(&self) -> bool {
        self.kept.as_ref().is_none_or(Kept::is_whole)
    }

    fn may_change(&self, writer: &Connection) -> Result<(), StoreError> {
        match &self.kept {
            Some(kept) => kept.may_change(writer),
            None => Ok(()),
        }
    }

    /// To be called before anybody is told that something is changed.
    fn changed(&self, writer: &Connection, revision: Revision) -> Result<(), StoreError> {
        match &self.kept {
            Some(kept) => kept.changed(writer, revision),
            None => Ok(()),
        }
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.close();
    }
}

impl Store for Sqlite {
    fn read(
        &self,
        look: &mut dyn FnMut(&dyn ReadView) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if let Some(readers) = &self.readers
            && readers.with(|| self.is_whole(), |connection| show(connection, look))?
        {
            return Ok(());
        }
        // In memory there is no other connection, and a new one to a file that has lost its log would see another log.
        show(&mut lock(&self.writer), look)
    }

    fn commit(&self, seen: Revision, changes: &[Change]) -> Result<(), StoreError> {
        if changes.len() > MAX_CHANGES {
            return Err(StoreError::TooLarge(changes.len()));
        }
        let mut writer = lock(&self.writer);
        self.may_change(&writer)?;
        let committed = commit(&mut writer, seen, changes);
        if matches!(committed, Err(StoreError::NoRoom(_))) {
            connection::make_room(&writer);
        }
        committed?;
        self.changed(&writer, seen.next())
    }

    fn save(&self, file: &Path) -> Result<(), StoreError> {
        whole::save(&lock(&self.writer), file)
    }

    fn load(&self, seen: Revision, file: &Path, sessions: Sessions) -> Result<(), StoreError> {
        let mut writer = lock(&self.writer);
        self.may_change(&writer)?;
        let loaded = whole::load(&mut writer, seen, file, sessions);
        if matches!(loaded, Err(StoreError::NoRoom(_))) {
            connection::make_room(&writer);
        }
        self.changed(&writer, loaded?)
    }

    fn close(&self) {
        let writer = lock(&self.writer);
        if let Some(readers) = &self.readers {
            readers.close_idle();
        }
        if let Some(kept) = &self.kept {
            kept.close(&writer);
        }
    }
}

fn commit(writer: &mut Connection, seen: Revision, changes: &[Change]) -> Result<(), StoreError> {
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

/// A panic leaves no transaction behind, so a connection can be used after it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn show(
    connection: &mut Connection,
    look: &mut dyn FnMut(&dyn ReadView) -> Result<(), StoreError>,
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
        Change::SigningKey(key) => {
            prepare(connection, "UPDATE tenant SET signing_key = ?1")?.execute([key])?;
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
        Change::EndedToken(token) => token.write(connection),
        Change::EndedTokenGone(digest) => {
            prepare(connection, "DELETE FROM ended_token WHERE digest = ?1")?.execute([digest])?;
            Ok(())
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => Self::NoRoom(Box::new(error)),
            Some(ErrorCode::DatabaseBusy) => Self::failed(format!(
                "another program has kept the tenant's file locked for {} seconds ({error})",
                connection::PATIENCE.as_secs()
            )),
            _ => Self::failed(error),
        }
    }
}
