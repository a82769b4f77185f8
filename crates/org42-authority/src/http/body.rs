//! The body of a request.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use super::App;
use super::intake::Held;
use super::reply::No;
use crate::bench::requests::values;

/// A JSON body, whatever content type the client claims; nothing counts as `{}`.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = No;

    async fn from_request(request: Request, app: &App) -> Result<Self, No> {
        let held = request.extensions().get::<Held>().cloned();
        let bytes = Bytes::from_request(request, app)
            .await
            .map_err(|error| No::new(error.status(), "SYSTEM", &error.body_text()))?;
        let admitted = app.intake.admit(values(&bytes), held.as_ref()).await;
        admitted.map_err(|_| {
            let most = app.intake.most_values();
            let text = format!("Invalid request: the body has more than {most} values");
            No::new(StatusCode::PAYLOAD_TOO_LARGE, "SYSTEM", &text)
        })?;
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
