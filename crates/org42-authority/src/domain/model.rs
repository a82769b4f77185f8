//! What a tenant consists of, as it is stored: the tenant itself, organizations, users, devices, archives, API
//! clients, and [`RowChange`], one row to be written.

use std::fmt;

use org42_types::{OrgGuid, OrgId, OrgUid, RegistrationKey, Timestamp};

use super::callers::{ApiClient, EndedToken, KeyedAnswer};
use super::roles::ADMINISTRATOR;
use super::settings::{Destination, OwnSettings};

/// A point in a tenant's history: every commit makes the next one.
///
/// Zero is before everything, so a mark of zero never counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

impl Revision {
    /// Returns the revision that the next commit makes.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// The moment of a change: the revision that it makes and the time of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The new revision.
    pub revision: Revision,
    /// The time.
    pub now: Timestamp,
}

impl Stamp {
    /// Returns the time of a modification: another one than that of the modification `before`, even within the same
    /// millisecond, so that clients see that there was one.
    #[must_use]
    pub fn after(self, before: Timestamp) -> Timestamp {
        let next = || Timestamp::from_millis(before.as_millis() + 1);
        match self.now == before {
            true => next().unwrap_or(self.now),
            false => self.now,
        }
    }

    /// Returns the mark that a change at this time leaves.
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

    /// Returns the path of an organization below this one.
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

    /// Returns the path as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns how many levels down this is; the top organization is at 1.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.0.len() / Self::WIDTH
    }

    /// Returns whether this is `other` or below it.
    #[must_use]
    pub fn is_at_or_below(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Returns the paths from the top organization's down to this one.
    pub fn way_down(&self) -> impl Iterator<Item = &str> {
        (1..=self.depth()).map(|level| &self.0[..level * Self::WIDTH])
    }

    /// Returns a text that sorts right behind every path at or below this one.
    #[must_use]
    pub fn end(&self) -> String {
        format!("{}~", self.0)
    }
}

/// The tenant itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Tenant {
    /// The revision of the last commit.
    pub revision: Revision,
    /// `tenantUid`, a UUID.
    pub uid: String,
    /// The number that the next organization, user or device gets.
    pub next_id: u32,
    /// The destinations that the tenant's devices can back up to.
    pub destinations: Vec<Destination>,
    /// The key that the tenant's tokens are signed with.
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
    /// The parent; `None` for the top organization.
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
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The time of the last change by a request about the organization itself.
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
    /// The revision that created this organization, or last made it active by a request about itself.
    pub activated_at: Revision,
    /// The revision that last made active what an older deactivation had left inactive below this organization.
    pub revived_at: Revision,
}

/// A deactivation of an organization, kept when it is over: it dates when archives went to cold storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deactivation {
    /// The organization that the request named.
    pub org_id: OrgId,
    /// The revision and time of the deactivation.
    pub mark: Mark,
}

/// How many days archives stay in cold storage, from one revision on. Kept for ever, since the purge date of an archive
/// is fixed when it goes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldDays {
    /// The organization.
    pub org_id: OrgId,
    /// The revision from which they count.
    pub since: Revision,
    /// The days; `None` where the organization inherits its parent's.
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
    /// The [roles](super::roles) of the user, by id. A user without roles may read their own record and organization.
    pub roles: Vec<String>,
    /// The password's hash, Argon2id in PHC form. Without one, the user cannot log in with a password.
    pub password_hash: Option<String>,
    /// The one-time codes, if they are switched on.
    pub totp: Option<Totp>,
    /// The time of the user's creation.
    pub created_at: Timestamp,
    /// The time of the user's last change.
    pub modified_at: Timestamp,
    /// Whether the user is blocked apart from any organization.
    pub blocked: bool,
    /// Whether the user is deactivated apart from any organization.
    pub deactivated: bool,
    /// The revision up to which blocks of organizations do not count any more.
    pub unblocked_at: Revision,
    /// The revision up to which deactivations that were left in force do not count any more.
    pub activated_at: Revision,
    /// The revision before which sessions are over.
    pub sessions_end: Revision,
}

impl User {
    /// Returns whether the user has the role of the administrator, and so may do everything.
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

/// The state of a user's one-time codes.
#[derive(Clone, PartialEq, Eq)]
pub struct Totp {
    /// The shared secret.
    pub secret: Vec<u8>,
    /// The time step of the last code that was accepted; it and older ones are refused.
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
    /// The user who owns it.
    pub user_id: u32,
    /// `name`.
    pub name: String,
    /// `osName`, such as `mac`, `win` or `linux`.
    pub os_name: String,
    /// The SHA-256 of the secret that its agent sends.
    pub secret_hash: Vec<u8>,
    /// The time of its registration.
    pub created_at: Timestamp,
    /// The time of its last change.
    pub modified_at: Timestamp,
    /// The time at which its agent last got in touch.
    pub last_connected: Option<Timestamp>,
    /// The time at which its agent last logged in.
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
    /// The revision that last started it. A deactivation above the device since then has stopped it.
    pub started_at: Revision,
    /// Whether it was stopped apart from any organization.
    pub stopped: bool,
}

/// The backup of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// `archiveGuid`, a decimal text.
    pub guid: String,
    /// The device that it belongs to.
    pub device_id: u32,
    /// Its size in bytes.
    pub bytes: u64,
    /// The time of the last completed backup.
    pub last_backup: Timestamp,
    /// Its stay in cold storage, unless a deactivation of an organization is the reason.
    pub cold: Option<Cold>,
    /// The last revision at which it was out of cold storage for certain. A deactivation above the device since then
    /// put it there.
    pub warm_at: Revision,
}

/// A stay in cold storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cold {
    /// The time at which it began.
    pub since: Timestamp,
    /// The number of days until the archive is purged.
    pub hold_days: u32,
}

impl Cold {
    /// Returns the time at which the archive is purged.
    #[must_use]
    pub fn purge_at(self) -> Timestamp {
        self.since.plus_days(self.hold_days)
    }
}

/// The value of a property that a device's agent last reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentStateRow {
    /// The device.
    pub device_guid: String,
    /// The property.
    pub name: String,
    /// The value, always a text.
    pub value: String,
}

/// One row to be written or removed. Every change of a tenant is a few of these, committed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowChange {
    /// Creates the tenant; always the first change of all.
    Tenant(Tenant),
    /// Sets the number that the next organization, user or device gets.
    NextId(u32),
    /// Sets the key that tokens are signed with; every older session is over.
    SigningKey(Vec<u8>),
    /// Writes an organization.
    Org(OrgRecord),
    /// Adds a deactivation to the history.
    Deactivation(Deactivation),
    /// Adds to the history of how long archives stay in cold storage.
    HoldDays(HoldDays),
    /// Writes the settings that an organization has of its own.
    Settings(OwnSettings),
    /// Writes a user.
    User(User),
    /// Writes a device.
    Device(Device),
    /// Writes an archive.
    Archive(Archive),
    /// Removes an archive that was purged.
    ArchiveGone(String),
    /// Writes a property that an agent reported.
    AgentState(AgentStateRow),
    /// Writes an API client.
    ApiClient(ApiClient),
    /// Ends a token.
    EndedToken(EndedToken),
    /// Removes the record of an ended token, by its digest.
    EndedTokenGone(Vec<u8>),
    /// Keeps the answer to a change that was asked for with an idempotency key.
    KeyedAnswer(KeyedAnswer),
    /// Forgets such an answer, by its digest.
    KeyedAnswerGone(Vec<u8>),
}

impl RowChange {
    /// Returns the user that is written, if this writes one.
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
