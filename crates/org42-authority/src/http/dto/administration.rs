//! The documents about the authority itself: API clients, one-time codes, the OpenAPI document.

use org42_types::Timestamp;
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::schemas;
use crate::http::answer::Shown;

/// This document.
#[derive(Serialize)]
pub(in crate::http) struct OpenApiDocument;

impl PartialSchema for OpenApiDocument {
    fn schema() -> RefOr<Schema> {
        schemas::untyped("the OpenAPI specification, version 3.1, says what is in it.")
    }
}

impl ToSchema for OpenApiDocument {}

/// The API clients.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ApiClients {
    /// The API clients.
    pub(in crate::http) api_clients: Vec<ApiClientDocument>,
}

/// An API client, without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiClient)]
pub(in crate::http) struct ApiClientDocument {
    /// The id to sign in with.
    pub(in crate::http) client_id: String,
    /// When it was created.
    pub(in crate::http) creation_date: Timestamp,
    /// Whether it can sign in no more.
    pub(in crate::http) revoked: bool,
}

/// An API client that was created; the answer is the only one that shows its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ApiClientCreated {
    /// The id to sign in with.
    pub(in crate::http) client_id: String,
    /// The secret to sign in with.
    pub(in crate::http) secret: String,
}

/// One-time codes that are switched on; the answer is the only one that shows the secret.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct TotpSecret {
    /// In base 32.
    pub(in crate::http) secret: String,
    /// How many digits a code has.
    pub(in crate::http) digits: u32,
    /// In seconds.
    pub(in crate::http) period: u32,
    /// The hash function.
    pub(in crate::http) algorithm: &'static str,
}

impl Shown for ApiClientCreated {
    const IS_SECRET: bool = true;
}

impl Shown for TotpSecret {
    const IS_SECRET: bool = true;
}
