//! Finds out who the caller of a request is; what the caller may do is decided elsewhere.

use axum::http::request::Parts;

use super::app::App;
use super::credentials::{Basic, address, one_time_code, scheme};
use super::sign_in::{api_client, log_in};
use super::token_halves::joined;
use crate::http::error_reply::ErrorReply;
use crate::http::spelling::is_own;
use crate::service::{API_CLIENT_PREFIX, Caller};

/// Returns the caller of a request with a valid token, or with valid credentials where those are accepted instead.
///
/// # Errors
///
/// When there are none, or they are wrong.
pub(super) async fn caller(parts: &Parts, app: &App) -> Result<Caller, ErrorReply> {
    if let Some(token) = token_of(parts) {
        let token = token.ok_or_else(ErrorReply::unauthorized)?;
        return by_token(app, token).await;
    }
    let path = parts.uri.path();
    // The authority's own routes accept Basic: moving the clock expires tokens.
    if let Some(basic) = Basic::of(&parts.headers)
        && (path.starts_with("/api/v1/") || is_own(path))
    {
        if is_own(path) && basic.name.starts_with(API_CLIENT_PREFIX) {
            api_client(app, &basic, address(app, parts)).await?;
            return Ok(Caller::Program(basic.name));
        }
        let code = one_time_code(&parts.headers);
        let signed_in = log_in(app, basic, code, address(app, parts)).await?;
        let since = signed_in.tenant.revision;
        return Ok(signed_in.view.caller(since));
    }
    Err(ErrorReply::unauthorized())
}

/// Returns the token of a request, if its route accepts one; `Some(None)` for one that cannot be read.
pub(in crate::http) fn token_of(parts: &Parts) -> Option<Option<String>> {
    // `v3_user_token` was the scheme word of the first clients that used tokens.
    if let Some(token) = scheme(&parts.headers, &["Bearer", "v3_user_token"]) {
        return Some(Some(token.to_owned()));
    }
    let pair = scheme(&parts.headers, &["TOKEN"]);
    let pair = pair.filter(|_| parts.uri.path().starts_with("/api/v1/"));
    pair.map(joined)
}

/// Returns whether a token is valid.
pub(in crate::http) async fn has_session(app: &App, token: Option<Option<String>>) -> bool {
    match token.flatten() {
        Some(token) => by_token(app, token).await.is_ok(),
        None => false,
    }
}

async fn by_token(app: &App, token: String) -> Result<Caller, ErrorReply> {
    Ok(app.ask(move |tenant| tenant.caller_of(&token)).await?)
}
