//! The questions of a [`ReadView`] in SQL.
//!
//! A subtree is a range of paths, which the index on them answers. What belongs to a subtree is found in one of two
//! ways, written as an order of joins: from the organizations down, when the subtree is a part of the tenant; in the
//! order of the answer, stopping when the window is full, when the subtree is the whole tenant.

use std::collections::BTreeSet;

use org42_types::{OrgId, Timestamp};
use rusqlite::{Connection, Params, params};

use super::cells::{Cells, Read};
use super::connection::prepare;
use crate::domain::settings::OwnSettings;
use crate::domain::{
    AgentStateRow, ApiClient, Archive, Deactivation, Device, EndedToken, HoldDays, KeyedAnswer,
    OrgRecord, Path, Revision, RowChange, Tenant, User,
};
use crate::store::journal::Journal;
use crate::store::view::all;
use crate::store::{
    DeviceLookup, OrgLookup, ReadView, See, StoreError, UserLookup, Window, username_key,
};

/// The tenant as one transaction sees it.
pub(super) struct View<'a> {
    connection: &'a Connection,
    /// The revision and what has led to it, if nothing in the transaction changes the tenant.
    committed: Option<(Revision, &'a Journal)>,
}

impl<'a> View<'a> {
    /// Returns the view of a transaction that changes the tenant.
    pub(super) fn of_draft(connection: &'a Connection) -> Self {
        Self {
            connection,
            committed: None,
        }
    }

    /// Returns the view of a transaction that only reads.
    pub(super) fn of_committed(
        connection: &'a Connection,
        revision: Option<Revision>,
        journal: &'a Journal,
    ) -> Self {
        Self {
            connection,
            committed: revision.map(|revision| (revision, journal)),
        }
    }

    pub(super) fn connection(&self) -> &'a Connection {
        self.connection
    }
}

impl View<'_> {
    fn each<T: Read>(
        &self,
        tail: &str,
        values: impl Params,
        see: See<'_, T>,
    ) -> Result<(), StoreError> {
        let mut statement = prepare(self.connection, &format!("SELECT {} {tail}", T::columns()))?;
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            #[cfg(test)]
            super::noted::note_row();
            see(T::read(&mut Cells::new(row))?)?;
        }
        Ok(())
    }

    fn each_of<T: Read>(
        &self,
        tail: &str,
        change: impl Fn(T) -> RowChange,
        see: See<'_, RowChange>,
    ) -> Result<(), StoreError> {
        self.each(tail, [], &mut |row| see(change(row)))
    }

    fn all<T: Read>(&self, tail: &str, values: impl Params) -> Result<Vec<T>, StoreError> {
        all(|see| self.each(tail, values, see))
    }

    fn one<T: Read>(&self, tail: &str, values: impl Params) -> Result<Option<T>, StoreError> {
        Ok(self.all(tail, values)?.pop())
    }

    fn count(&self, tail: &str, values: impl Params) -> Result<u64, StoreError> {
        let mut statement = prepare(self.connection, &format!("SELECT count(*) {tail}"))?;
        let count: i64 = statement.query_row(values, |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Passes what belongs to the organizations at and below `under` to `see`, in the order of `key`.
    fn below<T: Read>(
        &self,
        under: &Path,
        joins: &Joins,
        window: Option<Window>,
        see: See<'_, T>,
    ) -> Result<(), StoreError> {
        let Window { offset, limit } = window.unwrap_or(Window {
            offset: 0,
            limit: u64::MAX,
        });
        let from = if under.depth() <= 1 {
            joins.by_key
        } else {
            joins.by_org
        };
        let tail = format!(
            "FROM {from} {} ORDER BY {} LIMIT ?3 OFFSET ?4",
            joins.condition, joins.key
        );
        let values = params![under.as_str(), under.end(), clamped(limit), clamped(offset)];
        self.each(&tail, values, see)
    }

    fn count_below(&self, under: &Path, joins: &Joins) -> Result<u64, StoreError> {
        let tail = format!("FROM {} {}", joins.by_org, joins.condition);
        self.count(&tail, [under.as_str(), &under.end()])
    }
}

/// The joins by which the rows of a table are found for the organizations that they belong to.
struct Joins {
    by_org: &'static str,
    by_key: &'static str,
    condition: &'static str,
    key: &'static str,
}

const DEACTIVATIONS: Joins = Joins {
    by_org: "org CROSS JOIN deactivation",
    by_key: "deactivation CROSS JOIN org",
    condition: "WHERE deactivation.org_id = org.org_id AND org.path >= ?1 AND org.path < ?2",
    key: "deactivation.revision, deactivation.org_id",
};

const HOLD_DAYS: Joins = Joins {
    by_org: "org CROSS JOIN hold_days",
    by_key: "hold_days CROSS JOIN org",
    condition: "WHERE hold_days.org_id = org.org_id AND org.path >= ?1 AND org.path < ?2",
    key: "hold_days.revision, hold_days.org_id",
};

const USERS: Joins = Joins {
    by_org: "org CROSS JOIN org_user",
    by_key: "org_user CROSS JOIN org",
    condition: "WHERE org_user.org_id = org.org_id AND org.path >= ?1 AND org.path < ?2",
    key: "org_user.user_id",
};

const DEVICES: Joins = Joins {
    by_org: "org CROSS JOIN org_user CROSS JOIN device",
    by_key: "device CROSS JOIN org_user CROSS JOIN org",
    condition: "WHERE device.user_id = org_user.user_id AND org_user.org_id = org.org_id \
                AND org.path >= ?1 AND org.path < ?2",
    key: "device.device_id",
};

const ARCHIVES: Joins = Joins {
    by_org: "org CROSS JOIN org_user CROSS JOIN device CROSS JOIN archive",
    by_key: "archive CROSS JOIN device CROSS JOIN org_user CROSS JOIN org",
    condition: "WHERE archive.device_id = device.device_id AND device.user_id = org_user.user_id \
                AND org_user.org_id = org.org_id AND org.path >= ?1 AND org.path < ?2",
    key: "archive.guid",
};

/// Returns a number in SQLite's signed form; a list is never longer than the largest.
fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl ReadView for View<'_> {
    fn committed(&self) -> Option<Revision> {
        self.committed.map(|(revision, _)| revision)
    }

    fn touched_since(&self, since: Revision) -> Option<BTreeSet<OrgId>> {
        let (revision, journal) = self.committed?;
        journal.touched(since, revision)
    }

    fn tenant(&self) -> Result<Option<Tenant>, StoreError> {
        self.one("FROM tenant", [])
    }

    fn org(&self, key: &OrgLookup) -> Result<Option<OrgRecord>, StoreError> {
        match key {
            OrgLookup::Top => self.one("FROM org WHERE parent_id IS NULL", []),
            OrgLookup::Id(id) => self.one("FROM org WHERE org_id = ?1", [id.get()]),
            OrgLookup::Uid(uid) => self.one("FROM org WHERE org_uid = ?1", [uid.as_str()]),
            OrgLookup::Guid(guid) => self.one("FROM org WHERE org_guid = ?1", [guid.as_str()]),
            OrgLookup::RegistrationKey(key) => {
                self.one("FROM org WHERE registration_key = ?1", [key.as_str()])
            }
        }
    }

    fn child_named(&self, parent: OrgId, name: &str) -> Result<Option<OrgRecord>, StoreError> {
        self.one(
            "FROM org WHERE parent_id = ?1 AND name = ?2",
            params![parent.get(), name],
        )
    }

    fn way_down(&self, path: &Path) -> Result<Vec<OrgRecord>, StoreError> {
        let steps = path
            .way_down()
            .map(|step| self.one("FROM org WHERE path = ?1", [step]));
        steps.filter_map(Result::transpose).collect()
    }

    fn count_orgs(&self) -> Result<u64, StoreError> {
        self.count("FROM org", [])
    }

    fn each_listed_org(&self, window: Window, see: See<'_, OrgRecord>) -> Result<(), StoreError> {
        let Some(top) = self.org(&OrgLookup::Top)? else {
            return Ok(());
        };
        let top_id = top.id.get();
        let with_top = window.offset == 0 && window.limit > 0;
        if with_top {
            see(top)?;
        }
        let rest = Window {
            offset: window.offset.saturating_sub(1),
            limit: window.limit - u64::from(with_top),
        };
        self.each(
            "FROM org WHERE org_id <> ?1 ORDER BY org_id LIMIT ?2 OFFSET ?3",
            params![top_id, clamped(rest.limit), clamped(rest.offset)],
            see,
        )
    }

    fn each_listed_org_after(
        &self,
        after: OrgId,
        window: Window,
        see: See<'_, OrgRecord>,
    ) -> Result<(), StoreError> {
        self.each(
            "FROM org WHERE org_id > ?1 AND parent_id IS NOT NULL ORDER BY org_id LIMIT ?2 OFFSET ?3",
            params![after.get(), clamped(window.limit), clamped(window.offset)],
            see,
        )
    }

    fn each_org(&self, under: &Path, see: See<'_, OrgRecord>) -> Result<(), StoreError> {
        self.each(
            "FROM org WHERE path >= ?1 AND path < ?2 ORDER BY path",
            [under.as_str(), &under.end()],
            see,
        )
    }

    fn deactivations(&self, path: &Path) -> Result<Vec<Deactivation>, StoreError> {
        let mut found: Vec<Deactivation> = all(|see| self.below(path, &DEACTIVATIONS, None, see))?;
        for above in path.way_down().filter(|step| *step != path.as_str()) {
            found.extend(self.all::<Deactivation>(
                "FROM org CROSS JOIN deactivation WHERE deactivation.org_id = org.org_id AND org.path = ?1",
                [above],
            )?);
        }
        found.sort_by_key(|deactivation| (deactivation.mark.revision, deactivation.org_id));
        Ok(found)
    }

    fn hold_days(&self, path: &Path) -> Result<Vec<HoldDays>, StoreError> {
        let mut found: Vec<HoldDays> = all(|see| self.below(path, &HOLD_DAYS, None, see))?;
        for above in path.way_down().filter(|step| *step != path.as_str()) {
            found.extend(self.all::<HoldDays>(
                "FROM org CROSS JOIN hold_days WHERE hold_days.org_id = org.org_id AND org.path = ?1",
                [above],
            )?);
        }
        found.sort_by_key(|hold| (hold.since, hold.org_id));
        Ok(found)
    }

    fn own_settings(&self, path: &Path) -> Result<Vec<OwnSettings>, StoreError> {
        let steps = path.way_down().map(|step| {
            self.one(
                "FROM org CROSS JOIN org_settings WHERE org_settings.org_id = org.org_id AND org.path = ?1",
                [step],
            )
        });
        steps.filter_map(Result::transpose).collect()
    }

    fn user(&self, key: &UserLookup) -> Result<Option<User>, StoreError> {
        match key {
            UserLookup::Id(id) => self.one("FROM org_user WHERE user_id = ?1", [id]),
            UserLookup::Uid(uid) => self.one("FROM org_user WHERE user_uid = ?1", [uid]),
            UserLookup::Username(name) => self.one(
                "FROM org_user WHERE username_key = ?1",
                [username_key(name)],
            ),
        }
    }

    fn count_users(&self, under: &Path) -> Result<u64, StoreError> {
        self.count_below(under, &USERS)
    }

    fn each_user(
        &self,
        under: &Path,
        window: Option<Window>,
        see: See<'_, User>,
    ) -> Result<(), StoreError> {
        self.below(under, &USERS, window, see)
    }

    fn users_of(&self, org_id: OrgId) -> Result<Vec<User>, StoreError> {
        self.all(
            "FROM org_user WHERE org_id = ?1 ORDER BY user_id",
            [org_id.get()],
        )
    }

    fn device(&self, key: &DeviceLookup) -> Result<Option<Device>, StoreError> {
        match key {
            DeviceLookup::Id(id) => self.one("FROM device WHERE device_id = ?1", [id]),
            DeviceLookup::Guid(guid) => self.one("FROM device WHERE guid = ?1", [guid]),
        }
    }

    fn devices_of(&self, user_id: u32) -> Result<Vec<Device>, StoreError> {
        self.all(
            "FROM device WHERE user_id = ?1 ORDER BY device_id",
            [user_id],
        )
    }

    fn count_devices(&self, under: &Path) -> Result<u64, StoreError> {
        self.count_below(under, &DEVICES)
    }

    fn each_device(
        &self,
        under: &Path,
        window: Option<Window>,
        see: See<'_, (Device, User)>,
    ) -> Result<(), StoreError> {
        self.below(under, &DEVICES, window, see)
    }

    fn archives_of(&self, device_id: u32) -> Result<Vec<Archive>, StoreError> {
        self.all(
            "FROM archive WHERE device_id = ?1 ORDER BY guid",
            [device_id],
        )
    }

    fn each_archive(
        &self,
        under: &Path,
        see: See<'_, (Archive, Device, User)>,
    ) -> Result<(), StoreError> {
        self.below(under, &ARCHIVES, None, see)
    }

    fn each_agent_state(
        &self,
        org_id: OrgId,
        name: &str,
        see: See<'_, (AgentStateRow, Device, User)>,
    ) -> Result<(), StoreError> {
        self.each(
            "FROM org_user CROSS JOIN device CROSS JOIN agent_state \
             WHERE org_user.org_id = ?1 AND device.user_id = org_user.user_id \
             AND agent_state.device_guid = device.guid AND agent_state.name = ?2 ORDER BY device.device_id",
            params![org_id.get(), name],
            see,
        )
    }

    fn agent_state(
        &self,
        device_guid: &str,
        name: &str,
    ) -> Result<Option<AgentStateRow>, StoreError> {
        self.one(
            "FROM agent_state WHERE device_guid = ?1 AND name = ?2",
            [device_guid, name],
        )
    }

    fn api_client(&self, client_id: &str) -> Result<Option<ApiClient>, StoreError> {
        self.one("FROM api_client WHERE client_id = ?1", [client_id])
    }

    fn api_clients(&self) -> Result<Vec<ApiClient>, StoreError> {
        self.all("FROM api_client ORDER BY created_at, client_id", [])
    }

    fn ended_token(&self, digest: &[u8]) -> Result<Option<EndedToken>, StoreError> {
        self.one("FROM ended_token WHERE digest = ?1", [digest])
    }

    fn ended_tokens_until(
        &self,
        time: Timestamp,
        limit: u64,
    ) -> Result<Vec<EndedToken>, StoreError> {
        self.all(
            "FROM ended_token WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2",
            [time.as_millis(), clamped(limit)],
        )
    }

    fn keyed_answer(&self, digest: &[u8]) -> Result<Option<KeyedAnswer>, StoreError> {
        self.one("FROM keyed_answer WHERE digest = ?1", [digest])
    }

    fn keyed_answers_until(&self, time: Timestamp, limit: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let over: Vec<KeyedAnswer> = self.all(
            "FROM keyed_answer WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2",
            [time.as_millis(), clamped(limit)],
        )?;
        Ok(over.into_iter().map(|answer| answer.digest).collect())
    }

    fn each_row(&self, see: See<'_, RowChange>) -> Result<(), StoreError> {
        self.each_of("FROM tenant", RowChange::Tenant, see)?;
        self.each_org(&Path::default(), &mut |org| see(RowChange::Org(org)))?;
        self.each_of("FROM deactivation", RowChange::Deactivation, see)?;
        self.each_of("FROM hold_days", RowChange::HoldDays, see)?;
        self.each_of("FROM org_settings", RowChange::Settings, see)?;
        self.each_of("FROM org_user", RowChange::User, see)?;
        self.each_of("FROM device", RowChange::Device, see)?;
        self.each_of("FROM archive", RowChange::Archive, see)?;
        self.each_of("FROM agent_state", RowChange::AgentState, see)?;
        self.each_of("FROM api_client", RowChange::ApiClient, see)?;
        self.each_of("FROM ended_token", RowChange::EndedToken, see)?;
        self.each_of("FROM keyed_answer", RowChange::KeyedAnswer, see)
    }
}
