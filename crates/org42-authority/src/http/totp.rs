//! One-time codes, switched on and off by the administrator.

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::json;

use super::App;
use super::caller::Admin;
use super::reply::{ErrorReply, bare, no_content};
use crate::auth::totp;
use crate::domain::Totp;
use crate::domain::roles::Right;
use crate::service::{Caller, TenantDraft};
use crate::store::UserLookup;

pub(super) async fn switch_on(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(uid): Path<String>,
) -> Result<Response, ErrorReply> {
    let secret = totp::new_secret(app.tenant.entropy());
    let shown = totp::base32(&secret);
    let totp = Totp {
        secret,
        last_step: 0,
    };
    let key = UserLookup::Uid(uid);
    app.change(move |tenant| allowed(tenant, &caller, &key).set_totp(&key, Some(&totp)))
        .await?;
    Ok(bare(
        &json!({"secret": shown, "digits": 6, "period": 30, "algorithm": "SHA1"}),
    ))
}

pub(super) async fn switch_off(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(uid): Path<String>,
) -> Result<Response, ErrorReply> {
    let key = UserLookup::Uid(uid);
    app.change(move |tenant| allowed(tenant, &caller, &key).set_totp(&key, None))
        .await?;
    Ok(no_content())
}

/// The caller is an administrator still when it is decided.
fn allowed<'t>(tenant: &TenantDraft<'t>, caller: &Caller, key: &UserLookup) -> TenantDraft<'t> {
    tenant.allowing(caller, Right::Administer, key)
}
