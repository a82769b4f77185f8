//! Logging in.

use std::net::IpAddr;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::json;

use super::App;
use super::caller::{Basic, Known, address};
use super::params::Params;
use super::reply::{No, bare, v3};
use crate::auth::tokens::{self, Subject};
use crate::auth::{secrets, totp};
use crate::store::{OrgKey, UserKey};
use crate::tenant::{Caller, UserView, With};
use crate::tree::roles::Right;
use crate::tree::{Org, Refusal, Tenant};

/// Checks the credentials of a user; only wrong ones count against the account and the address.
pub(super) async fn log_in(
    app: &App,
    basic: Basic,
    code: Option<String>,
    address: IpAddr,
) -> Result<UserView, No> {
    let view = braked(app, &basic.name, address, credentials(app, &basic, code)).await?;
    let org = &view.org_state;
    match (view.state.active, view.state.blocked) {
        (true, false) => Ok(view),
        _ if !org.active => Err(No::locked_out(
            "ORG_IS_DEACTIVATED",
            "The user's organization is deactivated",
        )),
        _ if org.blocked => Err(No::locked_out(
            "ORG_IS_BLOCKED",
            "The user's organization is blocked",
        )),
        (false, _) => Err(No::locked_out(
            "USER_IS_DEACTIVATED",
            "The user is deactivated",
        )),
        (true, true) => Err(No::locked_out("USER_IS_BLOCKED", "The user is blocked")),
    }
}

/// Looks at credentials unless there were too many wrong ones, and counts them if they are wrong.
pub(super) async fn braked<T>(
    app: &App,
    account: &str,
    address: IpAddr,
    look: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, No> {
    // Whoever guesses does not set the clock, and whoever sets it is not shut out by it.
    let clock = app.bench.clock.machine();
    let attempt = app
        .throttle
        .enter(account, address, clock.as_ref())
        .await
        .map_err(No::from)?;
    match look.await {
        Ok(found) => {
            attempt.succeeded();
            Ok(found)
        }
        Err(Refusal::BadCredentials) => {
            let delay = attempt.failed(clock.now());
            tokio::time::sleep(delay).await;
            Err(Refusal::BadCredentials.into())
        }
        Err(other) => Err(other.into()),
    }
}

async fn credentials(app: &App, basic: &Basic, code: Option<String>) -> Result<UserView, Refusal> {
    let name = basic.name.clone();
    let known = app
        .ask(move |tenant| tenant.user(&UserKey::Username(name)))
        .await;
    let known = match known {
        Err(Refusal::UserNotFound) => None,
        found => Some(found?),
    };
    // An unknown name takes as long as a wrong password.
    let stored = known
        .as_ref()
        .and_then(|view| view.user.password_hash.as_deref());
    if !app.passwords.verify(&basic.secret, stored).await {
        return Err(Refusal::BadCredentials);
    }
    let view = known.ok_or(Refusal::BadCredentials)?;
    if let Some(wanted) = view.user.totp.clone() {
        let id = view.user.id;
        // Codes are made by people's own clocks.
        let now = app.bench.clock.machine().now();
        let step = code
            .and_then(|code| totp::check(&wanted, &code, now))
            .ok_or(Refusal::BadCredentials)?;
        app.change(move |tenant| tenant.use_totp_step(id, step))
            .await?;
    }
    Ok(view)
}

pub(super) async fn user_token(State(app): State<App>, parts: Parts) -> Result<Response, No> {
    let token = signed_in(&app, &parts).await?;
    Ok(v3(&json!(org42_types::UserToken { token })))
}

/// A token for whoever the request names.
pub(super) async fn signed_in(app: &App, parts: &Parts) -> Result<String, No> {
    let basic = Basic::of(&parts.headers).ok_or_else(No::unauthorized)?;
    let code = one_time_code(&parts.headers);
    let view = log_in(app, basic, code, address(parts)).await?;
    let subject = Subject::User {
        id: view.user.id,
        uid: view.user.uid,
        username: view.user.username,
    };
    let issuing = move |tenant: &crate::tenant::TenantService| {
        tokens::issue(&tenant.tenant()?, &subject, tenant.clock().now())
    };
    Ok(app.ask(issuing).await?)
}

/// The one-time code of a request.
pub(super) fn one_time_code(headers: &HeaderMap) -> Option<String> {
    let code = headers.get("totp-auth")?.to_str().ok()?;
    Some(code.to_owned())
}

/// Checks the credentials of an API client.
pub(super) async fn api_client(app: &App, basic: &Basic, address: IpAddr) -> Result<(), No> {
    let Basic { name, secret } = basic.clone();
    let known = app.ask(move |tenant| {
        let client = match tenant.api_client(&name) {
            Err(Refusal::ApiClientNotFound) => None,
            found => Some(found?),
        };
        // An unknown client takes as long as a wrong secret.
        let wanted = client.map(|client| client.secret_hash).unwrap_or_default();
        match secrets::matches(&secret, &wanted) {
            true => Ok(()),
            false => Err(Refusal::BadCredentials),
        }
    });
    braked(app, &basic.name, address, known).await
}

pub(super) async fn api_token(State(app): State<App>, parts: Parts) -> Result<Response, No> {
    let basic = Basic::of(&parts.headers).ok_or_else(No::unauthorized)?;
    api_client(&app, &basic, address(&parts)).await?;
    let subject = Subject::ApiClient {
        client_id: basic.name,
    };
    let access_token =
        app.ask(move |tenant| tokens::issue(&tenant.tenant()?, &subject, tenant.clock().now()));
    let access_token = access_token.await?;
    let token_type = "bearer".to_owned();
    let expires_in = u64::from(tokens::API_CLIENT_SECONDS);
    Ok(bare(&json!(org42_types::ApiToken {
        access_token,
        token_type,
        expires_in
    })))
}

pub(super) async fn login_configuration(
    State(app): State<App>,
    params: Params,
) -> Result<Response, No> {
    let name = params.text("username").unwrap_or_default().to_owned();
    let found = app
        .ask(move |tenant| tenant.user(&UserKey::Username(name)))
        .await;
    // The real server answers so for names it does not know.
    let with_code = match found {
        Ok(view) => view.user.totp.is_some(),
        Err(Refusal::UserNotFound) => true,
        Err(other) => return Err(other.into()),
    };
    Ok(v3(
        &json!({"loginType": if with_code { "LOCAL_2FA" } else { "LOCAL" }}),
    ))
}

pub(super) async fn customer(State(app): State<App>, Known(caller): Known) -> Result<Response, No> {
    let (tenant, top, key) = told_tenant(&app, caller).await?;
    Ok(v3(&json!({
        "name": top.name,
        "registrationKey": key,
        "deploymentModel": "PUBLIC",
        "maintenanceMode": false,
        "tenantUid": tenant.uid,
        "masterServicesAgreement": {"accepted": true, "acceptanceRequired": false},
    })))
}

/// The tenant, its top organization, and the registration key of that, masked for those who may not see it.
pub(super) async fn told_tenant(app: &App, caller: Caller) -> Result<(Tenant, Org, String), No> {
    const MASKED: &str = "xxxxxxxxxxxxxxxx";
    let found = app.ask(move |tenant| {
        let top = tenant.org(&OrgKey::Top, With::default())?.org;
        let seen = tenant.allowing(&caller, Right::See, &OrgKey::Top).check();
        let key = match seen {
            Ok(()) => top.registration_key.as_str().to_owned(),
            Err(Refusal::Forbidden | Refusal::OrgNotFound) => MASKED.to_owned(),
            Err(other) => return Err(other),
        };
        Ok((tenant.tenant()?, top, key))
    });
    Ok(found.await?)
}
