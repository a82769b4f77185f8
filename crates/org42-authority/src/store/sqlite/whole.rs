//! Whole tenants: written into a file of their own, and replaced by another.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::cells::Record as _;
use super::changes::write_row;
use super::view::View;
use super::{connection, rows};
use crate::domain::{Revision, RowChange, Tenant};
use crate::store::{ReadView, Sessions, StoreError};

/// Writes everything that a connection holds into a new file.
pub(super) fn save(connection: &Connection, file: &Path) -> Result<(), StoreError> {
    connection::create_new(file)?;
    connection.execute("VACUUM INTO ?1", [text(file)?])?;
    Ok(())
}

/// Writes everything that a view shows into a new file.
pub(in crate::store) fn write(file: &Path, view: &dyn ReadView) -> Result<(), StoreError> {
    connection::create_new(file)?;
    let mut connection = connection::writer(file)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.pragma_update(None, "defer_foreign_keys", true)?;
    view.each_row(&mut |row| write_row(&transaction, &row))?;
    if View::of_draft(&transaction).tenant()?.is_none() {
        return Err(StoreError::failed("there is no tenant to be written"));
    }
    Ok(transaction.commit()?)
}

/// Replaces everything that is here by everything that a view shows, within a transaction.
pub(super) fn replace(
    here: &Connection,
    with: &dyn ReadView,
    sessions: Sessions,
) -> Result<Revision, StoreError> {
    let other = with.tenant()?;
    let other = other.ok_or_else(|| StoreError::failed("the other store holds no tenant"))?;
    let identity = View::of_draft(here).tenant()?;
    // No revision may ever be used twice.
    let seen = identity
        .as_ref()
        .map_or(Revision::default(), |one| one.revision);
    let revision = seen.max(other.revision).next();
    for table in rows::tables().iter().rev().filter(|table| !table.stays) {
        here.execute(&format!("DELETE FROM {}", table.name), [])?;
    }
    let tenant = match identity {
        Some(Tenant {
            uid, signing_key, ..
        }) => Tenant {
            revision,
            uid,
            signing_key: match sessions {
                Sessions::GoOn => signing_key,
                Sessions::End => other.signing_key,
            },
            ..other
        },
        None => Tenant { revision, ..other },
    };
    tenant.write(here)?;
    with.each_row(&mut |row| match row {
        RowChange::Tenant(_) => Ok(()),
        // A token that was ended keeps its record.
        RowChange::EndedToken(token)
            if View::of_draft(here).ended_token(&token.digest)?.is_some() =>
        {
            Ok(())
        }
        row => write_row(here, &row),
    })?;
    Ok(revision)
}

fn text(file: &Path) -> Result<&str, StoreError> {
    file.to_str()
        .ok_or_else(|| StoreError::failed(format!("{} is no text", file.display())))
}
