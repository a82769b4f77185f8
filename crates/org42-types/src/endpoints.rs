//! The routes, one constant each: the SDK builds its URLs from them, the authority registers its handlers by them.

/// The HTTP methods that the API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads; may be repeated.
    Get,
    /// Changes something.
    Post,
    /// Changes something.
    Put,
    /// Changes something.
    Delete,
}

impl Method {
    /// The method's name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a request with this method changes nothing on the server, so that it may be sent again.
    #[must_use]
    pub fn is_read(self) -> bool {
        self == Self::Get
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A method and a route; `{name}` stands for one path segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path from the host's root, such as `/api/v3/orgs/{orgGuid}`.
    pub route: &'static str,
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.route)
    }
}

macro_rules! endpoints {
    ($($(#[$doc:meta])* $name:ident = $method:ident $route:literal;)*) => {
        $($(#[$doc])* pub const $name: Endpoint = Endpoint { method: Method::$method, route: $route };)*

        /// Every route of this module, in this order.
        pub const ALL: &[Endpoint] = &[$($name),*];
    };
}

endpoints! {
    /// A token for a person, from name and password (Basic) and perhaps a one-time code (header `totp-auth`).
    AUTH_JWT = Get "/api/v3/auth/jwt";
    /// A token for a person, as older clients want it: two texts, sent as `TOKEN a-b`.
    AUTH_TOKEN_CREATE = Post "/api/v1/AuthToken";
    /// Whether such a token is good, and whose it is.
    AUTH_TOKEN_GET = Get "/api/v1/AuthToken/{token}";
    /// Gives such a token back.
    AUTH_TOKEN_REVOKE = Delete "/api/v1/AuthToken/{token}";
    /// A token for an API client, from id and secret (Basic).
    OAUTH_TOKEN = Post "/api/v3/oauth/token";
    /// How a person logs in: `LOCAL`, `LOCAL_2FA` or `CLOUD_SSO`. Needs no token.
    LOGIN_CONFIGURATION = Get "/api/v3/LoginConfiguration";
    /// The tenant.
    CUSTOMER_MY = Get "/api/v3/customer/my";

    /// A page of organizations.
    ORG_LIST = Get "/api/v1/Org";
    /// The organization of the signed-in person.
    ORG_MY = Get "/api/v1/Org/my";
    /// One organization by number, or by uid with `idType=orgUid`.
    ORG_GET = Get "/api/v1/Org/{orgId}";
    /// Creates an organization; the older form.
    ORG_CREATE = Post "/api/v1/Org";
    /// Changes an organization; the older form.
    ORG_UPDATE = Put "/api/v1/Org/{orgId}";
    /// Blocks an organization; the older form.
    ORG_BLOCK = Put "/api/v1/OrgBlock/{orgId}";
    /// Unblocks an organization; the older form.
    ORG_UNBLOCK = Delete "/api/v1/OrgBlock/{orgId}";
    /// Deactivates an organization; the older form.
    ORG_DEACTIVATE = Put "/api/v1/OrgDeactivation/{orgId}";
    /// Reactivates an organization; the older form.
    ORG_REACTIVATE = Delete "/api/v1/OrgDeactivation/{orgId}";
    /// The settings of an organization that are kept by key, each with who provides it.
    ORG_SETTING_GET = Get "/api/v1/OrgSetting/{orgId}";
    /// Changes settings that are kept by key; what the body does not mention stays.
    ORG_SETTING_PUT = Put "/api/v1/OrgSetting/{orgId}";

    /// The first organizations, at most 100, without pages.
    ORGS_LIST = Get "/api/v3/orgs";
    /// Creates an organization.
    ORGS_CREATE = Post "/api/v3/orgs";
    /// One organization by guid.
    ORGS_GET = Get "/api/v3/orgs/{orgGuid}";
    /// Changes an organization.
    ORGS_UPDATE = Put "/api/v3/orgs/{orgGuid}";
    /// Blocks an organization and what is below it.
    ORGS_BLOCK = Post "/api/v3/orgs/{orgGuid}/block";
    /// Unblocks an organization and the organizations below it.
    ORGS_UNBLOCK = Post "/api/v3/orgs/{orgGuid}/unblock";
    /// Deactivates an organization and what is below it.
    ORGS_DEACTIVATE = Post "/api/v3/orgs/{orgGuid}/deactivate";
    /// Reactivates an organization.
    ORGS_ACTIVATE = Post "/api/v3/orgs/{orgGuid}/activate";

    /// A token for an API client, of the gateway.
    GATEWAY_OAUTH = Post "/v1/oauth";
    /// The tenant, of the gateway.
    GATEWAY_CUSTOMER = Get "/v1/customer";
    /// All organizations without pages, of the gateway.
    GATEWAY_ORGS_LIST = Get "/v1/orgs";
    /// Creates an organization, of the gateway.
    GATEWAY_ORGS_CREATE = Post "/v1/orgs";
    /// One organization, of the gateway.
    GATEWAY_ORGS_GET = Get "/v1/orgs/{orgGuid}";
    /// Changes an organization, of the gateway.
    GATEWAY_ORGS_UPDATE = Put "/v1/orgs/{orgGuid}";
    /// Deactivates an organization, of the gateway.
    GATEWAY_ORGS_DEACTIVATE = Post "/v1/orgs/{orgGuid}/deactivate";
    /// Reactivates an organization, of the gateway.
    GATEWAY_ORGS_ACTIVATE = Post "/v1/orgs/{orgGuid}/activate";

    /// The state of the agents of an organization's devices, as Code42's console has it.
    AGENT_STATE_BY_ORG_V14 = Get "/api/v14/agent-state/view-by-organization-id";
    /// The state of the agents of an organization's devices, as CrashPlan's console has it.
    AGENT_STATE_BY_ORG_V38 = Get "/api/v38/agent-state/view-by-organization-id";
    /// The state of one device's agent, as Code42's console has it.
    AGENT_STATE_BY_DEVICE_V14 = Get "/api/v14/agent-state/view-by-device-guid";
    /// The state of one device's agent, as CrashPlan's console has it.
    AGENT_STATE_BY_DEVICE_V38 = Get "/api/v38/agent-state/view-by-device-guid";

    /// A page of users.
    USER_LIST = Get "/api/v1/User";
    /// The signed-in person.
    USER_MY = Get "/api/v1/User/my";
    /// One user by number, or by uid with `idType=uid`.
    USER_GET = Get "/api/v1/User/{userId}";
    /// Creates a user.
    USER_CREATE = Post "/api/v1/User";
    /// Changes a user; what the body does not mention stays.
    USER_UPDATE = Put "/api/v1/User/{userId}";
    /// Blocks a user; the older form.
    USER_BLOCK = Put "/api/v1/UserBlock/{userId}";
    /// Unblocks a user; the older form.
    USER_UNBLOCK = Delete "/api/v1/UserBlock/{userId}";
    /// Deactivates a user; the older form.
    USER_DEACTIVATE = Put "/api/v1/UserDeactivation/{userId}";
    /// Reactivates a user; the older form.
    USER_REACTIVATE = Delete "/api/v1/UserDeactivation/{userId}";
    /// Moves a user to another organization; the older form.
    USER_MOVE_PROCESS = Post "/api/v1/UserMoveProcess";
    /// Blocks a user.
    USERS_BLOCK = Post "/api/v3/users/{userUid}/block";
    /// Unblocks a user.
    USERS_UNBLOCK = Post "/api/v3/users/{userUid}/unblock";
    /// Deactivates a user and the user's devices.
    USERS_DEACTIVATE = Post "/api/v3/users/{userUid}/deactivate";
    /// Reactivates a user.
    USERS_ACTIVATE = Post "/api/v3/users/{userUid}/activate";
    /// Moves a user to another organization.
    USERS_MOVE = Post "/api/v3/users/{userUid}/move";
    /// Every role there is.
    ROLE_LIST = Get "/api/v1/role";
    /// The roles of a user.
    USERS_ROLES = Get "/api/v3/users/{userUid}/roles";
    /// Gives a user these roles in place of all others.
    USERS_ROLES_SET = Put "/api/v3/users/{userUid}/roles";

    /// A page of devices.
    COMPUTER_LIST = Get "/api/v1/Computer";
    /// One device by number, or by guid with `idType=guid`.
    COMPUTER_GET = Get "/api/v1/Computer/{computerId}";
    /// Blocks a device.
    COMPUTER_BLOCK = Put "/api/v1/ComputerBlock/{computerId}";
    /// Unblocks a device.
    COMPUTER_UNBLOCK = Delete "/api/v1/ComputerBlock/{computerId}";
    /// Deactivates a device, as Code42's console has it.
    COMPUTER_DEACTIVATE_V4 = Post "/api/v4/computer-deactivation/update";
    /// Reactivates a device, as Code42's console has it.
    COMPUTER_REACTIVATE_V4 = Post "/api/v4/computer-deactivation/remove";
    /// Deactivates a device, as CrashPlan's console has it.
    COMPUTER_DEACTIVATE_V38 = Post "/api/v38/computer-deactivation/update";
    /// Reactivates a device, as CrashPlan's console has it.
    COMPUTER_REACTIVATE_V38 = Post "/api/v38/computer-deactivation/remove";

    /// A page of archives.
    ARCHIVE_LIST = Get "/api/v1/Archive";
    /// A page of the archives in cold storage.
    COLD_STORAGE_LIST = Get "/api/v1/ColdStorage";
}

/// The routes that only an authority has: what devices' agents do, and the test bench. Only administrators use the bench.
pub mod authority {
    use super::{Endpoint, Method};

    endpoints! {
        /// Registers a device of a user, as its agent does.
        AGENT_REGISTER = Post "/_authority/agent/register";
        /// Logs a device in.
        AGENT_LOGIN = Post "/_authority/agent/login";
        /// Backs a device up.
        AGENT_BACKUP = Post "/_authority/agent/backup";
        /// Starts the backups of a device again, and recovers its archives.
        AGENT_START_BACKUP = Post "/_authority/agent/start-backup";
        /// Reports a property of a device.
        AGENT_STATE = Post "/_authority/agent/state";
        /// Switches one-time codes of a user on; tells the secret this once.
        TOTP_ON = Post "/_authority/totp/{userUid}";
        /// Switches one-time codes of a user off.
        TOTP_OFF = Delete "/_authority/totp/{userUid}";
        /// The API clients, without their secrets.
        API_CLIENTS = Get "/_authority/api-clients";
        /// Makes an API client; tells its secret this once.
        API_CLIENTS_CREATE = Post "/_authority/api-clients";
        /// Revokes an API client.
        API_CLIENTS_REVOKE = Delete "/_authority/api-clients/{clientId}";
        /// What the tenant is called, and how much is in it.
        TENANT = Get "/_authority/tenant";
        /// Adds a sample below the top organization.
        SEED = Post "/_authority/seed";
        /// Makes the tenant what a new one is; who administers it goes on signing in.
        RESET = Post "/_authority/reset";
        /// The snapshots.
        SNAPSHOTS = Get "/_authority/snapshots";
        /// Saves the tenant as it is under a name.
        SNAPSHOTS_SAVE = Post "/_authority/snapshots";
        /// What a restoration would bring back, and what it would not.
        SNAPSHOTS_PREVIEW = Get "/_authority/snapshots/{name}";
        /// Makes the tenant what it was then; who administers it goes on signing in, and every session ends.
        SNAPSHOTS_RESTORE = Post "/_authority/snapshots/{name}/restore";
        /// Deletes a snapshot.
        SNAPSHOTS_DELETE = Delete "/_authority/snapshots/{name}";
        /// The last requests, without secrets.
        REQUESTS = Get "/_authority/requests";
        /// Forgets them.
        REQUESTS_FORGET = Delete "/_authority/requests";
        /// The faults in force.
        FAULTS = Get "/_authority/faults";
        /// Adds a fault.
        FAULTS_ADD = Post "/_authority/faults";
        /// Takes all faults away.
        FAULTS_CLEAR = Delete "/_authority/faults";
        /// The switches for what is unknown about the real server.
        FIDELITY = Get "/_authority/fidelity";
        /// Sets some of them.
        FIDELITY_SET = Put "/_authority/fidelity";
        /// Sets all of them as they were at the start.
        FIDELITY_RESET = Delete "/_authority/fidelity";
        /// The time, and whether the clock runs.
        CLOCK = Get "/_authority/clock";
        /// Sets, advances or stops the clock, or lets it run on.
        CLOCK_TURN = Post "/_authority/clock";
        /// Shows the machine's time again.
        CLOCK_LET_GO = Delete "/_authority/clock";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_route_is_written_twice() {
        let distinct: HashSet<_> = ALL.iter().collect();
        assert_eq!(distinct.len(), ALL.len());
    }

    #[test]
    fn only_reads_use_get() {
        let verbs = [
            "/block",
            "/unblock",
            "/deactivate",
            "/activate",
            "/move",
            "/update",
            "/remove",
        ];
        for endpoint in ALL
            .iter()
            .filter(|e| verbs.iter().any(|verb| e.route.ends_with(verb)))
        {
            assert!(!endpoint.method.is_read(), "{endpoint}");
        }
    }
}
