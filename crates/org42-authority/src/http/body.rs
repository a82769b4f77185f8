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
        let text = received(request, state).await?;
        serde_json::from_slice(&text)
            .map(Self)
            .map_err(|error| invalid(&error.to_string()))
    }
}

/// The same from whoever sends it: what is wrong is told by its place, without a word of what was sent.
pub(super) struct AnybodysBody<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for AnybodysBody<T> {
    type Rejection = No;

    async fn from_request(request: Request, state: &S) -> Result<Self, No> {
        let text = received(request, state).await?;
        serde_json::from_slice(&text).map(Self).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            invalid(&format!(
                "not the wanted document, at line {line} column {column}"
            ))
        })
    }
}

async fn received<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, No> {
    let bytes = Bytes::from_request(request, state)
        .await
        .map_err(|error| No::new(error.status(), "SYSTEM", &error.body_text()))?;
    match bytes.trim_ascii().is_empty() {
        true => Ok(Bytes::from_static(b"{}")),
        false => Ok(bytes),
    }
}

fn invalid(why: &str) -> No {
    No::new(
        StatusCode::BAD_REQUEST,
        "SYSTEM",
        &format!("Invalid request: {why}"),
    )
}
