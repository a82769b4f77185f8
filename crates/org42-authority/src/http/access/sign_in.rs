//! Signs users and API clients in, and slows down those who guess.

use std::net::IpAddr;

use super::app::App;
use super::credentials::Basic;
use crate::auth::tokens::{self, Subject};
use crate::auth::{Account, Attempt, Braked, Guess, Line, totp};
use crate::domain::{Tenant, TenantRefusal, User};
use crate::http::error_reply::ErrorReply;
use crate::service::{Seen, SignedIn};
use crate::store::UserLookup;

/// How often a check of credentials is repeated because they were changed meanwhile.
pub(in crate::http) const TRIES: usize = 4;

/// The reason why a sign-in fails.
pub(in crate::http) enum Wrong {
    /// The credentials are wrong, which counts as a failure.
    Guess(Guess),
    /// Another reason.
    Refused(TenantRefusal),
}

impl Wrong {
    /// The credentials were changed again and again while they were checked.
    pub(in crate::http) const UNSETTLED: Self = Self::Refused(TenantRefusal::Busy(1));
}

impl From<TenantRefusal> for Wrong {
    fn from(refusal: TenantRefusal) -> Self {
        match refusal {
            TenantRefusal::BadCredentials => Self::Guess(Guess::Secret),
            other => Self::Refused(other),
        }
    }
}

/// Checks the credentials of a user; only failures are slowed down.
///
/// # Errors
///
/// When the credentials are wrong, there were too many failures, or the user is locked out.
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

/// Runs a check of credentials in its turn, and counts the outcome.
pub(in crate::http) async fn braked<T, L: Future<Output = Result<T, Wrong>>>(
    app: &App,
    account: Account,
    address: IpAddr,
    look: impl FnOnce(Line) -> L,
) -> Result<T, ErrorReply> {
    let (attempt, looked) = guess(app, account, address, look).await?;
    attempt.succeeded();
    Ok(looked)
}

/// Runs a check as [`braked`] does, for a success that proves nothing: counting it is left to the caller.
pub(in crate::http) async fn guess<'a, T, L: Future<Output = Result<T, Wrong>>>(
    app: &'a App,
    account: Account,
    address: IpAddr,
    look: impl FnOnce(Line) -> L,
) -> Result<(Attempt<'a>, T), ErrorReply> {
    // The machine's clock, since administrators may set the tenant's: setting it must neither shut them out nor help
    // to guess.
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

/// Checks the password of a user, and the one-time code if one is required; returns the code's step. Without a user
/// it takes as long as for a wrong password.
pub(in crate::http) async fn look_at(
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
    // Codes are made by the clocks of people's own devices.
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

/// Signs a user in and returns a token.
pub(super) async fn user_token(
    app: &App,
    basic: Basic,
    code: Option<String>,
    address: IpAddr,
) -> Result<String, ErrorReply> {
    let SignedIn { view, tenant } = log_in(app, basic, code, address).await?;
    let subject = Subject::User {
        id: view.user.id,
        uid: view.user.uid,
        username: view.user.username,
    };
    Ok(issue(app, &tenant, &subject)?)
}

/// Signs an API client in and returns a token.
pub(super) async fn client_token(
    app: &App,
    basic: Basic,
    address: IpAddr,
) -> Result<String, ErrorReply> {
    let tenant = api_client(app, &basic, address).await?;
    let subject = Subject::ApiClient {
        client_id: basic.name,
    };
    Ok(issue(app, &tenant, &subject)?)
}

/// Issues a token that is as old as the view in which its owner signed in: what has happened since may end it.
fn issue(app: &App, tenant: &Tenant, subject: &Subject) -> Result<String, TenantRefusal> {
    tokens::issue(tenant, subject, app.now(), app.entropy())
}

/// Checks the credentials of an API client, and returns the tenant that it may use.
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
