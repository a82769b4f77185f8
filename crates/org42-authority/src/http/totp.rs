//! One-time codes, switched on and off by the administrator.

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::json;

use super::App;
use super::caller::Admin;
use super::reply::{No, bare, no_content};
use crate::auth::totp;
use crate::store::UserKey;
use crate::tree::Totp;

pub(super) async fn switch_on(
    State(app): State<App>,
    _: Admin,
    Path(uid): Path<String>,
) -> Result<Response, No> {
    let secret = totp::new_secret(app.tenant.entropy());
    let shown = totp::base32(&secret);
    let totp = Totp {
        secret,
        last_step: 0,
    };
    app.change(move |tenant| tenant.set_totp(&UserKey::Uid(uid), Some(&totp)))
        .await?;
    Ok(bare(
        &json!({"secret": shown, "digits": 6, "period": 30, "algorithm": "SHA1"}),
    ))
}

pub(super) async fn switch_off(
    State(app): State<App>,
    _: Admin,
    Path(uid): Path<String>,
) -> Result<Response, No> {
    app.change(move |tenant| tenant.set_totp(&UserKey::Uid(uid), None))
        .await?;
    Ok(no_content())
}
