//! The tenant, and tokens, as the routes show them.

use serde::Serialize;
use utoipa::ToSchema;

/// The tenant, as the console shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Customer {
    /// The name of the top organization.
    pub(in crate::http) name: String,
    /// The registration key of the top organization; masked for callers who may not see that.
    pub(in crate::http) registration_key: String,
    pub(in crate::http) deployment_model: &'static str,
    pub(in crate::http) maintenance_mode: bool,
    pub(in crate::http) tenant_uid: String,
    pub(in crate::http) master_services_agreement: Agreement,
}

/// Whether an agreement is accepted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Agreement {
    pub(in crate::http) accepted: bool,
    pub(in crate::http) acceptance_required: bool,
}

/// The tenant, as the gateway shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct GatewayCustomer {
    /// The name of the top organization.
    pub(in crate::http) name: String,
    /// The registration key of the top organization; masked for callers who may not see that.
    pub(in crate::http) registration_key: String,
    pub(in crate::http) tenant_id: String,
}

/// How a user signs in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct LoginConfiguration {
    /// `LOCAL_2FA` where a one-time code is wanted, and for names that nobody has; otherwise `LOCAL`.
    pub(in crate::http) login_type: &'static str,
}

/// A token of older clients: two texts, sent as `TOKEN a-b`.
#[derive(Serialize, ToSchema)]
#[serde(transparent)]
pub(in crate::http) struct TokenHalves(pub(in crate::http) [String; 2]);

/// Whether a token of older clients is good, and whose it is.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct TokenState {
    pub(in crate::http) valid: bool,
    pub(in crate::http) username: Option<String>,
}
