//! The tokens of older clients: two texts, sent back joined by a dash behind the scheme word `TOKEN`.
//!
//! The two halves are a signed token like any other, so nothing is stored; only what was given back early is remembered.

use axum::extract::{Path, State};

use crate::domain::TenantRefusal;
use crate::http::access::{App, Open, halves, joined};
use crate::http::answer::{NoContent, V1};
use crate::http::dto::queries::NoQuery;
use crate::http::dto::tenant::{TokenHalves, TokenState};
use crate::http::error_reply::ErrorReply;
use crate::http::query::Query;

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

/// Ends a token. Its holder may end it, as it may be used.
pub(in crate::http) async fn revoke(
    open: Open,
    Path(token): Path<String>,
) -> Result<NoContent, ErrorReply> {
    // The signed token itself is one of its forms.
    let token = joined(&token).unwrap_or(token);
    // A clock that was set ahead may be set back: what is forgotten must be over by the machine's clock too.
    let past = open.app.machine.now();
    let shown = token.clone();
    let can_end = open.ask(move |tenant| tenant.can_end_token(&shown, past));
    // A token that could not be good anyway waits for nothing that changes the tenant.
    if can_end.await? {
        open.change(move |tenant| tenant.end_token(&token, past))
            .await?;
    }
    Ok(NoContent)
}
