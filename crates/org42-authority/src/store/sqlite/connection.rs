//! Opens connections to a tenant's file, and migrates the file to the newest schema.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

#[cfg(unix)]
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::data::files::{check_database, without_links};
use crate::store::StoreError;

/// How long a connection waits for another one that has the file locked.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// The migrations. Each brings a file from the version before to its own, which is its index in this list, counted
/// from 1.
pub(super) const SCHEMA: &[&str] = &[
    include_str!("schema/0001.sql"),
    include_str!("schema/0002.sql"),
    include_str!("schema/0003.sql"),
    include_str!("schema/0004.sql"),
];

/// How many statements stay prepared; a store has few, so all of them do.
const STATEMENTS: usize = 64;

/// Returns a file's path without links in its directory, since SQLite is opened to follow none.
pub(super) fn named(path: &Path) -> Result<PathBuf, StoreError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = naming(path, || folder.canonicalize().map_err(StoreError::failed))?;
    Ok(folder.join(path.file_name().unwrap_or_default()))
}

/// Opens the file for reading and writing, after making it if it is missing.
pub(super) fn writer(path: &Path) -> Result<Connection, StoreError> {
    naming(path, || {
        check_database(path)?;
        create(path).map_err(StoreError::failed)?;
        let mut connection = open(path)?;
        let version = check_version(&connection)?;
        use_wal(&connection)?;
        if version < SCHEMA.len() {
            migrate(&mut connection)?;
        }
        Ok(connection)
    })
}

/// Makes a file to be filled as fast as possible. Before it is [completed](complete) nothing in it survives a crash.
pub(super) fn founding(path: &Path) -> Result<Connection, StoreError> {
    naming(path, || {
        create_new(path)?;
        let mut connection = open(path)?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        let in_memory = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
        connection.pragma_update_and_check(None, "journal_mode", "MEMORY", in_memory)?;
        // In KiB. Uids, guids and keys are random, so each row goes to other pages of their indexes.
        connection.pragma_update(None, "cache_size", -FOUNDING_CACHE)?;
        migrate(&mut connection)?;
        Ok(connection)
    })
}

/// How many KiB of a file that is filled are kept in memory.
const FOUNDING_CACHE: i64 = 256 * 1024;

/// Makes a filled file durable, and switches it to the log that it is served with.
pub(super) fn complete(path: &Path) -> Result<(), StoreError> {
    // The last connection to be closed moves the log into the file.
    drop(writer(path)?);
    let written = OpenOptions::new().write(true).open(path);
    written
        .and_then(|file| file.sync_all())
        .map_err(StoreError::failed)
}

/// Opens the file for reading.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    naming(path, || {
        let connection = open(path)?;
        connection.pragma_update(None, "query_only", true)?;
        // In KiB. The operating system caches what is read often anyway, once for all connections.
        connection.pragma_update(None, "cache_size", -1024)?;
        Ok(connection)
    })
}

/// Opens the file alone, without its log and without locks, to see what would be there without the log.
#[cfg(unix)]
pub(super) fn without_log(path: &Path) -> Result<Connection, StoreError> {
    use std::os::unix::ffi::OsStrExt as _;
    const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.');
    let name = percent_encode(path.as_os_str().as_bytes(), PLAIN);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(
        format!("file:{name}?immutable=1"),
        flags,
    )?)
}

/// Moves what is in the log into the file after a failed write, so that the log can be overwritten. The next write
/// shows whether that helped.
pub(super) fn make_room(connection: &Connection) {
    let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
}

/// Makes a database in memory.
pub(super) fn in_memory() -> Result<Connection, StoreError> {
    let mut connection = configure(Connection::open_in_memory()?)?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// Limits the growth of a file to about `bytes`.
#[cfg(any(test, feature = "conformance"))]
pub(super) fn limit(connection: &Connection, bytes: u64) -> Result<(), StoreError> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let most = pragma("page_count")? + (bytes / pragma("page_size")?.unsigned_abs()).cast_signed();
    let _: i64 = connection.query_row(&format!("PRAGMA max_page_count = {most}"), [], |row| {
        row.get(0)
    })?;
    Ok(())
}

/// Returns a prepared statement, which stays prepared for the next time.
pub(super) fn prepare<'c>(
    connection: &'c Connection,
    sql: &str,
) -> Result<CachedStatement<'c>, StoreError> {
    #[cfg(test)]
    super::noted::note(sql);
    Ok(connection.prepare_cached(sql)?)
}

/// Makes the file, unless it exists, so that only its owner can read it: it holds password hashes and the signing
/// key. SQLite makes the files beside it with the same mode.
pub(super) fn create(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    match without_links(&mut options).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes a new file that only its owner may read.
///
/// # Errors
///
/// When the file exists already or cannot be made.
pub(super) fn create_new(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let made = without_links(&mut options).open(path);
    made.map(drop).map_err(StoreError::failed)
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    configure(Connection::open_with_flags(path, flags)?)
}

/// Sets what holds for one connection only; every connection must come through here.
fn configure(connection: Connection) -> Result<Connection, StoreError> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Switches the file to a write-ahead log, and tries again while another connection does so: SQLite does not wait in
/// that case.
fn use_wal(connection: &Connection) -> Result<(), StoreError> {
    const PAUSE: Duration = Duration::from_millis(5);
    let mut patience = PATIENCE;
    loop {
        match connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))
        {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                return Err(StoreError::failed(format!(
                    "the file's journal stays in mode {mode}, not wal"
                )));
            }
            Err(error) if is_busy(&error) && patience > PAUSE => {
                thread::sleep(PAUSE);
                patience -= PAUSE;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

fn check_version(connection: &Connection) -> Result<usize, StoreError> {
    let version: usize =
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))? as usize;
    if version > SCHEMA.len() {
        return Err(StoreError::failed(format!(
            "it was written by a newer org42 (its schema is version {version}, this program knows up to {}): \
             update org42, or choose another file",
            SCHEMA.len()
        )));
    }
    Ok(version)
}

/// Migrates the file to the newest schema, in one transaction: of several processes one does it and the others find
/// it done.
fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in &SCHEMA[check_version(&transaction)?..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", SCHEMA.len() as i64)?;
    Ok(transaction.commit()?)
}

/// Adds the name of the file to a failure.
fn naming<T>(path: &Path, open: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    open().map_err(|error| match error {
        StoreError::Failed(why) => {
            StoreError::failed(format!("{} cannot be opened: {why}", path.display()))
        }
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pragma(connection: &Connection, name: &str) -> String {
        let value = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
        format!(
            "{:?}",
            connection.pragma_query_value(None, name, value).unwrap()
        )
    }

    #[test]
    fn every_connection_is_durable_patient_and_checks_references() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("tenant.db");
        let writer = writer(&path).unwrap();
        let reader = reader(&path).unwrap();
        for connection in [&writer, &reader] {
            assert_eq!(pragma(connection, "journal_mode"), r#"Text("wal")"#);
            assert_eq!(pragma(connection, "synchronous"), "Integer(2)", "FULL");
            assert_eq!(pragma(connection, "foreign_keys"), "Integer(1)");
            assert_eq!(pragma(connection, "busy_timeout"), "Integer(30000)");
        }
        let written = reader.execute("DELETE FROM org", []).unwrap_err();
        assert_eq!(written.sqlite_error_code(), Some(ErrorCode::ReadOnly));
    }
}
