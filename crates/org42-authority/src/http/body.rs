//! The body of a request, read as JSON into a type.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::access::App;
use super::describe::{Description, Part};
use super::error_reply::ErrorReply;
use super::intake::{self, Held};

/// A JSON body, whatever content type the client claims; an empty one counts as `{}`.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = ErrorReply;

    async fn from_request(request: Request, app: &App) -> Result<Self, ErrorReply> {
        let text = received(request, app).await?;
        serde_json::from_slice(&text)
            .map(Self)
            .map_err(|error| invalid(&error.to_string()))
    }
}

/// A JSON body of a request without a session: an error names the place, without a word of what was sent.
pub(super) struct StrangersBody<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for StrangersBody<T> {
    type Rejection = ErrorReply;

    async fn from_request(request: Request, app: &App) -> Result<Self, ErrorReply> {
        let text = received(request, app).await?;
        serde_json::from_slice(&text).map(Self).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            invalid(&format!(
                "not the wanted document, at line {line} column {column}"
            ))
        })
    }
}

impl<T: ToSchema> Part for Body<T> {
    fn describe(to: &mut Description) {
        to.body = Some(to.schema::<T>());
    }
}

impl<T: ToSchema> Part for StrangersBody<T> {
    fn describe(to: &mut Description) {
        to.body = Some(to.schema::<T>());
    }
}

async fn received(request: Request, app: &App) -> Result<Bytes, ErrorReply> {
    let held = request.extensions().get::<Held>().cloned();
    let bytes = Bytes::from_request(request, app)
        .await
        .map_err(|error| ErrorReply::new(error.status(), "SYSTEM", &error.body_text()))?;
    let admitted = app
        .intake
        .admit(intake::values(&bytes), held.as_ref())
        .await;
    admitted.map_err(|_| {
        let most = intake::MOST_VALUES;
        let text = format!("Invalid request: the body has more than {most} values");
        ErrorReply::new(StatusCode::PAYLOAD_TOO_LARGE, "SYSTEM", &text)
    })?;
    match bytes.trim_ascii().is_empty() {
        true => Ok(Bytes::from_static(b"{}")),
        false => Ok(bytes),
    }
}

fn invalid(why: &str) -> ErrorReply {
    ErrorReply::new(
        StatusCode::BAD_REQUEST,
        "SYSTEM",
        &format!("Invalid request: {why}"),
    )
}
