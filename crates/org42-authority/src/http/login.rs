//! Logging in.

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::json;

use super::App;
use super::caller::{Basic, Known, address};
use super::params::Params;
use super::reply::{No, bare, v3};
use crate::auth::tokens::{self, Subject};
use crate::auth::{Verdict, secrets, totp};
use crate::store::{OrgKey, UserKey};
use crate::tenant::UserView;
use crate::tree::Refusal;

/// Checks the credentials of a user; only wrong ones count against the account and the address.
pub(super) async fn log_in(app: &App, basic: Basic, code: Option<String>, address: String) -> Result<UserView, No> {
    let now = app.tenant.clock().now();
    if let Verdict::Refuse { retry_after_seconds } = app.throttle.before(&basic.name, &address, now) {
        return Err(No::slow_down(retry_after_seconds));
    }
    let found = credentials(app, &basic, code).await;
    match &found {
        Err(Refusal::BadCredentials) => {
            let delay = app.throttle.failed(&basic.name, &address, now);
            tokio::time::sleep(delay).await;
        }
        _ => app.throttle.succeeded(&basic.name, &address),
    }
    let view = found?;
    match (view.org_state.is_open(), view.state.active, view.state.blocked) {
        (_, true, false) => Ok(view),
        (false, ..) => Err(No::locked_out("ORG_LOCKED", "The user's organization is blocked or deactivated")),
        (_, false, _) => Err(No::locked_out("USER_IS_DEACTIVATED", "The user is deactivated")),
        (_, _, true) => Err(No::locked_out("USER_IS_BLOCKED", "The user is blocked")),
    }
}

async fn credentials(app: &App, basic: &Basic, code: Option<String>) -> Result<UserView, Refusal> {
    let name = basic.name.clone();
    let known = app.ask(move |tenant| tenant.user(&UserKey::Username(name))).await;
    let known = match known {
        Err(Refusal::UserNotFound) => None,
        found => Some(found?),
    };
    // An unknown name takes as long as a wrong password.
    let stored = known.as_ref().and_then(|view| view.user.password_hash.as_deref());
    if !app.passwords.verify(&basic.secret, stored).await {
        return Err(Refusal::BadCredentials);
    }
    let view = known.ok_or(Refusal::BadCredentials)?;
    if let Some(wanted) = view.user.totp.clone() {
        let id = view.user.id;
        let now = app.tenant.clock().now();
        let step = code.and_then(|code| totp::check(&wanted, &code, now)).ok_or(Refusal::BadCredentials)?;
        app.ask(move |tenant| tenant.use_totp_step(id, step)).await?;
    }
    Ok(view)
}

pub(super) async fn user_token(State(app): State<App>, parts: Parts) -> Result<Response, No> {
    let basic = Basic::of(&parts.headers).ok_or_else(No::unauthorized)?;
    let code = parts.headers.get("totp-auth").and_then(|code| code.to_str().ok()).map(str::to_owned);
    let view = log_in(&app, basic, code, address(&parts)).await?;
    let subject = Subject::User { id: view.user.id, uid: view.user.uid, username: view.user.username };
    let token = app.ask(move |tenant| tokens::issue(&tenant.tenant()?, &subject, tenant.clock().now())).await?;
    Ok(v3(&json!(org42_types::UserToken { token })))
}

pub(super) async fn api_token(State(app): State<App>, parts: Parts) -> Result<Response, No> {
    let Basic { name: client_id, secret } = Basic::of(&parts.headers).ok_or_else(No::unauthorized)?;
    let (address, now) = (address(&parts), app.tenant.clock().now());
    if let Verdict::Refuse { retry_after_seconds } = app.throttle.before(&client_id, &address, now) {
        return Err(No::slow_down(retry_after_seconds));
    }
    let id = client_id.clone();
    let token = app.ask(move |tenant| {
        let client = tenant.api_client(&id).map_err(|refusal| match refusal {
            Refusal::ApiClientNotFound => Refusal::BadCredentials,
            other => other,
        })?;
        if !secrets::matches(&secret, &client.secret_hash) {
            return Err(Refusal::BadCredentials);
        }
        tokens::issue(&tenant.tenant()?, &Subject::ApiClient { client_id: id }, tenant.clock().now())
    });
    match token.await {
        Ok(access_token) => {
            app.throttle.succeeded(&client_id, &address);
            Ok(bare(&json!(org42_types::ApiToken {
                access_token,
                token_type: "bearer".to_owned(),
                expires_in: u64::from(tokens::API_CLIENT_SECONDS),
            })))
        }
        Err(Refusal::BadCredentials) => {
            tokio::time::sleep(app.throttle.failed(&client_id, &address, now)).await;
            Err(No::unauthorized())
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn login_configuration(State(app): State<App>, params: Params) -> Result<Response, No> {
    let name = params.text("username").unwrap_or_default().to_owned();
    let found = app.ask(move |tenant| tenant.user(&UserKey::Username(name))).await;
    // The real server answers so for names it does not know.
    let with_code = match found {
        Ok(view) => view.user.totp.is_some(),
        Err(Refusal::UserNotFound) => true,
        Err(other) => return Err(other.into()),
    };
    Ok(v3(&json!({"loginType": if with_code { "LOCAL_2FA" } else { "LOCAL" }})))
}

pub(super) async fn customer(State(app): State<App>, _: Known) -> Result<Response, No> {
    let found = app.ask(|tenant| Ok((tenant.tenant()?, tenant.org(&OrgKey::Top, false)?.org)));
    let (tenant, top) = found.await?;
    Ok(v3(&json!({
        "name": top.name,
        "registrationKey": top.registration_key,
        "deploymentModel": "PUBLIC",
        "maintenanceMode": false,
        "tenantUid": tenant.uid,
        "masterServicesAgreement": {"accepted": true, "acceptanceRequired": false},
    })))
}
