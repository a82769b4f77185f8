//! Changes as statements.

use rusqlite::Connection;

use super::cells::Record as _;
use super::connection::prepare;
use crate::domain::Change;
use crate::store::StoreError;

/// Writes one row, or removes it.
pub(super) fn write_row(connection: &Connection, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Tenant(tenant) => tenant.write(connection),
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
