//! Where a tenant is kept: one narrow trait and its backends; no rule is decided here.
//!
//! A backend answers questions about one consistent [`ReadView`] and makes a list of [`Change`]s true all at once,
//! provided that nobody has committed in between. What the changes are is decided elsewhere, by the rules of
//! [`domain`](crate::domain). Every backend passes the same [`conformance`] suite.

pub mod conformance;
mod sqlite;

use std::fmt;
use std::path::Path;

use org42_types::{OrgGuid, OrgId, OrgUid, RegistrationKey, Timestamp};

use crate::domain::settings::OwnSettings;
use crate::domain::{
    AgentStateRow, ApiClient, Archive, Change, Deactivation, Device, EndedToken, HoldDays,
    OrgRecord, Path as OrgPath, Revision, Tenant, User,
};

pub use sqlite::Sqlite;

/// No commit has more changes than this: with the tenant's own row it writes at most 1,000 rows, which every database
/// of the PostgreSQL family can take.
pub const MAX_CHANGES: usize = 999;

/// Keeps a tenant.
pub trait Store: Send + Sync + 'static {
    /// Shows `look` one consistent state of the tenant: what is committed meanwhile stays out of sight.
    ///
    /// # Errors
    ///
    /// When the storage fails, or what `look` returns.
    ///
    /// # Deadlock
    ///
    /// `look` must not use the store itself: a backend may have to keep every other request waiting until it is done.
    fn read(
        &self,
        look: &mut dyn FnMut(&dyn ReadView) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;

    /// Makes all `changes` true at once, and durable, if the tenant is still at revision `seen`.
    ///
    /// `seen` is zero for the commit that creates the tenant. A commit makes the revision right after `seen`, whatever
    /// the revision in [`Change::Tenant`] says.
    ///
    /// # Errors
    ///
    /// [`StoreError::Stale`] when somebody else has committed since, [`StoreError::TooLarge`] for more than
    /// [`MAX_CHANGES`] changes, or a failure of the storage. In each case nothing has changed.
    fn commit(&self, seen: Revision, changes: &[Change]) -> Result<(), StoreError>;

    /// Writes the whole tenant, as it is now, into a new file that only its owner may read. Whatever the backend, it is
    /// an SQLite file.
    ///
    /// # Errors
    ///
    /// When the file is there already or cannot be written, or the storage fails.
    fn save(&self, file: &Path) -> Result<(), StoreError>;

    /// Makes the tenant what a [saved](Self::save) file holds, all at once, if it is still at revision `seen`.
    ///
    /// It is at a revision then that neither of the two has had. Its uid stays, except in an empty store, and so does the end
    /// of every token that was ended, and the key that its tokens are signed with, unless its [`Sessions`] are to end. A file
    /// of an older version is brought to this one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Stale`] when somebody else has committed since, or a failure of the storage or the file. In each
    /// case nothing has changed.
    fn load(&self, seen: Revision, file: &Path, sessions: Sessions) -> Result<(), StoreError>;

    /// Puts everything where whoever opens the tenant next looks for it. Nothing is committed afterwards.
    fn close(&self) {}
}

/// What becomes of the sessions of a tenant that is replaced as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// The key that tokens are signed with stays, except in an empty store.
    GoOn,
    /// The key is that of the file: what was signed with another is worth nothing any more.
    End,
}

/// One consistent state of a tenant.
pub trait ReadView {
    /// The tenant; none in an empty store.
    fn tenant(&self) -> Result<Option<Tenant>, StoreError>;

    /// One organization.
    fn org(&self, key: &OrgLookup) -> Result<Option<OrgRecord>, StoreError>;

    /// The child of `parent` that has exactly this name.
    fn child_named(&self, parent: OrgId, name: &str) -> Result<Option<OrgRecord>, StoreError>;

    /// The organizations from the top one down to the one at `path`, in this order; those of them that exist.
    fn way_down(&self, path: &OrgPath) -> Result<Vec<OrgRecord>, StoreError>;

    /// How many organizations the tenant has.
    fn count_orgs(&self) -> Result<u64, StoreError>;

    /// Shows `see` organizations in the order of listings: the top one, then by number.
    fn each_listed_org(&self, window: Window, see: See<'_, OrgRecord>) -> Result<(), StoreError>;

    /// The same as a list.
    fn org_page(&self, window: Window) -> Result<Vec<OrgRecord>, StoreError> {
        all(|see| self.each_listed_org(window, see))
    }

    /// Shows `see` the organizations at and below `under`, in the order of their paths.
    fn each_org(&self, under: &OrgPath, see: See<'_, OrgRecord>) -> Result<(), StoreError>;

    /// The same as a list.
    fn subtree(&self, under: &OrgPath) -> Result<Vec<OrgRecord>, StoreError> {
        all(|see| self.each_org(under, see))
    }

    /// The deactivations of the organizations on the way down to `path` and below it, oldest first.
    fn deactivations(&self, path: &OrgPath) -> Result<Vec<Deactivation>, StoreError>;

    /// The history of how long archives stay in cold storage, of the organizations on the way down to `path` and below
    /// it, oldest first.
    fn hold_days(&self, path: &OrgPath) -> Result<Vec<HoldDays>, StoreError>;

    /// What the organizations on the way down to `path` have of their own settings, the top one first; those of them
    /// that have any.
    fn own_settings(&self, path: &OrgPath) -> Result<Vec<OwnSettings>, StoreError>;

    /// One user.
    fn user(&self, key: &UserLookup) -> Result<Option<User>, StoreError>;

    /// How many users the organizations at and below `under` have.
    fn count_users(&self, under: &OrgPath) -> Result<u64, StoreError>;

    /// Shows `see` the users of the organizations at and below `under`, by number; all of them without a window.
    fn each_user(
        &self,
        under: &OrgPath,
        window: Option<Window>,
        see: See<'_, User>,
    ) -> Result<(), StoreError>;

    /// The same as a list.
    fn users(&self, under: &OrgPath, window: Option<Window>) -> Result<Vec<User>, StoreError> {
        all(|see| self.each_user(under, window, see))
    }

    /// One device.
    fn device(&self, key: &DeviceLookup) -> Result<Option<Device>, StoreError>;

    /// The devices of one user, by number.
    fn devices_of(&self, user_id: u32) -> Result<Vec<Device>, StoreError>;

    /// How many devices the users at and below `under` have.
    fn count_devices(&self, under: &OrgPath) -> Result<u64, StoreError>;

    /// Shows `see` the devices of the users at and below `under`, each with its user, by number; all of them without a
    /// window.
    fn each_device(
        &self,
        under: &OrgPath,
        window: Option<Window>,
        see: See<'_, (Device, User)>,
    ) -> Result<(), StoreError>;

    /// The same as a list.
    fn devices(
        &self,
        under: &OrgPath,
        window: Option<Window>,
    ) -> Result<Vec<(Device, User)>, StoreError> {
        all(|see| self.each_device(under, window, see))
    }

    /// The archives of one device, by guid.
    fn archives_of(&self, device_id: u32) -> Result<Vec<Archive>, StoreError>;

    /// Shows `see` the archives of the devices at and below `under`, each with its device and user, by archive guid.
    fn each_archive(
        &self,
        under: &OrgPath,
        see: See<'_, (Archive, Device, User)>,
    ) -> Result<(), StoreError>;

    /// The same as a list.
    fn archives(&self, under: &OrgPath) -> Result<Vec<(Archive, Device, User)>, StoreError> {
        all(|see| self.each_archive(under, see))
    }

    /// Shows `see` what the agents of the devices of one organization last reported about a property, by device number,
    /// each with its device and user.
    fn each_agent_state(
        &self,
        org_id: OrgId,
        name: &str,
        see: See<'_, (AgentStateRow, Device, User)>,
    ) -> Result<(), StoreError>;

    /// The same as a list.
    fn agent_states(
        &self,
        org_id: OrgId,
        name: &str,
    ) -> Result<Vec<(AgentStateRow, Device, User)>, StoreError> {
        all(|see| self.each_agent_state(org_id, name, see))
    }

    /// What one device's agent last reported about a property.
    fn agent_state(
        &self,
        device_guid: &str,
        name: &str,
    ) -> Result<Option<AgentStateRow>, StoreError>;

    /// One API client.
    fn api_client(&self, client_id: &str) -> Result<Option<ApiClient>, StoreError>;

    /// All API clients, oldest first.
    fn api_clients(&self) -> Result<Vec<ApiClient>, StoreError>;

    /// A token that was ended, by its digest.
    fn ended_token(&self, digest: &[u8]) -> Result<Option<EndedToken>, StoreError>;

    /// The ended tokens that would have ended by themselves at `time` or before, the first ones first; at most `limit`.
    fn ended_tokens_until(
        &self,
        time: Timestamp,
        limit: u64,
    ) -> Result<Vec<EndedToken>, StoreError>;
}

/// Sees one row after the other, none of which has to stay in memory; ends the reading by failing.
pub type See<'a, T> = &'a mut dyn FnMut(T) -> Result<(), StoreError>;

/// Everything that is shown, as a list.
fn all<T>(show: impl FnOnce(See<'_, T>) -> Result<(), StoreError>) -> Result<Vec<T>, StoreError> {
    let mut all = Vec::new();
    show(&mut |row| {
        all.push(row);
        Ok(())
    })?;
    Ok(all)
}

/// By what an organization is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrgLookup {
    /// The one without a parent.
    Top,
    /// By `orgId`.
    Id(OrgId),
    /// By `orgUid`.
    Uid(OrgUid),
    /// By `orgGuid`.
    Guid(OrgGuid),
    /// By registration key.
    RegistrationKey(RegistrationKey),
}

/// By what a user is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserLookup {
    /// By `userId`.
    Id(u32),
    /// By `userUid`.
    Uid(String),
    /// By `username`, whatever the case of its letters.
    Username(String),
}

/// By what a device is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceLookup {
    /// By `computerId`.
    Id(u32),
    /// By `guid`.
    Guid(String),
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many to pass over.
    pub offset: u64,
    /// How many to take at most.
    pub limit: u64,
}

/// Why a store could not do what it was asked.
#[derive(Debug)]
pub enum StoreError {
    /// Somebody else has committed since the snapshot was taken.
    Stale,
    /// More changes than one commit may have.
    TooLarge(usize),
    /// The database could not be written, perhaps for want of room. Nothing has changed.
    NoRoom(Box<dyn std::error::Error + Send + Sync>),
    /// The database failed, or holds something that cannot be.
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// A failure of the database.
    pub fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failed(error.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stale => f.write_str("the tenant has changed meanwhile"),
            Self::TooLarge(rows) => write!(
                f,
                "{rows} changes are more than the {MAX_CHANGES} that one commit may have"
            ),
            Self::NoRoom(error) => write!(
                f,
                "the tenant's database could not be written, so nothing was changed: {error}"
            ),
            Self::Failed(error) => write!(f, "the tenant's database failed: {error}"),
        }
    }
}

impl std::error::Error for StoreError {}

/// A username the way it is compared: the case of its letters does not count.
#[must_use]
pub fn username_key(username: &str) -> String {
    username.to_lowercase()
}

impl dyn Store {
    /// Reads with a closure that returns something.
    ///
    /// # Errors
    ///
    /// See [`read`](Store::read).
    pub fn look<T, E: From<StoreError>>(
        &self,
        mut look: impl FnMut(&dyn ReadView) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut seen = None;
        self.read(&mut |snapshot| {
            seen = Some(look(snapshot));
            Ok(())
        })?;
        seen.unwrap_or_else(|| Err(StoreError::failed("the store showed no snapshot").into()))
    }
}
