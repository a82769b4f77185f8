//! A tenant as a file of its own: written whole, and read whole.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use super::cells::signed;
use super::{connection, revision, rows};
use crate::domain::Revision;
use crate::store::{Sessions, StoreError};

/// Writes everything into a new file.
pub(super) fn save(connection: &Connection, file: &Path) -> Result<(), StoreError> {
    connection::create(file).map_err(StoreError::failed)?;
    connection.execute("VACUUM INTO ?1", [text(file)?])?;
    Ok(())
}

/// Puts everything that a file holds in place of everything that is here.
pub(super) fn load(
    connection: &mut Connection,
    seen: Revision,
    file: &Path,
    sessions: Sessions,
) -> Result<Revision, StoreError> {
    if !file.exists() {
        let missing = format!("there is no file {}", file.display());
        return Err(StoreError::failed(missing));
    }
    // An older file gets the columns that this version knows. Closed, it is one file again.
    drop(connection::writer(file)?);
    // One that stayed from before would be in the way, and as a rule there is none.
    let _ = connection.execute_batch("DETACH saved");
    connection.execute("ATTACH ?1 AS saved", [text(file)?])?;
    let loaded = replace(connection, seen, sessions);
    // What counts is whether it was loaded.
    let _ = connection.execute_batch("DETACH saved");
    loaded
}

fn replace(
    connection: &mut Connection,
    seen: Revision,
    sessions: Sessions,
) -> Result<Revision, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if revision(&transaction)?.unwrap_or_default() != seen {
        return Err(StoreError::Stale);
    }
    let saved: Option<i64> = transaction
        .query_row("SELECT revision FROM saved.tenant", [], |row| row.get(0))
        .optional()?;
    let saved = saved.ok_or_else(|| StoreError::failed("the file holds no tenant"))?;
    let identity: Option<(String, Vec<u8>)> = transaction
        .query_row(
            "SELECT tenant_uid, signing_key FROM main.tenant",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    transaction.pragma_update(None, "defer_foreign_keys", true)?;
    let tables = rows::tables();
    for table in tables.iter().rev().filter(|table| !table.stays) {
        transaction.execute(&format!("DELETE FROM main.{}", table.name), [])?;
    }
    for table in tables {
        let copy = format!(
            "INSERT INTO main.{name} ({columns}) SELECT {columns} FROM saved.{name} WHERE true {others}",
            name = table.name,
            columns = table.names,
            others = match table.stays {
                true => "ON CONFLICT DO NOTHING",
                false => "",
            }
        );
        transaction.execute(&copy, [])?;
    }
    if let Some((uid, signing_key)) = identity {
        transaction.execute("UPDATE main.tenant SET tenant_uid = ?1", [uid])?;
        if sessions == Sessions::GoOn {
            transaction.execute("UPDATE main.tenant SET signing_key = ?1", [signing_key])?;
        }
    }
    // No revision is ever used twice, whatever was loaded.
    let next = signed(seen.next().0)?.max(saved.saturating_add(1));
    transaction.execute("UPDATE main.tenant SET revision = ?1", [next])?;
    transaction.commit()?;
    Ok(Revision(next.unsigned_abs()))
}

fn text(file: &Path) -> Result<&str, StoreError> {
    file.to_str()
        .ok_or_else(|| StoreError::failed(format!("{} is no text", file.display())))
}
