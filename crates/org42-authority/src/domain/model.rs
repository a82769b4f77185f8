//! What a tenant consists of, as stored.

use std::fmt;

use org42_types::{OrgGuid, OrgId, OrgUid, RegistrationKey, Timestamp};

use super::roles::ADMINISTRATOR;
use super::settings::{Destination, OwnSettings};

/// A point in a tenant's history: every commit makes the next one.
///
/// Zero is before everything, so a mark of zero never counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

impl Revision {
    /// The revision that the next commit makes.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// When a change happens: the revision it makes and the time of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The revision that the change makes.
    pub revision: Revision,
    /// The time.
    pub now: Timestamp,
}

impl Stamp {
    /// The mark that a change leaves.
    #[must_use]
    pub fn mark(self) -> Mark {
        Mark {
            revision: self.revision,
            at: self.now,
        }
    }
}

/// A mark that a change has left on an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// The revision that the change made.
    pub revision: Revision,
    /// The time of the change.
    pub at: Timestamp,
}

/// The way from the top organization down to one: six letters or digits a level, in byte order of creation.
///
/// An organization's subtree is exactly the paths that start with its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(String);

impl Path {
    /// How many levels a tenant may have. Keeps a path below one kilobyte, the longest key that some databases take.
    pub const MAX_DEPTH: usize = 100;
    const WIDTH: usize = 6;
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// The path of an organization below this one.
    #[must_use]
    pub fn child(&self, id: OrgId) -> Self {
        let mut path = self.0.clone();
        let mut place = 62_u64.pow(Self::WIDTH as u32 - 1);
        let mut rest = u64::from(id.get());
        for _ in 0..Self::WIDTH {
            path.push(char::from(Self::DIGITS[(rest / place) as usize % 62]));
            rest %= place;
            place = (place / 62).max(1);
        }
        Self(path)
    }

    /// Takes a stored path as it is.
    #[must_use]
    pub fn from_stored(path: String) -> Self {
        Self(path)
    }

    /// The path as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many levels down this is; the top organization is at 1.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.0.len() / Self::WIDTH
    }

    /// Whether this is `other` or below it.
    #[must_use]
    pub fn is_at_or_below(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The paths from the top organization's down to this one.
    pub fn way_down(&self) -> impl Iterator<Item = &str> {
        (1..=self.depth()).map(|level| &self.0[..level * Self::WIDTH])
    }

    /// A text that sorts right behind every path at or below this one.
    #[must_use]
    pub fn end(&self) -> String {
        format!("{}~", self.0)
    }
}

/// The tenant itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Tenant {
    /// The last commit.
    pub revision: Revision,
    /// `tenantUid`, a UUID.
    pub uid: String,
    /// The number that the next organization, user or device gets.
    pub next_id: u32,
    /// Where the tenant's devices can back up to.
    pub destinations: Vec<Destination>,
    /// With this the tenant's tokens are signed.
    pub signing_key: Vec<u8>,
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant")
            .field("uid", &self.uid)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

/// An organization and the marks on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgRecord {
    /// `orgId`.
    pub id: OrgId,
    /// `orgUid`.
    pub uid: OrgUid,
    /// `orgGuid`.
    pub guid: OrgGuid,
    /// None for the top organization.
    pub parent_id: Option<OrgId>,
    /// The way down to it.
    pub path: Path,
    /// The name, unique among the children of its parent.
    pub name: String,
    /// The name it had when deactivation renamed it.
    pub former_name: Option<String>,
    /// `orgExtRef`.
    pub ext_ref: Option<String>,
    /// `notes`.
    pub notes: Option<String>,
    /// `registrationKey`.
    pub registration_key: RegistrationKey,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed by a request about itself.
    pub modified_at: Timestamp,
    /// The last block put on this organization itself.
    pub blocked_at: Revision,
    /// The last unblock asked for this organization itself.
    pub unblocked_at: Revision,
    /// The deactivation of this organization itself, while it lasts.
    pub deactivated: Option<Mark>,
    /// The last deactivation of this organization itself, also when it is over.
    pub last_deactivation: Revision,
    /// Deactivations that are over for this organization but were left in force below it, the oldest first.
    pub left_inactive: Vec<Mark>,
    /// When this organization was created or last made active by a request about itself.
    pub activated_at: Revision,
    /// When what an older deactivation left inactive below this organization was last made active with it.
    pub revived_at: Revision,
}

/// A deactivation of an organization, kept when it is over: it dates when archives went to cold storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deactivation {
    /// The organization that the request named.
    pub org_id: OrgId,
    /// When.
    pub mark: Mark,
}

/// How many days archives stay in cold storage, from one revision on. Kept for ever, since the purge date of an archive
/// is fixed when it goes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldDays {
    /// The organization.
    pub org_id: OrgId,
    /// From when on.
    pub since: Revision,
    /// The days; none where the organization goes by its parent's.
    pub days: Option<u32>,
}

/// A user.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// `userId`.
    pub id: u32,
    /// `userUid`, a decimal text.
    pub uid: String,
    /// The name to log in with, unique in the tenant.
    pub username: String,
    /// `email`.
    pub email: Option<String>,
    /// `firstName`.
    pub first_name: Option<String>,
    /// `lastName`.
    pub last_name: Option<String>,
    /// `userExtRef`.
    pub ext_ref: Option<String>,
    /// `notes`.
    pub notes: Option<String>,
    /// The organization that the user belongs to.
    pub org_id: OrgId,
    /// The [roles](super::roles) of the user, by id. Without any one may read oneself and one's organization.
    pub roles: Vec<String>,
    /// Argon2id in PHC form. Without it nobody logs in as this user.
    pub password_hash: Option<String>,
    /// One-time codes, where they are switched on.
    pub totp: Option<Totp>,
    /// When the user was created.
    pub created_at: Timestamp,
    /// When the user was last changed.
    pub modified_at: Timestamp,
    /// Whether the user is blocked apart from any organization.
    pub blocked: bool,
    /// Whether the user is deactivated apart from any organization.
    pub deactivated: bool,
    /// Blocks of organizations up to this revision do not count any more.
    pub unblocked_at: Revision,
    /// Deactivations left in force up to this revision do not count any more.
    pub activated_at: Revision,
    /// Sessions from before this revision are over.
    pub sessions_end: Revision,
}

impl User {
    /// Whether the user may do everything.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role == ADMINISTRATOR)
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// One-time codes of a user.
#[derive(Clone, PartialEq, Eq)]
pub struct Totp {
    /// The shared secret.
    pub secret: Vec<u8>,
    /// The time step of the last code that was accepted: none up to it counts again.
    pub last_step: u64,
}

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Totp([redacted])")
    }
}

/// A device, with its one backup plan.
#[derive(Clone, PartialEq, Eq)]
pub struct Device {
    /// `computerId`.
    pub id: u32,
    /// `guid`, a decimal text.
    pub guid: String,
    /// Whose it is.
    pub user_id: u32,
    /// `name`.
    pub name: String,
    /// `osName`, such as `mac`, `win` or `linux`.
    pub os_name: String,
    /// SHA-256 of the secret that its agent shows.
    pub secret_hash: Vec<u8>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// When its agent was last heard of.
    pub last_connected: Option<Timestamp>,
    /// When its agent last logged in.
    pub login_date: Option<Timestamp>,
    /// Whether it is blocked apart from its user.
    pub blocked: bool,
    /// Whether it is deactivated apart from its user.
    pub deactivated: bool,
    /// Its backup plan.
    pub plan: BackupPlan,
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device")
            .field("id", &self.id)
            .field("guid", &self.guid)
            .finish_non_exhaustive()
    }
}

/// A device's backup plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupPlan {
    /// `planUid`, a decimal text.
    pub uid: String,
    /// When it was last started. A deactivation above the device since then has stopped it.
    pub started_at: Revision,
    /// Whether it was stopped apart from any organization.
    pub stopped: bool,
}

/// What a device has backed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// `archiveGuid`, a decimal text.
    pub guid: String,
    /// Whose archive it is.
    pub device_id: u32,
    /// Its size in bytes.
    pub bytes: u64,
    /// The last backup that was completed.
    pub last_backup: Timestamp,
    /// Its stay in cold storage, where a deactivation of an organization is not the reason.
    pub cold: Option<Cold>,
    /// When it was last out of cold storage for certain. A deactivation above the device since then put it there.
    pub warm_at: Revision,
}

/// A stay in cold storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cold {
    /// Since when.
    pub since: Timestamp,
    /// For how many days, then it is purged.
    pub hold_days: u32,
}

impl Cold {
    /// When the archive is purged.
    #[must_use]
    pub fn purge_at(self) -> Timestamp {
        self.since.plus_days(self.hold_days)
    }
}

/// What a device's agent last reported about one property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentStateRow {
    /// The device.
    pub device_guid: String,
    /// The property.
    pub name: String,
    /// The value, always a text.
    pub value: String,
}

/// A program that may use the API, with the rights of the administrator.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiClient {
    /// The id, which is public.
    pub client_id: String,
    /// SHA-256 of its secret.
    pub secret_hash: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it may no longer log in.
    pub revoked: bool,
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// A token that was ended before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedToken {
    /// SHA-256 of what is signed in it, which is the same however the token is written.
    pub digest: Vec<u8>,
    /// When it would have ended by itself.
    pub expires: Timestamp,
}

/// One row to be written. Every change of a tenant is a few of these, committed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowChange {
    /// Creates the tenant; only ever the first change of all.
    Tenant(Tenant),
    /// The number that the next organization, user or device gets.
    NextId(u32),
    /// The key that tokens are signed with from now on: every session from before is over.
    SigningKey(Vec<u8>),
    /// Writes an organization.
    Org(OrgRecord),
    /// Adds a deactivation to the history.
    Deactivation(Deactivation),
    /// Adds to the history of how long archives stay in cold storage.
    HoldDays(HoldDays),
    /// Writes what an organization has of its own settings.
    Settings(OwnSettings),
    /// Writes a user.
    User(User),
    /// Writes a device.
    Device(Device),
    /// Writes an archive.
    Archive(Archive),
    /// Removes an archive that was purged.
    ArchiveGone(String),
    /// Writes what an agent reported.
    AgentState(AgentStateRow),
    /// Writes an API client.
    ApiClient(ApiClient),
    /// Ends a token.
    EndedToken(EndedToken),
    /// Forgets that a token was ended, by its digest.
    EndedTokenGone(Vec<u8>),
}

impl RowChange {
    /// The user that is written.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::User(user) => Some(user),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_starts_with_the_paths_above_it() {
        let top = Path::default().child(OrgId::from(1));
        let child = top.child(OrgId::from(62));
        assert_eq!((top.as_str(), child.as_str()), ("000001", "000001000010"));
        assert!(child.is_at_or_below(&top) && !top.is_at_or_below(&child));
        assert_eq!(
            child.way_down().collect::<Vec<_>>(),
            ["000001", "000001000010"]
        );
        assert_eq!(
            (
                child.depth(),
                child.end().as_str() > child.child(OrgId::from(u32::MAX)).as_str()
            ),
            (2, true)
        );
    }

    #[test]
    fn paths_sort_by_number() {
        let paths: Vec<_> = [0, 9, 10, 35, 61, 62, 3843, u32::MAX]
            .map(|id| Path::default().child(id.into()))
            .into();
        assert!(paths.is_sorted(), "{paths:?}");
    }
}
