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
    /// Always `PUBLIC`.
    pub(in crate::http) deployment_model: &'static str,
    /// Always false.
    pub(in crate::http) maintenance_mode: bool,
    /// The uid of the tenant.
    pub(in crate::http) tenant_uid: String,
    pub(in crate::http) master_services_agreement: Agreement,
}

/// Whether an agreement is accepted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Agreement {
    /// Always true.
    pub(in crate::http) accepted: bool,
    /// Always false.
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
    /// The uid of the tenant.
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
    /// Whether it is good.
    pub(in crate::http) valid: bool,
    /// Whose it is; null where it is not good.
    pub(in crate::http) username: Option<String>,
}
