//! The consoles of Code42 and CrashPlan: signing in, the tenant, organizations, and the states of agents.

use super::access::Access::Credentials;
use super::access::Access::{Anyone, Listed, Right, SignedIn};
use super::access::Credentials::{ClientSecret, Password, Token};
use super::access::Right::{Change, Create, Deactivate, See, Settings};
use super::access::ScopeKind::{Device, Inside, Org};

super::endpoints! {
    /// Signs a user in, with name and password (Basic) and perhaps a one-time code (header `totp-auth`).
    AUTH_JWT = Get "/api/v3/auth/jwt", Freely, Credentials(Password);
    /// Signs a user in as older clients do: the token is two texts, sent as `TOKEN a-b`.
    AUTH_TOKEN_CREATE = Post "/api/v1/AuthToken", WhenNotDone, Credentials(Password);
    /// Checks whether an older client's token is good, and whose it is.
    AUTH_TOKEN_GET = Get "/api/v1/AuthToken/{token}", Freely, Credentials(Token);
    /// Ends an older client's token.
    AUTH_TOKEN_REVOKE = Delete "/api/v1/AuthToken/{token}", WhenNotDone, Credentials(Token);
    /// Signs an API client in, with id and secret (Basic).
    OAUTH_TOKEN = Post "/api/v3/oauth/token", Freely, Credentials(ClientSecret);
    /// Shows how a user signs in: `LOCAL`, `LOCAL_2FA` or `CLOUD_SSO`.
    LOGIN_CONFIGURATION = Get "/api/v3/LoginConfiguration", Freely, Anyone;
    /// Shows the tenant.
    CUSTOMER_MY = Get "/api/v3/customer/my", Freely, SignedIn;

    /// Lists organizations, page by page.
    ORG_LIST = Get "/api/v1/Org", Freely, Listed;
    /// Shows the organization of the caller.
    ORG_MY = Get "/api/v1/Org/my", Freely, SignedIn;
    /// Shows an organization, by number or by uid with `idType=orgUid`.
    ORG_GET = Get "/api/v1/Org/{orgId}", Freely, Right(See, Org);
    /// Creates an organization; the older form.
    ORG_CREATE = Post "/api/v1/Org", ByKey, Right(Create, Org);
    /// Changes an organization, and its settings for callers who have that right too; the older form.
    ORG_UPDATE = Put "/api/v1/Org/{orgId}", WhenNotDone, Right(Change, Org);
    /// Blocks an organization and everything below it; the older form.
    ORG_BLOCK = Put "/api/v1/OrgBlock/{orgId}", WhenNotDone, Right(Change, Org);
    /// Unblocks an organization and the organizations below it; the older form.
    ORG_UNBLOCK = Delete "/api/v1/OrgBlock/{orgId}", WhenNotDone, Right(Change, Org);
    /// Deactivates an organization and everything below it; the older form.
    ORG_DEACTIVATE = Put "/api/v1/OrgDeactivation/{orgId}", WhenNotDone, Right(Deactivate, Org);
    /// Reactivates an organization; the older form.
    ORG_REACTIVATE = Delete "/api/v1/OrgDeactivation/{orgId}", WhenNotDone, Right(Deactivate, Org);
    /// Shows the settings of an organization that are kept by key, each with the organization that provides it.
    ORG_SETTING_GET = Get "/api/v1/OrgSetting/{orgId}", Freely, Right(See, Org);
    /// Changes settings that are kept by key; keys that the body does not mention stay.
    ORG_SETTING_PUT = Put "/api/v1/OrgSetting/{orgId}", WhenNotDone, Right(Settings, Org);

    /// Lists the first organizations, at most 100, without pages.
    ORGS_LIST = Get "/api/v3/orgs", Freely, Listed;
    /// Creates an organization.
    ORGS_CREATE = Post "/api/v3/orgs", ByKey, Right(Create, Org);
    /// Shows an organization, by guid.
    ORGS_GET = Get "/api/v3/orgs/{orgGuid}", Freely, Right(See, Org);
    /// Changes an organization.
    ORGS_UPDATE = Put "/api/v3/orgs/{orgGuid}", WhenNotDone, Right(Change, Org);
    /// Blocks an organization and everything below it.
    ORGS_BLOCK = Post "/api/v3/orgs/{orgGuid}/block", ByKey, Right(Change, Org);
    /// Unblocks an organization and the organizations below it.
    ORGS_UNBLOCK = Post "/api/v3/orgs/{orgGuid}/unblock", ByKey, Right(Change, Org);
    /// Deactivates an organization and everything below it.
    ORGS_DEACTIVATE = Post "/api/v3/orgs/{orgGuid}/deactivate", ByKey, Right(Deactivate, Org);
    /// Reactivates an organization.
    ORGS_ACTIVATE = Post "/api/v3/orgs/{orgGuid}/activate", ByKey, Right(Deactivate, Org);

    /// Lists the states of the agents of an organization's devices, as Code42's console has it.
    AGENT_STATE_BY_ORG_V14 = Get "/api/v14/agent-state/view-by-organization-id", Freely, Right(See, Inside);
    /// Lists the states of the agents of an organization's devices, as CrashPlan's console has it.
    AGENT_STATE_BY_ORG_V38 = Get "/api/v38/agent-state/view-by-organization-id", Freely, Right(See, Inside);
    /// Shows the state of one device's agent, as Code42's console has it.
    AGENT_STATE_BY_DEVICE_V14 = Get "/api/v14/agent-state/view-by-device-guid", Freely, Right(See, Device);
    /// Shows the state of one device's agent, as CrashPlan's console has it.
    AGENT_STATE_BY_DEVICE_V38 = Get "/api/v38/agent-state/view-by-device-guid", Freely, Right(See, Device);
}
