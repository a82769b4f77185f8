//! The body of a request.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use super::reply::No;

/// A JSON body, whatever content type the client claims; nothing counts as `{}`.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = No;

    async fn from_request(request: Request, state: &S) -> Result<Self, No> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|error| No::new(error.status(), "SYSTEM", &error.body_text()))?;
        let text: &[u8] = if bytes.trim_ascii().is_empty() {
            b"{}"
        } else {
            &bytes
        };
        serde_json::from_slice(text).map(Self).map_err(|error| {
            No::new(
                StatusCode::BAD_REQUEST,
                "SYSTEM",
                &format!("Invalid request: {error}"),
            )
        })
    }
}
