//! The documents about the authority itself: API clients, one-time codes, the OpenAPI document.

use org42_types::Timestamp;
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

/// This document.
#[derive(Serialize)]
pub(in crate::http) struct OpenApiDocument;

impl PartialSchema for OpenApiDocument {
    fn schema() -> RefOr<Schema> {
        let object = ObjectBuilder::new();
        object.description(Some("An OpenAPI 3.1 document.")).into()
    }
}

impl ToSchema for OpenApiDocument {}

/// The API clients.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ApiClients {
    pub(in crate::http) api_clients: Vec<ApiClientDocument>,
}

/// An API client, without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiClient)]
pub(in crate::http) struct ApiClientDocument {
    pub(in crate::http) client_id: String,
    pub(in crate::http) creation_date: Timestamp,
    pub(in crate::http) revoked: bool,
}

/// An API client that was created; the answer is the only one that shows its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ApiClientCreated {
    pub(in crate::http) client_id: String,
    pub(in crate::http) secret: String,
}

/// One-time codes that are switched on; the answer is the only one that shows the secret.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct TotpSecret {
    /// In base 32.
    pub(in crate::http) secret: String,
    pub(in crate::http) digits: u32,
    /// In seconds.
    pub(in crate::http) period: u32,
    pub(in crate::http) algorithm: &'static str,
}
