//! The reasons for which a tenant refuses something.

use std::error::Error;
use std::sync::Arc;

/// A reason for which a tenant refuses a request, or the failure of its storage.
#[derive(Debug)]
#[non_exhaustive]
pub enum TenantRefusal {
    /// There is no such organization.
    OrgNotFound,
    /// There is no such user.
    UserNotFound,
    /// There is no such device.
    DeviceNotFound,
    /// There is no such API client.
    ApiClientNotFound,
    /// A name is required.
    OrgNameMissing,
    /// A name has at least 3 characters.
    OrgNameTooShort,
    /// A name has at most 220 characters.
    OrgNameTooLong,
    /// A sibling has that name already.
    OrgDuplicate,
    /// The organization, or one above it, is blocked.
    ParentOrgBlocked,
    /// The organization, or one above it, is deactivated.
    ParentOrgNotActive,
    /// The tree would get deeper than [`Path::MAX_DEPTH`](super::Path::MAX_DEPTH).
    TreeTooDeep,
    /// The caller would lock itself, or everybody, out.
    OwnTenant,
    /// A user needs a username.
    UsernameMissing,
    /// A user of that name exists, perhaps a deactivated one.
    UserDuplicate,
    /// The text is not a mail address.
    EmailInvalid,
    /// A password has at least 8 characters.
    PasswordTooShort,
    /// The device's user is blocked.
    UserIsBlocked,
    /// The device's user is deactivated.
    UserIsDeactivated,
    /// The user has as many devices as one user may have.
    TooManyDevices,
    /// The name, password, secret, code or key is wrong. The answer does not say which.
    BadCredentials,
    /// The device is blocked.
    DeviceBlocked,
    /// The device is deactivated.
    DeviceDeactivated,
    /// The device's plan was stopped by a deactivation and has not been started again since.
    BackupStopped,
    /// The setting of this key is locked by an organization above.
    SettingLocked(String),
    /// A field has a value that is not allowed; the text says which and why.
    Invalid(String),
    /// There is no snapshot of this name.
    SnapshotNotFound(String),
    /// There is a snapshot of this name already.
    SnapshotExists(String),
    /// The idempotency key was used for something else.
    KeyReused,
    /// A change with this idempotency key is being carried out.
    KeyRunning,
    /// A change with this idempotency key was carried out, and its answer was not kept.
    AnswerNotKept,
    /// The caller may not do this.
    Forbidden,
    /// Too many requests of the same kind wait already. The number is the seconds after which trying again makes
    /// sense; nothing was done.
    Busy(u64),
    /// The storage has no room, so nothing was changed.
    NoRoom(Arc<dyn Error + Send + Sync>),
    /// The storage failed.
    Failed(Arc<dyn Error + Send + Sync>),
}
