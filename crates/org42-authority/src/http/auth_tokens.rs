//! The tokens of older clients: two texts, sent back joined by a dash behind the scheme word `TOKEN`.
//!
//! The two halves are a signed token like any other, so nothing is stored; only what was given back early is remembered.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::response::Response;
use org42_types::Timestamp;
use serde_json::json;

use super::App;
use super::login::signed_in;
use super::params::Params;
use super::reply::{No, no_content, v1};
use crate::auth::tokens::{self, Subject};
use crate::store::UserKey;
use crate::tree::Refusal;

/// The tokens that were given back before their time, until it has come.
#[derive(Debug, Default)]
pub(crate) struct Revoked(Mutex<HashMap<String, Timestamp>>);

impl Revoked {
    fn add(&self, token: String, expires: Timestamp, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, expires| *expires > now);
        all.insert(token, expires);
    }

    pub(super) fn has(&self, token: &str) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.contains_key(token)
    }
}

/// A signed token in letters and digits: what it is signed in may have dashes of its own.
fn halves(token: &str) -> (String, String) {
    let digits: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
    let (first, second) = digits.split_at(digits.len() / 2);
    (first.to_owned(), second.to_owned())
}

/// The signed token whose halves these are.
pub(super) fn joined(text: &str) -> Option<String> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    String::from_utf8(bytes?).ok()
}

pub(super) async fn create(
    State(app): State<App>,
    params: Params,
    parts: Parts,
) -> Result<Response, No> {
    let token = signed_in(&app, &parts).await?;
    let (first, second) = halves(&token);
    Ok(v1(
        app.tenant.clock().now(),
        &params,
        &json!([first, second]),
    ))
}

pub(super) async fn get(
    State(app): State<App>,
    Path(token): Path<String>,
    params: Params,
) -> Result<Response, No> {
    let claims = claims(&app, &token).await?;
    let username = match claims.map(|claims| claims.subject) {
        Some(Subject::User { uid, .. }) => {
            let found = app.ask(move |tenant| tenant.user(&UserKey::Uid(uid))).await;
            found.ok().map(|view| view.user.username)
        }
        _ => None,
    };
    let answer = json!({"valid": username.is_some(), "username": username});
    Ok(v1(app.tenant.clock().now(), &params, &answer))
}

pub(super) async fn revoke(
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Response, No> {
    if let (Some(claims), Some(token)) = (claims(&app, &token).await?, joined(&token)) {
        app.revoked
            .add(token, claims.expires, app.tenant.clock().now());
    }
    Ok(no_content())
}

/// What a token says, if it is good.
async fn claims(app: &App, text: &str) -> Result<Option<tokens::Claims>, Refusal> {
    let Some(token) = joined(text).filter(|token| !app.revoked.has(token)) else {
        return Ok(None);
    };
    app.ask(move |tenant| {
        let now = tenant.clock().now();
        Ok(tokens::verify(&tenant.tenant()?, &token, now))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_halves_are_the_token_again() {
        for token in ["a.b-c_d.e", "x", ""] {
            let (first, second) = halves(token);
            assert_eq!(joined(&format!("{first}-{second}")).as_deref(), Some(token));
        }
        for text in ["zz", "abc", "ff-"] {
            assert_eq!(joined(text), None, "{text}");
        }
    }
}
