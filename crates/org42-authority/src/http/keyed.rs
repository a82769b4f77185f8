//! Idempotency keys: what a request asks is noted before its handler reads it, and what is being carried out is known.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use org42_types::idempotency;
use sha2::{Digest as _, Sha256};

use super::error_reply::ErrorReply;
use super::intake::LONGEST;
use crate::domain::TenantRefusal;
use crate::service::{Caller, Key};

/// The request header with the key.
pub(super) const KEY: HeaderName = HeaderName::from_static(idempotency::KEY);
/// The response header that says how long keys are kept, in seconds: by it clients know that keys are taken.
pub(super) const LIFETIME: HeaderName = HeaderName::from_static(idempotency::LIFETIME);
/// The response header of an answer that was given before.
pub(super) const REPLAYED: HeaderName = HeaderName::from_static(idempotency::REPLAYED);
/// The longest key, in characters.
const LONGEST_KEY: usize = 255;

/// The digest of what a request with a key asks: method, path, query and body.
#[derive(Clone, Debug)]
struct Asked(Vec<u8>);

/// Notes what a request with a key asks.
pub(super) async fn note(request: Request, next: Next) -> Response {
    if !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST).await else {
        return ErrorReply::invalid_request(StatusCode::BAD_REQUEST).into_response();
    };
    let mut asked = Sha256::new();
    asked.update(format!("{} {}\n", parts.method, parts.uri));
    asked.update(&body);
    parts.extensions.insert(Asked(asked.finalize().to_vec()));
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// Returns the key of a request, if it has one and its endpoint takes keys.
pub(super) fn key_of(parts: &Parts, caller: &Caller) -> Result<Option<Key>, TenantRefusal> {
    let Some(Asked(asked)) = parts.extensions.get::<Asked>() else {
        return Ok(None);
    };
    let mut values = parts.headers.get_all(KEY).iter();
    let value = values.next().and_then(|value| value.to_str().ok());
    let is_fine = |key: &&str| {
        (1..=LONGEST_KEY).contains(&key.len()) && !key.bytes().any(|byte| byte.is_ascii_control())
    };
    match (value.filter(is_fine), values.next()) {
        (Some(key), None) => Ok(Some(Key::new(caller, key, asked.clone()))),
        _ => Err(TenantRefusal::Invalid(format!(
            "Idempotency-Key has 1 to {LONGEST_KEY} characters of ASCII, and comes once"
        ))),
    }
}

/// The keys of the changes that are being carried out.
#[derive(Clone, Debug, Default)]
pub(super) struct Running(Arc<Mutex<HashSet<Key>>>);

/// A change with a key, as long as it is being carried out.
#[derive(Debug)]
pub(super) struct InWork {
    running: Running,
    key: Key,
}

impl Running {
    /// Begins a change.
    pub(super) fn begin(&self, key: &Key) -> Result<InWork, TenantRefusal> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match keys.insert(key.clone()) {
            true => Ok(InWork {
                running: self.clone(),
                key: key.clone(),
            }),
            false => Err(TenantRefusal::KeyRunning),
        }
    }
}

impl Drop for InWork {
    fn drop(&mut self) {
        let mut keys = self
            .running
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        keys.remove(&self.key);
    }
}
