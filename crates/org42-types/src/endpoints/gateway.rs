//! Incydr's gateway: the same organizations by guid, without envelopes and pages.

use super::access::Access::{Credentials, Listed, Right, SignedIn};
use super::access::Credentials::ClientSecret;
use super::access::Right::{Change, Create, Deactivate, See};
use super::access::ScopeKind::Org;

super::endpoints! {
    /// Signs an API client in at the gateway, with id and secret (Basic).
    GATEWAY_OAUTH = Post "/v1/oauth", Freely, Credentials(ClientSecret);
    /// Shows the tenant, by the gateway.
    GATEWAY_CUSTOMER = Get "/v1/customer", Freely, SignedIn;
    /// Lists all organizations without pages, by the gateway.
    GATEWAY_ORGS_LIST = Get "/v1/orgs", Freely, Listed;
    /// Creates an organization, by the gateway.
    GATEWAY_ORGS_CREATE = Post "/v1/orgs", ByKey, Right(Create, Org);
    /// Shows an organization, by the gateway.
    GATEWAY_ORGS_GET = Get "/v1/orgs/{orgGuid}", Freely, Right(See, Org);
    /// Changes an organization, by the gateway.
    GATEWAY_ORGS_UPDATE = Put "/v1/orgs/{orgGuid}", WhenNotDone, Right(Change, Org);
    /// Deactivates an organization and everything below it, by the gateway.
    GATEWAY_ORGS_DEACTIVATE = Post "/v1/orgs/{orgGuid}/deactivate", ByKey, Right(Deactivate, Org);
    /// Reactivates an organization, by the gateway.
    GATEWAY_ORGS_ACTIVATE = Post "/v1/orgs/{orgGuid}/activate", ByKey, Right(Deactivate, Org);
}
