//! The tokens of older clients: two texts, sent back joined by a dash behind the scheme word `TOKEN`.
//!
//! The two halves are a signed token like any other, so nothing is stored; only what was given back early is remembered.

use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::json;

use super::app::App;
use super::login::signed_in;
use super::params::Params;
use super::reply::{ErrorReply, no_content, v1};
use crate::domain::TenantRefusal;

/// A signed token in letters and digits: what it is signed in may have dashes of its own.
fn halves(token: &str) -> (String, String) {
    let digits: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
    let (first, second) = digits.split_at(digits.len() / 2);
    (first.to_owned(), second.to_owned())
}

/// The signed token whose halves these are.
pub(super) fn joined(text: &str) -> Option<String> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    let digit = |byte: &u8| {
        char::from(*byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    String::from_utf8(bytes?).ok()
}

pub(super) async fn create(
    State(app): State<App>,
    params: Params,
    parts: Parts,
) -> Result<Response, ErrorReply> {
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
) -> Result<Response, ErrorReply> {
    let username = match joined(&token) {
        None => None,
        Some(token) => match app.ask(move |tenant| tenant.username_of(&token)).await {
            Err(TenantRefusal::BadCredentials) => None,
            told => Some(told?),
        },
    };
    let answer = json!({"valid": username.is_some(), "username": username});
    Ok(v1(app.tenant.clock().now(), &params, &answer))
}

/// Ends a token. Whoever shows it may end it, as they may use it.
pub(super) async fn revoke(
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Response, ErrorReply> {
    // The signed token itself is one of its forms.
    let token = joined(&token).unwrap_or(token);
    // A clock that was set ahead may be set back: what is forgotten must be over by the machine's clock too.
    let past = app.machine.now();
    let shown = token.clone();
    let can_end = app.ask(move |tenant| tenant.can_end_token(&shown, past));
    // A token that could not be good anyway waits for nothing that changes the tenant.
    if can_end.await? {
        app.change(move |tenant| tenant.end_token(&token, past))
            .await?;
    }
    Ok(no_content())
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
        for text in ["zz", "abc", "ff-", "+f", " f", "0x61"] {
            assert_eq!(joined(text), None, "{text}");
        }
    }
}
