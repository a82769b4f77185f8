//! The handlers for the tokens of older clients: two texts, sent back joined by a dash behind the scheme word
//! `TOKEN`.
//!
//! The two halves are a signed token like any other, so nothing is stored; only tokens that were ended are recorded.

use axum::extract::{Path, State};
use org42_types::endpoints;

use crate::domain::TenantRefusal;
use crate::http::access::{App, Open, halves, joined};
use crate::http::answer::{NoContent, V1};
use crate::http::dto::queries::NoQuery;
use crate::http::dto::tenant::{TokenHalves, TokenState};
use crate::http::error_reply::ErrorReply;
use crate::http::query::Query;

crate::http::table::routes! {
    endpoints {
        AUTH_TOKEN_CREATE => create,
        AUTH_TOKEN_GET => get,
        AUTH_TOKEN_REVOKE => revoke,
    }
}

pub(in crate::http) async fn create(
    State(app): State<App>,
    open: Open,
    query: Query<NoQuery>,
) -> Result<V1<TokenHalves>, ErrorReply> {
    let (first, second) = halves(&open.user_token().await?);
    Ok(V1::new(&app, &query.params, TokenHalves([first, second])))
}

pub(in crate::http) async fn get(
    State(app): State<App>,
    open: Open,
    Path(token): Path<String>,
    query: Query<NoQuery>,
) -> Result<V1<TokenState>, ErrorReply> {
    let username = match joined(&token) {
        None => None,
        Some(token) => match open.ask(move |tenant| tenant.username_of(&token)).await {
            Err(TenantRefusal::BadCredentials) => None,
            known => Some(known?),
        },
    };
    let valid = username.is_some();
    Ok(V1::new(&app, &query.params, TokenState { valid, username }))
}

/// Ends a token. It needs no other credentials than the token itself.
pub(in crate::http) async fn revoke(
    open: Open,
    Path(token): Path<String>,
) -> Result<NoContent, ErrorReply> {
    // The signed token itself is accepted too.
    let token = joined(&token).unwrap_or(token);
    // A clock that was set ahead may be set back, so a record is only removed once the token has expired by the
    // machine's clock too.
    let past = open.app.machine.now();
    let shown = token.clone();
    let can_end = open.ask(move |tenant| tenant.can_end_token(&shown, past));
    // A token that is invalid anyway must not wait for a change of the tenant.
    if can_end.await? {
        open.change(move |tenant| tenant.end_token(&token, past))
            .await?;
    }
    Ok(NoContent)
}
