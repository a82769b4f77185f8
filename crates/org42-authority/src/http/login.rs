//! Logging in.

use std::net::IpAddr;

use axum::extract::State;
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
use crate::tenant::{UserView, With};
use crate::tree::Refusal;

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
    let clock = app.tenant.clock();
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
        let now = app.tenant.clock().now();
        let step = code
            .and_then(|code| totp::check(&wanted, &code, now))
            .ok_or(Refusal::BadCredentials)?;
        app.ask(move |tenant| tenant.use_totp_step(id, step))
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
    let code = parts
        .headers
        .get("totp-auth")
        .and_then(|code| code.to_str().ok())
        .map(str::to_owned);
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

/// Whether these are the credentials of an API client. None where there is no such one; who has not its secret is
/// refused.
pub(super) async fn api_client(
    app: &App,
    basic: &Basic,
    address: IpAddr,
) -> Result<Option<()>, No> {
    let id = basic.name.clone();
    let known = app.ask(move |tenant| match tenant.api_client(&id) {
        Err(Refusal::ApiClientNotFound) => Ok(None),
        found => Ok(Some(found?)),
    });
    let Some(client) = known.await? else {
        return Ok(None);
    };
    let matches = secrets::matches(&basic.secret, &client.secret_hash);
    let checked = async { matches.then_some(()).ok_or(Refusal::BadCredentials) };
    braked(app, &basic.name, address, checked).await.map(Some)
}

pub(super) async fn api_token(State(app): State<App>, parts: Parts) -> Result<Response, No> {
    let Basic {
        name: client_id,
        secret,
    } = Basic::of(&parts.headers).ok_or_else(No::unauthorized)?;
    let id = client_id.clone();
    let token = app.ask(move |tenant| {
        let client = match tenant.api_client(&id) {
            Err(Refusal::ApiClientNotFound) => None,
            found => Some(found?),
        };
        // An unknown client takes as long as a wrong secret.
        let wanted = client.map(|client| client.secret_hash).unwrap_or_default();
        if !secrets::matches(&secret, &wanted) {
            return Err(Refusal::BadCredentials);
        }
        tokens::issue(
            &tenant.tenant()?,
            &Subject::ApiClient { client_id: id },
            tenant.clock().now(),
        )
    });
    let access_token = braked(&app, &client_id, address(&parts), token).await?;
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

pub(super) async fn customer(State(app): State<App>, _: Known) -> Result<Response, No> {
    let found = app.ask(|tenant| {
        Ok((
            tenant.tenant()?,
            tenant.org(&OrgKey::Top, With::default())?.org,
        ))
    });
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
