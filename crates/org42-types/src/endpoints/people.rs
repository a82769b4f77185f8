//! The consoles of Code42 and CrashPlan: users, roles, devices and archives.

use super::access::Access::{Listed, Right, SignedIn};
use super::access::Right::{Administer, People, See};
use super::access::ScopeKind::{Device, Org, User};

super::endpoints! {
    /// Lists users, page by page.
    USER_LIST = Get "/api/v1/User", Freely, Listed;
    /// Shows the caller.
    USER_MY = Get "/api/v1/User/my", Freely, SignedIn;
    /// Shows a user, by number or by uid with `idType=uid`.
    USER_GET = Get "/api/v1/User/{userId}", Freely, Right(See, User);
    /// Creates a user in an organization.
    USER_CREATE = Post "/api/v1/User", ByKey, Right(People, Org);
    /// Changes a user; what the body does not mention stays.
    USER_UPDATE = Put "/api/v1/User/{userId}", WhenNotDone, Right(People, User);
    /// Blocks a user; the older form.
    USER_BLOCK = Put "/api/v1/UserBlock/{userId}", WhenNotDone, Right(People, User);
    /// Unblocks a user; the older form.
    USER_UNBLOCK = Delete "/api/v1/UserBlock/{userId}", WhenNotDone, Right(People, User);
    /// Deactivates a user and the user's devices; the older form.
    USER_DEACTIVATE = Put "/api/v1/UserDeactivation/{userId}", WhenNotDone, Right(People, User);
    /// Reactivates a user; the older form.
    USER_REACTIVATE = Delete "/api/v1/UserDeactivation/{userId}", WhenNotDone, Right(People, User);
    /// Moves a user to another organization, which takes the right there too; the older form.
    USER_MOVE_PROCESS = Post "/api/v1/UserMoveProcess", ByKey, Right(People, User);
    /// Blocks a user.
    USERS_BLOCK = Post "/api/v3/users/{userUid}/block", ByKey, Right(People, User);
    /// Unblocks a user.
    USERS_UNBLOCK = Post "/api/v3/users/{userUid}/unblock", ByKey, Right(People, User);
    /// Deactivates a user and the user's devices.
    USERS_DEACTIVATE = Post "/api/v3/users/{userUid}/deactivate", ByKey, Right(People, User);
    /// Reactivates a user.
    USERS_ACTIVATE = Post "/api/v3/users/{userUid}/activate", ByKey, Right(People, User);
    /// Moves a user to another organization, which takes the right there too.
    USERS_MOVE = Post "/api/v3/users/{userUid}/move", ByKey, Right(People, User);
    /// Lists every role there is.
    ROLE_LIST = Get "/api/v1/role", Freely, SignedIn;
    /// Lists the roles of a user.
    USERS_ROLES = Get "/api/v3/users/{userUid}/roles", Freely, Right(See, User);
    /// Assigns roles to a user in place of all others.
    USERS_ROLES_SET = Put "/api/v3/users/{userUid}/roles", WhenNotDone, Right(Administer, User);

    /// Lists devices, page by page.
    COMPUTER_LIST = Get "/api/v1/Computer", Freely, Listed;
    /// Shows a device, by number or by guid with `idType=guid`.
    COMPUTER_GET = Get "/api/v1/Computer/{computerId}", Freely, Right(See, Device);
    /// Blocks a device.
    COMPUTER_BLOCK = Put "/api/v1/ComputerBlock/{computerId}", WhenNotDone, Right(People, Device);
    /// Unblocks a device.
    COMPUTER_UNBLOCK = Delete "/api/v1/ComputerBlock/{computerId}", WhenNotDone, Right(People, Device);
    /// Deactivates a device, as Code42's console has it.
    COMPUTER_DEACTIVATE_V4 = Post "/api/v4/computer-deactivation/update", ByKey, Right(People, Device);
    /// Reactivates a device, as Code42's console has it.
    COMPUTER_REACTIVATE_V4 = Post "/api/v4/computer-deactivation/remove", ByKey, Right(People, Device);
    /// Deactivates a device, as CrashPlan's console has it.
    COMPUTER_DEACTIVATE_V38 = Post "/api/v38/computer-deactivation/update", ByKey, Right(People, Device);
    /// Reactivates a device, as CrashPlan's console has it.
    COMPUTER_REACTIVATE_V38 = Post "/api/v38/computer-deactivation/remove", ByKey, Right(People, Device);

    /// Lists archives, page by page.
    ARCHIVE_LIST = Get "/api/v1/Archive", Freely, Listed;
    /// Lists the archives in cold storage, page by page.
    COLD_STORAGE_LIST = Get "/api/v1/ColdStorage", Freely, Listed;
}
