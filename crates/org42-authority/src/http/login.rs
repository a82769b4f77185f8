//! Logging in.

use std::net::IpAddr;

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::json;

use super::app::App;
use super::credentials::{Basic, address, one_time_code};
use super::params::Params;
use super::reply::{ErrorReply, bare, v3};
use crate::auth::tokens::{self, Subject};
use crate::auth::{Account, Attempt, Braked, Guess, Line, totp};
use crate::domain::{Tenant, TenantRefusal, User};
use crate::service::{Seen, SignedIn};
use crate::store::UserLookup;

/// How often credentials are looked at again that were changed while they were looked at.
pub(super) const TRIES: usize = 4;

/// Why somebody is not let in.
pub(super) enum Wrong {
    /// The credentials are wrong, which is counted.
    Guess(Guess),
    /// Another reason.
    Refused(TenantRefusal),
}

impl Wrong {
    /// Somebody keeps changing what is to be decided on.
    pub(super) const UNSETTLED: Self = Self::Refused(TenantRefusal::Busy(1));
}

impl From<TenantRefusal> for Wrong {
    fn from(refusal: TenantRefusal) -> Self {
        match refusal {
            TenantRefusal::BadCredentials => Self::Guess(Guess::Secret),
            other => Self::Refused(other),
        }
    }
}

/// Checks the credentials of a user; only wrong ones are braked.
pub(super) async fn log_in(
    app: &App,
    basic: Basic,
    code: Option<String>,
    address: IpAddr,
) -> Result<SignedIn, ErrorReply> {
    let account = Account::user(&basic.name);
    let look = |line| credentials(app, line, &basic, code);
    let signed_in = braked(app, account, address, look).await?;
    let view = &signed_in.view;
    match (view.state.active, view.state.blocked) {
        (true, false) => Ok(signed_in),
        _ if !view.org_state.active => Err(ErrorReply::locked_out(
            "ORG_IS_DEACTIVATED",
            "The user's organization is deactivated",
        )),
        _ if view.org_state.blocked => Err(ErrorReply::locked_out(
            "ORG_IS_BLOCKED",
            "The user's organization is blocked",
        )),
        (false, _) => Err(ErrorReply::locked_out(
            "USER_IS_DEACTIVATED",
            "The user is deactivated",
        )),
        (true, true) => Err(ErrorReply::locked_out(
            "USER_IS_BLOCKED",
            "The user is blocked",
        )),
    }
}

/// Looks at credentials when it is their turn, and counts them if they are wrong.
pub(super) async fn braked<T, L: Future<Output = Result<T, Wrong>>>(
    app: &App,
    account: Account,
    address: IpAddr,
    look: impl FnOnce(Line) -> L,
) -> Result<T, ErrorReply> {
    let (attempt, looked) = guess(app, account, address, look).await?;
    attempt.succeeded();
    Ok(looked)
}

/// Like [`braked`], for credentials that do not prove anything when they are not wrong.
pub(super) async fn guess<'a, T, L: Future<Output = Result<T, Wrong>>>(
    app: &'a App,
    account: Account,
    address: IpAddr,
    look: impl FnOnce(Line) -> L,
) -> Result<(Attempt<'a>, T), ErrorReply> {
    // Not the tenant's clock, which administrators may set: they are not shut out by it, and it helps nobody to guess.
    let clock = &app.machine;
    let entering = app.throttle.enter(account, address, clock.as_ref());
    let attempt = entering.await.map_err(|braked| match braked {
        Braked::Failures(failures) => ErrorReply::from(failures),
        Braked::Busy(seconds) => TenantRefusal::Busy(seconds).into(),
    })?;
    tokio::time::sleep(attempt.wait()).await;
    let line = match attempt.is_proven() {
        true => Line::Known,
        false => Line::Anybody,
    };
    match look(line).await {
        Ok(looked) => Ok((attempt, looked)),
        Err(Wrong::Guess(guess)) => {
            attempt.failed(guess, clock.now());
            Err(TenantRefusal::BadCredentials.into())
        }
        Err(Wrong::Refused(refusal)) => Err(refusal.into()),
    }
}

/// Whether this is the password of a user, and the step of the one-time code where one is wanted. For nobody it takes as
/// long as for a user whose password is another.
pub(super) async fn look_at(
    app: &App,
    line: Line,
    user: Option<&User>,
    password: &str,
    code: Option<&str>,
) -> Result<(Seen, Option<u64>), Wrong> {
    let stored = user.and_then(|user| user.password_hash.as_deref());
    let is_right = app.passwords.verify(line, password, stored).await?;
    let user = user
        .filter(|_| is_right)
        .ok_or(TenantRefusal::BadCredentials)?;
    let Some(wanted) = &user.totp else {
        return Ok((Seen::of(user), None));
    };
    let code = code.ok_or(TenantRefusal::BadCredentials)?;
    // Codes are made by people's own clocks.
    let now = app.machine.now();
    let step = totp::check(wanted, code, now).ok_or(Wrong::Guess(Guess::Code))?;
    Ok((Seen::of(user), Some(step)))
}

async fn credentials(
    app: &App,
    line: Line,
    basic: &Basic,
    code: Option<String>,
) -> Result<SignedIn, Wrong> {
    for _ in 0..TRIES {
        let name = basic.name.clone();
        let known = app.ask(move |tenant| tenant.user_if_any(&UserLookup::Username(name)));
        let known = known.await?;
        let looked = look_at(app, line, known.as_ref(), &basic.secret, code.as_deref()).await?;
        if let Some(signed_in) = sign_in(app, looked).await? {
            return Ok(signed_in);
        }
    }
    Err(Wrong::UNSETTLED)
}

async fn sign_in(app: &App, (seen, step): (Seen, Option<u64>)) -> Result<Option<SignedIn>, Wrong> {
    let signed_in = match step {
        Some(step) => {
            let signing_in = app.change(move |tenant| tenant.sign_in_with_code(&seen, step));
            signing_in.await
        }
        None => app.ask(move |tenant| tenant.sign_in(&seen)).await,
    };
    signed_in.map_err(|refusal| match refusal {
        TenantRefusal::BadCredentials => Wrong::Guess(Guess::Code),
        other => Wrong::Refused(other),
    })
}

pub(super) async fn user_token(
    State(app): State<App>,
    parts: Parts,
) -> Result<Response, ErrorReply> {
    let token = signed_in(&app, &parts).await?;
    Ok(v3(&json!(org42_types::UserToken { token })))
}

/// A token for whoever the request names.
pub(super) async fn signed_in(app: &App, parts: &Parts) -> Result<String, ErrorReply> {
    let basic = Basic::of(&parts.headers).ok_or_else(ErrorReply::unauthorized)?;
    let code = one_time_code(&parts.headers);
    let SignedIn { view, tenant } = log_in(app, basic, code, address(app, parts)).await?;
    let subject = Subject::User {
        id: view.user.id,
        uid: view.user.uid,
        username: view.user.username,
    };
    Ok(issue(app, &tenant, &subject)?)
}

/// A token that is as old as what was seen of the tenant when its owner signed in: what has happened since may end it.
fn issue(app: &App, tenant: &Tenant, subject: &Subject) -> Result<String, TenantRefusal> {
    let now = app.tenant.clock().now();
    tokens::issue(tenant, subject, now, app.tenant.entropy())
}

/// Checks the credentials of an API client, and gives the tenant that it may use.
pub(super) async fn api_client(
    app: &App,
    basic: &Basic,
    address: IpAddr,
) -> Result<Tenant, ErrorReply> {
    let Basic { name, secret } = basic.clone();
    let look = |_| async {
        let known = app.ask(move |tenant| tenant.sign_in_program(&name, &secret));
        Ok(known.await?)
    };
    braked(app, Account::program(&basic.name), address, look).await
}

pub(super) async fn api_token(
    State(app): State<App>,
    parts: Parts,
) -> Result<Response, ErrorReply> {
    let basic = Basic::of(&parts.headers).ok_or_else(ErrorReply::unauthorized)?;
    let tenant = api_client(&app, &basic, address(&app, &parts)).await?;
    let subject = Subject::ApiClient {
        client_id: basic.name,
    };
    let access_token = issue(&app, &tenant, &subject)?;
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
) -> Result<Response, ErrorReply> {
    let name = params.text("username").unwrap_or_default().to_owned();
    let found = app.ask(move |tenant| tenant.user_if_any(&UserLookup::Username(name)));
    // The real server answers so for names it does not know.
    let with_code = found.await?.is_none_or(|user| user.totp.is_some());
    Ok(v3(
        &json!({"loginType": if with_code { "LOCAL_2FA" } else { "LOCAL" }}),
    ))
}
