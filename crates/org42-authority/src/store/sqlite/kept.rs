//! The file of a served tenant: checks that it and its log are not replaced, and finds out after a crash whether
//! changes are missing.
//!
//! Beside the tenant lies a marker. Each process that has the tenant open holds a shared lock on it, and notes in it
//! the last change that it has acknowledged. The last process to close the tenant moves the log into the file and
//! removes the marker. A marker that no process has locked was left by one that was killed: the change that it notes
//! must be there.

mod note;
mod watch;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension as _};
use rustix::fs::{FlockOperation, flock};

use self::note::{Note, Written};
use self::watch::{Files, Log};
use super::connection;
use crate::data::files::{MARKER, check_database, lockable};
use crate::data::{Gate, Unfit, is_at};
use crate::domain::Revision;
use crate::log;
use crate::store::StoreError;

impl From<Unfit> for StoreError {
    fn from(unfit: Unfit) -> Self {
        Self::failed(unfit)
    }
}

/// The state of a tenant's file while it is open.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    marker: Written,
    marker_path: PathBuf,
    files: Files,
    log: Log,
    /// The reason why nothing is changed any more.
    ended: OnceLock<String>,
}

impl Kept {
    /// Opens the file of a tenant; no other process opens or closes it while the gate is held.
    ///
    /// # Errors
    ///
    /// When changes are missing that were acknowledged, or the file cannot be opened.
    pub(super) fn open(path: &Path, _: &Gate) -> Result<(Connection, Self), StoreError> {
        check_database(path)?;
        let marker_path = marker_of(path);
        let marker = lockable(&marker_path)?;
        let is_alone = match flock(&marker, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => true,
            Err(rustix::io::Errno::WOULDBLOCK) => {
                flock(&marker, FlockOperation::LockShared).map_err(StoreError::failed)?;
                false
            }
            Err(error) => return Err(StoreError::failed(error)),
        };
        let noted = Note::read(&marker);
        match is_alone {
            true => look_back(path, &noted)?,
            false => see_others(path, &noted)?,
        }
        let connection = connection::writer(path)?;
        let revision = revision(&connection)?;
        if is_alone && revision < noted.revision {
            leave_as_it_is(&connection);
            return Err(lost(path, &noted, Some(revision)));
        }
        let files = Files::of(path)
            .ok_or_else(|| StoreError::failed(format!("{} has no log", path.display())))?;
        if !is_alone && let Err(changed) = see_others(path, &noted) {
            leave_as_it_is(&connection);
            return Err(changed);
        }
        let log = Log::open(path)?;
        let marker = Written::of(marker);
        if is_alone {
            let note = Note {
                revision,
                salt: log.salt(),
                files: Some(files),
            };
            // Without the note, less can be found out after a crash; that is no reason not to serve.
            let _ = marker.write_all(&note);
            flock(marker.file(), FlockOperation::LockShared).map_err(StoreError::failed)?;
        }
        Ok((
            connection,
            Self {
                path: path.to_owned(),
                marker,
                marker_path,
                files,
                log,
                ended: OnceLock::new(),
            },
        ))
    }

    /// Returns whether the files are still those that were opened.
    pub(super) fn is_whole(&self) -> bool {
        self.ended.get().is_none() && Files::of(&self.path) == Some(self.files)
    }

    /// Refuses if nothing may be changed any more; saves the tenant when that is found out.
    pub(super) fn may_change(&self, connection: &Connection) -> Result<(), StoreError> {
        if !self.is_whole() {
            self.rescue(connection)?;
        }
        match self.ended.get() {
            Some(why) => Err(StoreError::failed(why.clone())),
            None => Ok(()),
        }
    }

    /// Records a change that is in the log, before it is acknowledged.
    ///
    /// # Errors
    ///
    /// When the log was replaced meanwhile and the change could not be saved.
    pub(super) fn changed(
        &self,
        connection: &Connection,
        revision: Revision,
    ) -> Result<(), StoreError> {
        if self.is_whole() {
            self.marker.raise(revision, self.log.salt());
            return Ok(());
        }
        self.rescue(connection)
    }

    /// Moves what is in a log that was removed into the tenant's file, or into another file if the tenant's was
    /// replaced too; nothing is changed from now on.
    ///
    /// # Errors
    ///
    /// When acknowledged changes could not be saved in this way.
    pub(super) fn rescue(&self, connection: &Connection) -> Result<(), StoreError> {
        if self.ended.get().is_some() {
            return Ok(());
        }
        leave_as_it_is(connection);
        let path = self.path.display();
        let (saved, told) = match self.files.can_be_completed(&self.path) {
            true => (
                checkpoint(connection, "FULL"),
                format!(
                    "the log of {path} or the index of its log was removed or replaced while the tenant was served. Every \
                     change that was acknowledged has been brought into {path}"
                ),
            ),
            false => {
                let file = unused(&self.path);
                let told = format!(
                    "{path} was removed or replaced while the tenant was served. The tenant with every change that was \
                     acknowledged has been saved as {}",
                    file.display()
                );
                (super::whole::save(connection, &file), told)
            }
        };
        let why = match &saved {
            Ok(()) => told,
            Err(error) => format!(
                "{path}, its log or the index of that was removed or replaced while the tenant was served, and what it \
                 held could not be saved: {error}"
            ),
        };
        let why = format!(
            "{why}. Nothing is changed any more: end every org42 that has the tenant open, and start anew"
        );
        log::failure(&why);
        let _ = self.ended.set(why);
        saved
    }

    /// Moves the log into the file and removes the marker, if no other process has the tenant open. Nothing is
    /// changed afterwards.
    pub(super) fn close(&self, connection: &Connection) {
        if self.ended.get().is_some() {
            return;
        }
        if !self.is_whole() {
            // A failure was already written to the operator's log.
            let _ = self.rescue(connection);
            return;
        }
        let _ = self.ended.set("the tenant is closed".to_owned());
        // Whatever fails here, the log and the marker stay, and the next process to open the tenant uses them.
        let Some(dir) = self.path.parent() else {
            return;
        };
        let Ok(_gate) = Gate::of(dir) else {
            return;
        };
        let is_last = flock(self.marker.file(), FlockOperation::NonBlockingLockExclusive).is_ok();
        let patience = connection.busy_timeout(Duration::from_secs(1));
        if is_last
            && patience.is_ok()
            && checkpoint(connection, "TRUNCATE").is_ok()
            && is_at(self.marker.file(), &self.marker_path)
        {
            let _ = fs::remove_file(&self.marker_path);
        }
    }
}

/// Refuses to found a tenant in place of one that was lost.
pub(super) fn expect_none(path: &Path) -> Result<(), StoreError> {
    let marker = marker_of(path);
    let is_marked = Note::at(&marker).is_some_and(|note| note.revision > Revision::default());
    let has_log = Log::is_there(path);
    if !is_marked && !has_log {
        return Ok(());
    }
    let log = crate::data::files::log_of(path);
    let left = if has_log { &log } else { &marker };
    Err(StoreError::failed(format!(
        "{} is missing, but {} tells that there was a tenant: put it back, or a backup of it; to found a new one delete \
         {} and {}",
        path.display(),
        left.display(),
        marker.display(),
        log.display()
    )))
}

fn marker_of(path: &Path) -> PathBuf {
    path.with_file_name(MARKER)
}

/// Checks after a crash that the log is there, and is the right one.
fn look_back(path: &Path, noted: &Note) -> Result<(), StoreError> {
    match Log::salt_at(path) {
        Some(salt) if !noted.may_have(salt) => Err(StoreError::failed(format!(
            "the log {} is of another database than {}: put the right one in its place; if there is none, move this one \
             away, and it is told what is missing",
            crate::data::files::log_of(path).display(),
            path.display()
        ))),
        None if noted.revision > Revision::default() => {
            // A database that lacks part of what was in the log may not be readable at all.
            let at = connection::without_log(path).and_then(|connection| revision(&connection));
            match at {
                Ok(at) if at >= noted.revision => Ok(()),
                at => Err(lost(path, noted, at.ok())),
            }
        }
        _ => Ok(()),
    }
}

/// Refuses when another process has the tenant open in files that are not there any more.
fn see_others(path: &Path, noted: &Note) -> Result<(), StoreError> {
    if noted
        .files
        .is_none_or(|files| Files::of(path) == Some(files))
    {
        return Ok(());
    }
    Err(StoreError::failed(format!(
        "another org42 has {path} open, and that, its log or the index of its log was removed or replaced meanwhile: end \
         the other one first, which saves what it has",
        path = path.display()
    )))
}

fn lost(path: &Path, noted: &Note, at: Option<Revision>) -> StoreError {
    let log = crate::data::files::log_of(path);
    let what = match at {
        Some(at) => format!(
            "the newest changes are missing: number {} was acknowledged, and {} with what is there of its log {} ends at \
             number {}",
            noted.revision.0,
            path.display(),
            log.display(),
            at.0
        ),
        None => format!(
            "{} cannot be read without its log {}, which is missing or not the one that was there",
            path.display(),
            log.display()
        ),
    };
    StoreError::failed(format!(
        "{what}. Nothing has been changed. Put the log back that was there, or a backup of the whole directory; to go on \
         with what is there, without those changes, delete {}",
        marker_of(path).display()
    ))
}

/// Keeps SQLite from moving and removing the log when the connection is closed.
fn leave_as_it_is(connection: &Connection) {
    let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
}

fn revision(connection: &Connection) -> Result<Revision, StoreError> {
    let at = connection
        .query_row("SELECT revision FROM tenant", [], |row| {
            row.get::<_, i64>(0)
        })
        .optional()?;
    Ok(Revision(at.unwrap_or_default().unsigned_abs()))
}

/// Moves the log into the file.
///
/// # Errors
///
/// When not all of it could be moved.
fn checkpoint(connection: &Connection, how: &str) -> Result<(), StoreError> {
    let moved = connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, i64>(1)?,
            row.get::<_, i64>(2)?,
        ))
    });
    match moved? {
        (0, all, moved) if all == moved => Ok(()),
        _ => Err(StoreError::failed("the log is in use")),
    }
}

/// Returns the path of a file beside the tenant's that does not exist yet.
fn unused(path: &Path) -> PathBuf {
    let free = (1_u32..).map(|number| path.with_file_name(format!("rescued-{number}.db")));
    let mut free = free.filter(|file| fs::symlink_metadata(file).is_err());
    free.next()
        .unwrap_or_else(|| path.with_extension("rescued"))
}
