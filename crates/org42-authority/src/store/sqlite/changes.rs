//! The statements that write changes.

use rusqlite::Connection;

use super::cells::Record as _;
use super::connection::prepare;
use crate::domain::RowChange;
use crate::store::StoreError;

/// Writes or removes the row of a change.
pub(super) fn write_row(connection: &Connection, change: &RowChange) -> Result<(), StoreError> {
    match change {
        RowChange::Tenant(tenant) => tenant.write(connection),
        RowChange::NextId(id) => {
            prepare(connection, "UPDATE tenant SET next_id = ?1")?.execute([id])?;
            Ok(())
        }
        RowChange::SigningKey(key) => {
            prepare(connection, "UPDATE tenant SET signing_key = ?1")?.execute([key])?;
            Ok(())
        }
        RowChange::Org(org) => org.write(connection),
        RowChange::Deactivation(deactivation) => deactivation.write(connection),
        RowChange::HoldDays(hold) => hold.write(connection),
        RowChange::Settings(settings) => settings.write(connection),
        RowChange::User(user) => user.write(connection),
        RowChange::Device(device) => device.write(connection),
        RowChange::Archive(archive) => archive.write(connection),
        RowChange::ArchiveGone(guid) => {
            prepare(connection, "DELETE FROM archive WHERE guid = ?1")?.execute([guid])?;
            Ok(())
        }
        RowChange::AgentState(state) => state.write(connection),
        RowChange::ApiClient(client) => client.write(connection),
        RowChange::EndedToken(token) => token.write(connection),
        RowChange::EndedTokenGone(digest) => {
            prepare(connection, "DELETE FROM ended_token WHERE digest = ?1")?.execute([digest])?;
            Ok(())
        }
        RowChange::KeyedAnswer(answer) => answer.write(connection),
        RowChange::KeyedAnswerGone(digest) => {
            prepare(connection, "DELETE FROM keyed_answer WHERE digest = ?1")?.execute([digest])?;
            Ok(())
        }
    }
}
